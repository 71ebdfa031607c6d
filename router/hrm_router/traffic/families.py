"""Sort recorded calls into families: the same kind of question, asked again and again.

A family is named by the caller (`metadata.task`, a task's name, a tool), or found by
what its calls share: the schema of the answer, the system prompt, or the wording of
the user's message. What all messages of a family share is wording; what stands
between is the problem. Rows only; knows nothing of databases or training.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import Any, Literal, NamedTuple

from hrm_router.reading import text_of
from hrm_router.traffic.rows import (
    DISTRUSTED,
    OPENING,
    SPECIALIST,
    TRUSTED,
    Row,
    canonical,
    digest,
)

Answers = Literal["label", "fields", "number", "text"]
"""One of few words; a JSON object; a number; anything else."""

FEW = 64
"""Most different answers that count as labels."""
ENOUGH = 200
"""Distinct problems from which a specialist is likely to pay."""
NAME = re.compile(r"[^a-z0-9]+")
_BREAK = re.compile(r"[\s:,.!?;(){}\[\]\"'`<>]")


class Wording(NamedTuple):
    """What stands before and after the problem in a family's messages."""

    before: str = ""
    after: str = ""

    def problem(self, text: str) -> str | None:
        """The part of a message that changes; None if it is not worded like this."""
        fits = text.startswith(self.before) and text.endswith(self.after)
        if not fits or len(text) < len(self.before) + len(self.after):
            return None
        return text[len(self.before) : len(text) - len(self.after)].strip()


@dataclass(frozen=True, slots=True)
class Family:
    """Calls that ask the same kind of question."""

    name: str
    key: str
    """What its calls share; see `Chat.key`."""
    rows: tuple[Row, ...]
    wordings: tuple[Wording, ...]
    """More than one if the template was changed on the way."""
    notes: tuple[str, ...] = ()
    pairs: tuple[tuple[Row, Any, Any], ...] = field(default=(), repr=False)
    """Row, problem and answer of each row that has both."""

    @property
    def problems(self) -> int:
        """How many different problems there are."""
        return len({canonical(problem) for _, problem, _ in self.pairs})

    @property
    def answers(self) -> Answers:
        """The kind of answer."""
        return kind_of_answers([answer for _, _, answer in self.pairs])

    @property
    def cost(self) -> float:
        """What the calls cost, as far as that is known."""
        return sum(row.cost or 0.0 for row in self.rows)

    @property
    def tokens(self) -> int:
        """Tokens of all calls, prompt and completion together."""
        return sum(row.prompt_tokens + row.completion_tokens for row in self.rows)

    @property
    def verdicts(self) -> dict[str, int]:
        """How many rows have each verdict; `open` for those without one."""
        return dict(Counter(row.verdict or "open" for row in self.rows))

    @property
    def promising(self) -> str:
        """Whether a specialist is likely to pay: empty if so, else why not."""
        if self.answers == "text":
            return "the answers are free text"
        if self.problems < ENOUGH:
            return f"{self.problems} different problems; about {ENOUGH} are needed"
        return ""


def families(rows: Iterable[Row]) -> list[Family]:
    """Sort rows into families, the one with the most tokens first.

    Calls that share only their opening words form a family if there are at least
    twenty of them; the others are left out.
    """
    sorted_rows: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        sorted_rows[row.key].append(row)
    found, names = [], Counter[str]()
    for key, members in sorted_rows.items():
        if key.startswith("words:") and len(members) < 20:
            continue
        name = _name(key, members)
        names[name] += 1
        if names[name] > 1:
            name = f"{name}-{names[name]}"
        found.append(_family(name, key, members))
    return sorted(found, key=lambda one: (-one.tokens, -len(one.rows), one.name))


def kind_of_answers(answers: Sequence[Any]) -> Answers:
    """The kind of answer that a family gives."""
    if not answers:
        return "text"
    if all(isinstance(one, Mapping) for one in answers):
        return "fields"
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in answers):
        return "label" if len(set(answers)) <= 10 else "number"
    distinct = {canonical(one) for one in answers}
    few = len(distinct) <= min(FEW, max(2, len(answers) // 5))
    short = all(not isinstance(one, str) or len(one) <= 80 for one in answers)
    return "label" if few and short else "text"


def answer_of(row: Row) -> Any:
    """The answer as a value: JSON in a text is read, words are stripped."""
    if row.kind != "text" or not isinstance(row.answer, str):
        return row.answer
    text = row.answer.strip()
    fenced = re.fullmatch(r"```(?:json)?\s*(.*?)\s*```", text, re.DOTALL)
    text = fenced[1] if fenced else text
    return _value(text, also=r"-?\d+(?:\.\d+)?")


def problem_of(text: str, wordings: Sequence[Wording]) -> Any | None:
    """The problem in a user's message: a JSON value, or text; None if worded otherwise."""
    for wording in wordings:
        part = wording.problem(text)
        if part:
            return _value(part)
    return None


def _family(name: str, key: str, rows: Sequence[Row]) -> Family:
    ordered = tuple(sorted(rows, key=lambda row: (row.created, row.id)))
    texts = [row.text for row in ordered]
    wordings, notes = _wordings(texts)
    pairs = []
    for row, text in zip(ordered, texts, strict=True):
        problem = problem_of(text, wordings)
        own = row.model.startswith(SPECIALIST)
        if problem is not None and row.answer not in (None, "") and not own:
            pairs.append((row, problem, answer_of(row)))
    left = len(ordered) - len(pairs)
    if left:
        notes.append(f"{left} rows are worded otherwise, or hold no problem or no answer")
    return Family(name, key, ordered, tuple(wordings), tuple(notes), tuple(pairs))


def _wordings(texts: Sequence[str]) -> tuple[list[Wording], list[str]]:
    """The wording that all texts share, or those of a template that was changed."""
    whole = _shared(texts)
    groups: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        groups[" ".join(text.split()[:OPENING])].append(text)
    large = [group for group in groups.values() if len(group) >= max(20, len(texts) // 20)]
    covered = sum(map(len, large))
    if 1 < len(large) <= 8 and covered >= 0.9 * len(texts):
        # Texts of several templates: what they all share says less than each by itself.
        each = [_shared(group) for group in large]
        if min(len(one.before) + len(one.after) for one in each) > len(whole.before) + 12:
            sizes = ", ".join(str(len(group)) for group in large)
            return each, [f"the wording changes: {len(each)} templates of {sizes} rows"]
    return [whole], []


def _shared(texts: Sequence[str]) -> Wording:
    """What all texts begin and end with, in whole words; nothing for a single text."""
    distinct = sorted(set(texts))
    if len(distinct) < 2:
        return Wording()
    before = commonprefix(distinct)  # noqa: RUF071  characters are meant
    breaks = list(_BREAK.finditer(before))
    before = before[: breaks[-1].end()] if breaks else ""
    turned = [text[len(before) :][::-1] for text in distinct]
    after = commonprefix(turned)[::-1]  # noqa: RUF071
    cut = _BREAK.search(after)
    after = after[cut.start() :] if cut else ""
    brace = min((at for at in map(before.find, "{[") if at >= 0), default=None)
    if brace is not None:
        rests = [text[brace:] for text in distinct[:: max(1, len(distinct) // 20)]]
        if sum(_value(rest) is not rest for rest in rests) > 0.9 * len(rests):
            # Opening braces and common first keys of JSON objects are problem, not wording.
            before, after = before[:brace], ""
    return Wording(before, after)


def _value(text: str, also: str = r"(?!)") -> Any:
    """The JSON value that a text is, if it is an object, a list or fits `also`; else the text."""
    stripped = text.strip()
    if stripped[:1] in ("{", "[") or re.fullmatch(also, stripped):
        with suppress(ValueError, RecursionError):
            return json.loads(stripped)
    return text


def _name(key: str, rows: Sequence[Row]) -> str:
    kind, _, rest = key.partition(":")
    if kind in ("task", "tool"):
        return rest.partition(":")[0] if kind == "tool" else rest
    schema, opening = rows[0].schema or {}, rows[0].messages[:1]
    words = str(schema.get("title") or schema.get("name") or "") if kind == "schema" else ""
    words = words or "".join(map(text_of, opening))
    short = "-".join([w for w in NAME.split(words.casefold()) if w][:4])[:40].strip("-")
    return short or f"family-{digest(key, length=6)}"


def trusted(row: Row) -> bool | None:
    """Whether a row may be learned from: True, False, or None where nobody judged it."""
    return row.verdict in TRUSTED if row.verdict in TRUSTED | DISTRUSTED else None
