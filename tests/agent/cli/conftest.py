"""Commands are run in this process, as `main` runs them; output comes from its streams."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from hrm_agent.cli import main
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuSolution, SudokuTask

PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as one JSON object; fails if there is anything else."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        assert set(self.json) == {"error"}
        return self.json["error"]


@pytest.fixture(autouse=True)
def no_server_of_the_developer(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Only servers that a test starts are found."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))


@pytest.fixture
def puzzle() -> str:
    return PUZZLE


@pytest.fixture
def solved() -> str:
    return SOLVED


@pytest.fixture
def sudoku() -> Iterator[ScriptedSpecialist]:
    """A specialist that knows one puzzle's solution."""
    solution = SudokuSolution.model_validate({"grid": SOLVED})
    with ScriptedSpecialist(SudokuTask(), solution, segments=3) as specialist:
        yield specialist


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sudoku: ScriptedSpecialist,
) -> Callable[..., Ran]:
    def run(*argv: str, stdin: bytes = b"", specialists: Any = None, find: bool = False) -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        monkeypatch.delenv("COLUMNS", raising=False)  # readline leaves one to pytest's workers
        given = [sudoku] if specialists is None else specialists
        code = main(argv, specialists=None if find else given)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run
