"""The checker tells valid from shortest; symmetries are symmetries; problems say what is wrong."""

from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hrm_puzzles.maze import MazeProblem, MazeSolution, MazeTask
from hrm_puzzles.maze.augmenting import marked
from hrm_puzzles.maze.building.mazes import corridors, mixed, random_walls
from hrm_specialists.errors import ConfigError, TaskTooLarge
from hrm_specialists.installed import installed_task

TASK = MazeTask()
seeds = st.integers(0, 2**32)
sides = st.integers(5, 30)


def maze(*rows: str) -> MazeProblem:
    return MazeProblem.model_validate({"grid": rows})


def way(*rows: str) -> MazeSolution:
    return MazeSolution.model_validate({"grid": rows})


def fewest(grid: tuple[tuple[int, ...], ...]) -> int | None:
    """A second opinion, with a queue of positions in one line."""
    width = len(grid[0]) + 1
    line = [cell for row in grid for cell in (*row, 0)] + [0] * width
    queue, seen = deque([(line.index(2), 0)]), set()
    while queue:
        at, moves = queue.popleft()
        if line[at] == 3:
            return moves
        if line[at] and at not in seen:
            seen.add(at)
            queue.extend((at + by, moves + 1) for by in (1, -1, width, -width))
    return None


ROOM = maze("S   ", " ## ", "   G")


@pytest.mark.parametrize(
    ("rows", "valid", "shortest", "says"),
    [
        (("Sooo", " ##o", "   G"), True, True, ""),
        (("S   ", "o## ", "oooG"), True, True, ""),
        (("So  ", " ## ", "   G"), False, False, "do not lead"),
        (("Sooo", "o##o", "oooG"), True, False, "9 moves"),
        (("Sooo", "o##o", "   G"), False, False, "leads nowhere"),
        (("S   ", " ## ", "   G"), False, False, "do not lead"),
        (("Sooo", " #oo", "   G"), False, False, "row 2, column 3"),
        (("ooSo", " ##o", "   G"), False, False, "row 1, column 1"),
        (("Sooo", " ##o", "  G "), False, False, "row 3"),
        (("Sooo", " ##o"), None, None, ""),
    ],
)
def test_the_verdict_says_which_of_the_two_holds(rows, valid, shortest, says):
    if valid is None:
        with pytest.raises(ValidationError, match="goal"):
            way(*rows)
        return
    verdict = TASK.check(ROOM, way(*rows))
    assert dict(verdict.details) == {"valid": valid, "shortest": shortest}
    assert verdict.passed == shortest
    assert says in verdict.reason
    assert bool(verdict.reason) != verdict.passed


def test_a_detour_is_valid_and_not_the_shortest():
    problem = maze("S    ", "     ", "G    ")
    verdict = TASK.check(problem, way("Soo  ", "  o  ", "Goo  "))
    assert dict(verdict.details) == {"valid": True, "shortest": False}
    assert "6 moves" in verdict.reason
    assert "2 are enough" in verdict.reason


def test_no_way_passes_where_there_is_none():
    assert not TASK.check(maze("S#G", "   "[:1] + "##"), way("S#G", "o##")).passed


@settings(max_examples=40)
@given(seeds, sides, sides, st.sampled_from([random_walls, corridors]))
def test_what_is_built_is_valid_and_shortest_by_two_counts(seed, height, width, build):
    built = build(random.Random(seed), height, width)

    assert TASK.check(built.problem, built.solution).passed
    assert fewest(built.problem.grid) == built.moves
    assert (len(built.problem.grid), len(built.problem.grid[0])) == (height, width)


def test_the_same_seed_builds_the_same_maze():
    one, two = (random_walls(random.Random(3), 12, 9, moves=15) for _ in range(2))
    assert one == two
    assert one.moves >= 15


@settings(max_examples=25)
@given(seeds, seeds)
def test_a_solution_stays_one_under_every_symmetry(seed, turn):
    built = corridors(random.Random(seed), 30, 30)
    view, codec = TASK.symmetry(random.Random(turn)), TASK.codec

    asked = view.apply(codec.encode(built.problem))
    found = view.apply(codec.target(built.problem, built.solution))

    rows = [tuple(token - 1 for token in asked[at : at + 30]) for at in range(0, 900, 30)]
    ways = [tuple(token - 1 for token in found[at : at + 30]) for at in range(0, 900, 30)]
    turned = MazeProblem(grid=tuple(rows))
    assert TASK.check(turned, MazeSolution(grid=tuple(ways))).passed
    assert view.inverse().apply(asked) == codec.encode(built.problem)


def test_there_are_eight_symmetries():
    drawn = {TASK.symmetry(random.Random(seed)).positions for seed in range(100)}
    assert len(drawn) == 8
    assert tuple(range(900)) in drawn


def test_a_small_maze_lies_on_the_canvas_and_comes_back():
    codec = TASK.codec
    assert (codec.seq_len, codec.vocab_size) == (900, 6)
    solution = way("Sooo", " ##o", "   G")
    target = [max(token, 0) for token in codec.target(ROOM, solution)]
    assert codec.decode(ROOM, target) == solution
    with pytest.raises(TaskTooLarge):
        MazeTask(size=3).codec.encode(ROOM)
    assert type(installed_task("maze")) is MazeTask


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        (["S G", "  "], "rows of 2 to 3 cells"),
        (["S  "], "0 cells are the goal"),
        (["SSG"], "2 cells are the start"),
        (["S?G"], "integer"),
        (["S" + " " * 30 + "G"], "at most 30"),
        ([[2, [1], 3]], "integer"),
        ("", "at least 1"),
    ],
)
def test_what_is_no_maze_is_refused_with_the_reason(grid, says):
    with pytest.raises(ValidationError, match=says):
        MazeProblem.model_validate({"grid": grid})


def test_a_maze_is_drawn_for_people():
    assert TASK.render(ROOM) == "S   \n ## \n   G"
    assert TASK.render(ROOM, way("Sooo", " ##o", "   G")).startswith("Sooo\n ##o")


@given(seed=seeds)
def test_a_turned_maze_is_marked_as_the_rule_marks_it(seed):
    rng = random.Random(seed)
    made = random_walls(rng, 7, 9, moves=6)

    problem, solution = TASK.augment(made.problem, made.solution, rng)

    assert TASK.check(problem, solution).passed
    assert marked(problem.grid).solution == solution
    assert sorted(c for row in problem.grid for c in row) == sorted(
        c for row in made.problem.grid for c in row
    )


def test_a_goal_behind_walls_cannot_be_marked():
    with pytest.raises(ValueError, match="cannot be reached"):
        marked(maze("S#G", "###").grid)


def test_mixed_mazes_have_both_kinds_and_many_sizes():
    made = [mixed(random.Random(seed), 15, 15) for seed in range(60)]

    sizes = {(len(m.problem.grid), len(m.problem.grid[0])) for m in made}
    assert len(sizes) > 20
    assert (15, 15) in sizes
    assert all(7 <= side <= 15 for size in sizes for side in size)


def test_a_smaller_canvas_is_one_of_the_tasks_own():
    assert TASK.on_canvas(15).codec.seq_len == 225
    with pytest.raises(ConfigError, match="no canvas of side 16"):
        TASK.on_canvas(16)
