"""Latin: a specialist that hrm-agent finds by this package's entry point."""

from __future__ import annotations

from pathlib import Path

from hrm_agent import Specialist, load_specialist

from hrm_latin.task import LatinTask

WEIGHTS = Path(__file__).parent / "weights"
"""What `python -m hrm_latin.teach` writes."""


def load() -> Specialist:
    """The specialist; its weights are read, and torch is loaded, on first use."""
    return load_specialist(WEIGHTS, task=LatinTask())
