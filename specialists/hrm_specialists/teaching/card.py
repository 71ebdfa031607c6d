"""The card of a trained specialist: what it is, how good, and what beats it.

Written for the person who decides whether to trust it. Knows nothing of how
the figures came about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What was measured, as plain values; `to_mapping` goes into config.json."""

    name: str
    examples: Mapping[str, int]
    """Examples in each part of the split."""
    parameters: int
    mixing: str
    """How positions hear of each other."""
    positions: int
    symbols: int
    steps: int
    minutes: float
    """Training time, without measuring."""
    hardware: str
    seeds: Sequence[int]
    validation_accuracy: float
    test_accuracy: float
    """Whole answers right, one pass, on the test part."""
    test_interval: tuple[float, float]
    """Its 95 % interval (Wilson)."""
    spread: Sequence[float] = ()
    """Test accuracy of each seed, if there were several."""
    calibration_error: float
    """Expected calibration error on the test part."""
    threshold: float
    accepted: float
    """Share of test answers at or above the threshold."""
    right_when_accepted: float | None
    """Share right among those."""
    symmetries: str = ""
    """Those found by trying, or declared, in words."""
    gives_up_after: int | None = None
    """Starts after which a search without success has become hopeless."""
    baselines: Mapping[str, float] = field(default_factory=dict)
    """Test accuracy of what needs no network."""
    worst: Sequence[tuple[str, str, str, float]] = ()
    """Surest wrong answers: problem, wanted, given, confidence."""
    notes: Sequence[str] = ()
    """What the training wants its user to know."""

    @property
    def winner(self) -> str | None:
        """The baseline that does at least as well, if one does."""
        if not self.baselines:
            return None
        name = max(self.baselines, key=lambda n: self.baselines[n])
        return name if self.baselines[name] >= self.test_accuracy else None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data for config.json; the errors stay in the README."""
        return {
            "examples": dict(self.examples),
            "parameters": self.parameters,
            "mixing": self.mixing,
            "positions": self.positions,
            "symbols": self.symbols,
            "steps": self.steps,
            "minutes": round(self.minutes, 2),
            "hardware": self.hardware,
            "seeds": list(self.seeds),
            "validation_accuracy": self.validation_accuracy,
            "test_accuracy": self.test_accuracy,
            "test_interval": list(self.test_interval),
            "spread": list(self.spread),
            "calibration_error": self.calibration_error,
            "threshold": self.threshold,
            "accepted": self.accepted,
            "right_when_accepted": self.right_when_accepted,
            "symmetries": self.symmetries,
            "gives_up_after": self.gives_up_after,
            "baselines": dict(self.baselines),
            "winner": self.winner,
            "notes": list(self.notes),
        }

    def to_markdown(self, pictures: Sequence[str] = ()) -> str:
        """The card as a page."""
        low, high = self.test_interval
        parts = [f"# {self.name}\n", self._verdict()]
        parts += [f"> {note}\n" for note in self.notes]
        rows = [
            ("right on the test part", f"{self.test_accuracy:.1%} (95 %: {low:.1%} to {high:.1%})"),
            ("right on the validation part", f"{self.validation_accuracy:.1%}"),
            ("calibration error (ECE)", f"{self.calibration_error:.3f}"),
            ("accepted from confidence", f"{self.threshold:.2f}: {self.accepted:.1%} of answers"),
        ]
        if self.right_when_accepted is not None:
            rows.append(("right among those", f"{self.right_when_accepted:.1%}"))
        if self.gives_up_after is not None:
            rows.append(("a search gives up after", f"{self.gives_up_after} starts in vain"))
        if self.symmetries:
            rows.append(("symmetries, used in training and search", _cell(self.symmetries, 200)))
        if len(self.spread) > 1:
            spread = ", ".join(f"{value:.1%}" for value in self.spread)
            rows.append((f"test part, seeds {', '.join(map(str, self.seeds))}", spread))
        rows += [
            ("examples", ", ".join(f"{n} {part}" for part, n in self.examples.items())),
            (
                "network",
                f"{self.parameters:,} parameters, {self.positions} positions, {self.mixing}",
            ),
            ("training", f"{self.steps:,} steps, {self.minutes:.1f} min on {self.hardware}"),
        ]
        parts.append(_table(("figure", "value"), rows))
        parts.append("## Against what needs no network\n")
        ranking = {"**this specialist**": self.test_accuracy, **self.baselines}
        ordered = sorted(ranking.items(), key=lambda item: -item[1])
        parts.append(_table(("method", "right"), [(n, f"{v:.1%}") for n, v in ordered]))
        if self.worst:
            parts.append("## Surest wrong answers\n")
            lines = [(_cell(p), _cell(w), _cell(g), f"{c:.2f}") for p, w, g, c in self.worst]
            parts.append(_table(("problem", "wanted", "given", "confidence"), lines))
        parts += [f"![{name}]({name})\n" for name in pictures]
        return "\n".join(parts)

    def _verdict(self) -> str:
        if self.winner is not None:
            return (
                f"**{self.winner} does at least as well here "
                f"({self.baselines[self.winner]:.1%} against {self.test_accuracy:.1%}): "
                "use it instead, or give this specialist more examples or time.**\n"
            )
        return f"Answers {self.test_accuracy:.1%} of unseen problems exactly.\n"


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _cell(text: str, longest: int = 80) -> str:
    """Text of unknown origin, safe inside a table."""
    flat = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("`", "'")
    flat = flat.replace("<", "&lt;")
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"
