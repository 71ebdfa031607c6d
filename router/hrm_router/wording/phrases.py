"""A task's phrases as examples for the text classifier."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from typing import Any

from hrm_router.classifier import Example
from hrm_router.wording.templates import wordings
from hrm_specialists.contract import Task

PER_PHRASE = 4


def phrase_examples(task: Task[Any, Any]) -> Iterator[Example]:
    """Wordings of each phrase, its choices filled in and the problem's place left blank."""
    rng = random.Random(zlib.crc32(task.name.encode()))
    for phrase in task.phrases:
        bare = phrase.replace("{problem}", " ")
        for text in wordings(bare, {}, rng, PER_PHRASE):
            yield Example(text, task.name, f"{task.name}: {phrase}")
