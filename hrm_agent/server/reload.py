"""New specialists, and new versions of those that are there, taken up while the server runs."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from hrm_router.router import Router
from hrm_specialists.errors import HrmAgentError, IncompatibleCheckpoint
from hrm_specialists.registry import data_folder, load_specialist, newest_versions
from hrm_specialists.specialist import Specialist

log = logging.getLogger("hrm_agent.server")


async def reloading(router: Router, every: float) -> None:
    """Look every so many seconds, for ever; a version that cannot be loaded is left."""
    refused: set[Path] = set()
    closing: set[asyncio.Task[None]] = set()
    try:
        while True:
            await asyncio.sleep(every)
            broken = set(router.broken)
            for name in await asyncio.to_thread(router.refresh):
                log.info("specialist %s: new, version %s", name, router.specialists[name].version)
            for name in router.broken.keys() - broken:
                log.error("specialist %s cannot be used: %s", name, router.broken[name])
            for folder, old in await asyncio.to_thread(newer, router):
                if folder in refused:
                    continue
                try:
                    new = await asyncio.to_thread(_taken_up, router, folder, old)
                except HrmAgentError as error:
                    refused.add(folder)
                    log.error("version %s cannot be loaded: %s", folder.name, error)
                    continue
                log.info("specialist %s: version %s after %s", new.name, new.version, old.version)
                closing.add(task := asyncio.create_task(_close(old, router.policy.deadline)))
                task.add_done_callback(closing.discard)
    finally:
        for task in closing:
            task.cancel()


def newer(router: Router) -> list[tuple[Path, Specialist]]:
    """Folders with a newer version of a registered specialist, and the one that is used now."""
    known = router.specialists
    newest = {folder.parent.name: folder for folder in newest_versions(data_folder())}
    return [
        (folder, known[name])
        for name, folder in newest.items()
        if name in known and _is_version(known[name], folder)
    ]


def _is_version(specialist: Specialist, folder: Path) -> bool:
    """Whether `folder` holds another version of what this specialist was loaded from."""
    used = specialist.folder
    return used is not None and used.parent == folder.parent and used != folder


def _taken_up(router: Router, folder: Path, old: Specialist) -> Specialist:
    device = router.settings.device
    try:
        new = load_specialist(folder, device=device)
    except IncompatibleCheckpoint:  # its task is code, which only the old version knows
        new = load_specialist(folder, task=old.task, device=device)
    new.warm()
    return router.register(new, replace=True)


async def _close(old: Specialist, after: float) -> None:
    """Release a version that is not asked any more, once its solves have ended."""
    await asyncio.sleep(after)
    await asyncio.to_thread(old.close)
