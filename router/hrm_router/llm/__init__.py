"""Language models as the router asks them: any OpenAI-compatible endpoint, or LangChain's.

Importing this package loads neither openai nor langchain.
"""

from __future__ import annotations

from hrm_router.llm.available import FirstAvailable
from hrm_router.llm.budgets import Budget
from hrm_router.llm.client import LLM
from hrm_router.llm.langchain import LangChainModel
from hrm_router.llm.protocol import LanguageModel, Reply, Request, Tokens, ToolCall

__all__ = [
    "LLM",
    "Budget",
    "FirstAvailable",
    "LangChainModel",
    "LanguageModel",
    "Reply",
    "Request",
    "Tokens",
    "ToolCall",
]
