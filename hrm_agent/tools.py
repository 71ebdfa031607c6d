"""Specialists as tools, for any agent framework: a card each, and one way to call them.

A framework needs a name, a description and a JSON Schema, and something to call. The cards
have the first three; `call_tool` takes the arguments as the framework's model wrote them.
The integrations with LangChain and MCP are made of these two functions.

    for card in tool_cards(router):
        framework.add_tool(card.name, card.description, card.arguments, ...)
"""

from __future__ import annotations

import asyncio
from typing import Any

from hrm_router.answer import Answer
from hrm_router.cards import ToolCard, card_of, outcome, problem_of, told, told_error
from hrm_router.policy import Policy
from hrm_router.router import Router
from hrm_specialists.errors import UnknownSpecialist
from hrm_specialists.specialist import Specialist

__all__ = [
    "ToolCard",
    "call_tool",
    "card_of",
    "offered",
    "outcome",
    "tool_cards",
    "told",
    "told_error",
    "without_llm",
]


def offered(router: Router, *, private: bool = False) -> dict[str, Specialist]:
    """The specialists that may be tools, by name.

    Args:
        router: whose specialists.
        private: also those marked private. Whoever calls the tool then reads
            their problems and solutions.
    """
    known = router.specialists
    return {name: one for name, one in known.items() if private or not one.private}


def tool_cards(router: Router, *, private: bool = False) -> list[ToolCard]:
    """The card of every specialist that may be a tool."""
    return [card_of(one) for one in offered(router, private=private).values()]


async def call_tool(router: Router, name: str, arguments: Any) -> Answer:
    """Solve what a tool was called with; no LLM is asked.

    Args:
        router: who solves.
        name: the specialist's name.
        arguments: a mapping, or JSON text, in any usual writing; see `problem_of`.

    Raises:
        UnknownSpecialist: there is no such specialist.
        MalformedTask: the arguments are no problem of it.
        HrmAgentError: as `Router.solve` does.
    """
    known = router.specialists
    if name not in known:
        raise UnknownSpecialist(name, known)
    problem = await asyncio.to_thread(problem_of, known[name].task, arguments)
    return await router.solve(problem, name, without_llm(router))


def without_llm(router: Router) -> Policy:
    """The router's policy without any LLM call: an agent's own LLM reads what comes back."""
    return router.policy.model_copy(update={"max_llm_calls": 0})
