"""The card of a trained specialist: what it is, how good, and what beats it.

Written for the person who decides whether to trust it. Knows nothing of how the figures came
about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from hrm_specialists.contract import Task
from hrm_specialists.evaluation.reliability import expected_calibration_error, reliability
from hrm_specialists.evaluation.scores import wilson
from hrm_specialists.schema.examples import Example

WORST = 8
"""Wrong answers that a card shows."""
MOST_CONFUSED = 12
"""Labels up to which a confusion matrix is shown to people."""
SELF = "**this specialist**"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What was measured, as plain values; `to_mapping` goes into config.json."""

    name: str
    learner: str = "network"
    """What answers: network, trees, linear, kernel, series, or several of them."""
    method: str = ""
    """The learner in detail: "forest + boosting"."""
    answers: str = "structured"
    """label, number or structured."""
    examples: Mapping[str, int]
    """Examples in each part of the split."""
    measured_on: str = "the test part"
    parameters: int = 0
    mixing: str = ""
    """How positions of a network hear of each other."""
    positions: int = 0
    symbols: int = 0
    steps: int = 0
    minutes: float
    """From the call to the figures."""
    hardware: str
    seeds: Sequence[int]
    validation_accuracy: float | None
    test_accuracy: float
    """Whole answers right, one pass, on the test part; of numbers those within the
    tolerance, or without one those nearer than guessing the mean."""
    test_interval: tuple[float, float]
    """Its 95 % interval (Wilson)."""
    spread: Sequence[float] = ()
    """Test accuracy of each seed, if there were several."""
    calibration_error: float
    """Expected calibration error on the test part."""
    reliability: Sequence[tuple[float, float, int]] = ()
    """Claimed and true share, and how many, in bins of confidence."""
    threshold: float
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Of labels that are accepted only from a higher confidence on."""
    tolerance: float | None = None
    """How far a number may miss and still count as right."""
    accepted: float
    """Share of test answers that are accepted."""
    right_when_accepted: float | None
    """Share right among those."""
    symmetries: str = ""
    """Those found by trying, or declared, in words."""
    gives_up_after: int | None = None
    """Starts after which a search without success has become hopeless."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """balanced_accuracy, auc, average_precision, log_loss; or mae, rmse, coverage."""
    competitors: Mapping[str, float] = field(default_factory=dict)
    """Cross-validated score of each learner that was tried; see `scored_by`."""
    scored_by: str = ""
    """What `competitors` are compared by: accuracy, log loss, mean absolute error."""
    baselines: Mapping[str, float] = field(default_factory=dict)
    """Test accuracy, or mean absolute error of numbers, of what a user would try first."""
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Of the test part: right label, given label, how often."""
    importance: Mapping[str, float] = field(default_factory=dict)
    """How much of the score is lost when a column is shuffled."""
    ceiling: float | None = None
    """Share that even a perfect memory gets right, where equal problems have several answers."""
    worst: Sequence[tuple[str, str, str, float]] = ()
    """Surest wrong answers: problem, wanted, given, confidence."""
    notes: Sequence[str] = ()
    """What the training wants its user to know."""

    @property
    def own(self) -> float:
        """What `baselines` are compared with."""
        return self.metrics.get("mae", 0.0) if self.answers == "number" else self.test_accuracy

    @property
    def winner(self) -> str | None:
        """The baseline that does better, if one does."""
        best = next(iter(self._ranked({SELF: self.own, **self.baselines}, self._unit)))
        return None if best == SELF else best

    @property
    def _unit(self) -> str:
        return "mean absolute error" if self.answers == "number" else "accuracy"

    @staticmethod
    def _ranked(scores: Mapping[str, float], unit: str) -> dict[str, float]:
        """The best first; of equal ones in their order."""
        sign = -1 if unit == "accuracy" else 1
        return dict(sorted(scores.items(), key=lambda item: sign * item[1]))

    def to_mapping(self) -> dict[str, Any]:
        """Plain data for config.json; the errors stay in the README."""
        kept = {
            item.name: _plain(getattr(self, item.name))
            for item in fields(self)
            if item.name not in ("name", "worst")
        }
        return {**kept, "winner": self.winner}

    def to_markdown(self) -> str:
        """The card as a page."""
        parts = [f"# {self.name}\n", self._verdict(), *(f"> {note}\n" for note in self.notes)]
        for title, header, rows in self._tables():
            if rows:
                parts += [f"## {title}\n"] if title else []
                lines = [header, tuple("---" for _ in header), *rows]
                parts.append("".join(f"| {' | '.join(line)} |\n" for line in lines))
        return "\n".join(parts)

    def _tables(self) -> Iterator[tuple[str, tuple[str, ...], Sequence[tuple[str, ...]]]]:
        """Title, header and rows of each."""
        yield "", ("figure", "value"), self.figures()
        ranking = self._ranked(self.competitors, self.scored_by)
        rows = [(name, _figure(value, self.scored_by)) for name, value in ranking.items()]
        header: tuple[str, ...] = ("learner", f"{self.scored_by}, cross-validated")
        yield "Learners that were compared", header, rows
        if self.baselines:
            ranking = self._ranked({SELF: self.own, **self.baselines}, self._unit)
            rows = [(name, _figure(value, self._unit)) for name, value in ranking.items()]
            header = ("method", f"{self._unit} on {self.measured_on}")
            yield "Against what is usually tried first", header, rows
        if len(self.confusion) <= MOST_CONFUSED:
            header = ("right", *(_cell(label, 20) for label in self.confusion))
            counts = [
                (_cell(right), *(str(given.get(label, 0)) for label in self.confusion))
                for right, given in self.confusion.items()
            ]
            yield "Right label against given label", header, counts
        rows = [(_cell(name), _number(value)) for name, value in self.importance.items()]
        header = ("column", "loss of score when it is shuffled")
        yield "What the answers depend on", header, rows
        wrong = [(_cell(p), _cell(w), _cell(g), f"{c:.2f}") for p, w, g, c in self.worst]
        yield "Surest wrong answers", ("problem", "wanted", "given", "confidence"), wrong
        bins = [(f"{sure:.2f}", f"{right:.2f}", str(n)) for sure, right, n in self.reliability]
        title = "Confidence against the share that is right"
        yield title, ("confidence", "right", "answers"), bins

    def figures(self) -> list[tuple[str, str]]:
        """Names and values for people, rounded."""
        low, high = self.test_interval
        share = f"{self.test_accuracy:.1%} (95 %: {low:.1%} to {high:.1%})"
        rows = [("learner", self.method or self.learner)]
        if self.answers != "number":
            rows.append((f"right on {self.measured_on}", share))
        elif self.tolerance is not None:
            rows.append((f"within {self.tolerance:g} on {self.measured_on}", share))
        names = {"mae": "mean absolute error", "rmse": "root of the mean squared error"}
        names |= {"coverage": "truth inside the 90 % interval", "auc": "AUC"}
        for name, value in self.metrics.items():
            shown = f"{value:.1%}" if name == "coverage" else _number(value)
            rows.append((names.get(name, name.replace("_", " ")), shown))
        if self.validation_accuracy is not None:
            rows.append(("right on the validation part", f"{self.validation_accuracy:.1%}"))
        if self.ceiling is not None:
            rows.append(("most that can be right: equal problems differ", f"{self.ceiling:.1%}"))
        if self.answers != "number" or self.tolerance is not None:
            own = "".join(f", {_cell(n, 20)} from {v:.2f}" for n, v in self.thresholds.items())
            start = f"{self.threshold:.2f}{own}: {self.accepted:.1%} of answers"
            rows.append(("calibration error (ECE)", f"{self.calibration_error:.3f}"))
            rows.append(("accepted from confidence", start))
        if self.right_when_accepted is not None:
            rows.append(("right among those", f"{self.right_when_accepted:.1%}"))
        if self.gives_up_after is not None:
            rows.append(("a search gives up after", f"{self.gives_up_after} starts in vain"))
        if self.symmetries:
            rows.append(("symmetries, used in training and search", _cell(self.symmetries, 200)))
        if len(self.spread) > 1:
            spread = ", ".join(f"{value:.1%}" for value in self.spread)
            rows.append((f"test part, seeds {', '.join(map(str, self.seeds))}", spread))
        rows.append(("examples", ", ".join(f"{n} {part}" for part, n in self.examples.items())))
        if self.positions:
            shape = f"{self.parameters:,} parameters, {self.positions} positions, {self.mixing}"
            rows.append(("network", shape))
        spent = f"{self.minutes:.1f} min on {self.hardware}"
        rows.append(("training", f"{self.steps:,} steps, {spent}" if self.steps else spent))
        return rows

    def _verdict(self) -> str:
        low, high = self.test_interval
        right = f"Right on {self.test_accuracy:.1%} of unseen problems"
        number = self.answers == "number"
        if self.winner is None:
            if number:
                return f"Misses unseen numbers by {_number(self.own)} on average.\n"
            more = f"(95 %: {low:.1%} to {high:.1%}); nothing else that was tried does better.\n"
            return f"{right} {more}"
        theirs = self.baselines[self.winner]
        if not number and theirs <= high:
            return (
                f"{right}. {self.winner} reaches {theirs:.1%}, within the interval: neither is "
                "shown to be better.\n"
            )
        return (
            f"**{self.winner} does better here ({_figure(theirs, self._unit)} against "
            f"{_figure(self.own, self._unit)}): use it instead, or give this specialist more "
            "examples or time.**\n"
        )


def _figure(value: float, name: str) -> str:
    return f"{value:.1%}" if name == "accuracy" else _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value


def _cell(text: str, longest: int = 80) -> str:
    """Text of unknown origin, safe inside a table."""
    flat = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("`", "'")
    flat = flat.replace("<", "&lt;")
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def measured(
    sure: Sequence[float], right: Sequence[bool], accepted: Sequence[bool]
) -> dict[str, Any]:
    """The figures of held-out answers that every card has, as fields of `Card`."""
    kept = [fine for fine, taken in zip(right, accepted, strict=True) if taken]
    return {
        "test_accuracy": sum(right) / len(right),
        "test_interval": wilson(sum(right), len(right)),
        "calibration_error": expected_calibration_error(sure, right),
        "reliability": [(b.confidence, b.right, b.count) for b in reliability(sure, right)],
        "accepted": len(kept) / len(right),
        "right_when_accepted": sum(kept) / len(kept) if kept else None,
    }


def worst(
    task: Task[Any, Any],
    examples: Sequence[Example],
    given: Sequence[Any],
    right: Sequence[bool],
    sure: Sequence[float],
) -> list[tuple[str, str, str, float]]:
    """Problem, solution and answer of what is wrong, the surest first, with its confidence."""
    order = sorted((at for at, fine in enumerate(right) if not fine), key=lambda at: -sure[at])
    return [
        (
            task.render(examples[at].problem),
            task.render(examples[at].problem, examples[at].solution),
            "nothing" if given[at] is None else task.render(examples[at].problem, given[at]),
            float(sure[at]),
        )
        for at in order[:WORST]
    ]
