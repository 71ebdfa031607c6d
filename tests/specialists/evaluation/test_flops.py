"""Costs counted from a shape are those of the published networks and of real ones."""

from __future__ import annotations

import pytest
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import parameter_count, segment_flops

SUDOKU = {"seq_len": 81, "vocab_size": 11, "puzzle_emb_ndim": 512, "puzzle_emb_len": 16}
PUBLISHED = {
    "TRM-MLP": (NetworkConfig(**SUDOKU, mlp_t=True, pos_encodings="none"), 25.63, 5.03),
    "TRM-attention": (NetworkConfig(**SUDOKU), 28.58, 6.83),
    "HRM": (
        NetworkConfig(
            seq_len=81,
            vocab_size=11,
            puzzle_emb_ndim=512,
            puzzle_emb_len=1,
            H_layers=4,
            L_layers=4,
            H_cycles=2,
            L_cycles=2,
        ),
        13.74,
        27.28,
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_configurations_cost_what_was_measured_for_them(name):
    config, gflop, million = PUBLISHED[name]
    assert segment_flops(config) / 1e9 == pytest.approx(gflop, rel=0.01)
    assert parameter_count(config) / 1e6 == pytest.approx(million, rel=0.01)


@pytest.mark.parametrize(
    "shape",
    [
        {"mlp_t": True, "pos_encodings": "none"},
        {"pos_encodings": "rope2d", "grid_width": 4, "H_layers": 1, "L_layers": 3},
        {"pos_encodings": "learned", "puzzle_emb_ndim": 40, "puzzle_emb_len": 2},
        {"conv_kernel": 3, "grid_width": 4},
        {"conv_kernel": 5},
    ],
    ids=["mlp", "two networks", "learned positions", "grid", "sequence"],
)
def test_counts_equal_those_of_a_real_network(shape):
    config = NetworkConfig(
        seq_len=16,
        vocab_size=7,
        hidden_size=32,
        intermediate_multiple=8,
        num_heads=4,
        H_cycles=2,
        L_cycles=3,
        **shape,
    )
    network = HRM(config).requires_grad_(False)
    x = network.embed(network.embed_tokens.weight.new_zeros(1, 16).long())
    # torch counts the products of attention only where they are plain ones
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        network(network.first_carry(1), x)
    assert segment_flops(config) == counter.get_total_flops()
    assert parameter_count(config) == sum(p.numel() for p in network.parameters())
