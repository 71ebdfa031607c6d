"""Nobody waits for the store: a full queue, a slow hook or a dead database cost rows only."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from recorded import row

from hrm_router.errors import StoreError
from hrm_router.traffic.record import Traffic


@pytest.fixture
def traffic(tmp_path):
    made = []

    def make(**options) -> Traffic:
        made.append(Traffic(f"sqlite:///{tmp_path / 'traffic.db'}", **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_rows_are_stored_in_order_behind_the_callers_back(traffic):
    recorder = traffic(keep_days=None)
    rows = [row(str(n)) for n in range(1_200)]
    for one in rows:
        recorder.put(one)
    assert recorder.flush()
    assert [one.id for one in recorder.store.rows()] == [one.id for one in rows]
    assert (recorder.counts.stored, recorder.counts.dropped) == (1_200, 0)


def test_handing_over_takes_no_time_even_while_the_database_hangs(traffic):
    recorder, hangs = traffic(waiting=100, keep_days=None), threading.Event()
    recorder.store.add = lambda rows: hangs.wait(20)
    taken = []
    for n in range(1_000):
        one = row(str(n))
        began = time.perf_counter()
        recorder.put(one)
        taken.append(time.perf_counter() - began)
    hangs.set()
    assert sorted(taken)[990] < 0.0003
    assert recorder.flush()
    counts = recorder.counts
    assert counts.stored + counts.dropped == 1_000
    assert counts.dropped >= 300


def test_a_database_that_refuses_costs_rows_and_is_tried_again(traffic, caplog):
    recorder = traffic(keep_days=None)
    whole = recorder.store.add

    def refuse(rows):
        raise StoreError("disk full")

    recorder.store.add = refuse
    recorder.put(row("lost"))
    assert recorder.flush()
    assert recorder.counts.dropped == 1
    assert "disk full" in caplog.text
    recorder.store.add = whole
    recorder.put(row("kept"))
    assert recorder.flush()
    assert recorder.store.count() == 1


def test_what_is_redacted_is_stored_and_what_cannot_be_is_not(traffic):
    def redact(one):
        if one.answer == "secret":
            return None
        if one.answer == "bad":
            raise RuntimeError("the user's mistake")
        return replace(one, messages=({"role": "user", "content": "***"},))

    recorder = traffic(redact=redact, keep_days=None)
    for answer in ("fine", "secret", "bad"):
        recorder.put(row("my name is Ann", answer))
    assert recorder.flush()
    assert [one.messages[0]["content"] for one in recorder.store.rows()] == ["***"]
    assert recorder.counts.withheld == 2


def test_old_rows_and_rows_beyond_the_limit_go(traffic):
    recorder = traffic(keep_days=1.0, keep_rows=5)
    now = time.time()
    recorder.put(row("old", created=now - 90_000))
    for n in range(8):
        recorder.put(row(str(n), created=now))
    assert recorder.flush()
    recorder._tidy()
    assert [one.messages[0]["content"] for one in recorder.store.rows()] == list("34567")


def test_closing_stores_what_waits_and_later_rows_are_counted_as_dropped(traffic):
    recorder = traffic(keep_days=None)
    for n in range(50):
        recorder.put(row(str(n)))
    recorder.close()
    recorder.close()
    recorder.put(row("late"))
    assert (recorder.counts.stored, recorder.counts.dropped) == (50, 1)
    again = traffic(keep_days=None)
    assert again.store.count() == 50
