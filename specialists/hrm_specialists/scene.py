"""What one moment of thinking looks like: a sheet of coloured cells with characters in them.

A task returns one from `Task.scene`; who draws it, as SVG or GIF, is another's affair.
"""

from __future__ import annotations

from dataclasses import dataclass

PAPER, INK, FOUND, FRESH, LINE = "#ffffff", "#0f172a", "#2563eb", "#fef3c7", "#cbd5e1"
"""Colours: a sheet, a given, what was found, what changed just now, thin lines."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One square."""

    fill: str = PAPER
    text: str = ""
    ink: str = INK
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A sheet of cells; None leaves a gap."""

    rows: tuple[tuple[Cell | None, ...], ...]
    thick: int = 0
    """A thick line after every so many cells; 0 for none."""
    lines: bool = True
    """Whether thin lines part the cells."""
    size: int = 32
    """Side of a cell, in pixels."""

    @property
    def height(self) -> int:
        """Rows of cells."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """Columns of cells."""
        return max(map(len, self.rows), default=0)
