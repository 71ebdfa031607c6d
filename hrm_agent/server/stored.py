"""Stored completions, as OpenAI's clients list, read, change and delete them; and feedback.

There is something to list where the router records; callers see what they stored
themselves.
"""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from hrm_agent.server.errors import Refused, json_response
from hrm_agent.server.requests import Metadata, Name, OffLoop, Received
from hrm_agent.server.served import REFUSALS, Served, caller_of
from hrm_router.traffic.record import Traffic
from hrm_router.traffic.rows import SPECIALIST, Row, verdict_of

PATH = "/v1/chat/completions"
Limit = Annotated[int, Query(ge=1, le=100)]


class Change(Received):
    """What can be changed of a stored completion."""

    metadata: Metadata


class Feedback(Received):
    """Whether an earlier answer was right."""

    id: Name
    """Of the completion, or `hrm.solve_id` of its answer."""
    right: bool | None = None
    answer: Any = None
    """The right answer, in the form of the LLM's."""


def routes(served: Served) -> APIRouter:
    """The routes, over one router."""
    router = APIRouter(tags=["OpenAI"], responses=REFUSALS, route_class=OffLoop)

    def traffic() -> Traffic:
        growth = served.router.growth
        if growth is None:
            what = "this server stores nothing; start it with --record"
            raise Refused(404, "nothing_stored", what)
        return growth.traffic

    async def mine(request: Request, completion: str) -> Row:
        store = traffic()
        await asyncio.to_thread(store.flush)
        row = await asyncio.to_thread(store.store.get, completion)
        if row is None or not row.listed or row.owner != caller_of(request).name:
            what = f"there is no stored completion {ascii(completion)[:80]}"
            raise Refused(404, "not_found", what)
        return row

    @router.get(PATH, summary="List stored completions", response_model=dict[str, Any])
    async def stored(
        request: Request,
        limit: Limit = 20,
        after: Name | None = None,
        order: Literal["asc", "desc"] = "asc",
        model: Name | None = None,
    ) -> Response:
        """Those that were made with `store: true`, oldest first; filtered by `metadata[key]`."""
        store, owner = traffic(), caller_of(request).name
        await asyncio.to_thread(store.flush)
        wanted = {
            key[9:-1]: value
            for key, value in request.query_params.items()
            if key.startswith("metadata[") and key.endswith("]")
        }

        def page() -> list[Row]:
            found: list[Row] = []
            at = after
            while len(found) <= limit:
                rows = store.store.page(
                    owner, after=at, limit=100, newest_first=order == "desc", model=model
                )
                found += [r for r in rows[:100] if wanted.items() <= dict(r.metadata).items()]
                if len(rows) <= 100:
                    break
                at = rows[99].id
            return found

        found = await asyncio.to_thread(page)
        shown = [_completion(row) for row in found[:limit]]
        return json_response(_list(shown, more=len(found) > limit))

    @router.get(PATH + "/{completion}", summary="A stored completion")
    async def retrieve(request: Request, completion: str) -> Response:
        """As it was answered."""
        return json_response(_completion(await mine(request, completion)))

    @router.post(PATH + "/{completion}", summary="Change a stored completion's metadata")
    async def update(request: Request, completion: str, body: Change) -> Response:
        """Replace its metadata."""
        row = await mine(request, completion)
        await asyncio.to_thread(traffic().store.set_metadata, row.id, body.metadata)
        return json_response(_completion(await mine(request, completion)))

    @router.delete(PATH + "/{completion}", summary="Delete a stored completion")
    async def delete(request: Request, completion: str) -> Response:
        """Delete it for good."""
        row = await mine(request, completion)
        store = traffic().store
        await asyncio.to_thread(lambda: store.delete(id=row.id))
        kind = "chat.completion.deleted"
        return json_response({"id": row.id, "object": kind, "deleted": True})

    @router.get(PATH + "/{completion}/messages", summary="A stored completion's messages")
    async def messages(request: Request, completion: str) -> Response:
        """What was asked."""
        row = await mine(request, completion)
        shown = [{"id": f"{row.id}-{n}", **one} for n, one in enumerate(row.messages)]
        return json_response(_list(shown, more=False))

    @router.post("/v1/feedback", summary="Say whether an answer was right", tags=["hrm-agent"])
    async def feedback(request: Request, body: Feedback) -> Response:
        """Judge a recorded call, so that specialists learn from it or leave it out."""
        if body.right is None and body.answer is None:
            what = "feedback needs `right` or the right `answer`"
            raise Refused(400, "invalid_value", what, "right")
        store, caller = traffic(), caller_of(request)
        owner, verdict = caller.name, verdict_of(body.right, body.answer)

        def judge() -> int:
            store.flush()
            row = store.store.get(body.id)
            if row is not None and (row.owner == owner or caller.manages):
                return store.store.judge(verdict, owner or "api", id=row.id, answer=body.answer)
            return store.store.judge(
                verdict, owner or "api", solve_id=body.id, answer=body.answer, owner=owner
            )

        judged = await asyncio.to_thread(judge)
        if not judged:
            what = f"no recorded call belongs to {ascii(body.id)[:80]}"
            raise Refused(404, "not_found", what, "id")
        return json_response({"id": body.id, "object": "feedback", "judged": judged})

    return router


def _list(shown: list[dict[str, Any]], *, more: bool) -> dict[str, Any]:
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
        "has_more": more,
    }


def _completion(row: Row) -> dict[str, Any]:
    text = row.answer if isinstance(row.answer, str) else json.dumps(row.answer)
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    if row.kind == "tool":
        function = {"name": row.tool, "arguments": text}
        call = {"id": f"call_{row.solve_id}", "type": "function", "function": function}
        message |= {"content": None, "tool_calls": [call]}
    end = "tool_calls" if row.kind == "tool" else "stop"
    return {
        "id": row.id,
        "object": "chat.completion",
        "created": int(row.created),
        "model": row.model.removeprefix(SPECIALIST) or "hrm-agent",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": end}],
        "usage": {
            "prompt_tokens": row.prompt_tokens,
            "completion_tokens": row.completion_tokens,
            "total_tokens": row.prompt_tokens + row.completion_tokens,
        },
        "metadata": dict(row.metadata),
    }
