"""`hrm-agent bench …`: figures that a claim can rest on."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hrm_agent.cli.context import Context
from hrm_agent.cli.inputs import read_rows
from hrm_agent.cli.options import AsJson, Specialists
from hrm_agent.cli.output import OK, note, plain, show, write_json
from hrm_specialists.errors import DataError

if TYPE_CHECKING:
    from hrm_puzzles.sudoku.building.puzzles import Puzzle
    from hrm_router.deciding import LabelledQuery
    from hrm_router.router import Router
    from hrm_router.routing_scores import RoutingScores, Share
    from hrm_specialists.schema.examples import Example
    from hrm_specialists.specialist import Specialist

bench = typer.Typer(
    name="bench", help="Measure how well and how fast things go.", no_args_is_help=True
)


@bench.command("routing")
def routing(
    ctx: typer.Context,
    data: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE.jsonl",
            help="Queries with fields query and label (a task, hybrid or llm), and further "
            "labels to accept; may be given several times.",
        ),
    ],
    specialist: Specialists = None,
    as_json: AsJson = False,
) -> int:
    """Decide labelled queries: accuracy, false claims, calibration, time; no LLM is asked."""
    import asyncio

    context: Context = ctx.obj
    queries = [query for file in data for query in _labelled(file)]
    scores = asyncio.run(_evaluate(context.router(specialist), queries))
    if as_json:
        write_json(_plain(scores))
    else:
        show(plain(scores))
    return OK


@bench.command("router")
def router(
    solves: Annotated[int, typer.Option(min=100, help="Solves to make.")] = 10_000,
    outstanding: Annotated[int, typer.Option(min=1, help="Solves under way at once.")] = 1_000,
    seed: Annotated[int, typer.Option(min=0, help="Varies the problems.")] = 0,
    as_json: AsJson = False,
) -> int:
    """Measure what a router adds to its specialists: overhead, event-loop lag, memory."""
    import asyncio

    from hrm_bench.overhead import measure

    figures = asyncio.run(measure(solves, outstanding, seed))
    if as_json:
        write_json(figures)
    else:
        show("\n".join(f"{name}: {value}" for name, value in figures.items()))
    return OK


@bench.command("speed")
def speed(
    data: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE.csv|.jsonl",
            help="Labelled Sudokus; ratios are about the first file. Generated ones otherwise.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=8, help="Puzzles of each set.")] = 100,
    threads: Annotated[int, typer.Option(min=1, help="For us and the others.")] = 1,
    llm: Annotated[bool, typer.Option(help="Time an LLM's chain of thought, too.")] = True,
    training: Annotated[bool, typer.Option(help="Time training, too.")] = True,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json", help="Write the record here; tables and pictures beside it."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Speed in one run: ours against the reference way, published networks and an LLM."""
    from hrm_bench.report import pictures, tables
    from hrm_bench.speed import measure
    from hrm_specialists.installed import installed_task, task_folder
    from hrm_specialists.registry import load_installed
    from hrm_specialists.training.recipe import Recipe

    recipe = task_folder(installed_task("sudoku")) / "recipe.toml"
    with load_installed("sudoku", device="cpu") as specialist:
        sets = _sets(specialist, data, limit)
        record = measure(
            specialist,
            sets,
            threads=threads,
            llm=llm,
            training=Recipe.load(recipe) if training else None,
            tell=note,
        )
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
        out.with_name(f"{out.stem}-tables.md").write_text(tables(record), "utf-8")
        for end, picture in pictures(record).items():
            out.with_name(f"{out.stem}{end}.png").write_bytes(picture)
    if as_json:
        write_json(record)
    else:
        show(plain(tables(record)))
    return OK


@bench.command("teach")
def teach(
    out: Annotated[
        Path,
        typer.Option(
            metavar="FILE.jsonl",
            help="One line a family; those in it are done already. The table goes beside it.",
        ),
    ],
    family: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="May be repeated; all by default.")
    ] = None,
    minutes: Annotated[float, typer.Option(metavar="MINUTES", help="Of one core, for each.")] = 3.0,
    examples: Annotated[int, typer.Option(min=50)] = 1000,
    fresh: Annotated[int, typer.Option(min=1, help="Items to be scored on.")] = 200,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    kind: Annotated[
        Literal["families", "tables", "texts", "series", "numbers"],
        typer.Option(help="What to teach: families, or data from inside packages."),
    ] = "families",
    industrial: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Files of the robot and anomalies.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Generality: teach families of reasoning-gym, or sets of a kind, and score them."""
    from dataclasses import asdict

    import torch

    from hrm_bench import families, tables

    torch.set_num_threads(1)
    found: Sequence[Any]
    if kind == "families":
        found = families.measure(
            family or (), out, minutes=minutes, examples=examples, fresh=fresh, seed=seed, tell=note
        )
        table = families.to_markdown(found)
        out.with_suffix(".md").write_text(table, "utf-8")
    else:
        chosen: dict[str, Any] = {"only": family or (), "industrial": industrial, "seed": seed}
        found = tables.measure(kind, out, minutes=minutes, tell=note, **chosen)
        table = "\n".join(map(tables.to_line, found))
    if as_json:
        write_json({kind: [asdict(result) for result in found]})
    else:
        show(plain(table))
    return OK


@bench.command("trust")
def trust(
    draws: Annotated[int, typer.Option(min=1, help="Data sets of each kind.")] = 10,
    minutes: Annotated[float, typer.Option(metavar="MINUTES", help="Of one core, for each.")] = 0.3,
    seed: Annotated[int, typer.Option(min=0, help="Of the first data set.")] = 0,
    kind: Annotated[
        list[str] | None, typer.Option(help="table, text, grid, drawing; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Does accepted mean what it says? Precision and calibration over noisy data sets."""
    from dataclasses import asdict

    import torch

    from hrm_bench.trust import KINDS, draw, to_markdown

    torch.set_num_threads(1)
    found = []
    for one in KINDS:
        if kind and one not in kind:
            continue
        for number in range(seed, seed + draws):
            found.append(draw(one, number, minutes=minutes))
            note(str(found[-1]))
    if as_json:
        write_json({"draws": [asdict(one) | {"holds": one.holds} for one in found]})
    else:
        show(plain(to_markdown(found)))
    return OK


def _sets(
    specialist: Specialist, data: list[Path] | None, limit: int
) -> dict[str, Sequence[Example]]:
    """Puzzles by the name of their file, or freshly generated ones."""
    from hrm_puzzles.sudoku.building.breeding import minimal
    from hrm_puzzles.sudoku.building.puzzles import easy
    from hrm_specialists.schema.examples import Example, read_examples

    task = specialist.task
    if data:
        return {file.stem: read_examples(file, task, limit=limit) for file in data}

    def example(puzzle: Puzzle) -> Example:
        given, found = ("".join(map(str, cells)) for cells in (puzzle.cells, puzzle.solution))
        return Example(
            task.Problem.model_validate({"grid": given}),
            task.Solution.model_validate({"grid": found}),
        )

    rng = random.Random(2024)
    return {
        "easy": [example(easy(rng)) for _ in range(limit)],
        "minimal": [example(puzzle) for puzzle in islice(minimal(rng), limit)],
    }


async def _evaluate(router: Router, queries: list[LabelledQuery]) -> RoutingScores:
    async with router:
        return await router.evaluate(queries)


def _labelled(file: Path) -> list[LabelledQuery]:
    """Raises DataError where a line has no `query` or no `label`."""
    from pydantic import ValidationError

    from hrm_router.deciding import LabelledQuery

    queries = []
    for number, row in read_rows(file):
        known = {key: row[key] for key in LabelledQuery.model_fields if key in row}
        try:
            queries.append(LabelledQuery.model_validate(known))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise DataError(f"{where}: {first['msg']}", file=file, line=number) from error
    return queries


def _plain(scores: RoutingScores) -> dict[str, Any]:
    """As JSON, every share with its value."""
    shares: dict[str, Share] = {
        name: getattr(scores, name)
        for name in ("accuracy", "claimed", "hybrids", "false_claims", "abstentions")
    }
    return {
        **scores.model_dump(mode="json"),
        **{name: {"value": one.value, **one.model_dump()} for name, one in shares.items()},
    }
