"""A problem thinks on the smallest canvas that holds it."""

from __future__ import annotations

import random

import pytest

from hrm_puzzles.maze import MazeProblem, MazeTask
from hrm_puzzles.maze.building.mazes import random_walls
from hrm_specialists.engine.calibration import Calibration
from hrm_specialists.engine.opening import SizedEngine
from hrm_specialists.engine.plan import SearchSettings
from hrm_specialists.engine.runner import Runner
from hrm_specialists.errors import ConfigError, TaskTooLarge
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.schema.examples import Example
from hrm_specialists.teaching.measuring import Trained
from hrm_specialists.teaching.teach import train
from hrm_specialists.training.recipe import Recipe

SMALL = {
    "hidden_size": 8,
    "intermediate_multiple": 8,
    "conv_kernel": 3,
    "pos_encodings": "none",
    "halt_readout": "mean",
    "halt_max_steps": 2,
}


@pytest.fixture(scope="module")
def specialist(tmp_path_factory):
    """A maze specialist that was taught next to nothing, on a small canvas."""
    rng = random.Random(0)
    made = [random_walls(rng, 6, 6, moves=3) for _ in range(60)]
    pairs = [
        ({"grid": m.problem.grid}, {"grid": m.solution.grid}) for m in made
    ]  # plain values, as from a file
    recipe = Recipe(
        network={**SMALL, "grid_width": 10},
        steps=2,
        batch=4,
        canvas=10,
        views=2,
        compile=False,
        symmetries=1,
    )
    with train(
        pairs,
        name="maze",
        task=MazeTask(),
        recipe=recipe,
        root=tmp_path_factory.mktemp("taught"),
        device="cpu",
    ) as taught:
        yield taught


def room(side: int) -> MazeProblem:
    rows = [[1] * side for _ in range(side)]
    rows[0][0], rows[0][1], rows[-1][-1] = 2, 0, 3
    return MazeProblem.model_validate({"grid": rows})


@pytest.mark.parametrize(("side", "canvas"), [(5, 10), (10, 10), (11, 15), (30, 30)])
def test_the_smallest_canvas_is_taken(specialist, side, canvas):
    attempt = specialist.solve(room(side), effort="low")
    engine = specialist.solver

    assert attempt.segments >= 1
    assert isinstance(engine, SizedEngine)
    assert engine._engine_for(room(side)).task.size == canvas


def test_what_was_taught_is_measured_on_the_smallest_canvas_too(monkeypatch):
    """Trained on 10 by 10, a run is not measured on nine times as many positions."""
    thought: list[int] = []
    think = Runner.think
    monkeypatch.setattr(
        Runner, "think", lambda self, at: thought.append(self.config.positions) or think(self, at)
    )
    shape = NetworkConfig(seq_len=900, vocab_size=6, grid_width=30, **SMALL)
    examples = [Example(room(side), None) for side in (5, 10)]

    trained = Trained(MazeTask(), shape, HRM(shape).state_dict(), SearchSettings(), "cpu")
    trained.measured(examples, Calibration(), 1.0)

    assert set(thought) == {100}


def test_what_fits_no_canvas_is_refused_by_the_largest(specialist):
    largest = MazeTask(20)
    small = SizedEngine([e for e in specialist.solver.engines if e.task.size <= 20])

    assert small.engines[-1].task.size == largest.size
    with pytest.raises(TaskTooLarge, match="at most 20x20"):
        small.submit(room(21))


def test_only_convolutions_over_a_grid_change_their_canvas():
    config = NetworkConfig(seq_len=100, vocab_size=6, conv_kernel=3, grid_width=10)

    assert config.on_canvas(15).positions == 225
    for other in ({"mlp_t": True}, {"conv_kernel": 3}, {}):
        with pytest.raises(ConfigError, match="convolution over a grid"):
            NetworkConfig(seq_len=100, vocab_size=6, **other).on_canvas(15)
