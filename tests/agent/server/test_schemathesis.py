"""The description of the API, tried out by schemathesis: nothing it can think of is a 5xx.

It pins other versions of what we test with, so it is run as a program from an
environment of its own.
"""

from __future__ import annotations

import asyncio

import pytest
from elsewhere import bare, environment

KEY = "k-0123456789abcdef"
UNFAIR = "positive_data_acceptance"
"""A check left out: what a problem's fields must be depends on the task, and a chat
without a user's message fits the schema and cannot be answered."""

REFUSALS = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]
"""
"""A request that is wrong and too large may be told either."""


@pytest.mark.slow
@pytest.mark.outside
@pytest.mark.timeout(400)
async def test_no_request_it_can_think_of_breaks_the_server(app, running, tmp_path):
    (tmp_path / "schemathesis.toml").write_text(REFUSALS)
    bin_ = await asyncio.to_thread(environment, tmp_path / "venv", "schemathesis")
    async with running(await app(key=KEY)) as (address, _):
        process = await asyncio.create_subprocess_exec(
            str(bin_ / "schemathesis"),
            "run",
            f"{address}/openapi.json",
            f"--header=Authorization: Bearer {KEY}",
            f"--exclude-checks={UNFAIR}",
            "--max-examples=20",
            "--seed=1",
            "--generation-database=none",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=bare(),
            cwd=tmp_path,
        )
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
