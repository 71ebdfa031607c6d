"""From whatever a caller hands in to validated problems and the text around them.

Typed problems pass through, text is read by every task, and of a chat only the
last user message is looked at. Where tasks disagree about a stretch of text the
rule is the same every time; where it leaves a tie, nobody gets it. Knows
nothing of routes, specialists or language models.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel

from hrm_router.decision import Evidence, FoundProblem
from hrm_router.offload import carry_on, plain
from hrm_specialists.contract import Claim, NearMiss, Task
from hrm_specialists.errors import InvalidInput, MalformedTask, TaskTooLarge, UnknownSpecialist
from hrm_specialists.reading import parse_model

log = logging.getLogger(__name__)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,23})(?:\.\d{1,24})?")

MAX_CHARACTERS = 1_000_000
"""Longest text that is read, all messages of a chat together."""
MAX_PROBLEMS = 256
"""Most problems taken from one text."""

MAX_CLAIMS = 2 * MAX_PROBLEMS
"""Most claims that one task may lay to a text."""

PIECE = 120_000
"""Characters that a reader gets at once."""
OVERLAP, MARGIN = 24_000, 2_000
"""What two pieces share, and how near to a cut nothing is believed."""

AnyTask = Task[Any, Any]
_Claimed = tuple[AnyTask, Claim[Any]]
S = TypeVar("S", Claim[Any], NearMiss)
Message = dict[str, Any]
"""One chat message as OpenAI-compatible endpoints take it."""


@dataclass(frozen=True, slots=True)
class Query:
    """What came in, sorted out.

    `text` is what is read for problems; `messages` is the chat to go on with,
    empty unless a chat came in; `problem` is set for typed input alone.
    """

    text: str = ""
    messages: tuple[Message, ...] = ()
    problem: BaseModel | Mapping[str, Any] | Sequence[Any] | None = None
    goes_on: bool = False
    """Whether the chat went on after its last user message: tools were called, say."""
    shows: bool = False
    """Whether its last user message holds more than text: a picture, say."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the tasks found in a text."""

    problems: tuple[FoundProblem, ...] = ()
    """Validated, in order, not overlapping."""
    tied: tuple[str, ...] = ()
    """Tasks that claim the same stretch equally well, so that none gets it."""
    touched: frozenset[str] = frozenset()
    """Tasks that claimed anything, kept or not."""
    notes: tuple[Evidence, ...] = ()


def sort_out(query: object, *, named: bool = False) -> Query:
    """Tell text, typed problems and chats apart, and refuse what is none of them.

    A list is a chat; where the task is `named` and no item is a message, it is
    that task's problem, such as the readings of a sensor or the rows of a grid.

    Raises:
        TaskTooLarge: more than `MAX_CHARACTERS`.
        InvalidInput: not text, a model, a mapping or a list of messages; or
            text with NUL or half surrogates, which is binary data.
    """
    if isinstance(query, str):
        return Query(text=_clean(query))
    if isinstance(query, BaseModel) and not _is_message(query):
        return Query(problem=query)
    if isinstance(query, Mapping):
        return Query(problem=query)
    if isinstance(query, Sequence) and not isinstance(query, bytes | bytearray | memoryview):
        if named and query and not any(_says_something(item) for item in query):
            return Query(problem=query)
        messages = tuple(_message(item) for item in query)
        _clean_sizes(messages)
        said = [message for message in messages if message["role"] == "user"]
        if not said:
            raise InvalidInput("a chat without a user message; add {'role': 'user', ...}")
        goes_on = messages[-1]["role"] != "user"
        text, parts = text_of(said[-1]), said[-1].get("content")
        shows = isinstance(parts, list | tuple) and any(
            isinstance(part, Mapping) and "text" not in part for part in parts
        )
        return Query(text, messages, goes_on=goes_on, shows=shows)
    raise InvalidInput(
        f"a query is text, a typed problem or a list of chat messages, not {type(query).__name__}"
    )


def text_of(message: Mapping[str, Any]) -> str:
    """The text of a chat message, its parts joined."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, Iterable):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str))


def read_problem(
    problem: BaseModel | Mapping[str, Any] | Sequence[Any], tasks: Mapping[str, AnyTask]
) -> Reading:
    """Find the one task that a typed problem belongs to.

    Raises:
        UnknownSpecialist: no task takes it.
        MalformedTask: several do, and `task=` picks one; or it has one task's
            fields, and something is wrong with them.
    """
    if isinstance(problem, BaseModel):
        takers = [task for task in tasks.values() if isinstance(problem, task.Problem)]
        exact = [task for task in takers if task.Problem is type(problem)]
        takers = exact or takers
        kind = type(problem).__name__
    else:
        takers = [task for task in tasks.values() if _validates(task, problem)]
        kind = f"a mapping with {', '.join(map(str, list(problem)[:8])) or 'nothing'}"
    if not takers:
        near = [task for task in tasks.values() if _has_fields_of(task, problem)]
        if len(near) == 1:
            return _typed(near[0], problem)  # says what is wrong with it
        raise UnknownSpecialist(kind, tasks)
    if len(takers) > 1:
        names = ", ".join(task.name for task in takers)
        raise MalformedTask(f"{kind} is a problem of {names}; pass task= to pick one")
    return _typed(takers[0], problem)


def read_as(query: Query, task: AnyTask) -> Reading:
    """Take the query as `task`'s: typed, as text its reader claims, as JSON or a row of values.

    A task that says itself how a whole text is its problem (`Task.parse`) is asked
    first if it has several fields, last if it has one. Text of no problem gives an
    empty reading; the LLM may still make something of it.

    Raises:
        MalformedTask: a typed problem or JSON object that is not the task's.
    """
    if query.problem is not None:
        return _typed(task, query.problem)
    parses = type(task).parse is not Task.parse
    row = _whole(query.text, task) if parses and len(task.Problem.model_fields) > 1 else None
    if isinstance(row, BaseModel):
        return _all_of(query.text, task, row)
    reading = read_text(query.text, {task.name: task})
    if reading.problems:
        return reading
    whole = row or (_whole(query.text, task) if parses else None)
    if isinstance(whole, BaseModel):
        return _all_of(query.text, task, whole)
    if isinstance(whole, str):
        return replace(reading, notes=(*reading.notes, _note(task.name, whole)))
    try:
        data = json.loads(query.text)
    except (ValueError, RecursionError):
        parts = re.split(r"[\s,;]+", query.text.strip())
        if not all(map(_NUMBER.fullmatch, parts)):
            return reading
        numbers = [json.loads(part) for part in parts]
        return _typed(task, numbers) if _validates(task, numbers) else reading
    return _typed(task, data)


def _all_of(text: str, task: AnyTask, problem: BaseModel) -> Reading:
    span = (0, len(text))
    found = FoundProblem(task=task.name, problem=problem, span=span, form="the whole text")
    return Reading((found,), touched=frozenset({task.name}))


def _whole(text: str, task: AnyTask) -> BaseModel | str:
    """The whole text as the task's problem, or why it is none."""
    try:
        found: BaseModel = task.parse(text)
        return found
    except InvalidInput as error:
        return str(error)


def read_text(text: str, tasks: Mapping[str, AnyTask]) -> Reading:
    """Let every task claim its problems in `text`, and settle who gets what.

    A longer stretch beats a shorter one that it overlaps; among equals, the
    only task that the rest of the text calls by name wins; otherwise nobody.
    """
    notes: list[Evidence] = []
    claims: list[_Claimed] = []
    for task in tasks.values():
        try:
            found = list(_claims(task, text))
        except Exception as error:
            log.warning("the reader of %r failed: %s", task.name, error)
            notes.append(_note(task.name, f"its reader failed: {type(error).__name__}"))
            continue
        if len(found) > MAX_CLAIMS:
            raise TaskTooLarge(f"over {MAX_CLAIMS} problems of {task.name!r} in one text")
        claims.extend((task, claim) for claim in found)
    touched = frozenset(task.name for task, _ in claims)
    kept, tied = _settle(text, claims, notes)
    if len(kept) > MAX_PROBLEMS:
        raise TaskTooLarge(f"{len(kept)} problems in one text; at most {MAX_PROBLEMS} are taken")
    problems = tuple(
        FoundProblem(
            task=task.name,
            problem=claim.problem,
            span=claim.span,
            form=claim.form,
            explained=claim.explained,
            doubtful=claim.doubtful,
            beside=claim.beside,
        )
        for task, claim in sorted(kept, key=lambda pair: pair[1].span)
    )
    return Reading(problems, tied, touched, tuple(notes))


def in_pieces(read: Callable[[str], Iterable[S]], text: str) -> Iterator[S]:
    """What a reader finds in a text, of which it sees no more than `PIECE` characters at once.

    A search over a long text holds the interpreter, and with it every event loop, until it
    is through. What is longer than `OVERLAP` may be missed where two pieces meet.

    Raises:
        Abandoned: nobody waits for the rest any more.
    """
    if len(text) <= PIECE:
        yield from read(text)
        return
    begin, owned, end = 0, 0, 0
    while owned < len(text):
        carry_on()
        last = begin + PIECE >= len(text)
        until = len(text) if last else begin + PIECE - OVERLAP + MARGIN
        for one in sorted(read(text[begin : begin + PIECE]), key=lambda found: found.span):
            start, stop = begin + one.span[0], begin + one.span[1]
            whole = last or stop <= begin + PIECE - MARGIN  # else it may have been cut
            if whole and max(owned, end) <= start < until:
                end = stop
                yield _moved(one, begin)
        begin, owned = begin + PIECE - OVERLAP, until


def _moved(one: S, by: int) -> S:
    """The same with all of its places counted from further back."""
    if not by:
        return one
    places: dict[str, Any] = {"span": (one.span[0] + by, one.span[1] + by)}
    if isinstance(one, Claim):
        for name in ("explained", "doubtful", "beside"):
            places[name] = tuple((a + by, b + by) for a, b in getattr(one, name))
    return replace(one, **places)


def _claims(task: AnyTask, text: str) -> Iterable[Claim[Any]]:
    end = 0
    pieces = in_pieces(lambda part: islice(task.read(part), MAX_CLAIMS + 1), text)
    for claim in sorted(islice(pieces, MAX_CLAIMS + 1), key=lambda claim: claim.span):
        start, stop = claim.span
        if not (end <= start < stop <= len(text)) or not isinstance(claim.problem, task.Problem):
            raise ValueError(f"claims {claim.span} of {len(text)} characters, after {end}")
        end = stop
        yield claim


def _settle(
    text: str, claims: list[_Claimed], notes: list[Evidence]
) -> tuple[list[_Claimed], tuple[str, ...]]:
    """Keep claims that do not overlap; see `read_text` for the rule."""
    kept: list[_Claimed] = []
    tied: dict[str, None] = {}
    for group in _overlapping(claims):
        left = sorted(group, key=lambda pair: (-_length(pair), pair[1].span, pair[0].name))
        while left:
            first = left[0]
            best = [one for one in left if _overlap(one, first) and _length(one) == _length(first)]
            if len(best) > 1:
                best = _called_by_name(text, best)
            if len(best) == 1:
                kept += best
            else:
                names = sorted({task.name for task, _ in best})
                tied.update(dict.fromkeys(names))
                start, stop = best[0][1].span
                what = f"characters {start}-{stop} are a problem of {' and of '.join(names)} alike"
                notes.append(Evidence(signal="structure", detail=f"{what}; task= picks one"))
            lost = [pair for pair in left if any(_overlap(pair, one) for one in best)]
            for task, _ in (pair for pair in lost if pair not in best):
                notes.append(_note(task.name, "claims what another task claims better"))
            left = [pair for pair in left if pair not in lost]
    return kept, tuple(tied)


def _overlapping(claims: list[_Claimed]) -> Iterable[list[_Claimed]]:
    """Chains of claims that overlap, from left to right."""
    group: list[_Claimed] = []
    end = 0
    for pair in sorted(claims, key=lambda pair: pair[1].span):
        if group and pair[1].span[0] >= end:
            yield group
            group = []
        group.append(pair)
        end = max(end, pair[1].span[1]) if len(group) > 1 else pair[1].span[1]
    if group:
        yield group


def _length(one: _Claimed) -> int:
    return one[1].span[1] - one[1].span[0]


def _overlap(one: _Claimed, other: _Claimed) -> bool:
    return one[1].span[0] < other[1].span[1] and other[1].span[0] < one[1].span[1]


def _called_by_name(text: str, rivals: list[_Claimed]) -> list[_Claimed]:
    start = min(claim.span[0] for _, claim in rivals)
    stop = max(claim.span[1] for _, claim in rivals)
    around = f"{text[max(0, start - 2000) : start]} {text[stop : stop + 2000]}".casefold()
    words = set(re.findall(r"[\w-]+", around))
    named = [
        pair
        for pair in rivals
        if pair[0].name.casefold() in words
        or (pair[0].title and pair[0].title.casefold() in around)
    ]
    return named if len(named) == 1 else rivals


def _typed(task: AnyTask, problem: object) -> Reading:
    found = FoundProblem(task=task.name, problem=parse_model(task, problem, read=False))
    return Reading((found,), touched=frozenset({task.name}))


def _validates(task: AnyTask, data: object) -> bool:
    try:
        task.Problem.model_validate(data)
    except Exception:  # validation errors, and whatever else a task's validators raise
        return False
    return True


def _has_fields_of(task: AnyTask, problem: object) -> bool:
    """Whether somebody who wrote this mapping must have meant this task's problem."""
    if not isinstance(problem, Mapping) or not problem:
        return False
    return all(name in task.Problem.model_fields for name in problem)


def _note(task: str, detail: str) -> Evidence:
    return Evidence(signal="structure", task=task, detail=detail)


_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}


def _is_message(item: object) -> bool:
    """Whether this is a LangChain message, told without importing LangChain."""
    return hasattr(item, "content") and getattr(item, "type", None) in _ROLES


def _says_something(item: object) -> bool:
    return _is_message(item) or isinstance(item, Mapping)


def _message(item: object) -> Message:
    if _is_message(item):
        if getattr(item, "type", None) in ("ai", "tool"):
            from langchain_core.messages import convert_to_openai_messages

            return dict(convert_to_openai_messages([item])[0])
        return {"role": _ROLES[item.type], "content": item.content}  # type: ignore[attr-defined]
    if isinstance(item, Mapping) and isinstance(item.get("role"), str):
        return dict(item)
    raise InvalidInput(
        "a list is a chat, its items messages with 'role' and 'content', "
        f"not {type(item).__name__}; a problem is passed as its fields, {{'name': …}}, "
        "or as a list with task= its task's name"
    )


def _clean(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise TaskTooLarge(f"{len(text)} characters; at most {MAX_CHARACTERS} are read")
    if "\0" in text:
        raise InvalidInput("the text holds NUL characters: it is binary data")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInput("the text holds half surrogates: it was decoded wrongly") from None
    return text


def _clean_sizes(messages: Sequence[Message]) -> None:
    plain(messages, "the chat")
    total = 0
    for message in messages:
        total += len(_clean(text_of(message)))
        if total > MAX_CHARACTERS:
            raise TaskTooLarge(f"a chat of over {MAX_CHARACTERS} characters")
