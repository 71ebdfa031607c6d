"""A specialist begins with what another knows, symbol by symbol."""

from __future__ import annotations

import pytest
import torch

from hrm_specialists.errors import ConfigError
from hrm_specialists.teaching.data_task import infer_task
from hrm_specialists.teaching.starting import Start

NETWORK = {"hidden_size": 4, "H_cycles": 1}


def test_a_symbol_keeps_its_weights_under_another_token():
    """`b` is the second letter of one task and the third of the other."""
    old = infer_task("old", [("ab", "ba"), ("ba", "ab"), ("a", "a")])
    new = infer_task("new", [("Ab", "bA"), ("bab", "bab"), ("ba", "ab")])
    rows = torch.arange(old.codec.vocab_size * 4, dtype=torch.float32).view(-1, 4)
    weights = {"embed_tokens.weight": rows, "lm_head.weight": -rows}
    start = Start(NETWORK, weights, old.codec.to_config())

    fitted = start.fitted(new.codec)

    at = {str(symbol): token for token, symbol in old.codec.symbols.items()}
    for token, symbol in new.codec.symbols.items():
        if str(symbol) in at:
            assert fitted["embed_tokens.weight"][token].equal(rows[at[str(symbol)]])
            assert fitted["lm_head.weight"][token].equal(-rows[at[str(symbol)]])
    assert len(fitted["embed_tokens.weight"]) == new.codec.vocab_size


def test_shipped_specialists_are_found_by_name_and_others_are_not(tmp_path):
    """The name is enough; a wrong one says where was looked."""
    assert Start.at("sudoku", tmp_path).network["hidden_size"] > 0
    with pytest.raises(ConfigError, match="nor shipped"):
        Start.at("crosswords", tmp_path)
