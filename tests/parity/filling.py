"""Weights and inputs that anybody can make again, so that recordings need not hold them.

A number is the top 24 bits of a 64-bit word from the counter-based generator
Philox-4x64, keyed by the first 16 bytes of SHA-256 of the tensor's published
name (little-endian); numpy promises that these words stay the same. A weight is
uniform with mean 0 and standard deviation 1/sqrt(last side), half of that in the
layers; a vector's is 1.

Knows nothing of torch, of our network or of the references.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

IGNORED = -100
ROWS = 2
SEGMENTS = 3
LAYER_SCALE = 0.5
"""At full scale a random network is chaotic: another CPU's rounding grows to 1e0 in 70 steps."""

SUDOKU = {"seq_len": 81, "vocab_size": 11, "hidden_size": 512, "num_heads": 8, "expansion": 4.0}
SMALL = {"seq_len": 20, "vocab_size": 7, "hidden_size": 64, "num_heads": 4, "expansion": 4.0}
HRM = {"H_cycles": 2, "L_cycles": 2}
TRM = {"H_cycles": 3, "L_cycles": 6, "H_layers": 0, "L_layers": 2}
COMMON = {"halt_max_steps": 16, "num_puzzle_identifiers": 1}

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    # The published configurations for Sudoku.
    "hrm": COMMON
    | SUDOKU
    | HRM
    | {"H_layers": 4, "L_layers": 4, "pos_encodings": "rope", "puzzle_emb_ndim": 512},
    "trm-mlp": COMMON
    | SUDOKU
    | TRM
    | {"mlp_t": True, "pos_encodings": "none", "puzzle_emb_ndim": 512, "puzzle_emb_len": 16},
    "trm-attention": COMMON
    | SUDOKU
    | TRM
    | {"pos_encodings": "rope", "puzzle_emb_ndim": 512, "puzzle_emb_len": 16},
    # The same structures, small; with several puzzles and partly filled positions.
    "hrm-small": COMMON
    | SMALL
    | HRM
    | {
        "H_layers": 2,
        "L_layers": 3,
        "pos_encodings": "rope",
        "puzzle_emb_ndim": 96,
        "num_puzzle_identifiers": 5,
    },
    "hrm-small-learned": COMMON
    | SMALL
    | {
        "H_cycles": 2,
        "L_cycles": 4,
        "H_layers": 1,
        "L_layers": 2,
        "pos_encodings": "learned",
        "puzzle_emb_ndim": 64,
        "num_puzzle_identifiers": 5,
    },
    "trm-mlp-small": COMMON
    | SMALL
    | TRM
    | {
        "mlp_t": True,
        "pos_encodings": "none",
        "puzzle_emb_ndim": 96,
        "puzzle_emb_len": 3,
        "num_puzzle_identifiers": 5,
    },
    "trm-attention-small": COMMON
    | SMALL
    | TRM
    | {
        "pos_encodings": "rope",
        "puzzle_emb_ndim": 64,
        "puzzle_emb_len": 4,
        "num_puzzle_identifiers": 5,
    },
}


def words(name: str, count: int) -> NDArray[np.uint64]:
    """`count` 24-bit numbers that belong to this name."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "little")
    return np.random.Philox(key=key).random_raw(count) >> np.uint64(40)


def weight(name: str, shape: Sequence[int]) -> NDArray[np.float32]:
    """The values of the weight with this published name, fp32."""
    uniform = words(name, int(np.prod(shape))).astype(np.float64) * 2.0**-23 - 1
    deviation = shape[-1] ** -0.5 if len(shape) > 1 else 1.0
    if ".layers." in name:
        deviation *= LAYER_SCALE
    return (uniform * (deviation * 3**0.5)).astype(np.float32).reshape(shape)


def batch(config: Mapping[str, Any]) -> dict[str, NDArray[np.int64]]:
    """Inputs, labels (a fifth of them ignored) and puzzle identifiers."""
    shape = ROWS, config["seq_len"]
    count = ROWS * config["seq_len"]

    def draw(name: str, below: int) -> NDArray[np.int64]:
        return (words(name, count) % np.uint64(below)).astype(np.int64).reshape(shape)

    labels = np.where(draw("ignored", 5) == 0, IGNORED, draw("labels", config["vocab_size"]))
    puzzles = words("puzzles", ROWS) % np.uint64(config["num_puzzle_identifiers"])
    return {
        "inputs": draw("inputs", config["vocab_size"]),
        "labels": labels,
        "puzzle_identifiers": puzzles.astype(np.int64),
    }


def sampled(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """`count` entries, evenly spread over the flattened tensor from first to last."""
    flat = values.reshape(-1)
    at = np.arange(count) * (flat.size - 1) // (count - 1)
    return flat[at]
