"""The router as a LangChain chat model, for wherever one is wanted.

If the last message is the user's and holds a problem that a specialist can do,
the specialist does it; everything else, tool calls and structured output
included, is the router's LLM's. Each message says in `response_metadata["hrm"]`
how it came about. Knows nothing of endpoints: the LLM is the router's.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, closing, contextmanager
from typing import Any, Literal, cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput, ModelProfile
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import AIMessage, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.runnables.config import var_child_runnable_config
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ConfigDict, Field, PositiveFloat, PositiveInt

from hrm_agent.integrations.langchain.replies import Telling, result_of
from hrm_agent.integrations.langchain.structured import in_form, parser_for
from hrm_router.llm.chat import OPTIONS
from hrm_router.policy import Policy
from hrm_router.reuse import plain_policy
from hrm_router.router import Router
from hrm_specialists.errors import InvalidInput

ToolLike = Mapping[str, Any] | type | Callable[..., Any] | BaseTool


class ChatHRM(BaseChatModel):
    """A chat model that lets specialists do what they can.

    Which LLM stands behind it, and with which key, is the router's business;
    without one, what only language can answer is abstained from in words.

    Example:
        model = ChatHRM(router=Router(llm="http://localhost:8000/v1"))
        agent = create_agent(model, tools=[...])
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid", protected_namespaces=())

    router: Router = Field(default_factory=Router, exclude=True, repr=False)
    """Who answers; one with everything that is installed by default."""
    policy: Policy | None = None
    """Limits for every call; the router's own by default."""
    model: str = "hrm-agent"
    """What it is called in traces and metadata; it chooses nothing."""
    temperature: float | None = None
    """For the LLM, as the two below."""
    max_tokens: PositiveInt | None = None
    stop: list[str] | None = None
    timeout: PositiveFloat | None = None
    """Seconds for a whole call; wins over the policy's deadline."""
    streaming: bool = False
    """Whether `invoke` streams too, for callbacks that want tokens."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further options for the LLM: `seed`, `logit_bias`, …"""

    @property
    def _llm_type(self) -> str:
        return "hrm-agent"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """What an answer depends on: LangChain's caches make their keys of it."""
        own = self.model_dump(exclude={"policy"}, exclude_none=True)
        identity = self.router.identity
        if (limits := self._limits()) is not None:
            identity["policy"] = plain_policy(limits)
        return {"router": json.dumps(identity, sort_keys=True), **own}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop or self.stop, **kwargs)
        params["ls_provider"] = "hrm-agent"
        return params

    def _resolve_model_profile(self) -> ModelProfile:
        return {
            "text_inputs": True,
            "text_outputs": True,
            "tool_calling": True,
            "tool_choice": True,
            "structured_output": True,
        }

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        options = self._options(stop, kwargs)
        with unheard():
            answer = self.router.solve_sync(
                _chat(messages), None, self._limits(), llm_options=options
            )
        return result_of(answer, options, self.model)

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        options = self._options(stop, kwargs)
        with unheard():
            answer = await self.router.solve(
                _chat(messages), None, self._limits(), llm_options=options
            )
        return result_of(answer, options, self.model)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        options = self._options(stop, kwargs)
        telling = Telling(options, self.model)
        stream = self.router.stream_sync(_chat(messages), None, self._limits(), llm_options=options)
        with closing(stream) as events:
            with unheard():  # the work starts with the first event
                event = next(events, None)
            while event is not None:
                yield from telling.chunks(event)
                event = next(events, None)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        options = self._options(stop, kwargs)
        telling = Telling(options, self.model)
        stream = self.router.stream(_chat(messages), None, self._limits(), llm_options=options)
        async with aclosing(stream) as events:
            with unheard():  # the work starts with the first event
                event = await anext(events, None)
            while event is not None:
                for chunk in telling.chunks(event):
                    yield chunk
                event = await anext(events, None)

    def bind_tools(
        self,
        tools: Sequence[ToolLike],
        *,
        tool_choice: str | bool | Mapping[str, Any] | None = None,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer tools to the LLM.

        A problem that a specialist does is done without any, unless
        `tool_choice` demands one: then the LLM is given the solution.

        Args:
            tools: whatever LangChain takes for a tool.
            tool_choice: "auto", "none", "any" (or "required", or True), or a
                tool's name.
            strict: whether arguments must follow the schema, if the LLM can.
            kwargs: further options for the LLM.
        """
        offered = [convert_to_openai_tool(cast(Any, tool), strict=strict) for tool in tools]
        if tool_choice:
            kwargs["tool_choice"] = _choice(tool_choice)
        if offered:
            kwargs["tools"] = offered
        return super().bind(**kwargs)

    def with_structured_output(
        self,
        schema: dict[str, Any] | type,
        *,
        include_raw: bool = False,
        method: Literal["json_schema", "function_calling", "json_mode"] = "json_schema",
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Any]:
        """Have the LLM answer in a form; it is given what specialists solved.

        Args:
            schema: a pydantic model, a `TypedDict`, or a JSON Schema.
            include_raw: a mapping of `raw`, `parsed` and `parsing_error`
                instead of what was parsed.
            method: by a JSON Schema that the LLM is held to, by a tool call,
                or by being told to write JSON; not every endpoint has all.
            strict: whether the schema must be kept, if the LLM can.
            kwargs: further options for the LLM.
        """
        if method == "function_calling":
            if strict is not None:
                kwargs["strict"] = strict
            shown = {"schema": schema, "kwargs": {"method": method, "strict": strict}}
            bound = self.bind_tools(
                [schema],
                tool_choice="any",
                **kwargs,
                ls_structured_output_format=shown,
            )
        else:
            bound = self.bind(**in_form(schema, method, strict), **kwargs)
        return parser_for(schema, method, bound, include_raw=include_raw)

    def _options(self, stop: list[str] | None, given: Mapping[str, Any]) -> dict[str, Any]:
        """Options for the LLM: the call's over this model's.

        Raises:
            InvalidInput: one is no option of Chat Completions, or not a caller's to choose.
        """
        stops = stop if stop is not None else self.stop
        own = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        options = {**own, **self.model_kwargs, **given}
        if stops:
            options["stop"] = stops
        options.pop("stream", None)
        for name in options.keys() - OPTIONS:
            raise InvalidInput(f"unknown LLM option {name!r}; known: {', '.join(sorted(OPTIONS))}")
        return {name: value for name, value in options.items() if value is not None}

    def _limits(self) -> Policy | None:
        if self.timeout is None:
            return self.policy
        policy = self.policy or self.router.policy
        return policy.model_copy(update={"deadline": float(self.timeout)})


@contextmanager
def unheard() -> Iterator[None]:
    """Let a LangChain LLM of the router's be traced, but its tokens not be streamed twice.

    LangGraph listens to every chat model that runs inside a node, save those
    with this tag; ours streams what is said.
    """
    config = var_child_runnable_config.get() or {}
    tags = [*(config.get("tags") or []), "nostream"]
    token = var_child_runnable_config.set({**config, "tags": tags})
    try:
        yield
    finally:
        var_child_runnable_config.reset(token)


def _chat(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    return [dict(message) for message in convert_to_openai_messages(list(messages))]


def _choice(wanted: str | bool | Mapping[str, Any]) -> Any:
    if wanted is True or wanted == "any":
        return "required"
    if isinstance(wanted, str) and wanted not in ("auto", "none", "required"):
        return {"type": "function", "function": {"name": wanted}}
    return wanted
