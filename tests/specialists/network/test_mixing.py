"""Convolution and group mixing: what reaches whom, and what a configuration may say."""

from __future__ import annotations

import pytest
import torch

from hrm_specialists.errors import ConfigError
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig

SIZES = {"vocab_size": 5, "hidden_size": 16, "intermediate_multiple": 8, "H_cycles": 1}
ROWS = tuple(tuple(range(4 * r, 4 * r + 4)) for r in range(4))
COLUMNS = tuple(tuple(range(c, 16, 4)) for c in range(4))


def network(**shape):
    config = NetworkConfig(**{"seq_len": 16, **SIZES, **shape})
    return HRM(config, torch.Generator().manual_seed(0)).requires_grad_(False)


def answered(net, inputs):
    _, thinking = net(net.first_carry(len(inputs)), net.embed(inputs))
    return thinking.logits


def changed(net, at, seq_len=16):
    """Positions whose answer moves when the token at `at` does."""
    inputs = torch.zeros(2, seq_len, dtype=torch.int64)
    inputs[1, at] = 3
    first, second = answered(net, inputs)
    return {int(p) for p in (first - second).abs().amax(-1).gt(1e-6).nonzero()}


def test_a_convolution_hears_as_far_as_its_layers_reach():
    one = {"L_layers": 1, "L_cycles": 1, "conv_kernel": 3}

    # Two updates a segment, one step each.
    assert changed(network(**one, grid_width=4), 0) == {0, 1, 2, 4, 5, 6, 8, 9, 10}
    assert changed(network(**one), 8) == {6, 7, 8, 9, 10}


def test_weights_of_a_convolution_fit_a_canvas_of_any_size():
    small = network(conv_kernel=3, grid_width=4, L_layers=1, L_cycles=1)
    large = network(conv_kernel=3, grid_width=8, seq_len=64, L_layers=1, L_cycles=1)
    large.load_state_dict(small.state_dict())
    inputs = torch.randint(0, 5, (1, 64), generator=torch.Generator().manual_seed(1))
    corner = inputs.view(8, 8)[:4, :4].reshape(1, 16)

    near = answered(large, inputs).view(8, 8, -1)[:2, :2]
    alone = answered(small, corner).view(4, 4, -1)[:2, :2]

    torch.testing.assert_close(near, alone)


def test_groups_bring_news_to_their_members_only():
    rows = network(groups=(ROWS,), L_layers=2)

    assert changed(rows, 5) == {4, 5, 6, 7}


def test_groups_of_a_kind_are_interchangeable():
    net = network(groups=(ROWS, COLUMNS))
    inputs = torch.randint(0, 5, (1, 16), generator=torch.Generator().manual_seed(2))
    swap = torch.arange(16).view(4, 4)[[2, 1, 0, 3]].flatten()

    torch.testing.assert_close(answered(net, inputs[:, swap]), answered(net, inputs)[:, swap])


def test_a_position_without_a_group_thinks_alone():
    net = network(groups=(((0, 1, 2),),), L_layers=1)

    assert changed(net, 7) == {7}
    assert changed(net, 0) == {0, 1, 2}


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [
        ({"conv_kernel": 4}, "must be odd"),
        ({"conv_kernel": -3}, "must be odd"),
        ({"conv_kernel": 3, "grid_width": 5}, "do not fill rows of 5"),
        ({"conv_kernel": 3, "mlp_t": True}, "choose one"),
        ({"groups": (ROWS,), "conv_kernel": 3}, "choose one"),
        ({"groups": (((0, 1), (1, 2)),)}, "two groups of one kind"),
        ({"groups": (((0, 16),),)}, "positions 0 to 15"),
        ({"groups": ((),)}, "positions 0 to 15"),
        ({"groups": (ROWS,), "puzzle_emb_len": 2}, "puzzle embedding"),
        ({"groups": (ROWS,), "group_inner": 0}, "at least 1"),
    ],
)
def test_a_shape_that_cannot_be_is_named(shape, complaint):
    with pytest.raises(ConfigError, match=complaint):
        NetworkConfig(**{"seq_len": 16, **SIZES, **shape})


def test_groups_survive_plain_data():
    config = NetworkConfig(seq_len=16, **SIZES, groups=(ROWS, COLUMNS))
    plain = config.to_mapping() | {"groups": [[list(g) for g in kind] for kind in config.groups]}

    assert NetworkConfig.from_mapping(plain) == config
