"""What a cell sees, against the plainest way to look for it."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from hrm_puzzles.arc.adapting.sights import FACTS, SIGHTS, look

STEPS = {
    "left": (0, -1),
    "right": (0, 1),
    "up": (-1, 0),
    "down": (1, 0),
    "up left": (-1, -1),
    "down right": (1, 1),
    "up right": (-1, 1),
    "down left": (1, -1),
}


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(1, 7), st.integers(1, 7))
def test_rays_meet_the_nearest_colour_off_the_ground(seed, height, width):
    rng = random.Random(seed)
    grid = tuple(tuple(rng.choice((0, 0, 0, 1, 2)) for _ in range(width)) for _ in range(height))
    floor = 0 if any(0 in row for row in grid) else max((1, 2), key=sum(grid, ()).count)
    seen, facts = look(grid, height, width)
    assert seen.max() <= 10
    assert all(facts[..., at].max() < size for at, (_, size) in enumerate(FACTS))
    for name, (dr, dc) in STEPS.items():
        for r in range(height):
            for c in range(width):
                i, j = r + dr, c + dc
                while 0 <= i < height and 0 <= j < width and grid[i][j] == floor:
                    i, j = i + dr, j + dc
                inside = 0 <= i < height and 0 <= j < width
                assert seen[r, c, SIGHTS.index(name)] == (grid[i][j] + 1 if inside else 0)


def test_mirrors_objects_and_enclosed_ground_are_told():
    grid = ((3, 3, 3, 0), (3, 0, 3, 0), (3, 3, 3, 5), (0, 0, 0, 0))
    seen, facts = look(grid, 4, 4)
    fact = {name: facts[..., at] for at, (name, _) in enumerate(FACTS)}
    sight = {name: seen[..., at] - 1 for at, name in enumerate(SIGHTS)}
    assert fact["enclosed"][1, 1] == 2
    assert fact["enclosed"][3, 3] == 1
    assert sight["mirrored across"][2, 0] == 5
    assert sight["object's most frequent"][2, 3] == 3
    assert sight["object's rarest"][0, 0] == 5
    assert sight["most frequent"][0, 0] == 3


def test_a_larger_answer_sees_the_grid_stretched_and_tiled():
    seen, _ = look(((1, 2),), 2, 4)
    assert (seen[..., 0] - 1).tolist() == [[1, 1, 2, 2]] * 2
    assert (seen[..., SIGHTS.index("tiled")] - 1).tolist() == [[1, 2, 1, 2]] * 2
    assert (seen[..., SIGHTS.index("in place")] - 1).tolist() == [[1, 2, -1, -1], [-1] * 4]


def test_a_smaller_answer_sees_what_is_most_in_its_share():
    seen, _ = look(((0, 4, 0, 0), (4, 0, 7, 0)), 1, 2)
    assert (seen[0, :, SIGHTS.index("box's majority")] - 1).tolist() == [4, 7]
