"""Language models as the router asks them: any OpenAI-compatible endpoint, or LangChain's.

Importing this package loads neither openai nor langchain.
"""

from __future__ import annotations

from hrm_router.llm.protocol import LanguageModel, Reply, Request, Tokens, ToolCall

__all__ = ["LanguageModel", "Reply", "Request", "Tokens", "ToolCall"]
