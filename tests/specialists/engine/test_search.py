"""Which starts are tried, and whose answer is returned."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from hrm_specialists.contract import Symmetry, Verdict
from hrm_specialists.engine.calibration import FLOOR, Calibration, fit_chances, fit_line
from hrm_specialists.engine.plan import Plan, SearchSettings, plan_for
from hrm_specialists.engine.scheduler import Job, Scheduler
from hrm_specialists.engine.search import Reply, Search, seed_of
from hrm_specialists.errors import ConfigError


class Word(BaseModel):
    text: str


def search(*, restarts=12, width=1, checked=True, seed=0, symmetry=None, **options) -> Search:
    return Search(
        options.get("tokens", [1, 2, 3]),
        options.get("plan", Plan(restarts, 3)),
        symmetry=lambda rng: symmetry,
        checked=checked,
        seed=seed,
        waves=(width, width) if isinstance(width, int) else width,
        threshold=options.get("threshold", 0.9),
        calibration=options.get("calibration", Calibration()),
    )


def wrong(score=0.1):
    return Reply(Word(text="wrong"), Verdict(False, "wrong"), score)


def right(text="right"):
    return Reply(Word(text=text), Verdict(True), 0.9)


def exhaust(tried: Search, reply=wrong) -> list:
    """Run starts one after the other to the end; returns them."""
    starts = []
    while tried.waiting:
        start = tried.begin()
        starts.append(start)
        while tried.wants(start):
            tried.hear(start, reply())
    return starts


def test_efforts_grow():
    low, default, longest = (plan_for(effort, 16) for effort in ("low", "default", "max"))

    assert (low.restarts, low.segments) == (0, 16)
    assert low.restarts < default.restarts < longest.restarts
    assert plan_for(2.5, 16).seconds == 2.5


def test_a_specialist_may_think_longer_than_in_training():
    settings = SearchSettings(segments=64, restarts={"default": 20})
    plan = plan_for("default", 16, settings)

    assert (plan.segments, plan.restarts) == (64, 20)
    assert plan_for("low", 16, settings).restarts == 0
    assert plan_for("max", 16, settings).restarts == plan_for("max", 16).restarts
    assert plan_for("default", 16).segments == 16


def test_later_starts_take_a_few_answers_of_earlier_ones_for_given():
    def answered():
        return Reply(Word(text="wrong"), Verdict(False), 0.1, (1, 7, 8, 9))

    tried = search(tokens=[1, 0, 0, 0], plan=Plan(20, 3, guesses=2))
    first, *others = exhaust(tried, answered)

    assert first.tokens == (1, 0, 0, 0)
    filled = [sum(t != 0 for t in start.tokens[1:]) for start in others]
    assert {1, 2} == set(filled)
    for start in others:
        assert all(t in (0, a) for t, a in zip(start.tokens, (1, 7, 8, 9), strict=True) if t != 1)
    again = search(tokens=[1, 0, 0, 0], plan=Plan(20, 3, guesses=2))
    assert [s.tokens for s in exhaust(again, answered)] == [
        first.tokens,
        *(s.tokens for s in others),
    ]


def test_guesses_do_not_depend_on_which_start_of_a_wave_ends_first():
    def waves(order):
        tried = search(tokens=[0, 0, 0], width=2, plan=Plan(4, 1, guesses=1))
        first = tried.begin()
        tried.hear(first, Reply(None, None, 0.1, (4, 4, 4)))
        pair = [tried.begin(), tried.begin()]
        for at in order:
            tried.hear(pair[at], Reply(None, None, 0.1, (5 + at,) * 3))
        return [tried.begin().tokens, tried.begin().tokens]

    assert waves([0, 1]) == waves([1, 0])


@pytest.mark.parametrize(
    "values",
    [
        {"segment": 64},
        {"guesses": -1},
        {"guesses": 1.5},
        {"segments": -1},
        {"segments": 64.0},
        {"longest": 32},
        {"restarts": {"low": 3}},
        {"restarts": {"max": -1}},
        {"restarts": {"max": "many"}},
        {"damping": 1.0},
        {"first_steps": -1},
        {"noise": -0.1},
        {"first_noise": 101.0},
        {"noise": float("nan")},
    ],
)
def test_search_settings_that_make_no_sense_are_refused(values):
    with pytest.raises(ConfigError, match="search"):
        SearchSettings.from_mapping(values)


def test_search_settings_survive_their_config():
    settings = SearchSettings(segments=64, restarts={"max": 32}, noise=0.5, guesses=3)

    assert SearchSettings.from_mapping(settings.to_mapping()) == settings
    assert SearchSettings.from_mapping({}) == SearchSettings()


def test_the_first_start_is_plain_and_others_look_from_elsewhere():
    turn = Symmetry((0, 1, 2), (0, 1))
    first, *others = exhaust(search(symmetry=turn))

    assert first.symmetry is None
    assert len(others) == 12
    assert all(start.symmetry is turn for start in others)
    assert len({start.seed for start in (first, *others)}) == 13


def test_seeds_come_from_problem_seed_and_number():
    seeds = {seed_of(*of) for of in (([1], 0, 0), ([2], 0, 0), ([1], 1, 0), ([1], 0, 1))}

    assert len(seeds) == 4
    assert seed_of([1], 0, 0) in seeds


@settings(max_examples=40)
@given(order=st.permutations(range(4)), at=st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_a_wave_has_the_same_winner_in_whatever_order_its_starts_think(order, at):
    """Fewest segments first, then the lower start; here, start `n` is right in segment `at[n]`."""
    tried = search(restarts=4, width=4)
    first = tried.begin()
    while tried.wants(first):
        tried.hear(first, wrong())
    starts = [tried.begin() for _ in range(4)]
    for n in order:
        for segment in range(1, 4):
            if tried.wants(starts[n]):
                tried.hear(starts[n], right(str(n)) if segment == at[n] else wrong())

    outcome = tried.outcome()

    assert outcome.reason == "verified"
    assert outcome.solution.text == str(min(range(4), key=lambda n: (at[n], n)))


def test_a_width_that_does_not_divide_the_restarts_tries_no_more():
    tried, starts = search(restarts=5, width=4), 0
    while tried.waiting:
        wave = [tried.begin() for _ in range(tried.waiting)]
        starts += len(wave)
        for start in wave:
            while tried.wants(start):
                tried.hear(start, wrong())

    assert starts == 6
    assert tried.outcome().reason == "effort spent"


def test_waves_double_up_to_the_widest():
    tried, waves = search(restarts=20, width=(2, 6)), []
    while tried.waiting:
        waves.append([tried.begin() for _ in range(tried.waiting)])
        for start in waves[-1]:
            while tried.wants(start):
                tried.hear(start, wrong())

    assert [len(wave) for wave in waves] == [1, 2, 4, 6, 6, 2]


def test_votes_are_weighed_by_confidence():
    tried = search(restarts=4, checked=False)
    said = iter([("a", 0.8), ("b", 0.6), ("b", 0.6), ("a", 0.1), ("c", 0.6)])
    while tried.waiting:
        start = tried.begin()
        text, score = next(said)
        while tried.wants(start):
            tried.hear(start, Reply(Word(text=text), None, score))

    outcome = tried.outcome()

    assert (outcome.solution.text, outcome.reason) == ("b", "effort spent")
    assert outcome.confidence == pytest.approx(1.2 / 5)


def test_what_never_decodes_is_no_answer():
    tried = search(checked=False)
    exhaust(tried, lambda: Reply(None, None, 0.99))

    assert tried.outcome().solution is None
    assert tried.outcome().confidence == 0.0


@given(st.data())
def test_fitted_confidence_keeps_the_order_of_scores(data):
    """Never a constant, whatever was right: an answer that is surer stays surer."""
    scores = data.draw(st.lists(st.floats(0, 1), min_size=1, max_size=40))
    hits = data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores)))

    calibration = Calibration(line=fit_line(scores, hits))

    probes = [calibration.confidence(n / 20) for n in range(21)]
    assert all(a < b for a, b in pairwise(probes))
    assert all(0 < probe < 1 for probe in probes)


def test_fitted_confidence_finds_what_scores_are_worth():
    """Overconfident: 0.9 is right half of the time, 0.1 never."""
    line = fit_line([0.1] * 100 + [0.9] * 100, [False] * 100 + [True, False] * 50)
    calibration = Calibration(line=line)

    assert calibration.confidence(0.9) == pytest.approx(0.5, abs=0.02)
    assert calibration.confidence(0.1) < 0.03


def test_fitted_chances_fall_when_later_starts_find_less():
    solved = [1] * 50 + [2] * 20 + [3] * 2 + [None] * 28

    assert fit_chances(solved, 4) == pytest.approx((22.5 / 51 / 3, 2.5 / 31 / 2, 0.5 / 29))


def test_giving_up_wants_evidence():
    solved, hopeless = [1] * 50, [None] * 50

    kept = Calibration(chances=fit_chances(solved, 25), floor=FLOOR)
    given_up = Calibration(chances=fit_chances(solved + hopeless, 25), floor=FLOOR)

    assert kept.gives_up_after is None
    assert given_up.gives_up_after == 1
    mixed = fit_chances(solved + [12] * 2 + hopeless, 25)
    assert Calibration(chances=mixed, floor=FLOOR).gives_up_after == 12


def test_calibration_survives_its_config():
    calibration = Calibration((0.1, 0.5), (0.2, 0.9), (0.3,), 0.05)

    assert Calibration.from_mapping(calibration.to_mapping()) == calibration
    assert Calibration.from_mapping({}) == Calibration()


@pytest.mark.parametrize(
    "values",
    [
        {"slope": 1},
        {"scores": [0.1]},
        {"scores": [0.2, 0.1], "rights": [0.1, 0.2]},
        {"scores": [0.1, 0.2], "rights": [0.2, 0.1]},
        {"chances": [1.5]},
        {"floor": "high"},
        {"scores": 3},
    ],
)
def test_a_calibration_that_makes_no_sense_is_refused(values):
    with pytest.raises(ConfigError, match="calibration"):
        Calibration.from_mapping(values)


def job(tried: Search) -> Job:
    return Job(
        problem=Word(text=""), tokens=[1], search=tried, submitted=0, deadline=None, watch=None
    )


def run(scheduler: Scheduler, segments: int, *, feed=None) -> list[list[int]]:
    """Let rows think, always wrong; which starts each segment held."""
    held = []
    for _ in range(segments):
        if feed is not None:
            feed()
        scheduler.admit()
        rows = scheduler.pick()
        assert len(rows) <= scheduler.batch
        assert len({row.slot for row in rows}) == len(rows)
        held.append([row.start.number for row in rows])
        for row in rows:
            row.job.search.hear(row.start, wrong())
            for other in list(row.job.rows):
                if not row.job.search.wants(other.start):
                    scheduler.release(other)
            if row.job.search.outcome() is not None:
                scheduler.drop(row.job)
    return held


@settings(max_examples=40)
@given(batch=st.integers(2, 9), jobs=st.integers(1, 30), width=st.integers(1, 5))
def test_every_job_comes_to_its_end_and_every_slot_is_freed(batch, jobs, width):
    scheduler = Scheduler(batch)
    for _ in range(jobs):
        scheduler.add(job(search(restarts=3, width=width)))

    run(scheduler, jobs * 4 * 3 + 1)

    assert not scheduler.jobs
    assert len(scheduler._free) == 2 * batch


def test_restarts_keep_their_share_under_a_flood_of_first_passes():
    scheduler = Scheduler(8)
    for _ in range(4):
        scheduler.add(job(search(restarts=1000)))
    run(scheduler, 4)  # their first passes are over

    held = run(scheduler, 20, feed=lambda: [scheduler.add(job(search())) for _ in range(8)])

    assert all(sum(number > 0 for number in row) >= 2 for row in held[1:])
    assert all(sum(number == 0 for number in row) >= 4 for row in held)


def test_restarts_use_what_first_passes_leave():
    scheduler = Scheduler(8)
    for _ in range(20):
        scheduler.add(job(search(restarts=1000)))
    run(scheduler, 14)

    assert all(len(held) == 8 for held in run(scheduler, 10))


def test_restarts_take_turns():
    scheduler = Scheduler(4)
    hard = [job(search(restarts=1000)) for _ in range(4)]
    for one in hard:
        scheduler.add(one)
    run(scheduler, 40)

    spent = [one.search.begun for one in hard]
    assert max(spent) - min(spent) <= 1
