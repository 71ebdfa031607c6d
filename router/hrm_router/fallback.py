"""What to try for one problem, in which order, until something holds.

The specialist as the policy says; then the specialist with more effort; then,
if the policy and the task's privacy allow, the LLM, whose answer goes through
the same checker and who is asked again at most once. After that the best there
is, said to be unverified. Knows nothing of the other parts of a query.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from hrm_router.answer import Part
from hrm_router.call import Call
from hrm_router.checking import Judgement, judge
from hrm_router.decision import FoundProblem
from hrm_router.dispatch import Dispatcher
from hrm_router.events import Checked
from hrm_router.language import Language, WrongSolution
from hrm_router.offload import Offload
from hrm_specialists.contract import Attempt, Effort, Task
from hrm_specialists.errors import HrmAgentError, Overloaded
from hrm_specialists.specialist import Specialist

LLM_ROUNDS = 2
"""The LLM is asked once, and once more with the checker's complaint."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every solve of a router shares."""

    dispatcher: Dispatcher
    offload: Offload


async def solve_problem(
    call: Call,
    index: int,
    found: FoundProblem,
    task: Task[Any, Any],
    specialist: Specialist | None,
    tools: Tools,
    language: Language | None,
    no_llm: str,
) -> Part:
    """Try what the policy allows on one problem; the result is also in `call`.

    Args:
        index: the part's place in the answer.
        specialist: the task's, or None if none is trained here: the LLM is all there is.
        language: the LLM, or None with the reason in `no_llm`.

    Returns:
        A part of any status; errors of specialists and LLMs end up in it.
    """
    search = _Search(call, index, found, task, tools)
    try:
        if specialist is None:
            search.nobody(f"no specialist is trained for {task.name!r} here; {no_llm}".rstrip("; "))
        else:
            lasting = language is not None
            for effort in efforts(call.policy.effort, call.policy.when_unverified):
                if search.hopeless:
                    call.note("solve", specialist.name, "left", f"effort {effort}: given up before")
                elif await search.ask_specialist(specialist, effort, lasting=lasting):
                    return search.part
        if language is None:
            call.note("llm", "llm", "left", no_llm)
        else:
            await search.ask_llm(language)
    except Overloaded as error:
        search.fail(error)
    return search.part


def efforts(first: Effort, when_unverified: str) -> Sequence[Effort]:
    """The efforts to try in turn."""
    if when_unverified == "return" or first == "max":
        return (first,)
    return (first, "max")


class _Search:
    """The attempts on one problem, and the best of them so far."""

    def __init__(
        self,
        call: Call,
        index: int,
        found: FoundProblem,
        task: Task[Any, Any],
        tools: Tools,
    ) -> None:
        self.call, self.index, self.found = call, index, found
        self.task, self.tools = task, tools
        self.rounds = 0
        self.hopeless = False
        self._keep(self._part("failed", "nothing was tried yet"))

    @property
    def part(self) -> Part:
        """The best so far."""
        return self.call.parts[self.index]

    def nobody(self, reason: str) -> None:
        """Remember that nobody here could try; an LLM still may."""
        self.call.note("solve", self.task.name, "left", reason)
        self._keep(self._part("abstained", reason))

    async def ask_specialist(
        self, specialist: Specialist, effort: Effort, *, lasting: bool
    ) -> bool:
        """One attempt; whether the search is over.

        Args:
            lasting: whether something comes after the specialist, and needs time.
        """
        call, name = self.call, specialist.name
        deadline = call.specialist_deadline
        if self.rounds and lasting:  # leave the LLM half of what is left
            deadline = min(deadline, time.monotonic() + 0.5 * call.left)
        begun = time.monotonic()
        try:
            with call.timed("solve", specialist=name, effort=str(effort)) as note:
                attempt = await self.tools.dispatcher.attempt(
                    specialist,
                    self.found.problem,
                    effort=effort,
                    deadline=deadline,
                    seed=call.policy.seed + self.rounds,
                    watch=call.watcher(self.index, name),
                )
                note(segments=attempt.segments, starts=attempt.starts)
        except Overloaded:
            raise
        except HrmAgentError as error:
            call.note("solve", name, "failed", str(error), time.monotonic() - begun)
            self.fail(error)
            return False
        finally:
            self.rounds += 1
        call.thought(attempt)
        self.hopeless = attempt.reason == "gave up"
        outcome = "answered" if attempt.solution is not None else "no answer"
        said = f"effort {effort}, {attempt.segments} segments, {attempt.starts} starts"
        call.note("solve", name, outcome, f"{said}: {attempt.reason}".rstrip(": "), attempt.seconds)
        if attempt.solution is None:
            if self.part.solution is None:
                self._keep(self._part("failed", attempt.reason or "no answer was found"))
            return False
        return await self._weigh_attempt(specialist, attempt, attempt.solution)

    async def ask_llm(self, language: Language) -> None:
        """Ask, check, and ask once more with the complaint."""
        complaint = ""
        for _ in range(LLM_ROUNDS):
            begun = time.monotonic()
            try:
                solution = await language.solve(self.call, self.task, self.found.problem, complaint)
            except WrongSolution as wrong:
                seconds = time.monotonic() - begun
                self.call.note("llm", language.name, "no solution", str(wrong), seconds)
                complaint = str(wrong)
                continue
            except HrmAgentError as error:
                self.call.note("llm", language.name, "failed", str(error), time.monotonic() - begun)
                if self.part.solution is None:
                    self.fail(error)
                return
            self.call.note("llm", language.name, "answered", "", time.monotonic() - begun)
            judgement = await self._judge(language.name, solution, None, None)
            if judgement.good or self.part.solution is None:
                self._keep(self._solved(solution, judgement, None))
            if judgement.good or not self.task.has_checker:
                return
            complaint = judgement.reason
        if self.part.status == "abstained":  # it was the only one to ask
            self._keep(self._part("failed", f"{language.name} gave no solution: {complaint}"))

    def fail(self, error: HrmAgentError) -> None:
        """Remember an error; it is the part's if nothing better comes."""
        self.call.errors.append(error)
        if self.part.solution is None:
            self._keep(self._part("failed", str(error)).model_copy(update={"error": error.code}))

    async def _weigh_attempt(
        self, specialist: Specialist, attempt: Attempt, solution: BaseModel
    ) -> bool:
        judgement = await self._judge(
            specialist.name,
            solution,
            attempt.confidence,
            specialist.threshold,
            attempt.unfamiliar,
        )
        best = self.part
        if (
            judgement.good
            or best.solution is None
            or (judgement.confidence or 0.0) > (best.confidence or 0.0)
        ):
            self._keep(self._solved(solution, judgement, specialist))
        return judgement.good

    async def _judge(
        self,
        by: str,
        solution: BaseModel,
        confidence: float | None,
        threshold: float | None,
        unfamiliar: Sequence[str] = (),
    ) -> Judgement:
        begun = time.monotonic()
        with self.call.timed("check", task=self.task.name, by=by) as note:
            judgement = await judge(
                self.task,
                self.found.problem,
                solution,
                confidence=confidence,
                threshold=threshold,
                offload=self.tools.offload,
                unfamiliar=unfamiliar,
            )
            note(status=judgement.status)
        reason, seconds = judgement.reason, time.monotonic() - begun
        self.call.note("check", by, judgement.status, reason, seconds)
        await self.call.tell(Checked(self.index, by, judgement.good, reason))
        return judgement

    def _solved(
        self, solution: BaseModel, judgement: Judgement, specialist: Specialist | None
    ) -> Part:
        """A part with a solution; by the LLM where no specialist is given."""
        return Part(
            status=judgement.status,
            by="llm" if specialist is None else "specialist",
            text=render(self.task, self.found.problem, solution),
            task=self.task.name,
            problem=self.found.problem,
            solution=solution,
            specialist=None if specialist is None else specialist.name,
            confidence=judgement.confidence,
            details=judgement.details,
            reason=judgement.reason,
            span=self.found.span,
        )

    def _part(self, status: Any, reason: str) -> Part:
        return Part(
            status=status,
            by="none",
            task=self.task.name,
            problem=self.found.problem,
            reason=reason,
            span=self.found.span,
        )

    def _keep(self, part: Part) -> None:
        self.call.parts[self.index] = part


def render(task: Task[Any, Any], problem: BaseModel, solution: BaseModel) -> str:
    """The solution for people; its JSON where the task's own rendering fails."""
    try:
        return task.render(problem, solution)
    except Exception:  # a task's author's mistake must not cost the solution
        return solution.model_dump_json()
