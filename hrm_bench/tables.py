"""The yardstick of tables, texts, series and numbers: data that comes inside packages.

Each set is cut once, by its own seed or as it was published: at most a thousand rows teach,
others score, and nothing is tuned on these. What a user would try first learns the same rows
with default settings. One line of JSON a set, failures too.
"""

from __future__ import annotations

import inspect
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np

from hrm_bench.lines import record, recorded
from hrm_specialists.evaluation.reliability import expected_calibration_error

KINDS = ("tables", "texts", "series", "numbers")
TAUGHT, SCORED = 1000, 2000
"""Most rows that teach, and most that score."""
PACKAGES = ("numpy", "scipy.stats", "sklearn.linear_model", "torch.nn", "pandas", "statsmodels.api")

Rows = list[tuple[Any, ...]]
"""Problem, answer, and what belongs together, if anything does."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table."""

    kind: str
    name: str
    train: int
    test: int
    score: float | None = None
    """Accuracy, AUC for the anomalies, or mean absolute error."""
    baselines: Mapping[str, float] = field(default_factory=dict)
    learner: str = ""
    accepted: float | None = None
    precision: float | None = None
    """Of the accepted."""
    calibration_error: float | None = None
    coverage: float | None = None
    seconds: float = 0.0
    failure: str = ""
    seed: int = 0


def measure(
    kind: str,
    out: Path,
    *,
    minutes: float,
    industrial: Path | None = None,
    only: Sequence[str] = (),
    seed: int = 0,
    tell: Callable[[str], None] = print,
) -> list[Result]:
    """Teach and score every set of a kind; those in `out` are done already.

    Args:
        kind: one of `KINDS`.
        out: JSON Lines, added to.
        minutes: of one core's time, for each set.
        industrial: folder with the robot's and the anomalies' files; None leaves them out.
        only: names of sets; all if empty.
        seed: of the cut, where a set has none, and of training.
        tell: told of each.
    """
    done = {(r.kind, r.name, r.seed): r for r in recorded(out, Result)}
    for name, train, test in sets(kind, industrial, seed):
        if (kind, name, seed) in done or (only and name not in only):
            continue
        result = _measured(kind, name, train, test, minutes, seed)
        record(out, result)
        done[kind, name, seed] = result
        tell(to_line(result))
    return [result for (k, _, _), result in done.items() if k == kind]


def to_line(result: Result) -> str:
    """One row of a Markdown table."""
    if result.failure:
        return f"| {result.name} | failed: {result.failure[:80]} | | | | |"
    best = ", ".join(f"{n} {v:.3f}" for n, v in result.baselines.items())
    trust = "" if result.precision is None else f"{result.precision:.3f} of {result.accepted:.0%}"
    if result.coverage is not None:
        trust = f"90 % interval {result.coverage:.1%}"
    ece = "" if result.calibration_error is None else f"{result.calibration_error:.3f}"
    score = f"{result.score:.3f} ({result.learner})"
    return f"| {result.name} | {score} | {best} | {trust} | {ece} | {result.seconds:.0f} s |"


def sets(kind: str, industrial: Path | None, seed: int = 0) -> Iterator[tuple[str, Rows, Rows]]:
    """Name, rows that teach, rows that score."""
    makers = {"tables": _tables, "texts": _texts, "series": _series, "numbers": _numbers}
    for name, rows, cut in makers[kind](industrial):
        if cut is None:
            order = np.random.default_rng([len(name), seed]).permutation(len(rows))
            rows = [rows[at] for at in order]
            cut = min(TAUGHT, int(0.7 * len(rows)))
        yield name, rows[:cut], rows[cut : cut + SCORED]


Made = Iterator[tuple[str, Rows, int | None]]


def _framed(frame: Any, label: str) -> Rows:
    columns = [c for c in frame.columns if c != label]
    return [
        ({c: _plain(row[c]) for c in columns}, _plain(row[label]))
        for row in frame.to_dict("records")
        if row[label] == row[label]
    ]


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return None if value != value else value


def _arrays(X: Any, y: Any, *, label: bool = True) -> Rows:
    rows = zip(np.asarray(X).tolist(), np.asarray(y).tolist(), strict=True)
    return [
        ({f"x{at}": round(v, 5) for at, v in enumerate(row)}, f"c{a}" if label else round(a, 4))
        for row, a in rows
    ]


def _frame(name: str) -> Any:
    """A data set that statsmodels ships, as a data frame."""
    from importlib import import_module

    return import_module(f"statsmodels.datasets.{name}").load_pandas().data


def _tables(industrial: Path | None) -> Made:
    from sklearn import datasets

    for name in ("iris", "wine", "breast_cancer", "digits"):
        yield name, _arrays(*getattr(datasets, f"load_{name}")(return_X_y=True)), None
    fair = _frame("fair")
    fair["affairs"] = np.where(fair["affairs"] > 0, "some", "none")
    yield "affairs", _framed(fair, "affairs"), None
    anes = _frame("anes96")
    anes["vote"] = np.where(anes["vote"] > 0, "dole", "clinton")
    yield "vote", _framed(anes.drop(columns=["PID"]), "vote"), None
    anes = _frame("anes96")
    anes["PID"] = "p" + anes["PID"].astype(int).astype(str)
    yield "party", _framed(anes.drop(columns=["vote"]), "PID"), None
    mode = _frame("modechoice")
    mode["choice"] = np.where(mode["choice"] > 0, "yes", "no")
    yield "mode", _framed(mode.drop(columns=["individual"]), "choice"), None
    hie = _frame("randhie").sample(4000, random_state=0)
    hie["mdvis"] = np.where(hie["mdvis"] > 0, "visits", "none")
    yield "visits", _framed(hie, "mdvis"), None
    made = datasets.make_classification
    for at, options in enumerate(
        (
            {"n_informative": 4, "flip_y": 0.1},
            {"n_informative": 8, "n_classes": 5, "flip_y": 0.05},
            {"n_informative": 3, "weights": [0.93], "flip_y": 0.02},
            {"n_features": 60, "n_informative": 6, "flip_y": 0.1},
            {"n_informative": 6, "n_clusters_per_class": 3, "class_sep": 0.7},
        )
    ):
        yield f"made {at}", _arrays(*made(3000, random_state=at, **cast(Any, options))), None
    yield "moons", _arrays(*datasets.make_moons(3000, noise=0.3, random_state=0)), None
    quantiles = datasets.make_gaussian_quantiles(n_samples=3000, n_features=5, random_state=0)
    yield "quantiles", _arrays(*quantiles), None
    yield "hastie", _arrays(*datasets.make_hastie_10_2(3000, random_state=0)), None
    rng = np.random.default_rng(0)
    for name, holes in (("levels", 0.0), ("levels with holes", 0.2)):
        yield name, _levels(rng, holes), None
    if industrial is not None:
        yield _industrial(industrial, "wallbot", "action")


def _levels(rng: Any, holes: float) -> Rows:
    """Categories and numbers whose meaning depends on one another, a tenth mislabelled."""
    rows: Rows = []
    for _ in range(3000):
        row: dict[str, Any] = {
            "plan": str(rng.choice(["free", "pro", "team"])),
            "region": str(rng.choice(list("abcdefgh"))),
            "age": float(rng.integers(0, 60)),
            "seats": float(rng.integers(1, 20)),
        }
        limit = {"free": 10, "pro": 25, "team": 40}[row["plan"]]
        label = "stays" if row["age"] > limit or row["region"] in "ab" else "leaves"
        if rng.random() < 0.1:
            label = "stays" if label == "leaves" else "leaves"
        for key in row:
            if rng.random() < holes:
                row[key] = None
        rows.append((row, label))
    return rows


def _industrial(folder: Path, name: str, label: str) -> tuple[str, Rows, int | None]:
    """The later rows score, as the files are cut; at most a thousand earlier ones teach."""
    import pandas

    parts: list[Rows] = []
    for part, most in (("train", TAUGHT), ("dev", SCORED)):
        frame = pandas.read_csv(folder / f"{name}_{part}.csv")
        step = max(1, len(frame) // most)
        frame = frame.iloc[::step][:most]
        values = frame["tokens"].str.split().map(lambda t: [int(v) for v in t])
        answers = [f"c{answer}" for answer in frame[label]]
        if name == "wallbot":
            values = [{f"x{at}": v for at, v in enumerate(row)} for row in values]
            parts.append(list(zip(values, answers, strict=True)))
        else:
            parts.append(list(zip(values, answers, frame["series"], strict=True)))
    return name, parts[0] + parts[1], len(parts[0])


def _texts(industrial: Path | None) -> Made:
    import importlib

    paragraphs, names = [], []
    for package in PACKAGES:
        module = importlib.import_module(package)
        for name in dir(module):
            found = inspect.getdoc(getattr(module, name, None)) or ""
            names.append((name, package))
            for part in found.split("\n\n")[:6]:
                text = " ".join(part.split())
                if 30 < len(text) < 400:
                    paragraphs.append((text, package))
    for called, pairs in (("paragraphs", paragraphs), ("names", names)):
        yield called, list(dict(sorted(pairs)).items()), None
    letters = [("".join(c for c in t.lower() if c.isalpha() or c == " "), p) for t, p in paragraphs]
    yield "paragraphs, letters only", list(dict(sorted(letters)).items()), None


def _series(industrial: Path | None) -> Made:
    from aeon import datasets  # pyright: ignore[reportMissingImports]

    for name in ("arrow_head", "gunpoint", "italy_power_demand", "osuleaf", "acsf1"):
        load = getattr(datasets, f"load_{name}")
        rows: Rows = []
        cut = 0
        for split in ("train", "test"):
            X, y = load(split=split)
            series = np.asarray(X)[:, 0].round(5).tolist()
            rows += [(one, f"c{label}") for one, label in zip(series, y, strict=True)]
            cut = cut or len(rows)
        yield name, rows, cut
    if industrial is not None:
        yield _industrial(industrial, "nab", "has_anomaly")


def _numbers(industrial: Path | None) -> Made:
    from sklearn import datasets

    yield "diabetes", _arrays(*datasets.load_diabetes(return_X_y=True), label=False), None
    for at, noise in ((1, 1.0), (2, 50.0), (3, 0.1)):
        made = getattr(datasets, f"make_friedman{at}")(3000, noise=noise, random_state=at)
        yield f"friedman {at}", _arrays(*made, label=False), None
    linear = datasets.make_regression(3000, 20, n_informative=6, noise=20, random_state=0)
    yield "linear", _arrays(*linear, label=False), None
    engel = _frame("engel").round(3)
    yield "engel", _framed(engel, "foodexp"), None
    star = _frame("star98").round(4)
    yield "star", _framed(star.drop(columns=["NBELOW"]), "NABOVE"), None
    fertility = _frame("grunfeld").drop(columns=["firm"])
    yield "investment", _framed(fertility, "invest"), None


def _measured(kind: str, name: str, train: Rows, test: Rows, minutes: float, seed: int) -> Result:
    from hrm_specialists.evaluation.values import area_under_curve
    from hrm_specialists.teaching.teach import train as teach

    about: dict[str, Any] = {"kind": kind, "name": name, "train": len(train), "test": len(test)}
    about["seed"] = seed
    given: list[Any] = train
    options: dict[str, Any] = {"minutes": minutes, "seed": seed, "clock": time.process_time}
    if len(train[0]) > 2:
        given = [{"problem": p, "solution": s, "group": g} for p, s, g in train]
        options["group"] = "group"
        train, test = [row[:2] for row in train], [row[:2] for row in test]
    began = time.process_time()
    try:
        with tempfile.TemporaryDirectory() as folder:
            taught = teach(given, name="t", root=Path(folder), device="cpu", **options)
            seconds = time.process_time() - began
            with taught:
                task: Any = taught.task
                problems = [task.parse(problem) for problem, _ in test]
                found = taught.solver.answer_columns(task.schema.columns(problems))  # type: ignore[attr-defined]
        (field_name,) = task.Solution.model_fields
        solutions = [task.Solution.model_validate({field_name: answer}) for _, answer in test]
        targets = task.schema.targets(solutions)
        if kind == "numbers":
            score = float(np.abs(found.answers - targets).mean())
            inside = (found.low <= targets) & (targets <= found.high)
            about |= {"coverage": float(inside.mean())}
        else:
            right = found.answers == targets
            score = float(right.mean())
            said = np.array([bool(why) for why in found.unfamiliar])
            accepted = (found.confidence >= taught.threshold) & ~said
            about |= {
                "accepted": float(accepted.mean()),
                "precision": float(right[accepted].mean()) if accepted.any() else None,
                "calibration_error": expected_calibration_error(found.confidence, right),
            }
            if name == "nab":
                score = float(area_under_curve(found.probabilities[:, 1], targets == 1) or 0.0)
        about |= {"score": score, "learner": str(taught.card["method"]), "seconds": seconds}
        return Result(**about, baselines=_baselines(kind, name, train, test))
    except Exception as error:  # a failure is a result
        about |= {"failure": f"{type(error).__name__}: {error}"}
        about["seconds"] = time.process_time() - began
        return Result(**about)


def _baselines(kind: str, name: str, train: Rows, test: Rows) -> dict[str, float]:
    """Default settings of what is usually tried first."""
    from sklearn import ensemble, linear_model, pipeline, preprocessing
    from sklearn.feature_extraction.text import TfidfVectorizer

    def logistic() -> Any:
        return linear_model.LogisticRegression(max_iter=1000)

    y, wanted = np.array([a for _, a in train]), np.array([a for _, a in test])
    X: Any = [given for given, _ in train]
    asked: Any = [given for given, _ in test]
    models: dict[str, Any]
    if kind == "texts":
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))
        both = pipeline.make_union(TfidfVectorizer(ngram_range=(1, 2)), letters)
        models = {
            "TF-IDF words + LR": pipeline.make_pipeline(TfidfVectorizer(), logistic()),
            "TF-IDF words and letters + LR": pipeline.make_pipeline(both, logistic()),
        }
    elif kind == "series":
        X, asked = np.array(X, float), np.array(asked, float)
        models = {"forest": ensemble.RandomForestClassifier(random_state=0)}
        if name != "nab":
            from aeon.classification.convolution_based import (  # pyright: ignore[reportMissingImports]
                MiniRocketClassifier,
            )

            models["MiniRocket"] = MiniRocketClassifier(random_state=0)
    else:
        import pandas

        table = pandas.get_dummies(pandas.DataFrame(X + asked)).to_numpy(float)
        X, asked = table[: len(train)], table[len(train) :]
        ending = "Regressor" if kind == "numbers" else "Classifier"
        models = {
            "linear": pipeline.make_pipeline(
                preprocessing.FunctionTransformer(np.nan_to_num),
                preprocessing.StandardScaler(),
                linear_model.Ridge() if kind == "numbers" else logistic(),
            ),
            "forest": getattr(ensemble, f"RandomForest{ending}")(random_state=0),
            "boosting": getattr(ensemble, f"HistGradientBoosting{ending}")(random_state=0),
        }
    return {n: _score(kind, name, m.fit(X, y), asked, wanted) for n, m in models.items()}


def _score(kind: str, name: str, model: Any, asked: Any, wanted: Any) -> float:
    if kind == "numbers":
        return float(np.abs(model.predict(asked) - wanted).mean())
    if name == "nab":
        from sklearn.metrics import roc_auc_score

        return float(roc_auc_score(wanted == model.classes_[1], model.predict_proba(asked)[:, 1]))
    return float((model.predict(asked) == wanted).mean())
