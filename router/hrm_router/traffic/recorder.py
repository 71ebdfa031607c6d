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
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from hrm_router.traffic.families import answer_of
from hrm_router.traffic.grown import Chat, Taken, origin_of
from hrm_router.traffic.rows import MARKS, SPECIALIST, Kind, Row

if TYPE_CHECKING:
    from hrm_router.answer import Answer, Part
    from hrm_router.checking import Judgement
    from hrm_router.llm.protocol import Reply
    from hrm_router.solve import Solve
    from hrm_router.traffic.growth import Growth
    from hrm_router.traffic.record import Traffic
    from hrm_specialists.specialist import Specialist

log = logging.getLogger(__name__)


class Recorder:
    """Records what the LLM answers, for one router.

    Args:
        traffic: where rows go.
        growth: candidates and promoted specialists.
    """

    def __init__(self, traffic: Traffic, growth: Growth) -> None:
        self.traffic, self.growth = traffic, growth

    def take(
        self,
        messages: Sequence[Mapping[str, Any]],
        options: Mapping[str, Any] | None,
        specialists: Iterable[Specialist],
    ) -> Taken | None:
        """The promoted specialist that may answer a chat instead of the LLM."""
        with _harmless("a chat could not be compared with distilled families"):
            return self.growth.take(Chat.of(messages, _marked(options)), specialists)
        return None

    def said(
        self,
        solve: Solve,
        messages: Sequence[Mapping[str, Any]],
        options: Mapping[str, Any] | None,
        reply: Reply,
        seconds: float,
    ) -> None:
        """Record a reply in language, and let a candidate try the same."""
        with _harmless("a call was not recorded"):
            options = _marked(options)
            row = self._row(solve, messages, options, reply, seconds)
            if row is None:
                return
            if self._wanted(solve, row.listed):
                self.traffic.put(row)
            self.growth.compare(Chat.of(messages, options), answer_of(row))

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
        with _harmless("a solution was not recorded"):
            asked = json.dumps(problem.model_dump(mode="json", by_alias=True), ensure_ascii=False)
            checked = judgement.status == "verified"
            row = Row(
                id=f"{solve.id}-{task[:20]}-{number}",
                created=time.time(),
                messages=({"role": "user", "content": asked},),
                answer=solution.model_dump(mode="json", by_alias=True),
                kind="json",
                task=task,
                model=model,
                seconds=seconds,
                verdict="checked" if checked else "refused" if judgement.refuted else "",
                judged_by="checker" if checked or judgement.refuted else "",
                solve_id=solve.id,
            )
            if self._wanted(solve, False):
                self.traffic.put(row)
            if number == 0:  # else it was tried with the first answer
                self.growth.compare(Chat(row.messages, task=task), row.answer)

    def tried(self, specialist: Specialist, problem: BaseModel, part: Part, seconds: float) -> None:
        """Note what a distilled specialist did with a problem."""
        with _harmless("a trial was not recorded"):
            origin = origin_of(specialist)
            if origin is None:
                return
            checked = specialist.task.has_checker and part.solution is not None
            self.growth.answered(
                Taken(specialist, origin, problem),
                confidence=part.confidence or 0.0,
                accepted=part.status in ("verified", "accepted"),
                passed=part.status == "verified" if checked else None,
                seconds=seconds,
            )

    def answered(
        self,
        solve: Solve,
        taken: Taken,
        part: Part,
        messages: Sequence[Mapping[str, Any]],
        options: Mapping[str, Any] | None,
        seconds: float,
    ) -> None:
        """Store what a promoted specialist answered, where the caller asks for it."""
        with _harmless("an answer was not recorded"):
            options = _marked(options)
            if options.get("store") is not True or part.solution is None:
                return
            version = f"{taken.specialist.name}@{taken.specialist.version}"
            self.traffic.put(
                self._new(
                    solve,
                    messages,
                    options,
                    answer=taken.value(part.solution),
                    kind=taken.origin.kind,
                    tool=taken.origin.tool,
                    model=f"{SPECIALIST}{version}",
                    seconds=seconds,
                )
            )

    def kept(
        self,
        solve: Solve,
        answer: Answer,
        messages: Sequence[Mapping[str, Any]],
        options: Mapping[str, Any] | None,
    ) -> None:
        """Store an answer that no LLM gave, where the caller asks for it; a known id stays."""
        with _harmless("an answer was not recorded"):
            options = _marked(options)
            if options.get("store") is not True or not self._wanted(solve, True):
                return
            names = ", ".join(sorted({part.specialist or "" for part in answer.parts} - {""}))
            self.traffic.put(
                self._new(
                    solve, messages, options, answer=answer.text, model=f"{SPECIALIST}{names}"
                )
            )

    def close(self) -> None:
        """Try and store what waits, then stop."""
        self.growth.close()
        self.traffic.close()

    def _row(
        self,
        solve: Solve,
        messages: Sequence[Mapping[str, Any]],
        options: Mapping[str, Any],
        reply: Reply,
        seconds: float,
    ) -> Row | None:
        kind: Kind = "text"
        answer: Any = reply.text
        tool = ""
        if reply.tool_calls:
            if len(reply.tool_calls) > 1:
                return None
            call = next(iter(reply.tool_calls))
            kind, tool, answer = "tool", call.name, json.loads(call.arguments)
        if kind == "text" and Chat.of(messages, options).schema is not None:
            kind, answer = "json", json.loads(reply.text)
        return self._new(
            solve,
            messages,
            options,
            answer=answer,
            kind=kind,
            tool=tool,
            model=reply.model,
            prompt_tokens=reply.tokens.prompt,
            completion_tokens=reply.tokens.completion,
            cost=reply.cost,
            seconds=seconds,
        )

    def _new(
        self,
        solve: Solve,
        messages: Sequence[Mapping[str, Any]],
        options: Mapping[str, Any],
        **more: Any,
    ) -> Row:
        marks, chat, given = MARKS.get(), Chat.of(messages, options), options.get("metadata")
        metadata = given if isinstance(given, Mapping) else {}
        return Row(
            id=completion_id(solve.id) if marks is None else marks.id,
            created=time.time(),
            messages=tuple(messages),
            task=chat.task,
            schema=chat.schema,
            metadata={str(key): str(value) for key, value in metadata.items()},
            solve_id=solve.id,
            owner="" if marks is None else marks.owner,
            listed=options.get("store") is True,
            **more,
        )

    def _wanted(self, solve: Solve, marked: bool) -> bool:
        how = solve.policy.record
        return how == "all" or (how == "marked" and marked)


@contextmanager
def _harmless(what: str) -> Iterator[None]:
    """Odd messages and a task's code may raise anything, and nobody's answer may end here."""
    try:
        yield
    except Exception:
        log.warning("%s", what, exc_info=True)


def completion_id(solve_id: str) -> str:
    """The id of a chat completion, and of its row, from the solve's."""
    return f"chatcmpl-{solve_id}"


def _marked(options: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Options together with what a server says of the call."""
    marks = MARKS.get()
    if marks is None:
        return options or {}
    return {**(options or {}), "store": marks.store, "metadata": marks.metadata}
