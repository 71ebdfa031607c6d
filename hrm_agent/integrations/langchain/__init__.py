"""Specialists as LangChain tools, the router as a runnable and as a chat model.

from hrm_agent.integrations.langchain import ChatHRM, RouterRunnable, hrm_tools

agent = create_agent(model, tools=hrm_tools())
"""

from __future__ import annotations

from hrm_agent.integrations.langchain.chat import ChatHRM
from hrm_agent.integrations.langchain.runnable import RouterRunnable
from hrm_agent.integrations.langchain.tools import SpecialistTool, as_tool, hrm_tools

__all__ = ["ChatHRM", "RouterRunnable", "SpecialistTool", "as_tool", "hrm_tools"]
