"""Smaller weights say what the whole ones say, within what their precision allows."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from hrm_specialists.engine.compression import SCALE, pack, unpack
from hrm_specialists.engine.opening import rebuild
from hrm_specialists.errors import IncompatibleCheckpoint
from hrm_specialists.network.act import HRM

SIZES = {"bf16": 0.52, "int8": 0.30}
"""Share of the whole file that a packed one may have."""
FAR = {"bf16": 0.03, "int8": 0.06}
"""How far the states of a random network may be from those of the whole weights after a
segment of eight updates, relatively."""


@settings(max_examples=20)
@given(seed=st.integers(0, 2**16), kind=st.sampled_from(list(SIZES)))
def test_weights_come_back_to_the_rounding_of_their_kind(seed, kind):
    source = torch.Generator().manual_seed(seed)
    weight = torch.randn(24, 32, generator=source)
    weight[3] = 0.0
    small = torch.randn(32, generator=source)

    back = unpack(load(save(pack({"weight": weight, "small": small}, kind))))

    assert back.keys() == {"weight", "small"}
    assert all(tensor.dtype == torch.float32 for tensor in back.values())
    step = weight.abs().amax(1, keepdim=True) / (254 if kind == "int8" else 256)
    assert ((back["weight"] - weight).abs() <= step * 1.0001).all()
    if kind == "int8":
        assert torch.equal(back["small"], small)


@pytest.mark.parametrize("kind", list(SIZES))
def test_a_packed_network_is_smaller_and_thinks_alike(planted, kind):
    network = planted.tiny_network(hidden_size=64, mlp_t=True, pos_encodings="none")
    whole = save(dict(network.state_dict()))
    packed = save(pack(network.state_dict(), kind))

    assert len(packed) < SIZES[kind] * len(whole)
    again = rebuild(network.config, packed)
    x = network.embed(torch.randint(0, 11, (5, 4), generator=torch.Generator().manual_seed(1)))
    with torch.no_grad():
        one, other = (net(net.first_carry(5), x)[0].z_H for net in (network, again))
    assert (one - other).norm() < FAR[kind] * one.norm()


def test_a_packed_file_of_another_network_is_refused(planted):
    packed = pack(planted.tiny_network(hidden_size=32).state_dict(), "int8")
    other = planted.tiny_network(hidden_size=64).config

    with pytest.raises(IncompatibleCheckpoint, match="another network"):
        rebuild(other, save(packed))
    del packed["lm_head.weight" + SCALE]
    stripped = rebuild(planted.tiny_network(hidden_size=32).config, save(packed))
    assert isinstance(stripped, HRM)
