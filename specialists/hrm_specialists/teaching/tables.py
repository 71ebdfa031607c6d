"""From examples with one label or number as answer to the best of the learners that fit them.

All are compared by cross-validation; what is published is calibrated by predictions that
neither chose nor taught it. The test part is looked at once; of few examples there is none,
and cross-validation measures, too. Knows nothing of networks or files.

Shapes: N rows, K labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.engine.calibration import Calibration, fit_crosswise
from hrm_specialists.errors import ConfigError
from hrm_specialists.evaluation.reliability import threshold_for, thresholds_of_labels
from hrm_specialists.learners.rows import take
from hrm_specialists.learners.solver import RowSolver
from hrm_specialists.learners.stored import pack
from hrm_specialists.schema.columns import Answers, Column
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.schema.examples import Example, Pair, contradictions
from hrm_specialists.teaching.card import Card, measured, worst
from hrm_specialists.teaching.competing import Contest, Lesson, Until, compete, refit
from hrm_specialists.teaching.measures import baselines, confusion, importance, metrics_of, score_of
from hrm_specialists.teaching.splitting import Key, folds_of

Floats = NDArray[np.float64]

FOLDS, FEWER_FOLDS = 5, 3
QUICK = 30.0
"""Seconds for all learners below which there are fewer folds."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A learner that is ready to be published, and what is known of it."""

    task: DataTask
    lesson: Lesson
    contest: Contest
    solver: RowSolver
    threshold: float
    known: NDArray[np.intp]
    """Places among the examples of those that have a label or number: the lesson's rows."""

    @property
    def scores(self) -> dict[str, float]:
        """What cross-validation says of each learner: accuracy, or mean absolute error."""
        return {entry.rival.name: self._score(entry.outcome) for entry in self.contest.entries}

    def _score(self, outcome: Floats) -> float:
        at = self.lesson.scored
        return score_of(outcome[at], self.lesson.targets[at])

    def right(self, count: int) -> list[bool]:
        """Whether cross-validation gave each of `count` examples its label or number."""
        found, outcome, targets = np.zeros(count, bool), self.contest.outcome, self.lesson.targets
        if self.lesson.labels:
            found[self.known] = outcome.argmax(1) == targets
        else:
            found[self.known] = np.abs(outcome[:, 0] - targets) < (self.solver.tolerance or 0.0)
        return [bool(one) for one in found]

    def stored(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What a config.json holds of it, and its arrays."""
        mixture, arrays = pack(self.solver.mixture)
        learner = {
            "kind": self.contest.kind,
            "method": self.contest.winner,
            "mixture": mixture,
            "columns": [column.name for column in self.lesson.columns],
            "thresholds": self.solver.thresholds,
            "tolerance": self.solver.tolerance,
            "digits": self.solver.digits,
        }
        return learner, arrays

    def learn(self, test: Sequence[Example], *, seed: int) -> None:
        """Be taught the test part as well, once that has measured it."""
        fresh, targets = _known(self.task, test, self.lesson.labels)[1:]
        columns = [
            old._replace(values=np.concatenate([old.values, new.values]))
            for old, new in zip(self.lesson.columns, fresh, strict=True)
        ]
        targets = np.concatenate([self.lesson.targets, targets])
        whole = replace(self.lesson, columns=columns, targets=targets)
        self.solver.mixture = refit(self.contest, whole, seed=seed)


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
    until: Until,
    teacher: Any = None,
    exact: bool = False,
) -> Taught:
    """Choose, fit and calibrate.

    Args:
        task: one that `fits`.
        pairs, examples: the same examples, as they were read and as models.
        key: see `folds_of`.
        learner: "auto", or the kind that must win.
        seed: of folds and learners.
        cost_of_wrong: of accepting a wrong answer, in right ones.
        tolerance: how far a number may miss and still count as right.
        until: when to begin no further learner.
        teacher: what has `predict_proba` and is learned from, too.
        exact: whether learners are compared by numbers within the tolerance, not by errors.

    Raises:
        ConfigError: the teacher has no probabilities, or of other labels.
    """
    labels = len(task.schema.answer.names) if task.schema.answer.kind == "label" else 0
    known, columns, targets = _known(task, examples, labels)
    chosen, learned = ([given[at] for at in known.tolist()] for given in (pairs, examples))
    most = FEWER_FOLDS if until.left < QUICK else FOLDS
    lesson = Lesson(
        columns=columns,
        targets=targets,
        labels=labels,
        folds=folds_of(chosen, min(most, max(2, len(chosen) // 10)), seed=seed, key=key),
        ordered=all(pair.time is not None for pair in chosen),
        soft=None if teacher is None else _soft_labels(task, teacher, learned),
        exact=tolerance if exact else None,
    )
    contest = compete(lesson, learner=learner, seed=seed, until=until)
    mixture = refit(contest, lesson, seed=seed)
    at = lesson.scored
    outcome, wanted = contest.outcome[at], targets[at]
    calibration, thresholds, threshold = Calibration(), dict[str, float](), 1.0
    sure: Sequence[float] = ()
    right = np.zeros(len(at), dtype=bool)
    if labels:
        right = outcome.argmax(1) == wanted
        line, sure = fit_crosswise(outcome.max(1).tolist(), right.tolist())
        calibration = Calibration(line=line)
    elif tolerance is not None and mixture.spread is not None:
        right = np.abs(outcome[:, 0] - wanted) <= tolerance
        scale = mixture.spread.scale(mixture.encoder.dense(columns)[at])
        sure = mixture.spread.within(scale, tolerance).tolist()
    if sure:
        threshold = threshold_for(sure, right.tolist(), cost_of_wrong=cost_of_wrong)
    if labels:
        shares = (np.bincount(wanted, minlength=labels) / len(at)).tolist()
        named = dict(zip(task.schema.answer.names, shares, strict=True))
        thresholds = thresholds_of_labels(named, threshold)
    solver = RowSolver(
        task,
        mixture,
        calibration=calibration,
        thresholds=thresholds,
        tolerance=tolerance,
        digits=None if labels else _digits(targets),
    )
    return Taught(task, lesson, contest, solver, threshold, known)


def _known(
    task: DataTask, examples: Sequence[Example], labels: int
) -> tuple[NDArray[np.intp], list[Column], NDArray[Any]]:
    """Places, columns and targets of the examples that have a label or number."""
    targets = task.schema.targets([e.solution for e in examples])  # type: ignore[misc]
    known = np.flatnonzero(targets >= 0 if labels else np.isfinite(targets))
    columns = task.schema.columns([examples[at].problem for at in known.tolist()])
    return known, columns, targets[known]


def _soft_labels(task: DataTask, teacher: Any, examples: Sequence[Example]) -> Floats:
    """A teacher's probabilities for the training rows, in the order of the task's labels."""
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
    return found


def _digits(numbers: Floats) -> int | None:
    """Decimals that training answers are written with; None if they are long."""
    for digits in range(5):
        if np.allclose(numbers, np.round(numbers, digits), rtol=0, atol=1e-9):
            return digits
    return None


def describe(
    taught: Taught,
    pairs: Sequence[Pair],
    test: Sequence[Example],
    *,
    seed: int,
    hardware: str,
    notes: Sequence[str],
    counts: dict[str, int],
    until: Until,
) -> Card:
    """Measure and tell: on the test part, or, if it is empty, by cross-validation.

    A comparison that fails, or for which there is no time, is left out.
    """
    task, lesson, contest, solver = taught.task, taught.lesson, taught.contest, taught.solver
    labels, tolerance = lesson.labels, solver.tolerance
    if test:
        columns = task.schema.columns([e.problem for e in test])
        targets = task.schema.targets([e.solution for e in test])  # type: ignore[misc]
        found = solver.answer_columns(columns)
        where = "the test part"
    else:
        columns, targets, found = _crossed(taught)
        where = f"{int(lesson.folds.max()) + 1}-fold cross-validation"
    sure = found.confidence
    said = np.array([bool(why) for why in found.unfamiliar or ()])
    accepted = (sure >= taught.threshold) & ~said
    if labels:
        right = found.answers == targets
    else:
        reach = np.abs(targets - float(lesson.targets.mean())) if tolerance is None else tolerance
        right = np.abs(found.answers - targets) <= reach
    more = list(notes)
    if contest.interrupted:
        more.append("The comparison of learners was interrupted; this is the best so far.")
    if labels and taught.threshold >= 1.0:
        more.append(
            "No answer is accepted: none is right often enough, by these examples, for what a "
            "wrong one costs."
        )
    if not labels and tolerance is None:
        more.append(
            "No number is accepted, because no tolerance was stated: --tolerance says how far "
            "one may miss."
        )
    wrong: Sequence[Any] = ()
    if labels and test:
        given = [task.schema.solution(answer) for answer in found.answers.tolist()]
        wrong = worst(task, test, given, right.tolist(), sure.tolist())
    said_twice = contradictions(list(pairs)).share
    return Card(
        name=task.name,
        learner=contest.kind,
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
        thresholds=solver.thresholds,
        tolerance=tolerance,
        metrics=metrics_of(found, targets, labels),
        competitors={**taught.scores, "**chosen**": taught._score(contest.outcome)},
        scored_by="accuracy" if labels else "mean absolute error",
        baselines=baselines(lesson, solver, columns, targets, seed, until) if test else {},
        confusion=confusion(task, found, targets) if labels else {},
        importance=importance(solver, columns, targets, seed, until),
        ceiling=1 - said_twice if said_twice else None,
        worst=wrong,
        notes=more,
    )


def _crossed(taught: Taught) -> tuple[list[Column], NDArray[Any], Answers]:
    """What cross-validation said, calibrated by the other folds' answers."""
    lesson, solver, at = taught.lesson, taught.solver, taught.lesson.scored
    outcome, targets = taught.contest.outcome[at], lesson.targets[at]
    columns, sure = take(lesson.columns, at), None
    if lesson.labels:
        right = outcome.argmax(1) == targets
        sure = np.array(fit_crosswise(outcome.max(1).tolist(), right.tolist())[1])
    dense = solver.mixture.encoder.dense(columns)
    return columns, targets, solver.judged(columns, dense, outcome, sure)
