"""Specialists that are trained, installed or removed while a server runs, without a restart."""

from __future__ import annotations

import asyncio
import logging

from hrm_router.router import Router

log = logging.getLogger("hrm_agent.server")


async def reloading(router: Router, every: float) -> None:
    """Look every so many seconds, for ever; what cannot be loaded is left, and named in the log."""
    while True:
        await asyncio.sleep(every)
        broken = router.broken
        for name in await asyncio.to_thread(router.refresh):
            one = router.specialists.get(name)
            version = "none" if one is None else one.version
            log.info("specialist %s: version %s answers from now on", name, version)
        for name, reason in router.broken.items():
            if name not in broken:
                log.error("specialist %s cannot be used: %s", name, reason)
