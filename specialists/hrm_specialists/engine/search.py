"""When one pass is not enough: which starts to try, and which answer to return.

The first start of a problem is the plain one. Those that follow look at it from
another side: a symmetry of the task, undone in the answer, and random noise on the
initial states; how far they stray is the plan's. A task with a checker takes whatever
passes; without one, the starts vote with their halting confidence.

Starts come in waves, each twice as wide as the last up to a limit: together they take
less time than one by one, and few are wasted on problems that need only one more.
Within a wave the answer that needed the fewest segments wins, the lower start
breaking ties, so the same answer comes out however the starts shared the batch.
Knows nothing of networks, batches or clocks.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from hrm_specialists.contract import Symmetry, Verdict
from hrm_specialists.engine.calibration import Calibration
from hrm_specialists.engine.plan import Plan


@dataclass(frozen=True, slots=True)
class Start:
    """One way into a problem."""

    number: int
    seed: int
    symmetry: Symmetry | None
    tokens: tuple[int, ...] = ()
    """The problem as this start is to see it, before its symmetry: guesses filled in."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What one segment of one start answered."""

    solution: BaseModel | None
    """None if the tokens spell no solution."""
    verdict: Verdict | None
    """None if the task has no checker."""
    score: float
    """Halting confidence, uncalibrated, 0 to 1."""
    tokens: tuple[int, ...] = ()
    """The answer as the network wrote it, symmetry undone."""

    @property
    def passed(self) -> bool:
        """Whether the checker passed it."""
        return self.verdict is not None and self.verdict.passed

    @property
    def halted(self) -> bool:
        """Whether the network would stop here."""
        return self.score > 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a whole search."""

    solution: BaseModel | None
    verdict: Verdict | None
    confidence: float
    reason: str


def seed_of(tokens: Sequence[int], seed: int, number: int) -> int:
    """The seed of one start, from its problem and nothing else."""
    text = f"{seed}/{number}/{','.join(map(str, tokens))}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


class Search:
    """The search for one problem's answer.

    The caller begins starts as `begin` hands them out, reports every segment
    with `hear`, stops a start once `wants` says no, and takes `outcome`.

    Args:
        tokens: the encoded problem.
        plan: how much may be spent.
        symmetry: draws a symmetry of the task, or None.
        checked: whether the task has a checker.
        seed: the caller's.
        waves: starts of the first wave after the plain start, and of the widest.
        threshold: calibrated confidence that ends a search without a checker.
        calibration: of this specialist.
    """

    def __init__(
        self,
        tokens: Sequence[int],
        plan: Plan,
        *,
        symmetry: Callable[[random.Random], Symmetry | None],
        checked: bool,
        seed: int,
        waves: tuple[int, int],
        threshold: float,
        calibration: Calibration,
    ) -> None:
        self.plan, self.checked = plan, checked
        self._tokens, self._symmetry, self._seed = tuple(tokens), symmetry, seed
        self._next, self._widest = waves
        self._threshold, self._calibration = threshold, calibration
        self._running: dict[int, int] = {}  # start -> segments it has thought
        self.begun = 0
        self._wave_ends = 1
        self._best: Reply | None = None
        self._won: tuple[int, int, Reply] | None = None  # segments, start, reply
        self._last: dict[int, Reply] = {}
        self._votes: list[tuple[int, Reply]] = []
        self._answers: list[tuple[int, ...]] = []
        """Of the starts before this wave, in order, for guesses."""

    @property
    def waiting(self) -> int:
        """How many starts may begin now."""
        return self._wave_ends - self.begun

    def begin(self) -> Start:
        """The next start; only while some are `waiting`."""
        number = self.begun
        self.begun += 1
        seed = seed_of(self._tokens, self._seed, number)
        self._running[number] = 0
        if not number:
            return Start(number, seed, None, self._tokens)
        rng = random.Random(seed)
        symmetry = self._symmetry(rng)
        return Start(number, seed, symmetry, self._guessed(rng))

    def hear(self, start: Start, reply: Reply) -> None:
        """Take in what the next segment of a running start answered."""
        self._running[start.number] += 1
        segment = self._running[start.number]
        self._last[start.number] = reply
        better = self._best is None or reply.score > self._best.score
        if reply.solution is not None and better:
            self._best = reply
        if reply.passed and (self._won is None or (segment, start.number) < self._won[:2]):
            self._won = (segment, start.number, reply)
        if not self._goes_on(start.number, reply):
            self._end(start.number)
        if self._won is not None:
            for number in [n for n, at in self._running.items() if at >= self._won[0]]:
                self._end(number)
        if not self._running and self.begun == self._wave_ends:
            # In order of starts, not of endings: company must not decide.
            self._answers = [
                r.tokens for _, r in sorted(self._votes, key=lambda vote: vote[0]) if r.tokens
            ]
            self._wave_ends += self._next_wave()

    def wants(self, start: Start) -> bool:
        """Whether this start is to think on."""
        return start.number in self._running

    def outcome(self) -> Outcome | None:
        """The result, once nothing runs and nothing more is to be tried."""
        if self._running or self.waiting:
            return None
        return self.result(self._why())

    def result(self, reason: str) -> Outcome:
        """The best answer so far."""
        if self._won is not None:
            reply = self._won[2]
            return Outcome(reply.solution, reply.verdict, 1.0, "verified")
        if self.checked:
            reply = self._best or Reply(None, None, 0.0)
            return Outcome(reply.solution, reply.verdict, 0.0, reason)
        solution, score = self._elect()
        return Outcome(solution, None, self._calibration.confidence(score), reason)

    def confidence(self, reply: Reply) -> float:
        """Calibrated confidence in one segment's answer, checker aside."""
        return self._calibration.confidence(reply.score)

    def _guessed(self, rng: random.Random) -> tuple[int, ...]:
        """The problem with a few positions of an earlier answer filled in."""
        if not (self.plan.guesses and self._answers):
            return self._tokens
        tokens, answer = list(self._tokens), rng.choice(self._answers)
        found = [at for at, token in enumerate(answer) if token != tokens[at]]
        for at in rng.sample(found, min(len(found), rng.randint(1, self.plan.guesses))):
            tokens[at] = answer[at]
        return tuple(tokens)

    def _goes_on(self, number: int, reply: Reply) -> bool:
        if self._running[number] >= self.plan.segments:
            return False
        return not reply.passed if self.checked else not reply.halted

    def _end(self, number: int) -> None:
        del self._running[number]
        self._votes.append((number, self._last.pop(number)))

    def _next_wave(self) -> int:
        if self._why() != "more":
            return 0
        wide, self._next = self._next, min(2 * self._next, self._widest)
        left = self.plan.restarts - (self.begun - 1)
        return wide if self.plan.restarts < 0 else min(wide, left)

    def _why(self) -> str:
        if self._won is not None:
            return "verified"
        if not self.checked:
            solution, score = self._elect()
            sure = self._calibration.confidence(score) >= self._threshold
            if solution is not None and sure:
                return "confident"
        if 0 <= self.plan.restarts < self.begun:
            return "effort spent"
        return "gave up" if self._calibration.hopeless(self.begun) else "more"

    def _elect(self) -> tuple[BaseModel | None, float]:
        """The answer with most of the starts' confidence, and its mean over all starts."""
        votes = sorted(self._votes, key=lambda vote: vote[0]) or list(self._last.items())
        weights: dict[str, float] = {}
        answers: dict[str, BaseModel] = {}
        for _, reply in votes:
            if reply.solution is None:
                continue
            key = reply.solution.model_dump_json()
            answers.setdefault(key, reply.solution)
            weights[key] = weights.get(key, 0.0) + reply.score
        if not answers:
            return None, 0.0
        key = max(answers, key=weights.__getitem__)
        return answers[key], weights[key] / len(votes)
