"""Learning curve and reliability as PNG files, where matplotlib is installed."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from hrm_specialists.evaluation.reliability import Bin


def learning_curve(curve: Sequence[Mapping[str, Any]]) -> bytes | None:
    """Loss and accuracies against the step.

    Args:
        curve: points with `step`, `loss`, `accuracy`, `exact_accuracy` and
            `validation`.

    Returns:
        A PNG, or None without matplotlib or points.
    """
    plot = _matplotlib()
    if plot is None or not curve:
        return None
    figure, (above, below) = plot(2)
    steps = [point["step"] for point in curve]
    above.plot(steps, [point["loss"] for point in curve], color="0.3")
    above.set_ylabel("loss")
    below.plot(steps, [point["accuracy"] for point in curve], label="cells, training")
    below.plot(steps, [point["exact_accuracy"] for point in curve], label="answers, training")
    seen = [(p["step"], p["validation"]) for p in curve if p["validation"] is not None]
    if seen:
        below.plot(*zip(*seen, strict=True), label="answers, validation", linewidth=2)
    below.set_ylim(-0.02, 1.02)
    below.set_xlabel("step")
    below.set_ylabel("share right")
    below.legend(frameon=False)
    return _png(figure)


def reliability_diagram(bins: Sequence[Bin]) -> bytes | None:
    """Share right against claimed confidence; on the diagonal they agree."""
    plot = _matplotlib()
    if plot is None or not bins:
        return None
    figure, (axes,) = plot(1)
    axes.plot([0, 1], [0, 1], color="0.8")
    axes.plot([b.confidence for b in bins], [b.right for b in bins], "o-")
    axes.set_xlabel("confidence")
    axes.set_ylabel("share right")
    return _png(figure)


def _matplotlib() -> Any:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return None

    def plot(rows: int) -> Any:
        figure = Figure(figsize=(7, 3.2 * rows), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, sharex=True)
        return figure, [axes] if rows == 1 else list(axes)

    return plot


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()
