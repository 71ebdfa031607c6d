"""Messages along groups, states per symbol: what renaming and moving must not change."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hrm_puzzles.sudoku import SudokuTask
from hrm_puzzles.sudoku.symmetry import draw
from hrm_specialists.engine.prepared import Prepared
from hrm_specialists.errors import ConfigError
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import parameter_count
from hrm_specialists.training.recipe import relations_of

SIZES = {
    "hidden_size": 8,
    "expansion": 3.0,
    "intermediate_multiple": 8,
    "H_cycles": 1,
    "L_cycles": 2,
    "L_layers": 2,
    "pos_encodings": "none",
    "halt_readout": "mean",
}
SQUARE = [[0, 1], [2, 3], [0, 2], [1, 3]]
"""Rows and columns of two by two cells."""


def network(seed=0, **shape):
    small = {"seq_len": 4, "vocab_size": 5, "groups": SQUARE, "symbols": (2, 3, 4)}
    config = NetworkConfig(**{**SIZES, **small, **shape})
    net = HRM(config, torch.Generator().manual_seed(seed)).requires_grad_(False)
    drawn = torch.Generator().manual_seed(seed + 1)
    for name, weight in net.named_parameters():
        if name == "q_head.weight" or "messages" in name:  # silent in a fresh network
            torch.nn.init.normal_(weight, std=0.3, generator=drawn)
    return net


def sudoku_network(seed=0):
    return network(seed, seq_len=81, vocab_size=11, **relations_of(SudokuTask()))


def test_a_fresh_network_begins_without_messages():
    """Random ones drown what is given."""
    config = network().config
    fresh = HRM(config, torch.Generator().manual_seed(0)).requires_grad_(False)
    inputs = random_tokens(0, 1, 4, 5)
    swapped = inputs[:, [1, 0, 2, 3]]

    plain, other = thought(fresh, inputs)[0], thought(fresh, swapped)[0]

    torch.testing.assert_close(other, plain[:, [1, 0, 2, 3]])


def thought(net, inputs, segments=3):
    carry = net.first_carry(len(inputs))
    for _ in range(segments):
        carry, thinking = net(carry, net.embed(inputs))
    return thinking.logits, thinking.q_halt_logits


def random_tokens(seed, rows, cells, tokens):
    return torch.randint(1, tokens, (rows, cells), generator=torch.Generator().manual_seed(seed))


@given(seed=st.integers(0, 1000))
def test_every_symmetry_of_sudoku_moves_the_answer_and_nothing_else(seed):
    net, inputs = sudoku_network(seed % 7), random_tokens(seed, 1, 81, 11)
    symmetry = draw(random.Random(seed))
    moved = torch.tensor([symmetry.apply(inputs[0].tolist())])

    plain, plain_q = thought(net, inputs, segments=2)
    other, other_q = thought(net, moved, segments=2)

    expected = torch.empty_like(plain)
    expected[:, :, list(symmetry.symbols)] = plain[:, list(symmetry.positions)]
    torch.testing.assert_close(other, expected, atol=2e-3, rtol=2e-3)  # fp32, two segments
    torch.testing.assert_close(other_q, plain_q, atol=2e-3, rtol=2e-3)


def test_a_move_that_breaks_the_groups_changes_the_answer():
    net, inputs = network(), random_tokens(0, 1, 4, 5)
    swapped = inputs[:, [1, 0, 2, 3]]  # no symmetry: the columns fall apart

    plain, other = thought(net, inputs)[0], thought(net, swapped)[0]

    assert (other - plain[:, [1, 0, 2, 3]]).abs().max() > 1e-3


def test_without_symbols_each_position_has_one_state_and_every_token_its_own_weights():
    net = network(symbols=())
    assert net.first_carry(1).z_H.shape == (1, 4, 8)
    inputs = random_tokens(0, 1, 4, 5)
    renamed = torch.tensor([0, 1, 3, 2, 4])[inputs]

    plain, other = thought(net, inputs)[0], thought(net, renamed)[0]

    assert (other[..., [0, 1, 3, 2, 4]] - plain).abs().max() > 1e-3


def test_answers_that_a_renaming_swaps_are_exactly_as_likely_without_noise():
    """So a first pass needs some where a problem has several answers."""
    net, blank = network(), torch.ones(1, 4, dtype=torch.int64)
    carry = net.first_carry(1)
    noise = torch.randn(1, 12, 8, generator=torch.Generator().manual_seed(0))
    noisy = net(replace(carry, z_H=carry.z_H + noise), net.embed(blank))[1].logits[..., 2:]

    plain = thought(net, blank)[0][..., 2:]

    torch.testing.assert_close(plain, plain[..., :1].expand_as(plain), atol=1e-5, rtol=1e-5)
    assert noisy.std(-1).min() > 1e-3


def test_messages_reach_only_those_who_share_a_group():
    net = network(groups=[[0, 1], [2, 3]], L_layers=1, L_cycles=1)
    inputs = random_tokens(0, 2, 4, 5)
    inputs[1] = inputs[0]
    inputs[1, 0] = inputs[0, 0] % 4 + 1

    first, second = thought(net, inputs)[0]

    moved = (first - second).abs().amax(-1) > 1e-6
    assert moved.tolist() == [True, True, False, False]


def test_learned_positions_can_be_told_apart_and_symbols_still_cannot():
    net = network(pos_encodings="learned")
    torch.nn.init.normal_(net.embed_pos.weight)
    inputs = random_tokens(0, 1, 4, 5)
    renaming = torch.tensor([0, 1, 4, 2, 3])

    plain, renamed = thought(net, inputs)[0], thought(net, renaming[inputs])[0]
    swapped = thought(net, inputs[:, [2, 3, 0, 1]])[0]

    torch.testing.assert_close(renamed[..., renaming], plain, atol=1e-4, rtol=1e-4)
    assert (swapped - plain[:, [2, 3, 0, 1]]).abs().max() > 1e-3


@pytest.mark.parametrize("symbols", [(2, 3, 4), ()])
def test_the_prepared_form_computes_the_same(symbols):
    net, rows = network(symbols=symbols), 3
    x, first = net.embed(random_tokens(5, rows, 4, 5)), net.first_carry(rows)
    carry, thinking = net(first, x)

    z_H, z_L, turned = (t.transpose(0, 1).contiguous() for t in (first.z_H, first.z_L, x))
    logits, q = Prepared(net, torch.float32).segment(z_H, z_L, turned)

    torch.testing.assert_close(logits.transpose(0, 1), thinking.logits[..., 1:])
    torch.testing.assert_close(q, thinking.q_halt_logits)
    torch.testing.assert_close(z_L.transpose(0, 1), carry.z_L)


@pytest.mark.parametrize("shape", [{}, {"symbols": ()}, {"pos_encodings": "learned"}])
def test_parameters_are_counted_right(shape):
    net = network(**shape)
    assert sum(p.numel() for p in net.parameters()) == parameter_count(net.config)


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [
        ({"groups": [[0, 4]]}, "no set of positions"),
        ({"groups": [[1, 1]]}, "no set of positions"),
        ({"groups": ()}, "symbols need groups"),
        ({"symbols": (2,)}, "two or more"),
        ({"symbols": (2, 2)}, "two or more"),
        ({"symbols": (0, 2)}, "not tokens"),
        ({"symbols": (2, 5)}, "not tokens"),
        ({"mlp_t": True}, "choose one"),
        ({"puzzle_emb_len": 1}, "puzzle embedding"),
        ({"halt_readout": "first"}, "halt_readout mean"),
    ],
)
def test_a_shape_that_cannot_be_is_named(shape, complaint):
    with pytest.raises(ConfigError, match=complaint):
        network(**shape)
