"""Server-sent events as a browser reads them: comments are skipped."""

from __future__ import annotations

import json
from typing import Any


def told(text: str) -> list[tuple[str, Any]]:
    """Kind and data of every event; data that is no JSON stays text."""
    events = []
    for block in text.split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        fields = dict(line.split(": ", 1) for line in lines)
        if "data" in fields:
            data = fields["data"]
            events.append((fields.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return events
