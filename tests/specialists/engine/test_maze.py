"""The shipped maze network finds ways on canvases of every size; random weights find none."""

from __future__ import annotations

import random

import torch

from hrm_puzzles.maze import MazeTask
from hrm_puzzles.maze.building.mazes import corridors
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.registry import load_installed


def mazes(side, count):
    return [corridors(random.Random(f"{side}/{n}"), side, side, moves=side) for n in range(count)]


def test_mazes_larger_than_any_in_training_are_solved():
    with load_installed("maze") as specialist:
        solved = [
            specialist.solve(made.problem).verdict.passed
            for side, count in ((9, 4), (15, 4), (21, 2))
            for made in mazes(side, count)
        ]

    assert sum(solved) >= len(solved) - 1


def test_with_random_weights_no_way_is_found(make_engine):
    config = NetworkConfig(
        seq_len=225, vocab_size=6, hidden_size=16, conv_kernel=3, grid_width=15, halt_max_steps=8
    )
    engine = make_engine(MazeTask(15), HRM(config, torch.Generator().manual_seed(0)))

    for made in mazes(9, 4):
        attempt = engine.submit(made.problem, effort="low").future.result(20)
        assert attempt.verdict is None or not attempt.verdict.passed
