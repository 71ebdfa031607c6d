"""What programs write around what people write.

Chats put time and speaker before a line, mail programs say who wrote what they quote,
interpreters show a prompt, tables have a line of column letters. Each is known by its
shape and its place. The free words in it must name no work and state no rule, in any
language; the caller says which words do. Knows nothing of vocabularies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence

from hrm_router.phrases import Token, tokens
from hrm_router.vocabulary import Vocabulary

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


_NEXT_CLAUSE = frozenset(", ; : ( ) . - – — … ! ? and but so because since while though yet".split())  # noqa: SIM905


def told_of_people(
    words: Sequence[Token], missing: Sequence[int], asked: Sequence[int], known: Vocabulary
) -> tuple[int, ...]:
    """Those of the words `missing` that are not in a story about people, or where it is from.

    What is said of people, and of places where things were found, states no rule of a
    problem, whatever its words are, as long as it names nothing that rules speak of. So an
    unknown word is harmless in a clause that begins with an origin ("spotted on a
    placemat …") or has a person in it ("my physiotherapist …"), that has no word of
    `[topic]`, and in which it does not stand beside a word for the problem. In a clause that
    asks for the solution it is harmless as a name of something ("while the kettle boils").
    """
    left = set(missing)
    start, people = 0, False
    ends = [at for at, one in enumerate(words) if one.text in _NEXT_CLAUSE]
    for end in (*ends, len(words)):
        clause = range(start, end)
        if not left.isdisjoint(clause):
            asks = any(at in clause for at in asked)
            kind = _kind(words, clause, left, known)
            people = kind == "people" or (people and kind == "goes on")
            questions = end < len(words) and words[end].text == "?"
            if (people and not questions or asks) and _says_no_rule(
                words, clause, left, known, asks
            ):
                left.difference_update(clause)
        elif start < end:
            people = any(words[at].text in known.lists["who"] for at in clause)
        start = end + 1
    return tuple(sorted(left))


def _kind(words: Sequence[Token], clause: range, left: Container[int], known: Vocabulary) -> str:
    """What a clause is about: people or an origin, or it goes on without a subject."""
    who, whence, opens, about = (known.lists[n] for n in ("who", "whence", "opens", "about"))
    first = words[clause[0]].text
    if first in who or first in whence or (first in opens and len(clause) > 2):
        return "people"
    at = next((at for at in clause if words[at].text in who), None)
    if at is None:
        if any("\ue000" <= words[one].text < "\uf000" for one in clause):
            return "people"  # who stands where, as in "the rabbit at S"
        return "goes on" if clause[0] in left and len(clause) < 5 else ""
    if any(words[one].text in about for one in range(clause[0], at)) and any(
        words[one].text in _COPULAS for one in range(clause[0], at)
    ):
        return ""  # "it is my uncle's …"
    return "people" if first in _OPENING else ""


_COPULAS = frozenset("is s are was were".split())  # noqa: SIM905
_OPENING = frozenset("the a an another some one no every each it this that there here today yesterday last after since for in at on when while if as never".split())  # noqa: SIM905


def _says_no_rule(
    words: Sequence[Token], clause: range, left: Container[int], known: Vocabulary, asks: bool
) -> bool:
    topic, whence, about, small = (
        known.lists[name] for name in ("topic", "whence", "about", "small")
    )
    for at in clause:
        word = words[at].text
        if word in topic and (at in left or not asks) and word not in whence:
            if not (word in _COUNTS and at + 1 in left and at + 1 in clause):
                return False
        elif at in left:
            year = len(word) == 4 and word[:2] in ("19", "20")
            if (any(map(str.isdigit, word)) and not year) or len(word) == 1 and word != "t":
                return False
            if word in known.more or (known.touches(word) and (asks or word not in small)):
                return False
            if asks and (at - 1 not in clause or words[at - 1].text not in _DETERMINERS):
                return False
        elif word in about:
            if at + 1 in left and words[at + 1].text not in _FUNCTION:
                return False
            before = words[at - 1].text if at - 1 in left and at - 1 in clause else ""
            if before and not (before.endswith("ed") and word in _THESE):
                return False
    return True


_THESE = frozenset("it this that these those them".split())  # noqa: SIM905
_COUNTS = frozenset("two three four five six seven eight nine ten".split())  # noqa: SIM905
_FUNCTION = frozenset("than can could cannot don didn doesn not never".split())  # noqa: SIM905
_DETERMINERS = frozenset("a an the my our his her your some for to at in on by from".split())  # noqa: SIM905


def _spelled(text: str) -> Sequence[str]:
    return [token.text for token in tokens(text) if not token.is_sign]
