"""What stands around requests without being one: what programs write, stories of people.

Chats put time and speaker before a line, mail programs say who wrote what they quote,
interpreters show a prompt, tables have a line of column letters. Each is known by its
shape and its place. The free words in it must name no work and state no rule, in any
language; the caller says which words do. What people tell of themselves is known by whom it
is about and by what it does not name. Without words, one number, a date or a count of columns
and signs that decorate or point are harmless; other numbers and signs may be data or a rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence

from hrm_router.phrases import Token, tokens
from hrm_router.vocabulary import Vocabulary, WordList

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
_SIGNED = re.compile(
    r"(?:\b(?:regards|wishes|sincerely|faithfully|truly|thanks|cheers|love|grüßen?|gruß|mfg"
    r"|cordialement|saludos?|saluti|groeten|groet|abraço|pozdrawiam|hilsen|hälsningar)|уважением)"
    r"[,.!]?\s+(?P<who>(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]*[ \t]*){1,4})\s*\Z",
)
"""A name behind a farewell at the end."""
_MOST_NAMED = 12
"""Words of a date and a name."""
_COLUMNS = re.compile(r"\W*a\W+b\W+c\W+d(?:\W+[e-z])*\W*", re.IGNORECASE)
"""A line of column letters."""
_LONGEST = 400
"""Characters of a line that a program may have written."""
_LETTER = re.compile(r"[^\W\d_]")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{1,2}:\d{2}(?::\d{2})?")
_NUMBER = re.compile(r"\d+")
_LONG_NUMBER = 8
"""Digits of the longest number that stands for itself: of a page, a year, a puzzle."""
_SIGN = re.compile(
    r"[^\w\s\x00-\x7f\u00a0-\u00bf\u2500-\u25ff\u2000-\u206f\u20a0-\u20bf\u3000-\u303f\ue000-\uf8ff"
    r"\u0300-\u0fff\u1100-\u1fff\ufe00-\ufe6f\uff00-\uffef\ufffc\ufffd\U000e0000-\U000e01ef"
    r"×÷№™−☕☺☹☀★☆✂-✔✨❓❗❤♥⏰⏱⏳⚠⬛⬜⭐🀀-🃏🆒-🆗🌀-🌠🌤-🍿🎀-🏆🏠-🏰🏻-🏿🐀-🐿👀-👐👦-👩👶💁-💗💡-💬💯📁-📺🔍-🔎🔢-🔥"
    r"🕐-🕧🖊-🖐🗒-🗞😀-🙏🚀-🚍🛋-🛏🤌-🤼🥂-🧿🩹-🫸]"
)
"""Signs that do not decorate."""
_POINTING = frozenset("→⇒➔➜➡"), frozenset("↑⇑⬆↓⇓⬇⤵")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def without_prompts(text: str) -> str:
    """`text` without lines in which an interpreter is asked for the value of a name."""
    return _PROMPT.sub("\n", text)


def without_signature(text: str, suspicious: Suspicious) -> str:
    """`text` without the name of its writer behind a farewell."""
    found = _SIGNED.search(text, max(0, len(text) - _LONGEST))
    if found is None or any(map(suspicious, _spelled(found["who"]))):
        return text
    return text[: found.start("who")]


def bare_numbers(text: str) -> Iterator[str]:
    """Lines of numbers alone that may be data: sums of rows, a map of regions, more cells."""
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip() and not _LETTER.search(line):
            block += (
                [] if line[:1] == "," and "[" not in line else [line.strip()]
            )  # further columns of a record
            continue
        said, block = " ".join(block), []
        numbers = [found[0] for found in _NUMBER.finditer(_DATE.sub("", said))]
        counted = [str(one + int(numbers[0] != "0")) for one in range(len(numbers))]
        counts = len(numbers) > 2 and numbers == counted and "[" not in said
        if (len(numbers) > 1 and not counts) or any(len(one) > _LONG_NUMBER for one in numbers):
            yield said


def telling_signs(text: str) -> Iterator[str]:
    """Signs that may state a rule: "≠", "↗ ↘", a chess piece; one way of pointing is none."""
    found = dict.fromkeys(_SIGN.findall(text))
    ways = [way for way in _POINTING if not way.isdisjoint(found)]
    if told := [sign for sign in found if len(ways) > 1 or not any(sign in way for way in ways)]:
        yield " ".join(told)


def is_frame(sentence: str, suspicious: Suspicious) -> bool:
    """Whether a program wrote it: who speaks, who wrote, letters of columns."""
    if len(sentence) > _LONGEST:
        return False
    if _COLUMNS.fullmatch(sentence):
        letters = "".join(_spelled(sentence))
        return letters == _LETTERS[: len(letters)]
    found = _SPEAKER.fullmatch(sentence) or _WROTE.fullmatch(sentence)
    if found is None:
        return False
    named = _spelled(" ".join(found.groupdict().values()))
    return len(named) <= _MOST_NAMED and not any(map(suspicious, named))


def told_of_people(
    words: Sequence[Token], missing: Sequence[int], asked: Sequence[int], known: Vocabulary
) -> tuple[int, ...]:
    """Those of the words `missing` that may state a rule, or ask for more.

    What is said of people, and of places where things were found, states no rule of a
    problem, whatever its words are, as long as it names nothing that rules speak of. So an
    unknown word is harmless in a clause that begins with an origin ("spotted on a
    placemat …") or is about a person ("my physiotherapist …"), that has no word of
    `[topic]`, and in which it does not stand beside a word for the problem. In a clause that
    asks for the solution it is harmless as a name of something ("while the kettle boils").

    Args:
        words: one sentence.
        missing: places of words that no phrase covers.
        asked: places where phrases begin that ask for the solution.
        known: the sentence's language; its `[topic]` is that of the problem's task.
    """
    left = set(missing)
    start, people = 0, False
    ends = [
        at
        for at, one in enumerate(words)
        if one.text in known.lists["joint"]
        and not (one.text == "-" and at and words[at - 1].end == one.start)  # "half-done"
    ]
    for end in (*ends, len(words)):
        clause = range(start, end)
        if not left.isdisjoint(clause):
            asks = any(at in clause for at in asked)
            kind = _about(words, clause, left, known)
            people = kind == "people" or (people and kind == "goes on")
            told = people and not (end < len(words) and words[end].text == "?")
            if (told or asks) and _says_no_rule(words, clause, left, known, asks=asks):
                left.difference_update(clause)
        elif clause:
            people = any(words[at].text in known.lists["who"] for at in clause)
        start = end + 1
    return tuple(sorted(left))


def _about(words: Sequence[Token], clause: range, left: Container[int], known: Vocabulary) -> str:
    """What a clause is about: "people", or an origin; "goes on" if it has no subject."""
    said = [words[at].text for at in clause]
    rest = said[1:]

    def has(name: str, some: Sequence[str] = said) -> bool:
        return any(word in known.lists[name] for word in some)

    named = has("about") and (has("copula", rest) or has("past", rest))  # "the puzzle was a …"
    if has("about", said[:1]) and has("copula", said[1:2]) and has("whence", said[2:3]):
        return "people"  # "it was printed in …"
    if has("who", said[:1]) or has("whence", said[:1]):
        return "people"
    if has("opens", said[:1]) and len(said) > 2 and not named:
        return "people"
    if has("who"):
        return "people" if has("lead", said[:1]) and not named else ""
    if has("lead", said[:1]) and has("past", said[2:]) and not named:
        return "people"  # "the crossword was easy"
    if any("\ue000" <= word < "\uf000" for word in said):
        return "people"  # who stands where, as in "the rabbit at S"
    return "goes on" if clause[0] in left and len(said) < 5 else ""


def _says_no_rule(
    words: Sequence[Token], clause: range, left: Container[int], known: Vocabulary, *, asks: bool
) -> bool:
    """Whether nothing in a clause speaks of rules, nor an unknown word of the problem."""
    topic, whence, about, small = (
        known.lists[name] for name in ("topic", "whence", "about", "small")
    )
    for at in clause:
        word, unknown = words[at].text, at in left
        counts = (
            word in known.lists["count"] and at + 1 in clause and _counted(words[at + 1], known)
        )
        if word in topic and (unknown or not asks) and word not in whence and not counts:
            return False
        if unknown and (
            (any(map(str.isdigit, word)) and not (len(word) == 4 and word[:2] in ("19", "20")))
            or (len(word) == 1 and word != "t")
            or (word in known.more and words[at - 1].text not in known.lists["subject"])
            or (known.touches(word) and (asks or word not in small))
            or (asks and (at - 1 not in clause or words[at - 1].text not in known.lists["named"]))
        ):
            return False
        if word in known.lists["makes"] and _next(words, at, known.lists["article"]) in left:
            return False  # "she made a …"
        if not unknown and word in about:
            after = _next(words, at, known.lists["of"])
            named = after in left and words[after].text not in small
            if named and words[after].text not in known.lists["helping"]:
                return False  # "the puzzle …", "my book of …"
            before = words[at - 1].text if at - 1 in left and at - 1 in clause else ""
            if (
                before
                and before not in small
                and not (before.endswith("ed") and word in known.lists["these"])
            ):
                return False
    return True


def _next(words: Sequence[Token], at: int, passed: WordList) -> int:
    """The place behind `at`, and behind a word of a list there."""
    return at + 2 if at + 1 < len(words) and words[at + 1].text in passed else at + 1


def _counted(word: Token, known: Vocabulary) -> bool:
    """Whether a number before this word counts something that no rule speaks of."""
    others = ("topic", "about", "copula", "named", "helping", "small")
    return not word.is_sign and not any(word.text in known.lists[name] for name in others)


def _spelled(text: str) -> Sequence[str]:
    return [token.text for token in tokens(text) if not token.is_sign]
