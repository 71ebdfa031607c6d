"""An LLM behind any OpenAI-compatible endpoint.

Knows how a request is sent, and in which other form once an endpoint has refused one. The
openai package is imported at the first call. Knows nothing of tasks or of the router.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from hrm_router.errors import CallBudgetExceeded, LLMError
from hrm_router.llm import strict_json
from hrm_router.llm.asked import CLOSING, Asked, Call
from hrm_router.llm.budgets import Budget, admit, on_sent
from hrm_router.llm.calling import Breaker, Pace, RetryBudget
from hrm_router.llm.chat import body
from hrm_router.llm.endpoint import Endpoint
from hrm_router.llm.failures import message_of, translate
from hrm_router.llm.replies import Collector, said_in
from hrm_router.settings import Prices
from hrm_specialists.errors import ConfigError

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

    from hrm_router.llm.transport import Clients

MOST_FORMS = 2
"""How often one call is put in another form: without a schema, with another limit's name."""


class LLM(Asked):
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
        requests_per_minute, tokens_per_minute, concurrency: what the endpoint allows, for
            each event loop; calls wait for their turn. Prompts count as tokens.
        timeout: seconds for one attempt, or between two events of a stream, within the
            call's deadline.
        attempts: most attempts of one call.
        max_bytes: longest body that is read.
        thinks: whether replies begin inside a thought that the model's template has opened,
            so that only `</think>` is sent; None goes by the model's name until a reply
            tells. A stream of such a model is held back until the thought ends.
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
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        concurrency: int | None = None,
        timeout: float = 60.0,
        attempts: int = 4,
        max_bytes: int = 4_000_000,
        thinks: bool | None = None,
        retries: RetryBudget | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._endpoint = Endpoint.of(base_url, api_key, headers)
        super().__init__(
            self._endpoint.label,
            prices,
            budget,
            timeout=timeout,
            attempts=attempts,
            retries=retries,
            breaker=breaker,
            thinks=thinks,
        )
        self._model, self._max_bytes = model, max_bytes
        self.local = self._endpoint.local
        self._pace = Pace(requests_per_minute, tokens_per_minute, concurrency)
        self._clients: Clients | None = None

    @property
    def name(self) -> str:
        """The model, if it is known already, at its host."""
        return f"{self._model or 'model'} at {self._endpoint.label}"

    @property
    def identity(self) -> str:
        """The model and the whole URL, for keys of caches."""
        return f"{self._model or 'model'} at {self._endpoint.base_url}"

    def __repr__(self) -> str:
        return f"LLM({self._endpoint.base_url!r}, model={self._model!r})"

    async def models(self, deadline: float = math.inf) -> tuple[str, ...]:
        """The models that the endpoint says it serves.

        Raises:
            LLMError, Overloaded: as for `complete`.
        """
        return await self._retrying(self._list, deadline)

    async def aclose(self) -> None:
        """Close this event loop's connections; other loops close theirs as they end."""
        if self._clients is not None:
            await self._clients.close()

    def _ours(self, error: Exception) -> LLMError:
        return translate(error, self._endpoint)

    async def _say(self, call: Call, collector: Collector) -> AsyncGenerator[str, None]:
        response = await self._post(call)
        try:
            async for text in said_in(response, collector, stream=call.stream, who=self._label):
                yield text
        finally:
            with suppress(Exception):  # it is gone either way
                async with asyncio.timeout(CLOSING):
                    await response.close()

    async def _client(self) -> AsyncOpenAI:
        """The running loop's own, after what it needs was imported."""
        if self._clients is None:
            made = await asyncio.to_thread(self._connect)
            self._clients = self._clients or made
        return await self._clients.get()

    def _connect(self) -> Clients:
        from hrm_router.llm.transport import Clients

        return Clients(self._endpoint, self._max_bytes)

    async def _post(self, call: Call) -> Any:
        """Send one request; once more in a plainer form if the endpoint refuses this one."""
        from openai import APIStatusError

        refusal: APIStatusError | None = None
        for _ in range(MOST_FORMS + 1):
            try:
                return await self._send(call)
            except CallBudgetExceeded:
                if refusal is None:
                    raise
                break  # what the endpoint said says more
            except APIStatusError as error:
                refusal, said = error, message_of(error.body)
                status, without = error.status_code, call.without
                refused = self._manners.refused(call.wants, without, status, said)
                if refused is None:
                    raise
                call.refused |= refused
        assert refusal is not None, "the loop ends early after a refusal alone"
        raise refusal

    async def _send(self, call: Call) -> Any:
        """One request, charged to the budgets if it reaches the endpoint.

        The last request that a budget allows asks for a schema in words alone, as every
        server takes it, unless this endpoint has taken a schema before.
        """
        room = admit(call.budgets, call.prompt, self.prices)
        last = any(budget.calls_left < 1 for budget in call.budgets)
        before = call.sent
        try:
            if self._model is None:
                self._model = await self._only_model()
            call.without = self._manners.without(call.wants, call.refused, last=last)
            fields = body(
                call.request,
                stream=call.stream,
                without=call.without,
                limit=room,
                limit_field=self._manners.limit_field(call.without),
            )
            async with self._pace.turn(call.prompt):
                token = on_sent.set(call.count)
                try:
                    client, messages = await self._client(), fields.pop("messages")
                    result = await client.chat.completions.with_streaming_response.create(
                        model=self._model,
                        messages=messages,
                        stream=call.stream,
                        extra_body=fields,
                    ).__aenter__()
                finally:
                    on_sent.reset(token)
        finally:
            if call.sent == before:
                for budget in call.budgets:
                    budget.take_back()
        self._manners.took(call.wants - call.without, call.refused)
        return result

    async def _list(self) -> tuple[str, ...]:
        import httpx2

        client = await self._client()
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
