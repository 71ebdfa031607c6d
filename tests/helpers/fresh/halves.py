"""All messages by others in two halves: confidences are fitted on one, measured on the other.

`third.txt`, the blind set and the wordings are split by turns, the second set by its own parts.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from fresh import rules
from fresh.blind import CASES
from fresh.queries import queries

HERE = Path(__file__).parent
Labelled = tuple[str, frozenset[str]]
"""A message and the labels that are right for it."""


def half(which: int) -> Iterator[Labelled]:
    """The fitted half (0) or the measured one (1)."""
    part = ("open", "sealed")[which]
    yield from ((one.text, frozenset({one.label})) for one in queries(part))
    yield from packed(part)
    blind = [case for at, case in enumerate(CASES) if at % 2 == which and case["label"] != "rule"]
    yield from ((case["text"], frozenset({case["label"]})) for case in blind)
    for at, (kind, task, text, _) in enumerate(around("third")):
        if at % 2 == which and kind != "rule":
            yield text, frozenset({"hybrid" if kind == "more" else task})


def packed(part: str) -> Iterator[Labelled]:
    """A part of the second set: "open", "sealed" or "odd"."""
    with gzip.open(HERE / "second" / f"{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for known in map(json.loads, lines):
            yield known["query"], frozenset({known["label"], *known["accept"]})


def around(name: str) -> Iterator[tuple[str, str, str, str]]:
    """Kind, task, text and further request of each message in `third.txt` or `fourth.txt`."""
    kind = ""
    for line in (HERE / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            kind = line[1:-1]
        elif re.match("[SM]: ", line):
            task, problem = {"S": ("sudoku", rules.SUDOKU), "M": ("maze", rules.MAZE)}[line[0]]
            text = line[3:].replace("\\n", "\n")
            more = " ".join(re.findall(r"\|\|(.*?)\|\|", text))
            yield kind, task, text.replace("||", "").replace("{}", problem), more


PAIRS = (
    "Train:\nInput:\n0 1 0\n1 0 0\n0 0 1\nOutput:\n0 2 0\n2 0 0\n0 0 2\n"
    "Input:\n1 1 0\n0 0 0\n0 1 0\nOutput:\n2 2 0\n0 0 0\n0 2 0\nTest input:\n0 0 1\n0 1 1\n1 0 0"
)
PROBLEMS = {"sudoku": rules.SUDOKU, "maze": rules.MAZE, "arc": PAIRS}


def messages(source: str) -> Iterator[tuple[str, str, str]]:
    """Kind, task and text of each message in `messages/` around a problem of the puzzles.

    Its parts are labelled h(armless), k(nown rule), r(ule), m(ore) and p(roblem).
    """
    for path in sorted((HERE.parent / "messages").glob(f"{source}*.jsonl")):
        for message in map(json.loads, path.read_text("utf-8").splitlines()):
            task, labels = message["task"], {label for _, label in message["parts"]}
            if task in PROBLEMS:
                said = " ".join(text for text, _ in message["parts"])
                text = said.replace("{P}", f"\n{PROBLEMS[task]}\n").replace("\n ", "\n")
                kind = "rule" if "r" in labels else "more" if "m" in labels else "plain"
                yield kind, task, text


def asking(source: str) -> Iterator[tuple[str, str, str, str]]:
    """Kind, task, language and text of each message in a file of `asking/`.

    `asks` hold direct requests, `near` rules and further requests in such words, `usual` all
    three as a service's log might have them.
    """
    for line in (HERE / "asking" / f"{source}.jsonl").read_text("utf-8").splitlines():
        message = json.loads(line)
        task = message["task"]
        text = message["text"].replace("{P}", PROBLEMS[task])
        yield message["kind"], task, message["lang"], text
