"""`hrm-agent data …`: labelled puzzles from a seed, for training and for tests."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from hrm_agent.cli.failing import UsageError
from hrm_agent.cli.options import AsJson
from hrm_agent.cli.output import OK, plain, show, write_json
from hrm_agent.cli.progress import counting

data = typer.Typer(name="data", help="Make labelled puzzles from a seed.", no_args_is_help=True)

PATIENCE = 1000
"""Puzzles in a row that are known already before there are taken to be no more."""

Row = tuple[str, str, int]
"""Question, answer, and how hard it is in the kind's own measure."""
Count = Annotated[int, typer.Option("--n", min=1, help="How many; no two are alike.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Decides everything.")]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="FILE.csv", help="Default: standard output.")
]


@data.command("sudoku")
def sudoku(
    n: Count = 1000,
    kind: Annotated[
        Literal["easy", "minimal", "hard"],
        typer.Option(
            "--kind",
            help="Naked singles do; no clue is superfluous; minimal with many guesses.",
        ),
    ] = "minimal",
    guesses: Annotated[
        int, typer.Option("--guesses", min=1, help="Of a plain search, for hard ones: at least.")
    ] = 100,
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Sudokus with exactly one solution, proved by search; `rating` counts its guesses.

    None is the same as another but for a symmetry.
    """
    from hrm_specialists.tasks.sudoku.building.dataset import build

    def line(cells: Iterable[int], blank: str = "") -> str:
        return "".join(str(cell or blank) for cell in cells)

    def make() -> list[Row]:
        built = build(kind, n, seed, guesses=guesses)
        return [(line(one.cells, "."), line(one.solution), one.guesses) for one in built]

    return _write(f"generated_{kind}", make, seed, out, as_json)


@data.command("maze")
def maze(
    n: Count = 1000,
    kind: Annotated[
        Literal["walls", "corridors", "mixed"],
        typer.Option(
            "--kind",
            help="Walls at random; a tree of corridors with one way; both, of 7 rows up.",
        ),
    ] = "walls",
    height: Annotated[int, typer.Option("--height", min=5, max=30)] = 10,
    width: Annotated[int, typer.Option("--width", min=5, max=30)] = 10,
    moves: Annotated[int, typer.Option("--moves", min=1, help="The shortest way's least.")] = 1,
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Mazes with one of their shortest ways; `rating` counts its cells, both ends included."""
    from hrm_specialists.tasks.maze import MazeTask
    from hrm_specialists.tasks.maze.building import mazes

    draw = {
        "walls": mazes.random_walls,
        "corridors": mazes.corridors,
        "mixed": mazes.mixed,
    }[kind]
    render = MazeTask().render

    def row(rng: random.Random) -> Row:
        made = draw(rng, height, width, moves=moves)
        return render(made.problem), render(made.problem, made.solution), made.moves + 1

    def make() -> list[Row]:
        return list(_distinct(row, n, seed, quiet=as_json))

    return _write(f"generated_{kind}", make, seed, out, as_json)


def _write(
    source: str, make: Callable[[], list[Row]], seed: int, out: Path | None, as_json: bool
) -> int:
    """Make them all, then write them at once, so that no file is ever half there."""
    if as_json and out is None:
        raise UsageError("--json tells of a file", "--out FILE.csv")
    rows = make()
    n = len(rows)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["question", "answer", "source", "rating"])
    table.writerows((question, answer, source, rating) for question, answer, rating in rows)
    if out is not None:
        _replace(out, text.getvalue())
    if as_json:
        told: Mapping[str, object] = {"n": n, "source": source, "seed": seed}
        write_json({**told, "out": None if out is None else str(out), "rating": _spread(rows)})
    elif out is None:
        typer.echo(text.getvalue(), nl=False)
    else:
        show(plain(f"{n} puzzles in {out}; rating: {_spread(rows)}"))
    return OK


def _distinct(
    make: Callable[[random.Random], Row], n: int, seed: int, *, quiet: bool
) -> Iterator[Row]:
    """`n` different rows; each has a generator of its own, so that more keep the first ones."""
    seen: set[str] = set()
    attempt = idle = 0
    with counting(quiet=quiet) as report:
        while len(seen) < n:
            row = make(random.Random(f"{seed}/{attempt}"))
            attempt += 1
            idle += 1
            if idle > PATIENCE:
                raise UsageError(
                    f"after {len(seen)} puzzles, {PATIENCE} more were all known already",
                    "a smaller --n, or larger puzzles",
                )
            if row[0] not in seen:
                seen.add(row[0])
                idle = 0
                report("making", len(seen), n)
                yield row


def _replace(file: Path, text: str) -> None:
    from hrm_specialists.errors import DataError

    beside = file.with_name(f".{file.name}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise DataError(f"cannot be written: {error.strerror}", file=file) from error


def _spread(rows: list[Row]) -> dict[str, int]:
    ratings = sorted(rating for *_, rating in rows)
    return {"least": ratings[0], "median": ratings[len(ratings) // 2], "most": ratings[-1]}
