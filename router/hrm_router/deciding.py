"""From what was found in a query to where it goes, with the reasons.

The order is fixed: a problem that is there goes to its specialist, and the
text around it says whether more is wanted (`residual.py`); without a problem a
light classifier, trained from the tasks' phrases, says whether the text sounds
like a task at all; where it does, the decision is unclear and left to an LLM
(`language.py`) or to nobody. Calls no model itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from hrm_router.classifier import Example, TextClassifier
from hrm_router.decision import Decision, Evidence, FoundProblem
from hrm_router.reading import Reading, read_text
from hrm_router.residual import NOTHING, Remainder, Wording, speaks
from hrm_router.sentences import outside, sentences
from hrm_router.wording.negatives import open_examples
from hrm_router.wording.phrases import phrase_examples
from hrm_specialists.contract import Task

log = logging.getLogger(__name__)

OPEN = "(open)"
"""The classifier's label for text that is no task's; no task can have this name."""
UNCLEAR = 0.5
"""Probability of some task from which text without a problem is unclear."""
PLAIN = 0.7
"""Probability from which a task that takes whole texts gets one."""
MOST_SUSPECTS = 5
"""Tasks named at most in an unclear decision."""
WORTH_SAYING = 0.02
"""Probability from which a task is named in the evidence."""
ILLUSTRATES = 0.6
"""Probability from which a problem is taken for an example in a statement."""
ASKED, UNASKED = 0.9, 0.25
"""Probabilities of a request to solve that settle it either way."""
UNREAD = 0.1
"""How often text worded like a task states its problem in a form nobody reads: a guess
on the safe side, in development it was none of 80."""
PRIOR_MISREAD = 0.004
"""How often a validated claim was none, in development: the rest of confidence."""


class LabelledQuery(BaseModel):
    """A query of a user's, with the route it should take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    query: str
    label: str
    """The best route: a task's name, "hybrid" or "llm"."""
    accept: tuple[str, ...] = ()
    """Further labels that count as right when decisions are scored."""

    @property
    def accepted(self) -> frozenset[str]:
        """Every label that counts as right."""
        return frozenset({self.label, *self.accept})


@dataclass(frozen=True, slots=True)
class _Lessons:
    """What is learned from, for either question."""

    queries: tuple[Example, ...]
    clauses: tuple[Example, ...]


class Decider:
    """Decides for a fixed set of tasks; make another when the set changes.

    Trains what a decision needs when the first one needs it, in well under a
    second: nothing where a problem stands alone. Call `prepare` off the event
    loop to have all of it behind you. Thread-safe.

    Args:
        tasks: those that may get a query.
        examples: labelled queries of the user's own, to learn from.
    """

    def __init__(
        self, tasks: Iterable[Task[Any, Any]], examples: Sequence[LabelledQuery] = ()
    ) -> None:
        self.tasks: Mapping[str, Task[Any, Any]] = {task.name: task for task in tasks}
        self.examples = tuple(examples)
        self._training = threading.Lock()
        self._lessons: _Lessons | None = None
        self._wording: Wording | None = None
        self._classifier: tuple[TextClassifier | None] | None = None

    def decides_at_once(self, text: str, reading: Reading) -> bool:
        """Whether `decide` would train nothing for this text."""
        if not reading.problems:
            return self._classifier is not None or not text.strip()
        return self._wording is not None or not speaks(text, _spans(reading))

    def prepare(self) -> None:
        """Train the classifiers now, unless they are there."""
        self._taught_wording()
        self._taught_classifier()

    def fitted(self, examples: Iterable[LabelledQuery]) -> Decider:
        """A decider that has learned from `examples` too."""
        return Decider(self.tasks.values(), (*self.examples, *examples))

    def decide(self, text: str, reading: Reading | None = None) -> Decision:
        """Say where `text` goes.

        Args:
            text: the query, or the last user message.
            reading: what the tasks found in it, if that is known already.
        """
        if reading is None:
            reading = read_text(text, self.tasks)
        if reading.problems:
            return self._with_problems(text, reading)
        if not text.strip():
            return Decision(route="none", confidence=1.0, reason="nothing was asked")
        return self._without_problems(text, reading)

    def _with_problems(self, text: str, reading: Reading) -> Decision:
        spans, rest = _spans(reading), None
        if spans:
            rest = self._taught_wording().weigh(text, spans) if speaks(text, spans) else NOTHING
        sure = 1 - PRIOR_MISREAD
        evidence = [
            Evidence(signal="structure", task=found.task, detail=found.form, score=sure)
            for found in reading.problems
        ]
        evidence += reading.notes
        first = reading.problems[0].task
        many = len(reading.problems)
        what = f"{many} problems" if many > 1 else f"a problem of {first!r}"
        if rest is not None:
            evidence += _said(rest)
            sure *= rest.confidence
            if _illustrates(rest):
                return Decision(
                    route="llm",
                    confidence=rest.illustrates,
                    evidence=tuple(evidence),
                    reason=f"{what} stands in it as an example; the text is about something else",
                )
        residual = rest.residual if rest is not None else ""
        return Decision(
            route="hybrid" if residual else "specialist",
            task=first,
            confidence=sure,
            problems=reading.problems,
            residual=residual,
            evidence=tuple(evidence),
            reason=f"{what} and a further request" if residual else f"{what}, nothing else asked",
        )

    def _without_problems(self, text: str, reading: Reading) -> Decision:
        classifier = self._taught_classifier()
        shares = classifier.probabilities(text) if classifier is not None else {OPEN: 1.0}
        ranked = sorted((name for name in shares if name != OPEN), key=lambda name: -shares[name])
        score = 1 - shares[OPEN]
        nearly = near_misses(text, self.tasks.values())
        evidence = [*reading.notes, *nearly]
        evidence += [
            Evidence(
                signal="classifier", task=name, detail="how the text is worded", score=shares[name]
            )
            for name in ranked[:3]
            if shares[name] >= WORTH_SAYING
        ]
        if not reading.tied and score < UNCLEAR:
            return Decision(
                route="llm",
                confidence=1 - UNREAD * score,
                evidence=tuple(evidence),
                reason=f"no problem of any task in it{hint(nearly)}"
                if nearly
                else "no problem of any task in it, and not worded like one",
            )
        if not reading.tied and shares[ranked[0]] >= PLAIN:
            whole = whole_text(self.tasks[ranked[0]], text)
            if whole is not None:
                return Decision(
                    route="specialist",
                    task=ranked[0],
                    confidence=shares[ranked[0]],
                    problems=(whole,),
                    evidence=tuple(evidence),
                    reason=f"worded like {ranked[0]!r}, which takes whole texts",
                )
        likely = [name for name in ranked if shares[name] >= max(0.1, 0.2 * shares[ranked[0]])]
        suspects = reading.tied or tuple(likely[:MOST_SUSPECTS] or ranked[:1])
        reason = (
            f"{' and '.join(reading.tied)} claim the same text"
            if reading.tied
            else f"worded like {suspects[0]!r}, but no problem of it was found{hint(nearly)}"
        )
        return Decision(
            route="llm",
            confidence=1 - UNREAD * score,
            unclear=True,
            suspects=suspects,
            evidence=tuple(evidence),
            reason=reason,
        )

    def _taught_wording(self) -> Wording:
        if self._wording is not None:
            return self._wording
        with self._training:
            if self._wording is None:
                phrases = (phrase for task in self.tasks.values() for phrase in task.phrases)
                self._wording = Wording.train(phrases, self._learned().clauses)
            return self._wording

    def _taught_classifier(self) -> TextClassifier | None:
        """None while no task has phrases."""
        if self._classifier is not None:
            return self._classifier[0]
        with self._training:
            if self._classifier is None:
                self._classifier = (self._train(),)
            return self._classifier[0]

    def _train(self) -> TextClassifier | None:
        queries = self._learned().queries
        taught = [example for task in self.tasks.values() for example in phrase_examples(task)]
        taught += [one for one in queries if one.label in self.tasks]
        open_ended = [Example(one.text, OPEN, one.template) for one in open_examples()]
        open_ended += [one for one in queries if one.label == OPEN]
        return _trained((*taught, *open_ended)) if taught else None

    def _learned(self) -> _Lessons:
        if self._lessons is None:
            queries: list[Example] = []
            clauses: list[Example] = []
            for at, one in enumerate(self.examples):
                _learn(one, read_text(one.query, self.tasks), f"user {at}", queries, clauses)
            self._lessons = _Lessons(tuple(queries), tuple(clauses))
        return self._lessons


@lru_cache(maxsize=8)
def _trained(examples: tuple[Example, ...]) -> TextClassifier:
    """Deciders for the same tasks share it: it never changes once it is trained."""
    return TextClassifier.train(examples)


def near_misses(text: str, tasks: Iterable[Task[Any, Any]]) -> tuple[Evidence, ...]:
    """What in `text` is nearly a problem, and why it is none."""
    found = []
    for task in tasks:
        try:
            misses = [miss.reason for miss in task.near_misses(text)][:3]
        except Exception as error:  # a task's author's mistake must not cost the decision
            log.warning("near_misses of %r failed: %s", task.name, error)
            continue
        found += [
            Evidence(signal="structure", task=task.name, detail=f"nearly: {why}") for why in misses
        ]
    return tuple(found)


def hint(nearly: Sequence[Evidence]) -> str:
    """The first near miss, to be put behind the reason for a decision."""
    return f" ({nearly[0].task}, {nearly[0].detail})" if nearly else ""


def whole_text(task: Task[Any, Any], text: str) -> FoundProblem | None:
    """`text` as a problem of a task that takes whole texts, or None.

    Such a task's `Problem` has one field, a string, and none of its phrases has
    a place for the problem: each phrase *is* one, as with intents.
    """
    fields = task.Problem.model_fields
    if len(fields) != 1 or any("{problem}" in phrase for phrase in task.phrases):
        return None
    (name,) = fields
    if fields[name].annotation is not str:
        return None
    try:
        problem = task.Problem.model_validate({name: text.strip()})
    except ValidationError:
        return None
    return FoundProblem(task=task.name, problem=problem, span=(0, len(text)), form="whole text")


def decide(text: str, tasks: Iterable[Task[Any, Any]]) -> Decision:
    """Decide once; a `Decider` spares the training on further calls."""
    return Decider(tasks).decide(text)


def _spans(reading: Reading) -> list[tuple[int, int]]:
    return [found.span for found in reading.problems if found.span is not None]


def _illustrates(rest: Remainder) -> bool:
    """Whether the problem is there as an example: for a program, not to be solved."""
    if rest.asks >= ASKED:
        return False
    return rest.illustrates >= (ILLUSTRATES if rest.asks >= UNASKED else 0.5 * ILLUSTRATES)


def _said(rest: Remainder) -> Iterable[Evidence]:
    if not rest.letters:
        return
    if rest.residual:
        yield Evidence(signal="residual", detail=f"also asked: {rest.residual[:200]}")
    yield Evidence(signal="residual", detail="asks for the solution", score=round(rest.asks, 3))
    if rest.illustrates >= 0.1:
        yield Evidence(
            signal="residual", detail="reads like an exercise", score=round(rest.illustrates, 3)
        )


def _learn(
    one: LabelledQuery,
    reading: Reading,
    template: str,
    queries: list[Example],
    clauses: list[Example],
) -> None:
    """What a labelled query teaches depends on whether problems are found in it."""
    if not reading.problems:
        queries.append(Example(one.query, OPEN if one.label == "llm" else one.label, template, 2.0))
        return
    rest = outside(one.query, [found.span for found in reading.problems if found.span])
    said = list(sentences(rest))
    if one.label == "hybrid":
        clauses.append(Example(" ".join(said), "extra", template, 2.0))
    else:
        kind = "statement" if one.label == "llm" else "ask"
        clauses.extend(Example(sentence, kind, template, 2.0) for sentence in said)
