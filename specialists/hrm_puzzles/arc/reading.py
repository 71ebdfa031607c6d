"""Find ARC tasks in free text: the published JSON, or grids told apart as in and out.

`hrm_specialists.grids` finds the grids; words in many languages, or arrows, say what
they are. A claim needs at least one whole pair and, after all pairs, at least one input
that has no output.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, NamedTuple

from pydantic import ValidationError

from hrm_puzzles.arc.models import MAX_SIDE, ArcProblem
from hrm_puzzles.words import WORDS
from hrm_specialists.contract import Claim, NearMiss
from hrm_specialists.grids import (
    LARGE,
    MAX_TEXT,
    STRIPPED,
    UNREAD,
    WRITTEN,
    Grid,
    digit,
    find_grids,
    goes_on,
)

LABEL = 60
"""Characters before a grid in which its label is looked for."""

Rows = tuple[tuple[int, ...], ...]

_TRAIN = re.compile(r"""\{[^{}\[\]]{0,80}?["'](?:train|test)["']\s{0,9}:\s{0,9}\[""")
_LABEL = re.compile(
    rf"(?:(?<![^\W_])|(?<=test)|(?<=[\u3040-\uffff]))(?:(?P<in>{WORDS['in']})|(?P<out>{WORDS['out']}))(?![^\W\d_])[^\n:：=\[\]]{{0,24}}"
    r"[ \t]{0,9}(?:=[ \t][a-z_.]{2,12}|[:：=])?[*_`:]{0,3}\s{0,6}(?:```\w{0,9}\s{0,9})?\Z",
    re.IGNORECASE,
)
_CUT = "a line above or below a grid holds a row too, and something beside it; write rows alone"
_LETTERS = "grids of letters; write colours as digits from 0 to 9, and say what is input and output"
_NEAR = 2_000
"""Characters before and behind a task in which rows may be left over."""
_LEFT = "a grid, or rows of one, that nothing calls input or output beside those that are read"
_PROSE = re.compile(r"^(?:[^\n]*?\b[^\W\d_]{2,}\b){4}[^\n]*", re.MULTILINE)
"""A line of words."""
_LABELS = re.compile(
    rf"^[ \t#*>|-]*(?:[^\W\d_]+[ \t])?(?:\d{{1,2}}[ \t])?(?:{WORDS['in']}|{WORDS['out']})"
    r"[ \t]?\d{0,2}[ \t]?(?:[:：][^\n]*|[*_ \t]*)$",
    re.IGNORECASE | re.MULTILINE,
)
"""Lines that are labels, or begin with one and a colon."""
_PAIRS = re.compile(r"\btrain\w{0,9}[\"']?\s?[:=][\s\[({]{0,20}$")
"""What opens a list of pairs in code."""
_OPENING = " \t\r\n>#|*[({\"'`-+="
"""What may stand between a label and the cells."""
_OTHER = ("run", "aligned", "ragged", LARGE, UNREAD)
_ARROWS = ("->", "=>", ">>", "~>", "—>", "–>")
_ASKS = re.compile(r"\s{0,9}(?:[?？_…❓❔]|\.\.\.|$)")
_LEGEND = re.compile(r"([⬛🟦🟥🟩🟨⬜🟪🟧🩵🟫]) ?(?:[=:] ?)?([0-9])(?!\d)")
"""A square and the number of its colour."""
_SQUARES = "⬛🟦🟥🟩🟨⬜🟪🟧🩵🟫"
"""The squares that stand for colours, in the usual order."""


class _Grid(NamedTuple):
    kind: str
    """"in" or "out"; "" if nothing says which."""
    rows: Rows
    start: int
    end: int


@lru_cache(maxsize=16)
def look(text: str) -> tuple[tuple[Claim[ArcProblem], ...], tuple[NearMiss, ...]]:
    """What was read, and what nearly was, in the order of their places; spans do not overlap.

    Kept for whoever asks about the same text next.
    """
    found = list(_json(text)) if len(text) <= MAX_TEXT else []
    found = found or list(_labelled(text))
    found += _beyond(text, found)
    legend = list(_LEGEND.finditer(text)) if any(isinstance(one, Claim) for one in found) else []
    said = {one.span(): _SQUARES.index(one[1]) == int(one[2]) for one in legend}
    agreed, other = ([span for span in said if said[span] is agrees] for agrees in (True, False))
    claims = tuple(
        replace(one, explained=tuple(agreed), doubtful=tuple(other)) if said else one
        for one in found
        if isinstance(one, Claim)
    )
    return claims, tuple(one for one in found if isinstance(one, NearMiss))


def _beyond(text: str, found: Sequence[Claim[ArcProblem] | NearMiss]) -> Iterator[NearMiss]:
    """What is too long or too large to be read, and beside what was found."""
    for grid in find_grids(text):
        why = grid.name if grid.form == UNREAD else ""
        coloured = grid.form == LARGE and set("0123456789 ,;|").issuperset(grid.rows[0])
        if coloured and _label(text[max(0, grid.start - LABEL) : grid.start])[0]:
            high, wide = grid.shape
            size = f"{high} lines of {wide} characters"
            why = f"a grid of {size}; at most {MAX_SIDE} by {MAX_SIDE} cells"
        if why and not any(a < grid.end and grid.start < b for a, b in (one.span for one in found)):
            yield NearMiss(why, (grid.start, grid.end))


def _json(text: str) -> Iterator[Claim[ArcProblem] | NearMiss]:
    decoder = json.JSONDecoder()
    at = 0
    while found := _TRAIN.search(text, at):
        try:
            data, end = decoder.raw_decode(text, found.start())
        except json.JSONDecodeError:
            data, end = _python_style(text, found.start())
        except RecursionError:
            return
        problem = _problem(data)
        span = (found.start(), max(end, found.end()))
        if isinstance(problem, str):
            yield NearMiss(f"JSON with train and test, but {problem}", span)
        else:
            yield Claim(problem, span, "JSON with train and test")
        at = span[1]


def _python_style(text: str, start: int) -> tuple[Any, int]:
    """A Python dict of lists: the same but for quotes and trailing commas."""
    depth = 0
    for mark in re.compile(r"[{}\[\]]").finditer(text, start):
        depth += 1 if mark[0] in "{[" else -1
        if depth == 0:
            end = mark.end()
            tidy = re.sub(r",(\s{0,99}[\]}])", r"\1", text[start:end].replace("'", '"'))
            tidy = tidy.replace("(", "[").replace(")", "]")
            try:
                return json.loads(tidy), end
            except (ValueError, RecursionError):
                return None, end
    return None, len(text)


def _problem(data: Any) -> ArcProblem | str:
    """The validated problem, or what is wrong; outputs of tests, which datasets carry, go."""
    if not isinstance(data, dict) or not {"train", "test"} <= data.keys():
        return "it is not a whole object with both"
    try:
        tests = [{"input": one["input"]} for one in data["test"]]
        train = [{"input": one["input"], "output": one["output"]} for one in data["train"]]
        return ArcProblem.model_validate({"train": train, "test": tests})
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (KeyError, TypeError):
        return "each training pair takes 'input' and 'output', each test 'input'"


def _labelled(text: str) -> Iterator[Claim[ArcProblem] | NearMiss]:
    grids: list[_Grid] = []
    every = _grids(text)
    claims: list[Claim[ArcProblem]] = []
    for grid in every:
        if not grid.kind:
            continue
        tests = len(grids) >= 2 and grids[-1].kind == "in" == grids[-2].kind
        if grid.kind == "out" and tests:  # a new task begins with the last input
            claims += _claim(grids[:-1])
            grids = grids[-1:]
        grids.append(grid)
    claims += _claim(grids)
    for claim in claims:
        yield NearMiss(_LEFT, claim.span) if _leaves_out(text, claim.span, every) else claim
    seen = [grid for grid in every if grid.rows]
    if not claims and any(grid.kind and not grid.rows for grid in every) and len(every) > 2:
        yield NearMiss(_CUT, (every[0].start, every[-1].end))
    elif not grids and len(find_grids(text)) > 3 and (lettered := _lettered(text)):
        yield NearMiss(_LETTERS, lettered)
    elif not claims and (len(seen) > 2 or len(grids) > 1):
        span = seen[0].start, seen[-1].end
        large = [one for one in seen if max(len(one.rows), len(one.rows[0])) > MAX_SIDE]
        if large:
            size = f"{len(large[0].rows)} by {len(large[0].rows[0])}"
            yield NearMiss(f"a grid of {size} cells; at most {MAX_SIDE} by {MAX_SIDE}", span)
        elif any(grid.kind for grid in every):
            yield NearMiss(
                f"{len(seen)} grids, but not pairs of input and output and then a test input", span
            )
        elif len(seen) % 2:
            yield NearMiss(f"{len(seen)} grids; say which are inputs and which are outputs", span)


def _lettered(text: str) -> tuple[int, int] | None:
    """Where four or more grids of letters stand."""
    found: list[Grid] = []
    for grid in find_grids(text):
        cells = {*chain.from_iterable(grid.rows)}
        few = (
            1 < len(cells) <= 10
            and grid.rank < STRIPPED
            and grid.form in ("drawn", "spaced")
            and len(grid.rows) > 1
        )
        letters = few and all(len(cell) == 1 and cell.isupper() for cell in cells)
        if letters and (not found or grid.start >= found[-1].end):
            found.append(grid)
    kinds = {cell for grid in found for row in grid.rows for cell in row}
    return (found[0].start, found[-1].end) if len(found) > 3 and len(kinds) <= 10 else None


def _leaves_out(text: str, span: tuple[int, int], every: Sequence[_Grid]) -> bool:
    """Whether rows of digits, or grids that nothing names, stand between the grids.

    Or a label without a grid next to them, as far as a line of words on both sides.
    """
    first, last = max(0, span[0] - _NEAR), min(len(text), span[1] + _NEAR)
    at, stop = max(first, text.rfind("\n\n", first, span[0])), text.find("\n\n", span[1], last)
    stop = stop if stop >= 0 else last
    if any(at <= one.start < stop and not one.kind and len(one.rows) != 1 for one in every):
        return True
    for line in text[at:stop].split("\n"):
        end = at + len(line)
        apart = not any(one.start < end and at < one.end for one in every)
        if apart and _is_row(line):
            return True
        at = end + 1
    first = max((words.end() for words in _PROSE.finditer(text, first, span[0])), default=first)
    words = _PROSE.search(text, text.find("\n", span[1]) + 1 or last, last)
    last = words.start() if words else last
    labels = [label.span() for label in _LABELS.finditer(text, first, last)]
    known = [one.start for one in every if one.kind and one.rows]
    for (at, end), (after, _) in pairwise([*labels, (last, last)]):
        used = any(one.start < end and at < one.end for one in every if one.kind and one.rows)
        until = min((start for start in known if end <= start < after), default=after)
        if not used and len(re.findall(r"\d", text[end:until])) > 1:
            return True
    return False


def _is_row(line: str) -> bool:
    """Whether a line is digits for the most part."""
    digits = sum(map(str.isdigit, line))
    return digits > 1 and 2 * digits >= sum(
        not mark.isspace() and mark not in ",;|" for mark in line
    )


def _claim(grids: Sequence[_Grid]) -> Iterator[Claim[ArcProblem]]:
    train: list[dict[str, Rows]] = []
    tests: list[dict[str, Rows]] = []
    at = 0
    while at < len(grids):
        if grids[at].kind != "in":
            return
        if at + 1 < len(grids) and grids[at + 1].kind == "out":
            if tests:
                return
            train.append({"input": grids[at].rows, "output": grids[at + 1].rows})
            at += 2
        else:
            tests.append({"input": grids[at].rows})
            at += 1
    if not train or not tests:
        return
    try:
        problem = ArcProblem.model_validate({"train": train, "test": tests})
    except ValidationError:
        return
    yield Claim(problem, (grids[0].start, grids[-1].end), "grids labelled input and output")


def _grids(text: str) -> list[_Grid]:
    """Grids of colours in the order of their places, each with what is said before it."""
    found: list[_Grid] = []
    end = 0
    for grid, rows in _coloured(text):
        first = grid.spans[0][0] if grid.spans else grid.start
        first = max(first, grid.start)
        kind, at = _label(text[max(end, first - LABEL) : first])
        if kind == "arrow":
            if found and not found[-1].kind:
                found[-1] = found[-1]._replace(kind="in")
            kind = "out" if found else ""
        elif not kind and _leads_on(text, grid.end):
            kind = "in"
        found.append(_Grid(kind, rows, min(grid.start, first - at), _fenced(text, grid.end)))
        end = grid.end
    kinds = [one.kind for one in found]
    many = kinds.index("in") if "in" in kinds else 0
    if many % 2 == 0 < many and not any(kinds[:many]) and _PAIRS.search(text, 0, found[0].start):
        for at in range(many):
            found[at] = found[at]._replace(kind=("in", "out")[at % 2])
    if kinds[-1:] == [""] and kinds[:-1] == ["in", "out"] * (len(kinds) // 2) and len(kinds) > 2:
        between = text[found[-2].end : found[-1].start]
        if found[-1].rows and re.search(r"[^\W\d_]{2}[^\n]*\s*$", between):
            found[-1] = found[-1]._replace(kind="in")  # "Now this one:"
    return found


def _coloured(text: str) -> list[tuple[Grid, Rows]]:
    """Rectangles of colours that do not overlap: the plainest reading of each stretch.

    One of which a row shares its line with something comes without rows.
    """
    cut: list[Grid] = []
    kept: list[tuple[Grid, Rows]] = []
    taken: list[tuple[int, int]] = []
    found = [(grid, rows) for grid in find_grids(text) if (rows := _rows(grid))]
    wide = {(grid.end, len(rows), grid.width): (grid, rows) for grid, rows in found}
    for grid, rows in sorted(found, key=lambda one: (one[0].rank, one[0].start, -one[0].end)):
        if len(taken) > 200:
            break
        if counted := wide.get((grid.end, len(rows), grid.width + 1)):
            grid, rows = counted  # its first column counts by chance
        if any(a < grid.end and grid.start < b for a, b in taken):
            continue
        if grid.rank >= WRITTEN and goes_on(text, grid.spans, labelled=True):
            cut.append(grid)
            continue
        taken.append((grid.start, grid.end))
        edges = [0, *_labelled_rows(text, grid), len(rows)]
        for a, b in pairwise(edges):
            start = grid.start if a == 0 else grid.spans[a][0]
            end = grid.end if b == len(rows) else grid.spans[b - 1][1]
            part = replace(grid, rows=grid.rows[a:b], spans=grid.spans[a:b], start=start, end=end)
            kept.append((part, rows[a:b]))
    for grid in cut:
        if not any(a < grid.end and grid.start < b for a, b in taken):
            taken.append((grid.start, grid.end))
            kept.append((grid, ()))
    return sorted(kept, key=lambda one: one[0].start)


def _rows(grid: Grid) -> Rows:
    """The colours of a grid; none if it has other cells, or is no rectangle."""
    if not grid.width or grid.form in _OTHER or len(grid.shape) > 2:
        return ()
    if _colour(first := grid.rows[0][0]) is None and first != ".":
        return ()
    cells = {*chain(*grid.rows)}
    if cells == {"."}:
        return ()
    dotted = "0" not in cells  # then a dot is a zero
    rows = tuple(
        tuple(0 if dotted and cell == "." else _colour(cell) for cell in row) for row in grid.rows
    )
    return () if any(None in row for row in rows) else rows  # type: ignore[return-value]


def _labelled_rows(text: str, grid: Grid) -> list[int]:
    """Rows within a grid that are called in or out themselves: a grid each begins there."""
    if (grid.rank < STRIPPED and grid.form != "list") or len(grid.spans) < len(grid.rows):
        return []
    leads = [text[max(grid.spans[at - 1][1], start - LABEL) : start]
             for at, (start, _) in enumerate(grid.spans) if at]  # fmt: skip
    return [at for at, lead in enumerate(leads, 1) if _label(lead)[0] in ("in", "out")]


@lru_cache(maxsize=512)
def _colour(cell: str) -> int | None:
    if cell in _SQUARES and cell:
        return _SQUARES.index(cell)
    return digit(cell)


def _label(lead: str) -> tuple[str, int]:
    """What the text that leads to a grid calls it, and how far back the label starts."""
    said = lead.rstrip(_OPENING)
    if label := _LABEL.search(said):
        return ("in" if label["in"] else "out"), len(lead) - label.start()
    bare = lead.rstrip(" \t\r\n`:")
    if bare and _is_arrow(bare):
        return "arrow", len(lead) - len(bare) + 1
    return "", 0


def _is_arrow(said: str) -> bool:
    """Whether it ends in an arrow of any kind, or in a hand that points."""
    last = said.rstrip("\ufe0e\ufe0f")
    if last.endswith(_ARROWS):
        return True
    name = unicodedata.name(last[-1:], "") if last else ""
    return "ARROW" in name or "POINTING" in name


def _leads_on(text: str, end: int) -> bool:
    """Whether an arrow behind a grid leads to what is asked for."""
    behind = text[end : end + 12].lstrip(" \t\r\n`")
    for length in (3, 2, 1):
        if len(behind) >= length and _is_arrow(behind[:length]):
            return bool(_ASKS.match(behind, length))
    return False


def _fenced(text: str, end: int) -> int:
    fence = re.compile(r"\s{0,9}```").match(text, end)
    return fence.end() if fence else end
