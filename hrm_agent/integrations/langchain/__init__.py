"""Specialists as LangChain tools and middleware, the router as a runnable, a chat model, a node.

from hrm_agent.integrations.langchain import ChatHRM, HRMMiddleware, RouterRunnable, hrm_tools

agent = create_agent(model, middleware=[HRMMiddleware()])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hrm_agent.integrations.langchain.chat import ChatHRM
from hrm_agent.integrations.langchain.runnable import RouterRunnable
from hrm_agent.integrations.langchain.tools import SpecialistTool, as_tool, hrm_tools

if TYPE_CHECKING:
    from hrm_agent.integrations.langchain.middleware import HRMMiddleware, as_node, status_of

__all__ = [
    "ChatHRM",
    "HRMMiddleware",
    "RouterRunnable",
    "SpecialistTool",
    "as_node",
    "as_tool",
    "hrm_tools",
    "status_of",
]

_IN_THE_EXTRA = frozenset({"HRMMiddleware", "as_node", "status_of"})


def __getattr__(name: str) -> Any:
    """Load what needs more than langchain-core on first use."""
    if name not in _IN_THE_EXTRA:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from hrm_agent.integrations.langchain import middleware
    except ImportError as error:
        message = f"{name} needs LangChain's agents: pip install 'hrm-agent[langchain]'"
        raise ImportError(message, name=error.name) from error
    return getattr(middleware, name)
