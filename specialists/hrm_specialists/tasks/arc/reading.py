"""Find ARC tasks in free text: the published JSON, or grids labelled in and out.

Labels are known in many languages, grids as digits in rows or nested lists. A
claim needs at least one whole pair and, after all pairs, at least one input
that has no output. Time is linear in the length of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from hrm_specialists.contract import Claim
from hrm_specialists.tasks.arc.models import MAX_SIDE, ArcProblem

MAX_TEXT = 1_000_000
"""Characters beyond which a text is not searched."""
MAX_MISSES = 5_000
"""Labels without a grid after which a text is given up."""

Rows = tuple[tuple[int, ...], ...]

_TRAIN = re.compile(r"""\{[^{}\[\]]{0,80}?["'](?:train|test)["']\s*:\s*\[""")
_IN = (
    "input|in|eingabe|eingang|entrée|entree|entrada|ingresso|invoer|wejście|wejscie|vstup|вход|вхід|"
    "girdi|giriş|输入|輸入|入力|입력|مدخل|الإدخال|المدخل|इनपुट|inmatning|inddata|masukan|đầu vào|"
    "intrare|syöte|bemenet|είσοδος|קלט|before|vorher|avant|antes|prima|voor"
)
_OUT = (
    "output|out|ausgabe|ausgang|sortie|salida|saída|saida|uscita|uitvoer|wyjście|wyjscie|výstup|выход|"
    "вихід|çıktı|çıkış|输出|輸出|出力|출력|مخرج|الإخراج|المخرج|आउटपुट|utmatning|uddata|keluaran|đầu ra|"
    "ieșire|tuloste|kimenet|έξοδος|פלט|after|nachher|après|después|depois|dopo|na"
)
_LABEL = re.compile(
    rf"(?:(?P<in>{_IN})|(?P<out>{_OUT}))[\w\- ]{{0,12}}[ \t]*(?:[#№]?\d{{1,2}}|\([^()\n]{{1,20}}\))?"
    r"[ \t]*(?:\w{0,10}[ \t]*)[*_`]{0,3}[ \t]*(?::|：|=|->|\n)[*_`]{0,3}",
    re.IGNORECASE,
)
_ARROW = re.compile(r"[ \t]*\n?[ \t]*(?:->|=>|→|⇒|➜|⟶|➡)[ \t]*\n?")
_BLANK = re.compile(r"(?:[ \t]*\n){0,3}[ \t]*(?:```\w*[ \t]*\n)?")
_ROW = re.compile(
    r"[ \t]*\|?[ \t]*(\d(?:[ \t]*[,;|]?[ \t]*\d)*)[ \t]*\|?[ \t]*,?[ \t]*(?=\r?\n|\Z)"
)
_FENCE = re.compile(r"\s*```")
_LISTS = re.compile(r"\[\s*\[[\d\s,\[\]]*\]\s*\]")


class _Grid(NamedTuple):
    kind: str
    """"in" or "out"."""
    rows: Rows
    start: int
    end: int


def read(text: str) -> list[Claim[ArcProblem]]:
    """The ARC tasks in `text`, in order; their spans never overlap."""
    if len(text) > MAX_TEXT:
        return []
    claims = list(_json(text))
    if claims or text.count("\n") < 5 and "[[" not in text:
        return claims
    return list(_labelled(text))


def _json(text: str) -> Iterator[Claim[ArcProblem]]:
    decoder = json.JSONDecoder()
    at = 0
    while found := _TRAIN.search(text, at):
        try:
            data, end = decoder.raw_decode(text, found.start())
        except json.JSONDecodeError as error:
            data, end = _python_style(text, found.start(), error.pos)
        except RecursionError:
            return
        problem = _problem(data) if data is not None else None
        if problem is not None:
            yield Claim(problem, (found.start(), end), "JSON with train and test")
        at = max(end, found.end())


def _python_style(text: str, start: int, failed: int) -> tuple[Any, int]:
    """A Python dict of lists: the same but for quotes and trailing commas."""
    depth = 0
    for mark in re.finditer(r"[{}\[\]]", text[start:]):
        depth += 1 if mark[0] in "{[" else -1
        if depth == 0:
            end = start + mark.end()
            tidy = re.sub(r",(\s*[\]}])", r"\1", text[start:end].replace("'", '"'))
            tidy = tidy.replace("(", "[").replace(")", "]")
            try:
                return json.loads(tidy), end
            except (ValueError, RecursionError):
                return None, end
    return None, len(text)


def _problem(data: Any) -> ArcProblem | None:
    """The validated problem; outputs of tests, which datasets carry along, are dropped."""
    if not isinstance(data, dict):
        return None
    try:
        return ArcProblem.model_validate(
            {
                "train": data["train"],
                "test": [{"input": one["input"]} for one in data["test"]],
            }
        )
    except (KeyError, TypeError, ValidationError):
        return None


def _labelled(text: str) -> Iterator[Claim[ArcProblem]]:
    grids: list[_Grid] = []
    for grid in _grids(text):
        tests = len(grids) >= 2 and grids[-1].kind == "in" == grids[-2].kind
        if grid.kind == "out" and tests:  # a new task begins with the last input
            yield from _claim(grids[:-1])
            grids = grids[-1:]
        grids.append(grid)
    yield from _claim(grids)


def _claim(grids: Sequence[_Grid]) -> Iterator[Claim[ArcProblem]]:
    train, tests = [], []
    at = 0
    while at < len(grids):
        if grids[at].kind != "in":
            return
        if at + 1 < len(grids) and grids[at + 1].kind == "out":
            if tests:
                return
            train.append({"input": grids[at].rows, "output": grids[at + 1].rows})
            at += 2
        else:
            tests.append({"input": grids[at].rows})
            at += 1
    if not train or not tests:
        return
    try:
        problem = ArcProblem.model_validate({"train": train, "test": tests})
    except ValidationError:
        return
    yield Claim(problem, (grids[0].start, grids[-1].end), "grids labelled input and output")


def _grids(text: str) -> Iterator[_Grid]:
    """Every grid that follows a label, and those that an arrow leads to."""
    at = misses = 0
    while misses < MAX_MISSES and (label := _LABEL.search(text, at)):
        if label.start() and text[label.start() - 1].isalnum() and label[0].isascii():
            misses += 1
            at = label.start() + 1
            continue
        found = _rows(text, label.end())
        if found is None:
            misses += 1
            at = label.start() + 2
            continue
        rows, end = found
        yield _Grid("in" if label["in"] else "out", rows, label.start(), end)
        at = end
        if label["in"] and (arrow := _ARROW.match(text, end)) and (to := _rows(text, arrow.end())):
            yield _Grid("out", to[0], end, to[1])
            at = to[1]


def _rows(text: str, at: int) -> tuple[Rows, int] | None:
    """The grid that starts at `at`, blank lines and a code fence aside."""
    blank = _BLANK.match(text, at)
    start = blank.end() if blank else at
    if text.startswith("[", start):
        lists = _LISTS.match(text, start)
        if lists is None:
            return None
        try:
            return tuple(tuple(row) for row in json.loads(lists[0])), lists.end()
        except (ValueError, TypeError):
            return None
    rows: list[tuple[int, ...]] = []
    end = start
    while len(rows) <= MAX_SIDE and (row := _ROW.match(text, start)):
        rows.append(tuple(map(int, re.findall(r"[0-9]", row[1]))))
        end = row.end()
        if end >= len(text):
            break
        start = end + (2 if text.startswith("\r\n", end) else 1)
    fence = _FENCE.match(text, end)
    if not rows or len({len(row) for row in rows}) > 1 or len(rows[0]) > MAX_SIDE:
        return None
    return tuple(rows), fence.end() if fence else end
