"""Convolution: what reaches whom, and what a configuration may say."""

from __future__ import annotations

import pytest
import torch

from hrm_specialists.errors import ConfigError
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig

SIZES = {"vocab_size": 5, "hidden_size": 16, "intermediate_multiple": 8, "H_cycles": 1}


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


@pytest.mark.parametrize(
    ("shape", "complaint"),
    [
        ({"conv_kernel": 4}, "must be odd"),
        ({"conv_kernel": -3}, "must be odd"),
        ({"conv_kernel": 3, "grid_width": 5}, "do not fill rows of 5"),
        ({"conv_kernel": 3, "mlp_t": True}, "choose one"),
        ({"conv_kernel": 3, "puzzle_emb_len": 2}, "puzzle embedding"),
    ],
)
def test_a_shape_that_cannot_be_is_named(shape, complaint):
    with pytest.raises(ConfigError, match=complaint):
        NetworkConfig(**{"seq_len": 16, **SIZES, **shape})
