"""`/v1/growth`: how distilled specialists stand, promoting or taking back a version, doubtful rows.

For callers whose key manages the server, and for this machine where no key is needed.
"""

from __future__ import annotations

import asyncio
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Request, Response

from hrm_agent.errors import ConfigError
from hrm_agent.growing import demote, doubtful, promote
from hrm_agent.server.errors import Refused, json_response
from hrm_agent.server.requests import Name, OffLoop, Received
from hrm_agent.server.served import REFUSALS, Served, caller_of
from hrm_router.traffic.families import families
from hrm_router.traffic.rows import last_user_text
from hrm_specialists.versions import candidate, choices, current, roll_back, version_folders

if TYPE_CHECKING:
    from hrm_router.traffic.growth import Growth, Shown

HISTORY = 20
"""Choices that are shown of each specialist, the last ones."""
LOOKED_AT, DOUBTFUL, CHARACTERS = 5_000, 20, 2_000
"""Newest calls that are looked at, doubtful ones that are shown, and how much of a question."""


class Act(Received):
    """What shall become of a specialist's versions."""

    action: Literal["promote", "demote", "rollback"]
    version: Name | None = None
    """The one to promote; without it, the candidate."""


def routes(served: Served) -> APIRouter:
    """The routes, over one router."""
    router = APIRouter(tags=["Growth"], responses=REFUSALS, route_class=OffLoop)

    def growth(request: Request) -> Growth | None:
        if not caller_of(request).manages:
            what = "this key does not manage the server; see `manages` in its settings"
            raise Refused(403, "not_a_manager", what)
        return served.router.growth

    @router.get("/v1/growth", summary="How distilled specialists stand")
    async def shown(request: Request) -> Response:
        """Every specialist with candidates, its versions, and the figures of their trials."""
        found = growth(request)
        data = [] if found is None else await asyncio.to_thread(_specialists, found)
        recorded = served.router.stats().recorded
        told = {"object": "list", "recording": found is not None, "recorded": recorded}
        return json_response({**told, "data": data})

    @router.get("/v1/growth/doubtful", summary="Recorded answers that a person should judge")
    async def doubted(request: Request) -> Response:
        """Of the newest calls, those that no checker judged and no others agree with.

        `POST /v1/feedback` with the `id` of one judges it.
        """
        found = growth(request)
        rows = [] if found is None else await asyncio.to_thread(_doubtful, found)
        return json_response({"object": "list", "data": rows})

    @router.post("/v1/growth/{name}", summary="Promote, demote or roll back a version")
    async def act(request: Request, name: str, body: Act) -> Response:
        """Every process that uses the folder follows within seconds; `history` keeps who asked."""
        found = growth(request)
        if found is None or name not in {one.name for one in _families(found.root)}:
            what = f"no specialist {ascii(name)[:80]} grows here"
            raise Refused(404, "not_found", what)
        reason = f"by {caller_of(request).name or 'the playground'}"

        def change() -> dict[str, Any]:
            if body.action == "promote":
                promote(name, version=body.version, reason=reason, root=found.root)
            elif body.action == "demote":
                demote(name, reason=reason, root=found.root)
            else:
                roll_back(found.root / name, f"rolled back {reason}")
            return _specialist(found.root / name, found.shown)

        try:
            return json_response(await asyncio.to_thread(change))
        except ConfigError as error:
            raise Refused(409, "not_possible", str(error), "action") from None

    return router


def _families(root: Path) -> list[Path]:
    """Specialists whose versions are chosen, and not simply the newest."""
    return sorted(one for one in root.iterdir() if choices(one)) if root.is_dir() else []


def _doubtful(growth: Growth) -> list[dict[str, Any]]:
    growth.traffic.flush()
    kinds = families(growth.traffic.store.rows(newest=LOOKED_AT))
    rows = ((kind.name, row) for kind in kinds if kind.answers != "text" for row in doubtful(kind))
    return [
        {
            "id": row.id,
            "family": name,
            "question": last_user_text(row.messages)[:CHARACTERS],
            "answer": row.answer,
        }
        for name, row in islice(rows, DOUBTFUL)
    ]


def _specialists(growth: Growth) -> list[dict[str, Any]]:
    return [_specialist(family, growth.shown) for family in _families(growth.root)]


def _specialist(family: Path, shown: list[Shown]) -> dict[str, Any]:
    now, waiting, made = current(family), candidate(family), choices(family)
    standing = {one.version: one for one in shown if one.specialist == family.name}
    versions = []
    for folder in version_folders(family):
        one, state = standing.get(folder.name), "earlier"
        if folder == now:
            state = "promoted"
        elif folder == waiting:
            state = "candidate"
        versions.append(
            {
                "version": folder.name,
                "state": state,
                "measure": None if one is None else one.standing.measure,
                "demotions": 0 if one is None else one.demotions,
                **({} if one is None else one.standing.shares),
            }
        )
    history = [
        {"version": one.version or None, "when": _utc(one.when), "reason": one.reason}
        for one in made[-HISTORY:]
    ]
    return {
        "name": family.name,
        "answers": None if now is None else now.name,
        "candidate": None if waiting is None else waiting.name,
        "versions": versions,
        "history": history,
    }


def _utc(seconds: float) -> str:
    try:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):  # somebody else wrote the file
        return ""
