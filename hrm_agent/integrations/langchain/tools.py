"""A LangChain tool for each specialist.

What the agent's LLM is told is the specialist's card (`hrm_router.cards`). It reads the
solution and its status; the artifact is the whole answer as plain data, which every
checkpointer can store. Knows nothing of how problems are solved, and asks no LLM itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from langchain_core.tools import BaseTool, ToolException
from pydantic import BaseModel, PrivateAttr

from hrm_agent.tools import call_tool, card_of, offered, told, told_error, without_llm
from hrm_router.cards import problem_of
from hrm_router.roster import Wanted
from hrm_router.router import Router
from hrm_specialists.errors import ConfigError, HrmAgentError, UnknownSpecialist
from hrm_specialists.specialist import Specialist


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
        card = card_of(specialist)
        shown = {"title": card.title, "description": card.description}
        super().__init__(
            **{
                "name": card.name,
                "description": card.description,
                "args_schema": {**card.arguments, **shown},
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
            asked = problem_of(self._specialist.task, problem)
            limits = without_llm(self._router)
            answer = self._router.solve_sync(asked, self._specialist.name, limits)
        except HrmAgentError as error:
            raise ToolException(told_error(error)) from error
        return told(answer), answer.model_dump(mode="json")

    async def _arun(self, problem: Any) -> tuple[str, dict[str, Any]]:
        try:
            answer = await call_tool(self._router, self._specialist.name, problem)
        except HrmAgentError as error:
            raise ToolException(told_error(error)) from error
        return told(answer), answer.model_dump(mode="json")


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
    return [SpecialistTool(router, one) for one in offered(router, private=private).values()]
