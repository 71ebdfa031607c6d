"""Waiting, thinking, done: which rows hold the slots, and which think next.

Half of the slots are for first passes and half for restarts, so neither can lock
the other out. Each segment, first passes go first; restarts take what is left of
the batch, and never less than a quarter of it while any are there. Single-threaded:
the engine's thread owns it. Knows nothing of networks, clocks or checkers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hrm_specialists.engine.search import Reply, Search, Start
from hrm_specialists.engine.shell import Place


@dataclass(eq=False, slots=True, kw_only=True)
class Job(Place):
    """One caller's problem, from submission to its future's result."""

    tokens: list[int]
    search: Search
    rows: list[Row] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Row:
    """One start of a job, in a slot."""

    job: Job
    start: Start
    slot: int
    segments: int = 0
    answer: list[int] | None = None
    """What the network last answered, so that the same is not judged twice."""
    reply: Reply | None = None


class Scheduler:
    """Places jobs' starts in slots.

    Args:
        batch: most rows that think together, at least 2; there are twice as many slots.
    """

    def __init__(self, batch: int) -> None:
        self.batch = batch
        self.share = max(1, batch // 4)
        """Rows of a batch that first passes cannot take while restarts wait."""
        self._free = list(range(2 * batch - 1, -1, -1))
        self._waiting: dict[Job, None] = {}  # in order of arrival
        self._restarting: dict[Job, None] = {}  # in order of their turns
        self._first: list[Row] = []
        self._again: list[Row] = []
        self.jobs: dict[Job, None] = {}

    def add(self, job: Job) -> None:
        """Let a new job wait for its first pass."""
        self.jobs[job] = None
        self._waiting[job] = None

    def admit(self) -> list[Row]:
        """Put starts that may begin into free slots; the rows to be placed."""
        placed = []
        while self._waiting and len(self._first) < self.batch:
            placed.append(self._seat(_pop(self._waiting), self._first))
        while self._restarting and len(self._again) < self.batch:
            placed.append(self._seat(_pop(self._restarting), self._again))
        return placed

    def pick(self) -> list[Row]:
        """The rows that think next, at most `batch`; restarts take turns."""
        firsts = self._first[: self.batch - min(self.share, len(self._again))]
        again = self._again[: self.batch - len(firsts)]
        self._again = self._again[len(again) :] + again
        return firsts + again

    def release(self, row: Row) -> None:
        """Free a row's slot; its job may then want other starts."""
        (self._again if row.start.number else self._first).remove(row)
        row.job.rows.remove(row)
        self._free.append(row.slot)
        self._queue(row.job)

    def drop(self, job: Job) -> None:
        """Forget a job and free all its slots."""
        for among in (self.jobs, self._waiting, self._restarting):
            among.pop(job, None)
        for row in list(job.rows):
            self.release(row)

    def _seat(self, job: Job, among: list[Row]) -> Row:
        row = Row(job, job.search.begin(), self._free.pop())
        among.append(row)
        job.rows.append(row)
        self._queue(job)
        return row

    def _queue(self, job: Job) -> None:
        if job in self.jobs and job.search.waiting:
            self._restarting[job] = None


def _pop(jobs: dict[Job, None]) -> Job:
    job = next(iter(jobs))
    del jobs[job]
    return job
