"""How far a long command is: a bar on a terminal, silence elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hrm_agent.cli.output import screen


@contextmanager
def counting(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A function to call with what is being done, how much of it, out of how much.

    Drawn on stderr, and gone when it is done.

    Args:
        quiet: draw nothing, terminal or not.
    """
    console = screen(error=True)
    columns = (
        TextColumn("{task.description:>12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("loading", total=None)
        yield lambda stage, done, of: bar.update(task, description=stage, completed=done, total=of)
