"""The generality table, on a family of two lines that needs no package."""

from __future__ import annotations

import random

import pytest

from hrm_bench import families
from hrm_specialists.errors import DataError

TINY = {
    "steps": 30,
    "batch": 16,
    "compile": False,
    "network": {"hidden_size": 32, "L_layers": 1, "L_cycles": 1, "halt_max_steps": 2},
}


class Flips:
    """Each bit is turned over."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __getitem__(self, at: int) -> dict[str, str]:
        bits = random.Random(f"{self.seed} {at}").choices("01", k=8)
        flipped = ["10"[int(bit)] for bit in bits]
        return {"question": f"Flip every bit:\n{' '.join(bits)}\n", "answer": " ".join(flipped)}

    def score_answer(self, answer: str | None, entry: dict[str, str]) -> float:
        return float(answer == entry["answer"])


@pytest.fixture
def flips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "_known", lambda: ["flips", "empty"])
    monkeypatch.setattr(families, "_items", lambda name, size, seed: Flips(seed))


@pytest.mark.slow
def test_a_family_is_taught_scored_and_not_taught_again(flips, tmp_path):
    """Fresh items are none of the examples; a second run finds the work done."""
    file, told = tmp_path / "out.jsonl", []

    def run():
        return families.measure(
            ["flips"], file, minutes=1, examples=100, fresh=20, recipe=TINY, tell=told.append
        )

    (first,) = run()
    assert first.left_out == ""
    assert (first.examples, first.fresh, first.tokens) == (100, 20, 8)
    assert first.baselines is not None
    assert first.baselines["problem copied"] == 0.0
    assert first.parameters > 0
    told.clear()
    assert run() == [first]
    assert told == []
    assert "| flips | 8 (8) |" in families.to_markdown([first])


def test_what_cannot_be_taught_says_why(flips, tmp_path, monkeypatch):
    """A failure is a row of its own, not the end of the table."""
    monkeypatch.setattr(Flips, "__getitem__", lambda self, at: {"question": "?", "answer": None})

    results = families.measure(["empty"], tmp_path / "o.jsonl", minutes=1, examples=60, fresh=5)

    assert results[0].left_out == "items without a stored answer"
    assert "- empty: items without" in families.to_markdown(results)
    with pytest.raises(DataError, match="no nonsense"):
        families.measure(["nonsense"], tmp_path / "p.jsonl", minutes=1)
