"""Specialists and the router as tools of the Model Context Protocol (extra `mcp`).

Each specialist is a tool, described by its card, and a resource, its published card;
`solve` takes a question to the router. While a specialist thinks, progress is reported
for every segment; cancelling a call, or leaving, ends the work. Knows nothing of how
problems are solved.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from importlib.metadata import version
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    TextContent,
    TextResourceContents,
    Tool,
    ToolAnnotations,
)

from hrm_agent.reloading import reloading
from hrm_agent.tools import card_of, offered, outcome, told, told_error, without_llm
from hrm_router.answer import STATUSES, Answer, printable
from hrm_router.cards import plain_data, problem_of, summary_of
from hrm_router.events import Answered, Decided, Event, Thinking
from hrm_router.router import Router
from hrm_specialists.errors import ConfigError, HrmAgentError, MalformedTask
from hrm_specialists.specialist import Specialist

log = logging.getLogger("hrm_agent.mcp")

SOLVE = "solve"
"""The router's tool; a specialist of this name is reached through it."""
INSTRUCTIONS = (
    "Small local models solve structured problems; the tool of a specialist takes a problem's "
    "fields, `solve` takes any text. `status` says what an answer is worth: only `verified` was "
    "checked and is right, `accepted` has a high calibrated confidence, `unverified` is a guess."
)
CARDS = "hrm://specialists/"
"""What the address of a specialist's card begins with; its name follows."""
LONGEST_CARD = 200_000
RELOAD = 10.0
"""Seconds between two looks for new specialists."""
LOOKING = ToolAnnotations(read_only_hint=True, open_world_hint=False)
ASKING = ToolAnnotations(read_only_hint=True, open_world_hint=True)

Context = ServerRequestContext[dict[str, Any], Any]


def create_server(
    router: Router, *, private: bool = False, reload: float = RELOAD
) -> Server[dict[str, Any]]:
    """An MCP server over `router`, for any transport.

    Args:
        router: who answers; it stays open.
        private: also offer specialists marked private. The client's LLM then
            reads their problems and solutions.
        reload: seconds between looks for specialists that were trained or installed since.
    """
    tools = _Tools(router, private)

    @asynccontextmanager
    async def lifespan(_: Server[dict[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        looking = asyncio.create_task(reloading(router, reload))
        try:
            yield {}
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    return Server(
        "hrm-agent",
        version=version("hrm-agent"),
        title="hrm-agent",
        instructions=INSTRUCTIONS,
        lifespan=lifespan,
        on_list_tools=tools.list,
        on_call_tool=tools.call,
        on_list_resources=tools.list_cards,
        on_read_resource=tools.read_card,
    )


async def serve_stdio(router: Router, *, private: bool = False) -> None:
    """Serve one client over standard input and output until it closes them."""
    server = create_server(router, private=private)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def http_app(router: Router, *, api_key: str | None = None, private: bool = False) -> Any:
    """An ASGI application that serves streamable HTTP at `/mcp` (extra `serve`, too).

    Args:
        router: who answers; it stays open.
        api_key: the bearer token that clients must send. Without one, only
            clients on this machine are answered. Pages from elsewhere never are.
        private: as for `create_server`.
    """
    from mcp.server.transport_security import TransportSecuritySettings

    from hrm_agent.server.guard import Guard
    from hrm_agent.server.limits import Callers, Limits

    limits = Limits()
    app = create_server(router, private=private).streamable_http_app(
        max_request_body_size=limits.body,
        # The guard compares hosts and origins, with a key or without.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    callers = Callers.of(api_key, limits)
    return Guard(app, callers=callers, limits=limits, work=frozenset({"/mcp"}))


class _Tools:
    """The tools there are at the moment, and what happens when one is called."""

    def __init__(self, router: Router, private: bool) -> None:
        self._router, self._private = router, private

    async def list(self, _: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        tools = [specialist_tool(one) for one in self._offered().values()]
        return ListToolsResult(tools=[*tools, solve_tool(self._offered())])

    async def call(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        offered, given = self._offered(), dict(params.arguments or {})
        if params.name != SOLVE and params.name not in offered:
            raise MCPError(INVALID_PARAMS, f"there is no tool {params.name[:100]!r}")
        try:
            if params.name == SOLVE:
                answer = await self._follow(context, _question(given))
                return _result(answer, _whole(answer))
            task = offered[params.name].task
            problem = await asyncio.to_thread(problem_of, task, given)
            limits = without_llm(self._router)
            asked = {"query": problem, "task": params.name, "policy": limits}
            answer = await self._follow(context, asked)
            return _result(answer, outcome(answer))
        except HrmAgentError as error:
            return _complaint(told_error(error))
        except Exception as error:
            # Its message may quote what came in; where it happened may not.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("the tool %r raised %s\n%s", params.name, type(error).__name__, where)
            return _complaint("internal_error: this is a bug; the server's log has more")

    async def list_cards(
        self, _: Context, params: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        """A resource for every specialist: its card."""
        return ListResourcesResult(
            resources=[
                Resource(
                    name=name,
                    uri=f"{CARDS}{name}",
                    title=f"Card of {one.task.title or name}",
                    description=summary_of(one.task),
                    mime_type="text/markdown",
                )
                for name, one in self._offered(besides=True).items()
            ]
        )

    async def read_card(self, _: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        """What is known of one specialist: what it does, its figures, its published card."""
        uri = str(params.uri)
        known = self._offered(besides=True)
        if not uri.startswith(CARDS) or uri.removeprefix(CARDS) not in known:
            raise MCPError(INVALID_PARAMS, f"there is no resource {uri[:100]!r}")
        text = await asyncio.to_thread(card_text, known[uri.removeprefix(CARDS)])
        found = TextResourceContents(uri=uri, mime_type="text/markdown", text=text)
        return ReadResourceResult(contents=[found])

    async def _follow(self, context: Context, question: Mapping[str, Any]) -> Answer:
        """Solve, and tell the caller of every segment.

        Raises:
            HrmAgentError: as `Router.solve` does.
        """
        events = self._router.stream(**question)
        assert isinstance(events, AsyncGenerator), "streams can be left early"
        thoughts, answer = 0, None
        async with aclosing(events):
            async for happened in events:
                self._keep_private(happened)
                if isinstance(happened, Thinking):
                    thoughts += 1
                    said = f"segment {happened.segment}, confidence {happened.confidence:.2f}"
                    said = f"{happened.specialist}: {said}"
                    await context.session.report_progress(thoughts, message=said)
                elif isinstance(happened, Answered):
                    answer = happened.answer
        assert answer is not None, "a stream ends with its answer or raises"
        return answer

    def _keep_private(self, happened: Event) -> None:
        if isinstance(happened, Decided):
            offered = self._offered(besides=True)
            for found in happened.decision.problems:
                if found.task not in offered:
                    raise ConfigError(f"{found.task!r} is private and not offered here")

    def _offered(self, *, besides: bool = False) -> dict[str, Specialist]:
        """Specialists with a tool; `besides`, the one that `solve` hides, too."""
        known = offered(self._router, private=self._private)
        return {name: one for name, one in known.items() if besides or name != SOLVE}


def card_text(specialist: Specialist) -> str:
    """A specialist's card as Markdown: the one in its folder, below what its tool says."""
    card = card_of(specialist)
    parts = [f"# {card.title} {specialist.version}".rstrip(), card.description]
    file = None if specialist.folder is None else specialist.folder / "README.md"
    if file is not None and file.is_file() and file.stat().st_size <= LONGEST_CARD:
        parts.append(file.read_text("utf-8", errors="replace"))
    else:
        parts += [f"- {key.replace('_', ' ')}: {value}" for key, value in specialist.card.items()]
    return printable("\n\n".join(parts))


def specialist_tool(specialist: Specialist) -> Tool:
    """One specialist as a tool."""
    card = card_of(specialist)
    return Tool(
        name=card.name,
        title=card.title,
        description=card.description,
        input_schema=card.arguments,
        output_schema=card.result,
        annotations=LOOKING,
    )


def solve_tool(offered: Mapping[str, Specialist]) -> Tool:
    """The router as a tool."""
    part = {
        "type": "object",
        "properties": {
            "status": {"enum": list(STATUSES)},
            "task": {"type": ["string", "null"]},
            "text": {"type": "string"},
            "solution": {},
            "confidence": {"type": ["number", "null"]},
            "reason": {"type": "string"},
        },
        "required": ["status"],
    }
    return Tool(
        name=SOLVE,
        title="Solve",
        description=(
            "Finds the problems in a text, has them solved and checked by the specialists for "
            f"{', '.join(offered) or 'nothing yet'}, and the rest answered by a language model "
            "if the server has one."
        ),
        input_schema={
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "The text, the problem in it."},
                "task": {"type": "string", "description": "What kind of problem, if known."},
            },
            "required": ["query"],
            "additionalProperties": False,
        },
        output_schema={
            "type": "object",
            "properties": {
                "status": {"enum": list(STATUSES)},
                "route": {"type": "string"},
                "text": {"type": "string"},
                "parts": {"type": "array", "items": part},
            },
            "required": ["status", "route", "text", "parts"],
        },
        annotations=ASKING,
    )


def _question(given: dict[str, Any]) -> dict[str, Any]:
    query, task = given.pop("query", None), given.pop("task", None)
    if not isinstance(query, str) or not isinstance(task, str | None) or given:
        raise MalformedTask("`solve` takes `query`, a text, and may take `task`, a name")
    return {"query": query, "task": task}


def _whole(answer: Answer) -> dict[str, Any]:
    parts = [
        {
            "status": part.status,
            "task": part.task,
            "text": part.text,
            "solution": plain_data(part.solution),
            "confidence": part.confidence,
            "reason": part.reason,
        }
        for part in answer.parts
    ]
    return {"status": answer.status, "route": answer.route, "text": answer.text, "parts": parts}


def _result(answer: Answer, structured: dict[str, Any]) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=told(answer))], structured_content=structured
    )


def _complaint(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=printable(text))], is_error=True)
