"""Where a command writes: people's text through rich, or one JSON object.

Everything that came from outside passes `plain` on its way to a terminal.
Results go to stdout; progress, notes and errors to stderr.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: done; not solved; usage or bad input; Ctrl-C."""


UNCUT = 4096
"""Columns where there is no terminal: no table is cut in a pipe."""


def plain(text: object, style: str = "") -> Text:
    """Text from outside as it may be shown: no control characters, no markup."""
    from hrm_router.answer import printable

    return Text(printable(str(text)), style=style)


def screen(*, error: bool = False) -> Console:
    """A console on today's stdout (or stderr) that interprets nothing in what it prints.

    Colour only on a terminal; `NO_COLOR` and `TERM=dumb` are respected.
    """
    stream = sys.stderr if error else sys.stdout
    with contextlib.suppress(AttributeError, ValueError):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    console = Console(stderr=error, markup=False, highlight=False, emoji=False, soft_wrap=True)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = UNCUT
    return console


def show(*renderables: RenderableType) -> None:
    """Print for people, on stdout."""
    console = screen()
    for renderable in renderables:
        console.print(renderable)


def note(text: str) -> None:
    """A remark beside the result, on stderr."""
    screen(error=True).print(plain(text, "dim"))


class _Notes(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        note(record.getMessage())


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Show what the library logs as a warning, or worse, as remarks on stderr."""
    handler = _Notes(logging.WARNING)
    ours = [logging.getLogger(name) for name in ("hrm_agent", "hrm_router", "hrm_specialists")]
    for logger in ours:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in ours:
            logger.removeHandler(handler)


def result(as_json: bool, value: Mapping[str, Any], *views: RenderableType, code: int = OK) -> int:
    """Tell a command's result, for programs or for people, and end with `code`."""
    if as_json:
        write_json(value)
    else:
        show(*(plain(view) if isinstance(view, str) else view for view in views))
    return code


def write_json(value: Mapping[str, Any]) -> None:
    """One object, one line, ASCII: safe in any pipe and on any terminal."""
    sys.stdout.write(json.dumps(value, ensure_ascii=True, allow_nan=False) + "\n")
    sys.stdout.flush()
