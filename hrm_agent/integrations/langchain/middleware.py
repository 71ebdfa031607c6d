"""Specialists inside a LangChain agent and a LangGraph graph, before its model is called.

`HRMMiddleware` reads the last message as the router does. If all of it is a problem that a
specialist solves, the agent's model is not called; otherwise the tools of specialists that
have nothing to do with the conversation are left out of the request, at no cost. `as_node`
puts the router into a graph. Needs the extra `langchain`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, ToolMessage
from langchain_core.runnables import Runnable, RunnableLambda

from hrm_agent.integrations.langchain.replies import message_of
from hrm_agent.integrations.langchain.tools import SpecialistTool, hrm_tools
from hrm_agent.tools import without_llm
from hrm_router.answer import Answer
from hrm_router.decision import Decision
from hrm_router.disclosure import Disclosure
from hrm_router.policy import Policy
from hrm_router.reading import read_text
from hrm_router.router import Router

Request = ModelRequest[Any]
Response = ModelResponse[Any]

KEPT_BACK = "[kept back: this holds a private problem]"
"""Stands for messages that the agent's model may not read."""


class HRMMiddleware(AgentMiddleware[Any, Any, Any]):
    """Let specialists answer what they can, and show the agent's model only the tools it may need.

    It brings the specialists as tools. A problem of a private specialist is answered here or
    not at all; the agent's model never reads it.

    Args:
        router: whose specialists; by default all that are installed. Its LLM is not asked.
        keep: names of specialists whose tools always stay, because their problems are put
            together by the model rather than read in the text.
        answer: whether to answer whole messages without the agent's model.

    Example:
        agent = create_agent(model, tools=[search], middleware=[HRMMiddleware()])
    """

    def __init__(
        self, router: Router | None = None, *, keep: Iterable[str] = (), answer: bool = True
    ) -> None:
        super().__init__()
        self.router = router if router is not None else Router(llm=None)
        self.keep, self.answer = frozenset(keep), answer
        self.tools = list(hrm_tools(self.router))

    def wrap_model_call(
        self, request: Request, handler: Callable[[Request], Response]
    ) -> Response | AIMessage:
        """Answer, or call the model with fewer tools."""
        text = _asked(request.messages)
        decision = None if text is None else self.router.route_sync(text)
        if text is not None and self._takes(request, decision):
            answer = self.router.solve_sync(text, None, without_llm(self.router))
            if answer.ok or self._private(decision):
                return message_of(answer)
        return handler(self._fewer(request, decision))

    async def awrap_model_call(
        self, request: Request, handler: Callable[[Request], Awaitable[Response]]
    ) -> Response | AIMessage:
        """Answer, or call the model with fewer tools."""
        text = _asked(request.messages)
        decision = None if text is None else await self.router.route(text)
        if text is not None and self._takes(request, decision):
            answer = await self.router.solve(text, None, without_llm(self.router))
            if answer.ok or self._private(decision):
                return message_of(answer)
        return await handler(await asyncio.to_thread(self._fewer, request, decision))

    def _takes(self, request: Request, decision: Decision | None) -> bool:
        """Whether the message is a specialist's alone, and nothing else is asked for."""
        if decision is None:
            return False
        if self._private(decision):
            return True
        whole = decision.route == "specialist" and not (decision.residual or decision.unclear)
        free = request.response_format is None and request.tool_choice in (None, "auto", "none")
        return self.answer and whole and free

    def _private(self, decision: Decision | None) -> bool:
        if decision is None:
            return False
        hidden = self._hidden()
        return any(found.task in hidden for found in decision.problems)

    def _hidden(self) -> frozenset[str]:
        """Names of the private tasks."""
        marked = {name for name, one in self.router.specialists.items() if one.private}
        return self.router.policy.private | marked

    def _fewer(self, request: Request, decision: Decision | None) -> Request:
        """The request without tools that nothing in the chat is a problem for."""
        known, hidden = self.router.tasks, self._hidden()
        messages = [_covered(message, known, hidden) for message in request.messages]
        tools = [tool for tool in request.tools if isinstance(tool, SpecialistTool)]
        there = {tool.specialist.name: tool.specialist.task for tool in tools}
        wanted = set(self.keep)
        if decision is not None:
            wanted |= set(decision.suspects)
        for message in messages:
            wanted |= {call["name"] for call in getattr(message, "tool_calls", ())}
            if message.type in ("human", "tool") and message.text and not there.keys() <= wanted:
                wanted |= _meant(message.text, there)
        left = [
            tool
            for tool in request.tools
            if not isinstance(tool, SpecialistTool) or {tool.name, tool.specialist.name} & wanted
        ]
        return request.override(tools=left, messages=messages)


def as_node(
    router: Router | None = None, *, task: str | None = None, policy: Policy | None = None
) -> Runnable[Any, dict[str, list[AIMessage]]]:
    """The router as a node of a LangGraph graph over messages.

    It adds a message with the answer. `status_of` reads what it is worth, for edges:

        graph.add_node("solve", as_node(router))
        graph.add_conditional_edges("solve", status_of, {"verified": END, "abstained": "llm"})

    Args:
        router: who answers; one with everything that is installed by default.
        task: the task that every query is a problem of, if that is known.
        policy: limits for every call.
    """
    asked = router if router is not None else Router()

    def solve(state: Mapping[str, Any]) -> dict[str, list[AIMessage]]:
        return _added(asked.solve_sync(list(state["messages"]), task, policy))

    async def asolve(state: Mapping[str, Any]) -> dict[str, list[AIMessage]]:
        return _added(await asked.solve(list(state["messages"]), task, policy))

    return RunnableLambda(solve, asolve, name="hrm_router")


def status_of(state: Mapping[str, Any]) -> str:
    """The status of the last message that the router gave; "abstained" if there is none."""
    for message in reversed(state["messages"]):
        told = message.response_metadata.get("hrm")
        if told:
            return str(told["status"])
    return "abstained"


def _added(answer: Answer) -> dict[str, list[AIMessage]]:
    return {"messages": [message_of(answer)]}


def _asked(messages: Sequence[BaseMessage]) -> str | None:
    """What the user said, if nothing was said since."""
    last = messages[-1] if messages else None
    return last.text if last is not None and last.type == "human" and last.text.strip() else None


def _meant(text: str, tasks: Mapping[str, Any]) -> set[str]:
    """Tasks whose readers find one of their problems in a text, or nearly."""
    found = set(read_text(text, tasks).touched)
    return found | {name for name, task in tasks.items() if task.near_misses(text)}


def _covered(message: AnyMessage, known: Mapping[str, Any], hidden: frozenset[str]) -> AnyMessage:
    """The message, or what stands for it if it holds a private problem or its solution."""
    told = message.response_metadata.get("hrm", {})
    solved = [part.get("task") for part in told.get("parts", ())]
    shown = message.model_dump(mode="json", exclude={"response_metadata"})
    if not Disclosure.of_data(shown, known, hidden, claimed=solved).withheld():
        return message
    kept: dict[str, Any] = {"content": KEPT_BACK, "response_metadata": {}, "additional_kwargs": {}}
    if isinstance(message, AIMessage):
        kept["tool_calls"] = [{**call, "args": {}} for call in message.tool_calls]
        kept["invalid_tool_calls"] = []
    if isinstance(message, ToolMessage):
        kept["artifact"] = None
    return message.model_copy(update=kept)
