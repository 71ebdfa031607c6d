"""What holds for every test: no network, no settings from outside, nothing left behind.

Knows nothing of the code under test.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# Set before torch is imported, and inherited by programs that tests start. Networks of a test's
# size gain nothing from more threads, and lose much on a machine that has other work to do.
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("steady", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("steady")  # another one: pytest --hypothesis-profile=search

OURS = ("HRM_AGENT_", "OPENAI_", "LANGCHAIN_", "LANGSMITH_", "COLUMNS")
"""Prefixes of environment variables that would change what tests see."""


LONG = ("test_examples.py", "test_industry.py", "test_docs.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no process is left alone with one at the end."""
    items.sort(key=lambda item: item.path.name not in LONG)


class NetworkLocked(OSError):
    """A test tried to reach something beyond this machine."""


class NetworkLock:
    """Refuses connections and name look-ups that leave this machine.

    An audit hook, so that no way through Python's sockets is missed: blocking
    calls, event loops and third-party clients alike.
    """

    def __init__(self) -> None:
        self.refused: list[str] = []

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.getaddrinfo":
            self._let_through(args[0])
        elif event in {"socket.connect", "socket.sendto"}:
            sock, address = args
            if sock.family in {socket.AF_INET, socket.AF_INET6}:
                self._let_through(address[0])

    def _let_through(self, host: str | bytes | None) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if name in {None, "", "localhost"}:
            return
        try:
            if ipaddress.ip_address(name).is_loopback:
                return
        except ValueError:
            pass  # a name that would have to be asked for
        self.refused.append(str(name))
        raise NetworkLocked(f"tests may not reach {name!r}")


_lock = NetworkLock()
sys.addaudithook(_lock)


@pytest.fixture(autouse=True)
def network() -> Iterator[NetworkLock]:
    """Fail a test that tried to leave this machine, even if its code coped."""
    _lock.refused.clear()
    yield _lock
    assert not _lock.refused, f"tried to reach {', '.join(_lock.refused)}"


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No variable of ours is set, and the user's folders are empty ones."""
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    home = tmp_path_factory.getbasetemp() / f"home-{os.urandom(6).hex()}"  # made by who writes
    for kind in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))


@pytest.fixture(autouse=True)
def nothing_lost(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test after which asyncio complains of a lost task or exception."""
    yield
    said = [*caplog.get_records("setup"), *caplog.get_records("call")]
    lost = [r.getMessage() for r in said if r.name == "asyncio" and r.levelno >= logging.ERROR]
    assert not lost, "\n".join(lost)


@pytest.fixture(autouse=True, scope="module")
def no_thread_left() -> Iterator[None]:
    """Fail a file of tests that leaves a thread running."""
    before = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in before]
    for thread in left:
        thread.join(timeout=2)
    names = sorted(t.name for t in left if t.is_alive())
    assert not names, f"still running: {', '.join(names)}"


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    """Undo what a test did to the root logger and to ours."""
    watched = [logging.getLogger(name) for name in (None, "hrm_agent")]
    before = [(logger, logger.level, list(logger.handlers)) for logger in watched]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.fixture(scope="session")
def llama_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a real llama.cpp server with a tiny random model; see `helpers/llama.py`."""
    pytest.importorskip("xllamacpp")
    from llama import serving

    with serving(tmp_path_factory.mktemp("llama")) as address:
        yield f"{address}/v1"
