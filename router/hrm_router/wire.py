"""JSON Schemas as language models and strict validators accept them.

Pydantic writes fixed-size tuples as `prefixItems`, which strict modes refuse,
and leaves objects open. Here a tuple becomes a list of a fixed length, objects
are closed, and the root is an object. Knows nothing of any endpoint.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

_SHED = frozenset({"title", "default", "examples", "$defs", "format", "description"})


def wire_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema to ask an LLM with for a `model`; an object at its root.

    References are written out; a model that contains itself keeps them open
    from the second level on.
    """
    schema = model.model_json_schema()
    return _object(_plain(schema, schema.get("$defs", {}), frozenset()))


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("type") == "object":
        return schema
    return {
        "type": "object",
        "properties": {"root": schema},
        "required": ["root"],
        "additionalProperties": False,
    }


def _plain(schema: Any, defs: dict[str, Any], inside: frozenset[str]) -> Any:
    if isinstance(schema, list):
        return [_plain(item, defs, inside) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in inside:
            return {}
        return _plain(defs[name], defs, inside | {name})
    plain: dict[str, Any] = {
        key: _plain(value, defs, inside)
        for key, value in schema.items()
        if key not in _SHED and key not in ("properties", "prefixItems")
    }
    if "prefixItems" in schema:
        kinds = [_plain(item, defs, inside) for item in schema["prefixItems"]]
        same = all(kind == kinds[0] for kind in kinds)
        plain["items"] = kinds[0] if same else {"anyOf": kinds}
    if "properties" in schema:
        plain["properties"] = {
            name: _plain(value, defs, inside) for name, value in schema["properties"].items()
        }
        plain["required"] = list(schema["properties"])
        plain["additionalProperties"] = False
    return plain
