"""Weights stored small, and made whole again when they are loaded.

bf16 halves a file; int8 takes a quarter: each row of a matrix becomes whole
numbers and one scale. Everything that is no large matrix stays as it is in int8.
Knows nothing of networks or files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

Kind = Literal["int8", "bf16"]
SCALE = ".scale"
"""What the name of an int8 matrix's scales ends with."""
LARGE = 256
"""Numbers from which a matrix is worth storing in int8."""


def pack(weights: Mapping[str, Tensor], kind: Kind) -> dict[str, Tensor]:
    """A network's fp32 weights as they are stored; an int8 matrix brings its scales."""
    if kind == "bf16":
        return {name: tensor.to(torch.bfloat16) for name, tensor in weights.items()}
    packed = {}
    for name, tensor in weights.items():
        if tensor.ndim != 2 or tensor.numel() < LARGE:
            packed[name] = tensor
            continue
        scale = (tensor.abs().amax(1, keepdim=True) / 127).clamp_min(
            torch.finfo(torch.float32).tiny
        )
        packed[name] = (tensor / scale).round().to(torch.int8)
        packed[name + SCALE] = scale
    return packed


def unpack(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Stored weights in fp32, to rounding what `pack` was given."""
    whole = {}
    for name, tensor in stored.items():
        if name.endswith(SCALE) and name.removesuffix(SCALE) in stored:
            continue
        scale = stored.get(name + SCALE)
        whole[name] = tensor.float() if scale is None else tensor.float() * scale.float()
    return whole
