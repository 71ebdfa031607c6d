"""A language model that does exactly what it is asked for, for tests of what is passed to it.

Offered tools, it calls the one demanded or the first; told a form, it fills it;
otherwise it makes conversation. Values come from the user's last message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hrm_agent.testing import ScriptedLLM
from hrm_router.llm.protocol import Reply, Request, Tokens, ToolCall

TALK = "Hello there, what a fine day it is."


def obedient() -> ScriptedLLM:
    """A new one; `requests` tells what came."""
    return ScriptedLLM(obey, name="obedient")


def obey(request: Request) -> Reply:
    options, last = request.options, request.messages[-1]
    said = next(m["content"] for m in reversed(request.messages) if m["role"] == "user")
    text = said if isinstance(said, str) else " ".join(part.get("text", "") for part in said)
    form = options.get("response_format") or {}
    tools, choice = options.get("tools") or (), options.get("tool_choice", "auto")
    if request.schema is not None:  # the router asks for problems in unclear text: none
        return _reply('{"problems": [], "rest": ""}', parsed={"problems": [], "rest": ""})
    if form.get("type") == "json_schema":
        return _reply(json.dumps(filled(form["json_schema"]["schema"], text)))
    if form.get("type") == "json_object":
        return _reply(json.dumps({"setup": text, "punchline": "the cat"}))
    if tools and choice != "none" and (last["role"] == "user" or choice != "auto"):
        wanted = choice["function"]["name"] if isinstance(choice, Mapping) else None
        tool = next(t["function"] for t in tools if wanted in (None, t["function"]["name"]))
        arguments = json.dumps(filled(tool["parameters"], text))
        return _reply("", tool_calls=(ToolCall("call-1", tool["name"], arguments),))
    return _reply(TALK)


def filled(schema: Mapping[str, Any], text: str) -> Any:
    """Something that fits a schema."""
    if "anyOf" in schema:
        return filled(schema["anyOf"][0], text)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {key: filled(one, text) for key, one in schema.get("properties", {}).items()}
        case "array":
            return [filled(schema["items"], text)]
        case "integer" | "number":
            found = re.search(r"-?\d+", text)
            return int(found[0]) if found else 0
        case "boolean":
            return True
        case _:
            return text


def _reply(text: str, **more: Any) -> Reply:
    return Reply(text=text, tokens=Tokens(7, 5), model="obedient", **more)
