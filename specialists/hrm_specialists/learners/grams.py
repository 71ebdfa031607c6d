"""Texts as counts of hashed n-grams: one and two words, two to five letters within a word.

All n-grams of all texts are hashed at once by a rolling polynomial over code points, so a
text of a megabyte costs what its length says. Knows nothing of weights.

Source: Weinberger et al., "Feature hashing" (ICML 2009); the n-grams are those that
scikit-learn's `TfidfVectorizer` calls `word` and `char_wb`. Shapes: N texts, G n-grams.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

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


class Counts(NamedTuple):
    """Row, hash and count of each different n-gram, by rows, `[G]` each."""

    rows: NDArray[np.intp]
    ids: Ids
    counts: NDArray[np.float64]


class Grams(NamedTuple):
    """The n-grams of N texts; words and letters apart."""

    size: int
    words: Counts
    letters: Counts

    @property
    def parts(self) -> tuple[Counts, Counts]:
        """Words, then letters."""
        return self.words, self.letters

    def take(self, at: NDArray[np.intp]) -> Grams:
        """The n-grams of some texts, in that order."""
        return Grams(len(at), *(_take(part, self.size, at) for part in self.parts))


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
    rows = np.repeat(np.arange(len(kept)), [len(text) + 2 for text in kept])
    known, back = np.unique(codes, return_inverse=True)
    wordy = np.array([chr(c).isalnum() or c == 95 for c in known.tolist()], bool)[back]
    wide, seed = codes.astype(np.uint64), np.uint64(2 * salt + cased + 1)
    words, letters = _words(wide, wordy, rows, seed), _letters(wide, rows, seed)
    return Grams(len(kept), _counted(*words, len(kept)), _counted(*letters, len(kept)))


def _words(
    codes: Ids, wordy: NDArray[np.bool_], rows: NDArray[np.intp], seed: np.uint64
) -> tuple[NDArray[np.intp], Ids]:
    edges = np.diff(wordy.astype(np.int8), prepend=0, append=0)
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    # A word's hash is the sum of its letters' times their place's power.
    place, lengths = np.zeros(len(codes), np.intp), ends - starts
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    place[np.repeat(starts, lengths) + within] = within
    powers = np.full(place.max(initial=0) + 1, _P, np.uint64)
    powers[0] = 1
    sums = np.cumsum(_mixed(codes + np.uint64(1)) * np.cumprod(powers, dtype=np.uint64)[place])
    sums = np.concatenate([[np.uint64(0)], sums])
    words, at = _mixed(sums[ends] - sums[starts]), rows[starts]
    near = at[:-1] == at[1:]
    pairs = _mixed(words[:-1] * _P + words[1:] * _Q)[near]
    ids = np.concatenate([words, pairs]) * _Q + seed
    return np.concatenate([at, at[:-1][near]]), _mixed(ids) & _MASK


def _letters(codes: Ids, rows: NDArray[np.intp], seed: np.uint64) -> tuple[NDArray[np.intp], Ids]:
    space = codes == 32
    found_rows, found = [rows[:0]], [codes[:0]]
    rolled = codes + np.uint64(1)
    inner = np.zeros(len(codes), bool)  # whether a space stands inside the window
    for n in range(2, min(max(LETTERS), len(codes)) + 1):
        rolled = rolled[:-1] * _P + codes[n - 1 :] + np.uint64(1)
        inner = inner[:-1] | space[n - 2 : -1] if n > 2 else inner[:-1]
        keep = ~inner & (rows[: len(inner)] == rows[n - 1 :])
        if n == 2:
            keep &= ~(space[:-1] & space[1:])
        ids = (rolled[keep] + np.uint64(n)) * _Q + seed + np.uint64(1 << 20)
        found.append(_mixed(ids) & _MASK)
        found_rows.append(rows[: len(keep)][keep])
    return np.concatenate(found_rows), np.concatenate(found)


def _mixed(ids: Ids) -> Ids:
    """Spread the bits; source: the finaliser of splitmix64."""
    ids = (ids ^ (ids >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    ids = (ids ^ (ids >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ids ^ (ids >> np.uint64(31))


def _counted(rows: NDArray[np.intp], ids: Ids, size: int) -> Counts:
    if size >= 1 << (63 - HASH_BITS):
        raise ValueError(f"{size} texts at once; at most {1 << (63 - HASH_BITS)}")
    whole = (rows.astype(np.uint64) << np.uint64(HASH_BITS)) | ids
    keys, counts = np.unique(whole, return_counts=True)
    own = (keys >> np.uint64(HASH_BITS)).astype(np.intp)
    return Counts(own, keys & _MASK, counts.astype(np.float64))


def _take(part: Counts, size: int, at: NDArray[np.intp]) -> Counts:
    starts = np.searchsorted(part.rows, np.arange(size + 1))
    lengths = (starts[1:] - starts[:-1])[at]
    ends = np.cumsum(lengths)
    where = np.arange(int(lengths.sum())) + np.repeat(starts[:-1][at] - (ends - lengths), lengths)
    return Counts(np.repeat(np.arange(len(at)), lengths), part.ids[where], part.counts[where])
