"""A run's checkpoints: everything the next step depends on, safe from crashes.

    root/
    ├── run.lock                     who is writing here
    └── step-000000123/
        ├── state.safetensors        weights, averages, optimizer, carry, generators
        ├── meta.json                the rest, plain JSON
        └── manifest.json            size and hash of both

What is in them is the trainer's business.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from hrm_specialists.errors import (
    CheckpointError,
    CheckpointWriteFailed,
    CorruptCheckpoint,
    TrainingError,
)
from hrm_specialists.storage import read_folder, remove_folder, write_folder

STATE, META, LOCK = "state.safetensors", "meta.json", "run.lock"
MAX_STATE = 16 << 30
"""Bytes of one checkpoint: weights, averages and two moments of a billion parameters."""

_STEP = re.compile(r"step-(\d{9,})")
_log = logging.getLogger(__name__)


def save(
    root: Path, step: int, tensors: Mapping[str, Tensor], meta: Mapping[str, Any], keep: int = 2
) -> Path:
    """Write the checkpoint of one step, durably, then delete the ones it outdates.

    A checkpoint of the same step is replaced; later ones belong to a future
    that this run has left, and are deleted.

    Args:
        root: the run's folder; made if need be.
        step: optimizer steps done.
        tensors: by name, any device and layout.
        meta: plain JSON data. "step" is added.
        keep: how many checkpoints stay, this one included.

    Returns:
        The checkpoint's folder.

    Raises:
        CheckpointWriteFailed: the disk is full or refuses, or `tensors` or
            `meta` cannot be stored; checkpoints of earlier steps are untouched.
    """
    if keep < 1:
        raise ValueError(f"keep is {keep}; at least the new checkpoint stays")
    folder = root / f"step-{step:09d}"
    plain = {
        name: tensor.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
        for name, tensor in tensors.items()
    }
    try:
        text = json.dumps({**meta, "step": step}, allow_nan=False, separators=(",", ":"))
        files = {STATE: safetensors.torch.save(plain), META: text.encode()}
    except (TypeError, ValueError, RecursionError, SafetensorError) as error:
        raise CheckpointWriteFailed(f"step {step} cannot be stored: {error}") from error
    try:
        if folder.exists():
            remove_folder(folder)
    except OSError as error:
        raise CheckpointWriteFailed(f"{folder} cannot be replaced: {error}") from error
    write_folder(folder, files)
    _prune(root, step, keep)
    return folder


def load_latest(root: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Read the newest intact checkpoint; damaged ones are skipped with a warning.

    Returns:
        Tensors on the CPU and the metadata, or None if there is no checkpoint.

    Raises:
        CorruptCheckpoint: there are checkpoints, and none of them is intact.
    """
    folders = _checkpoints(root)
    for _, folder in sorted(folders.items(), reverse=True):
        try:
            return _load(folder)
        except CheckpointError as error:
            _log.warning("skipping a damaged checkpoint: %s", error)
    if folders:
        raise CorruptCheckpoint(
            f"none of the {len(folders)} checkpoints in {root} is intact; "
            "delete the folder to start afresh"
        )
    return None


@contextmanager
def lock_run(root: Path) -> Iterator[None]:
    """Hold a run's folder, so that no second run writes into it.

    The operating system holds the lock and frees it when the process ends,
    however it ends; the file only says who it was.

    Raises:
        TrainingError: another run holds it; the message says which process.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        fd = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise TrainingError(f"{root} cannot be used for checkpoints: {error}") from error
    try:
        if not _locked(fd):
            holder = os.read(fd, 200).decode("utf-8", "replace").strip()
            raise TrainingError(
                f"another run is writing to {root} ({holder or 'just starting'}); "
                "wait for it, stop it, or use another folder"
            )
        os.ftruncate(fd, 0)
        os.write(fd, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
    finally:
        os.close(fd)


if sys.platform == "win32":
    import msvcrt

    def _locked(fd: int) -> bool:
        # A byte far behind the end: locked bytes cannot be read by others there.
        os.lseek(fd, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(fd, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _locked(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _checkpoints(root: Path) -> dict[int, Path]:
    try:
        entries = list(root.iterdir())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CorruptCheckpoint(f"{root} cannot be read: {error}") from error
    return {int(m[1]): entry for entry in entries if (m := _STEP.fullmatch(entry.name))}


def _load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    files = read_folder(folder, max_file=MAX_STATE)
    if set(files) != {STATE, META}:
        raise CorruptCheckpoint(f"{folder} holds {sorted(files)}; expected {STATE} and {META}")
    meta = json.loads(files[META])
    if not isinstance(meta, dict) or folder.name != f"step-{meta.get('step')!s:>09}":
        raise CorruptCheckpoint(f"{folder} is not the checkpoint of its step")
    try:
        return safetensors.torch.load(files[STATE]), meta
    except (SafetensorError, KeyError) as error:
        raise CorruptCheckpoint(f"{folder / STATE}: {error}") from error


def _prune(root: Path, step: int, keep: int) -> None:
    folders = _checkpoints(root)
    stay = sorted(at for at in folders if at <= step)[-keep:]
    for at in sorted(set(folders) - set(stay)):
        try:
            remove_folder(folders[at])
        except OSError as error:
            _log.warning("an outdated checkpoint stays: %s", error)
