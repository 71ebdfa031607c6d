"""A problem and its solution as one picture, givens and found parts told apart.

Compares the two as their task writes them, character by character, so that any
task whose problem and solution are written in the same places gets a picture.
Knows no task. On a terminal the difference is bold against colour; elsewhere
the two stand side by side.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.text import Text

if TYPE_CHECKING:
    from pydantic import BaseModel

    from hrm_specialists.contract import Task

GIVEN, FOUND, FRESH, FRAME = "bold", "cyan", "bold yellow", "dim"
"""Styles: in the problem, found, found since the last picture, lines around them."""

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
    from hrm_router.answer import printable

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
