"""The life of a question: read, decide, dispatch, check, fall back, compose.

One `Answering` takes one query through it, for one router. Knows nothing of loops,
threads, streams or configuration; `router.py` owns these.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from hrm_router.answer import Answer, Part
from hrm_router.attempting import Search, Shared
from hrm_router.deciding import NEARLY, Decider, doubted, hint, near_misses
from hrm_router.decision import Decision, Evidence, FoundProblem
from hrm_router.disclosure import Disclosure, private_tasks
from hrm_router.events import Decided, Solved
from hrm_router.language import Language
from hrm_router.llm.protocol import LanguageModel, ToolCall
from hrm_router.llm.several import on_this_machine
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


class Answering:
    """One query, from the text to the answer; `form` is what the LLM's own words shall be."""

    query: Query
    _decision: Decision
    _touched: frozenset[str]
    """Tasks that claimed anything in the query."""

    def __init__(
        self,
        solve: Solve,
        known: tuple[Snapshot, Decider],
        shared: Shared,
        llm: LanguageModel | None,
        options: Mapping[str, Any] | None = None,
        form: type[BaseModel] | None = None,
    ) -> None:
        self.solve, (self.snapshot, self.decider) = solve, known
        self.shared, self.llm = shared, llm
        self.options, self.form = options, form
        self._disclosure = Disclosure()

    async def ask(self, query: object, task: str | None) -> Decision:
        """Read and decide; calls no LLM. Raises `InvalidInput` or `UnknownSpecialist`."""
        solve, text = self.solve, isinstance(query, str)
        with solve.timed("read") as note:
            small = (len(query) if isinstance(query, str) else size(query, INLINE)) <= INLINE
            asked = self.query = await self._off_loop(
                small or text, lambda: sort_out(query, named=task is not None)
            )
            if asked.problem is not None and size(asked.problem, MAX_CHARACTERS) > MAX_CHARACTERS:
                raise TaskTooLarge(
                    f"a typed problem of more than {MAX_CHARACTERS // VALUE} values or "
                    f"{MAX_CHARACTERS} characters"
                )
            at_once = small and self.snapshot.reads_at_once
            reading = await self._off_loop(at_once, lambda: self._read(task))
            self._touched = reading.touched
            self._private = frozenset[str]()
            if self.snapshot.private or solve.policy.private:
                self._private = private_tasks(self.snapshot, solve.policy)
            note(characters=len(asked.text), problems=len(reading.problems))
        with solve.timed("decide") as note:
            decision = self._decision = await self._decide(reading, task, at_once)
            note(route=decision.route, task=decision.task, confidence=decision.confidence)
        solve.note("decide", "router", decision.route, decision.reason)
        return decision

    async def answer(self, query: object, task: str | None) -> Answer:
        """Take a query through its whole life; raises where all that was tried broke."""
        solve, recorder = self.solve, self.shared.recorder
        if self.options:
            plain(self.options, "llm_options")
        if self.form is not None:
            self.options = in_form(self.form, self.options)
        decision = await self.ask(query, task)
        if self._private:
            known, policy, claimed = self.snapshot, solve.policy, self._touched
            self._disclosure = await self.shared.offload.run(
                lambda: Disclosure.of(self.query, known, policy, claimed, self.options)
            )
        shown = recorder is not None and not self._disclosure.withheld()
        if shown and not decision.problems and (grown := await self._grown()) is not None:
            return grown
        if decision.unclear and not decision.problems:
            decision = await self._clear_up(task)
        if decision.problems and not decision.residual and wants_form(self.options):
            decision = decision.model_copy(update={"route": "hybrid", "residual": IN_FORM})
        solve.decision = self._decision = decision
        await solve.tell(Decided(decision))
        rest = len(decision.problems)
        said = None
        if rest:
            await self._solve_problems()
            said = await self._settle() if decision.unread else None
        if said is not None:
            solve.parts[rest] = said
        elif decision.residual or (not rest and decision.route != "none"):
            solve.parts[rest] = await self._say()
        elif not rest:
            solve.parts[0] = _nothing(decision.reason)
        missed = [one for one in decision.unread if one.startswith(NEARLY)]
        if rest and missed:
            solve.parts[rest + 1] = _nothing("; ".join(missed))
        answer = solve.answer()
        if recorder is not None and shown:
            recorder.kept(solve, answer, self._chat, self.options)
        return answer

    @property
    def _chat(self) -> Sequence[Message]:
        return self.query.messages or ({"role": "user", "content": self.query.text},)

    async def _grown(self) -> Answer | None:
        """The answer of a specialist that was distilled from calls like this one, if it is sure."""
        solve, recorder, chat = self.solve, self.shared.recorder, self._chat
        assert recorder is not None, "only what is recorded grows"
        taken = recorder.take(chat, self.options, self.snapshot.specialists.values())
        if taken is None:
            return None
        specialist, name = taken.specialist, taken.specialist.name
        found = FoundProblem(task=name, problem=taken.problem, form="a call of a recorded family")
        search = Search(solve, 0, found, specialist.task, self.shared)
        instead = "the LLM answers the whole call instead"
        part = await search.run(specialist, None, instead, more_follows=True)
        if part.status not in ("verified", "accepted") or part.solution is None:
            solve.parts.clear()
            solve.errors.clear()
            return None
        text = taken.text(part.solution)
        given: dict[str, Any] = {"text": text}
        if taken.origin.kind == "tool":
            call = ToolCall(f"call_{solve.id}", taken.origin.tool, text)
            given = {"text": "", "tool_calls": (call.as_dict(),)}
        part = solve.parts[0] = part.model_copy(update=given)
        solve.decision = Decision(
            route="specialist",
            task=name,
            confidence=part.confidence or 0.0,
            problems=(found,),
            evidence=(Evidence(signal="family", task=name, detail=taken.origin.key),),
            reason=f"a call of the family that {name!r} was distilled from",
        )
        await solve.tell(Decided(solve.decision))
        await solve.tell(Solved(0, part))
        answer = solve.answer()
        recorder.kept(solve, answer, chat, self.options, taken)
        return answer

    async def _solve_problems(self) -> None:
        solve, problems = self.solve, self._decision.problems
        more_follows = bool(self._decision.residual) and self._allowed()[0] is not None
        work = []
        for index, found in enumerate(problems):
            specialist = self.snapshot.specialists.get(found.task)
            language, why = self._allowed(found.task)
            if solve.policy.when_unverified != "llm" and specialist is not None:
                language, why = None, "the policy keeps unverified solutions from the LLM"
            search = Search(solve, index, found, self.snapshot.tasks[found.task], self.shared)
            work.append(search.run(specialist, language, why, more_follows=more_follows))
        if len(work) == 1:
            await work[0]
        else:
            async with asyncio.TaskGroup() as group:
                for one in work:
                    group.create_task(one)
        for index in range(len(work)):
            await solve.tell(Solved(index, solve.parts[index]))

    async def _say(self) -> Part:
        """Answer what is language, with the solutions at hand."""
        solve, decision = self.solve, self._decision
        language, why = self._allowed(unclear=decision.unclear)
        if language is None:
            solve.note("llm", "llm", "left", why)
            return _nothing(why if decision.problems else f"{decision.reason}; {why}")
        recorder, form = self.shared.recorder, self.form
        return await say(solve, language, self._chat, decision, self.options, recorder, form)

    async def _settle(self) -> Part | None:
        """Let the LLM read what was not understood; None if it is not asked or nothing is."""
        language, why = self._allowed(unclear=True)
        if language is None:
            self.solve.note("decide", "llm", "left", why)
            return None
        return await settle(self.solve, language, self._chat, self._decision)

    async def _clear_up(self, task: str | None) -> Decision:
        """Let the LLM name the task and extract the problem, if it may."""
        solve, decision, text = self.solve, self._decision, self.query.text
        language, why = self._allowed(unclear=True)
        if not solve.policy.ask_llm_to_route:
            language, why = None, "the policy does not let the LLM route"
        if language is None:
            solve.note("decide", "llm", "left", why)
        else:
            tasks = [self.snapshot.task(name) for name in decision.suspects]
            try:
                with solve.timed("decide"):
                    found, residual = await language.extract(text, tasks)
            except HrmAgentError as error:
                solve.note("decide", language.name, "failed", str(error))
                why = f"the LLM could not be asked ({error.code})"
            else:
                names = ", ".join(one.task for one in found) or "no problem"
                solve.note("decide", language.name, "answered", names)
                said = Evidence(signal="llm", detail=f"{language.name} found {names}")
                evidence, why = (*decision.evidence, said), f"{language.name} found {names} in it"
                if found:
                    sure = decision.confidence
                    return self._claimed(found, evidence, why, residual=residual, confidence=sure)
                decision = decision.model_copy(update={"unclear": False, "evidence": evidence})
        if task is not None:
            named = self.snapshot.task(task)
            nearly = await self._off_loop(False, lambda: near_misses(text, [named]))
            because = hint(nearly, decision.evidence)
            raise MalformedTask(f"no problem of {task!r} found in the text{because}; {why}")
        if self.llm is None:
            reason = f"{decision.reason}; {why}"
            return decision.model_copy(update={"route": "none", "reason": reason})
        return decision

    def _allowed(
        self, task: str | None = None, *, unclear: bool = False
    ) -> tuple[Language | None, str]:
        """The LLM, or why it is not asked: about a task's problem, or an unclear text."""
        policy, llm = self.solve.policy, self.llm
        if llm is None:
            return None, "no LLM is configured"
        withheld = self._disclosure.withheld(task, unclear=unclear)
        if withheld:
            return None, withheld
        if policy.max_llm_calls == 0:
            return None, "the policy allows no LLM calls"
        near = on_this_machine(llm) if policy.local_only else llm
        if near is None:
            return None, f"{llm.name} is not on this machine and the policy is local only"
        return Language(near, self.solve, self.shared.offload), ""

    def _read(self, task: str | None) -> Reading:
        if task is not None:
            return read_as(self.query, self.snapshot.task(task))
        if self.query.problem is not None:
            return read_problem(self.query.problem, self.snapshot.tasks)
        return read_text(self.query.text, self.snapshot.tasks)

    async def _decide(self, reading: Reading, task: str | None, at_once: bool) -> Decision:
        """Where the query goes, and of which problems there is no specialist to take them."""
        decision = await self._decided(reading, task, at_once)
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

    async def _decided(self, reading: Reading, task: str | None, at_once: bool) -> Decision:
        asked, problems, why = self.query, reading.problems, ""
        if task is None:
            if asked.goes_on:
                why = "the chat went on after the user's message, which was taken up before"
            elif asked.shows and not asked.text.strip():
                why = "the message holds no text, but something else"
            if why:
                said = (Evidence(signal="caller", detail=why),)
                return Decision(route="llm", confidence=1.0, evidence=said, reason=why)
            if asked.problem is None:
                at_once = at_once and self.decider.decides_at_once(reading)
                return await self._off_loop(
                    at_once, lambda: self.decider.decide(asked.text, reading)
                )
        given = "task" if task is not None else "typed problem"
        if problems:
            said = (Evidence(signal="caller", task=task, detail=f"{given} given"),)
            decision = self._claimed(problems, said, f"the caller gave the {given}")
            return decision.model_copy(update={"unclear": bool(decision.unread)})
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

    def _claimed(
        self,
        problems: tuple[FoundProblem, ...],
        evidence: tuple[Evidence, ...],
        reason: str,
        *,
        residual: str = "",
        confidence: float = 1.0,
    ) -> Decision:
        """The decision for problems that are known, with what is asked around them."""
        around = self.decider.around(self.query.text, problems)
        residual = residual or around.residual
        return Decision(
            route="hybrid" if residual else "specialist",
            task=problems[0].task,
            confidence=confidence,
            problems=doubted(problems, around.unread),
            residual=residual,
            unread=around.unread,
            evidence=evidence,
            reason=reason,
        )

    async def _off_loop(self, at_once: bool, work: Callable[[], T]) -> T:
        """Run `work` here if it is quick, and on a thread if it may not be."""
        return work() if at_once else await self.shared.offload.run(work)


def wants_form(options: Mapping[str, Any] | None) -> bool:
    """Whether options for the LLM demand JSON or a tool call, and so no solution's text."""
    given = options or {}
    form = given.get("response_format")
    if isinstance(form, Mapping):
        form = form.get("type", "text")
    choice = given.get("tool_choice", "auto")
    return form not in (None, "text") or choice not in ("auto", "none", None)


def _nothing(reason: str) -> Part:
    return Part(status="abstained", by="none", reason=reason)
