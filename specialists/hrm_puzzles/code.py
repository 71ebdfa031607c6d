"""Whether a text is about programming: then a board in it is a sample, not a problem.

Looks at the shape of lines, not at what they say. Knows nothing of any task.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from hrm_specialists.contract import Claim, NearMiss

P = TypeVar("P", bound=BaseModel)

_CODE = re.compile(
    r"^[ \t]*(?:(?:def|class|struct|fn|func|function|public|private|static|void) ?\w.*[({:]"
    r"|(?:import|from|using|package|require)\b[ (][\w.:'\"{ ]+;?|#include\b.*|return\b.*;?"
    r"|(?:for|while|if|elif|switch)\b.*[:{]|[})\]]+;|@\w+)[ \t\r]*$",
    re.MULTILINE,
)
_SECTION = re.compile(
    r"^[ \t#*\-_]*(?:sample |example |beispiel|入出力|样例)?"
    r"(?P<kind>in|out|constraints|time limit|eingabe|ausgabe|entrada|sa[lí]|entrée|sortie|"
    r"вход|выход|输入|输出|入力|出力|制約)(?:put)?\w{0,12}"
    r"(?: (?:format|data|sample|example|данные))?[ \t]?\d{0,2}[ \t]?[:：*\r]*[ \t]*$"
    r"|^[ \t#*\-_]*(?:input|output)[ \t]?\d{0,2}[*_]*:[ \t*_]*\w{0,20}\s?=?[ \t]*\[",
    re.MULTILINE | re.IGNORECASE,
)


def without_samples(
    text: str, claims: Sequence[Claim[P]], misses: Sequence[NearMiss], what: str
) -> tuple[tuple[Claim[P], ...], tuple[NearMiss, ...]]:
    """The same in prose; in source code or a programming statement each claim is a near miss."""
    if not claims or not is_about_code(text, [claim.span for claim in claims]):
        return tuple(claims), tuple(misses)
    said = f"{what} in source code or in a programming statement is taken for a sample"
    found = [*misses, *(NearMiss(said, claim.span) for claim in claims)]
    return (), tuple(sorted(found, key=lambda miss: miss.span))


def is_about_code(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether what is around `spans` reads as source code or a programming statement."""
    around, at = [], 0
    for start, end in spans:
        around.append(text[at:start])
        at = end
    rest = "\n".join([*around, text[at:]])
    if len(rest) < 60:
        return False
    if len(_CODE.findall(rest)) >= 2:
        return True
    kinds = {match[0].strip().casefold() for match in _SECTION.finditer(rest)}
    return len(kinds) >= 2 and len(rest) > 150
