"""A user's own 150 intents, from 20 phrases each.

The intents are made up here: fifteen things to do with ten things, worded by
templates of which training and test never share one. They show that the
mechanism carries this many tasks; what real intents score depends on them.
"""

from __future__ import annotations

import random
from typing import Any

from pydantic import BaseModel, ConfigDict

from hrm_router.deciding import Decider, LabelledQuery
from hrm_router.routing_scores import evaluate
from hrm_router.wording.templates import fill
from hrm_specialists.contract import Task

DO = {
    "cancel": "cancel|call off|scrap|drop",
    "check": "check|look up|verify|look at",
    "change": "change|modify|amend|alter",
    "order": "order|get|request|obtain",
    "find": "find|locate|track down|search for",
    "share": "share|forward|pass on|send round",
    "report": "report|flag|complain about|raise a problem with",
    "renew": "renew|extend|prolong|keep",
    "rate": "rate|review|grade|give stars to",
    "pay": "pay|settle|pay off|clear",
    "print": "print|put on paper|make a hard copy of|print out",
    "translate": "translate|put into English|turn into Spanish|localise",
    "lock": "lock|freeze|block|suspend",
    "compare": "compare|weigh up|contrast|put side by side",
    "schedule": "schedule|set a date for|plan|put in the calendar",
}
WITH = {
    "card": "card|credit card|debit card|visa card",
    "invoice": "invoice|bill|statement|receipt",
    "flight": "flight|plane ticket|plane trip|air ticket",
    "room": "hotel room|room|suite|accommodation",
    "parcel": "parcel|package|shipment|delivery",
    "gym": "gym membership|fitness pass|gym pass|club membership",
    "phone": "phone plan|mobile contract|sim contract|phone contract",
    "insurance": "insurance|policy|insurance cover|coverage",
    "recipe": "recipe|dish|meal|menu",
    "doctor": "doctor's appointment|check-up|doctor's visit|medical appointment",
}
TAUGHT = (
    "I want to {do} my {it}",
    "can you {do} the {it}",
    "please {do} my {it}",
    "how do I {do} a {it}",
    "{do} {it}",
    "I need to {do} the {it} today",
    "help me {do} my {it}",
    "is it possible to {do} a {it} online",
)
ASKED = (
    "would you be so kind as to {do} my {it}",
    "I'd like you to {do} that {it} for me",
    "what must I do to {do} an {it}",
    "it's about my {it}, I have to {do} it",
    "could somebody {do} our {it} this week",
)


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str


class Label(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str


def intents(rng: random.Random) -> tuple[list[Task[Any, Any]], list[LabelledQuery]]:
    tasks: list[Task[Any, Any]] = []
    queries: list[LabelledQuery] = []
    for do, verbs in DO.items():
        for it, nouns in WITH.items():
            name = f"{do}-{it}"
            slots = {"do": verbs.split("|"), "it": nouns.split("|")}
            phrases = [fill(rng.choice(TAUGHT), slots, rng) for _ in range(20)]
            made = type(
                f"Intent{len(tasks)}",
                (Task,),
                {"name": name, "Problem": Said, "Solution": Label, "phrases": tuple(phrases)},
            )
            tasks.append(made())
            queries += [
                LabelledQuery(query=fill(template, slots, rng), label=name) for template in ASKED
            ]
    return tasks, queries


def test_150_intents_are_told_apart_from_20_phrases_each() -> None:
    """A task that takes whole texts gets them, in wordings that no phrase had."""
    tasks, queries = intents(random.Random(7))

    scores = evaluate(Decider(tasks), queries)

    assert len(tasks) == 150
    assert scores.accuracy.low >= 0.8, str(scores.accuracy)


def test_a_task_joins_by_its_own_phrases() -> None:
    """What was open-ended before a task came belongs to it afterwards."""
    tasks, _ = intents(random.Random(1))
    wanted = next(task for task in tasks if task.name == "lock-card")
    query = "could you quickly freeze my debit card"
    others = [task for task in tasks if task.name in ("rate-recipe", "print-invoice", "find-gym")]

    before = Decider(others).decide(query)
    after = Decider([*others, wanted]).decide(query)

    assert before.route == "llm"
    assert (after.route, after.task) == ("specialist", "lock-card")
    assert after.problems[0].problem == Said(text=query)
