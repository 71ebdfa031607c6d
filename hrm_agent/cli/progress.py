"""How far a long command is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from hrm_agent.cli.output import note, screen

if TYPE_CHECKING:
    from hrm_specialists.training.progress import Progress as Training

LINE_EVERY = 30.0
"""Seconds between two lines where there is no terminal."""

READYING = "preparing: reading the examples and trying ways to learn"


@contextmanager
def counting(*, quiet: bool) -> Iterator[Callable[[str, int, int | None], None]]:
    """A function to call with what is being done, how much of it, out of how much.

    Drawn on stderr, and gone when it is done; nothing where there is no terminal.

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


@contextmanager
def training(*, quiet: bool) -> Iterator[Callable[[Training], None]]:
    """A function to call with a training run's progress.

    Args:
        quiet: say nothing, terminal or not.
    """
    console = screen(error=True)
    if quiet:
        yield lambda now: None
    elif not console.is_terminal:
        note(READYING)
        yield _lines()
    else:
        columns = (
            TextColumn("step {task.completed:,.0f} of {task.fields[steps]}"),
            BarColumn(),
            TextColumn("{task.fields[story]}"),
        )
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("", total=None, steps="…", story=READYING)

            def report(now: Training) -> None:
                steps = "…" if now.total is None else f"{now.total:,}"
                bar.update(
                    task, completed=now.step, total=now.total, steps=steps, story=_story(now)
                )

            yield report


def _lines() -> Callable[[Training], None]:
    last = float("-inf")

    def report(now: Training) -> None:
        nonlocal last
        moment = time.monotonic()
        if moment - last >= LINE_EVERY or now.step == now.total:
            last = moment
            of = "" if now.total is None else f" of {now.total}"
            note(f"step {now.step}{of}: {_story(now)}")

    return report


def _story(now: Training) -> str:
    said = [f"loss {now.loss:.3f}", f"exact {100 * now.exact_accuracy:.1f} %"]
    if now.validation is not None:
        said.append(f"unseen {100 * now.validation:.1f} %")
    if now.seconds_left is not None:
        minutes, seconds = divmod(round(now.seconds_left), 60)
        said.append(f"{minutes}:{seconds:02} left")
    return ", ".join(said)
