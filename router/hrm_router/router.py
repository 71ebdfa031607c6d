"""The router: every query to whoever can do it, and honest about the rest.

The public face of this floor. How a question is answered stands in
`answering.py`; here are the ways in (one, many, streamed, synchronous), the
specialists, and the end.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from pydantic import BaseModel

from hrm_router.answer import Answer, failed
from hrm_router.answering import Answering
from hrm_router.attempting import Shared
from hrm_router.deciding import Decider, LabelledQuery, decider_for
from hrm_router.decision import Decision
from hrm_router.errors import DeadlineExceeded
from hrm_router.events import Answered, Event
from hrm_router.intent_model import IntentModel
from hrm_router.learning import Learning
from hrm_router.lifecycle import Lifecycle, on_class_too
from hrm_router.llm.budgets import Budget
from hrm_router.llm.cascade import Cascade
from hrm_router.llm.several import FROM_SETTINGS, LLMs, llm_from
from hrm_router.offload import Background
from hrm_router.policy import Policy
from hrm_router.reuse import Reuse, identity_of
from hrm_router.roster import Roster, Snapshot, Wanted
from hrm_router.settings import Settings
from hrm_router.solve import Solve
from hrm_router.stats import Ledger, Stats
from hrm_router.watching import Observer, OnEvent, events_of, side_by_side, stepwise
from hrm_specialists.contract import Task
from hrm_specialists.errors import HrmAgentError, InvalidInput
from hrm_specialists.specialist import Specialist

if TYPE_CHECKING:
    from hrm_router.traffic.growth import Grow
    from hrm_router.traffic.record import Traffic

Query = str | BaseModel | Mapping[str, Any] | Sequence[Any]
"""Text, a typed problem (or its fields), or a list of chat messages."""
AT_ONCE = 64
"""Queries that `solve_many` has under way at once."""
GRACE = 5.0
"""Seconds that closing waits for solves under way."""


class How(TypedDict, total=False):
    """What `solve` takes besides, and so does everything that solves."""

    llm_options: Mapping[str, Any] | None
    output_type: type[BaseModel] | None


class Router(Learning):
    """Answer queries with specialists, an LLM, or both.

    On the class, methods use a process-wide default router: `Router.solve(…)`.

    Args:
        specialists: names of installed ones, folders, `Specialist` objects;
            None takes all that are installed.
        llm: an `LLM`, a bare URL, a LangChain chat model, a list of these to
            try in order, or None for none; the settings' one by default.
        policy: limits for every solve that brings none of its own.
        settings: configuration; from the environment and the user's file by
            default.
        on_event: told every event of every solve, in a `Told`: a function, which
            is called on a thread of its own, or an `async def`, which runs
            beside the solve. It cannot harm or hold up a solve.
        record: where calls of the LLM are recorded; None records nothing. The router
            closes it.
        grow: how specialists that were distilled from recorded calls are tried and
            promoted; needs `record`.
        cache: how many verified or accepted answers of specialists to keep for equal
            problems under equal limits; equal ones that come meanwhile wait for the first.
        budgets: shared by all solves whose policy names one, `Policy(budget="tenant")`.
        watts: what this machine is taken to draw while a specialist thinks,
            for the energy estimate in `stats`.

    Raises:
        ConfigError, UnknownSpecialist, CheckpointError: something named here
            cannot be used.
    """

    def __init__(
        self,
        specialists: Iterable[Wanted] | None = None,
        *,
        llm: LLMs = FROM_SETTINGS,
        policy: Policy | None = None,
        settings: Settings | None = None,
        on_event: OnEvent | None = None,
        watts: float = 65.0,
        record: Traffic | None = None,
        grow: Grow | None = None,
        cache: int = 0,
        budgets: Mapping[str, Budget] | None = None,
    ) -> None:
        self.settings = settings if settings is not None else Settings.load()
        self.policy = self.settings.policy
        self.policy = self._limits(policy)
        self._llm = llm_from(llm, self.settings)
        self._held: dict[Solve, Snapshot] = {}
        self._roster = Roster(specialists, self.settings, lambda: list(self._held.values()))
        self._kit = Shared(
            recorder=self._recorder(record, grow), reuse=Reuse(cache) if cache else None
        )
        self.budgets = dict(budgets or {})
        self._ledger = Ledger(self._llm.prices if self._llm else None, watts)
        self._observer = Observer(on_event) if on_event is not None else None
        self._lifecycle = Lifecycle()
        self._background = Background()
        self._decider: tuple[Snapshot, Decider] | None = None
        self._lessons: tuple[LabelledQuery, ...] = ()
        self._learned: IntentModel | None = None

    @on_class_too
    async def solve(
        self,
        query: Query,
        task: str | None = None,
        policy: Policy | None = None,
        *,
        llm_options: Mapping[str, Any] | None = None,
        output_type: type[BaseModel] | None = None,
    ) -> Answer:
        """Answer one query.

        Args:
            query: text, a typed problem, or chat messages, of which the last
                user message is read; with `task`, also a problem that is a list.
            task: the task that the query is a problem of, if that is known.
            policy: limits for this solve.
            llm_options: passed through to the LLM where it answers in language
                (`tools`, `response_format`, `temperature`, …).
            output_type: a pydantic model that the LLM's own answer shall be an instance of;
                it stands in the part's `output`. The LLM is asked once more with what was
                wrong; an answer that is none even then is `unverified`.

        Raises:
            InvalidInput: the query cannot be worked on as it is.
            UnknownSpecialist: there is no specialist `task`, or for this problem.
            Overloaded: too much is going on; nothing was done.
            DeadlineExceeded: the deadline passed and there is nothing to show.
            SpecialistError, LLMError: all that could be tried broke.
            LifecycleError: the router was closed, or forked after use.
        """
        return await self._solve(
            query, task, policy, llm_options=llm_options, output_type=output_type
        )

    @on_class_too
    def solve_sync(
        self,
        query: Query,
        task: str | None = None,
        policy: Policy | None = None,
        **how: Unpack[How],
    ) -> Answer:
        """`solve` for callers that cannot await; also inside a running loop."""
        self._lifecycle.use()
        return self._background.run(partial(self._solve, query, task, policy, **how))

    @on_class_too
    async def solve_many(
        self,
        queries: Iterable[Query],
        task: str | None = None,
        policy: Policy | None = None,
        *,
        at_once: int = AT_ONCE,
        within: float | None = None,
        **how: Unpack[How],
    ) -> list[Answer]:
        """Answer many queries, `at_once` at a time; the answers are in their order.

        A query that ends in an error gets a `failed` answer with the error's
        code; the others are not affected.

        Args:
            within: seconds for all of them together; those that are not done by then
                fail with `deadline_exceeded`.
            how: `llm_options` and `output_type`, as for `solve`.
        """
        each = self.as_completed(queries, task, policy, at_once=at_once, within=within, **how)
        answers: dict[int, Answer] = {}
        async with aclosing(each) as ended:
            async for number, answer in ended:
                answers[number] = answer if isinstance(answer, Answer) else failed(answer)
        return [answers[number] for number in sorted(answers)]

    @on_class_too
    async def as_completed(
        self,
        queries: Iterable[Query],
        task: str | None = None,
        policy: Policy | None = None,
        *,
        at_once: int = AT_ONCE,
        within: float | None = None,
        **how: Unpack[How],
    ) -> AsyncGenerator[tuple[int, Answer | HrmAgentError], None]:
        """Answer many queries; yields each query's number and its answer, or error, as it ends.

        Leaving early stops the work. Arguments are those of `solve_many`.

        Example:
            async for number, answer in router.as_completed(queries): ...
        """
        limits = self._limits(policy)
        until = math.inf if within is None else time.monotonic() + within

        async def one(query: Query) -> Answer | HrmAgentError:
            left = until - time.monotonic()
            if left <= 0:
                return DeadlineExceeded(f"the {within:g} s for all queries passed")
            own = limits.model_copy(update={"deadline": min(left, limits.deadline)})
            try:
                return await self._solve(query, task, own, **how)
            except HrmAgentError as error:
                return error

        async with aclosing(side_by_side(one, queries, at_once)) as ended:
            async for numbered in ended:
                yield numbered

    @on_class_too
    def stream(
        self,
        query: Query,
        task: str | None = None,
        policy: Policy | None = None,
        **how: Unpack[How],
    ) -> AsyncGenerator[Event, None]:
        """`solve`, told as it happens; leaving early stops the work.

        With `output_type`, the LLM's text comes in one piece, once it has been checked.

        Raises:
            HrmAgentError: as `solve` does, from the iteration.
        """
        return events_of(partial(self._solve, query, task, policy, **how))

    @on_class_too
    def stream_sync(
        self,
        query: Query,
        task: str | None = None,
        policy: Policy | None = None,
        **how: Unpack[How],
    ) -> Generator[Event, None, None]:
        """`stream` for callers that cannot await; leaving early stops the work."""
        self._lifecycle.use()
        return stepwise(self._background.run, self.stream(query, task, policy, **how))

    @on_class_too
    async def route(
        self, query: Query, task: str | None = None, policy: Policy | None = None
    ) -> Decision:
        """Decide only, with evidence; solves nothing and asks no LLM.

        Raises:
            InvalidInput, UnknownSpecialist: as `solve` does.
        """
        solve = Solve(self._limits(policy), budgets=self.budgets)

        async def ask() -> Decision:
            known = await self._ready()
            return await Answering(solve, known, self._kit, self._llm).ask(query, task)

        return await solve.run(self._lifecycle, ask(), solve.nothing_yet)

    @on_class_too
    def route_sync(
        self, query: Query, task: str | None = None, policy: Policy | None = None
    ) -> Decision:
        """`route` for callers that cannot await; also inside a running loop."""
        self._lifecycle.use()
        return self._background.run(partial(self.route, query, task, policy))

    @on_class_too
    async def warm(self) -> None:
        """Load every specialist and train the text classifier now.

        Raises:
            HrmAgentError: one cannot be loaded.
        """

        async def work() -> None:
            snapshot, decider = await self._ready()
            for specialist in snapshot.specialists.values():
                await self._kit.warm(specialist)
            await self._kit.offload.run(decider.prepare)

        await self._lifecycle.run(work())

    @on_class_too
    def register(self, specialist: Wanted, *, replace: bool = False) -> Specialist:
        """Add a specialist, by name, folder or itself; solves under way go on.

        Raises:
            ConfigError: the name is taken and `replace` is not set.
            UnknownSpecialist, CheckpointError: it cannot be found or loaded.
        """
        self._lifecycle.use()
        return self._roster.register(specialist, replace=replace)

    def refresh(self) -> list[str]:
        """Look again for what has been trained, installed or removed; solves under way go on.

        A new version, plug-in or folder takes the place of what was found under its name before,
        once it is loaded; what cannot be loaded is named in `broken`. A specialist whose folder
        was removed, or that was demoted, answers no longer. A router that was told which
        specialists to take follows their versions alone.

        Returns:
            The names under which another specialist answers from now on, or none.
        """
        self._lifecycle.use()
        return self._roster.refresh()

    @on_class_too
    def unregister(self, name: str) -> Specialist:
        """Take a specialist out; solves under way go on with it.

        Raises:
            UnknownSpecialist: there is none of that name.
        """
        self._lifecycle.use()
        return self._roster.unregister(name)

    @on_class_too
    def stats(self) -> Stats:
        """What was done so far, by route."""
        reuse, more = self._kit.reuse, self._grown()
        if reuse is not None:
            more |= {"cache_hits": reuse.hits, "joined": reuse.joined}
        if isinstance(self._llm, Cascade):
            more["cascade"] = self._llm.stats
        return self._ledger.snapshot(**more)

    @property
    def specialists(self) -> Mapping[str, Specialist]:
        """Name to specialist, as they are now."""
        return dict(self._roster.snapshot().specialists)

    @property
    def broken(self) -> Mapping[str, str]:
        """Installed specialists that could not be loaded, and why."""
        return dict(self._roster.snapshot().broken)

    @property
    def untrained(self) -> Mapping[str, Task[Any, Any]]:
        """Tasks whose problems are found and checked here, but left to the LLM to solve."""
        return dict(self._roster.snapshot().untrained)

    @property
    def tasks(self) -> Mapping[str, Task[Any, Any]]:
        """Name to task; what `Answer.load` wants."""
        return dict(self._roster.snapshot().tasks)

    @property
    def identity(self) -> dict[str, Any]:
        """What its answers depend on, as plain data: for the keys of caches."""
        return identity_of(self.specialists, self._llm, self.policy)

    @classmethod
    def configure(
        cls,
        specialists: Iterable[Wanted] | None = None,
        *,
        llm: LLMs = FROM_SETTINGS,
        policy: Policy | None = None,
        settings: Settings | None = None,
        on_event: OnEvent | None = None,
    ) -> Router:
        """Set the default router; the previous one ends when its solves have."""
        router = cls(specialists, llm=llm, policy=policy, settings=settings, on_event=on_event)
        cls._replace_default(router)
        return router

    async def aclose(self, *, grace: float = GRACE) -> None:
        """Take no more queries, let those under way finish, and release everything.

        May be called again, also where an earlier call was cancelled.

        Args:
            grace: seconds to wait before solves under way end with `RouterClosed`.
        """
        if self._lifecycle.forked:
            return
        await self._lifecycle.close(grace)  # each step may be repeated, where one was cancelled
        await asyncio.to_thread(self._roster.close)
        await asyncio.to_thread(self._background.stop, self._close_llm)
        await self._close_llm()
        self._kit.offload.close()
        if self._kit.recorder is not None:
            await asyncio.to_thread(self._kit.recorder.close)
        if self._observer is not None:
            await self._observer.aclose(grace)

    def __repr__(self) -> str:
        names = ", ".join(self._roster.now.specialists) if self._roster.is_open else "…"
        llm = self._llm.name if self._llm is not None else None
        return f"Router(specialists=[{names}], llm={llm})"

    async def _solve(
        self,
        query: Query,
        task: str | None,
        policy: Policy | None,
        *,
        llm_options: Mapping[str, Any] | None = None,
        output_type: type[BaseModel] | None = None,
        tell: Callable[[Event], Awaitable[None]] | None = None,
        show: Callable[[Event], None] | None = None,
    ) -> Answer:
        solve = Solve(
            self._limits(policy),
            tell=tell,
            show=show,
            observe=self._observer.feed if self._observer is not None else None,
            ledger=self._ledger,
            budgets=self.budgets,
        )

        async def answer() -> Answer:
            known = await self._ready()
            self._held[solve] = known[0]
            how = (self._kit, self._llm, llm_options, output_type)
            try:
                return await Answering(solve, known, *how).answer(query, task)
            finally:
                del self._held[solve]
                if known[0] is not self._roster.now:
                    self._roster.release()

        try:
            with solve.span("hrm.solve", solve_id=solve.id) as note:
                answered = await solve.run(self._lifecycle, answer(), solve.late_answer)
                note(route=answered.route, status=answered.status, llm_calls=solve.usage.llm_calls)
        except Exception as error:
            if isinstance(error, HrmAgentError):
                self._ledger.add_error(error.code)
            solve.failed(error)
            raise
        self._ledger.add(answered, solve.thinking_seconds)
        await solve.tell(Answered(answered))
        return answered

    def _limits(self, policy: Policy | None) -> Policy:
        if policy is None:
            return self.policy
        if not isinstance(policy, Policy):
            kind = type(policy).__name__
            raise InvalidInput(f"a policy is a Policy, not a {kind}; write Policy(deadline=5.0)")
        return policy

    async def _close_llm(self) -> None:
        if self._llm is not None:
            await self._llm.aclose()

    async def _ready(self) -> tuple[Snapshot, Decider]:
        """The specialists as they are now and their decider; looks for them the first time."""
        roster, known = self._roster, self._decider
        snapshot = roster.now if roster.is_open else await self._kit.offload.run(roster.snapshot)
        if known is None or known[0] is not snapshot:
            decider = decider_for(snapshot.tasks.values(), self._lessons, self._learned)
            known = self._decider = (snapshot, decider)
        return known
