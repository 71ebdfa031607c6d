"""Published HRM and TRM checkpoints in and out.

Only names differ from ours: prefixes of their training wrappers are stripped,
a few modules are called otherwise. Knows nothing of our own checkpoints.

Published files are Python pickles. They are read by torch's restricted
unpickler (`weights_only=True`), which builds tensors and plain containers and
refuses everything else; safetensors files are read as such.

Source: the published code of arXiv:2506.21734 and arXiv:2510.04871.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from hrm_specialists.errors import (
    ConfigError,
    CorruptCheckpoint,
    IncompatibleCheckpoint,
    UnsafeCheckpoint,
)
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig

PREFIXES = ("_orig_mod.", "model.", "inner.")
"""Put before every name by compiling, by the loss head and by the halting wrapper."""

_TRM_PUZZLE_POSITIONS = 16
_RENAMED = (
    ("embed_tokens.embedding_weight", "embed_tokens.weight"),
    ("embed_pos.embedding_weight", "embed_pos.weight"),
    ("puzzle_emb.weights", "puzzle_emb.weight"),
    ("H_level.", "recurrence.H_level."),
    ("L_level.", "recurrence.L_level."),
)


def load_published(
    source: Path | Mapping[str, Tensor],
    *,
    H_cycles: int,
    L_cycles: int,
    num_heads: int = 8,
    expansion: float = 4.0,
    halt_max_steps: int = 16,
    seq_len: int | None = None,
    puzzle_emb_len: int | None = None,
) -> tuple[NetworkConfig, dict[str, Tensor]]:
    """Read a published checkpoint as ours: `HRM(config).load_state_dict(state)`.

    The rest of the shape follows from the tensors. An `H_level` makes it an HRM,
    whose gradients flow through the last updates only; without one it is a TRM.

    Args:
        source: a file, or its tensors.
        H_cycles, L_cycles, num_heads, halt_max_steps: no tensor tells these.
        expansion: of the SwiGLU; checked against the tensors.
        seq_len: needed with rotary positions, where no tensor tells it.
        puzzle_emb_len: positions before the sequence. None for what the
            references take: 16 in a TRM, as few as hold the embedding in an HRM.

    Returns:
        The network's shape, and its weights in fp32 under our names.

    Raises:
        CorruptCheckpoint: the file is missing or damaged.
        UnsafeCheckpoint: it holds something besides tensors and containers.
        IncompatibleCheckpoint: a tensor is missing, unknown or misshapen; the
            message names it.
    """
    tensors = read_published(source) if isinstance(source, Path) else source
    state = {_our_name(name): tensor.detach().float() for name, tensor in _stripped(tensors)}
    D = _shape(state, "embed_tokens.weight")[1]
    layers = {level: _count_layers(state, level) for level in ("L", "H")}
    mlp_t = "recurrence.L_level.layers.0.mlp_t.down_proj.weight" in state
    learned = "embed_pos.weight" in state
    identifiers, ndim = _shape(state, "puzzle_emb.weight", absent=(1, 0))
    if puzzle_emb_len is None:
        enough = -(-ndim // D)
        puzzle_emb_len = max(enough, _TRM_PUZZLE_POSITIONS) if ndim and not layers["H"] else enough
    if mlp_t:
        down = _shape(state, "recurrence.L_level.layers.0.mlp_t.down_proj.weight")
        seq_len = down[0] - puzzle_emb_len
    elif learned:
        seq_len = _shape(state, "embed_pos.weight")[0] - puzzle_emb_len
    elif seq_len is None:
        raise IncompatibleCheckpoint("no tensor tells the length of the sequence; pass seq_len")
    try:
        config = NetworkConfig(
            seq_len=seq_len,
            vocab_size=_shape(state, "embed_tokens.weight")[0],
            hidden_size=D,
            expansion=expansion,
            num_heads=num_heads,
            H_cycles=H_cycles,
            L_cycles=L_cycles,
            H_layers=layers["H"],
            L_layers=layers["L"],
            mlp_t=mlp_t,
            pos_encodings="learned" if learned else "none" if mlp_t else "rope",
            puzzle_emb_ndim=ndim,
            puzzle_emb_len=puzzle_emb_len,
            num_puzzle_identifiers=identifiers,
            halt_max_steps=halt_max_steps,
            gradient="last_step" if layers["H"] else "last_cycle",
        )
    except ConfigError as error:
        raise IncompatibleCheckpoint(f"its tensors make no network: {error}") from error
    check_fits(config, state)
    return config, state


def to_published(state: Mapping[str, Tensor], *, prefix: str = "") -> dict[str, Tensor]:
    """Our weights under the published names, `prefix` before each.

    Their evaluation scripts expect `prefix="_orig_mod.model.inner."`.
    """
    return {prefix + _their_name(name): tensor for name, tensor in state.items()}


def read_published(file: Path) -> dict[str, Tensor]:
    """The tensors of a `.safetensors` file or of a published pickle, on the CPU.

    Raises:
        CorruptCheckpoint, UnsafeCheckpoint, IncompatibleCheckpoint: see `load_published`.
    """
    try:
        if file.suffix == ".safetensors":
            return safetensors.torch.load_file(file)
        loaded = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UnsafeCheckpoint(f"{file} holds more than tensors: {_first_line(error)}") from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, SafetensorError) as error:
        raise CorruptCheckpoint(f"{file} cannot be read: {_first_line(error)}") from error
    if not isinstance(loaded, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in loaded.items()
    ):
        raise IncompatibleCheckpoint(f"{file} is not a mapping of names to tensors")
    return loaded


def check_fits(config: NetworkConfig, state: Mapping[str, Tensor]) -> None:
    """See that `state` holds exactly the tensors of a network of this shape.

    Raises:
        IncompatibleCheckpoint: it does not; the message names the first few.
    """
    with torch.device("meta"):
        wanted = {name: tuple(tensor.shape) for name, tensor in HRM(config).state_dict().items()}
    for what, names in (
        ("missing", wanted.keys() - state.keys()),
        ("unknown", state.keys() - wanted.keys()),
    ):
        if names:
            shown = ", ".join(_their_name(name) for name in sorted(names)[:5])
            raise IncompatibleCheckpoint(f"{len(names)} tensors are {what}: {shown}")
    for name, shape in wanted.items():
        if tuple(state[name].shape) != shape:
            raise IncompatibleCheckpoint(
                f"{_their_name(name)} has the shape {tuple(state[name].shape)}; expected {shape}"
            )


def _stripped(tensors: Mapping[str, Tensor]) -> list[tuple[str, Tensor]]:
    """The tensors without the prefixes that all of them share."""
    names = list(tensors)
    for prefix in PREFIXES:
        if names and all(name.startswith(prefix) for name in names):
            names = [name.removeprefix(prefix) for name in names]
    return list(zip(names, tensors.values(), strict=True))


def _our_name(name: str) -> str:
    for theirs, ours in _RENAMED:
        if name.startswith(theirs):
            return ours + name.removeprefix(theirs)
    return name


def _their_name(name: str) -> str:
    for theirs, ours in _RENAMED:
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    return name


def _count_layers(state: Mapping[str, Tensor], level: str) -> int:
    pattern = re.compile(rf"recurrence\.{level}_level\.layers\.(\d+)\.")
    found = {m[1] for name in state if (m := pattern.match(name))}
    count = 0
    while str(count) in found:
        count += 1
    return count


def _shape(
    state: Mapping[str, Tensor], name: str, absent: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Both sides of a matrix."""
    if name not in state and absent is not None:
        return absent
    if name not in state or state[name].dim() != 2:
        found = tuple(state[name].shape) if name in state else "missing"
        raise IncompatibleCheckpoint(f"{_their_name(name)} is {found}; expected a matrix")
    rows, columns = state[name].shape
    return rows, columns


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
