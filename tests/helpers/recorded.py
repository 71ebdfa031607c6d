"""Rows of recorded traffic for tests."""

from __future__ import annotations

import itertools

from pydantic import BaseModel

from hrm_router.traffic.rows import Row
from hrm_specialists.contract import Task

_numbers = itertools.count()


class Ticket(BaseModel):
    text: str


class Queue(BaseModel):
    queue: str


class Triage(Task[Ticket, Queue]):
    """Tickets to sort into queues, as recorded calls ask for."""

    name = "triage"
    Problem = Ticket
    Solution = Queue


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
