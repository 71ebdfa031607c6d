"""Can 1,000 solved states teach which fares to sell, on flights that were never solved?

    python examples/industry/pricing.py [--quick] [--json]

A flight has seats, four fares, and demand that arrives over 120 periods, cheap fares first. The
dynamic programme knows the bid price of a seat (what it is worth to keep it) in every state of
a flight, exactly; a fare is sold if it is at least that. A specialist learns bid prices from
1,000 states of different flights and sells seats on new ones. Revenue is computed exactly, not
simulated, beside the optimum, EMSR-b (what airlines use), boosting and an MLP.
Source: Talluri and van Ryzin, "The theory and practice of revenue management" (2004), chapter 2.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from _report import Outcome, main
from numpy.typing import NDArray

from hrm_agent import Specialist, train

Floats = NDArray[np.float64]
Bids = Callable[["Flight"], Floats]
"""Bid prices `[PERIODS, seats]`: of a seat while c + 1 of them are left."""

LEARNED, QUICK = 1_000, 300
PERIODS, CLASSES = 120, 4
MINUTES = 1.0


@dataclass(frozen=True)
class Flight:
    """Seats, fares from the highest, and the chance of each fare's customer in each period."""

    seats: int
    fares: Floats
    chances: Floats
    """`[PERIODS, CLASSES]`; period 0 is the first to be sold."""

    @property
    def to_come(self) -> Floats:
        """Customers to be expected from each period on, `[PERIODS, CLASSES]`."""
        return np.asarray(self.chances[::-1].cumsum(0)[::-1])


def draw(rng: np.random.Generator) -> Flight:
    """A flight; demand is 0.8 to 1.6 times its seats, and cheap fares come early."""
    seats = int(rng.integers(15, 40))
    fares = 100 * np.cumprod(np.r_[1.0, rng.uniform(0.55, 0.9, CLASSES - 1)])
    share = rng.dirichlet(np.linspace(2, 5, CLASSES))
    when = np.linspace(0, 1, PERIODS)[:, None]
    early = np.linspace(0, 1, CLASSES) * rng.uniform(0.5, 1.0)
    shape = np.exp(-(((when - (0.9 - 0.7 * early)) / 0.35) ** 2))
    chances = share * shape / shape.sum(0) * seats * rng.uniform(0.8, 1.6)
    return Flight(seats, fares, chances / max(1.0, float(chances.sum(1).max()) / 0.95))


def solved(flight: Flight) -> Floats:
    """Exact bid prices, by the dynamic programme."""
    value, bids = np.zeros(flight.seats + 1), np.empty((PERIODS, flight.seats))
    for t in range(PERIODS - 1, -1, -1):
        bids[t] = np.diff(value)
        gain = np.maximum(0, flight.fares - bids[t][:, None]) @ flight.chances[t]
        value[1:] += gain
    return bids


def revenue(flight: Flight, bids: Floats) -> float:
    """What is earned if exactly the fares at or above the bid price are sold."""
    value = np.zeros(flight.seats + 1)
    for t in range(PERIODS - 1, -1, -1):
        keep = np.diff(value)
        sold = flight.fares >= bids[t][:, None]
        value[1:] += (np.where(sold, flight.fares - keep[:, None], 0) @ flight.chances[t]).ravel()
    return float(value[-1])


def emsr(flight: Flight) -> Floats:
    """Bid prices of EMSR-b, worked out anew in each period from the demand to come.

    Source: Belobaba (1989); demand to come is taken for normal, its variance for its mean.
    """
    from scipy.stats import norm

    bids = np.zeros((PERIODS, flight.seats))
    left = np.arange(1, flight.seats + 1)
    for t in range(PERIODS):
        demand = flight.to_come[min(t + 1, PERIODS - 1)] if t + 1 < PERIODS else np.zeros(CLASSES)
        for j in range(1, CLASSES):
            mean = demand[:j].sum()
            fare = (flight.fares[:j] @ demand[:j]) / mean if mean > 1e-9 else 0.0
            worth = fare * norm.sf(left, mean, max(1e-6, mean**0.5))
            # A seat that higher fares would use is kept from this fare and lower ones.
            bids[t] = np.where(worth > flight.fares[j], np.maximum(bids[t], worth), bids[t])
    return bids


def described(flight: Flight, t: int, seats: int) -> dict[str, float]:
    """A state as a row: everything relative to the highest fare."""
    come = flight.to_come[min(t + 1, PERIODS - 1)] if t + 1 < PERIODS else np.zeros(CLASSES)
    row = {"seats": float(seats), "periods": float(PERIODS - 1 - t)}
    for j in range(CLASSES):
        row[f"fare{j}"] = float(flight.fares[j] / flight.fares[0])
        # Customers of this fare or a higher one per seat: what the seat competes for.
        row[f"demand{j}"] = float(come[: j + 1].sum() / seats)
    return row


def lessons(rng: np.random.Generator, count: int) -> tuple[list[dict[str, float]], list[float]]:
    """States of as many different flights, with their exact bid prices."""
    rows, bids = [], []
    for _ in range(count):
        flight = draw(rng)
        t, seats = int(rng.integers(PERIODS - 1)), int(rng.integers(1, flight.seats + 1))
        rows.append(described(flight, t, seats))
        bids.append(float(solved(flight)[t, seats - 1] / flight.fares[0]))
    return rows, bids


def by(predict: Callable[[list[dict[str, float]]], Any]) -> Bids:
    """Bid prices as a model sees them, all states of a flight together."""

    def bids(flight: Flight) -> Floats:
        states = [
            described(flight, t, c) for t in range(PERIODS) for c in range(1, flight.seats + 1)
        ]
        found = np.asarray(predict(states), float).reshape(PERIODS, flight.seats)
        found[-1] = 0  # nothing is worth keeping in the last period
        return found * flight.fares[0]

    return bids


@contextmanager
def taught(rows: list[dict[str, float]], bids: list[float], seed: int) -> Iterator[Specialist]:
    """A specialist for bid prices."""
    with tempfile.TemporaryDirectory() as folder:
        examples = [{**row, "bid": bid} for row, bid in zip(rows, bids, strict=True)]
        made = train(
            examples, label="bid", name="bids", minutes=MINUTES, seed=seed, root=Path(folder)
        )
        try:
            yield made
        finally:
            made.close()


def measure(seed: int, given: argparse.Namespace) -> Outcome:
    """Revenue on new flights, of the optimum's, for one drawing of states."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows, bids = lessons(np.random.default_rng(seed), QUICK if given.quick else LEARNED)
    flights = [
        draw(np.random.default_rng(10_000 + seed * 100 + n))
        for n in range(5 if given.quick else 20)
    ]
    names = list(rows[0])

    def matrix(some: list[dict[str, float]]) -> Floats:
        return np.array([[row[name] for name in names] for row in some])

    network = make_pipeline(
        StandardScaler(),
        MLPRegressor(hidden_layer_sizes=(64, 64), max_iter=2_000, random_state=seed),
    ).fit(matrix(rows), bids)
    boosting = HistGradientBoostingRegressor(random_state=seed).fit(matrix(rows), bids)
    with taught(rows, bids, seed) as specialist:
        policies: dict[str, Bids] = {
            "hrm-agent": by(lambda some: specialist.predict(some).prediction),
            "EMSR-b": emsr,
            "boosting": by(lambda some: boosting.predict(matrix(some))),
            "MLP": by(lambda some: network.predict(matrix(some))),
            "first come, first served": lambda flight: np.zeros((PERIODS, flight.seats)),
        }
        began = time.perf_counter()
        exact = [solved(flight) for flight in flights]
        solving = (time.perf_counter() - began) / len(flights)
        best = [revenue(flight, bids) for flight, bids in zip(flights, exact, strict=True)]
        shares, spent = {}, 0.0
        for name, policy in policies.items():
            began = time.perf_counter()
            answers = [policy(flight) for flight in flights]
            if name == "hrm-agent":
                states = sum(PERIODS * flight.seats for flight in flights)
                spent = (time.perf_counter() - began) / states
            earned = [revenue(f, a) / b for f, a, b in zip(flights, answers, best, strict=True)]
            shares[name] = float(np.mean(earned))
    figures: dict[str, float | None] = {
        "µs a decision, of many together": 1e6 * spent,
        "µs to solve a flight exactly": 1e6 * solving,
    }
    return Outcome(shares.pop("hrm-agent"), shares, figures)


if __name__ == "__main__":
    main(measure, about=__doc__ or "", metric="revenue, as a share of the optimum's")
