"""A user's own intents: phrases that lead to a function, a specialist, or just a name.

`IntentModel` (`intent_model.py`) says which intent a text means. Knows nothing of routes.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hrm_specialists.contract import Attempt, Effort, Task, Thought, Ticket
from hrm_specialists.errors import ConfigError
from hrm_specialists.specialist import Specialist

Handler = Callable[[str], Any] | Specialist | None
"""A function of the text (also `async`), a specialist that takes text, or None."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True)
class Intent:
    """A kind of text message, and what to do with one.

    Example:
        router.register(Intent("refund", phrases=["I want my money back", …], handler=refund))
    """

    name: str
    """Lower-case letters, digits, `-` and `_`."""
    phrases: Sequence[str] = ()
    """How people say it; twenty different ones do well."""
    handler: Handler = None
    """Called with the text; what it returns becomes the answer. None returns the name."""
    description: str = ""
    """One sentence for tool lists and language models."""
    threshold: float | None = None
    """Probability from which a text is this intent; fitted on the phrases by default."""
    private: bool = False
    """Keep such texts from language models."""

    def __post_init__(self) -> None:
        """Refuse what could never be routed."""
        if not _NAME.fullmatch(self.name):
            raise ConfigError(f"an intent's name is lower case, like 'refund', not {self.name!r}")
        if isinstance(self.phrases, str) or not any(map(str.strip, self.phrases)):
            raise ConfigError(f"intent {self.name!r} needs phrases, a list of texts")

    def specialist(self) -> Specialist:
        """The specialist that takes its texts."""
        task = IntentTask(self)
        threshold = self.threshold if self.threshold is not None else 0.5
        return Specialist(task, lambda: _Handling(self), private=self.private, threshold=threshold)


class Message(BaseModel):
    """A text that means an intent."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    text: str = Field(min_length=1)
    """The whole text."""
    confidence: float = Field(default=1.0, ge=0, le=1)
    """Probability that it means the intent; 1 where the caller says so."""


class Reply(BaseModel):
    """What an intent's handler returned."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    intent: str
    reply: Any = None
    """The handler's result; None where the intent has no handler."""


class IntentTask(Task[Message, Reply]):
    """The task of one intent: it takes whole texts and claims no part of any."""

    Problem, Solution = Message, Reply

    def __init__(self, intent: Intent) -> None:
        self.intent = intent
        self.name, self.description = intent.name, intent.description

    def read(self, text: str) -> list[Any]:
        """Nothing: the wording decides, see `IntentModel`."""
        return []

    def parse(self, given: Any) -> Message:
        """A text is a message."""
        return Message(text=given) if isinstance(given, str) else super().parse(given)

    def render(self, problem: Message, solution: Reply | None = None) -> str:
        """The handler's words, or the intent's name."""
        if solution is None:
            return problem.text
        said = solution.reply
        if said is None:
            return solution.intent
        return said if isinstance(said, str) else json.dumps(said, default=str, ensure_ascii=False)


class _Handling:
    """Calls an intent's handler on threads of its own; a `Solver`."""

    def __init__(self, intent: Intent) -> None:
        self._intent = intent
        self._threads = ThreadPoolExecutor(4, f"hrm-intent-{intent.name}")

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> Ticket:
        """Queue one call."""
        assert isinstance(problem, Message)
        return _Place(self._threads.submit(self._handle, problem))

    def close(self) -> None:
        """Let calls under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if isinstance(self._intent.handler, Specialist):
            self._intent.handler.close()

    def _handle(self, message: Message) -> Attempt:
        began = time.monotonic()
        handler, confidence = self._intent.handler, message.confidence
        reply: Any = None
        if isinstance(handler, Specialist):
            attempt = handler.solve(handler.task.parse(message.text))
            if attempt.solution is not None:
                reply = attempt.solution.model_dump(mode="json")
            confidence = min(confidence, attempt.confidence)
        elif handler is not None:
            reply = handler(message.text)
            if inspect.isawaitable(reply):
                reply = asyncio.run(_awaited(reply))
        if isinstance(reply, BaseModel):
            reply = reply.model_dump(mode="json")
        return Attempt(
            solution=Reply(intent=self._intent.name, reply=reply),
            verdict=None,
            confidence=confidence,
            segments=0,
            starts=1,
            seconds=time.monotonic() - began,
            reason="confident",
        )


async def _awaited(reply: Any) -> Any:
    return await reply


@dataclass(frozen=True, slots=True)
class _Place:
    future: Future[Attempt]

    def withdraw(self) -> None:
        """Give the place up, if the call has not begun."""
        self.future.cancel()
