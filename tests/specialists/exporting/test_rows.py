"""Trees, linear models and mixtures in ONNX answer as they do in numpy."""

from __future__ import annotations

import random

import numpy as np
import pytest

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")
pytest.importorskip("sklearn")

from hrm_specialists.engine.calibration import Calibration  # noqa: E402
from hrm_specialists.exporting.rows import rows_model  # noqa: E402
from hrm_specialists.learners.grams import grams_of  # noqa: E402
from hrm_specialists.learners.mixture import Familiar, Mixture, Spread  # noqa: E402
from hrm_specialists.learners.rivals import rivals_for  # noqa: E402
from hrm_specialists.learners.rows import Encoder  # noqa: E402
from hrm_specialists.learners.solver import RowSolver  # noqa: E402
from hrm_specialists.learners.vocabulary import Vocabulary  # noqa: E402
from hrm_specialists.schema import infer_task  # noqa: E402

WORDS = ["pump", "Valve", "motor", "seal", "bearing", "belt", "gear", "shaft", "filter", "hose"]
TRAINED, ASKED = 240, 500


def tables(rng, count):
    """Numbers with holes, names, numbers that are names, and truths."""
    for _ in range(count):
        load, kind = round(rng.uniform(0, 10), 2), rng.choice("abcd")
        row = {
            "load": load if rng.random() > 0.1 else None,
            "stamp": 1_700_000_000 + rng.randrange(10**7),
            "kind": kind,
            "size": rng.choice([1, 2, 5, 10]),
            "new": rng.random() < 0.5,
        }
        yield row, ["worn", "fine", "odd"][(load > 4) + (kind == "c")], load * 3 + ord(kind)


def texts(rng, count):
    for _ in range(count):
        some = rng.choices(WORDS, k=rng.randint(0, 9))
        said = "hot" if "motor" in some else "Cold" if "Valve" in some else "warm"
        yield {"note": " ".join(some), "age": rng.random()}, said, float(len(some))


def series(rng, count):
    """Some constant, some with holes, some cut short."""
    for _ in range(count):
        pace, steps = rng.choice([0.2, 0.9]), rng.choice([40, 40, 40, 33])
        values = [round(np.sin(pace * t) + rng.gauss(0, 0.2), 3) for t in range(steps)]
        if rng.random() < 0.1:
            values = [values[0]] * steps
        yield {"signal": values}, "fast" if pace > 0.5 else "slow", pace * 10


def lists(rng, count):
    for _ in range(count):
        some = [rng.choice("xyz") for _ in range(6)]
        yield {"items": some}, "many" if some.count("x") > 2 else "few", float(some.count("x"))


def counts(rng, count):
    """Lists whose symbols are numbers: taken for series."""
    for _ in range(count):
        some = [rng.choice([1, 2, 5]) for _ in range(8)]
        yield {"items": some}, "many" if sum(some) > 20 else "few", float(sum(some))


def quotients(rng, count):
    """A number that is a ratio of others, and two lists to compare."""
    for _ in range(count):
        total, each, some = rng.randint(1, 900), rng.randint(1, 9), rng.choices("xyz", k=4)
        row = {"total": total + 0.5, "each": each, "some": some, "more": rng.choices("xyz", k=4)}
        yield row, "much" if total / each > 50 else "little", round((total + 0.5) / each, 6)


def feed(model, mixture, columns):
    """What the inputs of a model are, from columns."""
    wanted = {i.name: i.type for i in model.get_inputs()}
    given = {}
    for column, plan in zip(columns, mixture.encoder.plans, strict=True):
        name, values = column.name, column.values
        if column.kind == "text":
            dense = mixture.encoder.dense(columns)
            at = sum(mixture.encoder.widths[: columns.index(column)])
            given[f"{name}.features"] = dense[:, at : at + plan["width"]].astype(np.float32)
            for cased in (False, True):
                grams = grams_of(list(values), salt=columns.index(column), cased=cased)
                for kind in ("words", "letters"):
                    key = f"{name}.{kind}{'.cased' if cased else ''}"
                    if key in wanted:
                        parts = [p.astype(np.int64) for p in getattr(grams, kind)]
                        given[key] = np.stack(parts, axis=1)
        elif column.kind == "category":
            text = wanted[name] == "tensor(string)"
            unknown = "?" if text else -9.0
            told = [column.names[at] if at >= 0 else unknown for at in values]
            given[name] = np.array(told, object if text else np.float32)[:, None]
        elif column.kind == "number":
            given[name] = values.astype(np.float32)[:, None]
        elif plan["kind"] == "series" and column.kind == "symbols":
            given[name] = np.append(np.array(plan["names"], float), np.nan)[values]
        else:
            given[name] = values.astype(np.float64 if column.kind == "series" else np.int64)
    if "pairs.features" in wanted:
        of_columns = sum(mixture.encoder.widths)
        given["pairs.features"] = mixture.encoder.dense(columns)[:, of_columns:].astype(np.float32)
    return given


def vocabulary(texts):
    return Vocabulary.fitted(list(texts), np.arange(len(texts)) % 3)


@pytest.mark.parametrize(
    "kind",
    [
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in (tables, series, counts)),
        lists,
        quotients,
        texts,
    ],
)
def test_every_learner_and_a_mixture_answer_alike_within_1e_4(kind):
    """Of labels the calibrated probabilities, of numbers the answer and its interval."""
    rng = random.Random(0)
    rows = list(kind(rng, TRAINED + ASKED))
    for target in (1, 2):
        pairs = [(row[0], row[target]) for row in rows]
        task = infer_task("made", pairs[:TRAINED])
        parse = [task.parse(row) for row, _ in pairs]
        taught, asked = task.schema.columns(parse[:TRAINED]), task.schema.columns(parse[TRAINED:])
        numbers = {n: f for n, f in task.fields["problem"].items() if f.kind == "number"}
        encoder = Encoder.fitted(taught)
        ready = encoder.rows(taught)
        labels = len(task.schema.answer.names)
        assert bool(labels) == (target == 1)
        (field,) = task.Solution.model_fields
        answers = [task.Solution.model_validate({field: y}) for _, y in pairs[:TRAINED]]
        targets = task.schema.targets(answers)
        familiar, spread = Familiar.fitted(ready.dense), None
        rivals = rivals_for(encoder, ready, labels, seed=0)
        if kind is quotients:
            rivals = [r for r in rivals if r.name in ("linear", "ratio", "forest")]
        else:  # a ratio divides by almost nothing
            rivals = [r for r in rivals if r.name != "ratio"]
        members = [(r.name, r.fit(ready, targets, labels, None)) for r in rivals]
        if not labels:
            trees = next(r for r in rivals_for(encoder, ready, 0, seed=0) if r.name == "forest")
            misses = np.linspace(0.1, 3, 40)
            spread = Spread(trees.fit(ready, np.log(1 + targets), 0, None), misses)
        known = [vocabulary(c.values) if c.kind == "text" else None for c in taught]
        mixed = [("mixed", tuple((n, 1 / len(members), m) for n, m in members))]
        for name, parts in [*((n, ((n, 1.0, m),)) for n, m in members), *mixed]:
            mixture = Mixture(encoder, parts, labels, familiar, spread, tuple(known))
            line = (0.8, 0.3, 0.9) if labels else ()
            solver = RowSolver(task, mixture, calibration=Calibration(line=line))
            model, meaning = rows_model(solver)
            assert len(meaning["unchecked"]) == len([one for one in known if one])
            session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
            names = [o.name for o in session.get_outputs()]
            found = session.run(None, feed(session, mixture, asked))
            got = dict(zip(names, found, strict=True))
            want = solver.answer_columns(asked)
            about = f"{kind.__name__}, {name}, {'labels' if labels else 'numbers'}"
            far = familiar.distance(encoder.dense(asked)) ** 0.5
            assert meaning["usual_distance"] == familiar.limit**0.5
            np.testing.assert_allclose(got["distance"], far, rtol=1e-4, atol=1e-4, err_msg=about)
            ranges = {about["name"]: about.get("familiar") for about in meaning["columns"]}
            assert all(ranges[n] == list(f.familiar) for n, f in numbers.items())
            if labels:
                sure = np.abs(got["probabilities"] - want.probabilities).max()
                assert sure < 1e-4, f"{about}: {sure}"
                named = [meaning["labels"][at] for at in want.answers]
                even = np.sort(want.probabilities, axis=1)
                clear = even[:, -1] - even[:, -2] > 1e-4
                assert [str(x) for x in got["label"][clear]] == list(np.array(named)[clear]), about
            else:
                for key, value in (
                    ("number", want.answers),
                    ("low", want.low),
                    ("high", want.high),
                ):
                    np.testing.assert_allclose(
                        got[key], value, rtol=1e-4, atol=1e-4, err_msg=f"{about}: {key}"
                    )
