"""Which kind of licence is a clause from, and which clauses must a person read?

    pip install 'hrm-agent[industry]'      # or, for the texts alone:
    pip install --no-deps scancode-toolkit-mini
    python examples/industry/legal.py [--quick] [--json]

Licence notices of ScanCode (CC-BY-4.0), 15 to 150 words each, in five categories. A specialist
learns from 1,000 of them and is asked about licences that it has never seen. What it is not
sure of goes on: to an LLM, or, where nothing may leave the machine, to a person. The LLM is a
script here that is right nineteen times in twenty, so that everything runs offline.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from _report import Outcome, main

from hrm_agent import Policy, Router, Specialist, train
from hrm_agent.testing import ScriptedLLM, network_locked
from hrm_router.llm.protocol import Request

LEARNED, QUICK = 1000, 400
"""Texts to learn from."""
WORDS = (15, 150)
CATEGORIES, FOLDS = 5, 5
PERSON, WRONG = 1.0, 10.0
"""What reading one clause costs, and what a wrong category costs."""
LLM_RIGHT = 0.95
FILES = 60
"""Licence files in the made-up repository."""

Text = dict[str, str]
"""`text`, `licence`, `category`."""


@cache
def texts() -> list[Text]:
    """Notices of a single licence, of the commonest categories."""
    found = importlib.util.find_spec("licensedcode")
    if found is None or found.origin is None:
        raise SystemExit("the texts are missing: pip install --no-deps scancode-toolkit-mini")
    data = Path(found.origin).parent / "data"
    category = {
        head["key"]: head.get("category", "")
        for head, _ in map(_parsed, sorted(data.glob("licenses/*.LICENSE")))
        if "key" in head
    }
    rows = [
        {"text": body, "licence": licence, "category": category[licence]}
        for head, body in map(_parsed, sorted(data.glob("rules/*.RULE")))
        if (licence := head.get("license_expression", "")) in category
        and WORDS[0] <= len(body.split()) <= WORDS[1]
    ]
    kept = {name for name, _ in Counter(r["category"] for r in rows).most_common(CATEGORIES)}
    return [row for row in rows if row["category"] in kept]


def _parsed(file: Path) -> tuple[dict[str, str], str]:
    """The keys above a text, and the text on one line."""
    whole = file.read_text("utf-8", errors="replace")
    parts = re.match(r"---\n(.*?)\n---\n?(.*)", whole, re.DOTALL)
    if parts is None:
        return {}, ""
    return dict(re.findall(r"^(\w+): (.*)$", parts[1], re.MULTILINE)), " ".join(parts[2].split())


def parts(seed: int, *, by_licence: bool, learned: int) -> tuple[list[Text], list[Text]]:
    """What is learned, and what is asked: five seeds ask about each text once."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    rows = texts()
    labels = [row["category"] for row in rows]
    kind = StratifiedGroupKFold if by_licence else StratifiedKFold
    folds = kind(FOLDS, shuffle=True, random_state=seed // FOLDS)
    groups = [row["licence"] for row in rows]
    cuts = folds.split(labels, labels, groups if by_licence else None)
    known, asked = list(cuts)[seed % FOLDS]
    drawn = np.random.default_rng(seed).permutation(known)[:learned]
    return [rows[at] for at in drawn], [rows[at] for at in asked]


def taught(known: Sequence[Text], folder: str, *, by_licence: bool) -> Specialist:
    """The product: one call. It measures itself as it will be asked: on licences apart, or not."""
    return train(
        known,
        name="clause",
        label="category",
        group="licence" if by_licence else None,
        ignore=() if by_licence else ("licence",),
        description="Names the kind of licence that a clause belongs to.",
        cost_of_wrong=WRONG / PERSON - 1,  # a right answer saves the person
        minutes=2,
        root=Path(folder),
        clock=time.process_time,
    )


def baselines(known: Sequence[Text], asked: Sequence[Text]) -> Iterator[tuple[str, float, float]]:
    """Name, accuracy, and cost if what has less than the break-even probability is read."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    right = np.array([row["category"] for row in asked])
    models = {
        "TF-IDF + logistic regression": make_pipeline(
            TfidfVectorizer(), LogisticRegression(max_iter=1000)
        ),
        "TF-IDF of word pairs + linear SVM": make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            LinearSVC(class_weight="balanced"),
        ),
    }
    for name, model in models.items():
        model.fit([row["text"] for row in known], [row["category"] for row in known])
        given = model.predict([row["text"] for row in asked])
        sure = np.ones(len(asked), bool)  # an SVM says nothing of probabilities
        if hasattr(model, "predict_proba"):
            chances = model.predict_proba([row["text"] for row in asked]).max(1)
            sure = chances >= 1 - PERSON / WRONG
        yield name, float((given == right).mean()), cost(given == right, sure)


def cost(right: np.ndarray, accepted: np.ndarray) -> float:
    """Of a clause, on average: wrong answers that were accepted, and clauses that are read."""
    return float((WRONG * (accepted & ~right) + PERSON * ~accepted).mean())


def repository(asked: Sequence[Text]) -> list[str]:
    """The licence files that stand in a folder of packages."""
    with tempfile.TemporaryDirectory() as folder:
        for at, row in enumerate(asked):
            file = Path(folder, f"package-{at}", "LICENSE")
            file.parent.mkdir()
            file.write_text(row["text"], "utf-8")
        return [file.read_text("utf-8") for file in sorted(Path(folder).rglob("LICENSE"))]


async def through_router(specialist: Specialist, asked: Sequence[Text]) -> dict[str, float]:
    """Sort the licence files of a repository, with an LLM for the rest and without."""
    wanted = {row["text"]: row["category"] for row in asked}
    categories = sorted(set(wanted.values()))

    def llm_says(request: Request) -> str:
        heard = request.messages[-1]["content"]
        category = next(c for text, c in wanted.items() if json.dumps(text) in heard)
        luck = random.Random(heard)
        said = category if luck.random() < LLM_RIGHT else luck.choice(categories)
        return json.dumps({"category": said})

    clauses = repository(asked)
    near, far = ScriptedLLM(llm_says), ScriptedLLM(llm_says, local=False)
    hybrid, kept = Router([specialist], llm=near), Router([specialist], llm=far)
    async with hybrid, kept:
        with network_locked():
            answers = await hybrid.solve_many(clauses, task="clause")
            private = await kept.solve_many(clauses, "clause", Policy(local_only=True))
    right = [a.parts[0].text == wanted[c] for a, c in zip(answers, clauses, strict=True)]
    return {
        "hybrid: right of a repository's files": float(np.mean(right)),
        "hybrid: LLM calls per file": len(near.requests) / len(clauses),
        "private: files left to a person": float(
            np.mean([answer.status != "accepted" for answer in private])
        ),
        "private: LLM calls": float(len(far.requests)),
    }


def measure(seed: int, options: argparse.Namespace) -> Outcome:
    """Train on 1,000 texts, ask about the other licences, and about other texts at random."""
    learned = QUICK if options.quick else LEARNED
    found: dict[str, float | None] = {}
    score, beside = 0.0, {}
    for by_licence in (True,) if options.quick else (False, True):
        known, asked = parts(seed, by_licence=by_licence, learned=learned)
        if options.quick:
            asked = random.Random(seed).sample(asked, 300)
        kind = "unseen licences" if by_licence else "random split"
        other = {name: (share, price) for name, share, price in baselines(known, asked)}
        with tempfile.TemporaryDirectory() as folder:
            began = time.process_time()
            with taught(known, folder, by_licence=by_licence) as specialist:
                trained = time.process_time() - began
                began = time.process_time()
                answers = specialist.predict([{"text": row["text"]} for row in asked])
                each = (time.process_time() - began) / len(asked)
                right = np.array(
                    [a.prediction == r["category"] for a, r in zip(answers, asked, strict=True)]
                )
                accepted = np.array([a.status == "accepted" for a in answers])
                sure = np.array([a.probability or 0.0 for a in answers])
                if by_licence:
                    some = random.Random(seed).sample(asked, FILES)
                    found |= asyncio.run(through_router(specialist, some))
        score = float(right.mean())
        beside = {name: share for name, (share, _) in other.items()}
        first = next(iter(other))
        found |= {
            f"{kind}: right": score,
            f"{kind}: right, {first}": other[first][0],
            f"{kind}: accepted": float(accepted.mean()),
            f"{kind}: right of the accepted": (
                float(right[accepted].mean()) if accepted.any() else None
            ),
            f"{kind}: cost a clause": cost(right, sure >= 1 - PERSON / WRONG),
            f"{kind}: cost a clause, accepted alone": cost(right, accepted),
            f"{kind}: cost a clause, {first}": other[first][1],
            f"{kind}: seconds to train": trained,
            f"{kind}: milliseconds a clause": 1000 * each,
        }
    return Outcome(score, beside, found)


if __name__ == "__main__":
    main(measure, about=__doc__, metric="share right on licences that were not trained on")
