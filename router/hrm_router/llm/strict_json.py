"""JSON from outside, read strictly: no NaN, no infinity, no bottomless nesting.

Knows nothing of what the JSON means.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

MAX_DEPTH = 64
_OBJECT = re.compile(r'\{\s*["}]')
_WORK = 2_000_000
"""Characters that are looked at, again and again included, before `find` stops."""


def loads(text: str | bytes) -> Any:
    """The value that `text` is; `ValueError` if it is no JSON, too deep, or not finite."""
    try:
        value = _DECODER.decode(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    return _shallow(value)


def find(text: str, wanted: Iterable[str] = ()) -> Any:
    """The JSON object in a model's reply: all of it, or the last one in it; None without one.

    Drafts come before answers, so the last object wins, fenced or not; one that has
    all the fields `wanted` wins over one that has not.
    """
    try:
        return loads(text.strip())
    except ValueError:
        pass
    names = set(wanted)
    found, fits, end, work = None, False, 0, 0
    while (begin := _OBJECT.search(text, end)) and work <= _WORK:
        at = begin.start()
        try:
            value, end = _DECODER.raw_decode(text, at)
            work += end - at
            value_fits = isinstance(value, dict) and names <= value.keys()
            if value_fits or not fits:
                found, fits = _shallow(value), value_fits
        except json.JSONDecodeError as error:
            work += error.pos - at + error.pos // 64  # it counts the lines up to there
            end = at + 1
        except (ValueError, RecursionError):
            work += 10_000
            end = at + 1
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
