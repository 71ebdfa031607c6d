"""Teach tiny reasoning models a task, route to them what they can do, checked.

    from hrm_agent import Router

    answer = await Router.solve("53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28…")

Everything public is here, and each name is loaded on first use: importing this
package loads neither torch nor a language model's client.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hrm_agent.growing import distil
    from hrm_agent.integrations.langchain.tools import as_tool
    from hrm_router.answer import Answer, Part, Status, Step, Timing, Usage
    from hrm_router.deciding import LabelledQuery
    from hrm_router.decision import Decision, Evidence, FoundProblem
    from hrm_router.events import (
        Answered,
        Checked,
        Decided,
        Event,
        Failed,
        Solved,
        TextDelta,
        Thinking,
        Told,
    )
    from hrm_router.intents import Intent
    from hrm_router.llm.budgets import Budget
    from hrm_router.llm.cascade import Cascade
    from hrm_router.llm.client import LLM
    from hrm_router.policy import Policy
    from hrm_router.router import Router
    from hrm_router.settings import Settings
    from hrm_router.traffic.gate import Gate
    from hrm_router.traffic.growth import Grow
    from hrm_router.traffic.record import Traffic
    from hrm_specialists.contract import Attempt, Claim, NearMiss, Symmetry, Task, Verdict
    from hrm_specialists.errors import HrmAgentError
    from hrm_specialists.registry import Registry, load_specialist, specialist
    from hrm_specialists.specialist import Specialist
    from hrm_specialists.teaching.teach import train

__all__ = [
    "Answer",
    "Answered",
    "Attempt",
    "Budget",
    "Cascade",
    "Checked",
    "Claim",
    "Decided",
    "Decision",
    "Event",
    "Evidence",
    "Failed",
    "FoundProblem",
    "Gate",
    "Grow",
    "HrmAgentError",
    "Intent",
    "LLM",
    "LabelledQuery",
    "NearMiss",
    "Part",
    "Policy",
    "Registry",
    "Router",
    "Settings",
    "Solved",
    "Specialist",
    "Status",
    "Step",
    "Symmetry",
    "Task",
    "TextDelta",
    "Thinking",
    "Timing",
    "Told",
    "Traffic",
    "Usage",
    "Verdict",
    "as_tool",
    "distil",
    "load_specialist",
    "specialist",
    "train",
]

_HOMES = {
    "hrm_agent.growing": ("distil",),
    "hrm_agent.integrations.langchain.tools": ("as_tool",),
    "hrm_router.answer": ("Answer", "Part", "Status", "Step", "Timing", "Usage"),
    "hrm_router.deciding": ("LabelledQuery",),
    "hrm_router.decision": ("Decision", "Evidence", "FoundProblem"),
    "hrm_router.events": (
        "Answered",
        "Checked",
        "Decided",
        "Event",
        "Failed",
        "Solved",
        "TextDelta",
        "Thinking",
        "Told",
    ),
    "hrm_router.intents": ("Intent",),
    "hrm_router.llm.budgets": ("Budget",),
    "hrm_router.llm.cascade": ("Cascade",),
    "hrm_router.llm.client": ("LLM",),
    "hrm_router.policy": ("Policy",),
    "hrm_router.router": ("Router",),
    "hrm_router.settings": ("Settings",),
    "hrm_router.traffic.gate": ("Gate",),
    "hrm_router.traffic.growth": ("Grow",),
    "hrm_router.traffic.record": ("Traffic",),
    "hrm_specialists.contract": ("Attempt", "Claim", "NearMiss", "Symmetry", "Task", "Verdict"),
    "hrm_specialists.errors": ("HrmAgentError",),
    "hrm_specialists.registry": ("Registry", "load_specialist", "specialist"),
    "hrm_specialists.specialist": ("Specialist",),
    "hrm_specialists.teaching.teach": ("train",),
}
"""Where each name comes from; the same as above, for run time."""


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(importlib.import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
