"""LangChain's own suite for chat models, against an LLM that does what it is asked for.

What is passed to the LLM and back is so shown to arrive; `test_chat_llama.py`
runs the same suite against a real server.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests
from obedient import obedient

from hrm_agent import Router
from hrm_agent.integrations.langchain import ChatHRM


class OverTheRouter:
    """What both suites need to know."""

    router: ClassVar[Router]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _router(cls, router_over):
        cls.router = router_over(obedient())

    @property
    def chat_model_class(self) -> type[ChatHRM]:
        return ChatHRM

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"router": self.router}

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_model_override(self) -> bool:
        return False  # which LLM answers is configuration of the router, never of a call


class TestUnit(OverTheRouter, ChatModelUnitTests):
    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        # the router reads the environment, and its LLM's key never becomes an attribute
        return {"HRM_AGENT_BASE_URL": "http://localhost:9/v1"}, {}, {"model": "hrm-agent"}

    @property
    def standard_chat_model_params(self) -> dict[str, Any]:
        # keys and retries belong to the router's LLM; unknown names are errors
        return {"temperature": 0, "max_tokens": 100, "timeout": 60, "stop": []}


class TestIntegration(OverTheRouter, ChatModelIntegrationTests):
    pass
