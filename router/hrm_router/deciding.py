"""From what was found in a query to where it goes, with the reasons.

The order is fixed. A problem that is there goes to its specialist, and `asking.py` says
what stands around it. Without a problem, a text that one of the user's intents surely
means goes to that intent (`intents.py`). What looks like a problem and was not read, or
names a task and asks for a solution, is unclear and left to an LLM (`language.py`). All
else is language. Calls no model itself.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any
from weakref import WeakValueDictionary

from pydantic import BaseModel, ConfigDict, ValidationError

from hrm_router.asking import NOTHING, Asker, Remainder
from hrm_router.decision import Decision, Evidence, FoundProblem
from hrm_router.intent_model import Guess, IntentModel, mark_of
from hrm_router.intents import IntentTask
from hrm_router.phrases import spelled, spelled_in, tokens
from hrm_router.reading import Reading, in_pieces, read_text
from hrm_router.sentences import outside, sentences
from hrm_router.stated import numbers_in
from hrm_router.vocabulary import words_of
from hrm_specialists.contract import NearMiss, Task

log = logging.getLogger(__name__)

NEARLY = "nearly a problem of"
"""How what is told of a near miss beside problems begins."""
LONGEST_PHRASE = 500
"""Characters of a text that is compared with the phrases themselves."""
MOST_SUSPECTS = 5
"""Tasks named at most in an unclear decision."""
_NAMED = re.compile("[<=:]")
"""What stands in a problem that has a name or other markup."""
_VAGUE = frozenset({"task", "puzzle", "problem"})
NUMBERS = 3
"""Numbers from which a text that names a task may state its problem in words."""
RIGHT = {
    "read": 0.99,
    "read, unclear": 0.69,
    "more": 0.97,
    "more, unclear": 0.46,
    "open": 0.98,
    "open, unclear": 0.5,
}
"""How often each kind of decision is right: shares on labelled messages by others, fitted with
`tools/fit_confidences.py`; `docs/records/2026-11-29-asking.md` says on which."""


class LabelledQuery(BaseModel):
    """A query of a user's, with the route it should take."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    query: str
    label: str
    """The best route: a task's or an intent's name, "hybrid" or "llm"."""
    accept: tuple[str, ...] = ()
    """Further labels that count as right when decisions are scored."""

    @property
    def accepted(self) -> frozenset[str]:
        """Every label that counts as right."""
        return frozenset({self.label, *self.accept})


class Decider:
    """Decides for a fixed set of tasks; make another when the set changes. Thread-safe.

    Only the user's own intents are trained, when the first text without a problem needs
    them, or by `prepare`.

    Args:
        tasks: those that may get a query.
        examples: labelled queries of the user's own, to learn from.
        model: what an earlier `prepare` trained for the same intents and examples.
    """

    def __init__(
        self,
        tasks: Iterable[Task[Any, Any]],
        examples: Sequence[LabelledQuery] = (),
        model: IntentModel | None = None,
    ) -> None:
        self.tasks: Mapping[str, Task[Any, Any]] = {task.name: task for task in tasks}
        self.examples = tuple(examples)
        self._training = threading.Lock()
        lessons = [(one, read_text(one.query, self.tasks)) for one in self.examples]
        self._asker = Asker(self.tasks.values(), *_taught(lessons))
        self._phrases = self._phrases_of(lessons)
        self._exactly = _single_meanings(self._phrases)
        self._names = {name: _names(task) for name, task in self.tasks.items()}
        same = model is not None and model.mark == mark_of(self._phrases)
        self._model = model if same else None

    @property
    def model(self) -> IntentModel | None:
        """What was trained for the intents; None before that, and where there are none."""
        return self._model

    def decides_at_once(self, reading: Reading) -> bool:
        """Whether `decide` trains nothing for this reading."""
        return bool(reading.problems) or self._model is not None or not self._phrases

    def prepare(self) -> None:
        """Train what the user's intents need now, unless that is done."""
        with self._training:
            if self._model is None and self._phrases:
                own = {name: task.intent.threshold for name, task in self._intents().items()}
                self._model = IntentModel.train(self._phrases, own)

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

    def around(self, text: str, problems: Sequence[FoundProblem]) -> Remainder:
        """What stands around problems of `text`."""
        placed = [one for one in problems if one.span is not None]
        edges = [0, *(at for one in placed for at in one.span or ()), len(text)]
        around = (text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
        named = any(one.beside or _NAMED.search(text, *(one.span or ())) for one in placed)
        said = placed and (named or any(map(str.strip, around)))
        return self._asker.weigh(text, placed) if said else NOTHING

    def _with_problems(self, text: str, reading: Reading) -> Decision:
        rest = self.around(text, reading.problems)
        nearly = near_misses(text, self.tasks.values(), beside=reading.problems)
        missed = tuple(f"{NEARLY} {name!r}: {miss.reason}" for name, miss in nearly)
        unread = (*rest.unread, *missed)
        first, many = reading.problems[0].task, len(reading.problems)
        what = f"{many} problems" if many > 1 else f"a problem of {first!r}"
        unclear = bool(unread or (rest.residual and not rest.asks))
        if rest.residual:
            reason = f"{what} and a further request"
        else:
            said = "and words that are not understood" if unread else "nothing else asked"
            reason = f"{what}, {said}"
        evidence = [
            *(
                Evidence(signal="structure", task=found.task, detail=found.form)
                for found in reading.problems
            ),
            *reading.notes,
        ]
        if rest.residual:
            evidence.append(Evidence(signal="asking", detail=f"also asked: {rest.residual[:200]}"))
        return Decision(
            route="hybrid" if rest.residual else "specialist",
            task=first,
            confidence=RIGHT[kind_of(reading.problems, rest.residual, unclear)],
            problems=doubted(reading.problems, rest.unread),
            residual=rest.residual,
            unclear=unclear,
            suspects=tuple(dict.fromkeys(name for name, _ in nearly)),
            unread=unread,
            evidence=tuple(evidence),
            reason=reason,
        )

    def _without_problems(self, text: str, reading: Reading) -> Decision:
        nearly = near_misses(text, self.tasks.values())
        guess = self._guess(text)
        named = self._named(text)
        evidence = [*reading.notes, *told(nearly), *_guessed(guess)]
        if reading.tied:
            reason = f"{' and '.join(reading.tied)} claim the same text"
            return _unclear(reading.tied, evidence, reason)
        if guess is not None and guess.claimed and not nearly:
            found = whole_text(self.tasks[guess.name], text, guess.confidence)
            if found is not None:
                return Decision(
                    route="specialist",
                    task=guess.name,
                    confidence=guess.confidence,
                    problems=(found,),
                    evidence=tuple(evidence),
                    reason=f"worded like {guess.name!r}",
                )
        suspects = [name for name, _ in nearly]
        if guess is not None and not guess.open:
            suspects += guess.likely
        if named and (_has_numbers(text) or self._only_asks(text)):
            suspects += named
        if suspects:
            why = hint(nearly) if nearly else ""
            intent = isinstance(self.tasks[suspects[0]], IntentTask)
            reason = f"it may mean the intent {suspects[0]!r}, but that is not sure{why}"
            if not intent:
                reason = f"it may be for {suspects[0]!r}, but no problem of it was found{why}"
            return _unclear(suspects, evidence, reason)
        return Decision(
            route="llm",
            confidence=guess.confidence if guess is not None else RIGHT["open"],
            evidence=tuple(evidence),
            reason=f"no problem found; known tasks: {', '.join(self.tasks) or 'none'}"
            "; name a task to have the whole text read as its problem",
        )

    def _guess(self, text: str) -> Guess | None:
        if not self._phrases:
            return None
        self.prepare()
        assert self._model is not None, "there are phrases to train from"
        if len(text) <= LONGEST_PHRASE and (name := self._exactly.get(_key(text))):
            return Guess(name, RIGHT["read"], (name,), claimed=True, open=False)
        return self._model.guess(text)

    def _named(self, text: str) -> list[str]:
        """Tasks that the text calls by name, or by words of their phrases."""
        said = spelled_in(text[:2000])
        return [name for name, words in self._names.items() if not words.isdisjoint(said)]

    def _only_asks(self, text: str) -> bool:
        rest = self._asker.weigh(text, ())
        return rest.asks and not rest.residual and not rest.unread

    def _intents(self) -> dict[str, IntentTask]:
        return {name: task for name, task in self.tasks.items() if isinstance(task, IntentTask)}

    def _phrases_of(
        self, lessons: Sequence[tuple[LabelledQuery, Reading]]
    ) -> dict[str, tuple[str, ...]]:
        """What the text model learns from: the intents' phrases and the user's lessons.

        Lessons of "llm" are out of scope; without any intent there is nothing to learn.
        """
        found = {name: list(task.intent.phrases) for name, task in self._intents().items()}
        for one, reading in lessons:
            if not reading.problems and one.label in (*self.tasks, "llm"):
                found.setdefault("" if one.label == "llm" else one.label, []).append(one.query)
        if not any(found):
            return {}
        return {name: tuple(phrases) for name, phrases in found.items() if phrases}


_deciders: WeakValueDictionary[tuple[object, ...], Decider] = WeakValueDictionary()


def decider_for(
    tasks: Iterable[Task[Any, Any]],
    lessons: tuple[LabelledQuery, ...],
    model: IntentModel | None = None,
) -> Decider:
    """One decider for all routers that have the same tasks: intents are trained once."""
    tasks = tuple(tasks)
    key = (*map(id, tasks), lessons)
    decider = _deciders.get(key)  # it holds the tasks, so their ids stay theirs
    if decider is None:
        decider = _deciders[key] = Decider(tasks, lessons, model)
    return decider


def kind_of(problems: Sequence[FoundProblem], residual: str, unclear: bool) -> str:
    """Which of the kinds in `RIGHT` a decision is."""
    kind = "more" if residual else "read" if problems else "open"
    return f"{kind}, unclear" if unclear else kind


def doubted(problems: Sequence[FoundProblem], unread: Sequence[str]) -> tuple[FoundProblem, ...]:
    """The problems with the doubt that sentences which are not understood leave."""
    if not unread:
        return tuple(problems)
    doubt = f"the text says {unread[0]!r}, which may be a rule that the checker does not know"
    return tuple(one if one.doubt else one.model_copy(update={"doubt": doubt}) for one in problems)


def near_misses(
    text: str, tasks: Iterable[Task[Any, Any]], beside: Sequence[FoundProblem] = ()
) -> list[tuple[str, NearMiss]]:
    """What in `text` looks meant as a problem and is none, with the task it is nearly of.

    Args:
        beside: problems that were found; what overlaps one of them is no near miss.
    """
    spans = [one.span for one in beside if one.span is not None]
    found = []
    for task in tasks:
        try:
            misses = list(islice(in_pieces(task.near_misses, text), 3))
        except Exception as error:  # a task's author's mistake must not cost the decision
            log.warning("near_misses of %r failed: %s", task.name, error)
            continue
        for miss in misses:
            start, end = miss.span
            if not any(start < after and before < end for before, after in spans):
                found.append((task.name, miss))
    return found


def told(nearly: Sequence[tuple[str, NearMiss]]) -> tuple[Evidence, ...]:
    """Near misses as evidence."""
    return tuple(
        Evidence(signal="structure", task=name, detail=f"nearly: {miss.reason}")
        for name, miss in nearly
    )


def hint(nearly: Sequence[tuple[str, NearMiss]], notes: Sequence[Evidence] = ()) -> str:
    """The first near miss, or what a task's reader said, to be put behind a reason."""
    said = [f"{name}, nearly: {miss.reason}" for name, miss in nearly]
    said += [one.detail for one in notes if one.signal == "structure" and one.task]
    return f" ({said[0]})" if said else ""


def whole_text(task: Task[Any, Any], text: str, confidence: float) -> FoundProblem | None:
    """`text` as a problem of a task that takes whole texts, or None."""
    if not isinstance(task, IntentTask):
        return None
    try:
        problem = task.Problem(text=text.strip(), confidence=confidence)
    except ValidationError:
        return None
    return FoundProblem(task=task.name, problem=problem, span=(0, len(text)), form="whole text")


def _unclear(suspects: Sequence[str], evidence: Sequence[Evidence], reason: str) -> Decision:
    return Decision(
        route="llm",
        confidence=RIGHT["open, unclear"],
        unclear=True,
        suspects=tuple(dict.fromkeys(suspects))[:MOST_SUSPECTS],
        evidence=tuple(evidence),
        reason=reason,
    )


def _single_meanings(phrases: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], str]:
    """Names of intents by the words of phrases that no other intent has."""
    found: dict[tuple[str, ...], str] = {}
    for name, some in phrases.items():
        for key in map(_key, some):
            found[key] = name if key and found.get(key, name) == name else ""
    return found


def _key(text: str) -> tuple[str, ...]:
    """The words of a phrase, without signs."""
    return tuple(word for word in spelled(text) if word[0].isalnum())


def _guessed(guess: Guess | None) -> list[Evidence]:
    if guess is None:
        return []
    detail = "how the text is worded"
    return [Evidence(signal="wording", task=guess.name, detail=detail, score=guess.confidence)]


def _names(task: Task[Any, Any]) -> frozenset[str]:
    """Words that name a task: its name, its title, and rare words of its own phrases.

    A task with a vocabulary of its own needs no words of its phrases.
    """
    spelled = [token.text for token in tokens(f"{task.name} {task.title}") if not token.is_sign]
    found = {word for word in spelled if len(word) > 2 and word not in _VAGUE}
    if not task.around:
        said = spelled_in(" ".join(task.phrases).replace("{problem}", " "))
        found.update(word for word in said - words_of("en") if len(word) > 3)
    return frozenset(found)


def _has_numbers(text: str) -> bool:
    found = islice(numbers_in(spelled(text[:2000])), NUMBERS)
    return sum(1 for _ in found) == NUMBERS


def _taught(
    lessons: Sequence[tuple[LabelledQuery, Reading]],
) -> tuple[list[str], list[str]]:
    """Sentences around problems that a user's lessons call harmless, and further requests."""
    harmless: list[str] = []
    more: list[str] = []
    for one, reading in lessons:
        if not reading.problems:
            continue
        rest = outside(one.query, [found.span for found in reading.problems if found.span])
        (more if one.label in ("hybrid", "llm") else harmless).extend(sentences(rest))
    return harmless, [sentence for sentence in more if sentence not in harmless]
