"""Try candidates beside the LLM, promote those that pass the gate, demote those that fall.

One thread with a bounded queue does it all; a solve only drops a note into the queue.
Versions live in the user's data folder (`hrm_specialists.versions`), so that every
process that looks there follows.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hrm_router.errors import StoreError
from hrm_router.offload import Worker
from hrm_router.tracing import span
from hrm_router.traffic.gate import Gate, Standing, falls, passes, standing
from hrm_router.traffic.grown import CARD, Taken, origin_of, take
from hrm_router.traffic.record import Traffic
from hrm_router.traffic.rows import Chat, digest
from hrm_router.traffic.store import Trial
from hrm_specialists.errors import HrmAgentError
from hrm_specialists.packaging import read_config
from hrm_specialists.registry import data_folder, load_specialist
from hrm_specialists.specialist import Specialist
from hrm_specialists.versions import (
    DEMOTED,
    candidate,
    choices,
    choose,
    current,
    demotions,
)

LOOK = 2.0
"""Seconds between two looks at the versions on disk."""
PATIENCE = 10.0
"""Seconds that a trial may take."""
EVERY = 10
"""Least trials between two looks at the gate; more where there are many already."""

log = logging.getLogger(__name__)


State = Literal["candidate", "promoted", "demoted"]


@dataclass(frozen=True, slots=True)
class Shown:
    """How one version stands, for `router.stats()` and metrics."""

    specialist: str
    version: str
    state: State
    standing: Standing
    demotions: int = 0
    """How often it was demoted."""


@dataclass(frozen=True, slots=True)
class Grow:
    """How a router tries, promotes and watches distilled specialists.

    Args:
        gate: what a version must show.
        shadow: share of matching calls that candidates answer beside the LLM, 0 to 1.
        watch: share of a promoted specialist's calls that the LLM answers instead, to
            compare; 0 to 1. Tasks with a checker need none.
        auto: promote and demote without asking; else only report.
        root: folder of specialists; None for the user's data folder.
        waiting: calls that may wait for a candidate; more are not tried.
        seed: of the sampling; None draws one.
    """

    gate: Gate = field(default_factory=Gate)
    shadow: float = 0.2
    watch: float = 0.02
    auto: bool = False
    root: Path | None = None
    waiting: int = 100
    seed: int | None = None


class Growth:
    """Candidates and promoted versions of distilled specialists, for one router.

    `changed` is called with a name and the folder of the version that answers from now on,
    or None if none does.
    """

    def __init__(
        self,
        traffic: Traffic,
        how: Grow,
        *,
        answering: Callable[[], Iterable[Specialist]],
        load: Callable[[Path], Specialist] = load_specialist,
        changed: Callable[[str, Path | None], None],
    ) -> None:
        self.traffic, self.how, self.gate = traffic, how, how.gate
        self.root = how.root or data_folder()
        self._answering, self._load, self._changed = answering, load, changed
        self._random = random.Random(how.seed)
        self._fresh, self._due = 0, 0
        self._candidates: dict[str, Specialist] = {}
        self._shown: dict[tuple[str, str], Shown] = {}
        self._seen: dict[str, tuple[str, str]] = {}
        self._looked = -math.inf
        self._worker: Worker[tuple[Chat, Any] | None] = Worker(
            "hrm-growth", self._work, size=how.waiting, every=LOOK
        )
        self._worker.put(None)

    @property
    def shown(self) -> list[Shown]:
        """How the versions stand."""
        return list(self._shown.values())

    def take(self, chat: Chat, specialists: Iterable[Specialist]) -> Taken | None:
        """The promoted specialist that may answer a chat; None leaves it to the LLM.

        A small share is left to the LLM on purpose, so that both can be compared.
        """
        taken = take(specialists, chat)
        if taken is None:
            return None
        if not taken.specialist.task.has_checker and self._random.random() < self.how.watch:
            return None
        return taken

    def answered(
        self,
        taken: Taken,
        *,
        confidence: float,
        accepted: bool,
        passed: bool | None,
        seconds: float,
    ) -> None:
        """Note what a promoted specialist did with a chat, and its checker's word; never blocks."""
        unfamiliar = bool(taken.specialist.task.unfamiliar(taken.problem))
        accepted = accepted if passed is None else not unfamiliar
        self._store(taken, accepted, unfamiliar, passed, None, confidence, seconds)
        self._fresh += 1
        if self._fresh == self._due:
            self._worker.put(None)  # wakes the thread to look at the gate

    def compare(self, chat: Chat, answer: Any) -> None:
        """Let a candidate try what the LLM answered; never blocks, and may drop it."""
        if not self._candidates and not self._distilled():
            return
        if self._candidates and self._random.random() >= self.how.shadow:
            return
        self._worker.put((chat, answer))

    def flush(self, timeout: float = 30.0) -> bool:
        """Wait until all that waits was tried and stored, and look at the gate."""
        tried = self._worker.flush(timeout) and self._worker.put(None)
        return tried and self._worker.flush(timeout) and self.traffic.flush(timeout)

    def close(self) -> None:
        """Stop trying and close candidates; promoted specialists belong to the router."""
        self._worker.close(PATIENCE)
        while self._candidates:
            self._candidates.popitem()[1].close()

    def _work(self, jobs: Sequence[tuple[Chat, Any] | None]) -> None:
        """Try what the LLM answered; with None, look at the gate."""
        if self._worker.closed:
            return
        if time.monotonic() - self._looked >= LOOK:
            self._looked = time.monotonic()
            self._look()
        for chat, answer in filter(None, jobs):
            try:
                for pool in (list(self._candidates.values()), self._distilled()):
                    if (taken := take(pool, chat)) is not None:
                        self._try(taken, answer)
            except Exception:  # a specialist's code: anything may come
                log.warning("a trial failed", exc_info=True)
            self._fresh += 1
        if None in jobs or self._fresh >= self._due:
            self._judge()

    def _try(self, taken: Taken, answer: Any) -> None:
        one = taken.specialist
        with span("hrm.shadow", specialist=one.name, version=one.version) as note:
            until = time.monotonic() + PATIENCE
            ticket = one.submit(taken.problem, deadline=until)
            try:
                attempt = ticket.future.result(PATIENCE + 1.0)
            except (HrmAgentError, TimeoutError):
                ticket.withdraw()
                return
            said, passed = attempt.solution, None
            if said is not None and one.task.has_checker:
                passed = one.task.check(taken.problem, said).passed
            agreed = said is not None and taken.agrees(said, answer)
            familiar = not attempt.unfamiliar
            accepted = familiar if passed is not None else one.accepts(attempt)
            if one is not self._candidates.get(one.name) and not (accepted and passed is None):
                return  # it answers calls, and what it left to the LLM was noted then
            note(accepted=accepted, agreed=agreed, passed=passed)
            sure, seconds = attempt.confidence, attempt.seconds
            self._store(taken, accepted, not familiar, passed, agreed, sure, seconds)

    def _store(self, taken: Taken, *found: Any) -> None:
        """Hand over a trial; `found` are its fields from `accepted` on."""
        one, hashed = taken.specialist, digest(taken.problem.model_dump(mode="json"), length=32)
        fields: tuple[Any, ...] = (one.name, one.version, hashed, *found, time.time())
        self.traffic.put(Trial(*fields))

    def _judge(self) -> None:
        """Look at the gate for every version that is tried or answers."""
        self._fresh = 0
        self.traffic.flush()
        for one in list(self._candidates.values()) if self.how.auto else ():
            found = self._standing(one.name, one.version)
            if passes(found, self.gate):
                self._choose(one.name, one.version, f"promoted: {found}")
        for one in self._distilled() if self.how.auto else ():
            trials, made = self._trials(one.name, one.version), choices(self.root / one.name)
            since = made[-1].when if made else math.inf
            before = standing([trial for trial in trials if trial.created < since])
            after = [trial for trial in trials if trial.created >= since]
            # Two right and two wrong ones more: a share of few trials says too much.
            share = (before.right + 2) / (before.judged + 4)
            if falls(after, self.gate, promoted_at=share):
                self._demote(one.name, one.version, standing(trials, alpha=self.gate.alpha))
        self._look()
        tried, answering = list(self._candidates.values()), self._distilled()
        states: dict[tuple[str, str], State] = {}
        states |= {(one.name, one.version): "candidate" for one in tried}
        states |= {(one.name, one.version): "promoted" for one in answering}
        shown = {}
        for name, version in {**states, **self._shown}:
            times = demotions(choices(self.root / name)).get(version, 0)
            state = states.get((name, version), "demoted")
            if times or state != "demoted":
                found = self._standing(name, version)
                shown[name, version] = Shown(name, version, state, found, times)
        self._shown = shown
        most = max((shown[key].standing.trials for key in states), default=0)
        self._due = max(EVERY, most // 50)

    def _demote(self, name: str, version: str, found: Standing) -> None:
        """Go back to the version before, or to the LLM alone."""
        family = self.root / name
        there = {one.name for one in family.iterdir()} if family.is_dir() else set()
        earlier = [one.version for one in choices(family) if one.version != version]
        before = earlier[-1] if earlier and earlier[-1] in there else ""
        self._choose(name, before, f"{DEMOTED} {version}: {found}")

    def _choose(self, name: str, version: str, why: str) -> None:
        try:
            with span("hrm.choose", specialist=name, version=version, why=why):
                choose(self.root / name, version, why)
        except HrmAgentError as error:
            log.warning("%s: %s", name, error)
            return
        log.info("specialist %s: version %s answers; %s", name, version or "none", why)

    def _look(self) -> None:
        """Follow the versions on disk: load what was chosen, try what waits."""
        if not self.root.is_dir():
            return
        for family in sorted(self.root.iterdir()):
            if not choices(family):
                continue
            now, waiting = current(family), candidate(family)
            state = ("" if now is None else now.name, "" if waiting is None else waiting.name)
            if self._seen.get(family.name) == state:
                continue
            self._seen[family.name] = state
            self._fresh = self._due  # shows it
            try:
                self._follow_candidate(family.name, waiting)
                self._follow_current(family.name, now)
            except Exception as error:  # a folder may hold anything
                odd = not isinstance(error, HrmAgentError)
                log.warning("%s cannot be followed: %s", family.name, error, exc_info=odd)

    def _follow_current(self, name: str, folder: Path | None) -> None:
        known = {one.name: one.version for one in self._distilled()}
        if folder is None and name in known:
            self._changed(name, None)
        elif folder is not None and known.get(name) != folder.name and _is_distilled(folder):
            self._changed(name, folder)

    def _follow_candidate(self, name: str, folder: Path | None) -> None:
        old = self._candidates.get(name)
        if old is not None:
            if folder is not None and old.version == folder.name:
                return
            del self._candidates[name]
            old.close()
        found = None if folder is None else self._load(folder)
        if found is not None and origin_of(found) is not None:
            self._candidates[name] = found

    def _distilled(self) -> list[Specialist]:
        return [one for one in self._answering() if CARD in one.card]

    def _standing(self, name: str, version: str) -> Standing:
        return standing(self._trials(name, version), alpha=self.gate.alpha)

    def _trials(self, name: str, version: str) -> list[Trial]:
        try:
            return self.traffic.store.trials_of(name, version)
        except StoreError as error:
            log.warning("%s", error)
            return []


def _is_distilled(folder: Path) -> bool:
    try:
        return CARD in read_config(folder).card
    except HrmAgentError:
        return False
