"""The learners for labels and numbers behind scikit-learn's interface.

    from hrm_agent.sklearn import SpecialistClassifier

    scores = cross_val_score(SpecialistClassifier(), X, y)

`fit` compares the learners that fit the columns and keeps the best, as `train` does, without
writing anything. To publish a specialist, use `hrm_agent.train`. Knows nothing of specialists.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from hrm_specialists.engine.calibration import fit_line
from hrm_specialists.learners.mixture import calibrated
from hrm_specialists.schema.columns import Column
from hrm_specialists.teaching.competing import Lesson, Until, compete, refit

__all__ = ["SpecialistClassifier", "SpecialistRegressor"]

FOLDS = 5
LONG = 40
"""Characters from which a column of many different texts is text, not categories."""
Learner = Literal["auto", "trees", "linear", "kernel", "series"]


class _Specialist(BaseEstimator):  # type: ignore[misc]
    """What both share.

    Args:
        learner: "auto" compares all learners that fit; others take one kind.
        minutes: after which no further learner is begun.
        random_state: seed of folds and learners.
    """

    def __init__(
        self, learner: Learner = "auto", minutes: float = 2.0, random_state: int | None = 0
    ) -> None:
        self.learner = learner
        self.minutes = minutes
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _learn(self, X: Any, targets: NDArray[Any], labels: int) -> None:
        seed = self.random_state or 0
        # The positions of the rows decide nothing but their fold.
        rng = np.random.default_rng(seed)
        count = max(2, min(FOLDS, len(targets) // 2))
        folds = np.empty(len(targets), np.intp)
        order = rng.permutation(len(targets))
        order = order[np.argsort(targets[order], kind="stable")] if labels else order
        folds[order] = np.arange(len(targets)) % count
        columns = self._columns(X, fitting=True)
        lesson = Lesson(columns=columns, targets=targets, labels=labels, folds=folds)
        until = Until(monotonic() + 60 * self.minutes)
        contest = compete(lesson, learner=self.learner, seed=seed, until=until)
        self.mixture_ = refit(contest, lesson, seed=seed)
        self.learner_ = contest.winner
        self.contest_ = {entry.rival.name: entry.mean for entry in contest.entries}
        self._outcome = contest.outcome

    def _columns(self, X: Any, *, fitting: bool = False) -> list[Column]:
        """The columns of a table; which are categories or texts was decided while fitting."""
        made = []
        if fitting:
            self.kinds_: list[tuple[str, tuple[Any, ...]]] = [
                _kind(X[:, at]) for at in range(X.shape[1])
            ]
        for at, (kind, names) in enumerate(self.kinds_):
            values = X[:, at]
            if kind == "number":
                made.append(Column(str(at), "number", values.astype(np.float64)))
            elif kind == "text":
                texts = np.array(["" if _none(v) else str(v) for v in values], object)
                made.append(Column(str(at), "text", texts))
            else:
                places = {name: n for n, name in enumerate(names)}
                codes = [-1 if _none(v) else places.get(str(v), -1) for v in values]
                made.append(Column(str(at), "category", np.array(codes, np.int32), names))
        return made

    def _checked(self, X: Any, **options: Any) -> Any:
        """Columns as an array: numbers, or objects if some are none."""
        kinds = getattr(X, "dtypes", None)
        mixed = kinds is not None and any(getattr(k, "kind", "O") in "OSUM" for k in kinds)
        if not mixed and kinds is None:
            mixed = getattr(X, "dtype", None) is not None and X.dtype.kind in "OSU"
            mixed = mixed and not _numeric(X)
        return validate_data(
            self,
            X,
            dtype=object if mixed else np.float64,
            ensure_all_finite="allow-nan",
            **options,
        )

    def _predicted(self, X: Any) -> NDArray[np.float64]:
        check_is_fitted(self, "mixture_")
        checked = self._checked(X, reset=False)
        return self.mixture_.predict(self.mixture_.rows(self._columns(checked)))


class SpecialistClassifier(ClassifierMixin, _Specialist):  # type: ignore[misc]
    """The best of trees and linear models for labels, with calibrated probabilities."""

    def fit(self, X: Any, y: Any) -> SpecialistClassifier:
        """Compare learners by cross-validation and keep the best.

        Args:
            X: `[N, F]`, an array or a pandas table; numbers, categories, texts.
            y: labels, `[N]`.
        """
        X = self._checked(X, ensure_min_samples=2)
        y = _column(y, len(X))
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"one class came, {self.classes_[0]!r}; at least two are needed")
        self._learn(X, codes.astype(np.int64), len(self.classes_))
        sure = self._outcome.max(1)
        right = self._outcome.argmax(1) == codes
        self._line = fit_line(sure.tolist(), right.tolist())
        del self._outcome
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Calibrated probabilities of `classes_`, `[N, K]`."""
        return calibrated(self._predicted(X), self._line)

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable label, `[N]`."""
        outcome = self._predicted(X)
        return np.asarray(self.classes_[outcome.argmax(1)])


class SpecialistRegressor(RegressorMixin, _Specialist):  # type: ignore[misc]
    """The best of trees and linear models for numbers, with intervals."""

    def fit(self, X: Any, y: Any) -> SpecialistRegressor:
        """Compare learners by cross-validation and keep the best.

        Args:
            X: `[N, F]`, an array or a pandas table; numbers, categories, texts.
            y: numbers, `[N]`.
        """
        X = self._checked(X, ensure_min_samples=2)
        y = _column(y, len(X)).astype(np.float64)
        if not np.isfinite(y).all():
            raise ValueError("Input y contains NaN or infinity")
        self._learn(X, y, 0)
        del self._outcome
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Numbers, `[N]`."""
        return np.asarray(self._predicted(X)[:, 0])

    def predict_interval(self, X: Any) -> NDArray[np.float64]:
        """Where the truth lies in 90 % of cases, `[N, 2]`."""
        number = self.predict(X)
        dense = self.mixture_.encoder.dense(self._columns(self._checked(X, reset=False)))
        assert self.mixture_.spread is not None
        half: NDArray[Any] = self.mixture_.spread.half_width(self.mixture_.spread.scale(dense))
        return np.asarray(np.stack([number - half, number + half], 1))


def _column(y: Any, rows: int) -> NDArray[Any]:
    from sklearn.utils import check_consistent_length, column_or_1d

    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    found: NDArray[Any] = column_or_1d(y, warn=True)
    check_consistent_length(found, np.empty(rows))
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        raise ValueError("Input y contains NaN or infinity")
    return found


def _kind(values: NDArray[Any]) -> tuple[str, tuple[Any, ...]]:
    if values.dtype.kind != "O" or _numeric(values):
        return "number", ()
    for value in values:
        if not (_none(value) or isinstance(value, str | int | float | bool | np.generic)):
            raise TypeError(f"argument must be a string or a number, not {type(value).__name__}")
    texts = [str(v) for v in values if not _none(v)]
    different = sorted(set(texts))
    if len(different) > len(texts) / 2 and np.mean([len(t) for t in texts]) > LONG / 2:
        return "text", ()
    return "category", tuple(different)


def _numeric(values: Any) -> bool:
    try:
        np.asarray(values).astype(np.float64)
    except (TypeError, ValueError):
        return False
    return not any(isinstance(v, str) for v in np.asarray(values, object).reshape(-1)[:100])


def _none(value: Any) -> bool:
    return value is None or value != value
