"""Any LangChain chat model as a `LanguageModel`.

Its own client, retries and connections stay as they are; the deadline, the
budgets and the breaker are ours, and its messages are read as an endpoint's are.
A schema is asked for in words, which every model understands. LangChain is
imported at the first call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from hrm_router.errors import LLMError, LLMUnavailable
from hrm_router.llm.asked import CLOSING, Asked, Call
from hrm_router.llm.budgets import Budget, admit
from hrm_router.llm.chat import body
from hrm_router.llm.failures import by_status
from hrm_router.llm.replies import Collector, Piece
from hrm_router.settings import Prices

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class LangChainModel(Asked):
    """A LangChain chat model as the router asks it.

    Args:
        model: any `BaseChatModel`; give it few retries of its own.
        local: whether nothing leaves this machine when it is asked; LangChain
            cannot tell.
        prices: per million tokens.
        budget: shared by all calls, besides each call's own.
    """

    def __init__(
        self,
        model: BaseChatModel,
        *,
        local: bool = False,
        prices: Prices | Mapping[str, float] | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._chat, self.local = model, local
        names = (getattr(model, field, None) for field in ("model_name", "model"))
        self._model = next((one for one in names if isinstance(one, str) and one), None)
        who = type(model).__name__
        super().__init__(f"{self._model} by {who}" if self._model else who, prices, budget)

    def __repr__(self) -> str:
        return f"LangChainModel({self.name})"

    async def aclose(self) -> None:
        """Nothing of ours is open."""

    async def _say(self, call: Call, collector: Collector) -> AsyncGenerator[str, None]:
        from langchain_core.messages import convert_to_messages

        limit = admit(call.budgets, call.prompt, self.prices)
        call.count()
        options = body(call.request, stream=False, without=call.wants, limit=limit)
        messages = convert_to_messages(options.pop("messages"))
        runnable: Any = self._chat
        if "tools" in options:
            tools, choice = options.pop("tools"), options.pop("tool_choice", None)
            runnable = runnable.bind_tools(tools, **({"tool_choice": choice} if choice else {}))
        if not call.stream:
            yield collector.add(self._whole(await runnable.ainvoke(messages, **options)))
            return
        chunks, whole = runnable.astream(messages, **options), None
        try:
            async for chunk in chunks:
                said = {"delta": {"content": chunk.content}}
                yield collector.add(Piece.model_validate({"choices": [said]}))
                whole = chunk if whole is None else whole + chunk
        finally:
            with suppress(Exception):  # a provider's own clean-up
                async with asyncio.timeout(CLOSING):
                    await chunks.aclose()
        if whole is not None:  # tool calls and counts come in parts, which LangChain adds up
            yield collector.add(self._whole(whole, content=None))

    def _ours(self, error: Exception) -> LLMError:
        """Told by its HTTP status, if it has one."""
        status = getattr(error, "status_code", None)
        said = f"{type(error).__name__}: {self._redact(str(error))}"
        if isinstance(status, int) and status >= 400:
            return by_status(status, self.name, said)
        wrong = isinstance(error, TypeError | AttributeError | ValueError | NotImplementedError)
        return (LLMError if wrong else LLMUnavailable)(f"{self.name} failed with {said}")

    def _redact(self, text: str) -> str:
        for value in vars(self._chat).values():
            if isinstance(value, SecretStr) and len(value.get_secret_value()) >= 4:
                text = text.replace(value.get_secret_value(), "***")
        return " ".join(text.split())[:300]

    def _whole(self, message: Any, **said: Any) -> Piece:
        """A message as an endpoint would send it; `said` wins over its content."""
        usage, about = message.usage_metadata or {}, message.response_metadata or {}
        calls = [
            {"id": call.get("id"), "function": {"name": call["name"], "arguments": call["args"]}}
            for call in message.tool_calls
        ]
        choice = {
            "message": {"content": message.content, "tool_calls": calls, **said},
            "finish_reason": about.get("finish_reason") or about.get("stop_reason") or "stop",
        }
        counts = {
            "prompt_tokens": usage.get("input_tokens"),
            "completion_tokens": usage.get("output_tokens"),
        }
        model = about.get("model_name") or about.get("model") or self.name
        return Piece.model_validate({"choices": [choice], "model": model, "usage": counts})
