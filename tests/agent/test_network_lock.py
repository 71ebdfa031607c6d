"""The lock lets this machine through and nothing else, and comes off again.

Run in a process of its own, where no other lock is on.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

BEGINNING = """
import asyncio, socket, threading
import pytest
from hrm_agent.testing import NetworkLocked, network_locked

ELSEWHERE = "192.0.2.1"  # set aside for documentation: nobody is there

def reach(host):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((host, 9))

def is_refused(work):
    with pytest.raises(NetworkLocked):
        work()
"""

USERS = """
@pytest.fixture(autouse=True)
def offline():
    with network_locked() as refused:
        yield refused

def test_this_machine_may_be_reached(offline):
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()):
            pass
    reach("127.0.0.1")
    socket.getaddrinfo("localhost", 80)
    assert offline == []

def test_others_may_not(offline):
    is_refused(lambda: reach(ELSEWHERE))
    is_refused(lambda: socket.getaddrinfo("example.com", 80))
    is_refused(lambda: asyncio.run(asyncio.open_connection(ELSEWHERE, 9)))
    assert offline == [ELSEWHERE, "example.com", ELSEWHERE]
    offline.clear()

def test_threads_are_held_too(offline):
    thread = threading.Thread(target=is_refused, args=[lambda: reach(ELSEWHERE)])
    thread.start()
    thread.join(10)
    assert offline == [ELSEWHERE]
    offline.clear()

def test_a_lock_inside_a_lock_leaves_the_outer_one(offline):
    with network_locked():
        pass
    is_refused(lambda: reach(ELSEWHERE))
    offline.clear()
"""

CAUGHT = """
def test_who_tries_and_gets_over_it_is_found_out():
    with network_locked():
        is_refused(lambda: reach(ELSEWHERE))
"""

AFTERWARDS = """
def test_afterwards_nothing_is_held():
    with network_locked():
        pass
    try:
        reach(ELSEWHERE)
    except NetworkLocked:
        raise
    except OSError:
        pass  # a machine without a network
"""


def outcomes(tmp_path, *sources):
    """What pytest writes about some files of tests."""
    files = [tmp_path / f"test_users_{n}.py" for n in range(len(sources))]
    for file, source in zip(files, sources, strict=True):
        file.write_text(BEGINNING + source)
    options = ["-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    return done.stdout


@pytest.mark.timeout(120)
def test_it_is_a_fixture_for_tests_and_finds_out_who_tries_and_gets_over_it(tmp_path):
    said = outcomes(tmp_path, USERS, CAUGHT + AFTERWARDS)
    assert "1 failed, 5 passed" in said, said
    assert "NetworkLocked: tried to reach 192.0.2.1" in said
