"""What a router's solves leave in the store, and what candidates try beside them.

Sits where replies are at hand. Whatever the LLM was not allowed to see never comes
here, because only what it answered is recorded. Never raises, and never waits.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from hrm_router.traffic.families import answer_of
from hrm_router.traffic.grown import Taken, origin_of
from hrm_router.traffic.rows import MARKS, SPECIALIST, Chat, Kind, Row, Verdict

if TYPE_CHECKING:
    from hrm_router.answer import Answer, Part
    from hrm_router.checking import Judgement
    from hrm_router.llm.protocol import Reply
    from hrm_router.solve import Solve
    from hrm_router.traffic.growth import Growth
    from hrm_router.traffic.record import Traffic
    from hrm_specialists.specialist import Specialist

log = logging.getLogger(__name__)
Messages = Sequence[Mapping[str, Any]]
Options = Mapping[str, Any] | None


@contextmanager
def _harmless(what: str) -> Iterator[None]:
    """Odd messages and a task's code may raise anything, and nobody's answer may end here."""
    try:
        yield
    except Exception:
        log.warning("%s", what, exc_info=True)


class Recorder:
    """Records what the LLM answers, for one router."""

    def __init__(self, traffic: Traffic, growth: Growth) -> None:
        self.traffic, self.growth = traffic, growth

    def take(
        self, messages: Messages, options: Options, specialists: Iterable[Specialist]
    ) -> Taken | None:
        """The promoted specialist that may answer a chat instead of the LLM."""
        with _harmless("a chat could not be compared with distilled families"):
            return self.growth.take(Chat.of(messages, options), specialists)
        return None

    @_harmless("a call was not recorded")
    def said(
        self, solve: Solve, messages: Messages, options: Options, reply: Reply, seconds: float
    ) -> None:
        """Record a reply in language, and let a candidate try the same."""
        chat, tool = Chat.of(messages, options), ""
        kind: Kind = "text"
        answer: Any = reply.text
        if len(reply.tool_calls) > 1:
            return  # several at once are no answer to learn
        for call in reply.tool_calls:
            kind, tool, answer = "tool", call.name, json.loads(call.arguments)
        if kind == "text" and chat.schema is not None:
            kind, answer = "json", json.loads(reply.text)
        row = _row(
            solve,
            replace(chat, tool=tool),
            answer,
            kind=kind,
            model=reply.model,
            prompt_tokens=reply.tokens.prompt,
            completion_tokens=reply.tokens.completion,
            cost=reply.cost,
            seconds=seconds,
        )
        self._put(solve, row)
        self.growth.compare(chat, answer_of(row))

    @_harmless("a solution was not recorded")
    def solved(
        self,
        solve: Solve,
        task: str,
        problem: BaseModel,
        solution: BaseModel,
        judgement: Judgement,
        *,
        model: str,
        number: int,
        seconds: float,
    ) -> None:
        """Record the LLM's solution of a task's problem, with the checker's verdict.

        A candidate tries the same problem.
        """
        asked = json.dumps(problem.model_dump(mode="json", by_alias=True), ensure_ascii=False)
        verdict: Verdict = "checked" if judgement.status == "verified" else ""
        verdict = "refused" if judgement.refuted else verdict
        row = Row(
            id=f"{solve.id}-{task[:20]}-{number}",
            created=time.time(),
            messages=({"role": "user", "content": asked},),
            answer=solution.model_dump(mode="json", by_alias=True),
            kind="json",
            task=task,
            model=model,
            seconds=seconds,
            verdict=verdict,
            judged_by="checker" if verdict else "",
            solve_id=solve.id,
        )
        self._put(solve, row)
        if number == 0:  # else it was tried with the first answer
            self.growth.compare(row, row.answer)

    @_harmless("a trial was not recorded")
    def tried(self, specialist: Specialist, problem: BaseModel, part: Part, seconds: float) -> None:
        """Note what a distilled specialist did with a problem."""
        origin = origin_of(specialist)
        if origin is not None:
            checked = specialist.task.has_checker and part.solution is not None
            self.growth.answered(
                Taken(specialist, origin, problem),
                confidence=part.confidence or 0.0,
                accepted=part.status in ("verified", "accepted"),
                passed=part.status == "verified" if checked else None,
                seconds=seconds,
            )

    @_harmless("an answer was not recorded")
    def kept(
        self,
        solve: Solve,
        answer: Answer,
        messages: Messages,
        options: Options,
        taken: Taken | None = None,
    ) -> None:
        """Store an answer that no LLM gave, where the caller asks for it; a known id stays.

        Args:
            taken: the chat, where a promoted specialist took it.
        """
        chat = Chat.of(messages, options)
        if not chat.listed:
            return
        by = ", ".join(sorted({part.specialist or "" for part in answer.parts} - {""}))
        given: Any = answer.text
        kind: Kind = "text"
        tool = ""
        if taken is not None and answer.solution is not None:
            given, kind, tool = taken.value(answer.solution), taken.origin.kind, taken.origin.tool
            by = f"{by}@{taken.specialist.version}"
        about = {"kind": kind, "model": f"{SPECIALIST}{by}", "seconds": answer.timing.total}
        self._put(solve, _row(solve, replace(chat, tool=tool), given, **about))

    def close(self) -> None:
        """Try and store what waits, then stop."""
        self.growth.close()
        self.traffic.close()

    def _put(self, solve: Solve, row: Row) -> None:
        how = solve.policy.record
        if how == "all" or (how == "marked" and row.listed):
            self.traffic.put(row)


def _row(solve: Solve, chat: Chat, answer: Any, **more: Any) -> Row:
    marks = MARKS.get()
    return Row(
        **{name: getattr(chat, name) for name in Chat.__dataclass_fields__},
        id=f"chatcmpl-{solve.id}" if marks is None else marks.id,
        created=time.time(),
        answer=answer,
        solve_id=solve.id,
        **more,
    )
