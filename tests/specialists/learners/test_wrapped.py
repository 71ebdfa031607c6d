"""Models made elsewhere: the same contract, and no trust that was not measured."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from typing import Literal

import numpy as np
import pytest
from pydantic import BaseModel
from rich.console import Console

from hrm_agent.cli.card import card_view
from hrm_specialists.contract import Task, Verdict
from hrm_specialists.errors import (
    CheckpointError,
    ConfigError,
    CorruptCheckpoint,
    SpecialistCrashed,
    UnsafeCheckpoint,
)
from hrm_specialists.specialist import Specialist


class Reading(BaseModel):
    a: float
    b: float


class State(BaseModel):
    state: Literal["low", "high"]


class Readings(Task[Reading, State]):
    name, Problem, Solution = "readings", Reading, State


class Number(BaseModel):
    n: int


class Doubling(Task[Number, Number]):
    name, Problem, Solution = "doubling", Number, Number

    def check(self, problem, solution):
        return Verdict(solution.n == 2 * problem.n)


def rows(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    return X, np.where(X.sum(1) + rng.normal(0, 0.3, n) > 0, "high", "low")


def held_out(n=400):
    X, y = rows(n, 1)
    return [({"a": a, "b": b}, {"state": s}) for (a, b), s in zip(X, y, strict=True)]


def test_a_function_is_verified_by_its_checker_and_by_nothing_else():
    with Specialist.from_function(Doubling(), lambda p: {"n": 2 * p.n}) as right:
        assert right.solve({"n": 4}).verdict.passed
    with Specialist.from_function(Doubling(), lambda p: 3) as wrong:
        attempt = wrong.solve({"n": 4})
        assert not attempt.verdict.passed
        assert not wrong.accepts(attempt)
    with Specialist.from_function(Readings(), lambda p: "low") as sure:
        assert not sure.accepts(sure.solve({"a": 1, "b": 2}))
        assert (sure.card["measured_on"], sure.threshold) == ("nothing yet", 1.0)
        told = io.StringIO()
        Console(file=told, width=200).print(*card_view(sure))
        assert "never accepted: not measured on held-out examples" in told.getvalue()


def test_a_function_that_raises_or_returns_something_else_says_so():
    def broken(problem):
        raise KeyError("x")

    def leaving(problem):
        raise SystemExit(3)

    for solve in (broken, leaving, lambda p: "neither", lambda p: object()):
        with Specialist.from_function(Readings(), solve) as one:
            for _ in range(2):  # the thread lives on
                with pytest.raises(SpecialistCrashed):
                    one.solve({"a": 1, "b": 2})
    with Specialist.from_function(Readings(), lambda p: None) as nothing:
        assert nothing.solve({"a": 1, "b": 2}).solution is None


def test_a_function_that_hangs_costs_its_caller_the_deadline_and_no_other():
    released = threading.Event()

    def solve(problem):
        if problem.n == 0:
            released.wait(20)
        return {"n": 2 * problem.n}

    with Specialist.from_function(Doubling(), solve) as one:
        hanging = one.submit(Number(n=0), deadline=time.monotonic() + 0.2)
        assert hanging.future.result(timeout=5).reason == "deadline"
        assert one.solve({"n": 3}).verdict.passed
        released.set()


def test_an_estimator_is_accepted_as_far_as_held_out_rows_vouch_for_it():
    linear = pytest.importorskip("sklearn.linear_model")
    X, y = rows(300, 0)
    fitted = linear.LogisticRegression().fit(X, y)
    with Specialist.from_estimator(Readings(), fitted, held_out=held_out()) as one:
        far, near = one.solve({"a": 3.0, "b": 2.0}), one.solve({"a": 0.02, "b": 0.0})
        assert far.solution.state == "high"
        assert one.accepts(far)
        assert not one.accepts(near)
        assert sum(far.probabilities.values()) == pytest.approx(1)
        assert one.card["test_accuracy"] > 0.85
    with Specialist.from_estimator(Readings(), fitted) as unmeasured:
        assert not unmeasured.accepts(unmeasured.solve({"a": 3.0, "b": 2.0}))


def test_an_estimator_without_probabilities_is_never_accepted_and_other_columns_are_refused():
    svm, linear = pytest.importorskip("sklearn.svm"), pytest.importorskip("sklearn.linear_model")
    pandas = pytest.importorskip("pandas")
    X, y = rows(200, 0)
    with Specialist.from_estimator(Readings(), svm.LinearSVC().fit(X, y)) as one:
        attempt = one.solve({"a": 3.0, "b": 2.0})
        assert attempt.solution.state == "high"
        assert not one.accepts(attempt)

    class Odd:
        classes_ = ("high", "low")

        def __init__(self, said):
            self.said = said

        def predict(self, table):
            return ["high"] * len(table)

        def predict_proba(self, table):
            if self.said is None:
                raise RuntimeError("no")
            return np.array([self.said] * len(table))

    for said in (None, [0.2, 0.3, 0.5]):
        with pytest.raises(SpecialistCrashed):
            Specialist.from_estimator(Readings(), Odd(said), held_out=held_out(40))
    with Specialist.from_estimator(Readings(), Odd([np.nan, np.nan])) as unsure:
        assert unsure.solve({"a": 3.0, "b": 2.0}).confidence == 0
    with pytest.raises(ConfigError, match="held_out"):
        Specialist.from_estimator(Readings(), Odd([0.5, 0.5]), held_out=[])
    other = linear.LogisticRegression().fit(pandas.DataFrame(X, columns=["a", "c"]), y)
    with pytest.raises(ConfigError, match="fitted on c"):
        Specialist.from_estimator(Readings(), other)
    with pytest.raises(ConfigError, match="no predict"):
        Specialist.from_estimator(Readings(), object())


def test_an_onnx_model_answers_and_is_looked_at_before_it_runs(tmp_path):
    onnx, skl2onnx = pytest.importorskip("onnx"), pytest.importorskip("skl2onnx")
    linear = pytest.importorskip("sklearn.linear_model")
    pytest.importorskip("onnxruntime")
    X, y = rows(300, 0)
    fitted = linear.LogisticRegression().fit(X.astype(np.float32), y)
    model = skl2onnx.to_onnx(fitted, X[:1].astype(np.float32))
    file = tmp_path / "model.onnx"
    data = model.SerializeToString()
    file.write_bytes(data)
    with Specialist.from_onnx(file, task=Readings(), held_out=held_out()) as one:
        attempt = one.solve({"a": 3.0, "b": 2.0})
        assert attempt.solution.state == "high"
        assert one.accepts(attempt)
    with pytest.raises(CorruptCheckpoint, match="stated"):
        Specialist.from_onnx(file, task=Readings(), size=len(data) - 1)
    with pytest.raises(CorruptCheckpoint, match="hash"):
        Specialist.from_onnx(file, task=Readings(), sha256="0" * 64)
    Specialist.from_onnx(file, task=Readings(), sha256=hashlib.sha256(data).hexdigest())
    with pytest.raises(CheckpointError, match="takes 2"):
        Specialist.from_onnx(file, task=Doubling())

    model.graph.node[0].domain = "my.own"
    file.write_bytes(model.SerializeToString())
    with pytest.raises(UnsafeCheckpoint, match=r"my\.own"):
        Specialist.from_onnx(file, task=Readings())
    tensor = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [2], [1.0, 2.0])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    model = skl2onnx.to_onnx(fitted, X[:1].astype(np.float32))
    model.graph.initializer.append(tensor)
    file.write_bytes(model.SerializeToString())
    with pytest.raises(UnsafeCheckpoint, match="another file"):
        Specialist.from_onnx(file, task=Readings())
    file.write_bytes(b"no model")
    with pytest.raises(CheckpointError):
        Specialist.from_onnx(file, task=Readings())


def test_a_constant_guess_of_the_commonest_answer_is_never_accepted():
    """It is right as often as the answer is common, without looking."""
    X, _ = rows(800, 5)
    held = [
        ({"a": a, "b": b}, {"state": "low" if at % 16 else "high"}) for at, (a, b) in enumerate(X)
    ]
    dummy = pytest.importorskip("sklearn.dummy").DummyClassifier(strategy="prior")
    fitted = dummy.fit(X, [wanted["state"] for _, wanted in held])
    with Specialist.from_estimator(Readings(), fitted, held_out=held) as constant:
        problems = [problem for problem, _ in held[:50]]
        assert not any(constant.accepts(constant.solve(problem)) for problem in problems)
        assert constant.card["thresholds"]["low"] > 0.95
