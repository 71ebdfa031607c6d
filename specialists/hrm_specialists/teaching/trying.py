"""Which symmetries a task has, found by trying them on its examples against its checker.

A move of the grids, or two symbols trading places, is a symmetry if the checker
passes every example after it, problem and solution changed alike. Where there is
no checker, nothing can be proved; then symmetries are only declared, and
refused if the examples contradict them. An example is changed in its values, which checkers
see, and alike in its tokens, which networks see. Knows nothing of networks.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from hrm_specialists.codec import IGNORE
from hrm_specialists.contract import Symmetry, Task
from hrm_specialists.engine.checking import Checking
from hrm_specialists.errors import ConfigError, DataError, HrmAgentError
from hrm_specialists.schema.examples import Pair as Plain
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.symmetries import MOVES, Symmetries, moved, positions_of, possible_moves
from hrm_specialists.teaching.splitting import as_model, same_json
from hrm_specialists.training.workers import Workers

log = logging.getLogger(__name__)

Pair = tuple[BaseModel, BaseModel]
Change = Callable[[Any], Any]
Known = tuple[Task[Any, Any], Symmetries]
"""Symmetries, and the task whose tokens they speak of."""

TRIED = 64
"""Examples that every symmetry is tried on."""
FEWEST = 16
"""Examples that a symmetry must change before it counts as tried."""
MOST_SYMBOLS = 16
ORBIT, MOST_PAIRED = 24, 1024
"""Symmetries drawn of a task that has its own, and positions up to which pairs are told apart."""
SECONDS = 5.0
"""For trying symbols, whose pairs are many; what is not tried by then is taken for special."""
DECLARED = {"mirror": 4, "flip": 2, "half-turn": 6, "turn": 5, "transpose": 1}
"""Words for moves, for people who declare them."""


def known_symmetries(
    name: str,
    task: Task[Any, Any] | None,
    pairs: Sequence[Plain],
    declared: Sequence[str],
    workers: Workers,
) -> Known | None:
    """What the user vouches for, else what the checker passes; examples are named with their line.

    Raises:
        ConfigError, DataError: see `declared_symmetries`.
    """
    if not declared and (task is None or not task.has_checker):
        return None
    if task is None:
        layout = getattr(pairs, "layout", None)
        task = infer_task(name, [(pair.problem, pair.solution) for pair in pairs], layout=layout)
    models = []
    for pair in pairs:
        with suppress(ValidationError):  # named with its line later
            models.append(
                (as_model(task.Problem, pair.problem), as_model(task.Solution, pair.solution))
            )
    if declared:
        return task, declared_symmetries(task, declared, models)
    found = find_symmetries(task, models) or Symmetries()
    # Trying ends by the clock: the first process decides for all.
    found = Symmetries.from_mapping(workers.leaders(found.to_mapping()), task.codec)
    return None if found.trivial else (task, found)


def find_symmetries(task: Task[Any, Any], pairs: Sequence[Pair]) -> Symmetries | None:
    """Those under which the checker passes what it passed before.

    Args:
        task: one with a checker, that does not say itself what its symmetries are.
        pairs: problems and solutions; the first that the checker passes are tried.

    Returns:
        None if there is nothing to try, or nothing found.
    """
    if not task.has_checker or type(task).symmetry is not Task.symmetry:
        return None
    possible = possible_moves(task.codec)
    if possible == (0,):
        return None
    trial = _Trial(task, pairs)
    found = Symmetries(tuple(move for move in possible if move == 0 or trial.holds_move(move)))
    found = Symmetries(found.moves, trial.alike())
    trial.close()
    log.info("symmetries found by trying: %s", told(task, found))
    return None if found.trivial else found


def declared_symmetries(
    task: Task[Any, Any], names: Sequence[str], pairs: Sequence[Pair]
) -> Symmetries:
    """Moves that the user vouches for, with all that follows from them.

    Raises:
        ConfigError: a name is unknown, or the task has no grids that could move so.
        DataError: two examples show that it is no symmetry.
    """
    unknown = sorted(set(names) - {*DECLARED, "all"})
    if unknown:
        raise ConfigError(
            f"no symmetry is called {unknown[0]!r}; known: {', '.join(DECLARED)}, all"
        )
    possible = possible_moves(task.codec)
    given = {0, *DECLARED.values()} if "all" in names else {0, *(DECLARED[n] for n in names)}
    if not given <= set(possible):
        raise ConfigError(
            f"{', '.join(names)}: the grids of this task cannot move so; "
            "they must be of one size, and square to be turned"
        )
    while not (grown := {_after(a, b) for a in given for b in given}) <= given:
        given |= grown
    solutions = {same_json(p.model_dump(mode="json")): s for p, s in pairs}
    for move in sorted(given):
        for number, (problem, solution) in enumerate(pairs, start=1):
            change = moving(move)
            if not fits(task, (problem, solution), in_tokens(task, move), change):
                raise ConfigError(f"example {number} is no grid that could be {MOVES[move]}")
            other = solutions.get(same_json(change(problem.model_dump(mode="json"))))
            if other is not None and other.model_dump() != change(solution.model_dump()):
                raise DataError(
                    f"{MOVES[move]}, example {number} is another example with another solution: "
                    f"{', '.join(names)} is no symmetry of these examples"
                )
    return Symmetries(tuple(sorted(given)))


def told(task: Task[Any, Any], symmetries: Symmetries | None) -> str:
    """For people: "mirrored left to right; 1 2 3 4 alike"."""
    if symmetries is None or symmetries.trivial:
        return "none"
    names = [MOVES[move] for move in symmetries.moves if move]
    parts = [", ".join(names)] if names else []
    shown = getattr(task.codec, "symbols", None)
    for tokens in symmetries.alike:
        symbols = [shown[t] if isinstance(shown, Mapping) else t - 1 for t in tokens]
        parts.append(" ".join(map(str, symbols)) + " alike")
    return "; ".join(parts)


def same_up_to(task: Task[Any, Any], symmetries: Symmetries) -> Callable[[Any], Hashable]:
    """A key for problems as plain values, equal for those that differ by a symmetry."""
    return _by_tokens(task, lambda tokens: symmetries.standard(task.codec, tokens))


def _by_tokens(
    task: Task[Any, Any], key: Callable[[list[int]], Hashable]
) -> Callable[[Any], Hashable]:
    def of(problem: Any) -> Hashable:
        try:
            return key(task.codec.encode(as_model(task.Problem, problem)))
        except (ValidationError, HrmAgentError):  # named with its line later
            return same_json(problem)

    return of


def same_by_symmetry(task: Task[Any, Any]) -> Callable[[Any], Hashable]:
    """The same for a task that draws its symmetries itself, whose group nobody knows.

    The key is what none of them changes: for each symbol, how often two places of each kind
    of pair both hold it. Two problems that share it and are no pictures of each other are
    rare, and then merely stay together.
    """
    rng = random.Random(0)
    drawn = [s for s in (task.symmetry(rng) for _ in range(ORBIT)) if s is not None]
    if not drawn or task.codec.seq_len > MOST_PAIRED:
        return same_json
    places = np.array([s.positions for s in drawn])
    names = np.array([s.symbols for s in drawn])
    size = task.codec.seq_len
    pairs = _orbits(
        np.arange(size * size).reshape(size, size), [np.ix_(place, place) for place in places]
    )
    pairs = np.unique(pairs, return_inverse=True)[1].reshape(size, size)
    kinds = _orbits(np.arange(task.codec.vocab_size), [(name,) for name in names])

    def key(given: list[int]) -> Hashable:
        tokens, found = np.array(given), []
        for token in np.unique(tokens).tolist():
            at = np.flatnonzero(tokens == token)
            counts = np.bincount(pairs[np.ix_(at, at)].ravel())
            orbits = np.flatnonzero(counts)
            found.append((int(kinds[token]), orbits.tobytes(), counts[orbits].tobytes()))
        return tuple(sorted(found))

    return _by_tokens(task, key)


def _orbits(labels: Any, maps: Sequence[Any]) -> Any:
    """The least label of all that a label can become under maps and their inverses."""
    while True:
        before = labels.copy()
        for at in maps:
            labels = np.minimum(labels, labels[at])
            labels[at] = np.minimum(labels[at], labels)
        if (labels == before).all():
            return labels


def in_tokens(task: Task[Any, Any], move: int, one: int = 0, other: int = 0) -> Symmetry:
    """A move of the grids, and two tokens trading places, as a network meets them."""
    symbols = list(range(task.codec.vocab_size))
    symbols[one], symbols[other] = other, one
    return Symmetry(positions_of(task.codec, move), tuple(symbols))


def fits(task: Task[Any, Any], pair: Pair, symmetry: Symmetry, change: Change) -> bool:
    """Whether changing the values and moving the tokens come to the same."""
    try:
        moved_pair = [changed(side, change) for side in pair]
        codec = task.codec
        before, after = codec.encode(pair[0]), codec.encode(moved_pair[0])
        wanted, found = codec.target(*pair), codec.target(*moved_pair)
    except (ValidationError, HrmAgentError):
        return False
    here = (wanted[at] for at in symmetry.positions)
    put = [token if token == IGNORE else symmetry.symbols[token] for token in here]
    return symmetry.apply(before) == after and put == list(found)


def changed(side: BaseModel, change: Change) -> BaseModel:
    """One side of an example with its values changed.

    Raises:
        ValidationError: the outcome is no such side.
    """
    return type(side).model_validate(change(side.model_dump()))


def moving(move: int) -> Change:
    """Moves every grid in plain values."""

    def change(value: Any) -> Any:
        if isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple | str):
            rows = moved(value, move)
            return ["".join(row) for row in rows] if isinstance(value[0], str) else rows
        return _inside(value, change) if isinstance(value, Mapping) else value

    return change


def trading(one: Any, other: Any) -> Change:
    """Writes each of two symbols for the other."""

    def change(value: Any) -> Any:
        for here, there in ((one, other), (other, one)):
            if type(value) is type(here) and value == here:
                return there
        return _inside(value, change)

    return change


def _inside(value: Any, change: Change) -> Any:
    """A change of what a mapping or list holds."""
    if isinstance(value, Mapping):
        return {key: change(inner) for key, inner in value.items()}
    return [change(inner) for inner in value] if isinstance(value, list | tuple) else value


class _Trial:
    """Examples that a checker passes, ready to be changed and checked again."""

    def __init__(self, task: Task[Any, Any], pairs: Sequence[Pair]) -> None:
        self.task, self._checking = task, Checking(task)
        self.pairs = [pair for pair in pairs[: 4 * TRIED] if self._passes(*pair)][:TRIED]

    def close(self) -> None:
        """Let go of the checker."""
        self._checking.close()

    def holds_move(self, move: int) -> bool:
        """Whether a move of the grids leaves all solutions solutions."""
        return self._holds(in_tokens(self.task, move), moving(move))

    def alike(self) -> tuple[tuple[int, ...], ...]:
        """Sets of tokens of which each two may trade places."""
        until = time.monotonic() + SECONDS
        sets: list[set[int]] = []
        for one, other in combinations(self._symbols(), 2):
            if time.monotonic() > until or any({one[0], other[0]} <= known for known in sets):
                continue
            if self._holds(in_tokens(self.task, 0, one[0], other[0]), trading(one[1], other[1])):
                joined = {one[0], other[0]}.union(*(k for k in sets if k & {one[0], other[0]}))
                sets = [known for known in sets if not known & joined] + [joined]
        return tuple(sorted(tuple(sorted(known)) for known in sets))

    def _symbols(self) -> list[tuple[int, Any]]:
        """Tokens that examples hold, with the values they stand for; none if there are many."""
        seen: dict[int, Any] = {}
        for problem, solution in self.pairs:
            codec = self.task.codec
            tokens = [*codec.encode(problem), *codec.target(problem, solution)]
            for token in set(tokens) - {IGNORE}:
                value = _value(codec, token)
                if value is not None:
                    seen[token] = value
        return sorted(seen.items()) if len(seen) <= MOST_SYMBOLS else []

    def _holds(self, symmetry: Symmetry, change: Change) -> bool:
        tried = 0
        for pair in self.pairs:
            if not fits(self.task, pair, symmetry, change):
                return False
            problem, solution = (changed(side, change) for side in pair)
            if (problem, solution) == pair:
                continue
            tried += 1
            if not self._passes(problem, solution):
                return False
        return tried >= FEWEST

    def _passes(self, problem: BaseModel, solution: BaseModel) -> bool:
        try:
            verdict = self._checking.check(problem, solution)
        except Exception:  # a checker of the user's: what it cannot judge, it does not pass
            return False
        return verdict is not None and verdict.passed


def _value(codec: Any, token: int) -> Any:
    """The value that a token stands for; None for padding and the like."""
    symbols = codec.symbols
    if isinstance(symbols, Mapping):
        return symbols.get(token)
    return token - 1 if token else None


def _after(first: int, then: int) -> int:
    """The move that two moves come to."""
    corners = [["a", "b"], ["c", "d"]]
    both = moved(moved(corners, first), then)
    return next(move for move in range(8) if moved(corners, move) == both)
