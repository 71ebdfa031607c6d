"""The life of a question: read, decide, dispatch, check, fall back, compose.

One `Solving` answers one query for one router. Knows nothing of loops, threads,
streams or configuration; `router.py` owns these.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hrm_router.answer import Answer, Part
from hrm_router.call import Call
from hrm_router.composing import compose
from hrm_router.deciding import Decider, hint, near_misses
from hrm_router.decision import Decision, Evidence
from hrm_router.events import Decided, Solved, TextDelta
from hrm_router.fallback import Tools, solve_problem
from hrm_router.language import Language, with_solutions
from hrm_router.reading import (
    Message,
    Query,
    Reading,
    read_as,
    read_problem,
    read_text,
    sort_out,
    text_of,
)
from hrm_router.roster import Snapshot
from hrm_specialists.errors import HrmAgentError, MalformedTask

T = TypeVar("T")

INLINE = 4096
"""Longest text, in characters, that is read on the event loop itself."""
IN_FORM = "Give the answer in the form that is required."
"""What is left to ask where the caller wants a form that only the LLM can give."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query that was read and decided upon."""

    query: Query
    decision: Decision
    private: frozenset[str]
    """Tasks to keep from LLMs of which the query, or its chat, holds something."""


@dataclass(frozen=True, slots=True)
class Solving:
    """What a router has at the moment a query comes in."""

    snapshot: Snapshot
    decider: Decider
    tools: Tools
    language: Language | None

    async def ask(self, call: Call, query: object, task: str | None) -> Question:
        """Read and decide; calls no LLM.

        Raises:
            InvalidInput, UnknownSpecialist: the query cannot be worked on.
        """
        with call.timed("read") as note:
            asked = sort_out(query, named=task is not None)
            reading = await self._off_loop(asked, lambda: self._read(asked, task))
            secret = self.snapshot.private(call.policy.private)
            private = reading.touched & secret
            if secret and asked.messages:
                earlier = await self._off_loop(asked, lambda: self._touched(asked, secret))
                private |= earlier
            note(characters=len(asked.text), problems=len(reading.problems))
        with call.timed("decide") as note:
            decision = self._with_untrained(await self._decide(asked, reading, task))
            note(route=decision.route, task=decision.task, confidence=decision.confidence)
        call.note("decide", "router", decision.route, decision.reason)
        return Question(asked, decision, private)

    async def answer(
        self, call: Call, query: object, task: str | None, options: Mapping[str, Any] | None
    ) -> Answer:
        """Take a query through its whole life.

        Raises:
            HrmAgentError: it cannot be worked on, or all that was tried broke.
        """
        question = await self.ask(call, query, task)
        decision = question.decision
        if decision.unclear:
            decision = await self._clear_up(call, question, task)
        if decision.problems and not decision.residual and wants_form(options):
            decision = decision.model_copy(update={"route": "hybrid", "residual": IN_FORM})
        call.decision = decision
        await call.tell(Decided(decision))
        await self._solve_problems(call, question, decision)
        rest = len(decision.problems)
        if decision.residual or (not rest and decision.route != "none"):
            call.parts[rest] = await self._say(call, question, decision, options)
        elif not rest:
            call.parts[0] = _nothing(decision.reason)
        return compose(call, [call.parts[index] for index in sorted(call.parts)])

    async def _solve_problems(self, call: Call, question: Question, decision: Decision) -> None:
        allowed = call.policy.when_unverified == "llm"
        work = []
        for index, found in enumerate(decision.problems):
            secret = frozenset({found.task}) & self.snapshot.private(call.policy.private)
            language, why = self._language(call, question.private | secret)
            specialist = self.snapshot.specialists.get(found.task)
            if not allowed and specialist is not None:
                language, why = None, "the policy keeps unverified solutions from the LLM"
            task = self.snapshot.task(found.task)
            work.append(
                solve_problem(call, index, found, task, specialist, self.tools, language, why)
            )
        if len(work) == 1:
            await work[0]
        elif work:
            async with asyncio.TaskGroup() as group:
                for one in work:
                    group.create_task(one)
        for index in range(len(work)):
            await call.tell(Solved(index, call.parts[index]))

    async def _say(
        self,
        call: Call,
        question: Question,
        decision: Decision,
        options: Mapping[str, Any] | None,
    ) -> Part:
        """Answer what is language, with the solutions at hand."""
        language, why = self._language(call, question.private)
        if language is not None and decision.unclear and not self._may_share(call):
            language, why = None, "unclear text stays here while a private specialist is there"
        if language is None:
            call.note("llm", "llm", "left", why)
            return _nothing(why if decision.problems else f"{decision.reason}; {why}")
        messages: Sequence[Message] = question.query.messages or (
            {"role": "user", "content": question.query.text},
        )
        if decision.problems:
            solved = [call.parts[index] for index in sorted(call.parts)]
            messages = with_solutions(messages, solved, decision.residual)

        async def tell(text: str) -> None:
            await call.tell(TextDelta(text))

        try:
            reply = await language.say(
                call, messages, tell=tell if call.streams else None, options=options
            )
        except HrmAgentError as error:
            call.note("llm", language.name, "failed", str(error))
            call.errors.append(error)
            return Part(status="failed", by="none", reason=str(error), error=error.code)
        call.note("llm", language.name, "answered")
        if not reply.text.strip() and not reply.tool_calls:
            return Part(status="failed", by="none", reason="the LLM's reply was empty")
        calls = tuple(
            {
                "id": tool.id,
                "type": "function",
                "function": {"name": tool.name, "arguments": tool.arguments},
            }
            for tool in reply.tool_calls
        )
        return Part(
            status="answered",
            by="llm",
            text=reply.text,
            tool_calls=calls,
            finish_reason=reply.finish_reason,
        )

    async def _clear_up(self, call: Call, question: Question, task: str | None) -> Decision:
        """Let the LLM name the task and extract the problem, if it may."""
        decision = question.decision
        language, why = self._language(call, question.private)
        if not call.policy.ask_llm_to_route:
            language, why = None, "the policy does not let the LLM route"
        elif language is not None and not self._may_share(call):
            language, why = None, "unclear text stays here while a private specialist is there"
        if language is not None:
            tasks = [self.snapshot.task(name) for name in decision.suspects]
            try:
                with call.timed("decide"):
                    found, residual = await language.extract(call, question.query.text, tasks)
            except HrmAgentError as error:
                call.note("decide", language.name, "failed", str(error))
                why = f"the LLM could not be asked: {error}"
            else:
                names = ", ".join(one.task for one in found) or "no problem"
                call.note("decide", language.name, "answered", names)
                said = Evidence(signal="llm", detail=f"{language.name} found {names}")
                if found:
                    return Decision(
                        route="hybrid" if residual else "specialist",
                        task=found[0].task,
                        confidence=decision.confidence,
                        problems=found,
                        residual=residual,
                        evidence=(*decision.evidence, said),
                        reason=f"{language.name} found {names} in it",
                    )
                decision = decision.model_copy(
                    update={"unclear": False, "evidence": (*decision.evidence, said)}
                )
                why = f"{language.name} found no problem in it"
        else:
            call.note("decide", "llm", "left", why)
        if task is not None:
            nearly = near_misses(question.query.text, [self.snapshot.task(task)])
            raise MalformedTask(f"no problem of {task!r} found in the text{hint(nearly)}; {why}")
        if self.language is None:
            reason = f"{decision.reason}; {why}"
            return decision.model_copy(update={"route": "none", "reason": reason})
        return decision

    def _language(self, call: Call, private: frozenset[str]) -> tuple[Language | None, str]:
        """The LLM, or why it is not asked."""
        if self.language is None:
            return None, "no LLM is configured"
        if private:
            return None, f"{', '.join(sorted(private))} is private"
        if call.policy.max_llm_calls == 0:
            return None, "the policy allows no LLM calls"
        if not call.policy.local_only:
            return self.language, ""
        near = self.language.on_this_machine()
        if near is None:
            return None, f"{self.language.name} is not on this machine and the policy is local only"
        return near, ""

    def _may_share(self, call: Call) -> bool:
        return call.policy.share_unclear_text or not self.snapshot.private(call.policy.private)

    def _read(self, asked: Query, task: str | None) -> Reading:
        if task is not None:
            return read_as(asked, self.snapshot.task(task))
        if asked.problem is not None:
            return read_problem(asked.problem, self.snapshot.tasks)
        return read_text(asked.text, self.snapshot.tasks)

    def _touched(self, asked: Query, names: frozenset[str]) -> frozenset[str]:
        """Private tasks that claim something anywhere in the chat."""
        tasks = {name: task for name, task in self.snapshot.tasks.items() if name in names}
        touched: frozenset[str] = frozenset()
        for message in asked.messages:
            touched |= read_text(text_of(message), tasks).touched
        return touched

    async def _decide(self, asked: Query, reading: Reading, task: str | None) -> Decision:
        if task is None and asked.goes_on:
            why = "the chat went on after the user's message, which was taken up before"
            return Decision(
                route="llm",
                confidence=1.0,
                evidence=(Evidence(signal="caller", detail=why),),
                reason=why,
            )
        if task is None and asked.problem is None:
            if not self.decider.decides_at_once(asked.text, reading):
                return await self.tools.offload.run(
                    lambda: self.decider.decide(asked.text, reading)
                )
            return await self._off_loop(asked, lambda: self.decider.decide(asked.text, reading))
        said = "task" if task is not None else "typed problem"
        if reading.problems:
            return Decision(
                route="specialist",
                task=reading.problems[0].task,
                confidence=1.0,
                problems=reading.problems,
                evidence=(Evidence(signal="caller", task=task, detail=f"{said} given"),),
                reason=f"the caller gave the {said}",
            )
        assert task is not None, "a typed problem is always found"
        return Decision(
            route="llm",
            task=task,
            confidence=0.5,
            unclear=True,
            suspects=(task,),
            evidence=(Evidence(signal="caller", task=task, detail="task given"),),
            reason=f"the caller named {task!r}, but no problem of it stands in the text",
        )

    def _with_untrained(self, decision: Decision) -> Decision:
        """Say of which problems there is no specialist to take them."""
        missing = dict.fromkeys(
            found.task for found in decision.problems if found.task in self.snapshot.untrained
        )
        if not missing:
            return decision
        said = tuple(
            Evidence(signal="roster", task=name, detail="no trained specialist here; for the LLM")
            for name in missing
        )
        reason = f"{decision.reason}; no specialist is trained for {' and '.join(missing)} here"
        update = {"evidence": (*decision.evidence, *said), "reason": reason}
        return decision.model_copy(update=update)

    async def _off_loop(self, asked: Query, work: Callable[[], T]) -> T:
        """Run `work` here if the query is small, and on a thread if it is not."""
        size = len(asked.text) + sum(len(text_of(message)) for message in asked.messages)
        return work() if size <= INLINE else await self.tools.offload.run(work)


def wants_form(options: Mapping[str, Any] | None) -> bool:
    """Whether options for the LLM demand JSON or a tool call, and so no solution's text."""
    given = options or {}
    form = (given.get("response_format") or {}).get("type", "text")
    return form != "text" or given.get("tool_choice", "auto") not in ("auto", "none", None)


def _nothing(reason: str) -> Part:
    return Part(status="abstained", by="none", reason=reason)
