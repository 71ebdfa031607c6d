"""An LLM behind any OpenAI-compatible endpoint.

Ties together what the other files of this package do: one client per event
loop, one deadline, one retry loop, one breaker, budgets. The openai package is
imported at the first call. Knows nothing of tasks or of the router.
"""

from __future__ import annotations

import asyncio
import math
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from hrm_router.errors import LLMError, LLMTimeout, LLMUnavailable
from hrm_router.llm import strict_json
from hrm_router.llm.breaker import Breaker, Outcome
from hrm_router.llm.budgets import Budget, admit, price
from hrm_router.llm.chat import Body, body
from hrm_router.llm.endpoint import Endpoint
from hrm_router.llm.loops import PerLoop
from hrm_router.llm.opened import Opened
from hrm_router.llm.protocol import Reply, Request, Tokens
from hrm_router.llm.replies import Collector, Completion, estimate
from hrm_router.llm.retry import RetryBudget, left, retrying
from hrm_router.llm.warming import warm
from hrm_router.settings import Prices
from hrm_specialists.errors import ConfigError, HrmAgentError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds of silence that count against an endpoint; less says nothing about it."""
AFTERMATH = 0.25
"""Seconds to wait for the usage once a stream's text is complete."""
MAX_REFUSED = 256


class LLM:
    """A model behind an OpenAI-compatible endpoint; a `LanguageModel`.

    Example:
        LLM("http://localhost:8000/v1")  # the one model that is served there
        LLM("https://api.openai.com/v1", "gpt-5-mini", api_key=key)

    Args:
        base_url: the endpoint; `/v1` is added where no path is given.
        model: None asks the endpoint which single model it serves.
        api_key: sent to this endpoint only; no environment variable is read.
        headers: further ones, as secret as the key.
        prices: per million tokens; a dict will do.
        budget: shared by all calls, besides each call's own.
        timeout: seconds for one attempt, within the call's deadline.
        attempts: most attempts of one call.
        max_bytes: longest body that is read.
        retries: the budget of retries; its own by default.
        breaker: the circuit breaker; its own by default.

    Raises:
        ConfigError: the URL, key or a header cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        *,
        api_key: str | SecretStr | None = None,
        headers: Mapping[str, str] | None = None,
        prices: Prices | Mapping[str, float] | None = None,
        budget: Budget | None = None,
        timeout: float = 60.0,
        attempts: int = 4,
        max_bytes: int = 4_000_000,
        retries: RetryBudget | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._endpoint = Endpoint.of(base_url, api_key, headers)
        self._model = model
        self._prices = Prices.model_validate(prices) if prices is not None else None
        self._budgets = (budget,) if budget is not None else ()
        self._timeout, self._attempts, self._max_bytes = timeout, attempts, max_bytes
        self._retries = retries or RetryBudget()
        self._breaker = breaker or Breaker(self._endpoint.label)
        self._clients: PerLoop[AsyncOpenAI] = PerLoop(self._make_client)
        self._context: ssl.SSLContext | None = None
        self._refused: set[str] = set()

    @property
    def name(self) -> str:
        """The model, if it is known already, at its host."""
        return f"{self._model or 'model'} at {self._endpoint.label}"

    @property
    def identity(self) -> str:
        """The model and the whole URL, for keys of caches."""
        return f"{self._model or 'model'} at {self._endpoint.base_url}"

    @property
    def local(self) -> bool:
        """Whether the endpoint is on this machine."""
        return self._endpoint.local

    @property
    def prices(self) -> Prices | None:
        """Per million tokens."""
        return self._prices

    @property
    def breaker(self) -> Breaker:
        """Its circuit breaker, to look at."""
        return self._breaker

    def __repr__(self) -> str:
        return f"LLM({self._endpoint.base_url!r}, model={self._model!r})"

    async def complete(self, request: Request) -> Reply:
        """The whole reply at once; see `LanguageModel`."""
        prompt, asked = self._admit(request, stream=False)
        tries = 0

        async def attempt() -> Reply:
            nonlocal tries
            tries += 1
            response = await self._post(asked, stream=False)
            collector = self._collector(request, prompt)
            return collector.whole(
                Completion.model_validate(strict_json.loads(response.http_response.content))
            )

        spent = Tokens()
        try:
            reply = await self._retrying(attempt, request.deadline)
            spent = reply.tokens
        except (LLMTimeout, asyncio.CancelledError):
            spent = Tokens(prompt)  # read at least, and billed
            raise
        finally:
            self._spend(request, spent)
        return replace(reply, attempts=tries)

    async def stream(self, request: Request) -> AsyncGenerator[str | Reply, None]:
        """Text as it comes, then the reply; see `LanguageModel`."""
        prompt, asked = self._admit(request, stream=True)
        tries = 0

        async def attempt() -> Opened:
            nonlocal tries
            tries += 1
            opened = Opened(await self._post(asked, stream=True), self._collector(request, prompt))
            try:
                opened.first = await opened.text()
            except BaseException:
                await opened.close()
                raise
            return opened

        spent = Tokens()
        try:
            opened = await self._retrying(attempt, request.deadline)
            text = opened.first
            spent = opened.collector.tokens
            try:
                while text is not None:
                    yield text
                    spent = opened.collector.tokens
                    text = await self._within(opened.text, request.deadline, self._timeout)
                await opened.usage(min(AFTERMATH, left(request.deadline)))
            finally:
                spent = opened.collector.tokens
                await opened.close()
        except (LLMTimeout, asyncio.CancelledError):
            spent = Tokens(max(prompt, spent.prompt), spent.completion)
            raise
        finally:
            self._spend(request, spent)
        yield replace(opened.collector.reply(), attempts=tries)

    async def models(self, deadline: float = math.inf) -> tuple[str, ...]:
        """The models that the endpoint says it serves.

        Raises:
            LLMError, Overloaded: as for `complete`.
        """
        return await self._retrying(self._list, deadline)

    async def aclose(self) -> None:
        """Close this event loop's connections; other loops close theirs as they end."""
        await self._clients.close()

    def _make_client(self) -> AsyncOpenAI:
        import httpx2
        from openai import AsyncOpenAI

        from hrm_router.llm.transport import CONNECT_SECONDS, Transport

        assert self._context is not None, "warmed before the first call"
        return AsyncOpenAI(
            base_url=self._endpoint.base_url,
            api_key="given by the transport",
            admin_api_key="",
            max_retries=0,
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
            http_client=httpx2.AsyncClient(
                transport=Transport(self._endpoint, self._max_bytes, self._context),
                trust_env=False,
                follow_redirects=False,
            ),
        )

    def _admit(self, request: Request, *, stream: bool) -> tuple[int, Body]:
        prompt = estimate(request.messages)
        asked = body(request, limit=None, limit_field=self._limit_field, stream=stream)
        if left(request.deadline) <= 0:
            raise LLMTimeout(f"no time is left to ask {self.name}")
        limit = admit((*self._budgets, *request.budgets), prompt, self._prices)
        if limit is not None:
            asked = body(request, limit=limit, limit_field=self._limit_field, stream=stream)
        return prompt, asked

    @property
    def _limit_field(self) -> str:
        """OpenAI's own models refuse the old name; most other servers know only that."""
        openai_itself = self._endpoint.label.partition(":")[0].endswith(".openai.com")
        return "max_completion_tokens" if openai_itself else "max_tokens"

    def _collector(self, request: Request, prompt: int) -> Collector:
        return Collector(prompt, self._prices, structured=request.schema is not None)

    def _spend(self, request: Request, tokens: Tokens) -> None:
        for budget in (*self._budgets, *request.budgets):
            budget.spend(tokens, price(tokens, self._prices))

    async def _retrying(self, attempt: Callable[[], Awaitable[T]], deadline: float) -> T:
        async def guarded() -> T:
            probe = self._breaker.enter()
            outcome: Outcome = "unknown"
            begun = time.monotonic()
            try:
                result = await self._within(attempt, deadline, self._timeout)
                outcome = "answered"
                return result
            except LLMTimeout:
                outcome = "failed" if time.monotonic() - begun >= PATIENCE else "unknown"
                raise
            except LLMUnavailable:
                outcome = "failed"
                raise
            except LLMError:
                outcome = "answered"
                raise
            finally:
                self._breaker.leave(probe, outcome)

        return await retrying(
            guarded,
            deadline=deadline,
            attempts=self._attempts,
            budget=self._retries,
            name=self._endpoint.label,
        )

    async def _within(self, step: Callable[[], Awaitable[T]], deadline: float, timeout: float) -> T:
        """Await `step` within its time; whatever goes wrong comes out as our error."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(min(timeout, left(deadline))):
                if self._context is None:
                    tls = self._endpoint.base_url.startswith("https:")
                    self._context = await asyncio.to_thread(warm, tls=tls)
                return await step()
        except HrmAgentError:
            raise
        except TimeoutError:
            waited = time.monotonic() - begun
            failure: LLMError = LLMTimeout(
                f"{self._endpoint.label} did not answer within {waited:.1f} s"
            )
        except Exception as error:
            from hrm_router.llm.failures import translate

            failure = translate(error, self._endpoint)
        raise failure  # outside of `except`: the original holds the request, and that the key

    async def _post(self, asked: Body, *, stream: bool) -> Any:
        """Send the body; without its luxuries if the endpoint does not know them."""
        from openai import APIStatusError

        if self._model is None:
            self._model = await self._only_model()
        full = not asked.wants & self._refused
        try:
            return await self._create(asked.full if full else asked.plain, stream=stream)
        except APIStatusError as error:
            if not (full and asked.wants and error.status_code in (400, 422, 501)):
                raise
        result = await self._create(asked.plain, stream=stream)
        if len(self._refused) < MAX_REFUSED:
            self._refused |= asked.wants
        return result

    async def _create(self, fields: Mapping[str, Any], *, stream: bool) -> Any:
        client = await self._clients.get()
        completions: Any = client.chat.completions
        create = completions.create if stream else completions.with_raw_response.create
        rest = {name: value for name, value in fields.items() if name != "messages"}
        return await create(
            model=self._model, messages=fields["messages"], stream=stream, extra_body=rest
        )

    async def _list(self) -> tuple[str, ...]:
        import httpx2

        client = await self._clients.get()
        response = await client.get("/models", cast_to=httpx2.Response)
        data = strict_json.loads(response.content)
        if not isinstance(data, dict) or not isinstance(data.get("data"), list):
            raise ValueError("no list of models")
        names = [one.get("id") for one in data["data"] if isinstance(one, dict)]
        return tuple(name for name in names if isinstance(name, str))

    async def _only_model(self) -> str:
        names = await self._list()
        if len(names) == 1:
            return names[0]
        shown = ", ".join(self._endpoint.redact(name) for name in names[:8]) or "none"
        raise ConfigError(
            f"{self._endpoint.label} serves {len(names)} models ({shown}); "
            "choose one: LLM(base_url, model=…), or HRM_AGENT_MODEL"
        )
