"""Training, validation and test parts, and folds, that share nothing.

Examples of one group stay together, and so do problems that are the same to
their task: no score is ever on something seen. Labels are spread evenly; examples
with a time are cut by it, the last ones for the test. What is cut is validated and encoded;
errors name the file and the line. Knows nothing of networks.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from hrm_specialists.contract import Task
from hrm_specialists.errors import DataError
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.schema.examples import Example, Pair, contradictions
from hrm_specialists.schema.infer import Layout, infer_task
from hrm_specialists.schema.kinds import kind_of
from hrm_specialists.training.data import Examples, encode

HELD_OUT, FEWEST_HELD_OUT, MOST_HELD_OUT = 0.1, 10, 1000
VOUCHED, VOUCHING = 80, 0.15
"""Examples that vouch for a threshold though one or two are wrong, and the share of all that
calibrating may take to have so many."""
DOMINANT = 0.5
"""Share of the examples from which one group is kept for training alone."""
MOST_LABELS = 50
"""Different short answers up to which the split spreads them evenly."""

Key = Callable[[Any], Hashable]


@dataclass(frozen=True, slots=True)
class Split:
    """Three parts of the examples."""

    train: list[Pair]
    validation: list[Pair]
    """For calibrating."""
    test: list[Pair]
    """For the card; nothing is chosen by it."""
    notes: list[str] = field(default_factory=list)
    """What their user should know of how they were cut."""

    @property
    def parts(self) -> tuple[list[Pair], list[Pair], list[Pair]]:
        """In that order."""
        return self.train, self.validation, self.test


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the examples, validated and encoded."""

    examples: list[Example]
    tokens: Examples


def same_json(problem: Any) -> Hashable:
    """The key of a problem of which nothing else is known."""
    return json.dumps(problem, sort_keys=True, ensure_ascii=False, default=str)


def parts_of(
    pairs: Sequence[Pair], others: list[Pair] | None, key: Key, seed: int, source: object
) -> Split:
    """Cut pairs into parts, or keep them all for training where others are held out.

    Raises:
        DataError: too few are left; the file and the line are named.
    """
    if others is None:
        try:
            return split(pairs, seed=seed, key=key)
        except DataError as error:
            raise located(error, source) from None
    problems = {key(pair.problem) for pair in pairs}
    groups = {pair.group for pair in pairs if pair.group is not None}
    fresh = [p for p in others if key(p.problem) not in problems and p.group not in groups]
    notes = []
    if len(fresh) < len(others):
        notes.append(
            f"{len(others) - len(fresh)} of {len(others)} held-out examples are also among the "
            "training examples, or of their groups, and were left out."
        )
    if len(fresh) < 2 * FEWEST_HELD_OUT:
        raise DataError(
            f"{len(fresh)} of {len(others)} held-out examples are not among the training "
            f"examples; at least {2 * FEWEST_HELD_OUT} are needed"
        )
    random.Random(seed).shuffle(fresh)
    half = len(fresh) // 2
    return Split(list(pairs), fresh[:half], fresh[half:], notes)


def split(pairs: Sequence[Pair], *, seed: int, key: Key = same_json) -> Split:
    """Cut examples into parts; a given seed always cuts alike.

    Args:
        pairs: all examples.
        seed: of the shuffle.
        key: equal for problems that are the same, also up to symmetry.

    Raises:
        DataError: all examples belong to one or two groups.
    """
    notes = []
    if (noise := contradictions(pairs)).share:
        where = f", such as lines {noise.line} and {noise.other}" if noise.line else ""
        notes.append(
            f"Some examples contradict others: the same problem, another answer{where}. No "
            f"answers agree with more than {noise.ceiling:.1%} of the examples."
        )
    want = min(max(int(HELD_OUT * len(pairs)), FEWEST_HELD_OUT), MOST_HELD_OUT)
    if all(pair.time is not None for pair in pairs):
        notes.append("The examples are cut by time: the latest ones are the test part.")
        ordered, first = sorted(pairs, key=_time), len(pairs) - 2 * want
        return Split(ordered[:first], ordered[first : first + want], ordered[first + want :], notes)
    bundles = _bundles(pairs, key)
    if len(bundles) < 3:
        raise DataError(
            f"all {len(pairs)} examples fall into {len(bundles)} group(s) that must not be cut; "
            "a test needs at least three"
        )
    largest = max(bundles, key=len)
    dominant = len(largest) > DOMINANT * len(pairs)
    if dominant:
        notes.append(
            f"One group holds {len(largest) / len(pairs):.0%} of the examples. It is used for "
            "training only; the figures come from the other groups."
        )
        want = min(want, max(1, (len(pairs) - len(largest)) // 3))
    random.Random(seed).shuffle(bundles)
    loose = [bundle for bundle in bundles if bundle is not largest or not dominant]
    test, loose = _taken(loose, want)
    validation, loose = _taken(loose, max(want, min(VOUCHED, int(VOUCHING * len(pairs)))))
    kept = [largest] if dominant else []
    train = [pair for bundle in (*kept, *loose) for pair in bundle]
    if not test or not validation or not train:
        raise DataError("the groups are too few and too large to be cut into parts")
    return Split(train, validation, test, notes)


def folds_of(pairs: Sequence[Pair], count: int, *, seed: int, key: Key = same_json) -> NDArray[Any]:
    """The fold of each example, from 0: bundles stay whole, labels are spread evenly.

    Examples with a time get folds in its order, to be learned from earlier ones only.
    """
    folds = np.zeros(len(pairs), np.intp)
    if all(pair.time is not None for pair in pairs):
        order = sorted(range(len(pairs)), key=lambda at: _time(pairs[at]))
        for fold, part in enumerate(np.array_split(np.array(order), count + 1)):
            folds[part] = fold
        return folds
    place = {id(pair): at for at, pair in enumerate(pairs)}
    bundles = _bundles(pairs, key)
    random.Random(seed).shuffle(bundles)
    bundles.sort(key=len, reverse=True)
    labels = [_label(pair) for pair in pairs]
    held: list[Counter[Hashable]] = [Counter() for _ in range(count)]
    sizes = [0] * count
    for bundle in bundles:
        label = labels[place[id(bundle[0])]]
        fold = min(range(count), key=lambda f: (held[f][label], sizes[f], f))
        if len(bundle) > len(pairs) / count:
            fold = min(range(count), key=lambda f: sizes[f])
        for pair in bundle:
            folds[place[id(pair)]] = fold
            held[fold][labels[place[id(pair)]]] += 1
        sizes[fold] += len(bundle)
    return folds


def _time(pair: Pair) -> Any:
    return pair.time


def _taken(bundles: list[list[Pair]], want: int) -> tuple[list[Pair], list[list[Pair]]]:
    """Bundles of about so many examples, labels in proportion, none overshooting by much."""
    total = sum(map(len, bundles))
    whole = Counter(_label(pair) for bundle in bundles for pair in bundle)
    goal = {label: n * want / max(1, total) for label, n in whole.items()}
    held: Counter[Hashable] = Counter()
    taken: list[Pair] = []
    left: list[list[Pair]] = []
    # Whole numbers of each label first, then whatever fits until there are enough.
    for strict in (True, False):
        for bundle in bundles if strict else left[:]:
            labels = Counter(_label(pair) for pair in bundle)
            fits = len(taken) + len(bundle) <= max(want, len(bundle) if not taken else 0) * 1.2
            due = all(held[label] + n <= goal[label] + 0.5 for label, n in labels.items())
            if len(taken) < want and fits and (due or not strict):
                taken += bundle
                held += labels
                if not strict:
                    left.remove(bundle)
            elif strict:
                left.append(bundle)
    return taken, left


def _label(pair: Pair) -> Hashable:
    """What the split spreads evenly: a short answer, else nothing."""
    solution: Any = pair.solution
    if isinstance(solution, dict) and len(solution) == 1:
        solution = next(iter(solution.values()))
    if isinstance(solution, str | int | bool) and len(str(solution)) <= MOST_LABELS:
        return solution
    return None


def _bundles(pairs: Sequence[Pair], key: Key) -> list[list[Pair]]:
    """Examples that must stay together: linked by a group or by an equal problem."""
    parent = list(range(len(pairs)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    first: dict[Hashable, int] = {}
    for at, pair in enumerate(pairs):
        links: list[Hashable] = [("problem", key(pair.problem))]
        if pair.group is not None:
            links.append(("group", pair.group))
        for link in links:
            parent[root(at)] = root(first.setdefault(link, at))
    bundles: dict[int, list[Pair]] = {}
    for at, pair in enumerate(pairs):
        bundles.setdefault(root(at), []).append(pair)
    return list(bundles.values())


def inferred(
    name: str, cut: Split, source: object, description: str, layout: Layout | None
) -> DataTask:
    """The task of a split's pairs; alphabets and ranges come from its training part alone."""
    pairs = [*cut.train, *cut.validation, *cut.test]
    try:
        sides = [(pair.problem, pair.solution) for pair in pairs]
        lines = [pair.line for pair in pairs if pair.line is not None]
        if layout is not None and len(lines) == len(pairs):
            layout = replace(layout, lines=lines)
        return infer_task(
            name, sides, learned=len(cut.train), layout=layout, description=description
        )
    except DataError as error:
        raise located(DataError(error.message, line=_odd_line(pairs)), source) from None


def _odd_line(pairs: Sequence[Pair]) -> int | None:
    """Where the first example stands whose side is of another kind than most."""
    for side in ("problem", "solution"):
        kinds = [kind_of(getattr(pair, side)) for pair in pairs]
        common = Counter(kinds).most_common(1)[0][0]
        odd = [p.line for p, k in zip(pairs, kinds, strict=True) if k != common and p.line]
        if odd:
            return min(odd)
    return None


def part_of(task: Task[Any, Any], pairs: Sequence[Pair], source: object) -> Part:
    """Validate and encode, naming the line that does not fit."""
    examples: list[Example] = []
    tokens: list[Examples] = []
    for pair in pairs:
        try:
            problem = as_model(task.Problem, pair.problem)
            solution = as_model(task.Solution, pair.solution)
            tokens.append(encode(task, [(problem, solution)]))
        except (ValidationError, DataError) as error:
            if isinstance(error, DataError):
                message = error.message.removeprefix("example 1: ")
            else:
                first = error.errors(include_url=False)[0]
                message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise located(DataError(message, line=pair.line), source) from None
        examples.append(Example(problem, solution))
    inputs = torch.cat([each.inputs for each in tokens])
    return Part(examples, Examples(inputs, torch.cat([each.targets for each in tokens])))


def located(error: DataError, source: object) -> DataError:
    """The error with the file, where it names none."""
    if error.file is None and isinstance(source, Path | str):
        return DataError(error.message, file=source, line=error.line)
    return error


def as_model(model: type[BaseModel], value: Any) -> BaseModel:
    """A value as it is, or as the only field that a model has.

    Raises:
        ValidationError: it is none.
    """
    fields = list(model.model_fields)
    if not isinstance(value, Mapping | BaseModel) and len(fields) == 1:
        value = {fields[0]: value}
    return model.model_validate(value)
