"""Is this file only data, of the kind its name says?

Looks at JSON and at the headers of safetensors files without torch, without
large allocations and without running anything. Knows nothing of folders.

The safetensors library accepts duplicate keys; we do not: two readers of one
file must see the same tensors.

Source: the safetensors format description, https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import json
import math
from pathlib import PurePosixPath
from typing import Any

from hrm_specialists.errors import UnsafeCheckpoint

KINDS = frozenset({".json", ".safetensors", ".md", ".toml", ".png", ".svg", ".csv", ".txt"})
"""File types a folder of ours may hold; none of them can run."""

JSON_LIMIT = 4 << 20
"""Bytes of a JSON file, or of a safetensors header."""
HEAD = JSON_LIMIT + 8
"""Bytes from the start of a file that are enough to judge it."""

_MOST_BRACKETS = 50_000
"""With `JSON_LIMIT`, keeps parsed JSON under 64 MB however it is made up."""

_LARGEST_RANK = 16
_LARGEST_SIDE = 1 << 48
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64"), 64),
}


def check_plain(name: str, head: bytes, size: int) -> None:
    """Refuse a file that is not what its name says.

    The ending of the name decides what is checked. `head` is its first `HEAD` bytes, or all
    of it if it is shorter; `size` its whole length in bytes.

    Raises:
        UnsafeCheckpoint: an unknown file type, JSON that is too large, malformed
            or repeats a key, or a safetensors header that contradicts itself.
    """
    kind = PurePosixPath(name).suffix
    if kind not in KINDS:
        raise UnsafeCheckpoint(
            f"{name}: a file of type {kind or '(none)'}; only {', '.join(sorted(KINDS))} are data"
        )
    if kind == ".json":
        if size > JSON_LIMIT:
            raise UnsafeCheckpoint(f"{name}: {size} bytes of JSON; at most {JSON_LIMIT}")
        strict_json(name, head)
    elif kind == ".safetensors":
        _check_safetensors(name, head, size)


def strict_json(name: str, raw: bytes) -> Any:
    """Parse JSON that means one thing only: no repeated keys, no NaN, not too much of it.

    Raises:
        UnsafeCheckpoint: it is not such JSON; the message names the file.
    """
    if raw.count(b"[") + raw.count(b"{") > _MOST_BRACKETS:
        raise UnsafeCheckpoint(f"{name}: more than {_MOST_BRACKETS} brackets")
    try:
        return json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise UnsafeCheckpoint(f"{name}: not plain JSON: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError("a key is there twice")
    return mapping


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _check_safetensors(name: str, head: bytes, size: int) -> None:
    def refuse(why: str) -> UnsafeCheckpoint:
        return UnsafeCheckpoint(f"{name}: not a safetensors file: {why}")

    length = int.from_bytes(head[:8], "little")
    if size < 10 or not 2 <= length <= min(JSON_LIMIT, size - 8):
        raise refuse(f"its header claims {length} of {size} bytes (at most {JSON_LIMIT})")
    header = strict_json(name, head[8 : 8 + length])
    if not isinstance(header, dict):
        raise refuse("its header is not an object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise refuse("__metadata__ holds something besides text")

    spans = []
    for key, entry in header.items():
        if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
            raise refuse(f"{key!r} is not described by dtype, shape and data_offsets")
        bits, shape, offsets = _BITS.get(str(entry["dtype"])), entry["shape"], entry["data_offsets"]
        if bits is None:
            raise refuse(f"{key!r} has the unknown dtype {entry['dtype']!r}")
        if not _sizes(shape) or len(shape) > _LARGEST_RANK:
            raise refuse(f"{key!r} has an impossible shape")
        if not _sizes(offsets) or len(offsets) != 2:
            raise refuse(f"{key!r} has impossible offsets")
        if offsets[1] - offsets[0] != math.prod(shape) * bits // 8:
            raise refuse(f"{key!r}: shape and dtype do not fit its {offsets} bytes")
        spans.append(offsets)
    end = 0
    for begin, stop in sorted(spans):
        if begin != end:
            raise refuse("its tensors overlap or leave gaps")
        end = stop
    if end != size - 8 - length:
        raise refuse(f"its tensors fill {end} of {size - 8 - length} bytes")


def _sizes(values: Any) -> bool:
    """Whether this is a list of whole numbers that a size or an offset can be."""
    return isinstance(values, list) and all(
        type(value) is int and 0 <= value <= _LARGEST_SIDE for value in values
    )
