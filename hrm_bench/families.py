"""The generality table: families of reasoning-gym, each taught from a thousand examples.

Every family goes the way of a user's file: questions and answers as text into
`train`, whatever they look like; nothing here knows any of them. Fresh items
are scored by the family's own `score_answer`, and so are answers that need no
network. One line of JSON a family, so that a run can be taken up again.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrm_bench.lines import record, recorded
from hrm_specialists.errors import DataError, HrmAgentError, MalformedTask, TaskTooLarge
from hrm_specialists.evaluation.scores import wilson

if TYPE_CHECKING:
    from hrm_specialists.contract import Ticket
    from hrm_specialists.specialist import Specialist

MOST_ANSWER, MOST_POSITIONS = 256, 1024
"""Tokens of an answer, and of a problem with it, that are still tried."""
FRESH_SEED = 1_000_003
"""Added to the seed for test items, so that no generator repeats itself."""
RIGHT = 0.99
"""Score from which an answer counts as right; families give a little for trying."""


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table, or why there is none."""

    family: str
    seed: int = 0
    left_out: str = ""
    """Why nothing was trained."""
    examples: int = 0
    fresh: int = 0
    tokens: int = 0
    """Positions of a problem with its answer."""
    answer_tokens: int = 0
    right: int = 0
    """Fresh items answered right."""
    score: float = 0.0
    """Mean of `score_answer`, partial credit included."""
    baselines: Mapping[str, float] | None = None
    """Share right of answers that need no network."""
    parameters: int = 0
    minutes: float = 0.0
    """Of training."""
    mixing: str = ""
    """How positions heard of each other."""

    @property
    def share(self) -> float:
        """Share of fresh items right."""
        return self.right / self.fresh

    @property
    def best_baseline(self) -> tuple[str, float]:
        """Its name and share right."""
        found = self.baselines or {"none": 0.0}
        name = max(found, key=lambda n: found[n])
        return name, found[name]


def measure(
    families: Sequence[str],
    file: Path,
    *,
    minutes: float,
    examples: int = 1000,
    fresh: int = 200,
    seed: int = 0,
    recipe: Mapping[str, Any] | None = None,
    tell: Callable[[str], None] = print,
) -> list[Result]:
    """Teach and score families one after the other; those in `file` are done already.

    Args:
        families: names; all of reasoning-gym's if empty.
        file: JSON Lines, one family each; added to.
        minutes: of one core's time for training each.
        examples: for training, validation and test part together.
        fresh: items to score, none of them among the examples.
        seed: of items, split and training.
        recipe: see `train`.
        tell: told of each family.

    Raises:
        DataError: reasoning-gym is not installed, or has no such family.
    """
    known = _known()
    if unknown := sorted(set(families) - set(known)):
        raise DataError(f"reasoning-gym has no {', '.join(unknown)}")
    done = {result.family: result for result in recorded(file, Result)}
    for name in families or known:
        if name in done:
            continue
        tell(f"{name} …")
        result = teach(name, minutes, examples, fresh, seed, recipe)
        record(file, result)
        done[name] = result
        tell(f"{name}: {_in_words(result)}")
    return list(done.values())


def teach(
    name: str,
    minutes: float,
    examples: int,
    fresh: int,
    seed: int,
    recipe: Mapping[str, Any] | None = None,
) -> Result:
    """Teach one family and score it."""
    from hrm_specialists.teaching.teach import train

    try:
        items = _items(name, examples, seed)
        known = [items[at] for at in range(examples)]
        pairs = [(item["question"], item["answer"]) for item in known]
        if not all(isinstance(part, str) for pair in pairs for part in pair):
            return Result(name, left_out="items without a stored answer")
        asked = _unseen(name, {q for q, _ in pairs}, fresh, seed)
    except (AssertionError, ValueError, OSError, ImportError) as error:
        return Result(name, left_out=f"cannot be drawn: {error}"[:120])
    with tempfile.TemporaryDirectory() as root:
        try:
            fits = _too_large(name, pairs)
            if fits:
                return Result(name, left_out=fits)
            specialist = train(
                pairs,
                name=name,
                minutes=minutes,
                seed=seed,
                recipe=recipe,
                root=Path(root),
                device="cpu",
                clock=time.process_time,
            )
        except HrmAgentError as error:
            return Result(name, left_out=f"cannot be taught: {error}"[:160])
        with specialist:
            return _scored(name, seed, specialist, items, pairs, asked)


def _scored(
    name: str,
    seed: int,
    specialist: Specialist,
    items: Any,
    pairs: Sequence[tuple[str, str]],
    asked: Sequence[dict[str, Any]],
) -> Result:
    answers = answered(specialist, [item["question"] for item in asked])
    scores = [_score(items, a, item) for a, item in zip(answers, asked, strict=True)]
    codec, card = specialist.task.codec, specialist.card
    return Result(
        family=name,
        seed=seed,
        examples=len(pairs),
        fresh=len(asked),
        tokens=codec.seq_len,
        answer_tokens=len(getattr(codec, "asked", ())),
        right=sum(score >= RIGHT for score in scores),
        score=sum(scores) / len(scores),
        baselines={
            title: sum(
                _score(items, a, item) >= RIGHT for a, item in zip(given, asked, strict=True)
            )
            / len(asked)
            for title, given in _simple(specialist, pairs, asked).items()
        },
        parameters=card.get("parameters") or 0,
        minutes=card["minutes"],
        mixing=str(card.get("mixing") or card["method"]),
    )


def answered(specialist: Specialist, questions: Sequence[str]) -> list[str | None]:
    """What the specialist answers in one pass; None to what it cannot take or answer."""
    tickets: list[Ticket | None] = []
    for question in questions:
        try:
            problem = specialist.task.Problem.model_validate(question)
            specialist.task.codec.encode(problem)
            tickets.append(specialist.submit(problem, effort="low"))
        except (ValueError, MalformedTask, TaskTooLarge):
            tickets.append(None)
    attempts = [None if ticket is None else ticket.future.result() for ticket in tickets]
    return [
        None if a is None or a.solution is None else _bare(a.solution.model_dump())
        for a in attempts
    ]


def _bare(values: Mapping[str, Any]) -> str:
    return str(next(iter(values.values())))


def _simple(
    specialist: Specialist,
    pairs: Sequence[tuple[str, str]],
    asked: Sequence[dict[str, Any]],
) -> dict[str, list[str | None]]:
    """Answers that need no network, by the name of the method."""
    import numpy as np

    task = specialist.task
    commonest = Counter(answer for _, answer in pairs).most_common(1)[0][0]
    known = np.asarray([task.codec.encode(task.Problem.model_validate(q)) for q, _ in pairs])
    nearest: list[str | None] = []
    copied: list[str | None] = []
    rows: list[list[int] | None] = []
    for item in asked:
        near = copy = tokens = None
        try:
            problem = task.Problem.model_validate(item["question"])
            tokens = task.codec.encode(problem)
            near = pairs[int((known == np.asarray(tokens)).sum(1).argmax())][1]
            copy = _bare(task.codec.decode(problem, tokens).model_dump())
        except (ValueError, MalformedTask, TaskTooLarge):
            pass  # what cannot be taken in, or read as an answer, is answered by none
        rows.append(tokens)
        nearest.append(near)
        copied.append(copy)
    found: dict[str, list[str | None]] = {
        "commonest answer": [commonest] * len(asked),
        "nearest example": nearest,
        "problem copied": copied,
    }
    if task.schema.answer.kind == "label":  # type: ignore[attr-defined]
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(300, random_state=0)
        forest.fit(known, [answer for _, answer in pairs])
        found["random forest"] = [None if r is None else str(forest.predict([r])[0]) for r in rows]
    return found


def _too_large(name: str, pairs: Sequence[tuple[str, str]]) -> str:
    from hrm_specialists.schema.infer import infer_task

    codec = infer_task(name, pairs).codec
    if len(codec.asked) > MOST_ANSWER:
        return f"an answer takes {len(codec.asked)} tokens"
    if codec.seq_len > MOST_POSITIONS:
        return f"a problem takes {codec.seq_len} tokens"
    return ""


def _score(items: Any, answer: str | None, item: dict[str, Any]) -> float:
    """The family's own score; a scorer that stumbles over an answer gives nothing."""
    try:
        score = float(items.score_answer(answer, item))
    except Exception:  # its authors expected other answers
        return 0.0
    return score if math.isfinite(score) else 0.0


def _unseen(name: str, seen: set[str], fresh: int, seed: int) -> list[dict[str, Any]]:
    """Items whose question is not among the examples; fewer if the family runs out."""
    found: dict[str, dict[str, Any]] = {}
    items = _items(name, 5 * fresh, seed + FRESH_SEED)
    for at in range(5 * fresh):
        item = items[at]
        if item["question"] not in seen:
            found.setdefault(item["question"], item)
        if len(found) == fresh:
            break
    if not found:
        raise ValueError("every question is among the examples")
    return list(found.values())


def _items(name: str, size: int, seed: int) -> Any:
    import reasoning_gym  # pyright: ignore[reportMissingImports]

    return reasoning_gym.create_dataset(name, size=size, seed=seed)


def _known() -> list[str]:
    try:
        from reasoning_gym.factory import DATASETS  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise DataError("this needs reasoning-gym: pip install 'hrm-agent[bench-teach]'") from None
    return sorted(DATASETS)


def _in_words(result: Result) -> str:
    if result.left_out:
        return f"left out, {result.left_out}"
    name, best = result.best_baseline
    return f"{result.share:.1%} right in {result.minutes:.1f} min; {name} {best:.1%}"


def to_markdown(results: Sequence[Result]) -> str:
    """The table, the best first, then what was left out and why."""
    lines = [
        "| family | tokens | right | 95 % | mean score | minutes | network | best baseline |",
        "|---|---|---|---|---|---|---|---|",
    ]
    taught = [r for r in results if not r.left_out]
    for r in sorted(taught, key=lambda r: (-r.share, r.family)):
        low, high = wilson(r.right, r.fresh)
        name, best = r.best_baseline
        lines.append(
            f"| {r.family} | {r.tokens} ({r.answer_tokens}) | {r.share:.1%} "
            f"| {low:.1%} to {high:.1%} | {r.score:.3f} | {r.minutes:.1f} "
            f"| {r.parameters:,}, {r.mixing} "
            f"| {best:.1%} {name} |"
        )
    left = [f"- {r.family}: {r.left_out}" for r in results if r.left_out]
    return "\n".join([*lines, "", *left]) + "\n"
