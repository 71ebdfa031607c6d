"""Which of the usual local LLM servers run on this machine.

Asks each for its models, on loopback, without keys, proxies or redirects, and
for a moment only. Knows nothing of how its findings are shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from shlex import quote

from hrm_router.errors import LLMError
from hrm_router.llm.client import LLM
from hrm_router.llm.endpoint import Endpoint
from hrm_specialists.errors import HrmAgentError

USUAL: Mapping[str, int] = {"Ollama": 11434, "llama.cpp": 8080, "vLLM": 8000, "LM Studio": 1234}
"""Servers and the ports that they listen on unless told otherwise."""
SECONDS = 1.0
MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class LocalServer:
    """An OpenAI-compatible server that answered."""

    name: str
    """What usually listens there; what does may be something else."""
    base_url: str
    models: tuple[str, ...]

    @property
    def code(self) -> str:
        """The line of Python that uses it."""
        model = f", model={self.models[0]!r}" if len(self.models) > 1 else ""
        return f"Router(llm=LLM({self.base_url!r}{model}))"

    @property
    def environment(self) -> str:
        """The variables that make every router use it."""
        model = f" HRM_AGENT_MODEL={quote(self.models[0])}" if len(self.models) > 1 else ""
        return f"HRM_AGENT_BASE_URL={self.base_url}{model}"


async def local_servers(
    ports: Mapping[str, int] = USUAL, seconds: float = SECONDS
) -> list[LocalServer]:
    """Ask all at once; those that serve a model, in the order of `ports`."""

    async def ask(name: str, base_url: str) -> LocalServer:
        llm = LLM(base_url, attempts=1, timeout=seconds, max_bytes=MAX_BYTES)
        names: tuple[str, ...] = ()
        with suppress(LLMError):
            names = tuple(map(Endpoint.of(base_url).redact, await _models(llm, seconds)))
        return LocalServer(name, base_url, names)

    urls = {name: f"http://127.0.0.1:{port}/v1" for name, port in ports.items()}
    found = await asyncio.gather(*(ask(*one) for one in urls.items()))
    return [server for server in found if server.models]


async def state_of(llm: LLM, seconds: float = 5.0) -> tuple[bool, str]:
    """Whether a configured endpoint answers, and what there is to say about it.

    Nothing is generated: it is asked for its models.
    """
    try:
        names = await _models(llm, seconds)
    except HrmAgentError as error:
        return False, str(error)
    return True, f"serves {', '.join(names[:8]) or 'no model'}"


async def _models(llm: LLM, seconds: float) -> tuple[str, ...]:
    try:
        return await llm.models(time.monotonic() + seconds)
    finally:
        await llm.aclose()
