"""What a language model, or any record, may see of a query.

One decision for the whole of it: every string of every message (text, tool calls and their
arguments, names, refusals) and of the options that go along, read by every private task.
What such a task claims, nearly claims, or shares most of its fields with holds all of the
query back; so does a picture, a sound or a file, which nobody looks through. Knows nothing of
endpoints.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from typing import Any

from pydantic import BaseModel

from hrm_router.phrases import spelled_in
from hrm_router.policy import Policy
from hrm_router.reading import MAX_CHARACTERS, Query, in_pieces, read_text
from hrm_router.roster import Snapshot
from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError, TaskTooLarge

log = logging.getLogger(__name__)

CELLS = 40
"""Cells (digits, dots and the like in rows) from which a text may hold a private grid."""

_CELLS = re.compile(r"(?<!\w)(?:[\d.#_*-][ \t,|]{0,3}){5,4000}(?!\w)")
_WORDS = re.compile(r"\w+|[^\w\s]")
WINDOW, FEW = 24, 11
"""Words and signs in a row, and how many different ones they are at most where something is
listed cell by cell; prose of that length has twice as many."""
_CODED = re.compile(r"\S{40,4000}")
"""A grid in signs of the writer's own, if it has at most `FEW` of them; a ruler has one or two."""
_MEDIA = frozenset(
    "image image_url input_image audio input_audio video video_url file input_file document".split()  # noqa: SIM905
)
"""Parts of messages that are no text."""
_LINES = 4
"""Lines of one length from which they are a drawing, if they have at most `FEW` characters."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Whether what a query holds may be shown to an LLM, and why not."""

    touched: tuple[str, ...] = ()
    """Private tasks of which the query holds something."""
    private: frozenset[str] = frozenset()
    """All private tasks."""
    shares_unclear: bool = True
    """Whether text that nobody recognised may be shown all the same."""

    @classmethod
    def of(
        cls,
        query: Query,
        snapshot: Snapshot,
        policy: Policy,
        claimed: Iterable[str] = (),
        options: Mapping[str, Any] | None = None,
    ) -> Disclosure:
        """Look through a query, what was `claimed` in it, and the `options` that go along.

        Raises:
            ConfigError: the policy names a private task that is not known.
        """
        private = private_tasks(snapshot, policy)
        held: list[Any] = [options or {}]
        if query.problem is None or query.messages or options:
            held += [query.text, query.messages]
        unseen = private if not policy.share_unclear_text and _has_media(query.messages) else ()
        found = cls.of_data(held, snapshot.tasks, private, claimed={*claimed, *unseen})
        return replace(found, shares_unclear=policy.share_unclear_text)

    @classmethod
    def of_data(
        cls,
        data: Any,
        tasks: Mapping[str, Task[Any, Any]],
        private: frozenset[str],
        *,
        claimed: Iterable[str] = (),
    ) -> Disclosure:
        """Look through plain data, such as a text or messages, for problems of `private`."""
        if not private:
            return cls()
        hidden = {name: task for name, task in tasks.items() if name in private}
        found = (set(claimed) & private) | touched(strings(data), hidden)
        return cls(tuple(sorted(found)), private)

    def withheld(self, task: str | None = None, *, unclear: bool = False) -> str:
        """Why an LLM must not see it, a problem of `task`, or `unclear` text; empty if it may."""
        names = dict.fromkeys((*self.touched, *({task} & self.private if task else ())))
        if names:
            return f"{', '.join(names)} is private"
        if unclear and self.private and not self.shares_unclear:
            return "unclear text stays here while a private specialist is there"
        return ""


def private_tasks(snapshot: Snapshot, policy: Policy) -> frozenset[str]:
    """Names of the tasks that are private here; `ConfigError` for one that is not known."""
    unknown = sorted(policy.private - set(snapshot.tasks))
    if unknown:
        known = ", ".join(snapshot.tasks) or "none"
        raise ConfigError(f"private names unknown tasks: {', '.join(unknown)}; known: {known}")
    return snapshot.private | policy.private


def touched(texts: Iterable[str], tasks: Mapping[str, Task[Any, Any]]) -> set[str]:
    """Those of `tasks` of whose problems the texts hold something, read or nearly.

    A text too large to look through counts as holding something of all of them.
    """
    text = "\n\n".join(dict.fromkeys(texts))
    if len(text) > MAX_CHARACTERS:
        return set(tasks)
    try:
        found = set(read_text(text, tasks).touched)
    except TaskTooLarge:
        return set(tasks)
    said = spelled_in(text) if len(tasks) > len(found) else frozenset()
    listed = len(tasks) > len(found) and _lists_cells(text)
    for name, task in tasks.items():
        if name in found:
            continue
        if (listed and _holds_rows(task)) or _shares_fields(task, said):
            found.add(name)
            continue
        try:
            nearly = any(True for _ in in_pieces(task.near_misses, text))
        except Exception as error:  # what cannot be judged stays here
            log.warning("near_misses of %r failed: %s", name, error)
            nearly = True
        if nearly:
            found.add(name)
    return found


def _has_media(messages: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some part of a message is a picture, a sound or a file."""
    parts = (part for one in messages for part in _parts_of(one.get("content")))
    return any(part.get("type") in _MEDIA or not _MEDIA.isdisjoint(part) for part in parts)


def _parts_of(content: Any) -> Iterator[Mapping[str, Any]]:
    """The parts of a message's content, those of results in it, too."""
    for part in () if isinstance(content, str) or not isinstance(content, Sequence) else content:
        if isinstance(part, Mapping):
            yield part
            yield from _parts_of(part.get("content"))


def _lists_cells(text: str) -> bool:
    """Whether a text may hold a grid: in figures, drawn, or in any words, signs or letters."""
    if sum(len(re.findall(r"[\d.#_*-]", run[0])) for run in _CELLS.finditer(text)) >= CELLS:
        return True
    if any(2 < len(set(one[0])) <= FEW for one in _CODED.finditer(text)):
        return True
    words = _WORDS.findall(text.casefold())
    seen: Counter[str] = Counter()
    for at, word in enumerate(words):
        seen[word] += 1
        if at >= WINDOW:
            first = words[at - WINDOW]
            seen[first] -= 1
            if not seen[first]:
                del seen[first]
        if at + 1 >= WINDOW and len(seen) <= FEW:
            return True
    for width, lines in groupby(map(str.strip, text.splitlines()), len):
        rows = list(lines)
        if width >= _LINES <= len(rows) and len(set().union(*rows)) <= FEW:
            return True
    return False


def strings(data: Any) -> Iterator[str]:
    """Every string in plain data, keys of mappings included."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, BaseModel):
        yield from strings(data.model_dump(mode="json"))
    elif isinstance(data, type) and issubclass(data, BaseModel):
        yield from strings(data.model_json_schema())
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(data, Sequence) and not isinstance(data, bytes | bytearray):
        if data and all(isinstance(one, int | float) for one in data):
            yield " ".join(map(str, data))  # a row of cells
        for value in data:
            yield from strings(value)


@lru_cache(maxsize=256)
def _schema_of(problem: type[BaseModel]) -> dict[str, Any]:
    try:
        return problem.model_json_schema()
    except Exception:  # a model without a schema has no fields to compare with
        return {}


def _holds_rows(task: Task[Any, Any]) -> bool:
    """Whether its problems have rows or lists in them."""
    problem: type[BaseModel] = task.Problem
    return '"array"' in repr(_schema_of(problem)).replace("'", '"')


def _shares_fields(task: Task[Any, Any], said: frozenset[str]) -> bool:
    """Whether a text names half of a record's fields, or known values of them."""
    problem: type[BaseModel] = task.Problem
    schema = _schema_of(problem)
    fields = schema.get("properties", {})
    if len(fields) < 2:
        return False
    hits = 0
    for name, field in fields.items():
        words = spelled_in(name.replace("_", " "))
        values = field.get("enum") or ([field["const"]] if "const" in field else [])
        known = (str(value).casefold() for value in values)
        hits += (bool(words) and words <= said) or any(value in said for value in known)
    return hits >= max(2, (len(fields) + 1) // 2)
