"""The default readers: a problem anywhere in a text, and a value that must be a problem.

Knows nothing of any particular task. Time is linear in the length of the text:
brackets are matched in one pass, and only what nests a few levels deep is parsed.
"""

from __future__ import annotations

import json
import math
import re
import string
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from hrm_specialists.errors import InvalidInput, MalformedTask

if TYPE_CHECKING:
    from hrm_specialists.contract import Claim, Task

P = TypeVar("P", bound=BaseModel)

DEEPEST = 8
"""Levels of brackets that a problem may have; bounds how often a character is parsed."""

MOST_MISTAKES = 1000
"""Mistakes that are listed to name the first."""

_MARKS = "".join(map(chr, range(0x2500, 0x2580))) + string.punctuation
"""Signs around a problem that say nothing: quotes, brackets, frames."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)\w*[ \t]*$", re.MULTILINE)
_OPENING = re.compile(r"[{\[]")
_INSIDE = re.compile(r"[{}\[\]]|\"(?:[^\"\\\n]|\\.)*+\"")
_LINE = re.compile(r"^[ \t]*+([^\s,;\t{\[][^\n,;\t]*+(?:[,;\t][^\n,;\t]*+){2,}+)$", re.MULTILINE)
_NUMBER = re.compile(r"\s*[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?\s*")


def parse_model(
    task: Task[Any, Any], given: object, *, solution: bool = False, read: bool = True
) -> Any:
    """One side of an example of `task`, from whatever form it comes in.

    Args:
        task: whose problem, or solution, `given` must be.
        given: an instance of the model, a mapping of its fields, the value of its
            only field, or text: JSON, what `task.read` claims, or that value.
        solution: whether `given` is a solution.
        read: whether a text is searched for what `task.read` claims.

    Raises:
        MalformedTask: it is none; the message names field and reason.
    """
    model: type[BaseModel] = task.Solution if solution else task.Problem
    what = "solution" if solution else "problem"
    if isinstance(given, model):
        return given
    if isinstance(given, BaseModel):
        raise MalformedTask(
            f"a {type(given).__name__} came; a {what} of {task.name!r} is a {model.__name__}"
        )
    try:
        if isinstance(given, str):
            return _from_text(task, model, given, read=read and not solution)
        fields = list(model.model_fields)
        if not isinstance(given, Mapping) and len(fields) == 1:
            given = {fields[0]: given}
        return model.model_validate(given)
    except InvalidInput:
        raise
    except (ValidationError, RecursionError) as error:
        raise MalformedTask(f"no {what} of {task.name!r}: {first_fault(error)}") from None
    except Exception as error:  # a task's own validators may raise anything
        kind = type(error).__name__
        raise MalformedTask(f"no {what} of {task.name!r}: its validation raised {kind}") from error


def first_fault(error: ValidationError | RecursionError) -> str:
    """The first thing that a validation complains of, in words: "age: Field required"."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if error.error_count() > MOST_MISTAKES:  # listing them all would take long
        return f"{error.error_count()} mistakes"
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _from_text(task: Task[Any, Any], model: type[BaseModel], text: str, *, read: bool) -> BaseModel:
    """JSON, a text that is one claimed stretch, or the only field's value.

    A square may stand in one line.
    """
    if text.lstrip().startswith(("{", "[")):
        try:
            return model.model_validate_json(text)
        except ValidationError:
            if text.lstrip().startswith("{"):
                raise
    claims = list(task.read(text)) if read else []
    said = _beside(task, text, claims[0]) if len(claims) == 1 else ""
    if len(claims) == 1 and not said:
        found: BaseModel = claims[0].problem
        return found
    try:
        return _from_value(model, text)
    except ValidationError:
        if not said:
            raise
    raise MalformedTask(
        f"no problem of {task.name!r}: the text says more than the problem: {said!r}, which may "
        "be a rule that the checker does not know; give the problem alone, or the whole text "
        "to a router as its query"
    )


def _beside(task: Task[Any, Any], text: str, claim: Claim[Any]) -> str:
    """What a text says besides its one problem and what explains that, shortened."""
    kept, at = [], 0
    for start, end in sorted({claim.span, *claim.explained} - {*claim.doubtful}):
        kept.append(text[at:start])
        at = max(at, end)
    within = [text[start:end] for start, end in claim.beside]
    rest = _FENCE.sub("", "\n".join([*kept, text[at:], *within]))
    names = f"{task.name} {task.title} {' '.join(task.Problem.model_fields)}".casefold().split()
    said = [word for word in rest.split() if word.strip(_MARKS).casefold() not in ("", *names)]
    return " ".join(" ".join(said).split())[:200]


def _from_value(model: type[BaseModel], text: str) -> BaseModel:
    fields = list(model.model_fields)
    if len(fields) != 1:
        return model.model_validate(text)
    try:
        return model.model_validate({fields[0]: text})
    except ValidationError:
        side = math.isqrt(len(text))
        if side >= 2 and side * side == len(text) and "\n" not in text:
            rows = "\n".join(text[at : at + side] for at in range(0, len(text), side))
            with suppress(ValidationError):
                return model.model_validate({fields[0]: rows})
        raise


def read_typed(problem: type[P], text: str) -> Iterator[Claim[P]]:
    """Yield the claims of JSON objects, JSON lists and CSV rows that validate.

    Of nested ones the outermost counts. An object must hold fields of `problem`
    and no others; a list counts where the model takes one; a row must be
    numbers for the most part, one value for each field or for each item of a
    list.
    """
    from hrm_specialists.contract import Claim

    spans = sorted({*_brackets(text), *_rows(text)}, key=lambda span: (span[0], -span[1]))
    end = 0
    for start, stop in spans:
        if start >= end and (found := _validated(problem, text[start:stop])):
            end = stop
            form = {"{": "JSON object", "[": "JSON list"}.get(text[start], "CSV row")
            yield Claim(found, (start, stop), form)


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """Spans of balanced braces and brackets that are not too deep inside."""
    stack: list[tuple[int, str]] = []
    heights: list[int] = []
    at = 0
    while token := (_INSIDE if stack else _OPENING).search(text, at):
        at, mark = token.end(), token[0]
        if mark in "{[":
            stack.append((token.start(), mark))
            heights.append(1)
        elif mark in "}]":
            (start, opened), height = stack.pop(), heights.pop()
            if opened + mark not in ("{}", "[]"):
                stack, heights = [], []
                continue
            if stack:
                heights[-1] = max(heights[-1], height + 1)
            if height <= DEEPEST and at - start > 2:
                yield start, at


def _rows(text: str) -> Iterator[tuple[int, int]]:
    """Spans of lines of at least three values, most of them numbers."""
    for line in _LINE.finditer(text):
        values = re.split(r"[,;\t]", line[1])
        if 2 * sum(map(bool, map(_NUMBER.fullmatch, values))) > len(values):
            yield line.start(1), line.start(1) + len(line[1].rstrip())


def _validated(problem: type[P], chunk: str) -> P | None:
    try:
        if chunk[0] == "{":
            return _from_object(problem, chunk)
        if chunk[0] == "[":
            return problem.model_validate_json(chunk)
        return _from_row(problem, [value.strip(" \"'\r") for value in re.split(r"[,;\t]", chunk)])
    except ValueError:  # pydantic's ValidationError is one
        return None


def _from_object(problem: type[P], chunk: str) -> P | None:
    fields, keys = problem.model_fields, json.loads(chunk).keys()
    names = {*fields, *(field.alias for field in fields.values())}
    return problem.model_validate_json(chunk) if keys and keys <= names else None


def _from_row(problem: type[P], values: list[str]) -> P | None:
    if len(values) == len(problem.model_fields):
        return problem.model_validate(dict(zip(problem.model_fields, values, strict=True)))
    numbers: list[Any] = [
        json.loads(value) if _NUMBER.fullmatch(value) else value for value in values
    ]
    return problem.model_validate(numbers)
