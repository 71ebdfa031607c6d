"""A specialist as a tool: what it does, its arguments, what comes back; and how arguments are read.

LangChain, MCP, the HTTP server and the extraction by an LLM all show this card, so that a
model is told the same everywhere. Text on a card is written for language models: the task's
`description`, the first paragraph of a model's docstring, and the descriptions of fields.
Knows no protocol and no task.

Pydantic writes fixed-size tuples as `prefixItems`, which strict modes refuse, and leaves
objects open. Here a tuple becomes a list of a fixed length, objects are closed, references
are written out, and the root is an object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from hrm_router.answer import STATUSES, Answer, Status, printable
from hrm_specialists.contract import Task
from hrm_specialists.errors import HrmAgentError, MalformedTask
from hrm_specialists.specialist import Specialist

MEANING: Mapping[Status, str] = {
    "verified": "checked, and right",
    "accepted": "not checkable, but of high confidence",
    "answered": "by a language model",
    "unverified": "a best effort that is not known to be right",
    "abstained": "nobody could take it",
    "failed": "no solution was found",
}
"""What each status says of a solution, for whoever reads it."""

MOST_NAMED = 12
"""Labels and fields that a description lists by name."""

_SHED = frozenset({"title", "default", "examples", "$defs", "format"})


@dataclass(frozen=True, slots=True)
class ToolCard:
    """One specialist as a tool."""

    name: str
    title: str
    description: str
    arguments: dict[str, Any]
    """JSON Schema of the arguments: an object, closed."""
    result: dict[str, Any]
    """JSON Schema of what `outcome` returns."""
    private: bool


def card_of(specialist: Specialist) -> ToolCard:
    """The card of one specialist."""
    task = specialist.task
    return ToolCard(
        name=specialist.name,
        title=task.title or task.name,
        description=f"{description_of(task)}\n\n{_returns(task)}",
        arguments=arguments_of(task),
        result=_result(task),
        private=specialist.private,
    )


def description_of(task: Task[Any, Any]) -> str:
    """What a task does, for tool lists: its own words, what it predicts, how it is written."""
    docstring = (_written(task).__dict__.get("__doc__") or "").strip()
    written = re.split(r"\n\s*\n", docstring, maxsplit=1)[0]  # below are notes for maintainers
    said = [task.description, _predicts(task), written]
    told = [" ".join(text.split()) for text in said if text]
    return "\n".join(dict.fromkeys(told)) or f"Solves problems of the kind {task.name!r}."


def summary_of(task: Task[Any, Any]) -> str:
    """What a task does, in one line for lists."""
    return task.description or _predicts(task) or f"Solves problems of the kind {task.name!r}."


def arguments_of(task: Task[Any, Any]) -> dict[str, Any]:
    """The arguments of a task's tool; fields with a default may be left out."""
    model = _written(task)
    own, schema = model.model_json_schema(), plain_schema(model)
    properties = {
        name: shape | {key: given[key] for key in ("default",) if key in given}
        for name, shape in schema["properties"].items()
        for given in [own.get("properties", {}).get(name, {})]
    }
    required = own.get("required", []) if own.get("type") == "object" else schema["required"]
    return {**schema, "properties": properties, "required": required}


def example_of(task: Task[Any, Any]) -> dict[str, Any] | None:
    """A problem to begin with, as arguments: the task's own, or one made of its schema's values."""
    own: dict[str, Any] | None = plain_data(task.example)
    if own is not None and task.Arguments is not None:
        own = plain_data(task.Arguments.model_validate(own))
    given: dict[str, Any] = own or {
        name: _some(shape) for name, shape in arguments_of(task)["properties"].items()
    }
    try:
        problem_of(task, given)
    except HrmAgentError:
        return own
    return given


def plain_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema to ask an LLM with for a `model`; an object at its root, all fields required.

    A model that contains itself is open from the second level on.
    """
    schema = model.model_json_schema()
    return _object(_plain(schema, schema.get("$defs", {}), frozenset()))


def problem_of(task: Task[Any, Any], given: Any) -> BaseModel:
    """The problem that these arguments mean.

    Clients send lists as JSON text, rows as strings, or a whole problem under a name of
    their own. Each usual writing is tried in turn; what validates first is meant.

    Raises:
        MalformedTask: none of them is a problem; the message names the field and what it takes.
    """
    complaint: Exception | None = None
    for arguments in _writings(task, given):
        try:
            return _validated(task, arguments)
        except ValidationError as error:
            if any(one["type"] == "ambiguous" for one in error.errors()):
                complaint = error
                break
            if complaint is None or (_of_names(complaint) and not _of_names(error)):
                complaint = error
        except Exception as error:  # a task's own validators may raise anything
            complaint = complaint or error
    else:
        text, refused = _text_in(given), ""
        for whole in (given, text) if text is not given else (given,):
            try:
                parsed: BaseModel = task.parse(whole)  # a row of a table, a drawing
                return parsed
            except HrmAgentError as error:
                refused = str(error)
        if isinstance(text, str) and list(task.read(text)):
            raise MalformedTask(refused)  # it says what else stands in the text
    raise MalformedTask(_complaint(task, complaint)) from None


def outcome(answer: Answer) -> dict[str, Any]:
    """A specialist's answer as plain data; see `ToolCard.result`."""
    return {
        "status": answer.status,
        "solution": plain_data(answer.solution),
        "confidence": answer.confidence,
        "segments": answer.usage.segments,
        "reason": answer.parts[0].reason,
    }


def told(answer: Answer) -> str:
    """An answer as a language model reads it: what it is worth, then the solution."""
    meaning = MEANING[answer.status]
    if answer.status in ("abstained", "failed") and answer.parts[0].reason:
        meaning = answer.parts[0].reason
    return printable(f"{answer.status}: {meaning}\n{answer.text}")


def told_error(error: HrmAgentError) -> str:
    """An error as a language model reads it."""
    again = " (the same call may succeed later)" if error.retryable else ""
    return printable(f"{error.code}: {error}{again}")


def plain_data(model: BaseModel | None) -> Any:
    """A model as JSON values; NaN becomes null."""
    return None if model is None else json.loads(model.model_dump_json())


def _written(task: Task[Any, Any]) -> type[BaseModel]:
    """The model that describes the arguments."""
    model: type[BaseModel] = task.Arguments or task.Problem
    return model


def _predicts(task: Task[Any, Any]) -> str:
    """What is predicted from what, if the solution consists of labels and numbers."""
    if task.description.startswith("Predicts "):
        return ""  # it says so itself
    answers = plain_schema(task.Solution)["properties"]
    if not answers or not all(_scalar(shape) for shape in answers.values()):
        return ""
    fields = list(plain_schema(task.Problem)["properties"])
    named = ", ".join(f"`{name}`" for name in fields[:MOST_NAMED])
    more = f" and {len(fields) - MOST_NAMED} more" if len(fields) > MOST_NAMED else ""
    sought = ", ".join(f"`{name}`{_values(shape)}" for name, shape in answers.items())
    return f"Predicts {sought} from {named}{more}."


def _scalar(shape: Mapping[str, Any]) -> bool:
    kinds = [one.get("type") for one in shape.get("anyOf", [shape])]
    return "enum" in shape or "const" in shape or bool(set(kinds) - {"array", "object", None})


def _values(shape: Mapping[str, Any]) -> str:
    values = [shape["const"]] if "const" in shape else list(shape.get("enum", ()))
    if not values or len(values) > 4 * MOST_NAMED:
        return ""
    return f" ({', '.join(map(str, values))})"


def _returns(task: Task[Any, Any]) -> str:
    good: Status = "verified" if task.has_checker else "accepted"
    parts = [f"`{status}`: {MEANING[status]}" for status in (good, "unverified", "failed")]
    return f"Returns a status and the solution. {'; '.join(parts)}, with the reason."


def _result(task: Task[Any, Any]) -> dict[str, Any]:
    shape = task.Solution.model_json_schema(mode="serialization")
    definitions = shape.pop("$defs", {})
    shape.pop("description", None)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "status": {
                "enum": list(STATUSES),
                "description": "; ".join(f"{one}: {MEANING[one]}" for one in STATUSES),
            },
            "solution": {"anyOf": [shape, {"type": "null"}]},
            "confidence": {
                "type": ["number", "null"],
                "minimum": 0,
                "maximum": 1,
                "description": "Calibrated probability that the solution is right.",
            },
            "segments": {"type": "integer", "description": "Steps of thinking spent."},
            "reason": {"type": "string", "description": "Why the status is what it is."},
        },
        "required": ["status", "solution", "confidence", "segments", "reason"],
    }
    return {**schema, "$defs": definitions} if definitions else schema


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
        said = {key: schema[key] for key in ("description",) if key in schema}
        return {**_plain(defs[name], defs, inside | {name}), **said}
    plain: dict[str, Any] = {
        key: _plain(value, defs, inside)
        for key, value in schema.items()
        if key not in _SHED and key not in ("properties", "prefixItems", "description")
    }
    if isinstance(schema.get("description"), str) and "properties" not in schema:
        plain["description"] = " ".join(schema["description"].split())
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


def _validated(task: Task[Any, Any], arguments: Any) -> BaseModel:
    if task.Arguments is not None:
        arguments = task.Arguments.model_validate(arguments).model_dump()
    problem: BaseModel = task.Problem.model_validate(arguments)
    return problem


def _writings(task: Task[Any, Any], given: Any) -> Iterator[Any]:
    """What arguments may mean, the most literal meaning first."""
    if isinstance(given, BaseModel):
        given = given.model_dump()
    schema, whole = arguments_of(task), given
    fields = schema["properties"]
    rooted = _written(task).__pydantic_root_model__
    if isinstance(given, Mapping) and len(given) == 1 and not set(given) <= set(fields):
        (whole,) = given.values()  # a name of the caller's own around it
        yield given
        if not isinstance(whole, Mapping) and len(fields) == 1 and not rooted:
            whole = {next(iter(fields)): whole}
    elif rooted and isinstance(given, Mapping):
        whole = given.get("root", given)
    yield whole
    if rooted:
        yield _fitted(whole, fields["root"])
    elif isinstance(parsed := _parsed(whole), Mapping):
        yield {name: _fitted(value, fields.get(name, {})) for name, value in parsed.items()}


def _text_in(given: Any) -> Any:
    """The text that arguments consist of, under one name or in rows; else what was given."""
    text = given
    while isinstance(text, Mapping) and len(text) == 1:
        (text,) = text.values()
    if isinstance(text, list | tuple) and text and all(isinstance(row, str) for row in text):
        text = "\n".join(text)
    return text if isinstance(text, str) else given


def _fitted(value: Any, shape: Mapping[str, Any]) -> Any:
    """A value as its schema wants it, where it was written as text."""
    kinds = shape.get("anyOf") or [shape]
    wanted = next((one for one in kinds if one.get("type") in ("array", "object")), kinds[0])
    kind = wanted.get("type")
    if kind in ("array", "object") and isinstance(parsed := _parsed(value), list | dict):
        value = parsed
    if kind == "array":
        items = wanted.get("items", {})
        if isinstance(value, str) and not any(one.get("type") == "string" for one in kinds):
            value = _split(value, items)
        if isinstance(value, list | tuple):
            return [_fitted(item, items) for item in value]
    if kind == "object" and isinstance(value, Mapping):
        properties = wanted.get("properties", {})
        return {name: _fitted(item, properties.get(name, {})) for name, item in value.items()}
    if kind in ("integer", "number", "boolean") and isinstance(value, str):
        read = _parsed(value.strip().lower())
        return value if isinstance(read, str | list | dict) else read
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _split(text: str, items: Mapping[str, Any]) -> list[str]:
    """A list written as text: lines of cells, cells with something between them, or characters."""
    if items.get("type") == "array":
        return text.strip("\r\n").splitlines()
    cells = [cell for cell in re.split(r"[\s,;|]+", text.strip()) if cell]
    one_digit = items.get("type") == "integer" and 0 <= items.get("maximum", 10) <= 9
    return list(cells[0]) if len(cells) == 1 and one_digit else cells


def _some(shape: Mapping[str, Any]) -> Any:
    """A usual value of a field: a known label, the middle of a range, a word."""
    kind = next((one for one in shape.get("anyOf", [shape]) if one.get("type") != "null"), shape)
    if "enum" in kind:
        return kind["enum"][0]
    if kind.get("type") in ("integer", "number"):
        low, high = kind.get("minimum", 0), kind.get("maximum", kind.get("minimum", 0))
        middle = (low + high) / 2
        return round(middle) if kind["type"] == "integer" else float(f"{middle:.3g}")
    if kind.get("type") == "array":
        return [_some(kind.get("items", {}))] * max(1, kind.get("minItems", 1))
    if kind.get("type") == "object":
        return {name: _some(one) for name, one in kind.get("properties", {}).items()}
    return {"boolean": False}.get(str(kind.get("type")), "text")


def _parsed(value: Any) -> Any:
    """What a text that is JSON holds; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _of_names(error: Exception) -> bool:
    """Whether an error is only that arguments have other names: an envelope may be around them."""
    kinds = error.errors() if isinstance(error, ValidationError) else ()
    return bool(kinds) and all(one["type"] in ("missing", "extra_forbidden") for one in kinds)


def _complaint(task: Task[Any, Any], error: Exception | None) -> str:
    if not isinstance(error, ValidationError):
        kind = type(error).__name__
        return f"no problem of {task.name!r}: its validation raised {kind}"
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or task.Problem.__name__
    what = first["msg"].removeprefix("Value error, ")
    said = f"no problem of {task.name!r}: {where}: {what}"
    fields = arguments_of(task)["properties"]
    field = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return f"{said}; the arguments are {', '.join(fields)}"
    wanted = fields.get(field, {}).get("description")
    return f"{said}. `{field}`: {wanted}" if wanted else said
