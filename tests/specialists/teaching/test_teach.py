"""From examples to a specialist that answers, in seconds."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from pydantic import BaseModel

from hrm_agent.testing import ScriptedSpecialist
from hrm_specialists.contract import Attempt, Task
from hrm_specialists.engine.plan import Plan
from hrm_specialists.errors import ConfigError, DataError, TrainingError
from hrm_specialists.evaluation.reliability import (
    expected_calibration_error,
    lower_bound,
    reliability,
    threshold_for,
)
from hrm_specialists.registry import load_specialist
from hrm_specialists.schema.examples import Example
from hrm_specialists.teaching.card import Card
from hrm_specialists.teaching.measuring import learn_chances
from hrm_specialists.teaching.teach import train
from hrm_specialists.training.checkpoint import lock_run

SMALL = {
    "steps": 100,
    "batch": 16,
    "precision": "fp32",
    "compile": False,
    "warmup": 10,
    "adam_lr": 1e-2,
    "muon_lr": 1e-2,
    "network": {"hidden_size": 32, "L_layers": 1, "L_cycles": 1, "halt_max_steps": 2},
}


def examples(n=200):
    rng = random.Random(0)
    found = []
    for _ in range(n):
        row = {"size": round(rng.uniform(0, 10), 2), "colour": rng.choice(["red", "green"])}
        found.append((row, "big" if row["size"] > 5 else "small"))
    return found


@pytest.fixture
def sizes(tmp_path):
    """Teach the sizes, with other settings or a changed recipe."""

    def run(pairs=None, *, name="sizes", more=None, **settings):
        recipe = {**SMALL, **(more or {})}
        given = pairs or examples()
        return train(given, name=name, recipe=recipe, root=tmp_path, device="cpu", **settings)

    return run


def test_examples_become_a_specialist_that_answers(sizes, tmp_path):
    """The folder alone is enough to answer, and the card says what was measured."""
    taught = sizes()

    assert taught.folder == tmp_path / "sizes" / "v0001"
    with load_specialist(taught.folder, device="cpu") as loaded:
        attempt = loaded.solve({"size": 9.1, "colour": "red"})
    assert attempt.solution.model_dump() == {"label": "big"}
    assert attempt.verdict is None
    assert loaded.card["test_accuracy"] > 0.8
    assert sum(loaded.card["examples"].values()) == 200
    assert loaded.card["examples"]["test"] >= 20
    assert "commonest answer" in loaded.card["baselines"]
    page = (taught.folder / "README.md").read_text("utf-8")
    assert "unseen problems" in page or "does at least as well" in page
    assert json.loads((taught.folder / "recipe.json").read_text("utf-8"))["steps"] == 100


def test_retraining_adds_a_version_and_a_failure_leaves_the_last(sizes, tmp_path):
    """What worked yesterday works until it is removed."""
    for _ in range(2):
        sizes(more={"steps": 2})
    with pytest.raises(DataError):
        sizes([({"a": 1}, "x")] * 60, more={"steps": 2})

    assert sorted(f.name for f in (tmp_path / "sizes").glob("v*")) == ["v0001", "v0002"]
    assert load_specialist(tmp_path / "sizes" / "v0002").version == "v0002"


def test_an_interrupt_publishes_what_was_learned_and_can_be_resumed(sizes):
    """Ctrl-C is an answer to "is it good enough yet?"."""

    def interrupt(progress):
        raise KeyboardInterrupt

    taught = sizes(callback=interrupt)

    assert taught.card["steps"] == 20
    assert "interrupted" in taught.card["notes"][0]
    whole = sizes(resume=True)
    assert whole.card["steps"] == 100
    assert whole.version == "v0002"
    assert "interrupted" not in " ".join(whole.card["notes"])


def test_several_seeds_show_their_spread(sizes):
    """One lucky run is not a result."""
    card = sizes(more={"steps": 3}, seeds=2).card

    assert card["seeds"] == [0, 1]
    assert len(card["spread"]) == 2


def test_one_specialist_starts_from_another(sizes):
    """What fits is taken over, so the first answers are already good."""
    first = sizes()
    short = {"steps": 1, "warmup": 1, "muon_lr": 1e-9, "adam_lr": 1e-9}
    again = sizes(name="again", more=short, start=first.folder)

    assert again.card["validation_accuracy"] == first.card["validation_accuracy"]


def test_mistakes_are_named_before_time_is_spent(sizes, tmp_path):
    """A bad name, a bad setting, a second run in the same place."""
    with pytest.raises(ConfigError, match="cannot name"):
        sizes(name="My Task")
    with pytest.raises(ConfigError, match="network settings: width: unknown"):
        sizes(more={"network": {"width": 3}})
    with pytest.raises(ConfigError, match="speed"):
        sizes(more={"speed": 3})
    with lock_run(tmp_path / "sizes" / ".run"), pytest.raises(TrainingError, match="another run"):
        sizes()
    assert not list((tmp_path / "sizes").glob("v*"))


def test_chances_are_learned_from_searches_that_end():
    class Digit(BaseModel):
        n: int

    class Digits(Task[Digit, Digit]):
        name, Problem, Solution = "digits", Digit, Digit

    def attempt(problem):
        reason = {0: "effort spent", 9: "deadline"}.get(problem.n, "verified")
        return Attempt(problem, None, 1.0, 1, problem.n or 25, 0.0, reason)

    problems = [1] * 20 + [3] * 5 + [0] * 5 + [9] * 70
    with ScriptedSpecialist(Digits(), attempt) as specialist:
        chances = learn_chances(
            specialist, [Example(Digit(n=n), None) for n in problems], Plan(24, 16)
        )

    assert chances[:3] == pytest.approx((5.5 / 11 / 24, 5.5 / 11 / 23, 0.5 / 6 / 22))
    assert len(chances) == 24


def test_calibration_error_is_the_gap_between_word_and_deed():
    """Half right at 90 % confidence is off by 0.4."""
    assert expected_calibration_error([0.9] * 10, [True, False] * 5) == pytest.approx(0.4)
    assert expected_calibration_error([1.0, 0.0], [True, False]) == 0.0
    assert sum(b.count for b in reliability([0.1 * k for k in range(7)], [True] * 7)) == 7


def test_the_threshold_is_vouched_for():
    """As many right above it as the cost of wrong ones asks for, by a lower bound."""
    sure, few = [0.9 + 0.0001 * n for n in range(400)], [0.95] * 5

    assert threshold_for(sure, [True] * 400, cost_of_wrong=9) == 0.9
    assert threshold_for(few, [True] * 5, cost_of_wrong=9) == 1.0
    mixed = [n >= 200 or n % 5 > 0 for n in range(400)]  # the lower half is right four in five
    assert 0.9 < threshold_for(sure, mixed, cost_of_wrong=9) < 0.93
    assert threshold_for(sure, [True] * 400, cost_of_wrong=19) == 1.0  # none is sure enough
    assert threshold_for(sure, [n % 5 > 0 for n in range(400)], cost_of_wrong=9) == 1.0
    assert lower_bound(93, 95, 0.05) == pytest.approx(0.9353, abs=1e-3)  # Clopper and Pearson


def test_the_card_says_when_something_simpler_wins():
    """Nobody should train a network to be told what a tree knows."""
    told = {"name": "t", "examples": {"train": 10}, "hardware": "cpu", "minutes": 1.0}
    card = Card(
        **told,
        seeds=[0],
        validation_accuracy=0.9,
        test_accuracy=0.9,
        test_interval=(0.8, 0.95),
        calibration_error=0.01,
        threshold=0.5,
        accepted=1.0,
        right_when_accepted=0.9,
        baselines={"random forest": 0.95},
        worst=[("<b>|x", "a", "b", 0.5)],
    )

    assert card.winner == "random forest"
    page = card.to_markdown()
    assert "random forest reaches 95.0%, within the interval" in page
    clearly = replace(card, baselines={"random forest": 0.97})
    assert "**random forest does better here (97.0% against 90.0%)" in clearly.to_markdown()
    assert "&lt;b>\\|x" in page
    labelled = replace(card, thresholds={"ok": 0.97})
    assert "accepted from confidence | 0.50, ok from 0.97: 100.0%" in labelled.to_markdown()


def test_numbers_may_be_missing_from_a_table(tmp_path):
    """In training, in a problem, and after loading; where none was missing, none may be."""
    file, home = tmp_path / "table.csv", tmp_path / "home"
    rows = [f"{n / 3},{n / 7 if n % 5 else ''},{'high' if n > 60 else 'low'}" for n in range(120)]
    file.write_text("\n".join(["a,b,label", *rows]), "utf-8")
    train(file, name="gaps", label="label", recipe=SMALL, root=home, device="cpu")

    with load_specialist(home / "gaps" / "v0001", device="cpu") as loaded:
        (claim,) = loaded.task.read('{"a": 1.5, "b": null}')
        attempt = loaded.solve(claim.problem)
        assert not attempt.unfamiliar
        unseen = loaded.solve({"a": None, "b": 2.0})
        assert unseen.unfamiliar == ("a is missing; it never was in training",)
    assert attempt.solution.label in ("high", "low")


def test_a_number_to_be_answered_may_not_be_missing():
    pairs = [(n, None if n == 30 else n / 7) for n in range(60)]
    with pytest.raises(DataError, match="line 31: problem or solution is null"):
        train(pairs, name="gaps", recipe=SMALL)
