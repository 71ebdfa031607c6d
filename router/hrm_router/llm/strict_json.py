"""JSON from outside, read strictly: no NaN, no infinity, no bottomless nesting.

Knows nothing of what the JSON means.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

MAX_DEPTH = 64
_FENCED = re.compile(r"```(?:json)?[ \t]*\n(.*?)```", re.DOTALL)
_TRIES = 64


def loads(text: str | bytes) -> Any:
    """The value that `text` is.

    Raises:
        ValueError: it is no JSON, or JSON that is too deep or not finite.
    """
    try:
        value = _DECODER.decode(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    return _shallow(value)


def find(text: str) -> Any:
    """The JSON object in a model's reply: all of it, or fenced, or the last one in it.

    Returns:
        None if there is none.
    """
    for candidate in (text, *reversed(_FENCED.findall(text))):
        try:
            return loads(candidate.strip())
        except ValueError:
            pass
    found, at = None, text.find("{")
    for _ in range(_TRIES):
        if at == -1:
            break
        try:
            value, end = _DECODER.raw_decode(text, at)
            found = _shallow(value)
        except (ValueError, RecursionError):
            end = at + 1
        at = text.find("{", end)
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number[:20]} is too large")
    return value


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def _shallow(value: Any) -> Any:
    level, depth = [value], 0
    while level:
        if depth >= MAX_DEPTH:
            raise ValueError("the JSON is nested too deeply")
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(v for v in item.values() if isinstance(v, dict | list))
            elif isinstance(item, list):
                inner.extend(v for v in item if isinstance(v, dict | list))
        level, depth = inner, depth + 1
    return value
