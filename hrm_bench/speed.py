"""The speed benchmark: one run, one machine, ratios.

Every figure stands beside the accuracy of the network it belongs to on the same
puzzles, or "untrained". Run it alone: other work on the machine slows each part
differently.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import torch

from hrm_agent import Router
from hrm_bench import callers, chains, machine, reference
from hrm_specialists.contract import Attempt
from hrm_specialists.engine.opening import rebuild
from hrm_specialists.evaluation.scores import network_of
from hrm_specialists.network.act import HRM
from hrm_specialists.network.flops import parameter_count, segment_flops
from hrm_specialists.packaging import read_config, read_weights
from hrm_specialists.schema.examples import Example
from hrm_specialists.specialist import Specialist
from hrm_specialists.training.data import Examples, encode
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer

Told = Callable[[str], None]
WARM = 24
"""Problems solved before timing."""


def measure(
    specialist: Specialist,
    sets: dict[str, Sequence[Example]],
    *,
    threads: int = 1,
    llm: bool = True,
    training: Recipe | None = None,
    tell: Told = lambda _: None,
) -> dict[str, Any]:
    """Measure a built-in specialist on labelled puzzles.

    Args:
        specialist: with a folder.
        sets: puzzles by name; ratios are about the first.
        threads: that torch may use, for us and for the others.
        llm: whether to time an LLM's chain of thought; needs xllamacpp and gguf.
        training: recipe whose training speed is measured too.
        tell: told what is being measured.

    Returns:
        Plain data: machine, figures, and `ratios`.
    """
    torch.set_num_threads(threads)
    first = next(iter(sets.values()))
    config = network_of(specialist)
    assert config is not None, "a specialist with a folder has a network"
    tokens = encode(specialist.task, [(e.problem, e.solution) for e in first])
    tell("loading")
    specialist.warm()
    ours: dict[str, Any] = {}
    for name, examples in sets.items():
        tell(f"{name}: one at a time")
        ours[name] = _alone(specialist, examples)
        tell(f"{name}: accuracy against effort")
        ours[name]["effort"] = effort_curve(specialist, examples)
    tell("batches")
    together = {n: _together(specialist, first, n) for n in (8, 64, 512)}
    best = max(figures["per_s"] for figures in together.values())
    tell("many callers")
    load = asyncio.run(_callers(specialist, first, best))
    tell("the same network, the reference way")
    same = _reference(_plain(specialist), tokens, single=5, batch=None)
    tell("TRM as published")
    trm = _reference(HRM(reference.TRM), tokens, single=1, batch=1)
    tell("HRM as published")
    hrm = _reference(HRM(reference.HRM_PAPER), tokens, single=1, batch=1)
    easy = next(iter(ours))
    ratios = {
        "single_vs_trm_reference": trm["single_s"] / ours[easy]["median_s"],
        "single_vs_hrm_reference": hrm["single_s"] / ours[easy]["median_s"],
        "single_vs_same_network_reference": same["single_s"] / ours[easy]["median_s"],
        "batch64_vs_trm_reference": trm["batch64_s"] / 64 * together[64]["per_s"],
        "callers64_vs_best_batch": load["closed_64_per_s"] / best,
        "p99_vs_p50_at_70_percent": load["open"]["p99_ms"] / load["open"]["p50_ms"],
    }
    for name, other in list(ours.items())[1:]:
        for which, them in (("trm", trm), ("same_network", same)):
            ratios[f"{name}_single_vs_{which}_reference"] = them["single_s"] / other["median_s"]
    record: dict[str, Any] = {
        "machine": machine.describe(),
        "threads": threads,
        "specialist": {
            "name": specialist.name,
            "version": specialist.version,
            "parameters": parameter_count(config),
            "gflop_per_segment": segment_flops(config) / 1e9,
        },
        "ours": ours,
        "batches": {str(n): figures for n, figures in together.items()},
        "callers": load,
        "same_network_reference_way": {**same, "accuracy": ours[easy]["one_pass"]},
        "trm_published": {**trm, "accuracy": "untrained"},
        "hrm_published": {**hrm, "accuracy": "untrained"},
    }
    if training is not None:
        tell("training")
        record["training"] = trained = _training(specialist, tokens, training)
        ratios["training_vs_reference_loop"] = trained["ours_per_s"] / trained["reference_per_s"]
    if llm:
        tell("an LLM's chain of thought")
        record |= _chains(threads, ours, ratios)
    record["peak_memory_mib"] = machine.peak_memory_mib()
    record["ratios"] = ratios
    return record


def _chains(threads: int, ours: dict[str, Any], ratios: dict[str, float]) -> dict[str, Any]:
    """Times of an LLM's chains, and their ratios; or why there are none."""
    try:
        found = chains.measure(threads=threads)
    except Exception as error:  # another project's server: the rest of the run is not lost
        return {"llm_chains": [], "llm_error": f"{type(error).__name__}: {error}"}
    fastest, slowest = (pick(c.seconds for c in found) for pick in (min, max))
    for at, (name, figures) in enumerate(ours.items()):
        front = f"{name}_" if at else ""
        ratios[f"{front}single_vs_llm_chain"] = fastest / figures["median_s"]
        ratios[f"{front}single_vs_llm_chain_slowest"] = slowest / figures["median_s"]
    told = [{**asdict(c), "seconds": c.seconds, "accuracy": "untrained"} for c in found]
    return {"llm_chains": told}


def effort_curve(
    specialist: Specialist,
    examples: Sequence[Example],
    *,
    most: int = 24,
    seconds: Sequence[float] = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0),
) -> dict[str, Any]:
    """Share verified within so many seconds, from one long search of each problem, alone."""
    attempts = [specialist.solve(e.problem, effort=seconds[-1]) for e in examples[:most]]
    solved = [a for a in attempts if a.verdict is not None and a.verdict.passed]
    return {
        "n": len(attempts),
        "seconds": list(seconds),
        "verified": [sum(a.seconds <= s for a in solved) / len(attempts) for s in seconds],
        "segments_when_verified": statistics.fmean(a.segments for a in solved) if solved else None,
    }


def _alone(specialist: Specialist, examples: Sequence[Example]) -> dict[str, Any]:
    taken: list[float] = []
    attempts: list[Attempt] = []
    for example in examples[:WARM]:
        specialist.solve(example.problem, effort="low")
    for example in examples:
        began = time.perf_counter()
        attempts.append(specialist.solve(example.problem))
        taken.append(time.perf_counter() - began)
    ordered = sorted(taken)
    single = [specialist.solve(example.problem, effort="low") for example in examples]
    return {
        "n": len(examples),
        "median_s": statistics.median(taken),
        "mean_s": statistics.fmean(taken),
        "p95_s": ordered[int(0.95 * (len(ordered) - 1))],
        "segments": statistics.fmean(a.segments for a in attempts),
        "verified": _verified(attempts),
        "one_pass": _verified(single),
    }


def _verified(attempts: Sequence[Attempt]) -> float:
    return statistics.fmean(a.verdict is not None and a.verdict.passed for a in attempts)


def _together(specialist: Specialist, examples: Sequence[Example], n: int) -> dict[str, float]:
    """Problems a second when `n` are sent at once, and the share verified.

    The same problems for every `n`, or as many times all of them: `n` after `n`.
    """
    rounds = -(-n // len(examples))
    problems = [example.problem for example in examples] * rounds
    best, attempts = float("inf"), list[Attempt]()
    for _ in range(2 if rounds < 4 else 1):
        attempts.clear()
        began = time.perf_counter()
        for at in range(0, len(problems), n):
            tickets = [specialist.submit(problem) for problem in problems[at : at + n]]
            attempts += [ticket.future.result() for ticket in tickets]
        best = min(best, time.perf_counter() - began)
    return {"per_s": len(problems) / best, "verified": _verified(attempts)}


async def _callers(
    specialist: Specialist, examples: Sequence[Example], capacity: float
) -> dict[str, Any]:
    problems = [example.problem for example in examples]
    many = [problems[at % len(problems)] for at in range(max(256, int(4 * capacity)))]
    async with Router(specialists=[specialist], llm=None) as router:
        closed = await callers.closed_loop(router, many, task=specialist.name, callers=64)
        steady = await callers.open_loop(router, many, task=specialist.name, rate=0.7 * capacity)
    return {"closed_64_per_s": closed, "open": asdict(steady)}


def _plain(specialist: Specialist) -> HRM:
    """A specialist's network in fp32, without its engine."""
    assert specialist.folder is not None
    config = read_config(specialist.folder)
    network_config = network_of(specialist)
    assert network_config is not None
    return rebuild(network_config, read_weights(specialist.folder, config))


def _reference(network: HRM, tokens: Examples, *, single: int, batch: int | None) -> dict[str, Any]:
    inputs = tokens.inputs
    many = inputs.repeat(-(-64 // len(inputs)), 1)[:64]
    return {
        "parameters": parameter_count(network.config),
        "gflop_per_segment": segment_flops(network.config) / 1e9,
        "single_s": reference.seconds_a_batch(network, inputs[:1], repeats=single),
        "batch64_s": reference.seconds_a_batch(network, many, segments=batch),
    }


def _training(specialist: Specialist, tokens: Examples, recipe: Recipe) -> dict[str, Any]:
    task, batch, steps = specialist.task, recipe.batch, 20
    shape = recipe.shape(task)
    picked = [at % len(tokens) for at in range(batch)]
    theirs = reference.training_samples_a_second(
        shape, tokens.inputs[picked], tokens.targets[picked]
    )
    trainer = Trainer(task, tokens, recipe.model_copy(update={"symmetries": 500}), device="cpu")
    for _ in range(3):
        trainer.train_step()
    began = time.perf_counter()
    for _ in range(steps):
        trainer.train_step()
    ours = steps * batch / (time.perf_counter() - began)
    return {"ours_per_s": ours, "reference_per_s": theirs, "batch": batch}
