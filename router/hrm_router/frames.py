"""What programs write around what people write.

Chats put time and speaker before a line, mail programs say who wrote what they quote,
interpreters show a prompt, tables have a line of column letters. Each is known by its
shape and its place. The free words in it must name no work and state no rule, in any
language; the caller says which words do. Knows nothing of vocabularies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hrm_router.phrases import tokens

Suspicious = Callable[[str], bool]
"""Whether a word names work, asks, or may state a rule."""

_PROMPT = re.compile(
    r"^[ \t]*(?:>>>|In[ \t]?\[\d{1,4}\]:)[ \t]*[A-Za-z_]\w{0,40}[ \t]*$", re.MULTILINE
)
"""An interpreter that is asked for the value of a name."""
_SPEAKER = re.compile(
    r"\[(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? )?\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?\] ?"
    r"<?(?P<who>[^\W\d_]+(?: [^\W\d_]+){0,2})>?:",
    re.IGNORECASE,
)
"""Time and speaker before a line of a chat."""
_WROTE = re.compile(
    r"(?:on|am|le|el|il|em|op|w dniu|dnia) (?P<date>[^:]{0,24}\d[^:]{0,30}?)"
    r"(?:,? (?:at|um|à|a las|alle|às|om|o|в))? ?(?:(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?)?"
    r"(?P<who>[^:]{0,60}?) (?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|napisała?|"
    r"пишет)(?P<after>[^:]{0,60}):",
    re.IGNORECASE,
)
"""What mail programs write above the text that is answered."""
_MOST_NAMED = 12
"""Words of a date and a name."""
_FEW = 4
"""Letters that make a line of column letters."""
_LONGEST = 400
"""Characters of a line that a program may have written."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def without_prompts(text: str) -> str:
    """`text` without lines in which an interpreter is asked for the value of a name."""
    return _PROMPT.sub("\n", text)


def is_frame(sentence: str, suspicious: Suspicious) -> bool:
    """Whether a program wrote it: who speaks, who wrote, letters of columns."""
    if len(sentence) > _LONGEST:
        return False
    spelled = _spelled(sentence)
    if len(spelled) >= _FEW and "".join(spelled) == _LETTERS[: len(spelled)]:
        return True
    found = _SPEAKER.fullmatch(sentence) or _WROTE.fullmatch(sentence)
    if found is None:
        return False
    named = _spelled(" ".join(found.groupdict().values()))
    return len(named) <= _MOST_NAMED and not any(map(suspicious, named))


def _spelled(text: str) -> Sequence[str]:
    return [token.text for token in tokens(text) if not token.is_sign]
