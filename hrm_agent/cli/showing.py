"""A problem, a solution and an answer as people see them.

Problem and solution are compared as their task writes them, character by character, so that
any task whose problem and solution are written in the same places gets a picture. On a
terminal the found parts are told apart by style; elsewhere the two stand side by side. Knows
no task, and nothing of how an answer was found. Everything from outside is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.text import Text

from hrm_agent.cli.output import plain
from hrm_router.answer import GOOD, Answer, Part, Status, printable
from hrm_specialists.contract import Task

if TYPE_CHECKING:
    from pydantic import BaseModel

STYLES: Mapping[Status, str] = {
    "verified": "bold green",
    "accepted": "bold green",
    "answered": "bold green",
    "unverified": "bold yellow",
    "abstained": "bold yellow",
    "failed": "bold red",
}
GIVEN, FOUND, FRESH, FRAME = "bold", "cyan", "bold yellow", "dim"
"""Styles: in the problem, found, found since the last picture, lines around them."""

NOTICED = 0.05
"""Seconds of loading from which they are mentioned."""

_RULE = re.compile(r"\+[-+]+\+")
_CORNERS = {  # (left, right, up, down) is there a line?
    (False, True, False, True): "┌",
    (True, True, False, True): "┬",
    (True, False, False, True): "┐",
    (False, True, True, True): "├",
    (True, True, True, True): "┼",
    (True, False, True, True): "┤",
    (False, True, True, False): "└",
    (True, True, True, False): "┴",
    (True, False, True, False): "┘",
}


def answer_view(
    answer: Answer, tasks: Mapping[str, Task[Any, Any]], *, styled: bool, loading: float = 0.0
) -> Iterator[RenderableType]:
    """What to print, in order.

    Args:
        tasks: name to task, for drawing the solutions.
        styled: whether styles will be seen, that is, on a terminal.
        loading: seconds that were spent before the thinking began.
    """
    several = len(answer.parts) > 1
    for part in answer.parts:
        if several:
            yield _status(part)
        body = _body(part, tasks, styled)
        if body:
            yield body
            yield Text()
    yield last_line(answer, loading)


def last_line(answer: Answer, loading: float = 0.0) -> Text:
    """The status, who answered, how long it took, and why it is not a good answer."""
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
    after = f", after {seconds(loading)} of loading" if loading >= NOTICED else ""
    facts.append(f"{seconds(answer.timing.total)}{after}")
    line.append_text(plain("  " + ", ".join(facts), "dim"))
    for part in answer.parts:
        if len(answer.parts) == 1 and part.status not in GOOD and part.reason:
            line.append_text(plain(f"\n{part.reason}"))
    return line


def seconds(value: float) -> str:
    """A time as people say it."""
    return f"{1000 * value:.0f} ms" if value < 1 else f"{value:.1f} s"


def draw(
    task: Task[Any, Any],
    problem: BaseModel,
    solution: BaseModel | None,
    *,
    styled: bool,
    earlier: BaseModel | None = None,
) -> Text:
    """The problem with its solution in it.

    Args:
        styled: tell the parts apart by style; otherwise side by side.
        earlier: an earlier state of the solution; what changed since is marked.
    """
    before = printable(task.render(problem)).splitlines()
    after = before if solution is None else printable(task.render(problem, solution)).splitlines()
    if [len(line) for line in before] != [len(line) for line in after]:
        return Text("\n".join(after), style=FOUND if styled else "")
    if not styled:
        return Text("\n".join(before) if solution is None else _side_by_side(before, after))
    last = after if earlier is None else printable(task.render(problem, earlier)).splitlines()
    if [len(line) for line in last] != [len(line) for line in after]:
        last = after
    picture = Text()
    framed = _framed(after)
    for r, line in enumerate(after):
        if r:
            picture.append("\n")
        for c, char in enumerate(line):
            if framed[r][c] != char or char in "|·.#":
                style = FRAME
            elif char == before[r][c]:
                style = GIVEN
            else:
                style = FOUND if char == last[r][c] else FRESH
            picture.append(framed[r][c], style)
    return picture


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


def _marked(status: Status) -> Text:
    mark = "✓" if status in GOOD else "✗"
    return Text().append(f"{mark} {status}", STYLES[status])


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _side_by_side(before: list[str], after: list[str]) -> str:
    width = max(map(len, before), default=0)
    middle = len(before) // 2
    return "\n".join(
        f"{old:<{width}}  {'->' if r == middle else '  '}  {new}"
        for r, (old, new) in enumerate(zip(before, after, strict=True))
    )


def _framed(lines: list[str]) -> list[str]:
    """Frames of `+`, `-` and `|` as lines; anything else as it is."""
    if not lines or not all(_RULE.fullmatch(line) for line in (lines[0], lines[-1])):
        return lines

    def line_at(r: int, c: int) -> bool:
        return 0 <= r < len(lines) and 0 <= c < len(lines[r]) and lines[r][c] in "+-|"

    def drawn(r: int, c: int, char: str) -> str:
        if char == "|":
            return "│"
        if not _RULE.fullmatch(lines[r]):
            return char
        if char == "-":
            return "─"
        around = (line_at(r, c - 1), line_at(r, c + 1), line_at(r - 1, c), line_at(r + 1, c))
        return _CORNERS.get(around, char)

    return [
        "".join(drawn(r, c, char) for c, char in enumerate(line)) for r, line in enumerate(lines)
    ]
