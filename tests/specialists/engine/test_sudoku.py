"""The network does the solving: with random weights, none is solved."""

from __future__ import annotations

import torch

from hrm_puzzles.sudoku import SudokuProblem, SudokuTask

EASY = (
    "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79",
    "6..2.153..3.....97....3.6...8.....52713..24.6....8.179..8....14..2.1.8..3.1.967..",
    "..3......7.1..9..58.......9...8..5.71..3..4.6...256.9...7.4..5....9687.2...5..3.1",
)


def test_with_random_weights_no_sudoku_is_solved(make_engine, planted):
    network = planted.tiny_network(
        seq_len=81, hidden_size=64, mlp_t=True, pos_encodings="none", H_cycles=1, halt_max_steps=8
    )
    torch.nn.init.constant_(network.q_head.bias, 10.0)  # however sure it is of itself
    engine = make_engine(SudokuTask(), network)

    for grid in EASY:
        attempt = engine.submit(SudokuProblem(grid=grid), effort="low").future.result(20)
        assert attempt.reason == "effort spent"
        assert attempt.verdict is None or not attempt.verdict.passed
        assert attempt.confidence == 0.0
        assert attempt.segments == 8
