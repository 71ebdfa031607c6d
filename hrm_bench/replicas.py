"""Answers a second over HTTP: one process pinned to one core, and replicas under Ray Serve.

    python -m hrm_bench.replicas [easy|minimal|maze …]

Each answers the same problems, in turns, so that both meet the same machine; beside the rates
stands the CPU time that a request takes in every process. Needs the extra `ray`, Linux, `taskset`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from hrm_puzzles.maze.building.mazes import corridors
from hrm_specialists.installed import installed_task, task_folder
from hrm_specialists.schema.examples import read_examples

CALLERS, ROUNDS = 16, 2
REQUESTS = {"easy": 256, "minimal": 128, "maze": 16}
"""How many of each kind are asked in a round: an easy Sudoku with its digits renamed, the held-out
Sudokus, mazes of 30 x 30 with one way of at least 110 steps."""
EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
RAY = {"ray::ServeReplica": "replicas", "ray::ProxyActor": "proxy", "ray::HAProxy": "proxy"}
"""What Ray calls its processes; all others of it are "Ray itself"."""

SETTINGS = {
    "RAY_worker_niceness": "0",  # Ray's own is 15: below everything else on the machine
    "RAY_SERVE_ENABLE_HA_PROXY": "1",  # a C program instead of a Python one before the replicas
    "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",  # no second event loop in a replica
    "HRM_SERVER_KEY": "of-the-benchmark",  # replicas listen on every address then
}
"""The environment, unless it is set already; see docs/deploy.md."""


def bodies(kind: str) -> list[bytes]:
    """The problems of a kind as requests."""
    rng, count = random.Random(0), REQUESTS[kind]
    if kind == "maze":
        made = [corridors(rng, 30, 30, moves=110).problem.model_dump() for _ in range(count)]
    elif kind == "easy":
        named = ("".join(rng.sample("123456789", 9)) for _ in range(count))
        made = [{"grid": EASY.translate(str.maketrans("123456789", names))} for names in named]
    else:
        task = installed_task("sudoku")
        examples = read_examples(task_folder(task) / "held_out_256.csv", task)
        made = [one.problem.model_dump() for one in examples][:count]
    task_name = "maze" if kind == "maze" else "sudoku"
    return [json.dumps({"query": query, "task": task_name}).encode() for query in made]


async def rate(address: str, asked: Sequence[bytes]) -> float:
    """Verified answers a second when each caller asks again as soon as it is answered."""
    left, verified = iter(asked), 0
    place = urlsplit(address)
    head = f"POST /v1/solve HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {os.environ['HRM_SERVER_KEY']}\r\n"

    async def caller() -> None:
        nonlocal verified
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        for body in left:
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            fields = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", fields)
            assert length is not None, fields
            reply = await reader.readexactly(int(length[1]))
            verified += b'"status":"verified"' in reply
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return verified / (time.perf_counter() - began)


def cpu_seconds(server: int) -> dict[str, float]:
    """CPU time so far of the pinned server, of Ray's processes, and of this one."""
    spent = defaultdict(float, asking=time.process_time())
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        if int(folder.name) == server:
            spent["server"] += seconds
        elif "haproxy" in name.partition(" ")[0]:
            spent["proxy"] += seconds
        elif int(folder.name) != os.getpid() and ("ray::" in name or "/ray/" in name):
            ours = (what for begun, what in RAY.items() if name.startswith(begun))
            spent[next(ours, "Ray itself")] += seconds
    return spent


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def pinned() -> Iterator[tuple[str, int]]:
    """`hrm-agent serve` on the first core alone: its address and its process."""
    command = ["taskset", "-c", "0", sys.executable, "-m", "hrm_agent", "serve", "--json"]
    command += ["--port", "0", "--log-level", "error", "--api-key-env", "HRM_SERVER_KEY"]
    for name in ("sudoku", "maze"):
        command += ["--specialist", name]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"}
    ) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"]), process.pid
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
        wanted = Replicas(
            min_replicas=count,
            max_replicas=count,
            specialists=("sudoku", "maze"),
            most=CALLERS,
            api_key_env="HRM_SERVER_KEY",
        )
        serve.run(build(wanted))
        yield f"http://127.0.0.1:{port}"
    finally:
        serve.shutdown()  # type: ignore[no-untyped-call, unused-ignore]
        ray.shutdown()  # type: ignore[no-untyped-call, unused-ignore]


def measure(kind: str, one: str, many: str, server: int) -> dict[str, object]:
    """Rates of both, in turns, after a round that warms them; and CPU milliseconds a request."""
    asked = bodies(kind)
    rates: dict[str, list[float]] = {"one": [], "many": []}
    spent = {name: defaultdict[str, float](float) for name in rates}
    for each in range(ROUNDS + 1):
        for name, address in (("one", one), ("many", many)):
            before = cpu_seconds(server)
            found = asyncio.run(rate(address, asked if each else asked[: 2 * CALLERS]))
            if each:
                rates[name].append(round(found, 1))
                for who, seconds in cpu_seconds(server).items():
                    spent[name][who] += seconds - before.get(who, 0.0)
    per = {
        name: {who: round(1000 * s / ROUNDS / len(asked), 2) for who, s in those.items()}
        for name, those in spent.items()
    }
    ratios = [b / a for a, b in zip(rates["one"], rates["many"], strict=True)]
    return {"kind": kind, **rates, "ratio": round(statistics.median(ratios), 2), "cpu_ms": per}


def main() -> None:
    """Print both rates, their ratio and the CPU time of each kind."""
    count = len(os.sched_getaffinity(0))
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    with pinned() as (one, server), replicated(count) as many:
        for kind in sys.argv[1:] or list(REQUESTS):
            print(json.dumps({"replicas": count, **measure(kind, one, many, server)}), flush=True)


if __name__ == "__main__":
    main()
