"""What a router's answers depend on, named for the keys of caches.

Specialists are named with version and folder, a language model with its endpoint. What has
no lasting name (a solver in code, a scripted model) gets one of this process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

from hrm_router.policy import Policy
from hrm_specialists.specialist import Specialist


def identity_of(
    specialists: Mapping[str, Specialist], llm: str | None, policy: Policy
) -> dict[str, Any]:
    """Specialists, language model and policy as plain data, in a fixed order."""
    return {
        "specialists": {
            name: [one.version, str(one.folder) if one.folder else mark_of(one)]
            for name, one in sorted(specialists.items())
        },
        "llm": llm,
        "policy": plain_policy(policy),
    }


def plain_policy(policy: Policy) -> dict[str, Any]:
    """A policy as plain data, in a fixed order."""
    return {**policy.model_dump(mode="json"), "private": sorted(policy.private)}


_marks: WeakKeyDictionary[object, str] = WeakKeyDictionary()


def mark_of(thing: object) -> str:
    """A name that no other object has, in this process or another."""
    return _marks.setdefault(thing, uuid4().hex)
