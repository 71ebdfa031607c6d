"""What is stored comes back; what is deleted is gone; stores of any age and many writers."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from recorded import row

from hrm_router.errors import StoreError
from hrm_router.traffic.store import TrafficStore, Trial
from hrm_router.traffic.tables import metadata

TRIAL = Trial(
    specialist="triage",
    version="v0001",
    problem="abc",
    accepted=True,
    unfamiliar=False,
    passed=None,
    agreed=True,
    confidence=0.97,
    seconds=0.001,
)


def test_a_row_comes_back_as_it_went_in(store):
    rows = [
        row("plain", "text"),
        row("structured", {"queue": "urgent", "ä": [1, 2.5, None]}, kind="json", task="triage"),
        row(
            "a tool",
            {"city": "Bern"},
            kind="tool",
            tool="weather",
            schema={"type": "object"},
            metadata={"team": "ops"},
            cost=0.25,
            prompt_tokens=12,
            listed=True,
        ),
    ]
    store.add(rows)
    assert list(store.rows()) == rows
    assert store.get(rows[1].id) == rows[1]
    assert store.get("nobody") is None


def test_an_id_is_stored_once_and_keeps_its_first_row(store):
    first = row("one", "a")
    store.add([first])
    store.add([replace(first, answer="b"), row("two")])
    assert store.count() == 2
    assert store.get(first.id).answer == "a"


def test_texts_that_databases_dislike_are_stored(store):
    odd = row("nul \x00 half \ud800 \U0001f600 'quote\" \\u0000", {"k": "\x00"}, kind="json")
    store.add([odd])
    found = store.get(odd.id)
    assert "\U0001f600" in found.messages[0]["content"]
    assert found.messages[0]["content"].startswith("nul \ufffd half ")


def test_rows_are_read_in_order_over_many_pages(sqlite, monkeypatch):
    monkeypatch.setattr("hrm_router.traffic.store.PAGE", 7)
    sqlite.add([row(str(n), created=float(n)) for n in range(40)])
    assert [one.created for one in sqlite.rows()] == list(range(40))


def test_what_is_deleted_is_gone_from_the_file(tmp_path):
    file = tmp_path / "t.db"
    store = TrafficStore(f"sqlite:///{file}")
    store.add([row("SECRETWORD " * 50, task="a"), row("KEPTWORD " * 50, task="b")])
    assert store.delete(task="a") == 1
    on_disk = b"".join(one.read_bytes() for one in tmp_path.glob("t.db*"))
    assert b"SECRETWORD" not in on_disk
    assert b"KEPTWORD" in on_disk
    store.close()


def test_rows_are_deleted_by_id_task_time_and_number(store):
    store.add([row(str(n), id=f"r{n}", created=float(n), task=f"t{n % 2}") for n in range(10)])
    assert store.delete(id="r3") == 1
    assert store.delete(before=2.0) == 2
    assert store.delete(newest=5) == 2
    assert [one.id for one in store.rows()] == ["r5", "r6", "r7", "r8", "r9"]
    assert store.delete(task="t1") == 3
    assert store.delete(newest=100) == 0
    with pytest.raises(ValueError, match="say what to delete"):
        store.delete()


def test_verdicts_reach_the_row_or_all_rows_of_a_solve(store):
    store.add([row(solve_id="s1", id="a"), row(solve_id="s1", id="b"), row(id="c")])
    assert store.judge("approved", "ann", solve_id="s1") == 2
    assert store.judge("corrected", "ann", id="c", answer={"queue": "late"}) == 1
    assert store.judge("approved", "ann", id="nobody") == 0
    assert [one.verdict for one in store.rows()] == ["approved", "approved", "corrected"]
    assert store.get("c").answer == {"queue": "late"}


def test_metadata_can_be_replaced_and_names_the_task(store):
    store.add([row(id="a")])
    assert store.set_metadata("a", {"task": "triage", "team": "x"})
    assert not store.set_metadata("b", {})
    assert (store.get("a").task, store.get("a").metadata["team"]) == ("triage", "x")


def test_trials_come_back_in_order(store):
    store.add_trials([replace(TRIAL, problem=str(n), passed=n % 2 == 0) for n in range(6)])
    store.add_trials([replace(TRIAL, version="v0002")])
    found = store.trials_of("triage", "v0001", last=4)
    assert [one.problem for one in found] == ["2", "3", "4", "5"]
    assert found[0].passed is True
    assert found[0].created > 0


def test_the_migrations_make_the_tables_that_the_code_expects(store):
    wanted = {t.name: {c.name for c in t.columns} for t in metadata.sorted_tables}
    there = sa.inspect(store._engine)
    assert {n: {c["name"] for c in there.get_columns(n)} for n in wanted} == wanted


def test_a_migration_that_was_killed_is_done_again_whole(store):
    """The process dies after the first of two tables."""
    url = store.url.render_as_string(hide_password=False)
    with store._engine.begin() as connection:
        for table in ("calls", "trials", "alembic_version"):
            connection.execute(sa.text(f"DROP TABLE {table}"))
    dying = (
        "import os, signal, sys; from alembic import op; whole = op.create_table\n"
        "def create_table(*args):\n"
        "    if args[0] == 'trials': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return whole(*args)\n"
        "op.create_table = create_table\n"
        "from hrm_router.traffic.store import TrafficStore; TrafficStore(sys.argv[1])"
    )
    ended = subprocess.run([sys.executable, "-c", dying, url], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert sa.inspect(store._engine).get_table_names() == []
    again = TrafficStore(url)
    again.add([row("whole")])
    again.add_trials([TRIAL])
    assert again.count() == 1
    again.close()


def test_a_store_of_a_later_version_is_refused_and_left_alone(tmp_path):
    url = f"sqlite:///{tmp_path / 't.db'}"
    TrafficStore(url).close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="later hrm-agent wrote it; upgrade"):
        TrafficStore(url)
    engine.dispose()


def test_a_store_that_cannot_be_opened_says_so(tmp_path):
    (tmp_path / "t.db").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match=r"t\.db cannot be opened: file is not a database"):
        TrafficStore(f"sqlite:///{tmp_path / 't.db'}")
    with pytest.raises(StoreError, match="cannot be opened"):
        TrafficStore("postgresql+psycopg://u:secret@127.0.0.1:1/x")


def test_a_password_in_the_url_is_not_in_the_error():
    with pytest.raises(StoreError) as caught:
        TrafficStore("postgresql+psycopg://u:secretpw@127.0.0.1:1/x")
    assert "secretpw" not in str(caught.value)


def test_threads_write_at_once_and_nothing_is_lost(store):
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: store.add([row(id=f"{n}-{k}") for k in range(20)]), range(30)))
    assert store.count() == 600


WRITER = """
import sys
from hrm_router.traffic.store import TrafficStore
from hrm_router.traffic.rows import Row
store = TrafficStore(sys.argv[1])
for n in range(40):
    store.add([Row(id=f"{sys.argv[2]}-{n}-{k}", created=1.0, messages=(), answer="x")
               for k in range(5)])
"""


def test_processes_create_and_write_one_store_at_once(tmp_path):
    url = f"sqlite:///{tmp_path / 't.db'}"
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, str(n)], stderr=subprocess.PIPE)
        for n in range(3)
    ]
    for one in running:
        _, said = one.communicate(timeout=60)
        assert one.returncode == 0, said.decode()
    store = TrafficStore(url)
    assert store.count() == 600
    store.close()


def test_a_killed_writer_leaves_whole_batches(tmp_path):
    url = f"sqlite:///{tmp_path / 't.db'}"
    TrafficStore(url).close()
    endless = WRITER.replace("range(40)", "range(10_000_000)")
    running = subprocess.Popen([sys.executable, "-c", endless, url, "k"])
    store = TrafficStore(url)
    until = time.monotonic() + 30
    while store.count() < 50 and time.monotonic() < until:
        time.sleep(0.02)
    running.kill()
    running.wait()
    assert store.count() >= 50
    assert store.count() % 5 == 0
    store.close()
