"""Several language models that answer as one, and what may be given as an LLM.

Of a list, the first that works answers. A chat goes on with the model that answered in
it before: an endpoint that has read a chat holds it in its prompt cache, and another one
would read, and bill, all of it again. Knows nothing of what the models are.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from enum import Enum
from inspect import getmro
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from hrm_router.errors import CallBudgetExceeded, LLMError
from hrm_router.llm.protocol import (
    ChatMessage,
    EitherWay,
    LanguageModel,
    Reply,
    Request,
    Tried,
    said_by,
)
from hrm_router.settings import Settings
from hrm_specialists.errors import ConfigError, HrmAgentError, Overloaded

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from hrm_router.llm.client import LLM


class _FromSettings(Enum):
    TOKEN = "the settings' endpoint"


FROM_SETTINGS = _FromSettings.TOKEN
"""Use the LLM that the settings name, if they name one."""

LLMs = LanguageModel | str | Sequence[Any] | _FromSettings | Any | None
"""An LLM, a URL, a LangChain chat model, several to try in order, or none."""

PASSED_OVER = (LLMError, Overloaded, CallBudgetExceeded)
SHARE = 0.5
"""Of the time left, what a model that has a successor may take until it answers."""
CHATS = 4096
"""Chats that are remembered, the latest."""


class Several(EitherWay):
    """What models that answer as one have in common; each is whatever may be given as an LLM."""

    def __init__(self, models: Iterable[Any]) -> None:
        self.models: tuple[LanguageModel, ...] = tuple(map(language_model, models))
        if not self.models:
            raise ConfigError("a list of LLMs must hold at least one")
        self.local, self.prices = all(one.local for one in self.models), self.models[0].prices
        self._lock = threading.Lock()
        self._chats: OrderedDict[bytes, LanguageModel] = OrderedDict()
        self._mark = uuid4().hex

    @property
    def name(self) -> str:
        """All their names, as far as they are known yet."""
        return ", else ".join(model.name for model in self.models)

    @property
    def identity(self) -> str:
        """The same for keys of caches; what has no name for good gets one of this process."""
        known = (getattr(one, "identity", f"{one.name} {self._mark}") for one in self.models)
        return ", else ".join(known)

    async def aclose(self) -> None:
        """Close them all."""
        for model in self.models:
            await model.aclose()

    def keep(self, messages: Sequence[ChatMessage], model: LanguageModel) -> None:
        """Note that `model` answered this chat."""
        *_, key = _beginnings(messages)
        with self._lock:
            self._chats[key] = model
            self._chats.move_to_end(key)
            while len(self._chats) > CHATS:
                self._chats.popitem(last=False)

    def who_knows(self, messages: Sequence[ChatMessage]) -> LanguageModel | None:
        """Who answered the longest beginning of this chat that was answered; None if nobody."""
        if len(messages) < 2:
            return None
        keys = list(_beginnings(messages[:-1]))
        with self._lock:
            return next((self._chats[key] for key in reversed(keys) if key in self._chats), None)


class FirstAvailable(Several):
    """Ask the first model; where it fails, the next; a `LanguageModel`.

    Once text of a stream was handed out, there is no changing over; the share of the
    time that a model gets ends when it begins to answer.

    Args:
        models: in order of preference, at least one; lists in it are taken apart.

    Raises:
        ConfigError: there is none.
    """

    def __init__(self, models: Iterable[Any]) -> None:
        super().__init__(models)
        apart = (one.models if isinstance(one, FirstAvailable) else (one,) for one in self.models)
        self.models = tuple(model for models in apart for model in models)

    async def _run(self, request: Request, *, stream: bool) -> AsyncGenerator[str | Reply, None]:
        """What the first says that works; the last one's error if none does."""
        tried: list[Tried] = []
        known = self.who_knows(request.messages)
        order = sorted(self.models, key=lambda model: model is not known)
        for model, spare in zip_longest(order, order[1:]):
            told, asked = False, request
            if spare is not None and stream:
                asked = replace(request, first_by=share_of(request))
            elif spare is not None:
                asked = replace(request, deadline=share_of(request))
            try:
                async with aclosing(said_by(model, asked, stream=stream)) as items:
                    async for item in items:
                        told = True
                        if isinstance(item, Reply):
                            self.keep(request.messages, model)
                            item = replace(item, tried=(*tried, *item.tried))
                        yield item
                return
            except PASSED_OVER as error:
                if told or spare is None:
                    raise
                tried.append(pass_over(request, model, error, spare))


def share_of(request: Request) -> float:
    """Until when a model that has a successor must have begun to answer."""
    now = time.monotonic()
    return now + SHARE * (min(request.deadline, request.first_by) - now)


def pass_over(
    request: Request, model: LanguageModel, error: HrmAgentError, spare: LanguageModel
) -> Tried:
    """Go on with `spare`, which may be asked once more than budgets allow, for `model` failed."""
    if not isinstance(error, CallBudgetExceeded):
        for budget in request.budgets:
            budget.fail_over(spare)
    return Tried(model.name, "failed", str(error))


def on_this_machine(model: LanguageModel) -> LanguageModel | None:
    """`model`, or those of several that are on this machine; None if there are none."""
    if model.local:
        return model
    if not isinstance(model, Several):
        return None
    near = [one for one in map(on_this_machine, model.models) if one is not None]
    return FirstAvailable(near) if near else None


def language_model(given: Any) -> LanguageModel:
    """The model that was given: a `LanguageModel`, a URL, LangChain's, or a list of these.

    Raises:
        ConfigError: it is none of these.
    """
    from hrm_router.llm.client import LLM

    if isinstance(given, str):
        return LLM(given)
    if isinstance(given, list | tuple):
        return FirstAvailable(given)
    if isinstance(given, LanguageModel) and not isinstance(given, type):
        return given
    kinds = {(one.__name__, one.__module__.partition(".")[0]) for one in getmro(type(given))}
    if ("BaseChatModel", "langchain_core") in kinds:  # told without importing LangChain
        from hrm_router.llm.langchain import LangChainModel

        return LangChainModel(cast("BaseChatModel", given))
    raise ConfigError(
        f"{type(given).__name__} is no LLM; give LLM(base_url, model), a URL, a LangChain chat "
        "model, or a list of these"
    )


def llm_from(given: LLMs, settings: Settings) -> LanguageModel | None:
    """The LLM that a router was given, or the one of its settings; None for neither."""
    if given is FROM_SETTINGS:
        return from_settings(settings)
    return None if given is None else language_model(given)


def from_settings(settings: Settings) -> LLM | None:
    """The endpoint that the settings name; None if they name none."""
    from hrm_router.llm.client import LLM

    url, key = settings.base_url, settings.api_key
    return LLM(url, settings.model, api_key=key, prices=settings.prices) if url else None


def _beginnings(messages: Sequence[ChatMessage]) -> Iterator[bytes]:
    """One key for each beginning of a chat."""
    running = hashlib.blake2b(digest_size=16)
    for message in messages:
        running.update(
            json.dumps([message.get("role"), message.get("content")], default=str).encode()
        )
        yield running.digest()
