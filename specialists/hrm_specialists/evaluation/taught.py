"""Which examples a specialist was taught, as hashes in its folder.

A score on them tells how well it remembers. Two equal hashes of 32 bits may stand for different
examples, once in four billion pairs; no example can be told from its hash. Shape: N examples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from hrm_specialists.schema.examples import Example

TAUGHT = "taught.safetensors"


def taught_file(examples: Iterable[Example]) -> bytes:
    """The content of `TAUGHT`: N hashes, ascending."""
    from safetensors.numpy import save

    return save({"examples": np.unique(np.array([_hash(one) for one in examples], np.uint32))})


def seen_in_training(folder: Path | None, examples: Sequence[Example]) -> list[bool]:
    """Whether each example stood in the training data of the specialist in `folder`, as it is.

    Of a folder without hashes, such as one written by an earlier version, none did.
    """
    if folder is None or not (folder / TAUGHT).is_file():
        return [False] * len(examples)
    from safetensors.numpy import load_file

    known = set(load_file(folder / TAUGHT)["examples"].tolist())
    return [_hash(one) in known for one in examples]


def _hash(example: Example) -> int:
    answer = "" if example.solution is None else example.solution.model_dump_json()
    return crc32(f"{example.problem.model_dump_json()}\n{answer}".encode("utf-8", "replace"))
