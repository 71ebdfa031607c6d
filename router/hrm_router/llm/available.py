"""Several language models in order of preference: the first that works answers.

Knows nothing of what they are.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace

from hrm_router.errors import CallBudgetExceeded, LLMError
from hrm_router.llm.protocol import LanguageModel, Reply, Request
from hrm_router.llm.sticking import Sticking
from hrm_router.settings import Prices
from hrm_specialists.errors import ConfigError, Overloaded

PASSED_OVER = (LLMError, Overloaded, CallBudgetExceeded)
SHARE = 0.5
"""Of the time left, what a model that has a successor may take until it answers."""


class FirstAvailable:
    """Ask the first model; where it fails, the next; a `LanguageModel`.

    A chat goes on with the model that answered in it before, which may still hold
    what it read. Once text of a stream was handed out, there is no changing over;
    the share of the time that a model gets ends when it begins to answer.

    Args:
        models: in order of preference, at least one; lists in it are taken apart.

    Raises:
        ConfigError: there is none.
    """

    def __init__(self, models: Iterable[LanguageModel]) -> None:
        apart: list[LanguageModel] = []
        for model in models:
            apart.extend(model.models if isinstance(model, FirstAvailable) else [model])
        self.models: Sequence[LanguageModel] = tuple(apart)
        if not self.models:
            raise ConfigError("a list of LLMs must hold at least one")
        self._sticking = Sticking()

    @property
    def name(self) -> str:
        """All their names."""
        return ", else ".join(model.name for model in self.models)

    @property
    def local(self) -> bool:
        """Whether all of them are on this machine."""
        return all(model.local for model in self.models)

    @property
    def prices(self) -> Prices | None:
        """The first one's."""
        return self.models[0].prices

    async def complete(self, request: Request) -> Reply:
        """The reply of the first that gives one; the last one's error if none does."""
        *first, last = self._in_order(request)
        for model in first:
            try:
                reply = await model.complete(replace(request, deadline=_share(request)))
            except PASSED_OVER:
                continue
            self._sticking.keep(request.messages, model)
            return reply
        return await last.complete(request)

    async def stream(self, request: Request) -> AsyncGenerator[str | Reply, None]:
        """The text of the first that says anything."""
        *first, last = self._in_order(request)
        for model in (*first, last):
            told = False
            asked = request if model is last else replace(request, first_by=_share(request))
            try:
                async with aclosing(model.stream(asked)) as items:
                    async for item in items:
                        told = True
                        if isinstance(item, Reply):
                            self._sticking.keep(request.messages, model)
                        yield item
                return
            except PASSED_OVER:
                if told or model is last:
                    raise

    async def aclose(self) -> None:
        """Close them all."""
        for model in self.models:
            await model.aclose()

    def _in_order(self, request: Request) -> Sequence[LanguageModel]:
        """The models, the one that knows the chat first."""
        known = self._sticking.known(request.messages)
        if known is None:
            return self.models
        return (known, *(model for model in self.models if model is not known))


def _share(request: Request) -> float:
    now = time.monotonic()
    return now + SHARE * (min(request.deadline, request.first_by) - now)
