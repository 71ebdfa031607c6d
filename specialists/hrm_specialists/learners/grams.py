"""Texts as counts of hashed n-grams: one and two words, two to five letters within a word.

All n-grams of all texts are hashed at once by a rolling polynomial over code points, so a
text of a megabyte costs what its length says. Knows nothing of weights.

Source: Weinberger et al., "Feature hashing" (ICML 2009); the n-grams are those that
scikit-learn's `TfidfVectorizer` calls `word` and `char_wb`. Shapes: N texts, G n-grams.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint64]

LETTERS = (2, 3, 4, 5)
HASH_BITS = 40
"""Of an n-gram; the bits above hold the row while equal ones are counted."""
LONGEST = 200_000
"""Code points of one text that are read; the rest is left out."""
_P, _Q = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_MASK = np.uint64((1 << HASH_BITS) - 1)


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of texts, in rows; words and letters apart."""

    size: int
    """Texts, N."""
    words: tuple[NDArray[np.intp], Ids, NDArray[np.float64]]
    """Row, hash and count of each different n-gram, by rows."""
    letters: tuple[NDArray[np.intp], Ids, NDArray[np.float64]]

    def take(self, at: NDArray[np.intp]) -> Grams:
        """The n-grams of some texts, in that order."""
        return Grams(len(at), _take(self.words, self.size, at), _take(self.letters, self.size, at))


def grams_of(texts: Sequence[str | None], *, salt: int = 0, cased: bool = False) -> Grams:
    """Count the n-grams of texts.

    Args:
        texts: N; None counts as an empty one.
        salt: of the column, so that equal words in two columns differ.
        cased: keep upper and lower case apart.
    """
    kept = [" ".join((text or "")[:LONGEST].split()) for text in texts]
    if not cased:
        kept = [text.lower() for text in kept]
    codes = np.frombuffer("".join(f" {t} " for t in kept).encode("utf-32-le", "replace"), "<u4")
    lengths = np.array([len(text) + 2 for text in kept], np.intp)
    rows = np.repeat(np.arange(len(kept)), lengths)
    known, back = np.unique(codes, return_inverse=True)
    wordy = np.array([chr(c).isalnum() or c == 95 for c in known.tolist()], bool)[back]
    wide = codes.astype(np.uint64)
    seed = np.uint64(2 * salt + cased + 1)
    return Grams(
        len(kept),
        _counted(*_words(wide, wordy, rows, seed), len(kept)),
        _counted(*_letters(wide, rows, seed), len(kept)),
    )


def _words(
    codes: Ids, wordy: NDArray[np.bool_], rows: NDArray[np.intp], seed: np.uint64
) -> tuple[NDArray[np.intp], Ids]:
    edges = np.diff(wordy.astype(np.int8), prepend=0, append=0)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    with np.errstate(over="ignore"):
        mixed = _mixed(codes + np.uint64(1))
        # A word's hash is the sum of its letters' times their place's power.
        place = _places(len(codes), starts, ends)
        powers = _powers(int(place.max(initial=0)) + 1)[place]
        sums = np.concatenate([[np.uint64(0)], np.cumsum(mixed * powers)])
        words = _mixed(sums[ends] - sums[starts])
        at = rows[starts]
        pairs = _mixed(words[:-1] * _P + words[1:] * _Q) if len(words) > 1 else words[:0]
        near = at[:-1] == at[1:] if len(words) > 1 else np.zeros(0, bool)
        ids = np.concatenate([words, pairs[near]]) * _Q + seed
        return np.concatenate([at, at[:-1][near]]), _mixed(ids) & _MASK


def _places(size: int, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.intp]:
    """How far into its word each letter stands; 0 between words."""
    place = np.zeros(size, np.intp)
    inside = np.repeat(starts, ends - starts)
    lengths = ends - starts
    at = np.arange(len(inside)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    place[inside + at] = at
    return place


def _powers(count: int) -> Ids:
    with np.errstate(over="ignore"):
        return np.concatenate(
            [[np.uint64(1)], np.cumprod(np.full(max(0, count - 1), _P, np.uint64), dtype=np.uint64)]
        )


def _letters(codes: Ids, rows: NDArray[np.intp], seed: np.uint64) -> tuple[NDArray[np.intp], Ids]:
    space = codes == 32
    found_rows, found = [], []
    with np.errstate(over="ignore"):
        rolled = codes + np.uint64(1)
        inner = np.zeros(len(codes), bool)  # whether a space stands inside the window
        for n in range(2, max(LETTERS) + 1):
            if len(codes) < n:
                break
            rolled = rolled[:-1] * _P + codes[n - 1 :] + np.uint64(1)
            inner = inner[:-1] | space[n - 2 : -1] if n > 2 else inner[:-1]
            keep = ~inner
            if n == 2:
                keep &= ~(space[:-1] & space[1:])
            keep &= rows[: len(keep)] == rows[n - 1 :]
            ids = _mixed((rolled[keep] + np.uint64(n)) * _Q + seed + np.uint64(1 << 20))
            found.append(ids & _MASK)
            found_rows.append(rows[: len(keep)][keep])
    if not found:
        return np.zeros(0, np.intp), np.zeros(0, np.uint64)
    return np.concatenate(found_rows), np.concatenate(found)


def _mixed(ids: Ids) -> Ids:
    """Spread the bits; source: the finaliser of splitmix64."""
    with np.errstate(over="ignore"):
        ids = (ids ^ (ids >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        ids = (ids ^ (ids >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ids ^ (ids >> np.uint64(31))


def _counted(
    rows: NDArray[np.intp], ids: Ids, size: int
) -> tuple[NDArray[np.intp], Ids, NDArray[np.float64]]:
    if size >= 1 << (63 - HASH_BITS):
        raise ValueError(f"{size} texts at once; at most {1 << (63 - HASH_BITS)}")
    keys, counts = np.unique(
        (rows.astype(np.uint64) << np.uint64(HASH_BITS)) | ids, return_counts=True
    )
    return (
        (keys >> np.uint64(HASH_BITS)).astype(np.intp),
        keys & _MASK,
        counts.astype(np.float64),
    )


def _take(
    part: tuple[NDArray[np.intp], Ids, NDArray[np.float64]], size: int, at: NDArray[np.intp]
) -> tuple[NDArray[np.intp], Ids, NDArray[np.float64]]:
    rows, ids, counts = part
    starts = np.searchsorted(rows, np.arange(size + 1))
    lengths = (starts[1:] - starts[:-1])[at]
    ends = np.cumsum(lengths)
    where = np.arange(int(lengths.sum())) + np.repeat(starts[:-1][at] - (ends - lengths), lengths)
    return np.repeat(np.arange(len(at)), lengths), ids[where], counts[where]
