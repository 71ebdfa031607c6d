"""Views of ARC grids: eight turns and new colours, each undone exactly."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from hrm_puzzles.arc import ArcProblem, ArcTask
from hrm_puzzles.arc.symmetry import TURNS, View, draw, free_colours

rows = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.tuples(*[st.integers(0, 9)] * width), min_size=1, max_size=5).map(
        tuple
    )
)


@given(rows, st.integers(0, 2**32), st.booleans())
def test_a_view_is_undone_exactly(grid, seed, recolour):
    view = draw(random.Random(seed), tuple(range(1, 10)), recolour=recolour)
    seen = view.apply(grid)
    assert view.undo(seen) == grid
    assert (len(seen), len(seen[0])) == view.size(len(grid), len(grid[0]))


def test_there_are_eight_turns_and_they_differ():
    grid = ((1, 2), (3, 4))
    assert len({View(turn).apply(grid) for turn in range(TURNS)}) == TURNS
    assert View().apply(grid) == grid
    assert View(3).apply(grid) == ((2, 4), (1, 3))  # turned left


def test_colours_that_stand_in_every_demonstration_keep_their_place():
    problem = ArcTask.example
    free = free_colours(problem)
    assert 0 not in free
    assert {1, 2, 3} <= set(free)
    with_frame = ArcProblem.model_validate(
        {
            "train": [{"input": [[5, colour]], "output": [[colour, 5]]} for colour in (1, 2)],
            "test": [{"input": [[5, 3]]}],
        }
    )
    assert 5 not in free_colours(with_frame)
    view = draw(random.Random(1), free_colours(with_frame), recolour=True)
    assert view.colours[5] == 5
