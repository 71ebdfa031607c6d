"""The default reader: JSON or a CSV row that validates as a task's problem, anywhere in a text.

Knows nothing of any particular task. Time is linear in the length of the text:
brackets are matched in one pass, and only what nests a few levels deep is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from hrm_specialists.contract import Claim

P = TypeVar("P", bound=BaseModel)

DEEPEST = 8
"""Levels of brackets that a problem may have; bounds how often a character is parsed."""

_OPENING = re.compile(r"[{\[]")
_INSIDE = re.compile(r"[{}\[\]]|\"(?:[^\"\\\n]|\\.)*+\"")
_LINE = re.compile(r"^[ \t]*+([^\s,;\t{\[][^\n,;\t]*+(?:[,;\t][^\n,;\t]*+){2,}+)$", re.MULTILINE)
_NUMBER = re.compile(r"\s*[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?\s*")


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
            start, opened = stack.pop()
            height = heights.pop()
            if opened + mark not in ("{}", "[]"):
                stack.clear()
                heights.clear()
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
