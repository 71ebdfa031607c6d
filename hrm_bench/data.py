"""`hrm-agent data …`: labelled puzzles from a seed, for training and for tests."""

from __future__ import annotations

import csv
import hashlib
import io
import random
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer

from hrm_agent.cli.errors import UsageError
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


From = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE.csv", help="Take these, proved anew, instead of making."),
]
Dev = Annotated[
    Path | None,
    typer.Option("--dev", metavar="FILE.csv", help="Keep some apart in this file: a held-out set."),
]
HeldOut = Annotated[
    float, typer.Option("--held-out", min=0.01, max=0.99, help="Share that goes to --dev.")
]


@data.command("sudoku")
def sudoku(
    n: Count = 1000,
    kind: Annotated[
        Literal["easy", "minimal", "hard", "stubborn"],
        typer.Option(
            help="Naked singles do; no clue is superfluous; minimal with many guesses; minimal, "
            "and trying one digit tells nothing (minutes for each company of 64)."
        ),
    ] = "minimal",
    guesses: Annotated[
        int, typer.Option(min=1, help="Of a plain search, for hard ones: at least.")
    ] = 100,
    seed: Seed = 0,
    source: From = None,
    out: Out = None,
    dev: Dev = None,
    held_out: HeldOut = 0.1,
    as_json: AsJson = False,
) -> int:
    """Sudokus with exactly one solution, proved by search; `rating` counts its guesses.

    None is the same as another but for a symmetry. Puzzles of one solved grid
    are on the same side of --dev, whatever symmetry they are seen through.
    """
    from hrm_puzzles.sudoku.building.dataset import build, distinct, read_csv
    from hrm_puzzles.sudoku.building.identity import grid_signature

    def line(cells: Iterable[int], blank: str = "") -> str:
        return "".join(str(cell or blank) for cell in cells)

    def make() -> list[Row]:
        if source is None:
            built = build(kind, n, seed, least=guesses)
        else:
            built = list(islice(distinct(read_csv(source)), n))
        return [(line(one.cells, "."), line(one.solution), one.guesses) for one in built]

    def group(row: Row) -> str:
        return grid_signature([int(digit) for digit in row[1]])

    return _write(_named(kind, source), make, seed, out, dev, held_out, group, as_json)


@data.command("maze")
def maze(
    n: Count = 1000,
    kind: Annotated[
        Literal["walls", "corridors", "mixed"],
        typer.Option(help="Walls at random; a tree of corridors with one way; both, of 7 rows up."),
    ] = "walls",
    height: Annotated[int, typer.Option(min=5, max=30)] = 10,
    width: Annotated[int, typer.Option(min=5, max=30)] = 10,
    moves: Annotated[int, typer.Option(min=1, help="The shortest way's least.")] = 1,
    seed: Seed = 0,
    source: From = None,
    out: Out = None,
    dev: Dev = None,
    held_out: HeldOut = 0.1,
    as_json: AsJson = False,
) -> int:
    """Mazes with one of their shortest ways; `rating` counts its cells, both ends included.

    None is another one turned or mirrored.
    """
    from hrm_puzzles.maze import MazeTask
    from hrm_puzzles.maze.building import importing, mazes
    from hrm_specialists.schema.examples import read_examples

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
        if source is None:
            return list(_distinct(row, n, seed, group, quiet=as_json))
        examples = read_examples(source, MazeTask())
        found = importing.proved((one.problem, one.solution) for one in examples)
        rows = (
            (render(problem), render(problem, solution), cells)
            for problem, solution, cells in found
        )
        return list(islice({group(row): row for row in rows}.values(), n))

    def group(row: Row) -> str:
        return importing.identity(MazeTask.Problem.model_validate({"grid": row[0]}))

    return _write(_named(kind, source), make, seed, out, dev, held_out, group, as_json)


def _named(kind: str, source: Path | None) -> str:
    return f"generated_{kind}" if source is None else source.name


def _write(
    source: str,
    make: Callable[[], list[Row]],
    seed: int,
    out: Path | None,
    dev: Path | None,
    held_out: float,
    group: Callable[[Row], str],
    as_json: bool,
) -> int:
    """Make them all, then write them at once, so that no file is ever half there.

    Puzzles of one group are on one side of the held-out part.
    """
    if out is None and (as_json or dev is not None):
        what = "--json tells of a file" if as_json else "--dev is the other part of --out"
        raise UsageError(what, "--out FILE.csv")
    rows, apart = make(), []
    if dev is not None:
        for row in rows:
            digest = hashlib.sha256(group(row).encode()).hexdigest()
            if int(digest[:8], 16) < held_out * 16**8:
                apart.append(row)
        held = set(apart)
        rows = [row for row in rows if row not in held]
        _replace(dev, _table(apart, source))
    if out is None:
        typer.echo(_table(rows, source), nl=False)
        return OK
    _replace(out, _table(rows, source))
    spread = _spread(rows)
    if as_json:
        told = {"n": len(rows), "source": source, "seed": seed, "out": str(out)}
        told |= {} if dev is None else {"dev": str(dev), "n_dev": len(apart)}
        write_json({**told, "rating": spread})
        return OK
    beside = "" if dev is None else f", {len(apart)} in {dev}"
    ratings = ", ".join(f"{name} {rating}" for name, rating in spread.items()).replace("_", " ")
    show(plain(f"{len(rows)} puzzles in {out}{beside}; ratings: {ratings}"))
    return OK


def _table(rows: Iterable[Row], source: str) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["question", "answer", "source", "rating"])
    table.writerows((question, answer, source, rating) for question, answer, rating in rows)
    return text.getvalue()


def _distinct(
    make: Callable[[random.Random], Row],
    n: int,
    seed: int,
    group: Callable[[Row], str],
    *,
    quiet: bool,
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
            if (key := group(row)) not in seen:
                seen.add(key)
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
    """How hard they are: the distribution's quarters."""
    ratings = sorted(rating for *_, rating in rows)
    names = ("least", "quarter", "median", "three_quarters", "most")
    last = len(ratings) - 1
    return {name: ratings[at * last // 4] for at, name in enumerate(names)} if ratings else {}
