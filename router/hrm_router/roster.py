"""Which specialists a router has, by name; found on first need, changed while running.

Readers take an immutable snapshot, so that a solve under way never sees a change.
Whoever opens a specialist closes it: those handed in as objects stay open.
Knows nothing of queries.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from hrm_router.intents import Intent
from hrm_router.settings import Settings
from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError, IncompatibleCheckpoint, UnknownSpecialist
from hrm_specialists.specialist import Specialist

if TYPE_CHECKING:
    from hrm_specialists.registry import Registry

log = logging.getLogger(__name__)

AnyTask = Task[Any, Any]
Wanted = str | Path | Specialist | Intent | AnyTask | type[AnyTask]
"""A name of one that is installed, a folder, a specialist itself, an intent, or a task
written as code whose newest trained version is in the user's data folder."""


@dataclass(frozen=True)
class Snapshot:
    """The specialists at one moment."""

    specialists: Mapping[str, Specialist] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    """Those that could not be loaded, and why."""
    unsolved: Mapping[str, AnyTask] = field(default_factory=dict)
    """Tasks that came without weights, for which a specialist may have come since."""

    @cached_property
    def untrained(self) -> dict[str, AnyTask]:
        """Tasks whose problems are read and checked here, and solved by an LLM, if there is one."""
        return {name: one for name, one in self.unsolved.items() if name not in self.specialists}

    @cached_property
    def tasks(self) -> dict[str, AnyTask]:
        """Name to task: the specialists' in the order of registration, then the untrained."""
        return {**{name: one.task for name, one in self.specialists.items()}, **self.untrained}

    @cached_property
    def reads_at_once(self) -> bool:
        """Whether the code of every task is quick enough for an event loop."""
        return all(task.reads_at_once for task in self.tasks.values())

    @cached_property
    def private(self) -> frozenset[str]:
        """Names of specialists whose problems stay away from LLMs."""
        return frozenset(name for name, one in self.specialists.items() if one.private)

    def task(self, name: str) -> AnyTask:
        """The task of that name, trained or not; `UnknownSpecialist` names the known ones."""
        if name not in self.tasks:
            raise UnknownSpecialist(name, self.tasks)
        return self.tasks[name]


class Roster:
    """The specialists of one router: those `wanted`, or all that are installed, when first needed.

    `in_use` returns the snapshots that solves under way hold.
    """

    def __init__(
        self,
        wanted: Iterable[Wanted] | None,
        settings: Settings,
        in_use: Callable[[], Iterable[Snapshot]] = tuple,
    ) -> None:
        self._settings, self._in_use = settings, in_use
        self._lock = threading.RLock()
        self._own: list[Specialist] = []
        self._sources: WeakKeyDictionary[Specialist, str] = WeakKeyDictionary()
        self._seen: frozenset[str] = frozenset()
        self._looks = wanted is None
        self.now = Snapshot()
        """The specialists as they are now; complete once `is_open`."""
        self.is_open = wanted is not None
        """Whether `snapshot` returns without looking around on the disk."""
        for one in wanted or ():
            if not self._takes_untrained(one):
                self.register(one)

    def snapshot(self) -> Snapshot:
        """The specialists as they are now; looks for them the first time."""
        with self._lock:
            if not self.is_open:
                self._look(load=False)
                self.is_open = True
            return self.now

    def refresh(self) -> list[str]:
        """Take up, loaded, what has come since, and let go what has gone; see `Router.refresh`."""
        self.snapshot()
        return self._look(load=True)

    def _look(self, *, load: bool) -> list[str]:
        offered = self._on_offer()
        if self.is_open and offered == self._seen:
            return []
        found, changed, names = self._discover(), list[str](), self._settings.specialists
        for name in () if self.is_open else names or ():
            if name not in {*found.names(), *found.broken, *found.untrained}:
                raise UnknownSpecialist(name, found.names())
        gone, self._seen = self._seen - offered, offered
        broken = {
            what: why
            for what, why in found.broken.items()
            if self._looks or Path(what).parent.name in self.now.specialists
        }
        for specialist in found:
            name, source = specialist.name, found.source(specialist.name)
            if not self._makes_way(name, specialist.folder, source):
                continue
            try:
                if load:
                    specialist.warm()
            except Exception as error:  # a plug-in's loader may raise anything
                broken[name] = str(error) or repr(error)
                continue
            with self._lock:
                self._own.append(specialist)
                self._sources[specialist] = source
                self._change(specialists={**self.now.specialists, name: specialist})
            changed.append(name)
        for name, specialist in self.now.specialists.items():
            source = self._sources.get(specialist, "")
            # A whole data folder that is away is out of reach for a while, and not deleted.
            if source in gone and name not in found and Path(source).parents[1].is_dir():
                self.unregister(name)
                changed.append(name)
        untrained = {name: task for name, task in found.untrained.items() if self._wants(name)}
        with self._lock:
            self._change(broken=broken, unsolved={**self.now.unsolved, **untrained})
        return changed

    def _wants(self, name: str) -> bool:
        names = self._settings.specialists
        return self._looks and (names is None or name in names)

    def _makes_way(self, name: str, folder: Path | None, source: str) -> bool:
        """Whether what answers under a name, if anything does, gives way to what was found."""
        old = self.now.specialists.get(name)
        if old is None:
            return self._wants(name)
        if old.folder is not None and folder is not None and old.folder.parent == folder.parent:
            return old.folder != folder  # another version of it
        return self._wants(name) and self._sources.get(old, source) != source

    def register(self, wanted: Wanted, *, replace: bool = False) -> Specialist:
        """Add one, by name, folder or itself; `ConfigError` if its name is taken."""
        with self._lock:
            specialist, own = self._find(wanted)
            name, known = specialist.name, self.now.specialists
            if known.get(name, specialist) is not specialist and not replace:
                _close([specialist] if own else [])
                raise ConfigError(f"there is a specialist {name!r} already; pass replace=True")
            if own:
                self._own.append(specialist)
            self._change(specialists={**known, name: specialist})
        return specialist

    def unregister(self, name: str) -> Specialist:
        """Take one out; solves that have it go on, then it is closed if it was opened here."""
        with self._lock:
            left = dict(self.snapshot().specialists)
            if name not in left:
                raise UnknownSpecialist(name, left)
            specialist = left.pop(name)
            self._change(specialists=left)
        return specialist

    def release(self) -> None:
        """Close those that were opened here and that nobody has any more, on a thread."""
        with self._lock:
            held = (self.now, *self._in_use())
            needed = {id(one) for each in held for one in each.specialists.values()}
            idle = [one for one in self._own if id(one) not in needed]
            self._own = [one for one in self._own if id(one) in needed]
        if idle:
            threading.Thread(target=_close, args=(idle,), name="hrm-closing", daemon=True).start()

    def close(self) -> None:
        """Close those that were opened here; may wait for a segment to end."""
        with self._lock:
            own, self._own = self._own, []
        _close(own)

    def load(
        self,
        folder: Path,
        task: AnyTask | None = None,
        allow: Sequence[str] | None = None,
    ) -> Specialist:
        """The specialist in a folder; a task that is code is the one that is known here."""
        from hrm_specialists.registry import load_specialist

        device = self._settings.device
        try:
            return load_specialist(folder, task=task, device=device, allow=allow)
        except IncompatibleCheckpoint:
            known = {**self.now.unsolved, **self.now.tasks}.get(folder.parent.name)
            if known is None or task is not None:
                raise
            return load_specialist(folder, task=known, device=device)

    def _change(self, **parts: Any) -> None:
        self.now = replace(self.now, **parts)
        self.release()

    def _takes_untrained(self, wanted: Wanted) -> bool:
        """Take a task without weights, by its name or as code; its problems go to the LLM."""
        task: AnyTask | None = None
        if isinstance(wanted, str):
            task = self._discover().untrained.get(wanted)
        elif not isinstance(wanted, Path | Specialist | Intent):
            task = _as_task(wanted)
            if not isinstance(task, Task) or _answering(task.name) is not None:
                return False
        if task is not None:
            self._change(unsolved={**self.now.unsolved, task.name: task})
        return task is not None

    def _find(self, wanted: Wanted) -> tuple[Specialist, bool]:
        """The specialist that is wanted, and whether it was opened here."""
        if isinstance(wanted, Specialist):
            return wanted, False
        if isinstance(wanted, Intent):
            return wanted.specialist(), True
        task = _as_task(wanted)
        if isinstance(task, Task):
            folder = _answering(task.name)
            if folder is None:
                raise UnknownSpecialist(task.name, ())
            return self.load(folder, task), True
        if not isinstance(wanted, str | Path):
            kind = type(wanted).__name__
            raise ConfigError(f"a specialist is a name, a folder or a Specialist, not a {kind}")
        if isinstance(wanted, Path) or os.sep in wanted or wanted.startswith("."):
            return self.load(Path(wanted)), True
        return self._discover().get(wanted), True

    def _on_offer(self) -> frozenset[str]:
        from hrm_specialists.registry import on_offer

        return on_offer(self._settings.folders, self._settings.allow)

    def _discover(self) -> Registry:
        from hrm_specialists.registry import Registry

        return Registry.discover(
            folders=self._settings.folders,
            allow=self._settings.allow,
            device=self._settings.device,
            load=partial(self.load, allow=self._settings.allow),
        )


def _as_task(wanted: Any) -> Any:
    return wanted() if isinstance(wanted, type) and issubclass(wanted, Task) else wanted


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
