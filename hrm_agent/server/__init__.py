"""The router over HTTP, as OpenAI's clients speak it; a thin skin over `Router`.

    from hrm_agent import Router
    from hrm_agent.server import create_app

    app = create_app(Router())  # an ASGI application; `hrm-agent serve` runs it

Needs the extra `serve`.
"""

from __future__ import annotations

from hrm_agent.server.app import create_app
from hrm_agent.server.limits import Key, Limits

__all__ = ["Key", "Limits", "create_app"]
