"""Symmetries are found by trying them against the checker, and never believed without."""

from __future__ import annotations

import random
from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field

from hrm_specialists.contract import Task, Verdict
from hrm_specialists.errors import ConfigError, DataError, IncompatibleCheckpoint
from hrm_specialists.packaging import read_config
from hrm_specialists.registry import load_specialist
from hrm_specialists.schema.examples import read_pairs
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.symmetries import Symmetries, moved, possible_moves
from hrm_specialists.teaching.splitting import split
from hrm_specialists.teaching.teach import train
from hrm_specialists.teaching.trying import (
    declared_symmetries,
    find_symmetries,
    same_up_to,
    told,
)

Row = Annotated[tuple[Annotated[int, Field(ge=0, le=4)], ...], Field(min_length=4, max_length=4)]


class Board(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    grid: Annotated[tuple[Row, ...], Field(min_length=4, max_length=4)]


def fallen(grid):
    """Everything falls down; what stood higher stays higher."""
    columns = [[cell for cell in column if cell] for column in zip(*grid, strict=True)]
    return list(zip(*([0] * (4 - len(c)) + c for c in columns), strict=True))


def doubled(grid):
    """Each 1 becomes a 2."""
    return [[2 if cell == 1 else cell for cell in row] for row in grid]


class Falling(Task[Board, Board]):
    name = "falling"
    Problem = Solution = Board
    rule = staticmethod(fallen)

    def check(self, problem, solution):
        return Verdict(
            [tuple(r) for r in self.rule(problem.grid)] == list(map(tuple, solution.grid))
        )


class Doubling(Falling):
    name = "doubling"
    rule = staticmethod(doubled)


def pairs(task, n=60):
    rng = random.Random(0)
    grids = [[[rng.randrange(5) for _ in range(4)] for _ in range(4)] for _ in range(n)]
    return [(Board(grid=g), Board(grid=task.rule(g))) for g in grids]


def test_a_task_without_sides_has_all_eight_moves():
    """And the symbols of which the rule says nothing are alike."""
    task = Doubling()

    found = find_symmetries(task, pairs(task))

    assert found == Symmetries(tuple(range(8)), ((3, 6, 7),))  # 0, 3 and 4, but not 1 and 2
    assert told(task, found).endswith("0 3 4 alike")


def test_what_falls_down_is_only_mirrored():
    """Turned or upside down it would fall elsewhere; what is no blank is all alike."""
    task = Falling()

    found = find_symmetries(task, pairs(task))

    assert found == Symmetries((0, 4), ((4, 5, 6, 7),))
    assert told(task, found) == "mirrored left to right; 1 2 3 4 alike"


def test_nothing_is_found_without_a_checker_or_with_one_that_passes_nothing():
    task = Falling()

    class Unchecked(Task[Board, Board]):
        name = "unchecked"
        Problem = Solution = Board

    assert find_symmetries(Unchecked(), pairs(task)) is None
    assert find_symmetries(task, [(p, p) for p, _ in pairs(Doubling())]) is None


@pytest.mark.parametrize("seed", range(5))
def test_problems_that_differ_by_a_symmetry_are_one_problem(seed):
    """They are never on both sides of a split."""
    task, rng = Falling(), random.Random(seed)
    known = Symmetries((0, 4), ((4, 5, 6, 7),))
    key = same_up_to(task, known)
    grid = [[rng.randrange(5) for _ in range(4)] for _ in range(4)]
    tokens = task.codec.encode(Board(grid=grid))
    other = known.draw(task.codec, rng).apply(tokens)

    seen = [[other[4 * r + c] - 3 for c in range(4)] for r in range(4)]
    assert key({"grid": grid}) == key({"grid": seen}) == key(grid)
    assert key(grid) != key(moved(grid, 2))


def test_a_split_keeps_mirrored_examples_together():
    task = Falling()
    given = [(p.model_dump(), s.model_dump()) for p, s in pairs(task)]
    given += [({"grid": moved(p["grid"], 4)}, {"grid": moved(s["grid"], 4)}) for p, s in given]
    key = same_up_to(task, Symmetries((0, 4)))
    cut = split(read_pairs(given), seed=0, key=key)

    parts = [{key(pair.problem) for pair in part} for part in (cut.train, cut.validation, cut.test)]
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_symmetries_are_declared_and_refused_where_examples_contradict():
    grids = [p.model_dump(mode="json")["grid"] for p, _ in pairs(Falling())]
    plain = [(g, [list(row) for row in fallen(g)]) for g in grids]
    plain += [(moved(p, 2), [list(row) for row in fallen(moved(p, 2))]) for p, _ in plain]
    task = infer_task("falling", plain)
    models = [(task.Problem.model_validate(p), task.Solution.model_validate(s)) for p, s in plain]

    assert declared_symmetries(task, ["mirror"], models).moves == (0, 4)
    with pytest.raises(DataError, match=r"upside down, example .* another solution"):
        declared_symmetries(task, ["flip"], models)
    with pytest.raises(ConfigError, match="no symmetry is called 'spin'; known: mirror"):
        declared_symmetries(task, ["spin"], models)
    flat = infer_task("flat", [({"a": n}, n % 2) for n in range(60)])
    with pytest.raises(ConfigError, match="cannot move so"):
        declared_symmetries(flat, ["mirror"], [])


def test_turns_follow_from_turns_and_need_a_square():
    square = infer_task("square", [([[n, 1], [0, 1]], [[n, 0], [0, 0]]) for n in range(9)])
    wide = infer_task("wide", [([[n, 1, 0], [0, 1, 1]], n % 2) for n in range(9)])

    assert declared_symmetries(square, ["turn"], []).moves == (0, 3, 5, 6)
    assert declared_symmetries(square, ["turn", "mirror"], []).moves == tuple(range(8))
    assert possible_moves(wide.codec) == (0, 2, 4, 6)


def test_what_was_found_is_kept_with_the_specialist(tmp_path):
    """Training, search, card and a later load know the same symmetries."""
    task = Falling()
    recipe = {
        "steps": 2,
        "compile": False,
        "network": {"hidden_size": 16, "num_heads": 1},
        "search": {"restarts": {"default": 0}},
    }
    given = [(p.model_dump(), s.model_dump()) for p, s in pairs(task)]
    with train(
        given, name="falling", task=task, recipe=recipe, root=tmp_path, device="cpu"
    ) as taught:
        assert taught.card["symmetries"] == "mirrored left to right; 1 2 3 4 alike"
        assert task.symmetries is None  # the caller's own stays as it was
    folder = taught.folder
    assert "mirrored left to right" in (folder / "README.md").read_text("utf-8")

    loaded = load_specialist(folder, task=Falling(), device="cpu")

    assert loaded.task.symmetries == Symmetries((0, 4), ((4, 5, 6, 7),))
    assert loaded.task.symmetry(random.Random(1)) is not None
    broken = read_config(folder).model_copy(update={"symmetries": {"moves": [0, 9]}})
    (folder / "config.json").write_text(broken.model_dump_json(), "utf-8")
    with pytest.raises(IncompatibleCheckpoint, match="do not fit"):
        load_specialist(folder, task=Falling(), device="cpu")
