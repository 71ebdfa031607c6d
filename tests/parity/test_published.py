"""Published checkpoints come in, and go out again, unchanged."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from published import load_published, to_published
from torch import Tensor

from hrm_specialists.errors import CorruptCheckpoint, IncompatibleCheckpoint, UnsafeCheckpoint
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig

SIZES: dict[str, Any] = {
    "vocab_size": 7,
    "hidden_size": 32,
    "num_heads": 4,
    "intermediate_multiple": 256,
}
CONFIGS = {
    "HRM": NetworkConfig(
        seq_len=12,
        H_cycles=2,
        L_cycles=2,
        H_layers=2,
        L_layers=3,
        puzzle_emb_ndim=40,
        puzzle_emb_len=2,
        num_puzzle_identifiers=5,
        gradient="last_step",
        **SIZES,
    ),
    "TRM with an MLP": NetworkConfig(
        seq_len=9, mlp_t=True, pos_encodings="none", puzzle_emb_ndim=32, puzzle_emb_len=16, **SIZES
    ),
    "TRM with attention": NetworkConfig(seq_len=12, **SIZES),
    "TRM with learned positions": NetworkConfig(seq_len=12, pos_encodings="learned", **SIZES),
}
PREFIX = "_orig_mod.model.inner."


def published(config: NetworkConfig, prefix: str = PREFIX) -> dict[str, Tensor]:
    """A fresh network's weights as the references would publish them."""
    network = HRM(config, torch.Generator().manual_seed(1))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.25
    return to_published(network.state_dict(), prefix=prefix)


def load(
    source: Path | dict[str, Tensor], config: NetworkConfig
) -> tuple[NetworkConfig, dict[str, Tensor]]:
    """Load, given what no tensor tells."""
    return load_published(
        source,
        H_cycles=config.H_cycles,
        L_cycles=config.L_cycles,
        num_heads=config.num_heads,
        seq_len=config.seq_len,
    )


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize("prefix", ["", "inner.", "model.inner.", PREFIX])
def test_out_and_in_again_is_the_same(config: NetworkConfig, prefix: str) -> None:
    """Shape and weights, whatever wrappers the names show; and they load strictly."""
    tensors = published(config, prefix)
    found, state = load(tensors, config)
    assert found == config
    HRM(found).load_state_dict(state, strict=True)
    again = to_published(state, prefix=prefix)
    assert again.keys() == tensors.keys()
    assert all(torch.equal(again[name], tensor) for name, tensor in tensors.items())


def test_initial_states_in_bf16_become_fp32() -> None:
    """As the references keep theirs."""
    config = CONFIGS["HRM"]
    tensors = published(config)
    for name in ("H_init", "L_init"):
        tensors[PREFIX + name] = tensors[PREFIX + name].bfloat16()
    _, state = load(tensors, config)
    assert {tensor.dtype for tensor in state.values()} == {torch.float32}


@pytest.mark.parametrize("suffix", [".pt", "", ".safetensors"])
def test_files_are_read(tmp_path: Path, suffix: str) -> None:
    """Pickles under whatever name, and safetensors."""
    config, file = CONFIGS["HRM"], tmp_path / f"step_1000{suffix}"
    tensors = published(config)
    if suffix == ".safetensors":
        safetensors.torch.save_file(tensors, file)
    else:
        torch.save(tensors, file)
    found, state = load(file, config)
    assert found == config
    assert torch.equal(state["lm_head.weight"], tensors[PREFIX + "lm_head.weight"])


@pytest.mark.parametrize(
    "name",
    [
        "embed_tokens.embedding_weight",
        "H_init",
        "q_head.bias",
        "L_level.layers.1.self_attn.qkv_proj.weight",
        "H_level.layers.0.mlp.down_proj.weight",
    ],
)
def test_a_missing_tensor_is_named(name: str) -> None:
    """Under its published name."""
    tensors = published(CONFIGS["HRM"])
    del tensors[PREFIX + name]
    with pytest.raises(IncompatibleCheckpoint, match=name):
        load(tensors, CONFIGS["HRM"])


@pytest.mark.parametrize(
    "name", ["extra", "L_level.layers.9999.mlp.down_proj.weight", "L_level.layers.0.norm.weight"]
)
def test_an_unknown_tensor_is_named(name: str) -> None:
    """Nothing is ignored."""
    tensors = published(CONFIGS["HRM"]) | {PREFIX + name: torch.zeros(2)}
    with pytest.raises(IncompatibleCheckpoint, match=name):
        load(tensors, CONFIGS["HRM"])


def test_a_misshapen_tensor_is_named() -> None:
    """With both shapes."""
    tensors = published(CONFIGS["HRM"])
    tensors[PREFIX + "q_head.weight"] = torch.zeros(3, 32)
    with pytest.raises(IncompatibleCheckpoint, match=r"q_head.weight.*\(3, 32\).*\(2, 32\)"):
        load(tensors, CONFIGS["HRM"])


def test_a_length_that_no_tensor_tells_is_asked_for() -> None:
    """Rotary positions leave no trace."""
    with pytest.raises(IncompatibleCheckpoint, match="seq_len"):
        load_published(published(CONFIGS["HRM"]), H_cycles=2, L_cycles=2, num_heads=4)


def test_heads_that_do_not_divide_are_refused() -> None:
    """A wrong guess by the caller."""
    with pytest.raises(IncompatibleCheckpoint, match="heads"):
        load_published(published(CONFIGS["HRM"]), H_cycles=2, L_cycles=2, num_heads=5, seq_len=12)


class Touch:
    """Unpickled without care, it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


def test_a_pickle_that_runs_code_is_refused(tmp_path: Path) -> None:
    """And nothing ran."""
    made = tmp_path / "made"
    torch.save({"lm_head.weight": Touch(made)}, tmp_path / "torch.pt")
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(Touch(made), protocol=2))
    for name in ("torch.pt", "plain.pt"):
        with pytest.raises(UnsafeCheckpoint):
            load(tmp_path / name, CONFIGS["HRM"])
    assert not made.exists()


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_a_cut_file_is_corrupt(tmp_path: Path, suffix: str) -> None:
    """Empty, cut, or not there."""
    file = tmp_path / f"model{suffix}"
    tensors = published(CONFIGS["HRM"])
    if suffix == ".pt":
        torch.save(tensors, file)
    else:
        safetensors.torch.save_file(tensors, file)
    whole = file.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises((CorruptCheckpoint, UnsafeCheckpoint)):
            load(file, CONFIGS["HRM"])
    with pytest.raises(CorruptCheckpoint):
        load(tmp_path / "missing.pt", CONFIGS["HRM"])


@pytest.mark.parametrize("content", [{"model": {}}, [torch.zeros(1)], {1: torch.zeros(1)}])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: object) -> None:
    """A training state, a list, names that are no text."""
    torch.save(content, tmp_path / "model.pt")
    with pytest.raises(IncompatibleCheckpoint, match="names to tensors"):
        load(tmp_path / "model.pt", CONFIGS["HRM"])
