"""Language models as the router asks them: any OpenAI-compatible endpoint, or LangChain's.

Importing this package loads neither openai nor langchain.
"""

from __future__ import annotations

from hrm_router.llm.budgets import Budget
from hrm_router.llm.cascade import Cascade
from hrm_router.llm.client import LLM
from hrm_router.llm.langchain import LangChainModel
from hrm_router.llm.protocol import LanguageModel, Reply, Request, Tokens, ToolCall
from hrm_router.llm.several import FirstAvailable

__all__ = [
    "LLM",
    "Budget",
    "Cascade",
    "FirstAvailable",
    "LangChainModel",
    "LanguageModel",
    "Reply",
    "Request",
    "Tokens",
    "ToolCall",
]
