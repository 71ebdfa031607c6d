"""A full disk and a dead or silent database cost rows, and no answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from hrm_agent.testing import ScriptedLLM
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_router.traffic import growth, record
from hrm_router.traffic.growth import Grow
from hrm_router.traffic.record import Traffic


class Line:
    """A line to a server that can go silent, or be cut."""

    def __init__(self, port: int) -> None:
        self._server, self._to = socket.create_server(("127.0.0.1", 0)), ("127.0.0.1", port)
        self.port = self._server.getsockname()[1]
        self._ends, self._open = [], threading.Event()
        self._open.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self) -> None:
        self._open.clear()

    def cut(self) -> None:
        self._open.set()
        for end in (self._server, *self._ends):
            with_shutdown(end)

    def _accept(self) -> None:
        while True:
            try:
                here = self._server.accept()[0]
            except OSError:
                return
            there = socket.create_connection(self._to)
            self._ends += [here, there]
            for ends in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(65_536):
                self._open.wait()
                sink.sendall(piece)
        except OSError:
            pass
        with_shutdown(sink)


def with_shutdown(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


async def answers(traffic, tmp_path, *, many=200, after=None) -> float:
    """Ask; every call is answered. The longest wait, in seconds."""
    longest = 0.0
    async with Router(
        [],
        llm=ScriptedLLM(lambda _: "fine"),
        settings=Settings(),
        record=traffic,
        grow=Grow(root=tmp_path / "specialists"),
    ) as router:
        for number in range(many):
            began = time.monotonic()
            assert (await router.solve(f"Talk about {number}.")).text == "fine"
            longest = max(longest, time.monotonic() - began)
            if after is not None and number == many // 2:
                await asyncio.to_thread(after)
    return longest


async def test_a_full_disk_costs_rows_and_no_answer(tmp_path, caplog):
    traffic = Traffic(f"sqlite:///{tmp_path / 't.db'}", keep_days=None)
    pages = "PRAGMA max_page_count=20"
    with traffic.store._engine.connect() as connection:
        connection.exec_driver_sql(pages)
    event.listen(traffic.store._engine, "connect", lambda made, _: made.execute(pages))
    assert await answers(traffic, tmp_path) < 2
    assert traffic.counts.dropped > 0
    assert traffic.counts.stored + traffic.counts.dropped == 200
    assert "database or disk is full" in caplog.text


@pytest.mark.outside
@pytest.mark.parametrize("how", ["silence", "cut"])
async def test_a_lost_postgres_costs_rows_and_no_answer(postgres, tmp_path, monkeypatch, how):
    monkeypatch.setattr(record, "CLOSE_WITHIN", 1.0)
    monkeypatch.setattr(growth, "PATIENCE", 1.0)
    line = Line(postgres.url.port)
    traffic = Traffic(
        postgres.url.set(port=line.port).render_as_string(hide_password=False), keep_days=None
    )

    def lose():
        assert traffic.flush()
        getattr(line, how)()

    begun = time.monotonic()
    assert await answers(traffic, tmp_path, after=lose) < 2
    assert time.monotonic() - begun < 15  # closing does not wait for it either
    line.cut()
    assert postgres.count() == 101
    with postgres._engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
