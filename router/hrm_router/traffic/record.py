"""What a router's solves leave in the store, without anybody waiting for it.

A bounded queue and one writer thread: a full queue, a full disk or a dead database costs
rows, never an answer; what was lost is counted. Whatever the LLM was not allowed to see never
comes here, because only what it answered is recorded.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from hrm_router.errors import StoreError
from hrm_router.offload import Worker
from hrm_router.traffic.families import answer_of
from hrm_router.traffic.grown import Taken, origin_of
from hrm_router.traffic.rows import MARKS, SPECIALIST, Chat, Row, Verdict

if TYPE_CHECKING:
    from hrm_router.answer import Answer, Part
    from hrm_router.checking import Judgement
    from hrm_router.llm.protocol import Reply
    from hrm_router.solve import Solve
    from hrm_router.traffic.growth import Growth
    from hrm_router.traffic.store import TrafficStore, Trial
    from hrm_specialists.specialist import Specialist

BATCH = 500
"""Rows written in one transaction."""
PAUSE = 0.2
"""Seconds between two tries while the database refuses."""
CLOSE_WITHIN = 10.0
"""Seconds that closing waits for what is not stored yet."""
TIDY = 300.0
"""Seconds between two deletions of what is kept no longer."""

log = logging.getLogger(__name__)
Messages = Sequence[Mapping[str, Any]]
Options = Mapping[str, Any] | None


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


@contextmanager
def _harmless(what: str) -> Iterator[None]:
    """Odd messages and a task's code may raise anything, and nobody's answer may end here."""
    try:
        yield
    except Exception:
        log.warning("%s", what, exc_info=True)


class Recorder:
    """Records what the LLM answers, for one router."""

    def __init__(self, traffic: Traffic, growth: Growth) -> None:
        self.traffic, self.growth = traffic, growth

    def take(
        self, messages: Messages, options: Options, specialists: Iterable[Specialist]
    ) -> Taken | None:
        """The promoted specialist that may answer a chat instead of the LLM."""
        with _harmless("a chat could not be compared with distilled families"):
            return self.growth.take(Chat.of(messages, options), specialists)
        return None

    @_harmless("a call was not recorded")
    def said(
        self, solve: Solve, messages: Messages, options: Options, reply: Reply, seconds: float
    ) -> None:
        """Record a reply in language, and let a candidate try the same."""
        chat, calls = Chat.of(messages, options), reply.tool_calls
        if len(calls) > 1:
            return  # several at once are no answer to learn
        about: dict[str, Any] = {"kind": "text"}
        answer: Any = reply.text
        if calls:
            about = {"kind": "tool", "tool": calls[0].name}
            answer = json.loads(calls[0].arguments)
        elif chat.schema is not None:
            about, answer = {"kind": "json"}, json.loads(reply.text)
        row = self._put(
            solve,
            chat,
            answer,
            **about,
            model=reply.model,
            prompt_tokens=reply.tokens.prompt,
            completion_tokens=reply.tokens.completion,
            cost=reply.cost,
            seconds=seconds,
        )
        self.growth.compare(chat, answer_of(row))

    @_harmless("a solution was not recorded")
    def solved(
        self,
        solve: Solve,
        task: str,
        problem: BaseModel,
        solution: BaseModel,
        judgement: Judgement,
        *,
        model: str,
        number: int,
        seconds: float,
    ) -> None:
        """Record the LLM's solution with the checker's verdict; a candidate tries the same."""
        asked = json.dumps(problem.model_dump(mode="json", by_alias=True), ensure_ascii=False)
        verdict: Verdict = "checked" if judgement.status == "verified" else ""
        verdict = "refused" if judgement.refuted else verdict
        row = self._put(
            solve,
            Chat(messages=({"role": "user", "content": asked},), task=task),
            solution.model_dump(mode="json", by_alias=True),
            id=f"{solve.id}-{task[:20]}-{number}",
            kind="json",
            model=model,
            seconds=seconds,
            verdict=verdict,
            judged_by="checker" if verdict else "",
        )
        if number == 0:  # else it was tried with the first answer
            self.growth.compare(row, row.answer)

    @_harmless("a trial was not recorded")
    def tried(self, specialist: Specialist, problem: BaseModel, part: Part, seconds: float) -> None:
        """Note what a distilled specialist did with a problem."""
        origin = origin_of(specialist)
        if origin is not None:
            checked = specialist.task.has_checker and part.solution is not None
            self.growth.answered(
                Taken(specialist, origin, problem),
                confidence=part.confidence or 0.0,
                accepted=part.status in ("verified", "accepted"),
                passed=part.status == "verified" if checked else None,
                seconds=seconds,
            )

    @_harmless("an answer was not recorded")
    def kept(
        self,
        solve: Solve,
        answer: Answer,
        messages: Messages,
        options: Options,
        taken: Taken | None = None,
    ) -> None:
        """Store an answer that no LLM gave, where the caller asks for it; a known id stays.

        A promoted specialist has `taken` the chat, if any has.
        """
        chat = Chat.of(messages, options)
        if not chat.listed:
            return
        by = ", ".join(sorted({part.specialist or "" for part in answer.parts} - {""}))
        given: Any = answer.text
        about: dict[str, Any] = {"kind": "text"}
        if taken is not None and answer.solution is not None:
            given = taken.value(answer.solution)
            about = {"kind": taken.origin.kind, "tool": taken.origin.tool}
            by = f"{by}@{taken.specialist.version}"
        took = answer.timing.total
        self._put(solve, chat, given, **about, model=f"{SPECIALIST}{by}", seconds=took)

    def close(self) -> None:
        """Try and store what waits, then stop."""
        self.growth.close()
        self.traffic.close()

    def _put(self, solve: Solve, chat: Chat, answer: Any, **about: Any) -> Row:
        """Hand over the row of a chat, if the policy records it; `about` wins over the chat."""
        marks, how = MARKS.get(), solve.policy.record
        known = {name: getattr(chat, name) for name in Chat.__dataclass_fields__}
        known["id"] = f"chatcmpl-{solve.id}" if marks is None else marks.id
        made = {"created": time.time(), "answer": answer, "solve_id": solve.id}
        row = Row(**{**known, **made, **about})
        if how == "all" or (how == "marked" and row.listed):
            self.traffic.put(row)
        return row


def _open(url: str | None) -> TrafficStore:
    try:
        from hrm_router.traffic.store import TrafficStore
    except ModuleNotFoundError as error:
        from hrm_specialists.errors import ConfigError

        raise ConfigError(f"recording needs {error.name}: pip install 'hrm-agent[grow]'") from error
    return TrafficStore(url)
