"""LangChain's `ChatOpenAI` pointed at our server, under LangChain's own suite.

Twice: with an LLM behind the server that does what it is asked for, which shows
that all of it arrives and comes back; and with a real llama.cpp server, whose
model has random weights and understands nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, ClassVar

import httpx2
import pytest
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests
from obedient import obedient
from served import served

from hrm_agent import LLM

pytestmark = [
    pytest.mark.outside,
    pytest.mark.timeout(180),
    # the client's own affairs: how openai types a parsed reply, and what langchain-openai
    # says of pydantic 1, with which the suite tries it
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning"),
    pytest.mark.filterwarnings("ignore:Received a Pydantic BaseModel V1 schema:UserWarning"),
]

KEY = "k-0123456789abcdef"
UNTAUGHT = pytest.mark.xfail(
    reason="random weights call no tools; over the obedient LLM the same test passes"
)
PLAIN_AND_V1 = pytest.mark.parametrize("model", [{}, {"output_version": "v1"}], indirect=True)
QUOTE = 3 + ord('"')
"""The token that ends a string; see `helpers/llama.py`."""


@pytest.fixture(scope="module")
def address_over(router_over: Callable[..., Any]) -> Iterator[Callable[[Any], str]]:
    """Serves a router over an LLM; gives the base URL."""
    with ExitStack() as stack:
        yield lambda llm: stack.enter_context(served(router_over(llm), key=KEY)) + "/v1"


class OverTheServer(ChatModelIntegrationTests):
    """What the suite needs to know of the client."""

    address: ClassVar[str]
    options: ClassVar[dict[str, Any]] = {}

    @property
    def chat_model_class(self) -> type[ChatOpenAI]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        # each test has its event loop, and connections kept open would outlive theirs
        limits = httpx2.Limits(max_keepalive_connections=0)
        client = httpx2.AsyncClient(limits=limits)
        ours = {"base_url": self.address, "api_key": KEY, "model": "hrm-agent", "max_retries": 0}
        return {**ours, "stream_usage": True, "http_async_client": client, **self.options}

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "hrm-agent"  # a specialist under its own name makes no small talk


class TestOverTheObedient(OverTheServer):
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _serve(cls, address_over):
        cls.address = address_over(obedient())


class TestOverLlama(OverTheServer):
    # random weights hardly ever end a string by themselves
    options: ClassVar[dict[str, Any]] = {"max_tokens": 200, "seed": 1, "logit_bias": {QUOTE: 8}}

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _serve(cls, address_over, llama_url):
        cls.address = address_over(LLM(llama_url, "tiny"))

    @property
    def supports_json_mode(self) -> bool:
        return False  # free JSON of random weights has no particular keys

    @UNTAUGHT
    @PLAIN_AND_V1
    def test_tool_calling(self, model):
        super().test_tool_calling(model)

    @UNTAUGHT
    async def test_tool_calling_async(self, model):
        await super().test_tool_calling_async(model)

    @UNTAUGHT
    def test_bind_runnables_as_tools(self, model):
        super().test_bind_runnables_as_tools(model)

    @UNTAUGHT
    def test_tool_choice(self, model):
        super().test_tool_choice(model)

    @UNTAUGHT
    def test_tool_calling_with_no_arguments(self, model):
        super().test_tool_calling_with_no_arguments(model)

    @UNTAUGHT
    @PLAIN_AND_V1
    def test_agent_loop(self, model):
        super().test_agent_loop(model)

    @UNTAUGHT
    def test_unicode_tool_call_integration(self, model):
        super().test_unicode_tool_call_integration(model)

    @UNTAUGHT  # the client asks for forms of pydantic 1 by a tool call
    def test_structured_output_pydantic_2_v1(self, model):
        super().test_structured_output_pydantic_2_v1(model)
