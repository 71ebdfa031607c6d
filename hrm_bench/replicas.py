"""Answers a second over HTTP: one process pinned to one core, and replicas under Ray Serve.

    python -m hrm_bench.replicas

Each answers the same held-out Sudokus, in turns, so that both meet the same machine. Callers are a
process of their own. Needs the extra `ray`, and `taskset`.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from hrm_specialists.installed import installed_task, task_folder
from hrm_specialists.schema.examples import read_examples

CALLERS = 16
ROUNDS = 3


def problems() -> list[str]:
    """The held-out Sudokus that ship."""
    task = installed_task("sudoku")
    examples = read_examples(task_folder(task) / "held_out_256.csv", task)
    return [example.problem.line for example in examples]  # type: ignore[attr-defined]


async def rate(address: str, lines: Sequence[str]) -> float:
    """Verified answers a second when each caller asks again as soon as it is answered."""
    left, verified = iter(lines), 0

    async def caller(client: httpx.AsyncClient) -> None:
        nonlocal verified
        for line in left:
            body = {"query": {"grid": line}, "task": "sudoku"}
            reply = await client.post("/v1/solve", json=body)
            verified += reply.status_code == 200 and reply.json()["status"] == "verified"

    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        began = time.perf_counter()
        await asyncio.gather(*(caller(client) for _ in range(CALLERS)))
        return verified / (time.perf_counter() - began)


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def pinned() -> Iterator[str]:
    """`hrm-agent serve` on the first core alone."""
    command = ["taskset", "-c", "0", sys.executable, "-m", "hrm_agent", "serve", "--json"]
    command += ["--port", "0", "--specialist", "sudoku", "--log-level", "error"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    ) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()


@contextmanager
def replicated(count: int) -> Iterator[str]:
    """As many replicas under a Ray of its own."""
    import ray  # pyright: ignore[reportMissingImports]
    from ray import serve  # pyright: ignore[reportMissingImports]

    from hrm_agent.integrations.ray import Replicas, build

    port = free_port()
    ray.init(num_cpus=count + 2, include_dashboard=False, log_to_driver=False, address="local")
    try:
        serve.start(http_options={"host": "127.0.0.1", "port": port})
        wanted = Replicas(min_replicas=count, max_replicas=count, specialists=("sudoku",))
        serve.run(build(wanted))
        yield f"http://127.0.0.1:{port}"
    finally:
        serve.shutdown()  # type: ignore[no-untyped-call, unused-ignore]
        ray.shutdown()  # type: ignore[no-untyped-call, unused-ignore]


async def measure(one: str, many: str) -> dict[str, list[float]]:
    """Rates of both, in turns, after a round that warms them."""
    lines, rates = problems(), {"one": list[float](), "many": list[float]()}
    for each in range(ROUNDS + 1):
        for name, address in (("one", one), ("many", many)):
            found = await rate(address, lines if each else lines[:32])
            if each:
                rates[name].append(round(found, 1))
    return rates


def main() -> None:
    """Print both rates and their ratio, round by round."""
    count = len(os.sched_getaffinity(0))
    with pinned() as one, replicated(count) as many:
        rates = asyncio.run(measure(one, many))
    ratios = [b / a for a, b in zip(rates["one"], rates["many"], strict=True)]
    told = {"replicas": count, **rates, "ratio": round(statistics.median(ratios), 2)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
