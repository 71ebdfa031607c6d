"""A cheap language model, and a strong one for what the cheap one is not sure of.

Each reply of the cheap model gets a score from 0 to 1; below a threshold the strong
model is asked (FrugalGPT, arXiv:2305.05176). The threshold is fitted on labelled queries
so that few right answers of the strong model are lost, with an upper bound that holds
with known confidence (risk-controlling prediction sets, arXiv:2101.02703). Where a
checker or a schema judges a reply, a refused one goes to the strong model without any
score. Knows nothing of endpoints.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any

from hrm_router.llm import strict_json
from hrm_router.llm.calling import left
from hrm_router.llm.protocol import (
    ChatMessage,
    LanguageModel,
    Reply,
    Request,
    Tokens,
    Tried,
    said_by,
)
from hrm_router.llm.several import PASSED_OVER, Several, pass_over, share_of
from hrm_router.watching import side_by_side
from hrm_specialists.errors import ConfigError, InvalidInput
from hrm_specialists.evaluation.reliability import lower_bound

log = logging.getLogger(__name__)

Ask = Callable[[Request], Awaitable[Reply]]
"""Asks the cheap model once more."""
Score = Callable[[Ask, Request, Reply], Awaitable[float]]
"""How sure a reply of the cheap model is, 0 to 1."""
CHANCE = 0.1
"""That more is lost than `Cascade.fit` promises."""


async def agreement(ask: Ask, request: Request, reply: Reply) -> float:
    """How well a second reply, sampled freely, agrees with the first.

    Exactly for JSON and tool calls; for a text, the share of words in common (F1).
    Source: answer consistency, arXiv:2310.03094.
    """
    fixed = ("temperature", "top_p", "seed")
    options = {name: value for name, value in request.options.items() if name not in fixed}
    other = await ask(replace(request, options=options))
    if request.schema is not None or reply.tool_calls:
        return float((reply.json, _calls(reply)) == (other.json, _calls(other)))
    ours, theirs = (Counter(one.text.casefold().split()) for one in (reply, other))
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


@dataclass(frozen=True, slots=True)
class Point:
    """What one threshold does to the queries that a cascade was fitted on."""

    threshold: float
    kept: float
    """Share of the queries that the cheap model answers."""
    right: float
    """Share that is answered right."""
    lost: float
    """Share that the strong model would answer right, and the cheap one does not."""
    lost_at_most: float
    """The same for other queries of the kind: an upper bound."""
    cost: float | None
    """In parts of what the strong model alone costs; None where prices are unknown."""


@dataclass(frozen=True, slots=True)
class CascadeStats:
    """What a cascade has done so far."""

    asked: int = 0
    passed_on: int = 0
    """Of these, what the strong model was asked."""


class Cascade(Several):
    """Ask a cheap model, and a strong one where that is not sure; a `LanguageModel`.

    A chat that the strong model has answered in stays with it. A stream shows the cheap
    model's text once it is judged. Every request counts in the budgets. Where the strong
    model cannot be asked, the cheap one's reply is better than none.

    Example:
        cascade = Cascade("http://localhost:8000/v1", LLM(url, "large", api_key=key))
        curve = await cascade.fit(labelled, lost=0.02)
        router = Router(llm=cascade)

    Args:
        cheap: anything that may be given as an LLM.
        strong: the same; another cascade makes three steps.
        threshold: scores from here on are sure enough: 0 keeps all, 1 only what is
            quite sure. `fit` sets it.
        score: `agreement` asks once more and compares; or a function of your own.

    Raises:
        ConfigError: something is no LLM or no score.
    """

    def __init__(
        self, cheap: Any, strong: Any, *, threshold: float = 1.0, score: Score = agreement
    ) -> None:
        super().__init__([cheap, strong])
        if not callable(score):
            raise ConfigError(f"score is a function, such as `agreement`, not {score!r}")
        self.threshold, self._score = threshold, score
        self.stats = CascadeStats()
        """What it has done so far."""

    @property
    def identity(self) -> str:
        """Both models' and the threshold."""
        return f"{super().identity}, from {self.threshold}"

    async def _run(self, request: Request, *, stream: bool) -> AsyncGenerator[str | Reply, None]:
        """The cheap model's reply, in one piece, or what the strong one says."""
        cheap, strong = self.models
        spent, tried = list[Reply](), list[Tried]()
        if not await self._is_sure(request, spent, tried):
            told = False
            try:
                async with aclosing(said_by(strong, request, stream=stream)) as items:
                    async for item in items:
                        told = True
                        if isinstance(item, Reply):
                            item = self._ended(request, strong, item, [*spent, item], tried)
                        yield item
                return
            except PASSED_OVER as error:
                if told or not spent:
                    raise
                tried.append(Tried(strong.name, "failed", f"{error}; kept {cheap.name}'s"))
        reply = self._ended(request, cheap, spent[0], spent, tried)
        if stream and reply.text:
            yield reply.text
        yield reply

    async def fit(
        self,
        examples: Iterable[tuple[str | Sequence[ChatMessage], Any]],
        *,
        lost: float = 0.05,
        right: Callable[[Reply, Any], bool] | None = None,
        at_once: int = 8,
        seconds: float = 120.0,
    ) -> tuple[Point, ...]:
        """Ask both models, and set the lowest threshold at which little enough is lost.

        Args:
            examples: queries, a text or a chat each, and what is right.
            lost: most queries, as a share, whose right answer by the strong model may be
                lost to a wrong one by the cheap model. The bound holds with 90 % confidence
                for queries like the examples. This is the knob: more is cheaper.
            right: whether a reply is right; without it, whether the expected text is in it.
            at_once: queries under way at a time.
            seconds: for each call of a model.

        Returns:
            What each threshold would do, the strictest first.

        Raises:
            InvalidInput: there are too few examples for such a small loss.
            LLMError, Overloaded: a model cannot be asked.
        """
        given = list(examples)
        needed = math.ceil(math.log(CHANCE) / math.log1p(-lost)) if 0 < lost < 1 else math.inf
        if len(given) < needed:
            raise InvalidInput(
                f"to lose {lost:g} at most takes {needed:g} examples or more, not {len(given)}"
            )
        judge = right or _holds

        async def measure(example: tuple[str | Sequence[ChatMessage], Any]) -> _Row:
            query, expected = example
            chat = [{"role": "user", "content": query}] if isinstance(query, str) else query
            spent, score = list[Reply](), 0.0
            with suppress(*PASSED_OVER):  # then the strong model would be asked
                score = await self._scored(Request(chat, time.monotonic() + seconds), spent)
            strong = await self.models[1].complete(Request(chat, time.monotonic() + seconds))
            good = bool(spent) and judge(spent[0], expected)
            return _Row(score, good, judge(strong, expected), _cost(spent), strong.cost)

        async with aclosing(side_by_side(measure, given, at_once)) as ended:
            rows = [row async for _, row in ended]
        thresholds = sorted({math.inf, *(row.score for row in rows)}, reverse=True)
        curve = tuple(_point(threshold, rows) for threshold in thresholds)
        self.threshold = min(point.threshold for point in curve if point.lost_at_most <= lost)
        return curve

    async def _is_sure(self, request: Request, spent: list[Reply], tried: list[Tried]) -> bool:
        """Ask the cheap model, unless the strong one is needed; whether its reply will do.

        Its reply is the first of `spent`, and replies to the score follow.
        """
        cheap, strong = self.models
        if request.refused or self.who_knows(request.messages) is strong:
            return False
        try:
            until, unasked = share_of(request), request.checked or self.threshold <= 0
            asked = replace(request, deadline=until, first_by=until)
            score = await self._scored(asked, spent, unasked=unasked)
        except PASSED_OVER as error:
            tried.append(pass_over(request, cheap, error, strong))
            return False
        kept = score >= self.threshold
        sure = f"score {score:.2f}, sure from {self.threshold:.2f}" if score < math.inf else ""
        tried.append(Tried(cheap.name, "kept" if kept else "passed on", sure))
        return kept

    async def _scored(
        self, request: Request, spent: list[Reply], *, unasked: bool = False
    ) -> float:
        """Ask the cheap model, and judge what it says; what fits no form is not sure at all.

        Args:
            unasked: take the rest for sure without a score.
        """

        async def ask(request: Request) -> Reply:
            spent.append(await self.models[0].complete(request))
            return spent[-1]

        reply = await ask(request)
        if reply.finish_reason == "length" or not (reply.text.strip() or reply.tool_calls):
            return 0.0
        if request.schema is not None and reply.json is None and not reply.tool_calls:
            return 0.0
        if unasked:
            return math.inf
        try:
            async with asyncio.timeout(left(request.deadline)):
                score = float(await self._score(ask, request, reply))
        except PASSED_OVER:
            raise
        except Exception as error:  # somebody's own score may raise anything
            log.warning("the score of %s failed: %r", self.name, error)
            score = math.nan
        return score if 0 <= score <= 1 else 0.0

    def _ended(
        self,
        request: Request,
        used: LanguageModel,
        reply: Reply,
        every: Sequence[Reply],
        tried: Sequence[Tried],
    ) -> Reply:
        """The reply of `used` with all that it took, counted."""
        self.keep(request.messages, used)
        with self._lock:
            asked = self.stats.asked + (not request.refused)
            passed_on = self.stats.passed_on + (used is self.models[1])
            self.stats = CascadeStats(asked, passed_on)
        return replace(
            reply,
            tokens=sum((one.tokens for one in every), Tokens()),
            cost=_cost(every),
            attempts=sum(one.attempts for one in every),
            tried=(*tried, *reply.tried),
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """One labelled query: how sure the cheap model was, who was right, what it cost."""

    score: float
    cheap: bool
    strong: bool
    cheap_cost: float | None
    strong_cost: float | None


def _point(threshold: float, rows: Sequence[_Row]) -> Point:
    kept = [row for row in rows if row.score >= threshold]
    passed = [row for row in rows if row.score < threshold]
    lost, count = sum(row.strong and not row.cheap for row in kept), len(rows)
    right = sum(row.cheap for row in kept) + sum(row.strong for row in passed)
    whole = sum(row.strong_cost or 0.0 for row in rows)
    spent = sum(row.cheap_cost or 0.0 for row in rows) + sum(
        row.strong_cost or 0.0 for row in passed
    )
    return Point(
        threshold=threshold,
        kept=len(kept) / count,
        right=right / count,
        lost=lost / count,
        lost_at_most=1 - lower_bound(count - lost, count, CHANCE),
        cost=spent / whole if whole else None,
    )


def _cost(replies: Sequence[Reply]) -> float | None:
    """What replies cost together; None where no price is known."""
    costs = [reply.cost for reply in replies if reply.cost is not None]
    return sum(costs) if costs else None


def _calls(reply: Reply) -> list[tuple[str, Any]]:
    """The tools that a reply calls, comparable."""
    return [(call.name, strict_json.find(call.arguments)) for call in reply.tool_calls]


def _holds(reply: Reply, expected: Any) -> bool:
    """Whether the expected text stands in a reply, its words in a row."""
    said, wanted = (re.findall(r"\w+", str(one).casefold()) for one in (reply.text, expected))
    return f" {' '.join(wanted)} " in f" {' '.join(said)} "
