"""The server's log on standard error: one line a request, as text or as JSON.

Lines hold an id, a method, a path, a status, a time, a caller's name and where
the question went, never keys or contents.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Literal

Format = Literal["text", "json"]
LEVELS = ("debug", "info", "warning", "error")


class TextLines(logging.Formatter):
    """Time, level and message."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")


class JsonLines(logging.Formatter):
    """One JSON object a line; a request's facts are fields of their own."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z"
        line = {"time": when, "level": record.levelname.lower(), "logger": record.name}
        facts = getattr(record, "facts", None)
        line.update(facts if facts is not None else {"message": record.getMessage()})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=True, default=str)


def start_logging(level: str, form: Format) -> None:
    """Write the log of this process's server to standard error.

    Args:
        level: one of `LEVELS`.
        form: text for people, JSON for programs.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    for name in ("hrm_agent", "hrm_router", "hrm_specialists"):
        log = logging.getLogger(name)
        log.handlers[:] = [handler]
        log.setLevel(level.upper())
        log.propagate = False
    errors = logging.getLogger("uvicorn.error")
    errors.handlers[:] = [handler]
    errors.setLevel(logging.WARNING)
