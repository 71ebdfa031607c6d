"""Positions counted from both ends, and what is told to all of them."""

from __future__ import annotations

import pytest
import torch

from hrm_specialists.engine.runner import Placement, Runner
from hrm_specialists.errors import ConfigError
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import parameter_count
from hrm_specialists.network.layers import Attention, attend

GRID, ONE, OPEN = (0, 3, 4, 4, True), (12, 1, 1, 1, True), (16, 1, 4, 4, False)
SIZES = {
    "seq_len": 20,
    "vocab_size": 6,
    "hidden_size": 16,
    "num_heads": 2,
    "intermediate_multiple": 8,
    "H_cycles": 1,
    "L_cycles": 1,
    "L_layers": 1,
    "H_layers": 1,
    "H_attends": True,
    "pos_encodings": "places",
    "regions": (GRID, ONE, OPEN),
}


def network(**shape):
    config = NetworkConfig(**{**SIZES, **shape})
    return HRM(config, torch.Generator().manual_seed(0)).requires_grad_(False)


def tokens(rows, columns, one=2):
    """A value of so many rows and columns in a grid of 3x4, and a single token."""
    board = torch.zeros(5, 4, dtype=torch.int64)
    board[:rows, :columns] = 3
    board[3, 0] = one
    board[4] = 1
    return board.view(1, 20)


def test_the_last_row_of_a_value_is_known_whatever_its_height():
    """From the far side, the third row of three is what the second of two is."""
    places = network().places
    places.row.weight.zero_()
    for table in places.tables:
        table.weight.zero_()

    two, three = places(tokens(2, 4)), places(tokens(3, 4))

    torch.testing.assert_close(two[0, 4:8], three[0, 8:12])
    assert not torch.allclose(two[0, 4:8], three[0, 4:8])


def test_single_tokens_and_sizes_are_told_to_every_position():
    """What an answer has to know stands where the answer will."""
    places = network().places

    assert not torch.allclose(places(tokens(2, 4, 2))[0, 16:], places(tokens(2, 4, 4))[0, 16:])
    assert not torch.allclose(places(tokens(2, 4))[0, 16:], places(tokens(3, 4))[0, 16:])


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"conv_kernel": 3, "grid_width": 4, "conv_wraps": True},
        {"looks_by_place": True},
        {"looks_by_place": True, "H_layers": 0, "H_attends": False},
    ],
)
def test_the_engine_runs_what_was_trained(shape):
    """Levels that mix in different ways are counted, and thought with in plain form."""
    net = network(**shape)
    assert parameter_count(net.config) == sum(p.numel() for p in net.parameters())

    with torch.no_grad():
        _, wanted = net(net.first_carry(1), net.embed(tokens(2, 3)))
    runner = Runner(net, device="cpu")
    assert runner._prepared is None
    runner.place([Placement(0, tokens(2, 3)[0].tolist())])
    thought = runner.think([0])

    assert thought.answers == (wanted.logits[..., 1:].argmax(-1) + 1).tolist()


def test_a_wrapping_convolution_reaches_the_other_side():
    """The first cell is the neighbour of the last."""
    net = network(seq_len=16, regions=((0, 4, 4, 4, True),), conv_kernel=3, grid_width=4)
    wraps = network(
        seq_len=16, regions=((0, 4, 4, 4, True),), conv_kernel=3, grid_width=4, conv_wraps=True
    )
    z = torch.zeros(1, 16, 16)
    z[0, 15] = 1.0

    assert net.recurrence.L_level.layers[0].conv(z)[0, 0].abs().max() == 0
    assert wraps.recurrence.L_level.layers[0].conv(z)[0, 0].abs().max() > 0


def test_attention_by_place_finds_what_stands_there_whatever_it_is():
    """Every position reads its neighbour on the left, though its content never asked."""
    size = 16
    attention = Attention(size, 1, by_place=True).requires_grad_(False)
    here = torch.eye(size)
    attention.qkv_proj.weight.copy_(torch.cat([0 * here, 0 * here, here]))
    attention.place_proj.weight.copy_(40 * torch.cat([here.roll(1, 1), here]))
    attention.o_proj.weight.copy_(here)
    x = torch.randn(2, size, size, generator=torch.Generator().manual_seed(0))

    torch.testing.assert_close(attention(x, here.expand(2, -1, -1)), x.roll(1, 1))


def test_a_cpu_learns_attention_in_fp32():
    """Torch's way back through bf16 attention takes five times as long."""
    q = torch.randn(1, 1, 4, 8, dtype=torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert attend(q.requires_grad_(), q, q).dtype is torch.float32
        assert attend(q.detach(), q.detach(), q.detach()).dtype is torch.bfloat16


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ({"regions": ()}, "places needs regions"),
        ({"regions": ((0, 6, 4, 4, True),)}, "reaches beyond"),
        ({"H_layers": 0}, "H_attends needs H_layers"),
        ({"pos_encodings": "rope", "looks_by_place": True}, "needs pos_encodings places"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(shape, says):
    with pytest.raises(ConfigError, match=says):
        network(**shape)
