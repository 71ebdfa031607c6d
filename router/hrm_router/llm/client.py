"""An LLM behind any OpenAI-compatible endpoint.

Ties together what the other files of this package do: one client per event
loop, one deadline, one retry loop, one breaker, budgets. The openai package is
imported at the first call. Knows nothing of tasks or of the router.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from hrm_router.errors import CallBudgetExceeded, LLMError, LLMTimeout
from hrm_router.llm import strict_json
from hrm_router.llm.budgets import Budget, admit, on_sent, price
from hrm_router.llm.calling import Breaker, Pace, RetryBudget, left, retrying, within
from hrm_router.llm.chat import NOTHING, Manners, body, wanted
from hrm_router.llm.endpoint import Endpoint
from hrm_router.llm.failures import message_of, translate
from hrm_router.llm.protocol import EitherWay, Reply, Request, Tokens
from hrm_router.llm.replies import Collector, estimate
from hrm_router.llm.said import Said
from hrm_router.settings import Prices
from hrm_specialists.errors import ConfigError

if TYPE_CHECKING:
    from openai import APIStatusError

    from hrm_router.llm.transport import Clients

T = TypeVar("T")

AFTERMATH = 0.25
"""Seconds to wait for the usage once a stream's text is complete."""
MOST_FORMS = 2
"""How often one call is put in another form: without a schema, with another limit's name."""


@dataclass(slots=True)
class _Call:
    """One call under way, which may take several requests."""

    request: Request
    stream: bool
    prompt: int
    """Its tokens, estimated."""
    wants: frozenset[str]
    """What it asks for that not every server knows."""
    without: frozenset[str] = NOTHING
    """What was left out of the last request."""
    refused: frozenset[str] = NOTHING
    """What the endpoint has refused meanwhile."""
    sent: int = 0
    """Requests that have reached the endpoint."""

    def count(self) -> None:
        """One more request is being sent."""
        self.sent += 1


class LLM(EitherWay):
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
        self._model = model
        self.local = self._endpoint.local
        self.prices = Prices.model_validate(prices) if prices is not None else None
        self._budgets = (budget,) if budget is not None else ()
        self._timeout, self._attempts, self._max_bytes = timeout, attempts, max_bytes
        self._retries = retries or RetryBudget()
        self.breaker = breaker or Breaker(self._endpoint.label)
        self._pace = Pace(requests_per_minute, tokens_per_minute, concurrency)
        self._clients: Clients | None = None
        self._manners = Manners(self._endpoint.label, thinks)

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

    async def _run(self, request: Request, *, stream: bool) -> AsyncGenerator[str | Reply, None]:
        body(request, stream=stream)  # raises early
        if left(request.deadline) <= 0:
            raise LLMTimeout(f"no time is left to ask {self.name}")
        prompt, wants = estimate(request.messages), wanted(request, stream)
        call, spent = _Call(request, stream, prompt, wants), Tokens()
        first_by = min(request.deadline, request.first_by) if stream else request.deadline
        required = None if request.schema is None else request.schema.get("required", ())

        async def begin() -> Said:
            inside = self._manners.begins_inside(self._model)
            collector = Collector(call.prompt, self.prices, wanted=required, inside=inside)
            said = Said(await self._post(call), collector, self._endpoint)
            try:
                await said.begin(stream=stream)
            except BaseException:
                await said.close()
                raise
            return said

        try:
            said = await self._retrying(begin, first_by, goes_on=stream)
            text, collector = said.first, said.collector
            try:
                with self.breaker.call(begun=True):
                    while text is not None:
                        if text:
                            yield text
                        text = await self._within(said.text, request.deadline)
                await said.usage(min(AFTERMATH, left(request.deadline)))
            finally:
                spent = collector.tokens
                await said.close()
        except (LLMTimeout, asyncio.CancelledError):  # read at least, and billed
            spent = Tokens(max(call.prompt if call.sent else 0, spent.prompt), spent.completion)
            raise
        finally:
            for budget in (*self._budgets, *request.budgets):
                budget.spend(spent, price(spent, self.prices))
        self._manners.heard(collector)
        yield replace(collector.reply(), attempts=call.sent)

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

    async def _retrying(
        self, attempt: Callable[[], Awaitable[T]], deadline: float, *, goes_on: bool = False
    ) -> T:
        """Call `attempt` as the retry loop and the breaker allow.

        Args:
            goes_on: a stream has only begun then, and whoever reads it tells the breaker.
        """

        async def guarded() -> T:
            with self.breaker.call(goes_on=goes_on):
                return await self._within(attempt, deadline)

        return await retrying(
            guarded,
            deadline=deadline,
            attempts=self._attempts,
            budget=self._retries,
            name=self._endpoint.label,
        )

    async def _within(self, step: Callable[[], Awaitable[T]], deadline: float) -> T:
        """Await `step` until the deadline, or as long as an endpoint may be silent."""

        async def warmed() -> T:
            if self._clients is None:
                made = await asyncio.to_thread(self._connect)
                self._clients = self._clients or made
            return await step()

        def ours(error: Exception) -> LLMError:
            return translate(error, self._endpoint)

        seconds = min(self._timeout, left(deadline))
        return await within(seconds, warmed, self._endpoint.label, ours)

    def _connect(self) -> Clients:
        from hrm_router.llm.transport import Clients

        return Clients(self._endpoint, self._max_bytes)

    async def _post(self, call: _Call) -> Any:
        """Send one request; once more in a plainer form if the endpoint refuses this one."""
        from openai import APIStatusError

        refusal: APIStatusError | None = None
        for form in range(MOST_FORMS + 1):
            try:
                return await self._send(call)
            except CallBudgetExceeded:
                if refusal is None:
                    raise
                break  # what the endpoint said says more
            except APIStatusError as error:
                refused = self._manners.refused(
                    call.wants, call.without, error.status_code, message_of(error.body)
                )
                refusal = error
                if refused is None or form == MOST_FORMS:
                    raise
            call.refused |= refused
        assert refusal is not None, "the loop ends early after a refusal alone"
        raise refusal

    async def _send(self, call: _Call) -> Any:
        """One request, charged to the budgets if it reaches the endpoint.

        The last request that a budget allows asks for a schema in words alone, as every
        server takes it, unless this endpoint has taken a schema before.
        """
        budgets = (*self._budgets, *call.request.budgets)
        room = admit(budgets, call.prompt, self.prices)
        last = any(budget.calls_left < 1 for budget in budgets)
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
                    result = await self._create(fields, call.stream)
                finally:
                    on_sent.reset(token)
        finally:
            if call.sent == before:
                for budget in budgets:
                    budget.take_back()
        self._manners.took(call.wants - call.without, call.refused)
        return result

    async def _create(self, fields: Mapping[str, Any], stream: bool) -> Any:
        assert self._clients is not None, "connected before the first call"
        client = await self._clients.get()
        completions: Any = client.chat.completions.with_streaming_response
        rest = {name: value for name, value in fields.items() if name != "messages"}
        return await completions.create(
            model=self._model, messages=fields["messages"], stream=stream, extra_body=rest
        ).__aenter__()

    async def _list(self) -> tuple[str, ...]:
        import httpx2

        assert self._clients is not None, "connected before the first call"
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
