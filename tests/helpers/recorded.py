"""Rows of recorded traffic for tests."""

from __future__ import annotations

import itertools

from hrm_router.traffic.rows import Row

_numbers = itertools.count()


def row(text="hello", answer="hi", **more) -> Row:
    """A recorded call with one message of the user."""
    system = more.pop("system", "")
    messages = ({"role": "system", "content": system},) if system else ()
    values = {
        "id": f"call-{next(_numbers)}",
        "created": 1_000.0 + next(_numbers),
        "messages": (*messages, {"role": "user", "content": text}),
        "answer": answer,
    }
    return Row(**{**values, **more})
