"""An answer as people see it: the drawn solutions, the language, one line of what happened.

Knows nothing of how the answer was found. Everything from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from hrm_agent.cli.drawing import draw
from hrm_agent.cli.output import plain
from hrm_router.answer import GOOD, Answer, Part, Status
from hrm_specialists.contract import Task

STYLES: Mapping[Status, str] = {
    "verified": "bold green",
    "accepted": "bold green",
    "answered": "bold green",
    "unverified": "bold yellow",
    "abstained": "bold yellow",
    "failed": "bold red",
}


def answer_view(
    answer: Answer, tasks: Mapping[str, Task[Any, Any]], *, styled: bool
) -> Iterator[RenderableType]:
    """What to print, in order.

    Args:
        tasks: name to task, for drawing the solutions.
        styled: whether styles will be seen, that is, on a terminal.
    """
    several = len(answer.parts) > 1
    for part in answer.parts:
        if several:
            yield _status(part)
        body = _body(part, tasks, styled)
        if body:
            yield body
            yield Text()
    yield _last_line(answer)


def _body(part: Part, tasks: Mapping[str, Task[Any, Any]], styled: bool) -> Text:
    task = tasks.get(part.task or "")
    if task is not None and part.problem is not None:
        return draw(task, part.problem, part.solution, styled=styled)
    return plain(part.text)


def _status(part: Part) -> Text:
    who = {"specialist": "its specialist", "llm": "the LLM", "none": "nobody"}[part.by]
    line = _marked(part.status)
    line.append_text(plain(f"  {part.task or 'language'} by {who}", "dim"))
    if part.status not in GOOD and part.reason:
        line.append_text(plain(f": {part.reason}"))
    return line


def _last_line(answer: Answer) -> Text:
    line = _marked(answer.status)
    facts = []
    if len(answer.parts) > 1:
        good = sum(part.status in GOOD for part in answer.parts)
        facts.append(f"{good} of {len(answer.parts)} parts done")
    elif answer.specialist:
        facts.append(f"specialist {answer.specialist}")
    elif answer.route != "none":
        facts.append(f"route {answer.route}")
    if answer.usage.segments:
        starts = f" in {answer.usage.starts} starts" if answer.usage.starts > 1 else ""
        facts.append(f"{_many(answer.usage.segments, 'segment')}{starts}")
    if answer.usage.llm_calls:
        facts.append(_many(answer.usage.llm_calls, "LLM call"))
    if answer.status in ("accepted", "unverified") and answer.confidence is not None:
        facts.append(f"confidence {answer.confidence:.2f}")
    facts.append(seconds(answer.timing.total))
    line.append_text(plain("  " + ", ".join(facts), "dim"))
    for part in answer.parts:
        if len(answer.parts) == 1 and part.status not in GOOD and part.reason:
            line.append_text(plain(f"\n{part.reason}"))
    return line


def seconds(value: float) -> str:
    """A time as people say it."""
    return f"{1000 * value:.0f} ms" if value < 1 else f"{value:.1f} s"


def _marked(status: Status) -> Text:
    mark = "✓" if status in GOOD else "✗"
    return Text().append(f"{mark} {status}", STYLES[status])


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
