"""What a new specialist can take from another: its network's shape, and weights that mean the same.

A symbol keeps what was learned of it, whichever token it had: weights of tokens
are moved to where the new task's codec has the same symbol.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from torch import Tensor

from hrm_specialists.codec import Codec, GridCodec
from hrm_specialists.errors import CheckpointError, ConfigError, UnknownSpecialist
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.packaging import CONFIG, read_config, read_weights
from hrm_specialists.registry import load_installed, newest_versions
from hrm_specialists.schema.field_codec import FIRST_SYMBOL, FieldCodec

OF_THE_TASK = (
    *("seq_len", "vocab_size", "regions", "grid_width", "halt_max_steps"),
    *("groups", "symbols", "specials"),
)
"""Network settings that follow from a task and are not taken over."""
BY_TOKEN = ("embed_tokens.weight", "lm_head.weight")


@dataclass(frozen=True, slots=True)
class Start:
    """Another specialist, as a place to begin."""

    network: dict[str, Any]
    """Settings of its network that a new one can share."""
    weights: dict[str, Tensor]
    codec: Mapping[str, Any]

    @classmethod
    def at(cls, given: Path | str, root: Path) -> Start:
        """Open a specialist by folder, by name under `root`, or one that ships.

        Raises:
            ConfigError: there is none of that name.
            CheckpointError: its folder is damaged.
        """
        from safetensors.torch import load

        from hrm_specialists.engine.compression import unpack

        folder = _folder(given, root)
        config = read_config(folder)
        weights = unpack(load(read_weights(folder, config)))
        # With defaults: what its configuration leaves out is not free to differ.
        shape = NetworkConfig.from_mapping(config.network).to_mapping()
        network = {k: v for k, v in shape.items() if k not in OF_THE_TASK}
        return cls(network, weights, config.codec)

    def fitted(self, codec: Codec[Any, Any]) -> dict[str, Tensor]:
        """The weights, with those of tokens where `codec` has the same symbols."""
        before, now = _symbols_of_config(self.codec), _symbols(codec)
        if before is None or now is None:
            return self.weights
        moved = dict(self.weights)
        pairs = [(before[symbol], token) for symbol, token in now.items() if symbol in before]
        for name in BY_TOKEN:
            old = self.weights[name]
            if any(token_before >= len(old) for token_before, _ in pairs):
                continue  # its symbols are interchangeable: they have no rows of their own
            new = torch.empty(codec.vocab_size, old.shape[1], dtype=old.dtype)
            new.normal_(std=old.shape[1] ** -0.5, generator=torch.Generator().manual_seed(0))
            for token_before, token in pairs:
                new[token] = old[token_before]
            moved[name] = new
        return moved


def _folder(given: Path | str, root: Path) -> Path:
    for folder in (Path(given), *newest_versions(root)):
        known = folder == Path(given) or folder.parent.name == str(given)
        if known and (folder / CONFIG).is_file():
            return folder
    try:
        installed = load_installed(str(given)).folder
    except (CheckpointError, UnknownSpecialist):
        installed = None
    if installed is not None:
        return installed
    raise ConfigError(
        f"there is no specialist {str(given)!r} to start from: neither a folder with {CONFIG}, "
        f"nor trained here, nor shipped"
    )


def _symbols_of_config(config: Mapping[str, Any]) -> dict[str, int] | None:
    if config.get("kind") == "fields":
        return _symbols(FieldCodec.from_config(BaseModel, BaseModel, config))
    return _of_grid(config["symbols"]) if config.get("kind") == "grid" else None


def _symbols(codec: Codec[Any, Any]) -> dict[str, int] | None:
    """Tokens by what they mean, in words; 3 and "3" mean the same."""
    if isinstance(codec, FieldCodec):
        special = {f"token {number}": number for number in range(FIRST_SYMBOL)}
        return special | {str(symbol): token for token, symbol in codec.symbols.items()}
    return _of_grid(codec.symbols) if isinstance(codec, GridCodec) else None


def _of_grid(symbols: int) -> dict[str, int]:
    return {"token 0": 0} | {str(value): value + 1 for value in range(symbols)}
