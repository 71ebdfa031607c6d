"""What a model thinks aloud, set apart from what it answers.

Many models write their reasoning into the text itself, between `<think>` and
`</think>` or similar tags, before the answer. Works on whole replies and on streams.
Knows nothing of endpoints.
"""

from __future__ import annotations

import re

_NAMES = ("think", "thinking", "thought", "reasoning")
_OPENINGS = (*(f"<{name}>" for name in _NAMES), "[think]")
_TAG = re.compile(rf"<(/?)(?:{'|'.join(_NAMES)})>|\[(/?)think\]", re.IGNORECASE)
_LONE_CLOSING = re.compile(
    rf"^[ \t]*</(?:{'|'.join(_NAMES)})>|</(?:{'|'.join(_NAMES)})>[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A closing tag beside a line break: the model's template had opened the thought already."""
_THINKERS = re.compile(r"(?<![a-z])(?:r1|qwq|think|thinking|reasoner|reasoning)(?![a-z])", re.I)
_BLANK = re.compile(r"\s*")
_LONGEST = max(map(len, _OPENINGS)) + 1


class Thoughts:
    """Takes a reply piece by piece; gives back the answer, and keeps the thoughts.

    Thoughts stand at the beginning of a reply, and may be nested. Where they never
    end, what follows the last closing tag is the answer; without one, there is none.

    Args:
        inside: whether the reply is taken to begin inside a thought, which the model's
            template has opened; nothing is given back before the closing tag.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self._depth = 0
        self._inside = inside
        self._starts = True
        self._held, self._at = "", 0  # text that is not decided upon begins there
        self._thought: list[str] = []
        self._since_closing: list[str] | None = None

    @property
    def text(self) -> str:
        """The thoughts so far."""
        return "".join(self._thought).strip()

    @property
    def unopened(self) -> bool:
        """Whether the reply did begin inside a thought, and came out of it."""
        out = not self._depth or self._since_closing is not None
        return self._inside and bool(self._thought) and out

    def feed(self, piece: str) -> str:
        """Add a piece; what it adds to the answer."""
        if not self._starts and not self._depth:
            return piece
        self._held, self._at = self._held[self._at :] + piece, 0
        fresh = self._inside and not self._depth and not self._thought
        if fresh and not self._opens():
            if self._starts:  # an opening tag may still come
                return ""
            self._depth = 1
        while self._depth or self._opens():
            if not self._think():
                return ""
        if self._starts:
            return ""
        begun, self._held = self._held[self._at :], ""
        return begun

    def finish(self, *, cut: bool = False) -> str:
        """The reply is complete, or was `cut` for want of tokens; what is still to be added."""
        left, self._held = self._held[self._at :], ""
        if not self._depth:
            return left
        self._add(left)
        if self._inside and not cut and self._since_closing is None and self._depth == 1:
            answer, self._thought = "".join(self._thought), []  # it was no thought after all
            self._inside = False
            return answer
        if self._since_closing is None:
            return ""
        answer = "".join(self._since_closing)
        whole = "".join(self._thought)
        self._thought = [whole[: len(whole) - len(answer)]]
        return answer.lstrip()

    def _opens(self) -> bool:
        """Whether a thought begins here; else `_starts` says whether it still may."""
        blank = _BLANK.match(self._held, self._at)
        start = blank.end() if blank else self._at
        tag = _TAG.match(self._held, start)
        if tag and not (tag[1] or tag[2]):
            self._inside = self._inside and bool(self._thought)
            self._depth, self._at = 1, tag.end()
            return True
        low = self._held[start : start + _LONGEST].lower()
        self._starts = not low or any(name.startswith(low) for name in _OPENINGS)
        if not self._starts and self._thought:
            self._at = start  # no blank lines between thoughts and answer
        return False

    def _think(self) -> bool:
        """Move to the next tag in a thought; False if there is none yet."""
        tag = _TAG.search(self._held, self._at)
        if tag is None:
            tail = max(self._at, len(self._held) - _LONGEST)  # a tag may have begun in it
            at = max(self._held.rfind("<", tail), self._held.rfind("[", tail))
            at = at if at >= 0 else len(self._held)
            self._add(self._held[self._at : at])
            self._at = at
            return False
        closes = bool(tag[1] or tag[2])
        self._add(self._held[self._at : tag.start()])
        self._at = tag.end()
        self._depth += -1 if closes else 1
        if closes:
            self._since_closing = []
        elif self._since_closing is not None:
            self._since_closing.append(tag[0])
        self._starts = self._depth == 0
        if self._starts:
            self._since_closing = None
            self._thought.append("\n")
        return True

    def _add(self, text: str) -> None:
        self._thought.append(text)
        if self._since_closing is not None:
            self._since_closing.append(text)


def unopened(text: str) -> tuple[str, str] | None:
    """Answer and thoughts of a text that began inside a thought, told by its closing tag."""
    closing = _LONE_CLOSING.search(text)
    if closing and not _TAG.search(text, 0, closing.start()):
        return text[closing.end() :].lstrip(), text[: closing.start()].strip()
    return None


def thinks_by_name(model: str | None) -> bool:
    """Whether a model's name says that it thinks before it answers."""
    return bool(_THINKERS.search(model or ""))
