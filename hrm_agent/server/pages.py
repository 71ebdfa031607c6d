"""The playground and the page about the API: static files under a strict policy.

They are part of the package, take nothing from elsewhere, and write all that
they show as text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from importlib.resources import files
from string import Template

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

PAGES = {"/": "playground", "/growth": "growth", "/docs": "docs"}
"""Path to name: `NAME.html` in `frame.html`, with the script `NAME.js`."""


@cache
def contents() -> dict[str, tuple[str, str]]:
    """Path to text and type of all files."""
    folder = files("hrm_agent.server") / "page"

    def text(name: str) -> str:
        return (folder / name).read_text("utf-8")

    found = {"/page.css": (text("page.css"), "text/css")}
    for path, name in PAGES.items():
        scripts = [f"{one}.js" for one in ("request", name) if one == name or path == "/"]
        loads = "\n".join(f'<script src="{one}" defer></script>' for one in scripts)
        frame = Template(text("frame.html"))
        page = frame.substitute(name=name, main=text(f"{name}.html"), scripts=loads)
        found[path] = page, "text/html"
        found |= {f"/{one}": (text(one), "text/javascript") for one in scripts}
    return found


def routes() -> APIRouter:
    """The pages; without a key, as they hold nothing of anybody."""
    router = APIRouter(include_in_schema=False)
    for path, (text, kind) in contents().items():
        router.add_api_route(path, _sender(text.encode(), kind), methods=["GET"])
    return router


def _sender(content: bytes, kind: str) -> Callable[[], Awaitable[Response]]:
    async def send() -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)

    return send
