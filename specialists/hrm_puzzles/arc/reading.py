# ruff: noqa: E501
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

from hrm_puzzles.arc.models import MAX_SIDE, ArcProblem
from hrm_specialists.contract import Claim

MAX_TEXT = 1_000_000
"""Characters beyond which a text is not searched."""
LABEL = 60
"""Characters before a grid in which its label is looked for."""

Rows = tuple[tuple[int, ...], ...]

_TRAIN = re.compile(r"""\{[^{}\[\]]{0,80}?["'](?:train|test)["']\s*:\s*\[""")
_IN = (
    "input|in|test|eingabe|eingang|entrée|entree|entrada|ingresso|invoer|wejście|wejscie|vstup|вход|вхід|"
    "girdi|giriş|输入|輸入|入力|입력|مدخل|الإدخال|المدخل|इनपुट|inmatning|inddata|masukan|đầu vào|"
    "intrare|syöte|bemenet|είσοδος|קלט|before|vorher|avant|antes|prima|voor"
)
_OUT = (
    "output|out|ausgabe|ausgang|sortie|salida|saída|saida|uscita|uitvoer|wyjście|wyjscie|výstup|выход|"
    "вихід|çıktı|çıkış|输出|輸出|出力|출력|مخرج|الإخراج|المخرج|आउटपुट|utmatning|uddata|keluaran|đầu ra|"
    "ieșire|tuloste|kimenet|έξοδος|פלט|after|nachher|après|después|depois|dopo|na"
)
_LABEL = re.compile(
    rf"(?:(?<![^\W_])|(?<=test)|(?<=[\u3040-\uffff]))(?:(?P<in>{_IN})|(?P<out>{_OUT}))(?![^\W\d_])[^\n:：=\[\]]{{0,24}}"
    r"[ \t]*[:：=]?[*_`:]{0,3}\s{0,6}(?:```\w*\s*)?\Z",
    re.IGNORECASE,
)
_ARROW = re.compile(r"\s*(?:->|=>|→|⇒|➜|⟶|➡)\s*\Z")
_START = re.compile(
    r"(?:^|[:：=>→⇒])[ \t]*(?:(?=\|?[ \t]*\d(?:[ \t]*[,;|]?[ \t]*\d)*[ \t|,]*\r?$)|(?=\[\s{0,9}\[)"
    r"|(?=[0-9]{1,30}+(?:/[0-9]{1,30}+)+(?![\w/])))",
    re.MULTILINE,
)
"""Where a grid may start: digits to the end of a line, or nested lists."""
_ROW = re.compile(
    r"[ \t]*\|?[ \t]*(\d(?:[ \t]*[,;|]?[ \t]*\d)*)[ \t]*\|?[ \t]*,?[ \t]*(?=\r?\n|\Z)"
)
_FENCE = re.compile(r"\s*```")
_SLASHED = re.compile(r"[0-9]{1,30}(?:/[0-9]{1,30}){1,29}(?![\w/])")
_ASKS = re.compile(r"[ \t]*(?:->|=>|→|⇒|➜|⟶|➡)[ \t]*(?:[?？_…]|\.\.\.|\n|\Z)")
"""An arrow that leads to what is asked for."""
_SQUARES = "⬛🟦🟥🟩🟨⬜🟪🟧🩵🟫"
_SQUARE = re.compile(f"[{_SQUARES}]")
"""The squares that stand for colours, in the usual order."""
_LISTS = re.compile(r"\[\s*\[[\d\s,\[\]]*\]\s*\]")


class _Grid(NamedTuple):
    kind: str
    """"in" or "out"; "" if nothing says which."""
    rows: Rows
    start: int
    end: int


def read(text: str) -> list[Claim[ArcProblem]]:
    """The ARC tasks in `text`, in order; their spans never overlap."""
    if len(text) > MAX_TEXT:
        return []
    claims = list(_json(text))
    if claims or (text.count("\n") < 5 and "[[" not in text and "/" not in text):
        return claims
    if not text.isascii():
        text = _SQUARE.sub(lambda found: str(_SQUARES.index(found[0])), text)
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
    train: list[dict[str, Rows]] = []
    tests: list[dict[str, Rows]] = []
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
    """Every grid with a label before it, and those that an arrow leads to."""
    end = 0
    before: _Grid | None = None
    while start := _START.search(text, end):
        found = _rows(text, start.end())
        if found is None:
            end = max(start.end(), end + 1)
            continue
        rows, stop = found
        kind, at = _label(text[max(end, start.end() - LABEL) : start.end()])
        grid = _Grid(kind, rows, start.end() - at, stop)
        if kind == "arrow":
            if before is not None and not before.kind:
                yield before._replace(kind="in")
            grid = grid._replace(kind="out" if before is not None else "")
        elif not kind and _ASKS.match(text, stop):
            grid = grid._replace(kind="in")
        if grid.kind:
            yield grid
        before, end = grid, stop


def _label(lead: str) -> tuple[str, int]:
    """What the text that leads to a grid calls it, and how far back the label starts."""
    if label := _LABEL.search(lead):
        return ("in" if label["in"] else "out"), len(lead) - label.start()
    if arrow := _ARROW.search(lead):
        return "arrow", len(lead) - arrow.start()
    return "", 0


def _rows(text: str, start: int) -> tuple[Rows, int] | None:
    """The grid that starts at `start`, and where it ends."""
    if text.startswith("[", start):
        lists = _LISTS.match(text, start)
        if lists is None:
            return None
        try:
            return tuple(tuple(row) for row in json.loads(lists[0])), lists.end()
        except (ValueError, TypeError):
            return None
    if slashed := _SLASHED.match(text, start):
        flat = slashed[0].split("/")
        same = len({len(row) for row in flat}) == 1
        return (tuple(tuple(map(int, row)) for row in flat), slashed.end()) if same else None
    rows: list[tuple[int, ...]] = []
    end = start
    while len(rows) <= MAX_SIDE and (row := _ROW.match(text, start)):
        rows.append(tuple(map(int, re.findall(r"[0-9]", row[1]))))
        end = row.end()
        start = end + (2 if text.startswith("\r\n", end) else 1)
        if start > len(text):
            break
    if not rows or len({len(row) for row in rows}) > 1 or len(rows[0]) > MAX_SIDE:
        return None
    fence = _FENCE.match(text, end)
    return tuple(rows), fence.end() if fence else end
