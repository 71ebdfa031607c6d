"""Several language models in order of preference: the first that works answers.

Knows nothing of what they are.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace

from hrm_router.errors import LLMError
from hrm_router.llm.protocol import LanguageModel, Reply, Request
from hrm_router.settings import Prices
from hrm_specialists.errors import ConfigError, Overloaded

PASSED_OVER = (LLMError, Overloaded)
SHARE = 0.5
"""Of the time left, what a model that has a successor may take until it answers."""


class FirstAvailable:
    """Ask the first model; where it fails, the next; a `LanguageModel`.

    Once text of a stream was handed out, there is no changing over. Each model
    that is asked counts as a call.

    Args:
        models: in order of preference, at least one.

    Raises:
        ConfigError: there is none.
    """

    def __init__(self, models: Iterable[LanguageModel]) -> None:
        self.models: Sequence[LanguageModel] = tuple(models)
        if not self.models:
            raise ConfigError("a list of LLMs must hold at least one")

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
        for model in self.models[:-1]:
            try:
                return await model.complete(_share(request))
            except PASSED_OVER:
                pass
        return await self.models[-1].complete(request)

    async def stream(self, request: Request) -> AsyncGenerator[str | Reply, None]:
        """The text of the first that says anything."""
        for model in self.models[:-1]:
            told = False
            try:
                first_by = _share(request)
                async with aclosing(model.stream(first_by)) as items:
                    async for item in items:
                        told = True
                        yield item
                return
            except PASSED_OVER:
                if told:
                    raise
        async with aclosing(self.models[-1].stream(request)) as items:
            async for item in items:
                yield item

    async def aclose(self) -> None:
        """Close them all."""
        for model in self.models:
            await model.aclose()


def _share(request: Request) -> Request:
    now = time.monotonic()
    return replace(request, deadline=now + SHARE * (request.deadline - now))
