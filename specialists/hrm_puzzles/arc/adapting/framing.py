"""How large the answer is, and which part of the input it is about.

The rules are few and stated here: an answer is as large as the input, or as the
part of it that is cut out, or a whole multiple or fraction of that, or always
the same. Of the rules that fit every demonstration the first is taken; if none
does, the problem is not for us. Knows nothing of colours' meaning or of networks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from hrm_puzzles.arc import ArcProblem

Rows = tuple[tuple[int, ...], ...]
Cell = tuple[int, int]
LARGEST = 30


@dataclass(frozen=True, slots=True)
class Framing:
    """One rule: cut the input, then scale its size, or answer in a constant size."""

    cut_name: str
    scale: tuple[Fraction, Fraction] | None
    """Rows and columns of the answer for each of the cut input; None for a constant size."""
    constant: tuple[int, int] = (0, 0)

    def cut(self, grid: Rows) -> Rows | None:
        """The part of the input that the answer is about; None if there is no such part."""
        return CUTS[self.cut_name](grid)

    def size(self, cut: Rows) -> tuple[int, int] | None:
        """Rows and columns of the answer; None if that is no possible size."""
        if self.scale is None:
            return self.constant
        high, wide = self.scale[0] * len(cut), self.scale[1] * len(cut[0])
        if high.denominator != 1 or wide.denominator != 1 or max(high, wide) > LARGEST:
            return None
        return int(high), int(wide)

    def __str__(self) -> str:
        if self.scale is None:
            return f"{self.cut_name}, always {self.constant[0]}x{self.constant[1]}"
        if self.scale == (Fraction(1), Fraction(1)):
            return self.cut_name
        return f"{self.cut_name}, {self.scale[0]} by {self.scale[1]} times as large"


def framings_of(problem: ArcProblem) -> list[Framing]:
    """The rules that fit all demonstrations and give every test a size, best first.

    Of rules that cut the same out of every test only the first is named.
    """
    found: dict[tuple[Rows | None, ...], Framing] = {}
    for framing in _candidates(problem):
        if all(_fits(framing, pair.input, pair.output) for pair in problem.train) and all(
            _fits(framing, test.input, None) for test in problem.test
        ):
            found.setdefault(tuple(framing.cut(test.input) for test in problem.test), framing)
    return list(found.values())


def ground(grid: Rows) -> int:
    """The background: black where there is any, else the most frequent colour."""
    counts = Counter(cell for row in grid for cell in row)
    return 0 if counts[0] else counts.most_common(1)[0][0]


def objects(grid: Rows) -> list[list[Cell]]:
    """Connected cells off the ground, corners touching, colours aside."""
    base = ground(grid)
    left = {(r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if cell != base}
    found = []
    while left:
        start = min(left)
        left.remove(start)
        found.append([start])
        for r, c in found[-1]:  # grows while it is walked
            for i in (r - 1, r, r + 1):
                for j in (c - 1, c, c + 1):
                    if (i, j) in left:
                        left.remove((i, j))
                        found[-1].append((i, j))
    return found


def _candidates(problem: ArcProblem) -> Iterator[Framing]:
    first = problem.train[0]
    out = (len(first.output), len(first.output[0]))
    plain = Framing("the whole input", (Fraction(1), Fraction(1)))
    yield plain
    for name in CUTS:
        yield Framing(name, plain.scale)
    constant = all((len(p.output), len(p.output[0])) == out for p in problem.train)
    whole = Framing(plain.cut_name, _scale(first.input, out))
    sizes = {(len(pair.input), len(pair.input[0])) for pair in problem.train}
    if constant and len(sizes) > 1:
        yield Framing(plain.cut_name, None, out)
    if all((1 / part if part < 1 else part).denominator == 1 for part in whole.scale or ()):
        yield whole
    if constant:
        yield Framing(plain.cut_name, None, out)
    for name, cut in CUTS.items():
        part = cut(first.input)
        if part is not None:
            yield Framing(name, _scale(part, out))


def _scale(grid: Rows, out: tuple[int, int]) -> tuple[Fraction, Fraction]:
    return Fraction(out[0], len(grid)), Fraction(out[1], len(grid[0]))


def _fits(framing: Framing, given: Rows, wanted: Rows | None) -> bool:
    cut = framing.cut(given)
    size = None if cut is None else framing.size(cut)
    return size is not None and (wanted is None or size == (len(wanted), len(wanted[0])))


def _box(grid: Rows, cells: list[Cell]) -> Rows | None:
    if not cells:
        return None
    rows, columns = [r for r, _ in cells], [c for _, c in cells]
    return tuple(row[min(columns) : max(columns) + 1] for row in grid[min(rows) : max(rows) + 1])


def _content(grid: Rows) -> Rows | None:
    return _box(grid, [cell for one in objects(grid) for cell in one])


def _coloured(colour: int) -> Callable[[Rows], Rows | None]:
    return lambda grid: _box(
        grid, [(r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if cell == colour]
    )


def _rarest(grid: Rows) -> Rows | None:
    counts = Counter(cell for row in grid for cell in row)
    counts.pop(ground(grid), None)
    return _coloured(min(counts, key=lambda c: (counts[c], c)))(grid) if counts else None


def _object(choose: Callable[[list[list[Cell]]], list[Cell]]) -> Callable[[Rows], Rows | None]:
    def cut(grid: Rows) -> Rows | None:
        found = objects(grid)
        return _box(grid, choose(found)) if found else None

    return cut


CUTS: Mapping[str, Callable[[Rows], Rows | None]] = {
    "the whole input": lambda grid: grid,
    "what is off the ground": _content,
    "the largest object": _object(lambda found: max(found, key=len)),
    "the smallest object": _object(lambda found: min(found, key=len)),
    "the rarest colour's box": _rarest,
    **{f"the box of colour {colour}": _coloured(colour) for colour in range(1, 10)},
}
"""Parts of an input by name, in the order in which they are tried."""
