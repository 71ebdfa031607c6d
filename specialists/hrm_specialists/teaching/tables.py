"""From examples with one label or number as answer to the best of the learners that fit them.

All are compared by cross-validation; what is published is calibrated by predictions that
neither chose nor taught it. The test part is looked at once; of few examples there is none,
and cross-validation measures, too. Knows nothing of networks or files.

Shapes: N rows, K labels.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.engine.calibration import Calibration, fit_crosswise
from hrm_specialists.errors import ConfigError
from hrm_specialists.evaluation.reliability import threshold_for, thresholds_of_labels
from hrm_specialists.learners.rows import Encoder, take
from hrm_specialists.learners.solver import RowSolver
from hrm_specialists.schema.columns import Answers, Column
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.schema.examples import Example, Pair, contradictions
from hrm_specialists.teaching.card import Card, measured, worst
from hrm_specialists.teaching.competing import Contest, Lesson, compete, refit
from hrm_specialists.teaching.measures import confusion, importance, metrics_of, score_of
from hrm_specialists.teaching.splitting import Key, folds_of

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

FOLDS, FEWER_FOLDS = 5, 3
QUICK = 30.0
"""Seconds for all learners below which there are fewer folds."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A learner that is ready to be published, and what is known of it."""

    solver: RowSolver
    calibration: Calibration
    threshold: float
    thresholds: dict[str, float]
    """Of labels that need more than the threshold."""
    contest: Contest
    known: NDArray[np.intp]
    """Places among the examples of those that have a label or number: the lesson's rows."""
    kind: str
    """trees, linear, kernel, series, or mixture."""
    digits: int | None
    tolerance: float | None

    def right(self, lesson: Lesson, count: int) -> list[bool]:
        """Whether cross-validation gave each of `count` examples its label or number."""
        found, outcome = np.zeros(count, bool), self.contest.outcome
        if lesson.labels:
            found[self.known] = outcome.argmax(1) == lesson.targets
        else:
            found[self.known] = np.abs(outcome[:, 0] - lesson.targets) < (self.tolerance or 0.0)
        right: list[bool] = found.tolist()
        return right

    def learner(self, columns: Sequence[Column]) -> dict[str, Any]:
        """What a config.json holds of it."""
        return {
            "kind": self.kind,
            "method": self.contest.winner,
            **self.solver.mixture.to_config(),
            "columns": [column.name for column in columns],
            "thresholds": self.thresholds,
            "tolerance": self.tolerance,
            "digits": self.digits,
        }


def fits(task: Any) -> bool:
    """Whether a task's answers are one label or one number, so that these learners apply."""
    return isinstance(task, DataTask) and task.schema.answer.kind in ("label", "number")


def teach(
    task: DataTask,
    pairs: Sequence[Pair],
    examples: Sequence[Example],
    *,
    key: Key,
    learner: str,
    seed: int,
    cost_of_wrong: float,
    tolerance: float | None,
    ends: float,
    soft: Callable[[Sequence[Column]], Floats] | None = None,
    exact: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Taught, Lesson]:
    """Choose, fit and calibrate.

    Args:
        task: one that `fits`.
        pairs, examples: the same examples, as they were read and as models.
        key: see `folds_of`.
        learner: "auto", or the kind that must win.
        seed: of folds and learners.
        cost_of_wrong: of accepting a wrong answer, in right ones.
        tolerance: how far a number may miss and still count as right.
        ends: when to begin no further learner.
        soft: a teacher's probabilities.
        exact: whether learners are compared by numbers within the tolerance, not by errors.
        clock: what `ends` is read from.
    """
    targets = task.schema.targets([e.solution for e in examples])  # type: ignore[misc]
    labels = len(task.schema.answer.names) if task.schema.answer.kind == "label" else 0
    known = np.flatnonzero(targets >= 0 if labels else np.isfinite(targets))
    chosen = [pairs[at] for at in known.tolist()]
    quick = ends - clock() < QUICK
    count = min(FEWER_FOLDS if quick else FOLDS, max(2, len(chosen) // 10))
    folds = folds_of(chosen, count, seed=seed, key=key)
    columns = task.schema.columns([examples[at].problem for at in known.tolist()])
    lesson = Lesson(
        columns=columns,
        targets=targets[known],
        labels=labels,
        folds=folds,
        ordered=all(pair.time is not None for pair in chosen),
        soft=soft,
        exact=tolerance if exact else None,
    )
    contest, encoder, rows = compete(lesson, learner=learner, seed=seed, ends=ends, clock=clock)
    mixture = refit(contest, lesson, encoder, rows, seed=seed)
    kinds = {rival.kind for rival, _ in contest.members}
    kind = kinds.pop() if len(kinds) == 1 else "mixture"
    digits = None if labels else _digits(targets[known])
    if labels:
        calibration, threshold, thresholds = _calibrated(
            task, contest, lesson, cost_of_wrong=cost_of_wrong
        )
    else:
        calibration, thresholds = Calibration(), {}
        threshold = _threshold_of_numbers(contest, lesson, mixture, tolerance, cost_of_wrong)
    solver = RowSolver(
        task,
        mixture,
        calibration=calibration,
        labels=thresholds,
        tolerance=tolerance,
        digits=digits,
    )
    found = Taught(
        solver, calibration, threshold, thresholds, contest, known, kind, digits, tolerance
    )
    return found, lesson


def with_test_part(
    taught: Taught, lesson: Lesson, task: DataTask, test: Sequence[Example], *, seed: int
) -> Taught:
    """The same learner, taught the test part as well once that has measured it."""
    fresh = task.schema.columns([e.problem for e in test])
    targets = task.schema.targets([e.solution for e in test])  # type: ignore[misc]
    at = np.flatnonzero(targets >= 0 if lesson.labels else np.isfinite(targets))
    columns = [
        old._replace(values=np.concatenate([old.values, new.values[at]]))
        for old, new in zip(lesson.columns, fresh, strict=True)
    ]
    whole = replace(lesson, columns=columns, targets=np.concatenate([lesson.targets, targets[at]]))
    encoder = Encoder.fitted(columns, seed=seed)
    mixture = refit(taught.contest, whole, encoder, encoder.rows(columns), seed=seed)
    return replace(taught, solver=taught.solver.with_mixture(mixture))


def soft_labels(task: DataTask, teacher: Any, examples: Sequence[Example]) -> Callable[..., Any]:
    """A teacher's probabilities for the training rows, in the order of the task's labels.

    Raises:
        ConfigError: it has no `predict_proba`, or knows other labels.
    """
    if not callable(getattr(teacher, "predict_proba", None)):
        raise ConfigError(f"a {type(teacher).__name__} cannot teach: it has no predict_proba")
    rows = [example.problem.model_dump(by_alias=True) for example in examples]
    try:
        import pandas

        given: Any = pandas.DataFrame(rows)
    except ImportError:
        given = [list(row.values()) for row in rows]
    said = np.asarray(teacher.predict_proba(given), float)
    names = [str(name) for name in task.schema.answer.names]
    known = [str(name) for name in getattr(teacher, "classes_", names)]
    if said.ndim != 2 or len(known) != said.shape[1] or not set(known) & set(names):
        raise ConfigError(
            f"the teacher gave {said.shape} probabilities of {', '.join(known[:5])}; "
            f"wanted one for each of {', '.join(names[:5])}"
        )
    found = np.zeros((len(said), len(names)))
    for at, name in enumerate(known):
        if name in names:
            found[:, names.index(name)] = said[:, at]
    return lambda columns: found


def _calibrated(
    task: DataTask, contest: Contest, lesson: Lesson, *, cost_of_wrong: float
) -> tuple[Calibration, float, dict[str, float]]:
    """A line, a threshold, and thresholds of labels that are right by default."""
    outcome, targets = contest.outcome[contest.scored], lesson.targets[contest.scored]
    given = outcome.argmax(1)
    raw, right = outcome.max(1), given == targets
    line, sure = fit_crosswise(raw.tolist(), right.tolist())
    threshold = threshold_for(sure, right.tolist(), cost_of_wrong=cost_of_wrong)
    shares = np.bincount(targets, minlength=lesson.labels) / len(targets)
    named = dict(zip(task.schema.answer.names, shares.tolist(), strict=True))
    thresholds = thresholds_of_labels(named, threshold)
    return Calibration(line=line), threshold, thresholds


def _threshold_of_numbers(
    contest: Contest, lesson: Lesson, mixture: Any, tolerance: float | None, cost_of_wrong: float
) -> float:
    if tolerance is None:
        return 1.0
    at = contest.scored
    errors = np.abs(contest.outcome[at, 0] - lesson.targets[at])
    scale = mixture.spread.scale(mixture.encoder.dense(lesson.columns)[at])
    sure = mixture.spread.within(scale, tolerance)
    return threshold_for(sure.tolist(), (errors <= tolerance).tolist(), cost_of_wrong=cost_of_wrong)


def _digits(numbers: Floats) -> int | None:
    """Decimals that training answers are written with; None if they are long."""
    for digits in range(5):
        if np.allclose(numbers, np.round(numbers, digits), rtol=0, atol=1e-9):
            return digits
    return None


def describe(
    task: DataTask,
    taught: Taught,
    lesson: Lesson,
    pairs: Sequence[Pair],
    test: Sequence[Example],
    *,
    seed: int,
    hardware: str,
    notes: Sequence[str],
    counts: dict[str, int],
    ends: float = float("inf"),
    clock: Callable[[], float] = time.monotonic,
) -> Card:
    """Measure and tell: on the test part, or, if it is empty, by cross-validation.

    A comparison that fails, or for which there is no time, is left out.
    """
    contest = taught.contest
    labels, solver = lesson.labels, taught.solver
    if test:
        columns = task.schema.columns([e.problem for e in test])
        targets = task.schema.targets([e.solution for e in test])  # type: ignore[misc]
        found = solver.answer_columns(columns)
        where = "the test part"
    else:
        columns, targets, found = _crossed(taught, lesson)
        where = f"{int(lesson.folds.max()) + 1}-fold cross-validation"
    sure = found.confidence
    said = np.array([bool(why) for why in found.unfamiliar or [""] * len(targets)])
    accepted = (sure >= taught.threshold) & ~said
    if labels:
        right = found.answers == targets
    else:
        errors = np.abs(found.answers - targets)
        middle = float(lesson.targets.mean())
        reach = np.abs(targets - middle) if taught.tolerance is None else taught.tolerance
        right = errors <= reach
    metrics = metrics_of(found, targets, labels)
    baselines: dict[str, float] = {}
    if test:
        baselines = _baselines(lesson, taught, columns, targets, seed, ends, clock)
    said_twice = contradictions(list(pairs))
    more = list(notes)
    if contest.interrupted:
        more.append("The comparison of learners was interrupted; this is the best so far.")
    if labels and taught.threshold >= 1.0:
        more.append(
            "No answer is accepted: none is right often enough, by these examples, for what a "
            "wrong one costs."
        )
    if not labels and taught.tolerance is None:
        more.append(
            "No number is accepted, because no tolerance was stated: --tolerance says how far "
            "one may miss."
        )
    return Card(
        name=task.name,
        learner=taught.kind,
        method=contest.winner,
        answers=task.schema.answer.kind,
        examples=counts,
        measured_on=where,
        minutes=0.0,
        hardware=hardware,
        seeds=[seed],
        validation_accuracy=None,
        **measured(sure.tolist(), right.tolist(), accepted.tolist()),
        threshold=taught.threshold,
        thresholds=taught.thresholds,
        tolerance=taught.tolerance,
        metrics=metrics,
        competitors=scores(taught, lesson)
        | {"**chosen**": score_of(contest.outcome[contest.scored], lesson.targets[contest.scored])},
        scored_by="accuracy" if labels else "mean absolute error",
        baselines=baselines,
        confusion=confusion(task, found, targets) if labels else {},
        importance=importance(solver, columns, targets, seed, ends, clock),
        ceiling=1 - said_twice.share if said_twice.share else None,
        worst=worst(
            task,
            test,
            [task.schema.solution(answer) for answer in found.answers.tolist()],
            right.tolist(),
            sure.tolist(),
        )
        if labels and test
        else (),
        notes=more,
    )


def _crossed(taught: Taught, lesson: Lesson) -> tuple[list[Any], NDArray[Any], Answers]:
    """What cross-validation said, calibrated by the other folds' answers."""
    at = taught.contest.scored
    outcome, targets = taught.contest.outcome[at], lesson.targets[at]
    columns = take(lesson.columns, at)
    if not lesson.labels:
        spread = taught.solver.mixture.spread
        assert spread is not None
        scale = spread.scale(taught.solver.mixture.encoder.dense(columns))
        half = spread.half_width(scale)
        reach = taught.tolerance
        sure = np.zeros(len(at)) if reach is None else spread.within(scale, reach)
        number = outcome[:, 0]
        said = Answers(
            answers=number,
            confidence=sure,
            low=number - half,
            high=number + half,
            unfamiliar=taught.solver.doubts(columns),
        )
        return columns, targets, said
    given = outcome.argmax(1)
    _, confidences = fit_crosswise(outcome.max(1).tolist(), (given == targets).tolist())
    sure = np.array(confidences)
    answers = Answers(
        answers=given.astype(np.int64),
        confidence=sure,
        probabilities=taught.solver.calibrated(outcome),
        unfamiliar=taught.solver.doubts(columns, given, sure),
    )
    return columns, targets, answers


def scores(taught: Taught, lesson: Lesson) -> dict[str, float]:
    """What cross-validation says of each learner: accuracy, or mean absolute error."""
    at = taught.contest.scored
    return {e.name: score_of(e.outcome[at], lesson.targets[at]) for e in taught.contest.entries}


def _baselines(
    lesson: Lesson,
    taught: Taught,
    columns: Sequence[Column],
    targets: NDArray[Any],
    seed: int,
    ends: float,
    clock: Callable[[], float],
) -> dict[str, float]:
    """What a user would try first, fitted on the same rows: default settings."""
    from hrm_specialists.learners.rivals import fit_on_present, rivals_for

    labels = lesson.labels
    if labels:
        common = np.bincount(lesson.targets, minlength=labels).argmax()
        found = {"commonest answer": float((targets == common).mean())}
    else:
        found = {"mean": float(np.abs(targets - lesson.targets.mean()).mean())}
        found["median"] = float(np.abs(targets - np.median(lesson.targets)).mean())
    encoder = taught.solver.mixture.encoder
    rows, asked = encoder.rows(lesson.columns), encoder.rows(columns)
    names = {
        "linear": "logistic regression" if labels else "ridge regression",
        "forest": "random forest",
        "boosting": "gradient-boosted trees",
        "n-grams": "TF-IDF + logistic regression" if labels else "TF-IDF + ridge regression",
    }
    for rival in rivals_for(encoder, rows, labels, seed=seed):
        if rival.name not in names or clock() > ends:
            continue
        try:
            member = fit_on_present(rival, rows, lesson.targets, labels)
            found[names[rival.name]] = score_of(member.predict(asked), targets)
        except Exception as error:  # a comparison that fails costs itself alone
            log.warning("%s is left out of the comparison: %s", rival.name, error)
    return found
