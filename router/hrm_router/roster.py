"""Which specialists a router has, by name; found on first need, changed while running.

Readers take an immutable snapshot, so that a solve under way never sees a change.
Whoever opens a specialist closes it: those handed in as objects stay open.
Knows nothing of queries.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrm_router.intents import Intent
from hrm_router.settings import Settings
from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError, IncompatibleCheckpoint, UnknownSpecialist
from hrm_specialists.specialist import Specialist

if TYPE_CHECKING:
    from hrm_specialists.registry import Registry

log = logging.getLogger(__name__)

Wanted = str | Path | Specialist | Intent | Task[Any, Any] | type[Task[Any, Any]]
"""A name of one that is installed, a folder, a specialist itself, an intent, or a task
written as code whose newest trained version is in the user's data folder."""


@dataclass(frozen=True)
class Snapshot:
    """The specialists at one moment."""

    specialists: Mapping[str, Specialist] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    """Those that could not be loaded, and why."""
    untrained: Mapping[str, Task[Any, Any]] = field(default_factory=dict)
    """Tasks whose problems are read and checked here, and solved by an LLM, if there is one."""

    @property
    def tasks(self) -> dict[str, Task[Any, Any]]:
        """Name to task: the specialists' in the order of registration, then the untrained."""
        return {**{name: one.task for name, one in self.specialists.items()}, **self.untrained}

    @cached_property
    def reads_at_once(self) -> bool:
        """Whether the code of every task is quick enough for an event loop."""
        return all(task.reads_at_once for task in self.tasks.values())

    def task(self, name: str) -> Task[Any, Any]:
        """The task of that name, trained or not.

        Raises:
            UnknownSpecialist: there is none; the known names are in the message.
        """
        try:
            return self.tasks[name]
        except KeyError:
            raise UnknownSpecialist(name, self.tasks) from None

    def with_specialists(self, specialists: Mapping[str, Specialist]) -> Snapshot:
        """The same with other specialists; a task that one of them solves is not untrained."""
        left = {name: task for name, task in self.untrained.items() if name not in specialists}
        return Snapshot(specialists, self.broken, left)

    def get(self, name: str) -> Specialist:
        """The one of that name.

        Raises:
            UnknownSpecialist: there is none; the known names are in the message.
        """
        try:
            return self.specialists[name]
        except KeyError:
            raise UnknownSpecialist(name, self.specialists) from None

    def private(self, besides: Iterable[str] = ()) -> frozenset[str]:
        """Names whose problems stay away from LLMs."""
        marked = {name for name, one in self.specialists.items() if one.private}
        return frozenset(marked | set(besides))


class Roster:
    """The specialists of one router.

    Args:
        wanted: what to take; None takes all that are installed, when first needed.
        settings: where to look and what is allowed.

    Raises:
        UnknownSpecialist: a wanted name is not installed.
        CheckpointError: a wanted folder holds no sound specialist.
    """

    def __init__(self, wanted: Iterable[Wanted] | None, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._now = Snapshot()
        self._own: list[Specialist] = []
        self._users: dict[int, tuple[Snapshot, int]] = {}
        self._open = wanted is not None
        self._untrained: dict[str, Task[Any, Any]] = {}
        """Tasks that come without weights; they are back when a grown specialist goes."""
        for one in wanted or ():
            if not self._takes_untrained(one):
                self.register(one)

    @property
    def is_open(self) -> bool:
        """Whether `snapshot` returns without looking around on the disk."""
        return self._open

    def snapshot(self) -> Snapshot:
        """The specialists as they are now; looks for them the first time."""
        if not self._open:
            with self._lock:
                if not self._open:
                    self._take_all(self._discover())
                    self._open = True
        return self._now

    @contextmanager
    def in_use(self, snapshot: Snapshot) -> Iterator[None]:
        """Keep the specialists of a snapshot open, though they may be replaced meanwhile."""
        key = id(snapshot)
        with self._lock:
            self._users[key] = (snapshot, self._users.get(key, (snapshot, 0))[1] + 1)
        try:
            yield
        finally:
            with self._lock:
                left = self._users[key][1] - 1
                self._users[key] = (snapshot, left)
                if not left:
                    del self._users[key]
            if snapshot is not self._now:
                self._release()

    def register(self, wanted: Wanted, *, replace: bool = False) -> Specialist:
        """Add one, by name, folder or itself; see `unregister` for one that is replaced.

        Raises:
            ConfigError: the name is taken and `replace` is not set.
            UnknownSpecialist, CheckpointError: it cannot be found or loaded.
        """
        with self._lock:
            specialist, own = self._find(wanted)
            known = dict(self._now.specialists)
            if known.get(specialist.name, specialist) is not specialist and not replace:
                if own:
                    specialist.close()
                raise ConfigError(
                    f"there is a specialist {specialist.name!r} already; pass replace=True"
                )
            if own:
                self._own.append(specialist)
            known[specialist.name] = specialist
            self._now = self._now.with_specialists(known)
        self._release()
        return specialist

    def unregister(self, name: str) -> Specialist:
        """Take one out; solves that have it go on, then it is closed if it was opened here.

        Raises:
            UnknownSpecialist: there is none of that name.
        """
        with self._lock:
            specialist = self.snapshot().get(name)
            left = {key: one for key, one in self._now.specialists.items() if key != name}
            there = Snapshot(left, self._now.broken, self._untrained)
            self._now = there.with_specialists(left)
        self._release()
        return specialist

    def close(self) -> None:
        """Close those that were opened here; may wait for a segment to end."""
        with self._lock:
            own, self._own = self._own, []
        _close(own)

    def _release(self) -> None:
        """Close those that were opened here and that nobody has any more, on a thread."""
        with self._lock:
            snapshots = [self._now, *(snapshot for snapshot, _ in self._users.values())]
            needed = {id(one) for each in snapshots for one in each.specialists.values()}
            idle = [one for one in self._own if id(one) not in needed]
            self._own = [one for one in self._own if id(one) in needed]
        if idle:
            threading.Thread(target=_close, args=(idle,), name="hrm-closing", daemon=True).start()

    def _take_all(self, found: Registry) -> None:
        names = self._settings.specialists
        known = dict(self._now.specialists)
        for specialist in found:
            if specialist.name not in known and (names is None or specialist.name in names):
                known[specialist.name] = specialist
                self._own.append(specialist)
        for name in names or ():
            if name not in known and name not in {*found.broken, *found.untrained}:
                raise UnknownSpecialist(name, known)
        untrained = {
            name: task for name, task in found.untrained.items() if names is None or name in names
        }
        self._untrained.update(untrained)
        self._now = Snapshot({}, dict(found.broken), untrained).with_specialists(known)

    def _takes_untrained(self, wanted: Wanted) -> bool:
        """Take a task without weights, by its name or as code; its problems go to the LLM."""
        task: Task[Any, Any] | None = None
        if isinstance(wanted, str):
            task = self._discover().untrained.get(wanted)
        elif not isinstance(wanted, Path | Specialist | Intent):
            task = wanted() if isinstance(wanted, type) and issubclass(wanted, Task) else wanted
            if not isinstance(task, Task) or _answering(task.name) is not None:
                return False
        if task is not None:
            self._untrained[task.name] = task
            untrained = {**self._now.untrained, task.name: task}
            self._now = Snapshot(self._now.specialists, self._now.broken, untrained)
        return task is not None

    def _find(self, wanted: Wanted) -> tuple[Specialist, bool]:
        if isinstance(wanted, Specialist):
            return wanted, False
        if isinstance(wanted, Intent):
            return wanted.specialist(), True
        if not isinstance(wanted, str | Path | Task | type):
            kind = type(wanted).__name__
            raise ConfigError(f"a specialist is a name, a folder or a Specialist, not a {kind}")
        if isinstance(wanted, type) and issubclass(wanted, Task):
            wanted = wanted()
        if isinstance(wanted, Task):
            return self._trained(wanted), True
        if isinstance(wanted, Path) or os.sep in wanted or wanted.startswith("."):
            return self.load(Path(wanted)), True
        return self._discover().get(wanted), True

    def _trained(self, task: Task[Any, Any]) -> Specialist:
        folder = _answering(task.name)
        if folder is None:
            raise UnknownSpecialist(task.name, ())
        return self.load(folder, task)

    def load(self, folder: Path, task: Task[Any, Any] | None = None) -> Specialist:
        """The specialist in a folder; a task that is code is the one that is known here.

        Raises:
            CheckpointError: it cannot be used.
        """
        from hrm_specialists.registry import load_specialist

        device = self._settings.device
        try:
            return load_specialist(folder, task=task, device=device)
        except IncompatibleCheckpoint:
            known = {**self._untrained, **self._now.tasks}.get(folder.parent.name)
            if known is None or task is not None:
                raise
            return load_specialist(folder, task=known, device=device)

    def _discover(self) -> Registry:
        from hrm_specialists.registry import Registry

        return Registry.discover(
            folders=self._settings.folders,
            allow=self._settings.allow,
            device=self._settings.device,
        )


def _answering(name: str) -> Path | None:
    """The version of this name in the user's data folder that answers."""
    from hrm_specialists.registry import data_folder
    from hrm_specialists.versions import current

    return current(data_folder() / name)


def _close(specialists: Iterable[Specialist]) -> None:
    for specialist in specialists:
        try:
            specialist.close()
        except Exception:  # one that cannot be closed must not keep the others open
            log.exception("closing the specialist %r failed", specialist.name)
