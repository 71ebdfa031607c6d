"""The life of a question: read, decide, dispatch, check, fall back, compose.

One `Answering` answers queries for one router. Knows nothing of loops, threads,
streams or configuration; `router.py` owns these.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel

from hrm_router.answer import Answer, Part
from hrm_router.attempting import Shared, solve_problem
from hrm_router.deciding import NEARLY, Decider, doubted, hint, near_misses
from hrm_router.decision import Decision, Evidence, FoundProblem
from hrm_router.disclosure import Disclosure, private_tasks
from hrm_router.events import Decided, Solved
from hrm_router.language import Language
from hrm_router.offload import VALUE, plain, size
from hrm_router.reading import (
    MAX_CHARACTERS,
    Message,
    Query,
    Reading,
    read_as,
    read_problem,
    read_text,
    sort_out,
)
from hrm_router.roster import Snapshot
from hrm_router.saying import in_form, say, settle
from hrm_router.solve import Solve
from hrm_specialists.errors import HrmAgentError, MalformedTask, TaskTooLarge

T = TypeVar("T")

INLINE = 4096
"""Largest query, in characters, that is read on the event loop itself, where all
tasks read at once."""
IN_FORM = "Give the answer in the form that is required."
"""What is left to ask where the caller wants a form that only the LLM can give."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query that was read and decided upon."""

    query: Query
    decision: Decision
    touched: frozenset[str] = frozenset()
    """Tasks that claimed anything in it."""
    disclosure: Disclosure = field(default_factory=Disclosure)
    """What of it an LLM may see; `Answering.answer` looks."""


@dataclass(frozen=True, slots=True)
class Answering:
    """What a router has at the moment a query comes in."""

    snapshot: Snapshot
    decider: Decider
    shared: Shared
    language: Language | None

    async def ask(self, solve: Solve, query: object, task: str | None) -> Question:
        """Read and decide; calls no LLM.

        Raises:
            InvalidInput, UnknownSpecialist: the query cannot be worked on.
        """
        with solve.timed("read") as note:
            small = size(query, INLINE) <= INLINE
            asked = await self._off_loop(
                small or isinstance(query, str), lambda: sort_out(query, named=task is not None)
            )
            if size(asked.problem, MAX_CHARACTERS) > MAX_CHARACTERS:
                raise TaskTooLarge(
                    f"a typed problem of more than {MAX_CHARACTERS // VALUE} values or "
                    f"{MAX_CHARACTERS} characters"
                )
            at_once = small and self.snapshot.reads_at_once
            reading = await self._off_loop(at_once, lambda: self._read(asked, task))
            private_tasks(self.snapshot, solve.policy)
            note(characters=len(asked.text), problems=len(reading.problems))
        with solve.timed("decide") as note:
            decision = self._with_untrained(await self._decide(asked, reading, task, at_once))
            note(route=decision.route, task=decision.task, confidence=decision.confidence)
        solve.note("decide", "router", decision.route, decision.reason)
        return Question(asked, decision, touched=reading.touched)

    async def answer(
        self,
        solve: Solve,
        query: object,
        task: str | None,
        options: Mapping[str, Any] | None,
        form: type[BaseModel] | None = None,
    ) -> Answer:
        """Take a query through its whole life.

        Args:
            form: the model that what an LLM says shall be an instance of.

        Raises:
            HrmAgentError: it cannot be worked on, or all that was tried broke.
        """
        plain(options, "llm_options")
        if form is not None:
            options = in_form(form, options)
        question = await self._disclosing(solve, await self.ask(solve, query, task), options)
        grown = await self._grown(solve, question, options)
        if grown is not None:
            return grown
        decision = question.decision
        if decision.unclear and not decision.problems:
            decision = await self._clear_up(solve, question, task)
        if decision.problems and not decision.residual and wants_form(options):
            decision = decision.model_copy(update={"route": "hybrid", "residual": IN_FORM})
        solve.decision = decision
        await solve.tell(Decided(decision))
        await self._solve_problems(solve, question, decision)
        rest = len(decision.problems)
        said = None
        if rest and decision.unread:
            said = await self._settle(solve, question, decision)
        if said is not None:
            solve.parts[rest] = said
        elif decision.residual or (not rest and decision.route != "none"):
            solve.parts[rest] = await self._say(solve, question, decision, options, form)
        elif not rest:
            solve.parts[0] = _nothing(decision.reason)
        missed = [one for one in decision.unread if one.startswith(NEARLY)]
        if rest and missed:
            solve.parts[rest + 1] = _nothing("; ".join(missed))
        answer = solve.answer()
        if self.shared.recorder is not None and not question.disclosure.withheld():
            self.shared.recorder.kept(solve, answer, _chat_of(question), options)
        return answer

    async def _grown(
        self, solve: Solve, question: Question, options: Mapping[str, Any] | None
    ) -> Answer | None:
        """The answer of a specialist that was distilled from calls like this one, if it is sure."""
        recorder = self.shared.recorder
        if recorder is None or question.decision.problems or question.disclosure.withheld():
            return None
        messages = _chat_of(question)
        taken = recorder.take(messages, options, self.snapshot.specialists.values())
        if taken is None:
            return None
        name, begun = taken.specialist.name, time.monotonic()
        found = FoundProblem(task=name, problem=taken.problem, form="a call of a recorded family")
        task, why = taken.specialist.task, "the LLM answers the whole call instead"
        part = await solve_problem(
            solve, 0, found, task, taken.specialist, self.shared, None, why, more_follows=True
        )
        seconds = time.monotonic() - begun
        recorder.answered(solve, taken, part, messages, options, seconds)
        if part.status not in ("verified", "accepted") or part.solution is None:
            solve.parts.clear()
            solve.errors.clear()
            return None
        said = taken.text(part.solution)
        if taken.origin.kind == "tool":
            function = {"name": taken.origin.tool, "arguments": said}
            calls = ({"id": f"call_{solve.id}", "type": "function", "function": function},)
            part = part.model_copy(update={"text": "", "tool_calls": calls})
        else:
            part = part.model_copy(update={"text": said})
        solve.decision = Decision(
            route="specialist",
            task=name,
            confidence=part.confidence or 0.0,
            problems=(found,),
            evidence=(Evidence(signal="family", task=name, detail=taken.origin.key),),
            reason=f"a call of the family that {name!r} was distilled from",
        )
        solve.parts[0] = part
        await solve.tell(Decided(solve.decision))
        await solve.tell(Solved(0, part))
        return solve.answer()

    async def _solve_problems(self, solve: Solve, question: Question, decision: Decision) -> None:
        allowed = solve.policy.when_unverified == "llm"
        work = []
        rest = decision.residual and self._language(solve, question)[0] is not None
        for index, found in enumerate(decision.problems):
            language, why = self._language(solve, question, found.task)
            specialist = self.snapshot.specialists.get(found.task)
            if not allowed and specialist is not None:
                language, why = None, "the policy keeps unverified solutions from the LLM"
            task = self.snapshot.task(found.task)
            work.append(
                solve_problem(
                    solve,
                    index,
                    found,
                    task,
                    specialist,
                    self.shared,
                    language,
                    why,
                    more_follows=bool(rest),
                )
            )
        if len(work) == 1:
            await work[0]
        elif work:
            async with asyncio.TaskGroup() as group:
                for one in work:
                    group.create_task(one)
        for index in range(len(work)):
            await solve.tell(Solved(index, solve.parts[index]))

    async def _say(
        self,
        solve: Solve,
        question: Question,
        decision: Decision,
        options: Mapping[str, Any] | None,
        form: type[BaseModel] | None,
    ) -> Part:
        """Answer what is language, with the solutions at hand."""
        language, why = self._language(solve, question, unclear=decision.unclear)
        if language is None:
            solve.note("llm", "llm", "left", why)
            return _nothing(why if decision.problems else f"{decision.reason}; {why}")
        messages, recorder = _chat_of(question), self.shared.recorder
        return await say(solve, language, messages, decision, options, recorder, form)

    async def _settle(self, solve: Solve, question: Question, decision: Decision) -> Part | None:
        """Let the LLM read what was not understood; None if it is not asked or nothing is."""
        language, why = self._language(solve, question, unclear=True)
        if language is None:
            solve.note("decide", "llm", "left", why)
            return None
        return await settle(solve, language, _chat_of(question), decision)

    async def _clear_up(self, solve: Solve, question: Question, task: str | None) -> Decision:
        """Let the LLM name the task and extract the problem, if it may."""
        decision = question.decision
        language, why = self._language(solve, question, unclear=True)
        if not solve.policy.ask_llm_to_route:
            language, why = None, "the policy does not let the LLM route"
        if language is not None:
            tasks = [self.snapshot.task(name) for name in decision.suspects]
            try:
                with solve.timed("decide"):
                    found, residual = await language.extract(
                        solve, question.query.text, tasks, self.shared.offload
                    )
            except HrmAgentError as error:
                solve.note("decide", language.name, "failed", str(error))
                why = f"the LLM could not be asked ({error.code})"
            else:
                names = ", ".join(one.task for one in found) or "no problem"
                solve.note("decide", language.name, "answered", names)
                said = Evidence(signal="llm", detail=f"{language.name} found {names}")
                if found:
                    around = self.decider.around(question.query.text, found)
                    residual = residual or around.residual
                    return Decision(
                        route="hybrid" if residual else "specialist",
                        task=found[0].task,
                        confidence=decision.confidence,
                        problems=doubted(found, around.unread),
                        residual=residual,
                        unread=around.unread,
                        evidence=(*decision.evidence, said),
                        reason=f"{language.name} found {names} in it",
                    )
                decision = decision.model_copy(
                    update={"unclear": False, "evidence": (*decision.evidence, said)}
                )
                why = f"{language.name} found no problem in it"
        else:
            solve.note("decide", "llm", "left", why)
        if task is not None:
            named = self.snapshot.task(task)
            nearly = await self._off_loop(False, lambda: near_misses(question.query.text, [named]))
            because = hint(nearly, decision.evidence)
            raise MalformedTask(f"no problem of {task!r} found in the text{because}; {why}")
        if self.language is None:
            reason = f"{decision.reason}; {why}"
            return decision.model_copy(update={"route": "none", "reason": reason})
        return decision

    async def _disclosing(
        self, solve: Solve, question: Question, options: Mapping[str, Any] | None
    ) -> Question:
        """The question with what an LLM may see of it."""
        if not private_tasks(self.snapshot, solve.policy):
            return question
        disclosure = await self._off_loop(
            False,
            lambda: Disclosure.of(
                question.query,
                self.snapshot,
                solve.policy,
                claimed=question.touched,
                options=options,
            ),
        )
        return replace(question, disclosure=disclosure)

    def _language(
        self, solve: Solve, question: Question, task: str | None = None, *, unclear: bool = False
    ) -> tuple[Language | None, str]:
        """The LLM, or why it is not asked: about a task's problem, or an unclear text."""
        if self.language is None:
            return None, "no LLM is configured"
        withheld = question.disclosure.withheld(task, unclear=unclear)
        if withheld:
            return None, withheld
        if solve.policy.max_llm_calls == 0:
            return None, "the policy allows no LLM calls"
        if not solve.policy.local_only:
            return self.language, ""
        near = self.language.on_this_machine()
        if near is None:
            return None, f"{self.language.name} is not on this machine and the policy is local only"
        return near, ""

    def _read(self, asked: Query, task: str | None) -> Reading:
        if task is not None:
            return read_as(asked, self.snapshot.task(task))
        if asked.problem is not None:
            return read_problem(asked.problem, self.snapshot.tasks)
        return read_text(asked.text, self.snapshot.tasks)

    async def _decide(
        self, asked: Query, reading: Reading, task: str | None, at_once: bool
    ) -> Decision:
        why = ""
        if asked.goes_on:
            why = "the chat went on after the user's message, which was taken up before"
        elif asked.shows and not asked.text.strip():
            why = "the message holds no text, but something else"
        if task is None and why:
            return Decision(
                route="llm",
                confidence=1.0,
                evidence=(Evidence(signal="caller", detail=why),),
                reason=why,
            )
        if task is None and asked.problem is None:
            at_once = at_once and self.decider.decides_at_once(reading)
            return await self._off_loop(at_once, lambda: self.decider.decide(asked.text, reading))
        said = "task" if task is not None else "typed problem"
        if reading.problems:
            rest = self.decider.around(asked.text, reading.problems)
            return Decision(
                route="hybrid" if rest.residual else "specialist",
                task=reading.problems[0].task,
                confidence=1.0,
                problems=doubted(reading.problems, rest.unread),
                residual=rest.residual,
                unclear=bool(rest.unread),
                unread=rest.unread,
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
            evidence=(Evidence(signal="caller", detail="task given"), *reading.notes),
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

    async def _off_loop(self, at_once: bool, work: Callable[[], T]) -> T:
        """Run `work` here if it is quick, and on a thread if it may not be."""
        return work() if at_once else await self.shared.offload.run(work)


def wants_form(options: Mapping[str, Any] | None) -> bool:
    """Whether options for the LLM demand JSON or a tool call, and so no solution's text."""
    given = options or {}
    form = given.get("response_format")
    if isinstance(form, Mapping):
        form = form.get("type", "text")
    return form not in (None, "text") or given.get("tool_choice", "auto") not in (
        "auto",
        "none",
        None,
    )


def _chat_of(question: Question) -> Sequence[Message]:
    return question.query.messages or ({"role": "user", "content": question.query.text},)


def _nothing(reason: str) -> Part:
    return Part(status="abstained", by="none", reason=reason)
