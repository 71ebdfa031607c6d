"""What a task is: two pydantic models, and whatever else its author can add.

This file is all the router sees of a specialist. It imports no torch and knows
nothing of networks, threads or language models.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from hrm_specialists.codec import Codec
from hrm_specialists.errors import ConfigError
from hrm_specialists.reading import parse_model, read_typed

if TYPE_CHECKING:
    from hrm_specialists.scene import Scene
    from hrm_specialists.symmetries import Symmetries

P = TypeVar("P", bound=BaseModel)
S = TypeVar("S", bound=BaseModel)

Effort = Literal["low", "default", "max"] | float
"""How hard to try: one pass, the default search, the longest search, or seconds."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a task's checker says of one solution.

    `details` names the properties that were judged, for tasks with more than
    one (a maze path is `valid`, and may be `shortest`).
    """

    passed: bool
    reason: str = ""
    details: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim(Generic[P]):
    """A stretch of text that *is* one of a task's problems, already validated.

    `span` is `[start, end)` in characters. `form` says how it was written
    ("81 characters", "box of pipes"), for people who ask why. `explained` are stretches
    outside of it that say what the problem was read as, such as "# is a wall", and
    `doubtful` those that say something else of it; what else the text says may be a rule
    that the checker does not know. `beside` are stretches inside of it that are no part of
    the problem, such as a remark behind a row: they are judged as the text around it is.
    """

    problem: P
    span: tuple[int, int]
    form: str
    explained: tuple[tuple[int, int], ...] = ()
    doubtful: tuple[tuple[int, int], ...] = ()
    beside: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A stretch of text that looks meant as one of a task's problems and is none.

    `reason` tells the person who sent it what to change: "41 columns wide; at most
    30 by 30". `span` is `[start, end)` in characters: what a policy keeps private
    about the task's problems, it keeps private about this stretch too.
    """

    reason: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Symmetry:
    """A relabelling under which a task's solutions stay solutions.

    New position `i` shows what stood at `positions[i]`; a token `t` is then
    written as `symbols[t]`. Problem and solution move alike. Both are
    permutations, so the inverse is exact.
    """

    positions: tuple[int, ...]
    symbols: tuple[int, ...]

    def apply(self, tokens: Sequence[int]) -> list[int]:
        """Move and rename `tokens`, one for each position."""
        return [self.symbols[tokens[at]] for at in self.positions]

    def inverse(self) -> Symmetry:
        """The symmetry that undoes this one."""
        positions, symbols = [0] * len(self.positions), [0] * len(self.symbols)
        for new, old in enumerate(self.positions):
            positions[old] = new
        for old, new in enumerate(self.symbols):
            symbols[new] = old
        return Symmetry(tuple(positions), tuple(symbols))


class Task(Generic[P, S]):
    """A kind of problem. Subclass it, name the two models, add what you can.

    Only `name`, `Problem` and `Solution` are required. A task without a checker
    trains, registers and solves all the same; its answers are then *accepted*
    by calibrated confidence, never *verified*.

    Example:
        class Sorting(Task[Numbers, Numbers]):
            name = "sorting"
            Problem = Solution = Numbers

            def check(self, problem, solution):
                return Verdict(sorted(problem.values) == list(solution.values))
    """

    name: str
    """Lower-case identifier: letters, digits, `-` and `_`."""
    title: str = ""
    """What people call it: "Sudoku"."""
    description: str = ""
    """One sentence for tool lists and language models."""
    Problem: type[P]
    Solution: type[S]
    Arguments: ClassVar[type[BaseModel] | None] = None
    """How tools and language models write a problem, if not as `Problem` itself; its
    dump validates as `Problem`. Field descriptions of either are shown to them, and
    the first paragraph of its docstring; what follows there is for maintainers."""
    phrases: ClassVar[Sequence[str]] = ()
    """How people ask for it, `{problem}` standing where the problem goes."""
    around: ClassVar[str] = ""
    """What may stand around a problem and asks for nothing but its solution: names of the
    task and rules that its checker knows. A vocabulary as
    `hrm_router/phrases.py` describes it. A sentence that neither this nor the router's own
    vocabularies cover may state another rule, so it costs `verified`."""
    example: P | None = None
    """A small valid problem, for help texts and self-tests."""
    canvases: ClassVar[Sequence[int]] = ()
    """Sides of the square canvases on which its problems can be laid, rising; the
    last is the task's own. Only for networks whose weights fit any of them: then a
    problem thinks on the smallest that holds it."""
    checker_timeout: float | None = None
    """Seconds after which a check counts as not passed. None for checkers that
    are known to be quick: they run without a thread of their own."""

    symmetries: Symmetries | None = None
    """Those that were found by trying, or declared, rather than written down as
    `symmetry`; set when it is trained, and when what was trained is loaded."""

    checks_at_once: ClassVar[bool] = False
    """Whether `check` takes some microseconds for any problem and changes nothing:
    it may then run on an event loop itself, on the very solution. Others get a copy,
    on a thread and under a time limit."""

    reads_at_once: ClassVar[bool] = False
    """Whether `read`, `near_misses`, `render` and the validators of `Problem` take some
    microseconds for every kB: they may then run on an event loop itself, where a query
    is small. Those of other tasks run on a thread."""

    @cached_property
    def codec(self) -> Codec[P, S]:
        """Fields to tokens and back; derived from the two models by default."""
        from hrm_specialists.schema.models import codec_for

        return codec_for(self.Problem, self.Solution)

    @property
    def has_checker(self) -> bool:
        """Whether `check` was given, so that answers can be verified."""
        return type(self).check is not Task.check

    def read(self, text: str) -> Iterable[Claim[P]]:
        """Find this task's problems in free text; spans never overlap.

        The default takes text that *is*, or contains, a JSON object which
        validates as `Problem`. Must take time linear in the length of `text`.
        """
        return read_typed(self.Problem, text)

    def parse(self, given: str | Mapping[str, Any] | BaseModel | Sequence[Any]) -> P:
        """Take `given` as one problem of this task, and as nothing else.

        For callers that know the task: `solve --task`, tools, a row of a file. A
        text is JSON, a problem that `read` claims, or the value of the only field.

        Raises:
            MalformedTask: it is none; the message names field and value.
            TaskTooLarge: it is larger than the task allows.
        """
        found: P = parse_model(self, given)
        return found

    def unfamiliar(self, problem: P) -> Sequence[str]:
        """Why training says nothing about this problem, in words; empty if it does.

        "priority 'banana' was not in training; known: high, low, mid". An answer to
        such a problem is never `accepted`, whatever its confidence. The default knows
        nothing of training data. Must take microseconds.
        """
        return ()

    def near_misses(self, text: str) -> Sequence[NearMiss]:
        """Stretches that look meant as problems and were not read, with reasons.

        They tell people what is wrong with what they sent, keep private what `read`
        would have claimed, and make a decision unclear instead of open-ended. None
        overlaps a claim of `read`. The default has nothing to say. Must take time
        linear in the length of `text`.
        """
        return ()

    def published(self, content: Any) -> Iterable[tuple[Any, Any]]:
        """Problems and solutions in the content of a `.json` file of published examples.

        For tasks whose examples are published in a form of their own; a solution that is
        not told is None.

        Raises:
            ValueError: the content has another form; says which is expected.
        """
        raise ValueError(f"examples of {self.name!r} have no form of their own in JSON")

    def impossible(self, problem: P) -> str | None:
        """Why no solution of `problem` can exist, or None if that is not known.

        Asked before anything is loaded, so that nobody waits for a search that
        cannot succeed. It may look at what a checker looks at (whether a goal can
        be reached), and must not propose a solution. Quick, and deterministic.
        """
        return None

    def check(self, problem: P, solution: S) -> Verdict:
        """Judge a solution, deterministically and without proposing one."""
        raise NotImplementedError(f"task {self.name!r} has no checker")

    def recheck(self, problem: P, solution: S) -> bool:
        """Judge a solution by an independent second implementation; for evaluation only."""
        raise NotImplementedError(f"task {self.name!r} has no second checker")

    def right_within_two(self, reference: S, solution: S) -> bool:
        """Whether one of two guesses is right, where a task allows two; for evaluation only."""
        raise NotImplementedError(f"task {self.name!r} allows one answer")

    def groups(self) -> Sequence[Sequence[int]]:
        """Positions of the codec that constrain each other; none by default.

        The rows, columns and boxes of a Sudoku, the edges of a graph, the shifts of a
        day. A network can then pass messages along them, which takes far fewer examples
        than finding out who has to do with whom. `codec.cells` has the positions of each
        field.
        """
        return ()

    def interchangeable(self) -> Sequence[Any]:
        """Values of which none is special, such as digits or colours; none by default.

        Renaming them in a problem renames them in its solution. Used with `groups`.
        """
        return ()

    def symmetry(self, rng: random.Random) -> Symmetry | None:
        """Draw a symmetry of the task, or None if it has none.

        Used to augment training examples and, undone by its inverse, to look
        at a hard problem from another side. The default knows those that were
        found by trying the task's checker; see `symmetries`.
        """
        return None if self.symmetries is None else self.symmetries.draw(self.codec, rng)

    def augment(self, problem: P, solution: S, rng: random.Random) -> tuple[P, S]:
        """Another example from this one, for training only; needs no inverse."""
        return problem, solution

    def on_canvas(self, side: int) -> Task[P, S]:
        """The same task with its problems laid on another of its `canvases`.

        Raises:
            ConfigError: it has no such canvas.
        """
        raise ConfigError(f"task {self.name!r} has no canvas of side {side}")

    def scene(self, problem: P, solution: S | None, earlier: S | None) -> Scene | None:
        """A picture of the problem with this much of its solution, for films.

        Args:
            solution: as it stands, or None at the beginning.
            earlier: what stood before, to light what changed; None at first.

        Returns:
            None to be shown as `render` writes it.
        """
        return None

    def render(self, problem: P, solution: S | None = None) -> str:
        """Plain text for people. Givens and found parts are told apart by callers."""
        shown = problem if solution is None else solution
        return shown.model_dump_json()

    def caption(self, problem: P, solution: S) -> str:
        """What an answer says below a rendered solution, such as "20 steps"; by default nothing."""
        return ""


@dataclass(frozen=True, slots=True)
class Thought:
    """What the network holds after one segment; shown while it is thinking."""

    segment: int
    """Segments spent on this problem so far, all starts together; from 1."""
    start: int
    """Which start (attempt of the search) this belongs to; from 0."""
    solution: BaseModel | None
    """The answer as it stands, if it decodes at all."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a specialist came back with.

    A solver that cannot solve a problem returns an attempt; it raises only
    when it is broken.
    """

    solution: BaseModel | None
    """The best answer, or None if nothing decoded."""
    verdict: Verdict | None
    """The checker's word on `solution`; None if the task has no checker."""
    confidence: float
    """Calibrated probability that `solution` is right, 0 to 1."""
    segments: int
    """Segments spent, all starts together; 0 of a solver that does not think in segments."""
    starts: int
    """Random starts and symmetric views tried; 0 if time ran out in the queue."""
    seconds: float
    """Time from submission to result, queueing included."""
    reason: str = ""
    """Why the search ended: "verified", "confident" (no checker, threshold reached),
    "gave up", "one answer" (the solver knows no other), "effort spent", "deadline"."""
    unfamiliar: tuple[str, ...] = ()
    """What `Task.unfamiliar` says of the problem; if anything, never accepted."""
    probabilities: Mapping[Any, float] | None = None
    """Calibrated probability of every label, where the solution is one label and the
    solver knows them all; they sum to 1."""
    interval: tuple[float, float] | None = None
    """Where a number that is answered truly lies, in 90 % of cases."""

    @property
    def gave_up(self) -> bool:
        """Whether more effort would change nothing, as the specialist itself says."""
        return self.reason in ("gave up", "one answer")


class Ticket(Protocol):
    """A place in a solver's queue."""

    @property
    def future(self) -> Future[Attempt]:
        """Resolves to the attempt, or to a `SpecialistError`."""
        ...

    def withdraw(self) -> None:
        """Give the place up; the row in the batch retires after this segment."""
        ...


class Solver(Protocol):
    """Anything that can be asked to solve one task's problems. Thread-safe."""

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> Ticket:
        """Queue a problem; returns at once.

        Args:
            problem: an instance of the task's `Problem`.
            effort: how hard to try.
            deadline: `time.monotonic()` value after which the best answer so
                far is returned.
            seed: with the problem, decides all randomness of the search.
            watch: called from the solver's thread after each segment; it must
                not block.

        Raises:
            QueueFull: as many problems as allowed are waiting already.
        """
        ...

    def close(self) -> None:
        """Stop; whatever is waiting fails with `LifecycleError`."""
        ...
