"""LangChain's `ChatOpenAI` pointed at our server, under LangChain's own suite.

The LLM behind the server does what it is asked for, which shows that all of it arrives
and comes back; `test_chat_llama.py` meets a real endpoint.
"""

from __future__ import annotations

from typing import Any, ClassVar

import httpx2
import pytest
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests
from obedient import obedient
from served import served

pytestmark = [
    pytest.mark.outside,
    pytest.mark.timeout(180),
    # the client's own affairs: how openai types a parsed reply, and what langchain-openai
    # says of pydantic 1, with which the suite tries it
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
    pytest.mark.filterwarnings("ignore:Received a Pydantic BaseModel V1 schema:UserWarning"),
]

KEY = "k-0123456789abcdef"


class TestOverTheServer(ChatModelIntegrationTests):
    address: ClassVar[str]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _serve(cls, router_over):
        with served(router_over(obedient()), key=KEY) as address:
            cls.address = f"{address}/v1"
            yield

    @property
    def chat_model_class(self) -> type[ChatOpenAI]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        # each test has its event loop, and connections kept open would outlive theirs
        limits = httpx2.Limits(max_keepalive_connections=0)
        client = httpx2.AsyncClient(limits=limits)
        ours = {"base_url": self.address, "api_key": KEY, "model": "hrm-agent", "max_retries": 0}
        return {**ours, "stream_usage": True, "http_async_client": client}

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "hrm-agent"  # a specialist under its own name makes no small talk
