"""The network does the solving: with random weights, none is solved."""

from __future__ import annotations

import torch

from hrm_puzzles.sudoku import SudokuProblem, SudokuTask
from hrm_specialists.engine.plan import SearchSettings
from hrm_specialists.training.recipe import relations_of

EASY = (
    "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
    "6..2.153..3.....97....3.6...8.....52713..24.6....8.179..8....14..2.1.8..3.1.967..",
    "..3......7.1..9..58.......9...8..5.71..3..4.6...256.9...7.4..5....9687.2...5..3.1",
)
TOLD = {**relations_of(SudokuTask()), "hidden_size": 16, "halt_readout": "mean"}
SHAPES = ({"hidden_size": 64, "mlp_t": True}, TOLD)


def random_network(planted, shape):
    network = planted.tiny_network(
        seq_len=81, pos_encodings="none", H_cycles=1, halt_max_steps=8, **shape
    )
    for name, weight in network.named_parameters():
        if name.endswith("down_proj.weight"):  # messages are silent at first
            torch.nn.init.normal_(weight, std=0.3)
    torch.nn.init.constant_(network.q_head.bias, 10.0)  # however sure it is of itself
    return network


def test_with_random_weights_no_sudoku_is_solved(make_engine, planted):
    for shape in SHAPES:
        engine = make_engine(SudokuTask(), random_network(planted, shape))
        for grid in EASY:
            attempt = engine.submit(SudokuProblem(grid=grid), effort="low").future.result(60)
            assert attempt.reason == "effort spent"
            assert attempt.verdict is None or not attempt.verdict.passed
            assert attempt.confidence == 0.0
            assert attempt.segments == 8


def test_guesses_of_a_random_network_solve_none_either(make_engine, planted):
    """Guesses come from the network alone; nothing else on the way knows the rules."""
    settings = SearchSettings(guesses=6, restarts={"default": 8})
    engine = make_engine(SudokuTask(), random_network(planted, TOLD), settings=settings)

    tickets = [engine.submit(SudokuProblem(grid=grid)) for grid in EASY]
    for ticket in tickets:
        attempt = ticket.future.result(120)
        assert attempt.starts == 9
        assert attempt.verdict is None or not attempt.verdict.passed
