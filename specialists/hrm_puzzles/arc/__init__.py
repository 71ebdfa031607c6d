"""ARC: infer from pairs of coloured grids what turns inputs into outputs."""

from __future__ import annotations

from hrm_puzzles.arc.models import ArcPair, ArcProblem, ArcSolution, ArcTest
from hrm_puzzles.arc.task import ArcTask

__all__ = ["ArcPair", "ArcProblem", "ArcSolution", "ArcTask", "ArcTest"]
