"""Loads what takes long, once, on a thread: the openai package and certificates.

It takes a second or two, which an event loop must not stand still for. Knows
nothing of endpoints.
"""

from __future__ import annotations

import ssl
from importlib import import_module

NEEDED = (
    "anyio._backends._asyncio",
    "hrm_router.llm.failures",
    "hrm_router.llm.transport",
    "openai.resources.chat",
    "tenacity",
)
"""What a first call would import on its way."""


def warm(*, tls: bool) -> ssl.SSLContext:
    """Import all that a call needs; a context for its connections.

    Args:
        tls: whether certificates will be needed; reading them takes a while too.
    """
    for name in NEEDED:
        import_module(name)
    import httpx2

    return httpx2.create_ssl_context() if tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
