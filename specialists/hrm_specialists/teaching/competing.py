"""Which learner suits the examples best, by cross-validation on the training part.

Each predicts every row from folds that did not hold it. A learner that falls behind on the
first folds is given up. What wins, a single learner or a weighted mean of several, is what the
others are not clearly better than: the cheaper one of a tie. How good that choice is, is told
by choosing on all folds but one and predicting that one.

Knows nothing of tasks, files or cards. Shapes: N rows, K labels.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hrm_specialists.errors import DataError
from hrm_specialists.learners.mixture import Familiar, Mixture, Spread
from hrm_specialists.learners.rivals import EXACT, FOREST, Rival, rivals_for
from hrm_specialists.learners.rows import Encoder, Rows
from hrm_specialists.learners.trees import Trees, of_forest
from hrm_specialists.learners.vocabulary import Vocabulary
from hrm_specialists.schema.columns import Column

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]

MOST_MEMBERS, DRAWS = 3, 8
"""Of a mixture: different members, and draws that decide their weights."""
TIE = 0.5
"""Standard errors of a difference below which the cheaper learner is taken."""
HOPELESS = 3.0
"""Standard errors behind the best after some folds, from which a learner is given up."""
SURENESS = 0.5
"""What a nat of log-likelihood is worth beside a right label, when learners are compared: it
tells more of few rows than whether labels are right."""
RARE = 0.15
"""Share of the rarest label of two below which log-likelihood alone decides."""


@dataclass(frozen=True, slots=True)
class Until:
    """When to begin nothing more."""

    ends: float = float("inf")
    clock: Callable[[], float] = time.monotonic

    @property
    def left(self) -> float:
        """Seconds."""
        return self.ends - self.clock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What there is to learn."""

    columns: Sequence[Column]
    targets: NDArray[Any]
    """Codes of labels, or numbers."""
    labels: int
    """0 for numbers."""
    folds: NDArray[np.intp]
    """Fold of each row, from 0. Rows beyond them taught nothing that was measured."""
    ordered: bool = False
    """Whether a fold may be learned from earlier ones only."""
    soft: Floats | None = None
    """A teacher's probabilities of the labels, `[N, K]`."""
    exact: float | None = None
    """How near a number must come, where nearness beyond that does not matter: then only
    learners of exact rules compete."""

    @property
    def scored(self) -> NDArray[np.intp]:
        """Rows that others predict: all, but the first ones of ordered rows."""
        return np.flatnonzero(self.folds > 0) if self.ordered else np.arange(len(self.folds))

    def closeness(self, numbers: Floats, targets: Floats) -> Floats:
        """How good each number is: whether it is near enough, or how near."""
        away = np.abs(numbers - targets)
        return np.asarray(-away if self.exact is None else away < self.exact, np.float64)

    def merit(self, outcome: Floats) -> Floats:
        """How good each row's prediction is: closeness of numbers, rightness of labels."""
        if not self.labels:
            return self.closeness(outcome[:, 0], self.targets)
        nats = np.log(np.clip(outcome[np.arange(len(outcome)), self.targets], 1e-4, 1.0))
        shares = np.bincount(self.targets, minlength=self.labels) / len(outcome)
        if self.labels == 2 and shares.min() < RARE:
            return np.asarray(nats)
        return np.asarray((outcome.argmax(1) == self.targets) + SURENESS * nats)


class Material:
    """The rows of a lesson, encoded, and what learners learn of some of them."""

    def __init__(self, lesson: Lesson, seed: int) -> None:
        self.lesson = lesson
        self.encoder = Encoder.fitted(lesson.columns, seed=seed)
        self.rows = self.encoder.rows(lesson.columns)

    def of(self, at: NDArray[np.intp]) -> tuple[Rows, NDArray[Any], int, Floats | None]:
        """These, and what a teacher says of their like: rows, targets, labels and weights."""
        targets, labels = self.lesson.targets[at], self.lesson.labels
        if self.lesson.soft is None:
            return self.rows.take(at), targets, labels, None
        said = self.lesson.soft[at]
        where, label = np.nonzero(said > 0.5 / labels**2)
        weights = np.concatenate([np.full(len(at), 0.5), said[where, label]])
        rows = self.rows.take(np.concatenate([at, at[where]]))
        return rows, np.concatenate([targets, label]), labels, weights


@dataclass(frozen=True, slots=True)
class Entry:
    """What cross-validation says of one learner."""

    rival: Rival
    outcome: Floats
    """Predictions for each row by models that did not see it, `[N, K]` or `[N, 1]`."""
    merit: Floats
    """Of each scored row, higher is better."""
    seconds: float

    @property
    def mean(self) -> float:
        """Mean merit."""
        return float(self.merit.mean())


@dataclass(frozen=True, slots=True)
class Contest:
    """Who took part, and who wins."""

    taught: Material
    entries: tuple[Entry, ...]
    members: tuple[tuple[Rival, float], ...]
    """The winner's, with their weights."""
    outcome: Floats
    """As `Entry.outcome`, each fold by what does best on the others."""
    interrupted: bool
    """Whether somebody ended it before all were tried."""

    @property
    def winner(self) -> str:
        """For people."""
        return " + ".join(rival.name for rival, _ in self.members)

    @property
    def kind(self) -> str:
        """trees, linear, kernel, series, or mixture."""
        kinds = {rival.kind for rival, _ in self.members}
        return kinds.pop() if len(kinds) == 1 else "mixture"


def compete(
    lesson: Lesson, *, learner: str = "auto", seed: int = 0, until: Until = Until()
) -> Contest:
    """Cross-validate all learners that fit, within the time.

    Interrupting it (KeyboardInterrupt) ends it with those that were tried, if any was.

    Args:
        lesson: rows, targets and folds.
        learner: "auto", or the kind that must win: trees, linear, kernel or series.
        seed: of the learners.
        until: when to begin no further learner; the first is always tried.
    """
    taught = Material(lesson, seed)
    rivals = rivals_for(taught.encoder, taught.rows, lesson.labels, seed=seed)
    if lesson.exact is not None:
        rivals = [rival for rival in rivals if rival.name in EXACT] or rivals[:1]
    elif learner != "auto":
        rivals = [rival for rival in rivals if rival.kind == learner]
    entries: list[Entry] = []
    interrupted = False
    for rival in rivals:
        if entries and max(entry.seconds for entry in entries) > until.left:
            log.info("%s was not tried: there is no time left", rival.name)
            continue
        began = until.clock()
        best = max(entries, key=lambda entry: entry.mean, default=None)
        try:
            outcome = _outcome(rival, taught, best, until)
        except KeyboardInterrupt:
            if not entries:
                raise
            interrupted = True
            break
        if outcome is None:
            continue
        merit = lesson.merit(outcome)[lesson.scored]
        entries.append(Entry(rival, outcome, merit, until.clock() - began))
        log.info("%s: merit %.4f in %.1f s", rival.name, entries[-1].mean, entries[-1].seconds)
    if not entries:
        raise DataError(f"no learner of the kind {learner!r} can learn these columns")
    scored = lesson.scored
    members = _winner(entries, lesson, scored)
    outcome = np.full_like(entries[0].outcome, np.nan)
    for fold in np.unique(lesson.folds[scored]):
        others = scored[lesson.folds[scored] != fold]
        chosen = _winner(entries, lesson, others) if len(others) else members
        here = lesson.folds == fold
        outcome[here] = sum(weight * entries[at].outcome[here] for at, weight in chosen)
    found = tuple((entries[at].rival, weight) for at, weight in members)
    return Contest(taught, tuple(entries), found, outcome, interrupted)


def refit(contest: Contest, lesson: Lesson, *, seed: int = 0) -> Mixture:
    """The winner, learned from all rows of a lesson: those that competed come first."""
    taught = contest.taught if lesson is contest.taught.lesson else Material(lesson, seed)
    rows = np.arange(len(lesson.targets))
    members = tuple(
        (rival.name, weight, rival.fit(*taught.of(rows))) for rival, weight in contest.members
    )
    spread = None
    if not lesson.labels:
        at = lesson.scored
        errors = np.abs(contest.outcome[at, 0] - lesson.targets[at])
        spread = _spread(taught.rows.dense[at], errors, lesson.folds[at], seed=seed)
    # Rows that came after the folds were drawn were measured by, and make one of their own.
    fresh = np.full(len(rows) - len(lesson.folds), lesson.folds.max() + 1)
    folds = np.concatenate([lesson.folds, fresh])
    vocabularies = tuple(
        Vocabulary.fitted(column.values.tolist(), folds) if column.kind == "text" else None
        for column in lesson.columns
    )
    familiar = Familiar.fitted(taught.rows.dense)
    return Mixture(taught.encoder, members, lesson.labels, familiar, spread, vocabularies)


def _spread(dense: Floats, errors: Floats, folds: NDArray[np.intp], *, seed: int) -> Spread:
    """How far answers miss, learned from errors `[N]` on rows that did not teach them.

    The distribution of errors comes from rows outside of each fold.
    """
    goal = np.log(errors + max(1e-9, 0.05 * float(errors.mean())))

    def fitted(at: NDArray[np.intp]) -> Trees:
        from sklearn.ensemble import ExtraTreesRegressor

        leaf = max(5, len(at) // 40)
        model = ExtraTreesRegressor(FOREST // 3, min_samples_leaf=leaf, random_state=seed)
        return of_forest(model.fit(dense[at], goal[at]))

    whole = np.arange(len(errors))
    scale = np.empty(len(errors))
    for fold in np.unique(folds):
        others = whole[folds != fold] if (folds != fold).any() else whole
        scale[folds == fold] = np.exp(fitted(others).answer(dense[folds == fold])[:, 0])
    return Spread(fitted(whole), np.sort(errors / scale))


def _outcome(rival: Rival, taught: Material, best: Entry | None, until: Until) -> Floats | None:
    """Predictions for every fold; None if the learner fails, or is left far behind."""
    lesson = taught.lesson
    outcome = np.full((len(lesson.folds), max(1, lesson.labels)), np.nan)
    done = np.zeros(len(lesson.folds), bool)
    for fold in range(int(lesson.folds.max()) + 1):
        here = lesson.folds == fold
        known = lesson.folds < fold if lesson.ordered else ~here
        if not known.any():
            continue
        asked = taught.rows.take(np.flatnonzero(here))
        try:
            outcome[here] = _predicted(rival, *taught.of(np.flatnonzero(known)), asked)
        except (ValueError, MemoryError, FloatingPointError) as error:
            log.warning("%s cannot learn this: %s", rival.name, error)
            return None
        done |= here
        if best is not None and not done[lesson.scored].all():
            at = done[lesson.scored]
            behind = best.merit[at] - lesson.merit(outcome)[lesson.scored][at]
            error_of_it = behind.std() / np.sqrt(len(behind))
            if behind.mean() > HOPELESS * error_of_it or until.left < 0:
                log.info("%s is given up after fold %d", rival.name, fold)
                return None
    return outcome


def _predicted(
    rival: Rival,
    rows: Rows,
    targets: NDArray[Any],
    labels: int,
    weights: Floats | None,
    asked: Rows,
) -> Floats:
    """What rows teach of others; labels that do not occur in them get nothing."""
    present, codes = np.unique(targets, return_inverse=True)
    if not labels or len(present) == labels:
        return rival.fit(rows, targets, labels, weights).predict(asked)
    found = np.zeros((len(asked), labels))
    found[:, present] = 1.0
    if len(present) > 1:
        found[:, present] = rival.fit(rows, codes, len(present), weights).predict(asked)
    return found


Weighted = list[tuple[int, float]]


def _winner(entries: Sequence[Entry], lesson: Lesson, at: NDArray[np.intp]) -> Weighted:
    """The best single learner or mixture by some rows, the cheaper one of a tie."""
    place = np.searchsorted(lesson.scored, at)
    merits = [entry.merit[place] for entry in entries]
    single = _cheapest(merits)
    mixed = _mixed([entry.outcome[at] for entry in entries], lesson, at)
    if len(mixed) == 1:
        return [(single, 1.0)]
    outcome = sum(weight * entries[n].outcome for n, weight in mixed)
    merit = lesson.merit(np.asarray(outcome))[at]
    # At equal merit a mean of several strays less on new rows than any of them.
    return mixed if merit.mean() > merits[single].mean() else [(single, 1.0)]


def _cheapest(merits: Sequence[Floats]) -> int:
    """The first that none of the others is clearly better than; the cheap ones come first."""
    best = max(merits, key=lambda merit: merit.mean())

    def behind(merit: Floats) -> bool:
        gain = best - merit
        return bool(gain.mean() > TIE * gain.std() / np.sqrt(len(gain)) and gain.mean() > 0)

    return next(n for n, merit in enumerate(merits) if not behind(merit))


def _mixed(outcomes: Sequence[Floats], lesson: Lesson, at: NDArray[np.intp]) -> Weighted:
    """Weights by greedy draws. Source: Caruana et al., "Ensemble selection" (ICML 2004)."""
    targets = lesson.targets[at]

    def loss(outcome: Floats) -> float:
        if not lesson.labels:
            return -float(lesson.closeness(outcome[:, 0], targets).mean())
        right = outcome[np.arange(len(targets)), targets]
        return float(-np.log(np.clip(right, 1e-4, 1.0)).mean())

    total = np.zeros_like(outcomes[0])
    drawn: list[int] = []
    for _ in range(DRAWS):
        members = set(drawn)
        allowed = [n for n in range(len(outcomes)) if n in members or len(members) < MOST_MEMBERS]
        losses = {n: loss((total + outcomes[n]) / (len(drawn) + 1)) for n in allowed}
        n = min(losses, key=losses.__getitem__)
        drawn.append(n)
        total = total + outcomes[n]
    return [(n, drawn.count(n) / len(drawn)) for n in sorted(set(drawn))]
