"""The playground and the page about the API: static files under a strict policy.

They are part of the package, take nothing from elsewhere, and write all that
they show as text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import APIRouter, Response

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
"""Content security policy of the pages."""

PAGES = {
    "/": ("playground.html", "text/html"),
    "/request.js": ("request.js", "text/javascript"),
    "/playground.js": ("playground.js", "text/javascript"),
    "/growth": ("growth.html", "text/html"),
    "/growth.js": ("growth.js", "text/javascript"),
    "/docs": ("docs.html", "text/html"),
    "/docs.js": ("docs.js", "text/javascript"),
    "/page.css": ("page.css", "text/css"),
}
"""Path to file and type."""


def routes() -> APIRouter:
    """The pages; without a key, as they hold nothing of anybody."""
    router = APIRouter(include_in_schema=False)
    folder = files("hrm_agent.server") / "page"
    for path, (name, kind) in PAGES.items():
        content = (folder / name).read_bytes()
        router.add_api_route(path, _sender(content, kind), methods=["GET"])
    return router


def _sender(content: bytes, kind: str) -> Callable[[], Awaitable[Response]]:
    async def send() -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)

    return send
