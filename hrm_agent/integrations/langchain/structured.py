"""Structured output: how a form is asked for, and how the reply is read.

Knows nothing of the router; the form goes to the LLM as an option.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any, Literal

from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.base import OutputParserLike
from langchain_core.output_parsers.openai_tools import (
    JsonOutputKeyToolsParser,
    PydanticToolsParser,
)
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import (
    convert_to_json_schema,
    convert_to_openai_tool,
)
from langchain_core.utils.pydantic import is_basemodel_subclass

Method = Literal["json_schema", "function_calling", "json_mode"]


def in_form(schema: dict[str, Any] | type, method: str, strict: bool | None) -> dict[str, Any]:
    """Options for the LLM that ask for JSON.

    Raises:
        ValueError: there is no such method.
    """
    kwargs = {"method": method} if strict is None else {"method": method, "strict": strict}
    shown = {"ls_structured_output_format": {"kwargs": kwargs, "schema": schema}}
    if method == "json_mode":
        return {"response_format": {"type": "json_object"}, **shown}
    if method != "json_schema":
        raise ValueError(
            f"method {method!r} is unknown; known are json_schema, function_calling, json_mode"
        )
    plain = convert_to_json_schema(schema, strict=strict)
    form: dict[str, Any] = {"name": plain.get("title", "answer"), "schema": plain}
    if strict is not None:
        form["strict"] = strict
    return {"response_format": {"type": "json_schema", "json_schema": form}, **shown}


def parser_for(
    schema: dict[str, Any] | type, method: str, bound: Runnable[Any, Any], *, include_raw: bool
) -> Runnable[Any, Any]:
    """`bound` with what reads its replies behind it."""
    typed = isinstance(schema, type) and is_basemodel_subclass(schema)
    parser: OutputParserLike[Any]
    if method == "function_calling":
        if typed:
            parser = PydanticToolsParser(tools=[schema], first_tool_only=True)  # type: ignore[list-item]
        else:
            name = convert_to_openai_tool(schema)["function"]["name"]
            parser = JsonOutputKeyToolsParser(key_name=name, first_tool_only=True)
    elif typed:
        parser = PydanticOutputParser(pydantic_object=schema)  # type: ignore[arg-type]
    else:
        parser = JsonOutputParser()
    if not include_raw:
        return bound | parser
    parsed = RunnablePassthrough.assign(
        parsed=itemgetter("raw") | parser, parsing_error=lambda _: None
    )
    failed = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=bound) | parsed.with_fallbacks([failed], exception_key="parsing_error")
