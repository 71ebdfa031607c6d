"""Drawings: rectangles of characters in which spaces may be cells too.

Undoes how a drawing was laid out: spaces between cells, cells two characters wide,
quotes and bullets at its sides, spaces that were lost at the ends of lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, pairwise

from hrm_specialists.grids.grid import Grid
from hrm_specialists.grids.plain import characters
from hrm_specialists.grids.rows import FEW, Row, made

TALLEST = 120
"""Lines of a grid at most."""

_COMMENTS = frozenset(("# ", "* ", "- ", "; ", "% ", "> "))
_MARGINS = frozenset(">\"'`,;•*-")


def drawings(text: str, piece: list[Row], rank: int) -> Iterator[Grid]:
    """Rectangles of characters, spaces among them; spaces lost at the ends are put back."""
    for rows in _own(piece):
        if not 2 < len(rows) <= TALLEST:
            continue
        for bodies in (
            ["".join(characters(row.raw)) for row in rows],
            ["".join(characters(row.text)) for row in rows],
        ):
            widths = list(map(len, bodies))
            if len(set(widths)) == 1:
                yield from _drawing(text, rows, bodies, rank)
                break
        else:
            for at, end in stretches(widths):
                if end - at > 2 and widths[at] > 2 and apart(bodies, at, end):
                    yield from _drawing(text, rows[at:end], bodies[at:end], rank)
            if len(rows) > 3 and _lost_spaces(bodies):
                whole = [body.ljust(max(widths)) for body in bodies]
                yield from _drawing(text, rows, whole, rank + 1)
            elif (
                len(rows) > 3
                and all(bodies)
                and " " in (kinds := {*"".join(bodies)})
                and (len(kinds) <= FEW)
            ):  # for whoever asks why it is no grid
                yield next(made(text, rows, list(map(tuple, bodies)), "ragged", rank + 1))


def _lost_spaces(bodies: Sequence[str]) -> bool:
    """Whether an editor may have cut spaces off that are cells.

    Then a space is a cell in a row of full length too, no border would get a gap, it is
    not the longest rows that are the exception, and no other spaces were lost.
    """
    if not any("  " in body for body in bodies):
        return False  # of spaces beside each other one is left
    if len({body[:1] for body in bodies}) > 1 and not any(body[:1] == " " for body in bodies):
        return False
    wide = max(map(len, bodies))
    usual, rows = Counter(map(len, bodies)).most_common(1)[0]
    if usual < wide and 2 * rows > len(bodies):
        return False
    full = [body for body in bodies if len(body) == wide]
    spaced = wide > 3 and not any(body[1::2].strip() for body in bodies)
    if not any(" " in (body[::2] if spaced else body.strip()) for body in full):
        return False
    edge = Counter(body[-1:] for body in full)
    bordered = len(edge) == 1 and next(iter(edge)) != " " and len(full) > 2
    return not (bordered and 3 * len(full) > 2 * len(bodies))


def apart(bodies: Sequence[str], at: int, end: int) -> bool:
    """Whether no line beside `[at, end)` looks like a row of it that is of another length."""
    known = set("".join(bodies[at:end])) | {" "}
    beside = [bodies[n] for n in (at - 1, end) if 0 <= n < len(bodies)]
    wide = len(bodies[at])
    return not any(known.issuperset(body) and 2 * len(body) >= wide for body in beside)


def _own(piece: list[Row]) -> Iterator[list[Row]]:
    """The stretches between lines whose characters hardly any other has, such as "Maze:"."""
    kinds = [set(row.text) for row in piece]
    most = max(1, len(piece) // 8)
    rare = {mark for mark, rows in Counter(chain.from_iterable(kinds)).items() if rows <= most}
    alone = [len(kind & rare) > 2 for kind in kinds]
    for apart, some in groupby(zip(alone, piece, strict=True), key=lambda one: one[0]):
        rows = [row for _, row in some]
        while rows and not rows[0].raw:
            rows.pop(0)
        while rows and not rows[-1].raw:
            rows.pop()
        if not apart:
            yield rows


def _drawing(text: str, rows: list[Row], bodies: list[str], rank: int) -> Iterator[Grid]:
    if len(set("".join(bodies))) > FEW:
        return
    indent = min(len(body) - len(body.lstrip(" ")) for body in bodies)
    inside = "".join(body[indent:] for body in bodies)
    if indent and (len({body[indent] for body in bodies}) == 1 or " " not in inside):
        bodies = [body[indent:] for body in bodies]  # a border: what is before it is no cell
    bodies = _without_margins(bodies)
    cells = [list(body) for body in bodies]
    if len(set(map(len, cells))) > 1 or _of_words(bodies):
        return
    if sum(any(row[at] != " " for row in cells) for at in range(len(cells[0]))) < 2:
        return
    if _spaced(bodies):
        yield from made(text, rows, [tuple(body[::2]) for body in bodies], "spaced", rank)
    elif _doubled(bodies):
        yield from made(text, rows, [tuple(body[::2]) for body in bodies], "doubled", rank)
    else:
        yield from made(text, rows, [tuple(row) for row in cells], "drawn", rank)


def _without_margins(bodies: list[str]) -> list[str]:
    """Without columns of one sign that stands nowhere else: quotes, commas, bullets."""
    firsts = {body[:2] for body in bodies}
    if len(firsts) == 1 and firsts <= _COMMENTS and not _spaced(bodies):
        bodies = [body[2:] for body in bodies]
    for _ in range(4):
        if min(map(len, bodies)) < 3:
            break
        first, last = ({body[at] for body in bodies} for at in (0, -1))
        if first == last and len(first) == 1 and first <= set("\"'`"):
            mark = next(iter(first))
            if not any(mark in body[1:-1] for body in bodies):
                bodies = [body[1:-1] for body in bodies]
                continue
        for side, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
            edge = {body[side] for body in bodies}
            mark = next(iter(edge))
            if len(edge) == 1 and mark in _MARGINS and not any(mark in b[rest] for b in bodies):
                bodies = [body[rest] for body in bodies]
                if side == 0 and {body[:1] for body in bodies} == {" "}:
                    bodies = [body[1:] for body in bodies]
    return bodies


def _of_words(bodies: Sequence[str]) -> bool:
    """Whether each row is as many tokens, some of them numbers or words of several letters."""
    split = [body.split() for body in bodies]
    same = len(set(map(len, split))) == 1 and len(split[0]) > 2
    return same and any(len(cell) > 1 and cell[-1].isalnum() for row in split for cell in row)


def _spaced(bodies: Sequence[str]) -> bool:
    return len(bodies[0]) % 2 == 1 and len(bodies[0]) > 3 and all(
        not body[1::2].strip() for body in bodies
    )  # fmt: skip


def _doubled(bodies: Sequence[str]) -> bool:
    """Cells two characters wide: "██", "  ", "S "."""
    if len(bodies[0]) % 2:
        return False
    pairs = {body[at : at + 2] for body in bodies for at in range(0, len(body), 2)}
    return (
        all(pair[0] == pair[1] or pair[1] == " " for pair in pairs)
        and "  " in pairs
        and any(pair[0] == pair[1] != " " for pair in pairs)
    )


def stretches(of: Sequence[object]) -> list[tuple[int, int]]:
    """Where equal items follow each other."""
    edges = [at for at in range(1, len(of)) if of[at] != of[at - 1]]
    return list(pairwise([0, *edges, len(of)])) if of else []
