"""The router as a LangChain runnable: a query in, an `Answer` out.

What happens on the way is told to callbacks as custom events, each named
`hrm_` and the event's kind, so that `astream_events` shows it live; the stream
itself holds the finished answer alone, since half an answer has no status.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing, closing
from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForChainRun,
    CallbackManagerForChainRun,
    adispatch_custom_event,
    dispatch_custom_event,
)
from langchain_core.messages import BaseMessage
from langchain_core.prompt_values import PromptValue
from langchain_core.runnables import Runnable, RunnableConfig
from pydantic_core import to_jsonable_python

from hrm_router.answer import Answer
from hrm_router.events import Answered, Event
from hrm_router.policy import Policy
from hrm_router.router import Query, Router

Asked = Query | PromptValue | BaseMessage
"""All that `router.solve` takes, and what prompts and chat models make."""


class RouterRunnable(Runnable[Any, Answer]):
    """A router for chains and graphs.

    `bind(task=…, policy=…)` and keyword arguments of a call win over the
    constructor's. Batches think together.

    Args:
        router: who answers; one with everything that is installed by default.
        task: the task that every query is a problem of, if that is known.
        policy: limits for every call.
    """

    def __init__(
        self,
        router: Router | None = None,
        *,
        task: str | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.router = router if router is not None else Router()
        self.task, self.policy = task, policy
        self.name = "hrm_router"

    @property
    def InputType(self) -> Any:
        """Text, a typed problem or its fields, a prompt, or chat messages."""
        return Any

    @property
    def OutputType(self) -> type[Answer]:
        """`Answer`."""
        return Answer

    def invoke(
        self,
        input: Asked,  # noqa: A002  LangChain's name
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Answer:
        """Answer one query.

        Raises:
            HrmAgentError: as `Router.solve` does.
        """
        return self._call_with_config(self._solve, input, config, run_type="chain", **kwargs)

    async def ainvoke(
        self,
        input: Asked,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> Answer:
        """Answer one query.

        Raises:
            HrmAgentError: as `Router.solve` does.
        """
        return await self._acall_with_config(
            self._asolve, input, config, run_type="chain", **kwargs
        )

    def _solve(
        self,
        asked: Asked,
        run_manager: CallbackManagerForChainRun,
        config: RunnableConfig,
        **options: Any,
    ) -> Answer:
        arguments = self._arguments(options)
        if not run_manager.handlers:
            return self.router.solve_sync(query_of(asked), **arguments)
        with closing(self.router.stream_sync(query_of(asked), **arguments)) as events:
            for event in events:
                if isinstance(event, Answered):
                    return event.answer
                dispatch_custom_event(*_told(event), config=config)
        raise AssertionError("a stream ends with its answer or raises")

    async def _asolve(
        self,
        asked: Asked,
        run_manager: AsyncCallbackManagerForChainRun,
        config: RunnableConfig,
        **options: Any,
    ) -> Answer:
        arguments = self._arguments(options)
        if not run_manager.handlers:
            return await self.router.solve(query_of(asked), **arguments)
        async with aclosing(self.router.stream(query_of(asked), **arguments)) as events:
            async for event in events:
                if isinstance(event, Answered):
                    return event.answer
                await adispatch_custom_event(*_told(event), config=config)
        raise AssertionError("a stream ends with its answer or raises")

    def _arguments(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return {"task": self.task, "policy": self.policy, **options}


def query_of(asked: Asked) -> Query:
    """What the router takes of what chains hand on."""
    if isinstance(asked, PromptValue):
        return asked.to_messages()
    return [asked] if isinstance(asked, BaseMessage) else asked


def _told(event: Event) -> tuple[str, Any]:
    return f"hrm_{event.kind}", to_jsonable_python(event)
