"""Name to specialist: entry points, folders, code.

What is found is described without torch; a specialist's solver is opened on its
first use. A plug-in that does not load is named in `broken` and hinders nobody.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hrm_specialists.contract import Solver, Task
from hrm_specialists.errors import (
    ConfigError,
    HrmAgentError,
    IncompatibleCheckpoint,
    UnknownSpecialist,
)
from hrm_specialists.installed import installed_task, installed_tasks
from hrm_specialists.packaging import CONFIG, SpecialistConfig, read_config, read_weights
from hrm_specialists.specialist import Specialist
from hrm_specialists.symmetries import Symmetries
from hrm_specialists.versions import current

GROUP = "hrm_agent.specialists"
"""Entry points of other distributions: each a `Specialist`, or a callable
without arguments that returns one."""

log = logging.getLogger(__name__)


class Registry:
    """Specialists by name, in the order in which they were registered."""

    def __init__(self, specialists: Iterable[Specialist] = ()) -> None:
        self._specialists: dict[str, Specialist] = {}
        self._broken: dict[str, str] = {}
        self._untrained: dict[str, Task[Any, Any]] = {}
        self._sources: dict[str, str] = {}
        for specialist in specialists:
            self.register(specialist)

    @classmethod
    def discover(
        cls,
        *,
        folders: Iterable[Path | str] = (),
        allow: Sequence[str] | None = None,
        device: str = "auto",
        load: Callable[[Path], Specialist] | None = None,
    ) -> Registry:
        """Everything that is installed and named: nothing is loaded yet.

        Where two have the same name, the one named later here is offered: entry
        points, the user's data folder, `folders`.

        Args:
            folders: each a specialist's folder, or a folder of such folders.
            allow: names of entry points whose code may be imported, those of this
                distribution included; None allows all.
            device: where specialists with weights will think.
            load: opens a folder; `load_specialist` by default.
        """
        load = load or partial(load_specialist, device=device, allow=allow)
        found = cls()
        for entry in _entries(allow):
            found._take_entry(entry, device)
        for name in installed_tasks():
            try:
                if name not in found and (allow is None or name in allow):
                    found._untrained[name] = installed_task(name)
            except Exception as error:  # somebody else's code: anything may come
                log.info("task %s is not offered: %r", name, error)
                found._broken.setdefault(name, repr(error))
        for folder in _all_folders(folders):
            found._take(str(folder), partial(load, folder))
        return found

    def source(self, name: str) -> str:
        """Where the specialist of this name was found, as `on_offer` calls it; "" for an object."""
        return self._sources.get(name, "")

    @property
    def broken(self) -> Mapping[str, str]:
        """What was found but cannot be used: name to reason."""
        return MappingProxyType(self._broken)

    @property
    def untrained(self) -> Mapping[str, Task[Any, Any]]:
        """Installed tasks that nothing here solves: they can be read and checked all the same."""
        left = {name: task for name, task in self._untrained.items() if name not in self}
        return MappingProxyType(left)

    def register(self, specialist: Specialist) -> None:
        """Offer a specialist; one of the same name is replaced, and not closed.

        Raises:
            ConfigError: it is no `Specialist`.
        """
        if not isinstance(specialist, Specialist):
            raise ConfigError(
                f"a {type(specialist).__name__} cannot be registered; "
                "make a Specialist of it, for example with load_specialist(folder)"
            )
        self._specialists[specialist.name] = specialist

    def unregister(self, name: str) -> Specialist:
        """Offer it no longer; the specialist is returned, not closed; see `get`."""
        specialist = self.get(name)
        del self._specialists[name]
        return specialist

    def get(self, name: str) -> Specialist:
        """The specialist of this name.

        Raises:
            UnknownSpecialist: there is none.
        """
        if name not in self:
            raise UnknownSpecialist(name, self._specialists)
        return self._specialists[name]

    def names(self) -> list[str]:
        """Names, in order of registration."""
        return list(self._specialists)

    def __iter__(self) -> Iterator[Specialist]:
        return iter(list(self._specialists.values()))

    def __len__(self) -> int:
        return len(self._specialists)

    def __contains__(self, name: object) -> bool:
        return name in self._specialists

    def close(self) -> None:
        """Close all of them."""
        for specialist in self:
            specialist.close()

    def _take_entry(self, entry: EntryPoint, device: str) -> None:
        def load() -> Specialist:
            found = entry.load()
            if not isinstance(found, Specialist):
                takes = inspect.signature(found).parameters
                found = found(device=device) if "device" in takes else found()
            if not isinstance(found, Specialist):
                raise ConfigError(f"{entry.value} gives a {type(found).__name__}, not a Specialist")
            return found

        self._take(entry.name, load, _source(entry))

    def _take(self, what: str, load: Callable[[], Specialist], source: str = "") -> None:
        try:
            specialist = load()
            self.register(specialist)
            self._sources[specialist.name] = source or what
        except Exception as error:  # somebody else's code or files: anything may come
            reason = str(error) if isinstance(error, HrmAgentError) else repr(error)
            log.info("specialist %s is not offered: %s", what, reason)
            self._broken[what] = reason


def on_offer(
    folders: Iterable[Path | str] = (), allow: Sequence[str] | None = None
) -> frozenset[str]:
    """What `Registry.discover` would open now: entry points, paths of folders."""
    importlib.invalidate_caches()  # a package may have been installed since
    return frozenset([*map(_source, _entries(allow)), *map(str, _all_folders(folders))])


def load_specialist(
    folder: Path | str,
    *,
    task: Task[Any, Any] | None = None,
    device: str = "auto",
    allow: Sequence[str] | None = None,
) -> Specialist:
    """The specialist in a folder; its weights are read, verified, on first use.

    Args:
        folder: as `packaging.save_specialist` writes it; or that of all versions of a
            specialist, of which the current one is taken.
        task: for a task that was written as code; others are rebuilt from the
            folder itself.
        device: where it will think: "auto", "cpu", "cuda", "mps".
        allow: installed tasks whose code may be imported; None allows all.

    Raises:
        CorruptCheckpoint: there is no such folder, or its config.json is damaged.
        IncompatibleCheckpoint: it needs its author's task, one that is not allowed, or a
            later version.
    """
    folder = Path(folder).expanduser()
    if not (folder / CONFIG).is_file() and (newest := current(folder)) is not None:
        folder = newest
    config = read_config(folder)
    whole = task if task is not None else _rebuild_task(config, allow)
    if whole.name != config.name:
        raise IncompatibleCheckpoint(
            f"{folder} holds {config.name!r}; the task given is {whole.name!r}"
        )
    if config.symmetries:  # what training found, or was told
        whole = copy.copy(whole)
        try:
            whole.symmetries = Symmetries.from_mapping(config.symmetries, whole.codec)
        except ConfigError as error:
            raise IncompatibleCheckpoint(f"specialist {config.name!r}: {error}") from error

    def open_solver() -> Solver:
        weights = read_weights(folder, config)
        if config.learner:
            from hrm_specialists.learners.solver import open_rows

            return open_rows(whole, config, weights)
        from hrm_specialists.engine.opening import open_engine

        return open_engine(whole, config, weights, device=device)

    return Specialist(
        whole,
        open_solver,
        private=config.private,
        threshold=config.threshold,
        card=config.card,
        folder=folder,
        version=config.version,
    )


def load_installed(name: str, *, device: str = "auto") -> Specialist:
    """The specialist that an installed distribution offers under this name.

    Raises:
        UnknownSpecialist: none does.
        IncompatibleCheckpoint: it is offered, and cannot be used.
    """
    found = Registry()
    for entry in entry_points(group=GROUP, name=name):
        found._take_entry(entry, device)
    if name in found.broken:
        raise IncompatibleCheckpoint(f"{name!r} cannot be used: {found.broken[name]}")
    return found.get(name)


def _entries(allow: Sequence[str] | None) -> list[EntryPoint]:
    """Entry points that may be loaded, this distribution's first."""
    allowed = [one for one in entry_points(group=GROUP) if allow is None or one.name in allow]
    return sorted(allowed, key=lambda one: one.dist is None or one.dist.name != "hrm-agent")


def _source(entry: EntryPoint) -> str:
    return f"{entry.name} = {entry.value}"


def _all_folders(named: Iterable[Path | str]) -> list[Path]:
    """Folders of specialists: the user's, then those in the folders that are named."""
    return [
        *newest_versions(data_folder()),
        *(one for each in named for one in _expand(Path(each))),
    ]


def specialist(
    folder: Path | str, *, device: str = "auto"
) -> Callable[[type[Task[Any, Any]]], Specialist]:
    """Make a specialist of a task written as code and its trained folder.

    Example:
        @specialist("models/sorting")
        class Sorting(Task[Numbers, Numbers]):
            name = "sorting"
            ...

        router.register(Sorting)

    Raises:
        CheckpointError: the folder cannot be used; see `load_specialist`.
    """
    return lambda task: load_specialist(folder, task=task(), device=device)


def data_folder() -> Path:
    """Where trained specialists of this user live: `<name>/<version>/`."""
    from platformdirs import user_data_path

    return user_data_path("hrm-agent", appauthor=False) / "specialists"


def newest_versions(root: Path) -> list[Path]:
    """Of each specialist under a data folder, the version that answers; see `versions`."""
    found = (current(family) for family in _folders(root))
    return [folder for folder in found if folder is not None]


def _rebuild_task(config: SpecialistConfig, allow: Sequence[str] | None) -> Task[Any, Any]:
    described = config.task
    installed = described.get("installed", described.get("builtin"))  # its name until 0.2
    if installed is not None:
        if allow is not None and str(installed) not in allow:
            raise IncompatibleCheckpoint(
                f"specialist {config.name!r} needs the plug-in {str(installed)[:200]!r}, "
                "which `allow` in the settings leaves out"
            )
        return installed_task(str(installed))
    if "code" in described:
        needed = f"specialist {config.name!r} needs its task, {str(described['code'])[:200]}"
        raise IncompatibleCheckpoint(f"{needed}: pass load_specialist(folder, task=...)")
    from hrm_specialists.schema.data_task import DataTask

    try:
        return DataTask.from_config(config.name, described)
    except Exception as error:  # a description from outside: whatever is wrong with it
        raise IncompatibleCheckpoint(
            f"the task of specialist {config.name!r} cannot be rebuilt: {error}"
        ) from error


def _expand(folder: Path) -> list[Path]:
    """The folders of specialists in a folder, or itself."""
    folder = folder.expanduser()
    inside = [one for one in _folders(folder) if (one / CONFIG).is_file()]
    return [folder] if (folder / CONFIG).is_file() else inside or [folder]


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return sorted(one for one in root.iterdir() if one.is_dir() and not one.name.startswith("."))
