"""Any LangChain chat model as a `LanguageModel`.

Its own client, retries and connections stay as they are; the deadline, the
budgets and the breaker are ours. A schema is asked for in words, which every
model understands. LangChain is imported at the first call.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from hrm_router.errors import LLMError, LLMTimeout, LLMUnavailable
from hrm_router.llm import strict_json
from hrm_router.llm.budgets import Budget, admit, price
from hrm_router.llm.calling import Breaker, left, within
from hrm_router.llm.chat import body, wanted
from hrm_router.llm.failures import by_status
from hrm_router.llm.protocol import EitherWay, Reply, Request, Tokens, ToolCall
from hrm_router.llm.replies import CHARACTERS_PER_TOKEN, estimate, mended
from hrm_router.llm.thoughts import Thoughts, apart
from hrm_router.settings import Prices

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

T = TypeVar("T")

CLOSING = 0.05


class LangChainModel(EitherWay):
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
        self._model, self.local = model, local
        self.prices = Prices.model_validate(prices) if prices is not None else None
        names = (getattr(model, field, None) for field in ("model_name", "model"))
        name = next((one for one in names if isinstance(one, str) and one), "")
        self.name = f"{name} by {type(model).__name__}".removeprefix(" by ")
        self._budgets = (budget,) if budget is not None else ()
        self._breaker = Breaker(self.name)

    def __repr__(self) -> str:
        return f"LangChainModel({self.name})"

    async def aclose(self) -> None:
        """Nothing of ours is open."""

    async def _run(self, request: Request, *, stream: bool) -> AsyncGenerator[str | Reply, None]:
        prompt = estimate(request.messages)
        body(request, stream=False)  # raises early
        if request.deadline <= time.monotonic():
            raise LLMTimeout(f"no time is left to ask {self.name}")
        budgets = (*self._budgets, *request.budgets)
        spent, thoughts, said = Tokens(), Thoughts(), 0
        events: Any = None
        try:
            with self._breaker.call():
                limit = admit(budgets, prompt, self.prices)
                runnable, messages, options = self._asked(request, limit)
                spent = Tokens(prompt)
                if stream:
                    events, chunks = runnable.astream(messages, **options), []
                    until = min(request.deadline, request.first_by)
                    while (chunk := await self._step(anext(events, None), until)) is not None:
                        until = request.deadline
                        chunks.append(chunk)
                        said += len(str(chunk.text))
                        spent = Tokens(prompt, -(-said // CHARACTERS_PER_TOKEN))
                        text = thoughts.feed(mended(str(chunk.text)))
                        if text:
                            yield text
                    if left_over := thoughts.finish():
                        yield left_over
                    whole = chunks[0] + chunks[1:] if len(chunks) > 1 else next(iter(chunks), None)
                else:
                    asked = runnable.ainvoke(messages, **options)
                    whole = await self._step(asked, request.deadline)
                if whole is None:
                    raise LLMUnavailable(f"{self.name} said nothing at all")
                reply = self._reply(whole, prompt, request)
                spent = reply.tokens
        except LLMError as error:
            if not said and not isinstance(error, LLMTimeout):
                spent = Tokens()
            raise
        finally:
            for budget in budgets:
                budget.spend(spent, price(spent, self.prices))
            if events is not None:
                await _close(events)
        yield reply

    def _asked(self, request: Request, limit: int | None) -> tuple[Any, list[Any], dict[str, Any]]:
        """What to run, on which messages, with which options."""
        from langchain_core.messages import convert_to_messages

        options = body(request, stream=False, without=wanted(request, False), limit=limit)
        messages = convert_to_messages(options.pop("messages"))
        runnable: Any = self._model
        if "tools" in options:
            tools, choice = options.pop("tools"), options.pop("tool_choice", None)
            runnable = runnable.bind_tools(tools, **({"tool_choice": choice} if choice else {}))
        return runnable, messages, options

    async def _step(self, awaitable: Awaitable[T], until: float) -> T:
        """Await one step until then; its errors come out as ours."""

        def translate(error: Exception) -> LLMError:
            return _translated(error, self.name, self._redact(str(error)))

        return await within(left(until), lambda: awaitable, self.name, translate)

    def _reply(self, message: Any, prompt: int, request: Request) -> Reply:
        text, thoughts = apart(mended(str(message.text)))
        usage = message.usage_metadata or {}
        tokens = Tokens(
            int(usage.get("input_tokens") or prompt),
            int(usage.get("output_tokens") or -(-len(text) // CHARACTERS_PER_TOKEN)),
        )
        about = message.response_metadata or {}
        return Reply(
            text=text,
            parsed=None
            if request.schema is None
            else strict_json.find(text, request.schema.get("required", ())),
            tokens=tokens,
            cost=price(tokens, self.prices),
            model=str(about.get("model_name") or about.get("model") or self.name),
            finish_reason=str(about.get("finish_reason") or about.get("stop_reason") or "stop"),
            tool_calls=tuple(
                ToolCall(str(call.get("id") or ""), call["name"], json.dumps(call["args"]))
                for call in message.tool_calls
            ),
            extras={"reasoning": thoughts} if thoughts else {},
        )

    def _redact(self, text: str) -> str:
        for value in vars(self._model).values():
            if isinstance(value, SecretStr) and len(value.get_secret_value()) >= 4:
                text = text.replace(value.get_secret_value(), "***")
        return " ".join(text.split())[:300]


def _translated(error: Exception, name: str, said: str) -> LLMError:
    """Ours for whatever a provider's package raised, told by its HTTP status if it has one."""
    status, said = getattr(error, "status_code", None), f"{type(error).__name__}: {said}"
    if isinstance(status, int) and status >= 400:
        return by_status(status, name, said)
    wrong = isinstance(error, TypeError | AttributeError | ValueError | NotImplementedError)
    return (LLMError if wrong else LLMUnavailable)(f"{name} failed with {said}")


async def _close(events: Any) -> None:
    try:
        async with asyncio.timeout(CLOSING):
            await events.aclose()
    except Exception:  # a provider's own clean-up; its error changes nothing any more
        pass
