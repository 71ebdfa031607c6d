"""Specialists as tools in pydantic-ai and in OpenAI's Agents SDK.

    pip install pydantic-ai-slim openai-agents 'hrm-agent[serve]'
    python examples/07_other_frameworks.py

Any framework wants a name, a description, a JSON Schema and something to call: `tool_cards`
and `call_tool` are these. Nothing leaves this machine: scripted models stand for LLMs. The
Agents SDK talks to hrm-agent's own server, inside this process.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

import httpx2
from agents import Agent, FunctionTool, OpenAIChatCompletionsModel, Runner, set_tracing_disabled
from openai import AsyncOpenAI
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai import ModelResponse, TextPart, Tool, ToolCallPart
from pydantic_ai.models.function import FunctionModel

from hrm_agent import Router
from hrm_agent.server import create_app
from hrm_agent.testing import ScriptedLLM
from hrm_agent.tools import call_tool, told, tool_cards
from hrm_router.llm.protocol import Reply, ToolCall

GRID = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
QUESTION = "What is the first row of the Sudoku that I showed you yesterday?"


async def with_pydantic_ai(router: Router) -> None:
    """Each card is a `Tool.from_schema`."""

    async def call(name: str, **arguments: Any) -> str:
        return told(await call_tool(router, name, arguments))

    tools = [
        Tool.from_schema(partial(call, card.name), card.name, card.description, card.arguments)
        for card in tool_cards(router)
    ]
    script = iter([ToolCallPart("sudoku", {"grid": GRID}), TextPart("It is 534678912.")])
    model = FunctionModel(lambda messages, info: ModelResponse(parts=[next(script)]))
    done = await PydanticAgent(model, tools=tools).run(QUESTION)
    for message in done.all_messages():
        for part in message.parts:
            print(f"pydantic-ai, {part.part_kind}: {str(getattr(part, 'content', ''))[:60]!r}")


async def with_the_agents_sdk(router: Router) -> None:
    """Each card is a `FunctionTool`; the model is our server, so specialists answer there, too."""

    async def call(name: str, _: Any, arguments: str) -> str:
        return told(await call_tool(router, name, arguments))

    tools = [
        FunctionTool(
            name=card.name,
            description=card.description,
            params_json_schema=card.arguments,
            on_invoke_tool=partial(call, card.name),
            strict_json_schema=False,
        )
        for card in tool_cards(router)
    ]
    asked = ToolCall(id="1", name="sudoku", arguments=json.dumps({"grid": GRID}))
    llm = ScriptedLLM(Reply(text="", tool_calls=(asked,)), "It is 534678912.")
    set_tracing_disabled(True)
    async with Router([], llm=llm) as plain:
        transport = httpx2.ASGITransport(app=create_app(plain))
        async with httpx2.AsyncClient(transport=transport) as http:
            client = AsyncOpenAI(
                base_url="http://127.0.0.1/v1", api_key="none", http_client=http, max_retries=0
            )
            model = OpenAIChatCompletionsModel("hrm-agent", openai_client=client)
            agent = Agent("Puzzler", tools=[*tools], model=model)
            done = await Runner.run(agent, QUESTION)
    for item in done.new_items:
        print(f"Agents SDK, {item.type}: {str(getattr(item, 'output', ''))[:60]!r}")
    print(f"Agents SDK: {done.final_output}")


async def main() -> None:
    async with Router(["sudoku"], llm=None) as router:
        await with_pydantic_ai(router)
        await with_the_agents_sdk(router)


if __name__ == "__main__":
    asyncio.run(main())
