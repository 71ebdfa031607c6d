"""Tables and texts: the best learner is published, calibrated, and loads without the rest."""

from __future__ import annotations

import random
import subprocess
import sys
import time

import numpy as np
import pytest

from hrm_specialists.errors import ConfigError, DataError, IncompatibleCheckpoint
from hrm_specialists.learners.rivals import Rival
from hrm_specialists.learners.solver import open_rows
from hrm_specialists.packaging import read_config
from hrm_specialists.teaching import teach
from hrm_specialists.teaching.teach import train

pytest.importorskip("sklearn")

CPU = {"device": "cpu", "clock": time.process_time}
"""Learners get time by their own work, whatever else the machine does."""
WORDS = ["pump", "valve", "motor", "seal", "bearing", "belt", "gear", "shaft", "filter", "hose"]


def table(n=600, noise=0.1, seed=0):
    """A label that trees see and lines do not: inside a band of one column, by a category."""
    rng = random.Random(seed)
    found = []
    for _ in range(n):
        row = {
            "load": round(rng.uniform(0, 10), 2),
            "kind": rng.choice("abc"),
            "idle": rng.random(),
        }
        inside = 3 < row["load"] < 6
        label = "worn" if inside != (row["kind"] == "c") else "fine"
        if rng.random() < noise:
            label = rng.choice(["worn", "fine"])
        found.append((row, label))
    return found


def texts(n=600, seed=0):
    rng = random.Random(seed)
    found = []
    for _ in range(n):
        some = rng.choices(WORDS, k=rng.randint(4, 9))
        found.append((" ".join(some), "hot" if "motor" in some or "belt" in some else "cold"))
    return found


@pytest.fixture
def taught(tmp_path):
    """Teach a table or texts, and close what was made at the end."""
    made = []

    def run(pairs, minutes=0.5, **settings):
        made.append(train(pairs, name="t", minutes=minutes, root=tmp_path, **CPU, **settings))
        return made[-1]

    yield run
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def worn(tmp_path_factory):
    root = tmp_path_factory.mktemp("worn")
    return train(table(), name="worn", minutes=0.5, root=root, **CPU)


def test_the_learner_that_suits_is_published_and_all_are_on_the_card(worn):
    """Trees see the band; a line does not."""
    card = worn.card
    assert card["learner"] in ("trees", "mixture")
    assert {"linear", "boosting", "forest"} <= set(card["competitors"]) | {"extra trees"}
    assert card["competitors"]["linear"] < card["test_accuracy"]
    assert card["metrics"]["auc"] > 0.85
    assert card["confusion"]["worn"]["worn"] > 10
    assert max(card["importance"], key=card["importance"].get) in ("load", "kind")
    attempt = worn.solve({"load": 4.5, "kind": "a", "idle": 0.5})
    assert attempt.solution.model_dump(by_alias=True) == {"label": "worn"}
    assert sum(attempt.probabilities.values()) == pytest.approx(1)


@pytest.mark.slow
def test_a_line_is_published_where_a_line_does_as_well(taught):
    rng = random.Random(0)
    rows = [{f"x{k}": rng.gauss(0, 1) for k in range(6)} for _ in range(500)]
    pairs = [(r, "up" if sum(r.values()) + rng.gauss(0, 0.7) > 0 else "down") for r in rows]
    assert "linear" in taught(pairs).card["method"]


def test_texts_are_learned_by_their_words(taught):
    heat = taught(texts())
    assert heat.card["test_accuracy"] > 0.9
    assert heat.solve("gear shaft motor hose seal").solution.model_dump() == {"label": "hot"}
    for odd in ("", "?!", "\ud800", "motor " * 170_000):
        attempt = heat.solve(odd)
        assert attempt.solution is not None, odd[:9]
        assert not heat.accepts(attempt), odd[:9]


@pytest.mark.slow
def test_short_codes_are_learned_by_the_places_of_their_letters(taught):
    """Which letter stands third decides; how often it occurs does not."""
    rng = random.Random(0)
    codes = ["".join(rng.choices("ABCD", k=6)) for _ in range(500)]
    card = taught([(code, "east" if code[2] in "AC" else "west") for code in codes], 0.4).card
    assert card["test_accuracy"] > 0.95, card["competitors"]


@pytest.mark.slow
def test_a_network_competes_for_labels_that_order_decides_and_must_be_clearly_ahead(
    taught, monkeypatch
):
    """Whether the first letter comes back at the end of texts too long for a place each."""
    rng = random.Random(0)
    drawn = ["".join(rng.choices("abcd", k=34)) for _ in range(600)]
    pairs = [(text, "back" if text[0] == text[-1] else "gone") for text in drawn]
    monkeypatch.setattr(teach, "LEAST_FOR_NETWORK", 0.0)
    seen = []
    for wins in (True, False):
        monkeypatch.setattr(teach, "_wins", lambda *right, wins=wins: seen.append(right) or wins)
        card = taught(pairs, 0.15).card
        assert (card["learner"] == "network") is (wins and bool(seen))
        assert "network" in card["competitors"] or "network competed" in " ".join(card["notes"])
    assert all(len(network) == len(rows) for network, rows in seen)


def test_a_network_wins_by_more_than_a_standard_error():
    right, wrong = [True] * 60, [False] * 60
    assert teach._wins(right, wrong)
    assert not teach._wins(right, right)
    assert not teach._wins([*right, True], [*right, False])
    assert teach._wins([*right, *[True] * 4], [*right, *[False] * 4])


@pytest.mark.slow
def test_what_is_published_has_learned_the_test_part_too(taught):
    """Held-out rows stay unlearned."""
    pairs = table(600, noise=0.0)
    for held, said in ((None, True), (table(60, seed=3), False)):
        notes = taught(pairs, 0.2, held_out=held, learner="trees").card["notes"]
        assert ("test part as well" in " ".join(notes)) is said


def test_a_learner_can_be_asked_for_and_is_refused_where_it_cannot_answer(taught):
    assert taught(table(200), 0.3, learner="linear").card["learner"] == "linear"
    pairs = [([n, n + 1, n + 2], [n + 2, n + 1, n]) for n in range(60)]
    with pytest.raises(ConfigError, match="structure"):
        taught(pairs, 0.3, learner="trees")


def test_loading_needs_neither_torch_nor_scikit_learn(worn):
    code = (
        "import sys; from hrm_specialists.registry import load_specialist\n"
        f"with load_specialist({str(worn.folder)!r}) as one:\n"
        "    print(one.solve({'load': 4.5, 'kind': 'a', 'idle': 0.5}).solution.label)\n"
        "print([m for m in ('torch', 'sklearn', 'scipy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split("\n")[:2] == ["worn", "[]"], run.stderr


def test_arrays_that_do_not_belong_to_the_table_are_refused(worn):
    """Fewer columns, other labels, a part that is none, an array that is missing."""
    config, weights = read_config(worn.folder), (worn.folder / "model.safetensors").read_bytes()
    assert config.learner["kind"] == worn.card["learner"]
    mixture = config.learner["mixture"]
    for change in (
        {"columns": ["load"]},
        {"mixture": {**mixture, "labels": 3}},
        {"mixture": {**mixture, "part": "Popen"}},
        {"mixture": {**mixture, "familiar": {"array": "nowhere"}}},
    ):
        damaged = config.model_copy(update={"learner": {**config.learner, **change}})
        with pytest.raises(IncompatibleCheckpoint, match="cannot be rebuilt"):
            open_rows(worn.task, damaged, weights)


def test_what_is_unlike_training_is_not_accepted(worn):
    """Values that training had, together as it never had them, or none that it had."""
    for row in (
        {"load": 4.5, "kind": "z", "idle": 0.5},
        {"load": 1e6, "kind": "a", "idle": 0.5},
        {"load": -3.0, "kind": "a", "idle": 0.5},
    ):
        attempt = worn.solve(row)
        assert not worn.accepts(attempt), row
        assert attempt.unfamiliar, row


@pytest.mark.slow
def test_the_accepted_are_right_as_often_as_wrong_ones_cost():
    """Precision of the accepted on fresh rows of a table, a text and a grid, all noisy."""
    from hrm_bench.trust import draw

    draws = [draw(kind, seed=3, minutes=0.1) for kind in ("table", "text", "grid")]
    assert all(one.holds for one in draws), draws
    assert max(one.accepted for one in draws) > 0.5
    assert sum(one.calibration_error for one in draws) / len(draws) <= 0.05, draws


def test_numbers_are_answered_with_an_interval_and_accepted_by_the_tolerance(taught):
    rng = random.Random(0)
    rows = [{"x": rng.uniform(0, 10), "y": rng.uniform(0, 10)} for _ in range(600)]

    def number(row):
        return round(3 * row["x"] - 2 * row["y"] + rng.gauss(0, 0.2 + 0.3 * (row["x"] > 5)), 2)

    pairs = [(row, number(row)) for row in rows]
    strict, loose = taught(pairs, tolerance=1.0), taught(pairs, 0.3)
    assert strict.card["answers"] == "number"
    assert strict.card["metrics"]["mae"] < 0.6
    sure, unsure = strict.solve({"x": 2.0, "y": 5.0}), strict.solve({"x": 8.0, "y": 5.0})
    assert sure.interval[0] < -4 < sure.interval[1]
    assert sure.confidence > unsure.confidence
    assert strict.accepts(sure)
    attempt = loose.solve({"x": 2.0, "y": 5.0})
    assert not loose.accepts(attempt)
    assert "tolerance" in attempt.unfamiliar[0]


@pytest.mark.slow
def test_intervals_cover_nine_in_ten(taught):
    rng = random.Random(1)

    def pair():
        row = {f"x{k}": rng.uniform(-1, 1) for k in range(4)}
        return row, round(row["x0"] * 4 + row["x1"] ** 2 + rng.gauss(0, 0.5 + (row["x2"] > 0)), 3)

    number = taught([pair() for _ in range(900)])
    fresh = [pair() for _ in range(2000)]
    problems = [number.task.Problem.model_validate(row) for row, _ in fresh]
    found = number.solver.answer_columns(number.task.schema.columns(problems))
    truth = np.array([y for _, y in fresh])
    assert 0.86 <= ((found.low <= truth) & (truth <= found.high)).mean() <= 0.94


@pytest.mark.slow
def test_a_teacher_is_learned_from_and_one_without_probabilities_is_refused(taught):
    class Teacher:
        classes_ = ("fine", "worn")

        def predict_proba(self, rows):
            inside = [3 < r.load < 6 for r in rows.itertuples()]
            worn = [i != (r.kind == "c") for i, r in zip(inside, rows.itertuples(), strict=True)]
            return np.array([[0.05, 0.95] if w else [0.95, 0.05] for w in worn])

    pairs, fresh = table(200, noise=0.3), table(500, noise=0.0, seed=5)
    pupil = taught(pairs, 0.3, teacher=Teacher())
    right = [pupil.solve(row).solution.model_dump()["label"] == y for row, y in fresh[:200]]
    assert np.mean(right) > 0.9
    with pytest.raises(ConfigError, match="predict_proba"):
        taught(pairs, 0.3, teacher=object())


@pytest.mark.slow
def test_a_rare_label_costs_no_training(taught):
    """One row of it, a label that a fold never sees: all are trained."""
    for n in (60, 150):
        pairs = [*table(n - 1), ({"load": 1.0, "kind": "a", "idle": 0.1}, "exploded")]
        assert taught(pairs, 0.2).solve({"load": 4.5, "kind": "a", "idle": 0.5}).solution


def test_an_interrupt_publishes_the_best_so_far(taught, monkeypatch):
    """Ctrl-C after the first learner is an answer to "is it good enough yet?"."""
    names, fit = [], Rival.fit

    def fitted(rival, *given):
        names.append(rival.name)
        if len(dict.fromkeys(names)) == 2 and "stopped" not in names:
            names.append("stopped")
            raise KeyboardInterrupt
        return fit(rival, *given)

    monkeypatch.setattr(Rival, "fit", fitted)
    card = taught(table(120)).card
    assert "interrupted" in " ".join(card["notes"])
    assert set(card["competitors"]) == {"linear", "**chosen**"}


def test_held_out_rows_that_were_trained_on_do_not_count(taught):
    pairs = table(300)
    held = [*pairs[:100], *table(60, seed=7)]
    notes = taught(pairs, 0.1, held_out=held, learner="linear").card["notes"]
    assert "100 of 160 held-out examples" in " ".join(notes)
    with pytest.raises(DataError, match="held-out"):
        taught(pairs, 0.2, held_out=pairs[:100])


def test_a_total_written_as_text_is_answered_to_the_digit(taught):
    """A rule for numbers is published where it gives the answers exactly."""
    rng = random.Random(0)
    prices = {"teas": 2, "large coffees": 5, "cakes": 11}

    def order():
        counts = {what: rng.randint(1, 400) for what in rng.sample(list(prices), 3)}
        asked = ", ".join(f"{n} {what}" for what, n in counts.items())
        return f"What do {asked} cost?", str(sum(n * prices[what] for what, n in counts.items()))

    till = taught([order() for _ in range(300)], 0.3)
    assert (till.learner, till.card["answers"]) == ("linear", "number")
    for question, total in (order() for _ in range(20)):
        attempt = till.solve(question)
        assert str(attempt.solution.model_dump()["value"]) == total
        assert till.accepts(attempt)
