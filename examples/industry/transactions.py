"""Which card payments are fraud, how many alerts a day find them, and when does that age?

    pip install 'hrm-agent[industry]'
    python examples/industry/transactions.py [--quick] [--json] [--nab FOLDER]

The payments are simulated after the open description of Le Borgne, Siblini, Lebichot and
Bontempi, "Reproducible Machine Learning for Credit Card Fraud Detection" (ULB, 2022), chapter 3:
customers with habits, terminals nearby, three kinds of fraud, and features that a bank has at the
moment of payment, the truth about a terminal a week late. One month teaches, later ones are
asked. In the third month asked thieves change their ways, which the watch over alerts must notice.

`--nab` adds windows of the Numenta Anomaly Benchmark: `nab_train.csv` and `nab_dev.csv` with the
columns `series`, `tokens` (96 readings) and `has_anomaly`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from _report import Outcome, main
from numpy.typing import NDArray

from hrm_agent import Gate, Specialist, train
from hrm_router.traffic.gate import falls
from hrm_router.traffic.store import Trial

Column = NDArray[Any]
Table = dict[str, Column]

CUSTOMERS, QUICK = 300, 150
DENSITY = 1.0
"""Terminals in a square of side 1; a customer pays at those within `REACH`."""
REACH, TERMINALS = 5.0, 2
"""And how many there are for each customer."""
BAD_TERMINALS, BAD_CARDS = 2 / 10_000, 3 / 5_000
"""Share that is taken over each day, for 28 and 14 days."""
WARM, MONTH, DELAY = 30, 30, 7
"""Days: before the features say something, of a month, until a fraud is known."""
LOOK = 5.0
"""What looking at one alert costs; a missed fraud costs its amount."""
ALERTS = (5, 10, 20, 40)
"""A day and 1,000 payments."""
LABEL, TIME = "kind", "day"


def payments(seed: int, *, customers: int, days: int, changed: int | None = None) -> Table:
    """Simulate payments in the order of time.

    Args:
        seed: of everything.
        customers: how many; each pays twice a day on average.
        days: how many.
        changed: day from which stolen cards are used for small amounts, and terminals are
            left after 5 days instead of 28.
    """
    rng = np.random.default_rng(seed)
    terminals = TERMINALS * customers
    side = (terminals / DENSITY) ** 0.5
    homes, places = rng.uniform(0, side, (customers, 2)), rng.uniform(0, side, (terminals, 2))
    near = [np.flatnonzero(((places - home) ** 2).sum(1) < REACH**2) for home in homes]
    near = [found if len(found) else np.arange(terminals) for found in near]
    mean, rate = rng.uniform(5, 100, customers), rng.uniform(0, 4, customers)
    often = rng.poisson(rate[:, None], (customers, days))
    who, day = (np.repeat(at.ravel(), often.ravel()) for at in np.indices(often.shape))
    second = rng.normal(86_400 / 2, 20_000, len(who))
    kept = (second > 0) & (second < 86_400)
    who, day, second = who[kept], day[kept], second[kept]
    order = np.argsort(day * 86_400 + second)
    who, day, second = who[order], day[order], second[order]
    amount = rng.normal(mean[who], mean[who] / 2)
    amount = np.where(amount < 0, rng.uniform(0, 2 * mean[who]), amount)
    drawn = rng.random(len(who))
    where = np.array([near[w][int(d * len(near[w]))] for w, d in zip(who, drawn, strict=True)])

    fraud = amount > 220
    for today in range(days):
        new = changed is not None and today >= changed
        bad = np.flatnonzero(rng.random(terminals) < BAD_TERMINALS)
        until = today + (5 if new else 28)
        fraud |= (day >= today) & (day < until) & np.isin(where, bad)
        cards = np.flatnonzero(rng.random(customers) < BAD_CARDS)
        theirs = (day >= today) & (day < today + 14) & np.isin(who, cards)
        taken = theirs & (rng.random(len(who)) < 1 / 3)
        amount = np.where(taken & ~fraud & (not new), amount * 5, amount)
        fraud |= taken
    found = {
        TIME: day,
        "amount": amount.round(2),
        "weekend": np.where(day % 7 >= 5, "yes", "no"),
        "night": np.where(second < 6 * 3600, "yes", "no"),
    }
    moment = day + second / 86_400
    for width in (1, 7, 30):
        count, total = _within(who, moment, amount, width, 0)
        found[f"payments_{width}d"] = count
        found[f"mean_amount_{width}d"] = (total / np.maximum(1, count)).round(2)
        count, bad_ones = _within(where, moment, fraud.astype(float), width, DELAY)
        found[f"terminal_payments_{width}d"] = count
        found[f"terminal_risk_{width}d"] = (bad_ones / np.maximum(1, count)).round(4)
    found[LABEL] = np.where(fraud, "fraud", "fine")
    return found


def _within(
    key: Column, moment: Column, value: Column, width: float, delay: float
) -> tuple[Column, Column]:
    """Count and sum over payments with the same key in `width` days that ended `delay` ago."""
    order = np.lexsort((moment, key))
    apart = 10 * (moment.max() + width + delay)
    line = key[order] * apart + moment[order]
    sums = np.concatenate([[0.0], np.cumsum(value[order])])
    first = np.searchsorted(line, line - delay - width, side="right")
    last = np.searchsorted(line, line - delay, side="right")
    count, total = np.empty(len(key), int), np.empty(len(key))
    count[order], total[order] = last - first, sums[last] - sums[first]
    return count, total


def month(table: Table, first: int) -> Table:
    """The payments of thirty days."""
    kept = (table[TIME] >= first) & (table[TIME] < first + MONTH)
    return {name: column[kept] for name, column in table.items()}


def taught(known: Table, folder: str, name: str, *, minutes: float) -> Specialist:
    """The product: one call. It learns from earlier payments and measures itself on later ones."""
    return train(
        known,
        name=name,
        label=LABEL,
        time=TIME,
        ignore=[TIME],
        private=True,
        minutes=minutes,
        root=Path(folder),
        clock=time.process_time,
    )


def chances(specialist: Specialist, asked: Table) -> Column:
    """The calibrated probability of fraud of each payment."""
    answers = specialist.predict({n: c for n, c in asked.items() if n not in (LABEL, TIME)})
    return np.array([(answer.probabilities or {}).get("fraud", 0.0) for answer in answers])


def baselines(known: Table, asked: Table, seed: int) -> dict[str, Column]:
    """What fraud teams try first, on the same payments: a score for each payment asked about."""
    from sklearn import ensemble, linear_model, pipeline, preprocessing

    def plain(table: Table) -> Column:
        numbers = [
            c == "yes" if c.dtype.kind == "U" else c
            for n, c in table.items()
            if n not in (LABEL, TIME)
        ]
        return np.stack(numbers, axis=1).astype(float)

    models = {
        "logistic regression": pipeline.make_pipeline(
            preprocessing.StandardScaler(), linear_model.LogisticRegression(max_iter=500)
        ),
        "random forest": ensemble.RandomForestClassifier(150, random_state=seed),
        "gradient boosting": ensemble.HistGradientBoostingClassifier(random_state=seed),
    }
    truth = known[LABEL] == "fraud"
    found = {
        name: model.fit(plain(known), truth).predict_proba(plain(asked))[:, 1]
        for name, model in models.items()
    }
    odd = ensemble.IsolationForest(random_state=seed).fit(plain(known))
    return {**found, "isolation forest": -odd.score_samples(plain(asked))}


def alerted(table: Table, chance: Column, alerts: int) -> Column:
    """The payments of each day that look worst, in the order of days."""
    found = []
    for day in np.unique(table[TIME]):
        here = np.flatnonzero(table[TIME] == day)
        most = max(1, round(alerts * len(here) / 1000))
        found.append(here[np.argsort(-chance[here], kind="stable")[:most]])
    return np.concatenate(found)


def cost(table: Table, looked_at: Column) -> float:
    """Of 1,000 payments: what was looked at, and the fraud that was not."""
    fraud = table[LABEL] == "fraud"
    missed = table["amount"][fraud].sum() - table["amount"][looked_at][fraud[looked_at]].sum()
    return float(1000 * (LOOK * len(looked_at) + missed) / len(fraud))


def noticed(table: Table, chance: Column, promised: float) -> int | None:
    """Days until the watch of growing finds too few alerts right; None if it never does."""
    looked_at = alerted(table, chance, 10)
    right = table[LABEL][looked_at] == "fraud"
    gate, trials = Gate(accuracy=0.75 * promised), []
    days, sure = table[TIME][looked_at], chance[looked_at]
    for day in np.unique(days):
        trials += [
            Trial(
                specialist="fraud",
                version="1",
                problem="",
                accepted=True,
                unfamiliar=False,
                passed=bool(hit),
                agreed=None,
                confidence=float(chance),
                seconds=0.0,
            )
            for hit, chance in zip(right[days == day], sure[days == day], strict=True)
        ]
        if falls(trials, gate, promoted_at=promised):
            return int(day - table[TIME][0] + 1)
    return None


def measure(seed: int, options: argparse.Namespace) -> Outcome:
    """Teach a month, ask the following ones; in the third of them thieves change."""
    from sklearn.metrics import average_precision_score as average_precision

    size: dict[str, Any] = {"customers": QUICK if options.quick else CUSTOMERS}
    minutes = 0.3
    first = WARM + MONTH + DELAY
    turn = first + 2 * MONTH
    steady = payments(seed, days=turn + MONTH, **size)
    moved = payments(seed, days=turn + MONTH, changed=turn, **size)
    known, asked = month(steady, WARM), month(steady, first)

    def precision(table: Table, chance: Column) -> float:
        return float(average_precision(table[LABEL] == "fraud", chance))

    others = baselines(known, asked, seed)
    found: dict[str, float | None] = {"share of fraud": float((asked[LABEL] == "fraud").mean())}
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        with taught(known, folder, "fraud", minutes=minutes) as specialist:
            found["seconds to train"] = time.process_time() - began
            began = time.process_time()
            chance = chances(specialist, asked)
            found["microseconds a payment"] = 1e6 * (time.process_time() - began) / len(chance)
            later = {"second month": month(steady, first + MONTH)}
            later |= {"third month, as before": month(steady, turn)}
            later |= {"third month, thieves changed": month(moved, turn)}
            said = {name: chances(specialist, table) for name, table in later.items()}
    fraud = asked[LABEL] == "fraud"
    expected = {"hrm-agent": chance, **others}
    for name, scores in expected.items():
        hits = fraud[alerted(asked, scores, 10)].sum() / fraud.sum()
        found[f"recall at 10 alerts in 1,000, {name}"] = float(hits)
        if name != "isolation forest":  # its score is no probability
            worth = np.flatnonzero(scores * asked["amount"] > LOOK)
            found[f"cost of 1,000 by expected loss, {name}"] = cost(asked, worth)
    found["cost of 1,000 without alerts"] = cost(asked, np.array([], int))
    for alerts in ALERTS:
        found[f"cost of 1,000 at {alerts} alerts"] = cost(asked, alerted(asked, chance, alerts))
    promised = float(fraud[alerted(asked, chance, 10)].mean())
    found["share of 10 alerts that is right"] = promised
    for name, table in later.items():
        found[f"{name}: average precision"] = precision(table, said[name])
        after = noticed(table, said[name], promised)
        found[f"{name}: watch speaks up"] = float(after is not None)
        found[f"{name}: days until then"] = None if after is None else float(after)
    if options.nab is not None:
        found |= windows(options.nab, seed)
    score = precision(asked, chance)
    return Outcome(
        score, {name: precision(asked, scores) for name, scores in others.items()}, found
    )


def windows(folder: Path, seed: int) -> Mapping[str, float]:
    """Areas under the curve for windows of other series than those learned from."""
    import pandas
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import roc_auc_score

    known, asked = (pandas.read_csv(folder / f"nab_{part}.csv") for part in ("train", "dev"))
    truth = asked["has_anomaly"].to_numpy()
    X, Y = (np.array([t.split() for t in frame["tokens"]], float) for frame in (known, asked))
    forest = RandomForestClassifier(300, random_state=seed).fit(X, known["has_anomaly"])
    with (
        tempfile.TemporaryDirectory() as home,
        train(
            known,
            name="anomalies",
            label="has_anomaly",
            group="series",
            ignore=["id", "start", "labels"],
            minutes=1,
            seed=seed,
            root=Path(home),
            clock=time.process_time,
        ) as specialist,
    ):
        answers = specialist.predict({"tokens": asked["tokens"].tolist()})
    chance = [
        next(p for label, p in (a.probabilities or {}).items() if str(label) == "1")
        for a in answers
    ]
    return {
        "NAB windows: AUC": float(roc_auc_score(truth, chance)),
        "NAB windows: AUC, random forest": float(
            roc_auc_score(truth, forest.predict_proba(Y)[:, 1])
        ),
        "NAB windows: AUC, largest deviation": float(
            roc_auc_score(truth, np.abs(Y - np.median(Y, axis=1, keepdims=True)).max(1))
        ),
    }


if __name__ == "__main__":
    main(
        measure,
        about=__doc__,
        metric="average precision in the month after training",
        options=lambda parser: parser.add_argument(
            "--nab", type=Path, metavar="FOLDER", help="windows of the Numenta Anomaly Benchmark"
        ),
    )
