"""A candidate is tried beside the LLM, promoted by the gate, watched, and demoted."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from recorded import Queue, Ticket, Triage, row

from hrm_agent.testing import ScriptedSpecialist
from hrm_router.traffic import growth as growing
from hrm_router.traffic.families import families
from hrm_router.traffic.gate import Gate
from hrm_router.traffic.grown import Origin, take
from hrm_router.traffic.growth import Grow, Growth
from hrm_router.traffic.record import Traffic
from hrm_router.traffic.rows import Chat
from hrm_specialists.contract import Task, Verdict
from hrm_specialists.versions import choices, choose, current, hold


class CheckedTriage(Triage):
    def check(self, problem, solution):
        return Verdict(solution.queue == right(problem.text))


def right(text: str) -> str:
    return "odd" if int(text.split()[-1]) % 2 else "even"


def chat(number: int) -> Chat:
    message = {"role": "user", "content": f"Please sort: ticket {number}"}
    return Chat(messages=({"role": "system", "content": "You sort."}, message))


def origin() -> Origin:
    rows = [
        row(f"Please sort: ticket {n}", right(f"ticket {n}"), system="You sort.") for n in range(9)
    ]
    (family,) = families(rows)
    return Origin.of(family)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Versions on disk that name how often they are right; loaded as scripted specialists."""
    root, loaded = tmp_path / "specialists", []

    def load(folder: Path):
        said = json.loads((folder / "config.json").read_text())

        def solve(problem):
            number = int(problem.text.split()[-1])
            wrong = number % 100 >= said["right"]
            answer = right(f"ticket {number + wrong}")
            return Queue(queue=answer)

        one = ScriptedSpecialist(
            CheckedTriage() if said["checked"] else Triage(), solve, confidence=0.99
        )
        one.card = {"distilled": origin().model_dump(mode="json")}
        one.version = folder.name
        loaded.append(one)
        return one

    monkeypatch.setattr(growing, "load_specialist", load)
    monkeypatch.setattr(growing, "_is_distilled", lambda folder: True)
    yield root
    for one in loaded:
        one.close()


def write(root: Path, version: str, share: int, *, checked=False) -> None:
    folder = root / "triage" / version
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"right": share, "checked": checked}))


class Trying:
    """A growth with what a router would hold: the specialists that answer."""

    def __init__(self, traffic, how):
        self.answering = {}
        self.changes = []
        self.growth = Growth(
            traffic,
            how,
            answering=lambda: list(self.answering.values()),
            load=lambda folder: growing.load_specialist(folder),
            changed=self.change,
        )

    def change(self, name, folder):
        self.changes.append(None if folder is None else folder.name)
        if folder is None:
            del self.answering[name]
        else:
            self.answering[name] = growing.load_specialist(folder)

    def take(self, chat):
        return self.growth.take(chat, self.answering.values())


@pytest.fixture
def grow(tmp_path, home):
    made = []

    def make(**options):
        traffic = Traffic(f"sqlite:///{tmp_path / 't.db'}", keep_days=None)
        gate = Gate(accuracy=0.9, trials=50)
        how = Grow(gate=gate, root=home, seed=0, **{"shadow": 1.0, **options})
        one = Trying(traffic, how)
        made.extend([one.growth, traffic])
        assert one.growth.flush()
        return one

    yield make
    for one in made:
        one.close()


def ask(trying: Trying, numbers) -> list[bool]:
    """Calls as a router makes them; whether the specialist took each."""
    taken, growth = [], trying.growth
    for number in numbers:
        one = trying.take(chat(number))
        taken.append(one is not None)
        if one is None:
            growth.compare(chat(number), right(f"ticket {number}"))
        else:
            attempt = one.specialist.solve(one.problem)
            task, passed = one.specialist.task, None
            if task.has_checker:
                passed = task.check(one.problem, attempt.solution).passed
            growth.answered(
                one,
                confidence=attempt.confidence,
                accepted=one.specialist.accepts(attempt),
                passed=passed,
                seconds=0.0,
            )
        if number % 50 == 49:
            assert growth.flush()
    assert growth.flush()
    return taken


def test_a_good_candidate_is_promoted_and_then_answers(grow, home):
    hold(home / "triage")
    write(home, "v1", 98)
    growth = grow(auto=True, watch=0.0)
    taken = ask(growth, range(400))
    assert not any(taken[:50])
    assert all(taken[200:])
    assert current(home / "triage").name == "v1"
    assert "accepted answers agreed with the LLM" in choices(home / "triage")[-1].reason
    assert growth.changes == ["v1"]


def test_a_bad_candidate_never_answers(grow, home):
    hold(home / "triage")
    write(home, "v1", 85)
    growth = grow(auto=True)
    assert not any(ask(growth, range(600)))
    assert current(home / "triage") is None


def test_without_auto_nothing_is_promoted_but_its_standing_is_shown(grow, home):
    hold(home / "triage")
    write(home, "v1", 100)
    growth = grow(auto=False)
    assert not any(ask(growth, range(300)))
    (shown,) = growth.growth.shown
    assert (shown.version, shown.state, shown.standing.accuracy) == ("v1", "candidate", 1.0)


def test_a_promoted_version_that_gets_worse_is_demoted_and_says_why(grow, home):
    write(home, "v1", 80, checked=True)
    hold(home / "triage")
    choose(home / "triage", "v1", "by hand")
    growth = grow(auto=True)
    ask(growth, range(500))
    assert current(home / "triage") is None
    assert choices(home / "triage")[-1].reason.startswith("demoted v1: ")


def test_a_fall_is_seen_though_no_call_reaches_the_llm_any_more(grow, home):
    write(home, "v1", 60, checked=True)
    hold(home / "triage")
    trying = grow(auto=True)
    for number in range(500):
        taken = trying.take(chat(number))
        if taken is None:
            break
        passed = number % 100 < 60
        trying.growth.answered(taken, confidence=0.9, accepted=passed, passed=passed, seconds=0)
        if number % 20 == 0:
            time.sleep(0.02)  # 1,000 calls a second
    assert number < 499
    assert trying.growth.flush()
    (shown,) = trying.growth.shown
    assert (shown.version, shown.state, shown.demotions) == ("v1", "demoted", 1)
    assert shown.standing.shares["refused"] > 0.2


def test_the_version_before_takes_over_again(grow, home):
    write(home, "v1", 100, checked=True)
    hold(home / "triage")
    write(home, "v2", 70, checked=True)
    choose(home / "triage", "v2", "by hand")
    growth = grow(auto=True)
    ask(growth, range(500))
    assert current(home / "triage").name == "v1"
    assert growth.take(chat(1)).specialist.version == "v1"


def test_a_standing_sample_stays_with_the_llm(grow, home):
    write(home, "v1", 100)
    hold(home / "triage")
    growth = grow(watch=0.2)
    taken = ask(growth, range(500))
    assert 50 <= taken.count(False) <= 150
    found = growth.growth.traffic.store.trials_of("triage", "v1")
    assert sum(one.agreed is not None for one in found) == taken.count(False)


def test_other_chats_are_left_alone(grow, home):
    write(home, "v1", 100)
    hold(home / "triage")
    growth = grow(watch=0.0)
    assert growth.take(chat(3)) is not None
    user = {"role": "user", "content": "Please sort: ticket 3"}
    others = [
        Chat(messages=({"role": "system", "content": "You write poems."}, user)),
        Chat(messages=(user,)),
        Chat(messages=chat(3).messages, task="else"),
        Chat(messages=chat(3).messages, schema={"type": "object"}),
        Chat(messages=(chat(3).messages[0], {"role": "user", "content": "Explain yourself."})),
    ]
    assert [growth.take(one) for one in others] == [None] * len(others)


def test_a_candidate_that_vanishes_or_breaks_harms_nobody(grow, home, caplog):
    hold(home / "triage")
    write(home, "v1", 100)
    growth = grow(auto=True)
    shutil.rmtree(home / "triage" / "v1")
    ask(growth, range(60))
    (home / "triage" / "v2").mkdir()
    (home / "triage" / "v2" / "config.json").write_text("{broken")
    assert growth.growth.flush()
    assert "cannot be followed" in caplog.text
    assert growth.take(chat(1)) is None


def test_answers_are_written_as_the_llm_wrote_them():
    class Sorted(Task[Ticket, Queue]):
        name = "triage"
        Problem = Ticket
        Solution = Queue

    schema = {"type": "object", "properties": {"queue": {"type": "string"}}}
    cases = [
        ({"kind": "text"}, lambda n: right(f"ticket {n}"), "odd"),
        (
            {"kind": "json", "schema": schema},
            lambda n: {"queue": right(f"ticket {n}")},
            '{"queue": "odd"}',
        ),
        (
            {"kind": "json", "schema": schema},
            lambda n: {"answer": right(f"ticket {n}")},
            '{"answer": "odd"}',
        ),
    ]
    for more, answer, wanted in cases:
        rows = [row(f"Sort: ticket {n}", answer(n), system="s", **more) for n in range(9)]
        (family,) = families(rows)
        one = ScriptedSpecialist(Sorted(), lambda problem: Queue(queue="odd"))
        answers = "fields" if wanted == '{"queue": "odd"}' else "label"
        made = Origin.of(family).model_copy(update={"answers": answers})
        one.card = {"distilled": made.model_dump(mode="json")}
        asked = Chat(messages=rows[0].messages, schema=more.get("schema"))
        taken = take([one], asked)
        assert taken.text(Queue(queue="odd")) == wanted
        assert taken.agrees(Queue(queue="odd"), answer(1))
        assert not taken.agrees(Queue(queue="odd"), answer(2))
