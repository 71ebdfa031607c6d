"""A LangChain tool for each specialist.

The tool's arguments are the fields of the task's `Problem`; whatever comes is
validated there and nowhere else. The agent's LLM reads the solution and what it
is worth; the artifact is the whole answer as plain data, which every checkpointer
can store. Knows nothing of how problems are solved, and asks no LLM itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from langchain_core.tools import BaseTool, ToolException
from pydantic import BaseModel, PrivateAttr

from hrm_router.answer import Answer, Status, printable
from hrm_router.policy import Policy
from hrm_router.roster import Wanted
from hrm_router.router import Router
from hrm_router.wire import wire_schema
from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError, HrmAgentError, UnknownSpecialist
from hrm_specialists.specialist import Specialist

MEANING: Mapping[Status, str] = {
    "verified": "checked, and right",
    "accepted": "not checkable, but of high confidence",
    "answered": "by a language model",
    "unverified": "a best effort that is not known to be right",
    "abstained": "nobody could take it",
    "failed": "no solution was found",
}
"""What the agent's LLM is told of each status."""


class SpecialistTool(BaseTool):
    """One specialist as a tool; made by `as_tool` and `hrm_tools`.

    A problem that is not solved is a result, and said to be one. Errors (bad
    arguments, a full queue, no time left) come back as text too, so that they
    do not end an agent's run; set `handle_tool_error=False` to have them raised.
    """

    response_format: Literal["content", "content_and_artifact"] = "content_and_artifact"
    handle_tool_error: Any = True
    _router: Router = PrivateAttr()
    _specialist: Specialist = PrivateAttr()

    def __init__(self, router: Router, specialist: Specialist, **fields: Any) -> None:
        task = specialist.task
        super().__init__(
            **{
                "name": specialist.name,
                "description": description_of(task),
                "args_schema": args_schema_of(task.Problem),
                **fields,
            }
        )
        self._router, self._specialist = router, specialist

    @property
    def router(self) -> Router:
        """Through which it solves; close it when the tool is no longer needed."""
        return self._router

    @property
    def specialist(self) -> Specialist:
        """Who solves."""
        return self._specialist

    def get_input_schema(self, config: Any = None) -> type[BaseModel]:
        """The task's `Problem` itself."""
        problem: type[BaseModel] = self._specialist.task.Problem
        return problem

    def _to_args_and_kwargs(
        self, tool_input: Any, tool_call_id: str | None
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (tool_input,), {}  # whole: the router validates, and fields may have any name

    def _run(self, problem: Any) -> tuple[str, dict[str, Any]]:
        try:
            return _told(self._router.solve_sync(problem, self._specialist.name, self._policy))
        except HrmAgentError as error:
            raise ToolException(_complaint(error)) from error

    async def _arun(self, problem: Any) -> tuple[str, dict[str, Any]]:
        try:
            return _told(await self._router.solve(problem, self._specialist.name, self._policy))
        except HrmAgentError as error:
            raise ToolException(_complaint(error)) from error

    @property
    def _policy(self) -> Policy:
        return self._router.policy.model_copy(update={"max_llm_calls": 0})


def as_tool(specialist: Wanted, *, router: Router | None = None, **fields: Any) -> SpecialistTool:
    """One specialist as a LangChain tool.

    Args:
        specialist: its name, its folder, or itself.
        router: a router that has it already, by name; by default the tool gets
            a router of its own, which has no LLM.
        fields: of any LangChain tool: `name`, `description`, `return_direct`, ….

    Raises:
        UnknownSpecialist, CheckpointError: it cannot be found or loaded.
    """
    if router is None:
        router = Router([specialist], llm=None)
        found = next(iter(router.specialists.values()))
    else:
        name = specialist.name if isinstance(specialist, Specialist) else str(specialist)
        known = router.specialists
        if name not in known:
            raise UnknownSpecialist(name, known)
        found = known[name]
    return SpecialistTool(router, found, **fields)


def hrm_tools(
    router: Router | None = None,
    *,
    specialists: Iterable[Wanted] | None = None,
    private: bool = False,
) -> list[SpecialistTool]:
    """A tool for every specialist that there is now.

    Args:
        router: whose specialists; by default a router of their own is made,
            without an LLM, over `specialists` or all that are installed.
        specialists: names, folders or objects, if no router is given.
        private: also those marked private. The agent's LLM then reads their
            problems and solutions, as it writes the one and gets the other.

    Raises:
        ConfigError: both a router and specialists are given.
        UnknownSpecialist, CheckpointError: one of them cannot be found or loaded.
    """
    if router is not None and specialists is not None:
        raise ConfigError("give hrm_tools a router or specialists, not both")
    if router is None:
        router = Router(specialists, llm=None)
    return [
        SpecialistTool(router, one)
        for one in router.specialists.values()
        if private or not one.private
    ]


def args_schema_of(problem: type[BaseModel]) -> dict[str, Any]:
    """The arguments as an object schema, with what the model says of its fields."""
    own, schema = problem.model_json_schema(), wire_schema(problem)
    properties = {
        name: {**shape, **_said(own.get("properties", {}).get(name, {}))}
        for name, shape in schema["properties"].items()
    }
    return {
        **schema,
        "title": problem.__name__,
        "description": inspect.getdoc(problem) or "",
        "properties": properties,
        "required": own.get("required", []),
    }


def description_of(task: Task[Any, Any]) -> str:
    """What the tool does and how a problem is written, for the agent's LLM."""
    does = task.description or f"Solves problems of the kind {task.title or task.name!r}."
    written = task.Problem.__doc__  # not an inherited one
    return f"{does}\n\n{inspect.cleandoc(written)}" if written else does


def _said(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {key: shape[key] for key in ("description", "default") if key in shape}


def _told(answer: Answer) -> tuple[str, dict[str, Any]]:
    """What the LLM reads, and the whole answer as `Answer.load` takes it."""
    told = f"{answer.status}: {MEANING[answer.status]}\n{answer.text}"
    return printable(told), answer.model_dump(mode="json")


def _complaint(error: HrmAgentError) -> str:
    again = " (the same call may succeed later)" if error.retryable else ""
    return printable(f"{error.code}: {error}{again}")
