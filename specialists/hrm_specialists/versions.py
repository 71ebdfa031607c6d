"""Versions of one specialist in a data folder, and which of them answers.

    <root>/<name>/<version>/     a published version; see `packaging`
    <root>/<name>/current        one line for each choice, the last one counts:
                                 version, tab, seconds since 1970, tab, reason;
                                 an empty version: none answers

A family without `current` answers with the version written last. A version written
after the last choice, and never chosen, is a candidate. Knows nothing of
what is in a version beyond its config.json.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hrm_specialists.errors import CheckpointWriteFailed, ConfigError

CURRENT = "current"
CONFIG = "config.json"
LIMIT = 1_000_000
"""Bytes of `current` that are read; a choice takes about a hundred."""
DEMOTED = "demoted"
"""First word of the reason of a choice that takes a version back."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision that a version answers from now on."""

    version: str
    when: float
    """Seconds since 1970."""
    reason: str


def version_folders(family: Path) -> list[Path]:
    """Folders of the versions in a family, the one written last at the end."""
    if not family.is_dir():
        return []
    found = [one for one in family.iterdir() if (one / CONFIG).is_file()]
    return sorted(found, key=lambda one: ((one / CONFIG).stat().st_mtime, one))


def choices(family: Path) -> list[Choice]:
    """All choices, oldest first; lines that cannot be read, or are no whole lines, do not count."""
    try:
        with (family / CURRENT).open(encoding="utf-8", errors="replace") as file:
            lines = file.read(LIMIT).split("\n")[:-1]
    except OSError:
        return []
    found = []
    for line in lines:
        with suppress(ValueError):
            version, when, reason = (*line.split("\t", 2), "", "")[:3]
            found.append(Choice(version, float(when), reason))
    return found


def current(family: Path) -> Path | None:
    """The version that answers; None if there is none."""
    folders = {one.name: one for one in version_folders(family)}
    for choice in reversed(choices(family)):
        if not choice.version:
            return None
        if choice.version in folders:
            return folders[choice.version]
    return next(reversed(folders.values()), None)


def candidate(family: Path) -> Path | None:
    """The newest version that waits to be chosen; None if none does."""
    made = choices(family)
    chosen = {one.version for one in made}
    waiting = [one for one in version_folders(family) if one.name not in chosen]
    return waiting[-1] if made and waiting else None


def hold(family: Path) -> None:
    """Keep what answers now answering, so that the next version waits as a candidate.

    Raises:
        CheckpointWriteFailed: the disk refuses.
    """
    if not choices(family):
        now = current(family)
        choose(family, "" if now is None else now.name, "held while a candidate is tried")


def choose(family: Path, version: str, reason: str) -> None:
    """Let a version answer from now on, in every process that looks; "" lets none.

    Raises:
        ConfigError: there is no such version.
        CheckpointWriteFailed: the disk refuses.
    """
    known = [one.name for one in version_folders(family)]
    if version and version not in known:
        raise ConfigError(
            f"{family.name!r} has no version {version!r}; versions: {', '.join(known) or 'none'}"
        )
    line = f"{version}\t{time.time():.3f}\t{' '.join(reason.split())[:500]}\n"
    try:
        # One write of less than a page to a file opened for appending is not torn apart,
        # unless the disk is full: the line break in front parts it from half a line.
        family.mkdir(parents=True, exist_ok=True)
        opened = os.open(family / CURRENT, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            torn = False
            if os.lseek(opened, 0, os.SEEK_END) > 0:
                os.lseek(opened, -1, os.SEEK_END)
                torn = os.read(opened, 1) != b"\n"
            written = f"\n{line}".encode() if torn else line.encode()
            if os.write(opened, written) < len(written):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        raise CheckpointWriteFailed(
            f"{family / CURRENT} cannot be written ({error.strerror})"
        ) from error


def demotions(made: Iterable[Choice]) -> dict[str, int]:
    """How often each version was demoted, by hand or by a gate."""
    found: dict[str, int] = {}
    answers = ""
    for one in made:
        if one.reason.startswith(DEMOTED) and answers:
            found[answers] = found.get(answers, 0) + 1
        answers = one.version
    return found


def roll_back(family: Path, reason: str = "rolled back") -> str:
    """Let the version answer that answered before the current one; returns its name.

    Raises:
        ConfigError: no other version answered before, or it was deleted.
    """
    now = current(family)
    there = {one.name for one in version_folders(family)}
    chosen = [one.version for one in choices(family)]
    before = [one for one in chosen if one in there and (now is None or one != now.name)]
    if not before:
        # Without choices on record, the order of writing tells which came before.
        before = [one.name for one in version_folders(family) if now is None or one != now]
    if not before:
        raise ConfigError(f"{family.name!r} has no earlier version to go back to")
    choose(family, before[-1], reason)
    return before[-1]
