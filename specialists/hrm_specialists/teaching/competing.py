"""Which learner suits a table, texts or series best: all that fit them, cross-validated.

Folds are given, so that what belongs together stays together. Predictions for a fold come
from learners that did not see it, and the learner that gives them is chosen by the other
folds: they can calibrate and measure what is published. Knows nothing of files or networks.

Shapes: N rows, K labels.
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
from hrm_specialists.learners.rivals import EXACT, FOREST, Rival, fit_on_present, rivals_for
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
class Entry:
    """What cross-validation says of one learner."""

    name: str
    kind: str
    outcome: Floats
    """Predictions for each row by models that did not see it, `[N, K]` or `[N, 1]`."""
    merit: Floats
    """Per row, higher is better."""
    seconds: float

    @property
    def mean(self) -> float:
        """Mean merit."""
        return float(self.merit.mean())


@dataclass(frozen=True, slots=True)
class Contest:
    """Who took part, and who wins."""

    entries: tuple[Entry, ...]
    members: tuple[tuple[Rival, float], ...]
    """The winner's, with their weights."""
    outcome: Floats
    """As `Entry.outcome`, each fold by what does best on the others."""
    scored: NDArray[np.intp]
    """Rows that have an outcome: all, but the first ones of ordered rows."""
    interrupted: bool = False
    """Whether somebody ended it before all were tried."""

    @property
    def winner(self) -> str:
        """For people."""
        return " + ".join(rival.name for rival, _ in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What there is to learn."""

    columns: Sequence[Column]
    targets: NDArray[Any]
    """Codes of labels, or numbers."""
    labels: int
    """0 for numbers."""
    folds: NDArray[np.intp]
    """Fold of each row, from 0."""
    ordered: bool = False
    """Whether a fold may be learned from earlier ones only."""
    soft: Callable[[Sequence[Column]], Floats] | None = None
    """A teacher's probabilities of the labels, `[N, K]`."""
    exact: float | None = None
    """How near a number must come, where nearness beyond that does not matter: then only
    learners of exact rules compete."""

    def closeness(self, numbers: Floats, targets: Floats) -> Floats:
        """How good each number is: whether it is near enough, or how near."""
        away = np.abs(numbers - targets)
        return np.asarray(-away if self.exact is None else away < self.exact, np.float64)


def compete(
    lesson: Lesson,
    *,
    learner: str = "auto",
    seed: int = 0,
    ends: float = float("inf"),
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Contest, Encoder, Rows]:
    """Cross-validate all learners that fit, within the time.

    Interrupting it (KeyboardInterrupt) ends it with those that were tried, if any was.

    Args:
        lesson: rows, targets and folds.
        learner: "auto", or the kind that must win: trees, linear, kernel or series.
        seed: of the learners.
        ends: when to begin no further learner; the first is always tried.
        clock: what `ends` is read from.
    """
    encoder = Encoder.fitted(lesson.columns, seed=seed)
    rows = encoder.rows(lesson.columns)
    rivals = rivals_for(encoder, rows, lesson.labels, seed=seed)
    if lesson.exact is not None:
        rivals = [rival for rival in rivals if rival.name in EXACT] or rivals[:1]
    elif learner != "auto":
        rivals = [rival for rival in rivals if rival.kind == learner]
    taught = _taught(lesson, encoder, rows, seed)
    scored = np.flatnonzero(lesson.folds > 0) if lesson.ordered else np.arange(len(rows))
    entries: list[tuple[Rival, Entry]] = []
    interrupted = False
    for rival in rivals:
        began = clock()
        longest = max((entry.seconds for _, entry in entries), default=0.0)
        if entries and clock() + longest > ends:
            log.info("%s was not tried: there is no time left", rival.name)
            continue
        best = max((entry for _, entry in entries), key=lambda e: e.mean, default=None)
        try:
            outcome = _outcome(rival, lesson, rows, taught, best, clock, ends)
        except KeyboardInterrupt:
            if not entries:
                raise
            interrupted = True
            break
        if outcome is None:
            continue
        merit = _merit(outcome, lesson)[scored]
        entries.append((rival, Entry(rival.name, rival.kind, outcome, merit, clock() - began)))
        log.info("%s: merit %.4f in %.1f s", rival.name, float(merit.mean()), clock() - began)
    if not entries:
        raise DataError(f"no learner of the kind {learner!r} can learn these columns")
    members = _winner(entries, lesson, scored, scored)
    outcome = np.full_like(entries[0][1].outcome, np.nan)
    for fold in np.unique(lesson.folds[scored]):
        others = scored[lesson.folds[scored] != fold]
        chosen = _winner(entries, lesson, others, scored) if len(others) else members
        here = lesson.folds == fold
        outcome[here] = sum(weight * entries[at][1].outcome[here] for at, weight in chosen)
    found = tuple((entries[at][0], weight) for at, weight in members)
    contest = Contest(tuple(e for _, e in entries), found, outcome, scored, interrupted)
    return contest, encoder, rows


def refit(
    contest: Contest, lesson: Lesson, encoder: Encoder, rows: Rows, *, seed: int = 0
) -> Mixture:
    """The winner, learned from all rows: those that competed come first."""
    taught = _taught(lesson, encoder, rows, seed)
    members = tuple(
        (rival.name, weight, fit_on_present(rival, *taught(np.arange(len(rows)))))
        for rival, weight in contest.members
    )
    spread = None
    if not lesson.labels:
        targets = lesson.targets[: len(contest.outcome)]
        errors = np.abs(contest.outcome[:, 0] - targets)[contest.scored]
        folds = lesson.folds[contest.scored]
        spread = fit_spread(rows.dense[contest.scored], errors, folds, seed=seed)
    # Rows that came after the folds were drawn were measured by, and make one of their own.
    fresh = np.full(len(rows) - len(lesson.folds), lesson.folds.max() + 1)
    folds = np.concatenate([lesson.folds, fresh])
    vocabularies = {
        at: Vocabulary.fitted(column.values.tolist(), folds)
        for at, column in enumerate(lesson.columns)
        if column.kind == "text"
    }
    familiar = Familiar.fitted(rows.dense)
    return Mixture(encoder, members, lesson.labels, familiar, spread, vocabularies)


def fit_spread(dense: Floats, errors: Floats, folds: NDArray[np.intp], *, seed: int) -> Spread:
    """How far answers miss, learned from errors on rows that did not teach them.

    Args:
        dense: `[N, F]`.
        errors: absolute, `[N]`.
        folds: of each row; the distribution of errors comes from rows outside.
        seed: of the trees.
    """
    least = max(1e-9, 0.05 * float(errors.mean()))
    goal = np.log(errors + least)

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


Taught = Callable[[NDArray[np.intp]], tuple[Rows, NDArray[Any], int, "Floats | None"]]


def _taught(lesson: Lesson, encoder: Encoder, rows: Rows, seed: int) -> Taught:
    """What learners learn of some rows: these, and what a teacher says of their like."""

    def hard(at: NDArray[np.intp]) -> tuple[Rows, NDArray[Any], int, Floats | None]:
        return rows.take(at), lesson.targets[at], lesson.labels, None

    if lesson.soft is None:
        return hard
    said = lesson.soft(lesson.columns)

    def soft(at: NDArray[np.intp]) -> tuple[Rows, NDArray[Any], int, Floats | None]:
        where, label = np.nonzero(said[at] > 0.5 / lesson.labels**2)
        every = np.concatenate([at, at[where]])
        targets = np.concatenate([lesson.targets[at], label])
        return (
            rows.take(every),
            targets,
            lesson.labels,
            np.concatenate([np.full(len(at), 0.5), said[at][where, label]]),
        )

    return soft


def _outcome(
    rival: Rival,
    lesson: Lesson,
    rows: Rows,
    taught: Taught,
    best: Entry | None,
    clock: Callable[[], float],
    ends: float,
) -> Floats | None:
    """Predictions for every fold; None if the learner fails, or is left far behind."""
    outcome = np.full((len(rows), max(1, lesson.labels)), np.nan)
    done = np.zeros(len(rows), bool)
    for fold in range(int(lesson.folds.max()) + 1):
        here = lesson.folds == fold
        known = lesson.folds < fold if lesson.ordered else ~here
        if not known.any():
            continue
        try:
            member = fit_on_present(rival, *taught(np.flatnonzero(known)))
            outcome[here] = member.predict(rows.take(np.flatnonzero(here)))
        except (ValueError, MemoryError, FloatingPointError) as error:
            log.warning("%s cannot learn this: %s", rival.name, error)
            return None
        done |= here
        if best is not None and done.sum() < len(rows):
            scored = np.flatnonzero(done)
            all_scored = len(best.merit) == len(rows)
            theirs = best.merit[scored] if all_scored else best.merit[: len(scored)]
            behind = theirs - _merit(outcome, lesson)[scored]
            error_of_it = behind.std() / np.sqrt(len(behind))
            if behind.mean() > HOPELESS * error_of_it or clock() > ends:
                log.info("%s is given up after fold %d", rival.name, fold)
                return None
    return outcome


def _merit(outcome: Floats, lesson: Lesson) -> Floats:
    """How good each row's prediction is: closeness of numbers, rightness of labels."""
    if not lesson.labels:
        return lesson.closeness(outcome[:, 0], lesson.targets)
    rows = np.arange(len(outcome))
    nats = np.log(np.clip(outcome[rows, lesson.targets], 1e-4, 1.0))
    shares = np.bincount(lesson.targets, minlength=lesson.labels) / len(rows)
    if lesson.labels == 2 and shares.min() < RARE:
        return np.asarray(nats)
    return np.asarray((outcome.argmax(1) == lesson.targets) + SURENESS * nats)


Weighted = list[tuple[int, float]]


def _winner(
    entries: Sequence[tuple[Rival, Entry]],
    lesson: Lesson,
    at: NDArray[np.intp],
    scored: NDArray[np.intp],
) -> Weighted:
    """The best single learner or mixture by some rows, the cheaper one of a tie."""
    place = np.searchsorted(scored, at)
    merits = [entry.merit[place] for _, entry in entries]
    single = _cheapest(merits)
    mixed = _mixed([entry.outcome[at] for _, entry in entries], lesson, at)
    if len(mixed) == 1:
        return [(single, 1.0)]
    outcome = sum(weight * entries[n][1].outcome for n, weight in mixed)
    merit = _merit(np.asarray(outcome), lesson)[at]
    # At equal merit a mean of several strays less on new rows than any of them.
    return mixed if merit.mean() > merits[single].mean() else [(single, 1.0)]


def _cheapest(merits: Sequence[Floats]) -> int:
    """The first that none of the others is clearly better than; the cheap ones come first."""
    best = max(range(len(merits)), key=lambda n: merits[n].mean())
    for n, merit in enumerate(merits):
        if n == best or not _clearly(merits[best], merit):
            return n
    return best


def _clearly(better: Floats, worse: Floats) -> bool:
    gain = better - worse
    return bool(gain.mean() > TIE * gain.std() / np.sqrt(len(gain)) and gain.mean() > 0)


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
