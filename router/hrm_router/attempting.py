"""What to try for one problem, in which order, until something holds.

The specialist as the policy says; then the specialist with more effort; then,
if the policy and the task's privacy allow, the LLM, whose answer goes through
the same checker and who is asked again at most once. After that the best there
is, said to be unverified. Knows nothing of the other parts of a query.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from hrm_router.answer import Part, Status
from hrm_router.checking import Judgement, impossible, judge, render
from hrm_router.decision import FoundProblem
from hrm_router.errors import DeadlineExceeded, tame, typed
from hrm_router.events import Checked
from hrm_router.language import Language, WrongSolution
from hrm_router.lifecycle import outcome, settle
from hrm_router.offload import Offload
from hrm_router.reuse import Reuse, key_of
from hrm_router.solve import Solve
from hrm_specialists.contract import Attempt, Effort, Task
from hrm_specialists.errors import (
    HrmAgentError,
    Overloaded,
    SpecialistCrashed,
    SpecialistOutOfMemory,
)
from hrm_specialists.specialist import Specialist

if TYPE_CHECKING:
    from hrm_router.traffic.record import Recorder

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

    offload: Offload = field(default_factory=Offload)
    reuse: Reuse | None = None
    """What was solved already and may be answered again."""
    recorder: Recorder | None = None
    """Where LLM traffic is recorded, and specialists that were distilled from it."""
    _loads: WeakKeyDictionary[Specialist, Future[None]] = field(default_factory=WeakKeyDictionary)
    _loading: threading.Lock = field(default_factory=threading.Lock)

    async def warm(self, specialist: Specialist) -> None:
        """Wait until it is loaded, off the loop; all callers share one load."""
        if specialist.loaded:
            return
        with self._loading:
            load = self._loads.get(specialist)
            if load is None or load.done():
                load = self._loads[specialist] = Future()
                threading.Thread(
                    target=settle,
                    args=(load, specialist.warm),
                    name=f"hrm-load-{specialist.name}",
                    daemon=True,
                ).start()
        await outcome(load)


class Search:
    """The attempts on one problem; the best so far is the solve's part `index`."""

    def __init__(
        self, solve: Solve, index: int, found: FoundProblem, task: Task[Any, Any], shared: Shared
    ) -> None:
        self.solve, self.index, self.found = solve, index, found
        self.task, self.shared = task, shared
        self._rounds = 0
        self._hopeless = False
        self._keep(self._part("failed", "nothing was tried yet"))

    @property
    def part(self) -> Part:
        """The best so far."""
        return self.solve.parts[self.index]

    async def run(
        self,
        specialist: Specialist | None,
        language: Language | None,
        no_llm: str,
        *,
        more_follows: bool = False,
    ) -> Part:
        """Try what the policy allows; errors of specialists and LLMs end up in the part.

        Without `specialist` the LLM is all there is; without `language`, `no_llm` says why. Where
        `more_follows`, the LLM is asked something else afterwards, and needs time.
        """
        try:
            if reason := await impossible(self.task, self.found.problem, self.shared.offload):
                self._nobody(reason)
                return self.part
            if specialist is None:
                missing = f"no specialist is trained for {self.task.name!r} here"
                self._nobody(f"{missing}; {no_llm}".rstrip("; "))
            elif await self._ask_specialist(specialist, language is not None or more_follows):
                return self.part
            if language is None:
                self.solve.note("llm", "llm", "left", no_llm)
            else:
                await self._ask_llm(language)
        except Exception as error:  # a task's author's mistake costs this part, not the others
            self._fail(typed(error, SpecialistCrashed, f"the task {self.task.name!r}"))
        return self.part

    async def _ask_specialist(self, specialist: Specialist, lasting: bool) -> bool:
        """Look for an equal problem's solution, else try; whether that settles it."""
        solve, policy, reuse = self.solve, self.solve.policy, self.shared.reuse
        if reuse is None or self.found.doubt:
            return await self._try(specialist, lasting)
        limits = (policy.effort, policy.when_unverified, policy.seed)
        key = key_of(specialist, self.found.problem, *limits, policy.local_only, policy.private)
        unseen = solve.watcher(self.index, specialist.name) is None
        async with reuse.turn(key, solve.specialist_deadline, waits=unseen) as known:
            if known is None:
                if settled := await self._try(specialist, lasting):
                    reuse.keep(key, self.part)
                return settled
        solve.note("solve", specialist.name, "known", "solved before; from the cache")
        self._keep(known.model_copy(update={"span": self.found.span}))
        await solve.tell(Checked(self.index, specialist.name, True, known.reason))
        return True

    async def _try(self, specialist: Specialist, lasting: bool) -> bool:
        """Ask it, perhaps with more effort, leaving time for what follows; whether that does."""
        solve, begun, settled = self.solve, time.monotonic(), False
        harder: tuple[Effort, ...] = () if solve.policy.when_unverified == "return" else ("max",)
        for effort in dict.fromkeys((solve.policy.effort, *harder)):
            if self._hopeless:
                solve.note("solve", specialist.name, "left", f"effort {effort}: given up before")
            elif settled := await self._attempt(specialist, effort, lasting):
                break  # perhaps unverified, where the problem itself is in doubt
        if self.shared.recorder is not None:
            seconds = time.monotonic() - begun
            self.shared.recorder.tried(specialist, self.found.problem, self.part, seconds)
        return settled

    async def _attempt(self, specialist: Specialist, effort: Effort, lasting: bool) -> bool:
        """One attempt; whether the search is over."""
        solve, name, begun = self.solve, specialist.name, time.monotonic()
        deadline, give_up = solve.specialist_deadline, None
        if lasting:
            left = (1 - FOR_THE_LLM) * solve.left
            deadline, give_up = min(deadline, begun + left), left + min(OVERSTAY, 0.1 * left)
        failure: HrmAgentError
        try:
            with solve.timed("solve", specialist=name, effort=str(effort)) as note:
                async with asyncio.timeout(give_up):
                    with solve.thinking():
                        attempt = await self._given(specialist, effort, deadline)
                note(segments=attempt.segments, starts=attempt.starts)
        except Overloaded:
            raise
        except HrmAgentError as error:
            outcome, failure = "failed", error
        except TimeoutError:  # it ignores its deadline
            self._hopeless, outcome = True, "timed out"
            spent = f"{time.monotonic() - begun:.1f} s"
            failure = DeadlineExceeded(f"{name!r} was busy or slow: no answer within {spent}")
        else:
            return await self._weigh(specialist, effort, attempt)
        finally:
            self._rounds += 1
        solve.note("solve", name, outcome, str(failure), time.monotonic() - begun)
        self._fail(failure)
        return False

    async def _given(self, specialist: Specialist, effort: Effort, deadline: float) -> Attempt:
        """What the specialist makes of the problem until then (`time.monotonic()`).

        A caller who is cancelled or out of time leaves at once and gives the place up.
        Whatever the specialist raises comes out as a `SpecialistError`, or `QueueFull`.
        """
        name, seed = f"{specialist.name!r}", self.solve.policy.seed + self._rounds
        watch = self.solve.watcher(self.index, specialist.name)
        how: dict[str, Any] = {"effort": effort, "deadline": deadline, "seed": seed, "watch": watch}
        try:
            await self.shared.warm(specialist)
            try:
                ticket = specialist.submit(self.found.problem, **how)
            except BaseException as error:  # its own code, run here: nobody leaves meanwhile
                raise tame(error) from None
            try:
                attempt = await outcome(ticket.future)
            finally:
                ticket.future.cancel()
                ticket.withdraw()
        except HrmAgentError:
            raise
        except MemoryError as error:
            raise SpecialistOutOfMemory(f"{name} ran out of memory") from error
        except Exception as error:
            raise typed(error, SpecialistCrashed, name) from error
        if not isinstance(attempt, Attempt):
            raise SpecialistCrashed(f"{name} returned a {type(attempt).__name__}, not an Attempt")
        if not isinstance(attempt.solution, BaseModel | None):
            kind = type(attempt.solution).__name__
            raise SpecialistCrashed(f"{name} returned a {kind} as solution, not a model")
        return attempt

    async def _weigh(self, specialist: Specialist, effort: Effort, attempt: Attempt) -> bool:
        """Judge an attempt and keep it if it is the best; whether the search is over."""
        solve, best, solution = self.solve, self.part, attempt.solution
        solve.thought(attempt)
        self._hopeless = attempt.gave_up
        said = f"effort {effort}"
        if attempt.segments:
            said += f", segments {attempt.segments}, starts {attempt.starts}"
        outcome = "answered" if solution is not None else "no answer"
        said = f"{said}: {attempt.reason}".rstrip(": ")
        solve.note("solve", specialist.name, outcome, said, attempt.seconds)
        if solution is None:
            if best.solution is None:
                self._keep(self._part("failed", str(attempt.reason) or "no answer was found"))
            return False
        judgement = await self._judge(specialist.name, solution, specialist, attempt)
        if judgement.refuted:  # where a search broke a rule last says nothing of the problem
            judgement = replace(judgement, reason=NONE_FOUND)
        better = (judgement.confidence or 0.0) > (best.confidence or 0.0)
        if judgement.good or best.solution is None or better:
            await self._keep_solution(solution, judgement, specialist)
        return judgement.good

    async def _ask_llm(self, language: Language) -> None:
        """Ask, check, and ask once more with the complaint."""
        solve, task, complaint = self.solve, self.task, ""
        for asked in range(LLM_ROUNDS):
            begun, failure, solution = time.monotonic(), None, None
            outcome, said = "answered", ""
            try:
                solution = await language.solve(task, self.found.problem, complaint, refused=asked)
            except WrongSolution as wrong:
                outcome, said = "no solution", str(wrong)
            except HrmAgentError as error:
                failure, outcome, said = error, "failed", str(error)
            solve.note("llm", language.name, outcome, said, time.monotonic() - begun)
            if failure is not None:
                if self.part.solution is None:
                    self._fail(failure)
                return
            if solution is None:
                complaint = said
                continue
            judgement = await self._judge(language.name, solution)
            if self.shared.recorder is not None:
                self.shared.recorder.solved(
                    solve,
                    task.name,
                    self.found.problem,
                    solution,
                    judgement,
                    model=language.name,
                    number=asked,
                    seconds=time.monotonic() - begun,
                )
            # Without a checker the LLM has the last word: a specialist that is sure is not here.
            last = judgement.good or not task.has_checker
            if last or self.part.solution is None:
                await self._keep_solution(solution, judgement, None)
            if last:
                return
            complaint = judgement.reason
        if self.part.status == "abstained":  # it was the only one to ask
            self._keep(self._part("failed", f"{language.name} gave no solution: {complaint}"))

    async def _judge(
        self,
        by: str,
        solution: BaseModel,
        specialist: Specialist | None = None,
        attempt: Attempt | None = None,
    ) -> Judgement:
        begun = time.monotonic()
        with self.solve.timed("check", task=self.task.name, by=by) as note:
            judgement = await judge(
                self.task,
                self.found.problem,
                solution,
                confidence=None if attempt is None else attempt.confidence,
                threshold=None if specialist is None else specialist.threshold,
                unfamiliar=() if attempt is None else attempt.unfamiliar,
                offload=self.shared.offload,
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
        given = {
            "by": "llm" if specialist is None else "specialist",
            "solution": solution,
            "specialist": None if specialist is None else specialist.name,
            "version": None if specialist is None else specialist.version or None,
            "confidence": judgement.confidence,
            "details": judgement.details,
        }
        part = self._part(judgement.status, judgement.reason, **given)
        self._keep(part)
        text = await render(self.task, self.found.problem, solution, self.shared.offload)
        self._keep(part.model_copy(update={"text": text}))

    def _nobody(self, reason: str) -> None:
        """Remember that nobody here could try."""
        self.solve.note("solve", self.task.name, "left", reason)
        self._keep(self._part("abstained", reason))

    def _fail(self, error: HrmAgentError) -> None:
        """Remember an error; it is the part's if nothing better comes."""
        self.solve.errors.append(error)
        if self.part.solution is None:
            self._keep(self._part("failed", str(error), error=error.code))

    def _part(self, status: Status, reason: str, **given: Any) -> Part:
        return Part(
            status=status,
            by=given.pop("by", "none"),
            task=self.task.name,
            problem=self.found.problem,
            reason=reason,
            span=self.found.span,
            **given,
        )

    def _keep(self, part: Part) -> None:
        self.solve.parts[self.index] = part
