"""Loads what takes long, once, on a thread: the openai package and certificates.

It takes a second or two, which an event loop must not stand still for. Knows
nothing of endpoints.
"""

from __future__ import annotations

import ssl


def warm(*, tls: bool) -> ssl.SSLContext:
    """Import all that a call needs; a context for its connections.

    Args:
        tls: whether certificates will be needed; reading them takes a while too.
    """
    import httpx2
    import tenacity  # noqa: F401

    import hrm_router.llm.failures
    import hrm_router.llm.transport  # noqa: F401

    return httpx2.create_ssl_context() if tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
