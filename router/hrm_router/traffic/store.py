"""The store of recorded calls: SQLite in the user's data folder, or any SQLAlchemy URL.

Synchronous and thread-safe; several processes may write at once. Knows nothing of
routers; what may be stored is decided before a row comes here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc

from hrm_router.errors import StoreError
from hrm_router.traffic.rows import Row, Verdict
from hrm_router.traffic.tables import calls, trials, upgrade

T = TypeVar("T")

PAGE = 1_000
"""Rows that are read at once."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a candidate, or a standing sample of a promoted specialist, did on one call."""

    specialist: str
    version: str
    problem: str
    """A hash of the problem; its text is not kept."""
    accepted: bool
    """Whether the answer counts: sure enough, or, for a task with a checker, tried at all."""
    unfamiliar: bool
    """Whether the problem lies outside what the specialist was trained on."""
    passed: bool | None
    """The checker's word; None without a checker."""
    agreed: bool | None
    """Whether it said what the LLM said; None where there was nothing to compare."""
    confidence: float
    seconds: float
    created: float = 0.0


def default_url() -> str:
    """SQLite in the user's data folder."""
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('hrm-agent', appauthor=False) / 'traffic.db'}"


class TrafficStore:
    """Recorded calls and trials.

    Args:
        url: a SQLAlchemy URL; None for SQLite in the user's data folder.

    Raises:
        StoreError: the database cannot be opened, or a later version wrote it; and from
            every method: it refuses.
    """

    def __init__(self, url: str | None = None) -> None:
        self.url = sa.make_url(url or default_url())
        sqlite = self.url.get_backend_name() == "sqlite"
        if sqlite and self.url.database:
            Path(self.url.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
        try:
            if sqlite:
                self._engine = sa.create_engine(self.url, connect_args={"timeout": 30})
                event.listen(self._engine, "connect", _prepare_sqlite)
                event.listen(self._engine, "begin", _begin_sqlite)
            else:
                self._engine = sa.create_engine(self.url, pool_pre_ping=True)
            try:
                upgrade(self._engine)
            except BaseException:
                self._engine.dispose()
                raise
        except (exc.SQLAlchemyError, ImportError) as error:
            raise StoreError(
                f"the traffic store {self.url.render_as_string()} cannot be opened: {_short(error)}"
            ) from error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def add(self, rows: Sequence[Row]) -> None:
        """Store rows; one whose id is there already replaces nothing."""
        if rows:
            self._insert(calls, [_values(row) for row in rows], unique="id")

    def add_trials(self, done: Sequence[Trial]) -> None:
        """Store trials."""
        if done:
            now = time.time()
            self._insert(trials, [_values(one) | {"created": one.created or now} for one in done])

    def rows(self, newest: int | None = None) -> Iterator[Row]:
        """Rows, or so many of the newest, in the order in which they were stored."""
        last = 0 if newest is None else self._before(newest)
        while True:
            page = (
                sa.select(calls).where(calls.c.number > last).order_by(calls.c.number).limit(PAGE)
            )
            found = self._read(page)
            for one in found:
                yield _row(one)
            if len(found) < PAGE:
                return
            last = found[-1]["number"]

    def page(
        self,
        owner: str,
        *,
        after: str | None = None,
        limit: int = 20,
        newest_first: bool = False,
        model: str | None = None,
    ) -> list[Row]:
        """One more row than `limit`, if there are that many, of those that an owner stored.

        The page begins `after` the row of that id; an unknown one gives an empty page.
        """
        conditions = [calls.c.listed.is_(True), calls.c.owner == owner]
        if model is not None:
            conditions.append(calls.c.model == model)
        if after is not None:
            last = self._read(sa.select(calls.c.number).where(calls.c.id == after))
            if not last:
                return []
            at = last[0]["number"]
            conditions.append(calls.c.number < at if newest_first else calls.c.number > at)
        order = calls.c.number.desc() if newest_first else calls.c.number
        chosen = sa.select(calls).where(*conditions).order_by(order).limit(limit + 1)
        return [_row(one) for one in self._read(chosen)]

    def get(self, id: str) -> Row | None:  # noqa: A002, the API's word
        """One row; None if there is none of this id."""
        found = self._read(sa.select(calls).where(calls.c.id == id))
        return _row(found[0]) if found else None

    def count(self) -> int:
        """How many rows there are."""
        return int(self._read(sa.select(sa.func.count().label("n")).select_from(calls))[0]["n"])

    def judge(
        self,
        verdict: Verdict,
        by: str,
        *,
        id: str | None = None,  # noqa: A002, the API's word
        solve_id: str | None = None,
        answer: Any = None,
        owner: str | None = None,
    ) -> int:
        """Write a verdict on one row, or on those of one solve (and owner); returns how many."""
        if id is None and solve_id is None:
            raise ValueError("a verdict needs a row's id or a solve's id")
        values: dict[str, Any] = {"verdict": verdict, "judged_by": by}
        if answer is not None:
            values["answer"] = answer
        which = calls.c.id == id if id is not None else calls.c.solve_id == solve_id
        if owner is not None:
            which = sa.and_(which, calls.c.owner == owner)
        return self._change(sa.update(calls).where(which).values(**values))

    def set_metadata(self, id: str, metadata: Mapping[str, str]) -> bool:  # noqa: A002
        """Replace a row's metadata, and the task it names; whether there is such a row."""
        values: dict[str, Any] = {"metadata": metadata}
        if metadata.get("task"):
            values["task"] = metadata["task"]
        return self._change(sa.update(calls).where(calls.c.id == id).values(**values)) > 0

    def delete(
        self,
        *,
        id: str | None = None,  # noqa: A002, the API's word
        task: str | None = None,
        before: float | None = None,
        newest: int | None = None,
    ) -> int:
        """Delete rows, beyond recovery where the database allows; returns how many.

        Those older than `before`, in seconds since 1970; all but so many of the `newest`.
        """
        conditions: list[sa.ColumnElement[bool]] = []
        if id is not None:
            conditions.append(calls.c.id == id)
        if task is not None:
            conditions.append(calls.c.task == task)
        if before is not None:
            conditions.append(calls.c.created < before)
        if newest is not None:
            conditions.append(calls.c.number <= self._before(newest))
        if not conditions:
            raise ValueError("say what to delete: an id, a task, a time or a number to keep")
        gone = self._change(sa.delete(calls).where(*conditions))
        if gone and self.url.get_backend_name() == "sqlite":
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def trials_of(self, specialist: str, version: str, *, last: int = 5_000) -> list[Trial]:
        """The last trials of one version, oldest first."""
        found = self._read(
            sa.select(trials)
            .where(trials.c.specialist == specialist, trials.c.version == version)
            .order_by(trials.c.number.desc())
            .limit(last)
        )
        return [_made(Trial, one) for one in reversed(found)]

    def _before(self, newest: int) -> int:
        """The number of the row before so many of the newest; 0 if there are no more than these."""
        numbers = sa.select(calls.c.number).order_by(calls.c.number.desc())
        found = self._read(numbers.limit(1).offset(max(newest, 0)))
        return int(found[0]["number"]) if found else 0

    def _insert(
        self, table: sa.Table, values: Sequence[Mapping[str, Any]], unique: str | None = None
    ) -> None:
        from sqlalchemy.dialects import postgresql, sqlite

        dialects: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
        insert = dialects.get(self._engine.dialect.name, sa.insert)(table)
        if unique is not None and hasattr(insert, "on_conflict_do_nothing"):
            insert = insert.on_conflict_do_nothing(index_elements=[unique])
        self._change(insert, values)

    def _change(self, statement: Any, values: Sequence[Mapping[str, Any]] | None = None) -> int:
        try:
            with (
                self._engine.connect().execution_options(writes=True) as connection,
                connection.begin(),
            ):
                return max(connection.execute(statement, values).rowcount, 0)
        except exc.SQLAlchemyError as error:
            raise StoreError(f"the traffic store refuses: {_short(error)}") from error

    def _read(self, statement: Any) -> list[Mapping[str, Any]]:
        try:
            with self._engine.connect() as connection:
                return [dict(one) for one in connection.execute(statement).mappings()]
        except exc.SQLAlchemyError as error:
            raise StoreError(f"the traffic store cannot be read: {_short(error)}") from error


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says
    try:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:  # SQLAlchemy forgets a connection that could not be prepared
        connection.close()
        raise


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _values(one: Row | Trial) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def _row(found: Mapping[str, Any]) -> Row:
    return _made(Row, {**found, "messages": tuple(found["messages"])})


def _made(kind: type[T], found: Mapping[str, Any]) -> T:
    """An instance of a dataclass from the columns of its table."""
    return kind(**{one.name: found[one.name] for one in fields(kind)})  # type: ignore[arg-type]


def _short(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0][:300]
