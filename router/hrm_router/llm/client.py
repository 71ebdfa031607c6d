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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import SecretStr

from hrm_router.errors import LLMError, LLMTimeout, LLMUnavailable
from hrm_router.llm import strict_json
from hrm_router.llm.breaker import Breaker, Outcome
from hrm_router.llm.budgets import Budget, admit, on_sent, price
from hrm_router.llm.chat import USAGE, body
from hrm_router.llm.endpoint import Endpoint
from hrm_router.llm.loops import PerLoop
from hrm_router.llm.opened import INLINE, Opened, parsed
from hrm_router.llm.pace import Pace
from hrm_router.llm.protocol import Reply, Request, Tokens
from hrm_router.llm.replies import Collector, Completion, estimate, message_of
from hrm_router.llm.retry import RetryBudget, left, retrying
from hrm_router.llm.warming import warm
from hrm_router.settings import Prices
from hrm_specialists.errors import ConfigError, HrmAgentError

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds of silence that count against an endpoint; less says nothing about it."""
AFTERMATH = 0.25
"""Seconds to wait for the usage once a stream's text is complete."""
MAX_REFUSED = 256
MOST_FORMS = 2
"""How often one call is put in another form: without a schema, with another limit's name."""
OLD_LIMIT, NEW_LIMIT = "max_tokens", "max_completion_tokens"


@dataclass(slots=True)
class _Call:
    """One call under way, which may take several requests."""

    request: Request
    stream: bool
    prompt: int
    """Its tokens, estimated."""
    sent: int = 0
    """Requests that have reached the endpoint."""
    wants: frozenset[str] = frozenset()
    """What it asks for that not every server knows."""
    without: frozenset[str] = frozenset()
    """What of this the endpoint has refused meanwhile."""

    def count(self) -> None:
        """One more request is being sent."""
        self.sent += 1


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
        requests_per_minute, tokens_per_minute, concurrency: what the endpoint allows, for
            each event loop; calls wait for their turn. Prompts count as tokens.
        timeout: seconds for one attempt, or between two events of a stream, within the
            call's deadline.
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
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        concurrency: int | None = None,
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
        self._pace = Pace(requests_per_minute, tokens_per_minute, concurrency)
        self._who = object()
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
        call = self._call(request, stream=False)

        async def attempt() -> Reply:
            response = await self._post(call)
            data = await parsed(response.http_response.content, self._endpoint)
            collector = self._collector(call)
            if len(response.http_response.content) <= INLINE:
                return collector.whole(Completion.model_validate(data))
            return await asyncio.to_thread(lambda: collector.whole(Completion.model_validate(data)))

        spent = Tokens()
        try:
            reply = await self._retrying(attempt, request.deadline)
            spent = reply.tokens
        except (LLMTimeout, asyncio.CancelledError):
            spent = Tokens(call.prompt if call.sent else 0)  # read at least, and billed
            raise
        finally:
            self._spend(request, spent)
        return replace(reply, attempts=call.sent)

    async def stream(self, request: Request) -> AsyncGenerator[str | Reply, None]:
        """Text as it comes, then the reply; see `LanguageModel`."""
        call = self._call(request, stream=True)

        async def attempt() -> Opened:
            opened = Opened(await self._post(call), self._collector(call), self._endpoint)
            try:
                await opened.begin()
            except BaseException:
                await opened.close()
                raise
            return opened

        spent, outcome = Tokens(), cast("Outcome", "unknown")
        try:
            first_by = min(request.deadline, request.first_by)
            opened = await self._retrying(attempt, first_by, settles=False)
            text, begun = opened.first, time.monotonic()
            try:
                while text is not None:
                    if text:
                        yield text
                    begun = time.monotonic()
                    text = await self._within(opened.text, request.deadline, self._timeout)
                outcome = "answered"
                await opened.usage(min(AFTERMATH, left(request.deadline)))
            except LLMTimeout:
                outcome = "failed" if time.monotonic() - begun >= PATIENCE else "unknown"
                raise
            except LLMError as error:
                outcome = "failed" if isinstance(error, LLMUnavailable) else "answered"
                raise
            finally:
                spent = opened.collector.tokens
                self._breaker.leave(False, outcome)
                await opened.close()
        except (LLMTimeout, asyncio.CancelledError):
            spent = Tokens(max(call.prompt if call.sent else 0, spent.prompt), spent.completion)
            raise
        finally:
            self._spend(request, spent)
        yield replace(opened.collector.reply(), attempts=call.sent)

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
            default_query=dict(self._endpoint.query),
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
            http_client=httpx2.AsyncClient(
                transport=Transport(self._endpoint, self._max_bytes, self._context),
                trust_env=False,
                follow_redirects=False,
            ),
        )

    def _call(self, request: Request, *, stream: bool) -> _Call:
        body(request, limit=None, limit_field=self._limit_field, stream=stream)  # raises early
        if left(request.deadline) <= 0:
            raise LLMTimeout(f"no time is left to ask {self.name}")
        return _Call(request, stream, estimate(request.messages))

    @property
    def _limit_field(self) -> str:
        """OpenAI's own models refuse the old name; most other servers know only that."""
        openai_itself = self._endpoint.label.partition(":")[0].endswith(
            (".openai.com", ".openai.azure.com")
        )
        return "max_completion_tokens" if openai_itself else "max_tokens"

    def _collector(self, call: _Call) -> Collector:
        schema = call.request.schema
        wanted = None if schema is None else schema.get("required", ())
        return Collector(call.prompt, self._prices, wanted=wanted)

    def _spend(self, request: Request, tokens: Tokens) -> None:
        for budget in (*self._budgets, *request.budgets):
            budget.spend(tokens, price(tokens, self._prices))

    async def _retrying(
        self, attempt: Callable[[], Awaitable[T]], deadline: float, *, settles: bool = True
    ) -> T:
        """Call `attempt` as the retry loop and the breaker allow.

        Args:
            settles: whether the endpoint has done its part when `attempt` returns; a
                stream has only begun, and whoever reads it tells the breaker.
        """

        async def guarded() -> T:
            probe = self._breaker.enter()
            outcome: Outcome = "unknown"
            begun = time.monotonic()
            try:
                result = await self._within(attempt, deadline, self._timeout)
                outcome = "answered" if settles or probe else "unknown"
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

    async def _post(self, call: _Call) -> Any:
        """Send one request; once more in a plainer form if the endpoint refuses this one."""
        from openai import APIStatusError

        form, again = 0, False
        while True:
            try:
                return await self._send(call, again=again)
            except APIStatusError as error:
                refused = self._refused_form(call, error)
                if refused is None or form == MOST_FORMS:
                    raise
            form, again = form + 1, True
            call.without |= refused

    def _refused_form(self, call: _Call, error: APIStatusError) -> frozenset[str] | None:
        """What to leave out of a call that was refused, if that may help; None if not."""
        status, wants = error.status_code, call.wants - self._refused - call.without
        said = message_of(error.body).lower()
        if status in (400, 422) and OLD_LIMIT in said and NEW_LIMIT in said:
            return frozenset({OLD_LIMIT}) if OLD_LIMIT not in call.without else None
        schema = {want for want in wants if want != USAGE}
        if not wants or not (status in (400, 422, 501) or (status == 500 and schema)):
            return None
        return frozenset(wants)

    async def _send(self, call: _Call, *, again: bool) -> Any:
        """One request, charged to the budgets if it reaches the endpoint."""
        budgets = (*self._budgets, *call.request.budgets)
        room = admit(budgets, call.prompt, self._prices, self._who, again=again)
        before = call.sent
        try:
            if self._model is None:
                self._model = await self._only_model()
            old = OLD_LIMIT in self._refused | call.without
            asked = body(
                call.request,
                limit=room,
                limit_field=NEW_LIMIT if old else self._limit_field,
                stream=call.stream,
                rename=old,
            )
            call.wants = asked.wants
            plain = asked.wants & (self._refused | call.without)
            async with self._pace.turn(call.prompt):
                token = on_sent.set(call.count)
                try:
                    result = await self._create(asked.plain if plain else asked.full, call.stream)
                finally:
                    on_sent.reset(token)
        finally:
            if call.sent == before:
                for budget in budgets:
                    budget.take_back(self._who)
        if len(self._refused) < MAX_REFUSED:
            self._refused |= call.without  # it was right to leave that out
        return result

    async def _create(self, fields: Mapping[str, Any], stream: bool) -> Any:
        client = await self._clients.get()
        completions: Any = client.chat.completions
        rest = {name: value for name, value in fields.items() if name != "messages"}
        asked = {
            "model": self._model,
            "messages": fields["messages"],
            "stream": stream,
            "extra_body": rest,
        }
        if not stream:
            return await completions.with_raw_response.create(**asked)
        return await completions.with_streaming_response.create(**asked).__aenter__()

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
