"""Folders of data files that appear whole or not at all, and are believed only when intact.

A folder is published once and never changed: written beside its place, flushed
to the disk, and renamed. `manifest.json` holds size and SHA-256 of every file;
reading checks it before anything else is looked at. Knows nothing of torch,
networks or training.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hrm_specialists.errors import (
    CheckpointError,
    CheckpointWriteFailed,
    CorruptCheckpoint,
    IncompatibleCheckpoint,
    UnsafeCheckpoint,
)
from hrm_specialists.plain_data import HEAD, JSON_LIMIT, check_plain, strict_json

MANIFEST = "manifest.json"
LEFT_BY_HUBS = (".gitattributes", ".cache")
"""What a download from the hub puts beside; never read."""
MAX_FILE = 512 << 20
"""Bytes of one file, unless the caller allows more."""
MAX_FILES = 64

_FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TEMPORARY = re.compile(r"\.(?P<host>[A-Za-z0-9-]*)\.(?P<pid>\d+)\.[0-9a-f]{8}\.tmp")
_HOST = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())

_log = logging.getLogger(__name__)
_ours: set[str] = set()
"""Temporary folders this process is using now."""


class Disk:
    """The calls that reach the disk, in one place so that each can be made to fail."""

    def write(self, fd: int, data: memoryview) -> int:
        """Write some of `data`; returns how much."""
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        """Wait until what was written is on the disk."""
        os.fsync(fd)

    def rename(self, source: Path, target: Path) -> None:
        """Give a folder its name, in one step."""
        source.rename(target)


disk = Disk()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Publish a new folder of files of the known data types: all of it durable, or nothing.

    Raises:
        CheckpointWriteFailed: the folder is there already, the disk is full or
            refuses, or `read_folder` would not accept these files. Nothing is left behind.
    """
    _check_writable(folder, files)
    parent, published = folder.parent, False
    try:
        with _temporary(parent) as temporary:
            parent.mkdir(parents=True, exist_ok=True)
            sweep(parent)
            temporary.mkdir()
            for name, data in {**files, MANIFEST: _manifest(files)}.items():
                _write_file(temporary / name, data)
            _sync_folder(temporary)
            disk.rename(temporary, folder)
            published = True
            _sync_folder(parent)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY) and not published:
            raise CheckpointWriteFailed(f"{folder} is there already") from error
        if published:
            shutil.rmtree(folder, ignore_errors=True)
        raise CheckpointWriteFailed(f"{folder} could not be written: {error}") from error


def read_folder(folder: Path, *, max_file: int = MAX_FILE) -> dict[str, bytes]:
    """Verify a folder against its manifest and return its files, the manifest left out.

    A file is held only once its size is known to be as listed, and `max_file` bytes at most.

    Raises:
        CorruptCheckpoint: a file is missing, unreadable, or not as the manifest says.
        UnsafeCheckpoint: a link, a folder or an unlisted file inside, a name that
            points elsewhere, a type that is not data, or too much of it.
        IncompatibleCheckpoint: the manifest is of another version.
    """
    try:
        entries = _list_plain(folder, max_file)
        listed = _read_manifest(folder, entries)
        contents = {}
        for name, (size, digest) in listed.items():
            contents[name] = data = _read_file(folder / name, size)
            if hashlib.sha256(data).hexdigest() != digest:
                raise CorruptCheckpoint(f"{folder / name} was altered: its hash does not match")
            check_plain(name, data[:HEAD], size)
        return contents
    except OSError as error:
        raise CorruptCheckpoint(f"{folder} cannot be read: {error}") from error


def remove_folder(folder: Path) -> None:
    """Take a folder away in one step, so that nobody meets half of it.

    Raises:
        OSError: it cannot be renamed; it is still whole then.
    """
    with _temporary(folder.parent) as aside:
        disk.rename(folder, aside)


def sweep(parent: Path) -> None:
    """Delete what processes of this machine that are no more left half-written in `parent`."""
    for entry in parent.iterdir():
        match = _TEMPORARY.fullmatch(entry.name)
        if match is None or match["host"] != _HOST or entry.name in _ours:
            continue
        pid = int(match["pid"])
        if pid == os.getpid() or not _alive(pid):
            _log.info("deleting %s, left by a process that is no more", entry)
            shutil.rmtree(entry, ignore_errors=True)


@contextmanager
def _temporary(parent: Path) -> Iterator[Path]:
    """A name for a folder that no other process takes; what has it at the end is deleted."""
    path = parent / f".{_HOST}.{os.getpid()}.{secrets.token_hex(4)}.tmp"
    _ours.add(path.name)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        _ours.discard(path.name)


def _alive(pid: int) -> bool:
    if os.name == "nt":  # there, signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _check_writable(folder: Path, files: Mapping[str, bytes]) -> None:
    if folder.exists() or folder.is_symlink():
        raise CheckpointWriteFailed(f"{folder} is there already; folders are written once")
    if MANIFEST in files or len(files) >= MAX_FILES:
        raise CheckpointWriteFailed(f"{len(files)} files: at most {MAX_FILES - 1}, no {MANIFEST}")
    try:
        for name, data in files.items():
            _check_name(folder, name)
            check_plain(name, data[:HEAD], len(data))
    except CheckpointError as error:
        raise CheckpointWriteFailed(f"{folder} would not be readable: {error}") from error


def _manifest(files: Mapping[str, bytes]) -> bytes:
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return _canonical(
        {name: {"sha256": hashes[name], "size": len(data)} for name, data in files.items()}
    )


def _canonical(listed: Mapping[str, Mapping[str, Any]]) -> bytes:
    """One spelling only, so that any altered byte of the manifest itself shows."""
    text = json.dumps({"files": listed, "format": _FORMAT}, indent=1, sort_keys=True)
    return text.encode() + b"\n"


def _write_file(path: Path, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
    try:
        left = memoryview(data)
        while left:
            written = disk.write(fd, left[: 1 << 26])
            if written == 0:
                raise OSError(errno.ENOSPC, "the disk takes no more", str(path))
            left = left[written:]
        disk.sync(fd)
    finally:
        os.close(fd)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        disk.sync(fd)
    finally:
        os.close(fd)


def _check_name(folder: Path, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UnsafeCheckpoint(f"{folder}: {name[:100]!r} is not a plain file name")


def _list_plain(folder: Path, max_file: int) -> dict[str, int]:
    """Names and sizes of the folder's files; nothing else may be in it."""
    if not folder.is_dir():
        raise CorruptCheckpoint(f"there is no folder {folder}")
    entries: dict[str, int] = {}
    with os.scandir(folder) as found:
        for entry in found:
            if entry.name in LEFT_BY_HUBS:
                continue
            if len(entries) >= MAX_FILES:
                raise UnsafeCheckpoint(f"{folder} holds more than {MAX_FILES} files")
            _check_name(folder, entry.name)
            status = entry.stat(follow_symlinks=False)
            if not stat.S_ISREG(status.st_mode):
                raise UnsafeCheckpoint(f"{folder / entry.name} is not a plain file")
            if status.st_size > max_file:
                raise UnsafeCheckpoint(
                    f"{folder / entry.name} has {status.st_size} bytes; at most {max_file}"
                )
            entries[entry.name] = status.st_size
    return entries


def _read_manifest(folder: Path, entries: Mapping[str, int]) -> dict[str, tuple[int, str]]:
    """Sizes and hashes by name, for exactly the files that are there."""
    if MANIFEST not in entries:
        raise CorruptCheckpoint(f"{folder} has no {MANIFEST}")
    if entries[MANIFEST] > JSON_LIMIT:
        raise UnsafeCheckpoint(f"{folder / MANIFEST} is larger than {JSON_LIMIT} bytes")
    raw = _read_file(folder / MANIFEST, entries[MANIFEST])
    manifest = strict_json(str(folder / MANIFEST), raw)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise CorruptCheckpoint(f"{folder / MANIFEST} lists no files")
    if (version := manifest.get("format")) != _FORMAT:
        raise IncompatibleCheckpoint(
            f"{folder} has format {str(version)[:20]!r}; this version reads {_FORMAT}"
        )
    for name in manifest["files"]:
        _check_name(folder, name)
    if unlisted := sorted(set(entries) - set(manifest["files"]) - {MANIFEST}):
        raise UnsafeCheckpoint(f"{folder} holds files the manifest does not list: {unlisted}")
    listed = {}
    for name, fact in manifest["files"].items():
        if name not in entries:
            raise CorruptCheckpoint(f"{folder / name} is missing")
        if not isinstance(fact, dict) or fact.get("size") != entries[name]:
            raise CorruptCheckpoint(f"{folder / name} has {entries[name]} bytes, not as listed")
        listed[name] = (entries[name], str(fact.get("sha256")))
    if _canonical(manifest["files"]) != raw:
        raise CorruptCheckpoint(f"{folder / MANIFEST} was altered")
    return listed


def _read_file(path: Path, size: int) -> bytes:
    """A file's bytes, without following a link or waiting for a pipe."""
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
        flags |= getattr(os, name, 0)
    with open(os.open(path, flags), "rb") as file:
        return file.read(size)
