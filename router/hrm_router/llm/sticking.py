"""Which model answered in a chat before, so that the chat goes on with it.

An endpoint that has read a chat holds it in its prompt cache; another one would
read, and bill, all of it again. Chats are known by a hash of their messages.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from hrm_router.llm.protocol import ChatMessage, LanguageModel

CHATS = 4096
"""Chats that are remembered, the latest."""


class Sticking:
    """Remembers who answered. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: OrderedDict[bytes, LanguageModel] = OrderedDict()

    def keep(self, messages: Sequence[ChatMessage], model: LanguageModel) -> None:
        """Note that `model` answered this chat."""
        *_, key = _keys(messages)
        with self._lock:
            self._models[key] = model
            self._models.move_to_end(key)
            while len(self._models) > CHATS:
                self._models.popitem(last=False)

    def known(self, messages: Sequence[ChatMessage]) -> LanguageModel | None:
        """Who answered the longest beginning of this chat that was answered; None if nobody."""
        if len(messages) < 2:
            return None
        keys = list(_keys(messages[:-1]))
        with self._lock:
            return next((self._models[key] for key in reversed(keys) if key in self._models), None)


def _keys(messages: Sequence[ChatMessage]) -> Iterator[bytes]:
    """One key for each beginning of a chat."""
    running = hashlib.blake2b(digest_size=16)
    for message in messages:
        running.update(
            json.dumps([message.get("role"), message.get("content")], default=str).encode()
        )
        yield running.digest()
