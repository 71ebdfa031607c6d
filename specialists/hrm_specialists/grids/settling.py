"""Choose among readings of the same stretch of text, and refuse those that differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from hrm_specialists.contract import Claim, NearMiss

P = TypeVar("P", bound=BaseModel)

MOST_MISSES = 100
"""Reasons that are looked at in a text."""
TWO_WAYS = "it can be read in two ways that differ; write one row a line, with nothing before it"


@dataclass(frozen=True, slots=True)
class Candidate(Generic[P]):
    """A grid that a task understood (`problem`), or why it did not (`reason`)."""

    problem: P | None
    reason: str
    start: int
    end: int
    form: str
    rank: int = 0
    """The lowest counts; of those that share it, all must say the same."""
    beside: tuple[tuple[int, int], ...] = ()
    """Stretches inside of it that say something and are no cells."""


def settled(found: Iterable[Candidate[P]]) -> tuple[list[Claim[P]], list[NearMiss]]:
    """Claims and near misses, neither of which overlap, in the order of their places."""
    every = sorted(found, key=lambda one: (one.start, -one.end))
    claims: list[Claim[P]] = []
    misses: list[NearMiss] = []
    for group in _groups([one for one in every if one.problem is not None]):
        lowest = min(one.rank for one in group)
        first = [one for one in group if one.rank == lowest]
        taken: list[Candidate[P]] = []
        for one in first:
            rivals = [two for two in first if _overlap(one, two) and two.problem != one.problem]
            if rivals:
                longest = max(two.end - two.start for two in rivals)
                if one.end - one.start <= longest:
                    if all(two.end - two.start == one.end - one.start for two in rivals):
                        misses.append(NearMiss(TWO_WAYS, (one.start, one.end)))
                    continue
            if not any(_overlap(one, two) for two in taken):
                taken.append(one)
        for one in group:  # higher ranks beside what was taken
            if one.rank > lowest and not any(_overlap(one, two) for two in (*first, *taken)):
                taken.append(one)
        claims += [
            Claim(one.problem, (one.start, one.end), one.form, beside=one.beside)
            for one in taken
            if one.problem
        ]
    claims.sort(key=lambda claim: claim.span)
    spans = sorted([claim.span for claim in claims] + [miss.span for miss in misses])
    kept = list({miss.span: miss for miss in misses}.values())
    reasons = sorted((one for one in every if one.reason), key=lambda one: (one.rank, one.start))
    for one in reasons[:MOST_MISSES]:
        if not any(a < one.end and one.start < b for a, b in spans):
            kept.append(NearMiss(one.reason, (one.start, one.end)))
            spans.append((one.start, one.end))
    return claims, sorted(kept, key=lambda miss: miss.span)


def _groups(found: list[Candidate[P]]) -> list[list[Candidate[P]]]:
    """Those that overlap, directly or through others."""
    groups: list[list[Candidate[P]]] = []
    end = -1
    for one in found:
        if one.start >= end:
            groups.append([])
        groups[-1].append(one)
        end = max(end, one.end)
    return groups


def _overlap(one: Candidate[P], two: Candidate[P]) -> bool:
    return one.start < two.end and two.start < one.end
