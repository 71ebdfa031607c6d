"""What to try for one problem, in which order, until something holds.

The specialist as the policy says; then the specialist with more effort; then,
if the policy and the task's privacy allow, the LLM, whose answer goes through
the same checker and who is asked again at most once. After that the best there
is, said to be unverified. Knows nothing of the other parts of a query.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from hrm_router.answer import Part, Status
from hrm_router.checking import Judgement, impossible, judge, render
from hrm_router.decision import FoundProblem
from hrm_router.dispatch import Reuse, Specialists
from hrm_router.errors import DeadlineExceeded
from hrm_router.events import Checked
from hrm_router.language import Language, WrongSolution
from hrm_router.offload import Offload, typed
from hrm_router.solve import Solve
from hrm_specialists.contract import Attempt, Effort, Task
from hrm_specialists.errors import (
    HrmAgentError,
    Overloaded,
    SpecialistCrashed,
)
from hrm_specialists.specialist import Specialist

if TYPE_CHECKING:
    from hrm_router.traffic.recorder import Recorder

LLM_ROUNDS = 2
"""The LLM is asked once, and once more with the checker's complaint."""
FOR_THE_LLM = 0.4
"""Of the time left, what a specialist leaves to the LLM that is asked after it."""
OVERSTAY = 0.1
"""Seconds beyond its deadline after which a specialist is no longer waited for,
where the LLM comes next."""
NONE_FOUND = "no solution was found; there may be none"
"""Of a search whose best the checker refuses; what it complains of is in the trace."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all solves of a router use together."""

    specialists: Specialists = field(default_factory=Specialists)
    offload: Offload = field(default_factory=Offload)
    reuse: Reuse | None = None
    """What was solved already and may be answered again."""
    recorder: Recorder | None = None
    """Where LLM traffic is recorded, and specialists that were distilled from it."""


async def solve_problem(
    solve: Solve,
    index: int,
    found: FoundProblem,
    task: Task[Any, Any],
    specialist: Specialist | None,
    shared: Shared,
    language: Language | None,
    no_llm: str,
    *,
    more_follows: bool = False,
) -> Part:
    """Try what the policy allows on one problem; the result is also in `solve`.

    Args:
        index: the part's place in the answer.
        specialist: the task's, or None if none is trained here: the LLM is all there is.
        language: the LLM, or None with the reason in `no_llm`.
        more_follows: whether the LLM is asked something else afterwards, and needs time.

    Returns:
        A part of any status; errors of specialists and LLMs end up in it.
    """
    search = _Search(solve, index, found, task, shared)
    try:
        if reason := await impossible(task, found.problem, shared.offload):
            search.nobody(reason)
            return search.part
        if specialist is None:
            search.nobody(f"no specialist is trained for {task.name!r} here; {no_llm}".rstrip("; "))
        elif search.solved_before(specialist):
            await solve.tell(Checked(index, specialist.name, True, search.part.reason))
            return search.part
        else:
            lasting = language is not None or more_follows
            settled = False
            for effort in efforts(solve.policy.effort, solve.policy.when_unverified):
                if search.hopeless:
                    solve.note(
                        "solve", specialist.name, "left", f"effort {effort}: given up before"
                    )
                elif await search.ask_specialist(specialist, effort, lasting=lasting):
                    search.keep_for_others(specialist)
                    settled = True  # perhaps unverified, where the problem itself is in doubt
                    break
            search.tell_growth(specialist)
            if settled:
                return search.part
        if language is None:
            solve.note("llm", "llm", "left", no_llm)
        else:
            await search.ask_llm(language)
    except Overloaded as error:
        search.fail(error)
    except Exception as error:  # a task's author's mistake costs this part, not the others
        search.fail(typed(error, SpecialistCrashed, f"the task {task.name!r}"))
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
        solve: Solve,
        index: int,
        found: FoundProblem,
        task: Task[Any, Any],
        shared: Shared,
    ) -> None:
        self.solve, self.index, self.found = solve, index, found
        self.task, self.shared = task, shared
        self.rounds, self.begun = 0, time.monotonic()
        self.hopeless = False
        self._keep(self._part("failed", "nothing was tried yet"))

    @property
    def part(self) -> Part:
        """The best so far."""
        return self.solve.parts[self.index]

    def nobody(self, reason: str) -> None:
        """Remember that nobody here could try."""
        self.solve.note("solve", self.task.name, "left", reason)
        self._keep(self._part("abstained", reason))

    def solved_before(self, specialist: Specialist) -> bool:
        """Take what the specialist gave for the same problem before, if that is kept."""
        reuse = self.shared.reuse
        if reuse is None or self.found.doubt:
            return False
        known = reuse.find(reuse.key(specialist, self.found.problem, self.solve.policy))
        if known is None:
            return False
        self.solve.note("solve", specialist.name, "known", "solved before; from the cache")
        self._keep(known.model_copy(update={"span": self.found.span}))
        return True

    def keep_for_others(self, specialist: Specialist) -> None:
        """Keep a good part for who asks the same again."""
        reuse = self.shared.reuse
        if reuse is not None:
            key = reuse.key(specialist, self.found.problem, self.solve.policy)
            reuse.keep(key, self.part)

    def tell_growth(self, specialist: Specialist) -> None:
        """Let a specialist that was distilled from calls be watched."""
        if self.shared.recorder is not None:
            seconds = time.monotonic() - self.begun
            self.shared.recorder.tried(specialist, self.found.problem, self.part, seconds)

    async def ask_specialist(
        self, specialist: Specialist, effort: Effort, *, lasting: bool
    ) -> bool:
        """One attempt; whether the search is over.

        Args:
            lasting: whether something comes after the specialist, and needs time.
        """
        solve, name = self.solve, specialist.name
        deadline, give_up = solve.specialist_deadline, None
        if lasting:
            left = (1 - FOR_THE_LLM) * solve.left
            deadline = min(deadline, time.monotonic() + left)
            give_up = asyncio.get_running_loop().time() + left + min(OVERSTAY, 0.1 * left)
        begun = time.monotonic()
        try:
            with solve.timed("solve", specialist=name, effort=str(effort)) as note:
                async with asyncio.timeout_at(give_up):
                    with solve.thinking():
                        attempt = await self.shared.specialists.attempt(
                            specialist,
                            self.found.problem,
                            effort=effort,
                            deadline=deadline,
                            seed=solve.policy.seed + self.rounds,
                            watch=solve.watcher(self.index, name),
                            reuse=self.shared.reuse,
                        )
                note(segments=attempt.segments, starts=attempt.starts)
        except Overloaded:
            raise
        except HrmAgentError as error:
            solve.note("solve", name, "failed", str(error), time.monotonic() - begun)
            self.fail(error)
            return False
        except TimeoutError:  # it ignores its deadline
            self.hopeless = True
            late = f"{name!r} was busy or slow: no answer within {time.monotonic() - begun:.1f} s"
            solve.note("solve", name, "timed out", late, time.monotonic() - begun)
            self.fail(DeadlineExceeded(late))
            return False
        finally:
            self.rounds += 1
        solve.thought(attempt)
        self.hopeless = attempt.gave_up
        outcome = "answered" if attempt.solution is not None else "no answer"
        said = f"effort {effort}"
        if attempt.segments:
            said += f", segments {attempt.segments}, starts {attempt.starts}"
        solve.note(
            "solve", name, outcome, f"{said}: {attempt.reason}".rstrip(": "), attempt.seconds
        )
        if attempt.solution is None:
            if self.part.solution is None:
                self._keep(self._part("failed", str(attempt.reason) or "no answer was found"))
            return False
        return await self._weigh_attempt(specialist, attempt, attempt.solution)

    async def ask_llm(self, language: Language) -> None:
        """Ask, check, and ask once more with the complaint."""
        complaint = ""
        for asked in range(LLM_ROUNDS):
            begun = time.monotonic()
            try:
                solution = await language.solve(
                    self.solve,
                    self.task,
                    self.found.problem,
                    complaint,
                    self.shared.offload,
                    refused=asked,
                )
            except WrongSolution as wrong:
                seconds = time.monotonic() - begun
                self.solve.note("llm", language.name, "no solution", str(wrong), seconds)
                complaint = str(wrong)
                continue
            except HrmAgentError as error:
                self.solve.note(
                    "llm", language.name, "failed", str(error), time.monotonic() - begun
                )
                if self.part.solution is None:
                    self.fail(error)
                return
            self.solve.note("llm", language.name, "answered", "", time.monotonic() - begun)
            judgement = await self._judge(language.name, solution, None, None)
            if self.shared.recorder is not None:
                self.shared.recorder.solved(
                    self.solve,
                    self.task.name,
                    self.found.problem,
                    solution,
                    judgement,
                    model=language.name,
                    number=asked,
                    seconds=time.monotonic() - begun,
                )
            # Without a checker the LLM has the last word: a specialist that is sure is not here.
            last = judgement.good or not self.task.has_checker
            if last or self.part.solution is None:
                await self._keep_solution(solution, judgement, None)
            if last:
                return
            complaint = judgement.reason
        if self.part.status == "abstained":  # it was the only one to ask
            self._keep(self._part("failed", f"{language.name} gave no solution: {complaint}"))

    def fail(self, error: HrmAgentError) -> None:
        """Remember an error; it is the part's if nothing better comes."""
        self.solve.errors.append(error)
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
        if judgement.refuted:  # where a search broke a rule last says nothing of the problem
            judgement = replace(judgement, reason=NONE_FOUND)
        best = self.part
        if (
            judgement.good
            or best.solution is None
            or (judgement.confidence or 0.0) > (best.confidence or 0.0)
        ):
            await self._keep_solution(solution, judgement, specialist)
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
        with self.solve.timed("check", task=self.task.name, by=by) as note:
            judgement = await judge(
                self.task,
                self.found.problem,
                solution,
                confidence=confidence,
                threshold=threshold,
                offload=self.shared.offload,
                unfamiliar=unfamiliar,
            )
            judgement = judgement.under(self.found.doubt)
            note(status=judgement.status)
        reason, seconds = judgement.reason, time.monotonic() - begun
        self.solve.note("check", by, judgement.status, reason, seconds)
        await self.solve.tell(Checked(self.index, by, judgement.good, reason))
        return judgement

    async def _keep_solution(
        self, solution: BaseModel, judgement: Judgement, specialist: Specialist | None
    ) -> None:
        """Keep a solution, by the LLM where no specialist is given, and write it out.

        It is kept before it is written out, so that a slow `render` cannot cost it.
        """
        part = Part(
            status=judgement.status,
            by="llm" if specialist is None else "specialist",
            task=self.task.name,
            problem=self.found.problem,
            solution=solution,
            specialist=None if specialist is None else specialist.name,
            version=None if specialist is None else specialist.version or None,
            confidence=judgement.confidence,
            details=judgement.details,
            reason=judgement.reason,
            span=self.found.span,
        )
        self._keep(part)
        text = await render(self.task, self.found.problem, solution, self.shared.offload)
        self._keep(part.model_copy(update={"text": text}))

    def _part(self, status: Status, reason: str) -> Part:
        return Part(
            status=status,
            by="none",
            task=self.task.name,
            problem=self.found.problem,
            reason=reason,
            span=self.found.span,
        )

    def _keep(self, part: Part) -> None:
        self.solve.parts[self.index] = part
