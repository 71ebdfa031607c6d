"""How well a specialist does on labelled problems, and what it spends on them.

Sends many problems through the specialist's engine at once, counts, and then
times some of them alone. Knows nothing of files or of how results are shown.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import BaseModel

from hrm_specialists.codec import IGNORE
from hrm_specialists.contract import Attempt, Effort, Task, Verdict
from hrm_specialists.errors import ConfigError, HrmAgentError, MalformedTask, TaskTooLarge
from hrm_specialists.evaluation.reliability import expected_calibration_error
from hrm_specialists.evaluation.taught import seen_in_training
from hrm_specialists.evaluation.values import is_near, of_values
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.flops import parameter_count, segment_flops
from hrm_specialists.predicting import answered
from hrm_specialists.schema.examples import Example
from hrm_specialists.specialist import Specialist

Report = Callable[[str, int, int], None]
"""Told what is being done, how much of it, out of how much."""
TIMING = 20.0
"""Seconds after which no further problem is timed alone."""
Tries = Sequence[tuple[Example, Attempt]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What was measured. Shares are of all `n` problems; None where it cannot be told."""

    specialist: str
    version: str
    effort: Effort
    n: int
    trained_on: int
    """Examples that stand, with the same answer, among those that it was taught: a score on
    these tells how well it remembers."""
    exact_accuracy: float | None
    """Share of whole answers equal to the reference; None without references."""
    exact_interval: tuple[float, float] | None
    """Its 95 % interval (Wilson), as if the problems were drawn at random."""
    verified: float | None
    """Share that the task's checker passed; None if it has none."""
    false_verified: int | None
    """Passed answers that an independent checker refuses; None if there is none."""
    accepted: float | None
    """Without a checker: share that is familiar, and at or above the threshold."""
    false_accepted: int | None
    """Accepted answers that are not as the reference says; None with a checker."""
    accepted_accuracy: float | None
    """Share of the accepted answers that are as the reference says; None if there are none."""
    balanced_accuracy: float | None
    """Mean over the labels of the share of their problems answered right."""
    auc: float | None
    """Area under the ROC curve, mean over the labels of each against the rest."""
    ece: float | None
    """Expected calibration error of the confidence, ten bins; None without references."""
    mean_absolute_error: float | None
    """Of a quantity; None for other answers."""
    cell_accuracy: float | None
    single_pass_exact: float | None
    """Exact accuracy of one pass without search, whatever the effort."""
    segments: float
    """Mean segments per problem, all starts together."""
    starts: float
    parameters: int | None
    flop_per_puzzle: float | None
    """Mean floating-point operations per problem, from the network's shape."""
    seconds: float
    """Wall time of all `n` problems, sent together."""
    median_ms: float
    """Of `timed` problems, sent one at a time to a warm specialist."""
    p95_ms: float
    timed: int
    properties: Mapping[str, float] = field(default_factory=dict)
    """Share for which each property that the checker names holds."""
    sources: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    """Where the examples name their source: `n`, `exact` and `verified` of each."""

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, the properties among the rest."""
        plain = asdict(self)
        return {**plain, **plain.pop("properties")}


def evaluate(
    specialist: Specialist,
    examples: Sequence[Example],
    *,
    effort: Effort = "default",
    seed: int = 0,
    timed: int = 50,
    report: Report | None = None,
) -> Scores:
    """Measure `specialist` on `examples`.

    Args:
        effort: how hard to try each problem.
        seed: of the searches.
        timed: how many to time alone, spread over the examples, for `TIMING` seconds at most.

    Raises:
        SpecialistError: the specialist broke.
    """
    tell = report or (lambda stage, done, of: None)

    def together(places: Sequence[int], effort: Effort, stage: str) -> list[Attempt]:
        """In order; the first problem that cannot be tried is an error."""
        found = []
        for attempt in answered(
            specialist,
            [examples[at].problem for at in places],
            effort=effort,
            seed=seed,
            report=lambda done: tell(stage, done, len(places)),
        ):
            if isinstance(attempt, HrmAgentError):
                raise attempt
            found.append(attempt)
        return found

    specialist.warm()
    alone = _alone(specialist, examples, effort, seed, timed, tell)
    began = time.perf_counter()
    attempts = together(range(len(examples)), effort, "solving")
    seconds = time.perf_counter() - began
    by_time = not isinstance(effort, str)
    again = [at for at, a in enumerate(attempts) if effort != "low" and (by_time or a.starts > 1)]
    firsts = dict(zip(again, together(again, "low", "single pass"), strict=True))
    single = [firsts.get(at, attempt) for at, attempt in enumerate(attempts)]

    task, n = specialist.task, len(examples)
    tries = list(zip(examples, attempts, strict=True))
    verdicts = _verdicts(task, tries) if task.has_checker else []
    network = network_of(specialist)
    known = any(example.solution is not None for example in examples)
    same = [_same(e.solution, a.solution) for e, a in tries]
    exact = same if known else []
    once = [_same(e.solution, a.solution) for e, a in zip(examples, single, strict=True)]
    tolerance = getattr(specialist.solver, "tolerance", None)
    near = [is_near(e.solution, a.solution, tolerance) for e, a in tries]
    right = [one or other for one, other in zip(same, near, strict=True)]
    sure = [hit for hit, (_, a) in zip(right, tries, strict=True) if specialist.accepts(a)]
    trusted = known and not task.has_checker
    return Scores(
        specialist=specialist.name,
        version=specialist.version,
        effort=effort,
        n=n,
        trained_on=sum(seen_in_training(specialist.folder, examples)),
        exact_accuracy=_share(exact),
        exact_interval=wilson(sum(exact), n) if known else None,
        verified=_share([verdict.passed for verdict in verdicts]),
        false_verified=_false(task, tries, verdicts),
        accepted=None if task.has_checker else len(sure) / n,
        false_accepted=len(sure) - sum(sure) if trusted else None,
        accepted_accuracy=_share(sure) if trusted else None,
        ece=expected_calibration_error([a.confidence for a in attempts], right) if known else None,
        **of_values(examples, attempts),
        cell_accuracy=_cells(task, tries),
        single_pass_exact=_share(once) if known else None,
        segments=statistics.fmean(attempt.segments for attempt in attempts),
        starts=statistics.fmean(attempt.starts for attempt in attempts),
        parameters=None if network is None else parameter_count(network),
        flop_per_puzzle=None if network is None else _flop(network, task, tries),
        seconds=seconds,
        median_ms=1000 * statistics.median(alone),
        p95_ms=1000 * sorted(alone)[math.ceil(0.95 * len(alone)) - 1],
        timed=len(alone),
        properties=_properties(task, tries, verdicts),
        sources=_sources(examples, exact, verdicts),
    )


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None


def _flop(network: NetworkConfig, task: Task[Any, Any], tries: Tries) -> float:
    """Mean operations of an attempt, each on the canvas on which it was thought about."""
    sizes = task.canvases if network.conv_kernel else ()
    smaller = [(task.on_canvas(s), segment_flops(network.on_canvas(s))) for s in sizes[:-1]]
    whole = segment_flops(network)

    def of_segment(example: Example) -> int:
        for sized, cost in smaller:
            with suppress(TaskTooLarge):
                sized.codec.encode(example.problem)
                return cost
        return whole

    return statistics.fmean(a.segments * of_segment(e) for e, a in tries)


def network_of(specialist: Specialist) -> NetworkConfig | None:
    """The shape of a specialist's network, from its folder; None if it has none."""
    if specialist.folder is None:
        return None
    config = json.loads((specialist.folder / "config.json").read_text("utf-8"))
    return NetworkConfig.from_mapping(config["network"]) if config.get("network") else None


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Interval for a share of `hits` in `n`; honest at 0 and at 1."""
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def _alone(
    specialist: Specialist,
    examples: Sequence[Example],
    effort: Effort,
    seed: int,
    timed: int,
    tell: Report,
) -> list[float]:
    """Seconds of some problems, each sent after the one before came back."""
    chosen = random.Random(0).sample(examples, min(max(timed, 1), len(examples)))
    specialist.solve(chosen[0].problem, effort="low", seed=seed)
    taken: list[float] = []
    until = time.perf_counter() + TIMING
    for example in chosen:
        began = time.perf_counter()
        if taken and began > until:
            break
        specialist.solve(example.problem, effort=effort, seed=seed)
        taken.append(time.perf_counter() - began)
        tell("timing", len(taken), len(chosen))
    return taken


def _same(reference: BaseModel | None, given: BaseModel | None) -> bool:
    """Whether an answer says what the reference says; it may say more."""
    if reference is None or given is None:
        return False
    said = reference.model_fields_set
    return all(getattr(reference, name) == getattr(given, name) for name in said)


def _sources(
    examples: Sequence[Example], exact: Sequence[bool], verdicts: Sequence[Verdict]
) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for name in sorted({example.source for example in examples} - {""}):
        at = [number for number, example in enumerate(examples) if example.source == name]
        right = _share([exact[n] for n in at] if exact else [])
        passed = _share([verdicts[n].passed for n in at] if verdicts else [])
        found[name] = {"n": len(at), "exact": right, "verified": passed}
    return found


def _verdicts(task: Task[Any, Any], tries: Tries) -> list[Verdict]:
    """The checker's word on each answer, asked here and not taken from the engine."""
    return [
        Verdict(False, "no answer") if a.solution is None else task.check(e.problem, a.solution)
        for e, a in tries
    ]


def _false(task: Task[Any, Any], tries: Tries, verdicts: Sequence[Verdict]) -> int | None:
    if type(task).recheck is Task.recheck or not verdicts:
        return None
    return sum(
        verdict.passed and not (a.solution is not None and task.recheck(e.problem, a.solution))
        for (e, a), verdict in zip(tries, verdicts, strict=True)
    )


def _cells(task: Task[Any, Any], tries: Tries) -> float | None:
    """Share of asked positions answered as in the reference."""
    try:
        codec = task.codec
    except ConfigError:  # its solver does not see cells
        return None
    hits: list[bool] = []
    for example, attempt in tries:
        if example.solution is None:
            continue
        wanted = codec.target(example.problem, example.solution)
        given: Sequence[int] = ()
        if attempt.solution is not None:
            with suppress(MalformedTask):  # of another shape than the reference
                given = codec.target(example.problem, attempt.solution)
        asked = [at for at, token in enumerate(wanted) if token != IGNORE]
        hits += [at < len(given) and given[at] == wanted[at] for at in asked]
    return _share(hits)


def _properties(
    task: Task[Any, Any], tries: Tries, verdicts: Sequence[Verdict]
) -> dict[str, float]:
    """Shares of what the checker names, and of what is right with either of two guesses."""
    names = sorted({name for verdict in verdicts for name in verdict.details})
    found = {n: sum(v.details.get(n, False) for v in verdicts) / len(verdicts) for n in names}
    if type(task).right_within_two is not Task.right_within_two:
        pairs = [(e.solution, a.solution) for e, a in tries]
        right = [None not in pair and task.right_within_two(*pair) for pair in pairs]
        found["exact_within_two"] = sum(right) / len(right)
    return found
