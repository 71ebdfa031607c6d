"""What a command finds around it: settings, specialists, a router made of both.

The only file here that knows how they are put together. Loads what it needs
when it is asked, so that `--help` costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrm_specialists.errors import CorruptCheckpoint, IncompatibleCheckpoint, UnknownSpecialist

if TYPE_CHECKING:
    from hrm_router.router import Router
    from hrm_router.settings import Settings
    from hrm_specialists.registry import Registry
    from hrm_specialists.specialist import Specialist


@dataclass
class Context:
    """One command's context; lives as long as the command."""

    given: Sequence[Specialist] | None = None
    """Specialists to use instead of those that are found; not closed here."""
    traceback: bool = False
    as_json: bool = False
    """Whether programs read the output: then errors are JSON, too."""

    @cached_property
    def settings(self) -> Settings:
        """From the environment and the user's file.

        Raises:
            ConfigError: a setting is wrong.
        """
        from hrm_router.settings import Settings

        return Settings.load()

    def registry(self, device: str | None = None) -> Registry:
        """Every specialist that is found, or those that were given.

        What cannot be used is in its `broken`, and not logged as well.
        """
        from hrm_specialists.registry import Registry

        if self.given is not None:
            return Registry(self.given)
        settings = self.settings
        log = logging.getLogger(Registry.__module__)
        muted, log.disabled = log.disabled, True
        try:
            return Registry.discover(
                folders=settings.folders, allow=settings.allow, device=device or settings.device
            )
        finally:
            log.disabled = muted

    def router(
        self, names: Sequence[str] | None = None, *, device: str | None = None, **more: Any
    ) -> Router:
        """A router over these names and folders, or over all there is; the caller closes it.

        `more` goes to `Router`.

        Raises:
            ConfigError, UnknownSpecialist, CheckpointError: something named
                cannot be used.
        """
        from hrm_router.router import Router

        settings = self.settings
        if device is not None:
            settings = settings.model_copy(update={"device": device})
        if self.given is None:
            return Router(names or None, settings=settings, **more)
        if not names:
            return Router(self.given, settings=settings, **more)
        return Router([self._given(name) for name in names], settings=settings, **more)

    @contextmanager
    def specialist(self, name: str, *, device: str | None = None) -> Iterator[Specialist]:
        """The specialist of this name, or the one in this folder; closed at the end.

        Raises:
            UnknownSpecialist: there is none.
            CheckpointError: the folder's files are not as they should be.
        """
        if self.given is not None:
            yield self._given(name)
            return
        if "/" in name or "\\" in name or name.startswith("."):
            from hrm_specialists.registry import load_specialist

            found = load_specialist(Path(name), device=device or self.settings.device)
        else:
            registry = self.registry(device)
            if name in registry.broken:
                raise IncompatibleCheckpoint(f"{name!r} cannot be used: {registry.broken[name]}")
            if name in registry.untrained:
                raise CorruptCheckpoint(f"no trained weights ship for {name!r}; train it")
            found = registry.get(name)
        with found:
            yield found

    def _given(self, name: str) -> Specialist:
        known = {one.name: one for one in self.given or ()}
        if name not in known:
            raise UnknownSpecialist(name, known)
        return known[name]
