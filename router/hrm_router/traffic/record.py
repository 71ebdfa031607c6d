"""Record calls without anybody waiting for it: a bounded queue and one writer thread.

A full queue, a full disk or a dead database costs rows, never an answer; what was lost
is counted. Whether a call may be recorded at all is decided before it comes here.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hrm_router.errors import StoreError
from hrm_router.offload import Worker
from hrm_router.traffic.rows import Row

if TYPE_CHECKING:
    from hrm_router.traffic.store import TrafficStore, Trial

BATCH = 500
"""Rows written in one transaction."""
PAUSE = 0.2
"""Seconds between two tries while the database refuses."""
CLOSE_WITHIN = 10.0
"""Seconds that closing waits for what is not stored yet."""
TIDY = 300.0
"""Seconds between two deletions of what is kept no longer."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows since the start."""

    stored: int = 0
    dropped: int = 0
    """Lost because the queue was full or the database refused."""
    withheld: int = 0
    """Left out because `redact` returned None or failed."""


class Traffic:
    """Records calls of language models for one router.

    Args:
        url: a SQLAlchemy URL; None for SQLite in the user's data folder.
        redact: called with every row on the writer's thread; returns the row to store,
            or None to store nothing. If it raises, the row is not stored.
        keep_days: rows older than this are deleted; None keeps them.
        keep_rows: only so many of the newest rows are kept; None keeps all.
        waiting: rows that may wait to be written; more are dropped.

    Raises:
        StoreError: the store cannot be opened.
        ConfigError: the extra `grow` is not installed.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        redact: Callable[[Row], Row | None] | None = None,
        keep_days: float | None = 90.0,
        keep_rows: int | None = 1_000_000,
        waiting: int = 10_000,
    ) -> None:
        self.store: TrafficStore = _open(url)
        self._redact, self._keep_days, self._keep_rows = redact, keep_days, keep_rows
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._tidied = 0.0
        self._worker: Worker[Row | Trial] = Worker(
            "hrm-traffic", self._write, size=waiting, most=BATCH, every=TIDY
        )

    @property
    def counts(self) -> Counts:
        """What became of the rows so far."""
        with self._lock:
            return Counts(**self._counts)

    def put(self, row: Row | Trial) -> None:
        """Hand a row over; returns at once and never raises."""
        if not self._worker.put(row):
            self._count(dropped=1)

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until everything handed over so far is stored or lost; False if it takes longer."""
        return self._worker.flush(timeout)

    def close(self) -> None:
        """Store what waits, then stop; gives up after a while, and can be called again."""
        self._worker.close(CLOSE_WITHIN)
        self.store.close()

    def _write(self, batch: Sequence[Row | Trial]) -> None:
        self._store(batch)
        if time.monotonic() - self._tidied > TIDY:
            self._tidied = time.monotonic()
            self._tidy()

    def _store(self, batch: Sequence[Row | Trial]) -> None:
        rows = [kept for one in batch if isinstance(one, Row) and (kept := self._redacted(one))]
        trials = [one for one in batch if not isinstance(one, Row)]
        for tries in (1, 2):
            try:
                self.store.add(rows)
                self.store.add_trials(trials)
            except StoreError as error:
                log.warning("%s; %d rows, try %d of 2", error, len(rows), tries)
                if tries == 1 and not self._worker.closed and self._worker.waiting < BATCH:
                    time.sleep(PAUSE)
                continue
            self._count(stored=len(rows))
            return
        self._count(dropped=len(rows))

    def _redacted(self, row: Row) -> Row | None:
        if self._redact is None:
            return row
        try:
            kept = self._redact(row)
        except Exception:  # the user's code; a row that could not be redacted is not stored
            log.warning("redact failed; the row is not stored", exc_info=True)
            kept = None
        if not isinstance(kept, Row):
            self._count(withheld=1)
            return None
        return kept

    def _tidy(self) -> None:
        try:
            if self._keep_days is not None:
                self.store.delete(before=time.time() - self._keep_days * 86_400)
            if self._keep_rows is not None:
                self.store.delete(newest=self._keep_rows)
        except StoreError as error:
            log.warning("%s; nothing was deleted", error)

    def _count(self, **more: int) -> None:
        with self._lock:
            self._counts.update(more)


def _open(url: str | None) -> TrafficStore:
    try:
        from hrm_router.traffic.store import TrafficStore
    except ModuleNotFoundError as error:
        from hrm_specialists.errors import ConfigError

        raise ConfigError(f"recording needs {error.name}: pip install 'hrm-agent[grow]'") from error
    return TrafficStore(url)
