"""Columns as learners take them: one dense matrix, hashed n-grams of texts, features of series.

What the encoding needs to know is learned from training columns and kept as plain JSON and
arrays. Knows nothing of labels. Shapes: N rows, F features, L values of a series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.learners.features import (
    Pair,
    contexts_of,
    features_of,
    pairs_of,
    sums_of,
    width_of,
)
from hrm_specialists.learners.grams import Grams, grams_of
from hrm_specialists.learners.rocket import Rocket
from hrm_specialists.learners.stored import Stored
from hrm_specialists.schema.columns import Column

Floats = NDArray[np.float64]

ONE_HOT = 32
"""Values of a category, the most frequent ones, that get a feature each."""
LONGEST_FLAT = 600
"""Values of a series, or positions times symbols of a list, that are features each."""
SUMMARY = 16
"""Features that tell of a whole series."""
TEXTUAL = 6
"""Features that tell of a whole text."""
ROUNDING = 1e-10
"""Share of a series' largest value that a difference from its mean must exceed."""
LONGEST_CODE = 32
"""Letters of a text up to which each place is a feature: codes, not sentences."""
SHORTEST_SERIES = 9
"""Values that a convolution needs."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows ready for learners."""

    dense: Floats
    """`[N, F]`, rounded to float32; NaN where a value is missing."""
    grams: tuple[Grams, ...] = ()
    """One for each text column, letters in lower case."""
    cased: tuple[Grams, ...] = ()
    """The same with upper case kept."""
    waves: Floats | None = None
    """`[N, R]`: convolutions of the series; None if there are none."""

    def __len__(self) -> int:
        return len(self.dense)

    def take(self, at: NDArray[np.intp]) -> Rows:
        """Some of the rows."""
        return replace(
            self,
            dense=self.dense[at],
            grams=tuple(g.take(at) for g in self.grams),
            cased=tuple(g.take(at) for g in self.cased),
            waves=None if self.waves is None else self.waves[at],
        )


@dataclass(frozen=True)
class Encoder(Stored):
    """How columns become rows."""

    plans: tuple[Mapping[str, Any], ...]
    """One for each column: its kind and what was learned of it."""
    rockets: tuple[Rocket | None, ...] = ()
    """Of each column, if it holds series."""
    pairs: tuple[Pair, ...] = ()
    """Columns that are compared with each other."""

    @classmethod
    def fitted(cls, columns: Sequence[Column], *, seed: int = 0) -> Encoder:
        """Learn from training columns how to encode their like."""
        plans = tuple(_plan(column) for column in columns)
        rockets = tuple(
            Rocket.fitted(_numbers(column, plan), seed=seed)
            if plan["kind"] == "series" and plan["length"] >= SHORTEST_SERIES
            else None
            for column, plan in zip(columns, plans, strict=True)
        )
        return cls(plans, rockets, tuple(pairs_of(columns)))

    @property
    def widths(self) -> list[int]:
        """Features of each column in the dense matrix."""
        return [int(plan["width"]) for plan in self.plans]

    @cached_property
    def width(self) -> int:
        """Features of all columns and pairs in the dense matrix, F."""
        return sum(self.widths) + sum(width_of(self.plans[one]["kind"]) for one, _ in self.pairs)

    def dense(self, columns: Sequence[Column]) -> Floats:
        """The matrix `[N, F]` alone."""
        numbers, others, end = self._places
        X = np.empty((len(columns[0].values), self.width))
        if numbers:
            X.T[list(numbers.values())] = [columns[nth].values for nth in numbers]
        for nth, at, plan in others:
            _fill(X[:, at : at + plan["width"]], columns[nth], plan)
        if self.pairs:
            X[:, end:] = np.hstack([features_of(columns[a], columns[b]) for a, b in self.pairs])
        np.minimum(np.maximum(X, -3e38, out=X), 3e38, out=X)
        return X.astype(np.float32).astype(np.float64)

    @cached_property
    def _places(self) -> tuple[dict[int, int], list[tuple[int, int, Mapping[str, Any]]], int]:
        """Numbers and other columns with the place of their first feature; and where they end."""
        starts = [0, *accumulate(self.widths)]
        each = list(zip(range(len(self.plans)), starts[:-1], self.plans, strict=True))
        numbers = {nth: at for nth, at, plan in each if plan["kind"] == "number"}
        return numbers, [one for one in each if one[0] not in numbers], starts[-1]

    def rows(
        self,
        columns: Sequence[Column],
        *,
        grams: bool = True,
        cased: bool = True,
        waves: bool = True,
    ) -> Rows:
        """All that learners take; what none of them needs can be left out."""
        each = zip(columns, self.plans, self.rockets, strict=True)
        heard = [
            rocket.features(_numbers(column, plan))
            for column, plan, rocket in each
            if waves and rocket is not None
        ]
        texts = [
            (at, list(column.values))
            for at, (column, plan) in enumerate(zip(columns, self.plans, strict=True))
            if plan["kind"] == "text"
        ]
        return Rows(
            self.dense(columns),
            tuple(grams_of(t, salt=at) for at, t in texts) if grams else (),
            tuple(grams_of(t, salt=at, cased=True) for at, t in texts) if cased else (),
            np.hstack(heard) if heard else None,
        )


def take(columns: Sequence[Column], at: NDArray[np.intp]) -> list[Column]:
    """Some rows of columns."""
    return [column._replace(values=column.values[at]) for column in columns]


def _plan(column: Column) -> dict[str, Any]:
    kind, values = column.kind, column.values
    if kind == "number":
        return {"kind": "number", "width": 1}
    if kind == "category":
        codes, counts = np.unique(values[values >= 0], return_counts=True)
        common = codes[np.argsort(-counts, kind="stable")[:ONE_HOT]].tolist()
        rare = len(codes) > len(common)
        frequency = dict(zip(codes.tolist(), (counts / max(1, len(values))).tolist(), strict=True))
        table = [frequency.get(code, 0.0) for code in range(len(column.names))] if rare else []
        levels = _levels(column.names)
        if len(codes) == 2 and not rare:
            common, levels = common[:1], []
        return {
            "kind": "category",
            "codes": common,
            "levels": levels,
            "frequency": table,
            "width": len(common) + bool(levels) + rare,
        }
    if kind == "text":
        longest = max(map(len, values), default=0)
        places = longest if longest <= LONGEST_CODE else 0
        contexts = contexts_of(values.tolist())
        width = TEXTUAL + places + len(contexts)
        return {"kind": "text", "places": places, "contexts": contexts, "width": width}
    length = values.shape[1]
    numeric = kind == "series" or all(type(name) in (int, float) for name in column.names)
    if numeric:
        given = [] if kind == "series" else [float(name) for name in column.names]
        flat = length if length <= LONGEST_FLAT else 0
        return {
            "kind": "series",
            "length": length,
            "names": given,
            "flat": flat,
            "width": flat + SUMMARY,
        }
    symbols = len(column.names)
    flat = length * symbols if length * symbols <= LONGEST_FLAT else length
    return {
        "kind": "symbols",
        "length": length,
        "symbols": symbols,
        "one_hot": flat == length * symbols,
        "width": flat + symbols,
    }


def _levels(names: Sequence[Any]) -> list[float]:
    """The numbers that categories are, if all of them are: then their order may matter."""
    try:
        found = [float(name) for name in names]
    except (TypeError, ValueError):
        return []
    finite = all(np.isfinite(level) and abs(level) < 3e38 for level in found)
    return found if finite and len(found) > 2 else []


def _fill(X: Floats, column: Column, plan: Mapping[str, Any]) -> None:
    """Write the features of one column into its part of the matrix."""
    kind, values = plan["kind"], column.values
    if kind == "category":
        codes = plan["codes"]
        X[:, : len(codes)] = values[:, None] == np.array(codes)[None]
        if plan["levels"]:
            X[:, len(codes)] = np.append(plan["levels"], np.nan)[values]
        if plan["frequency"]:
            X[:, -1] = np.append(plan["frequency"], 0.0)[values]
    elif kind == "text":
        texts = values.tolist()
        X[:, :TEXTUAL] = _textual(texts)
        end = TEXTUAL + plan.get("places", 0)
        if end > TEXTUAL:
            X[:, TEXTUAL:end] = _letters(texts, plan["places"])
        if plan.get("contexts"):
            X[:, end:] = sums_of(texts, plan["contexts"])
    elif kind == "series":
        numbers = _numbers(column, plan)
        if plan["flat"]:
            X[:, : plan["flat"]] = numbers
        X[:, plan["flat"] :] = _summary(numbers)
    else:
        symbols, length = plan["symbols"], plan["length"]
        hot = values[:, :, None] == np.arange(symbols)
        flat = hot.reshape(len(values), -1) if plan["one_hot"] else values
        X[:, : length * (symbols if plan["one_hot"] else 1)] = flat
        X[:, -symbols:] = hot.mean(1)


def _numbers(column: Column, plan: Mapping[str, Any]) -> Floats:
    """The values of a series, whether they came as numbers or as symbols that are numbers."""
    if not plan["names"]:
        return np.asarray(column.values, np.float64)
    return np.asarray(np.append(np.array(plan["names"]), np.nan)[column.values])


def _textual(texts: Sequence[str]) -> Floats:
    """Of each text `[N, TEXTUAL]`: letters, words, shares of digits, capitals and signs."""
    lengths = np.array([len(text) for text in texts])
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), "<u4")
    known, back = np.unique(codes, return_inverse=True)
    kinds = [(c.isdigit(), c.isupper(), not (c.isalnum() or c.isspace())) for c in map(chr, known)]
    found = np.array(kinds, float).reshape(-1, 3).T[:, back]
    rows = np.repeat(np.arange(len(texts)), lengths)
    size = np.maximum(1, lengths)
    shares = [np.bincount(rows, of_kind, len(texts)) / size for of_kind in found]
    words = [text.split() for text in texts]
    count = np.array([len(some) for some in words])
    letters = np.array([sum(map(len, some)) for some in words])
    return np.stack([lengths, count, *shares, letters / np.maximum(1, count)], axis=1)


def _letters(texts: Sequence[str], places: int) -> NDArray[Any]:
    """Each place's letter as its number; a blank beyond the end."""
    padded = "".join(text[:places].ljust(places) for text in texts)
    codes = np.frombuffer(padded.encode("utf-32-le", "replace"), "<u4")
    return codes.reshape(len(texts), places)


def _summary(x: Floats) -> Floats:
    """What tells a whole series, `[N, SUMMARY]`: level, spread, tails, jumps, memory."""
    known = np.logical_not(np.isnan(x))
    empty = np.asarray(~known.any(1))
    if empty.any():
        x = np.where(empty[:, None], 0.0, x)
        known |= empty[:, None]
    count = known.sum(1)
    filled = np.where(known, x, 0.0)
    mean = filled.sum(1) / count
    away = np.where(known, x - mean[:, None], 0.0)
    # What is left of a constant series is rounding, and no jump or crossing of anything.
    away[np.abs(away) <= ROUNDING * np.abs(filled).max(1, keepdims=True)] = 0.0
    spread = np.sqrt((away**2).sum(1) / count)
    low, high = np.nanmin(x, 1), np.nanmax(x, 1)
    tenth, quarter, middle, three, ninth = np.nanquantile(x, [0.1, 0.25, 0.5, 0.75, 0.9], axis=1)
    both = np.logical_and(known[:, 1:], known[:, :-1])
    jumps = np.where(both, np.abs(np.diff(filled, axis=1)), 0.0)
    steps = np.maximum(1, both.sum(1))
    memory = (np.where(both, away[:, 1:] * away[:, :-1], 0.0)).sum(1)
    power = np.maximum(1e-12, (away**2).sum(1))
    crossings = (both & (away[:, 1:] * away[:, :-1] < 0)).sum(1) / steps
    most = jumps.max(1) if jumps.shape[1] else np.zeros(len(x))
    safe = np.where(spread > 0, spread, 1.0)
    columns = [mean, spread, low, high, tenth, quarter, middle, three, ninth]
    columns += [jumps.sum(1) / steps, most, most / safe, memory / power, crossings]
    columns += [away.max(1) / safe, -away.min(1) / safe]
    return np.asarray(np.stack(columns, 1))
