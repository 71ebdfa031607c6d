"""Structure of a task for its network: declared by the task, or found in its examples.

Positions that hold different symbols in every solution constrain each other: they form
the groups along which a network passes messages. That is found only where symbols are
interchangeable, by a checker that passes their renaming or by the task's word for it, and
where chance cannot have kept them apart. Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hrm_specialists.codec import IGNORE
from hrm_specialists.contract import Task
from hrm_specialists.training.data import Examples
from hrm_specialists.training.recipe import relations_of

CHANCE = 0.01
"""Most pairs of positions that chance alone may be expected to keep apart."""
LARGEST = 400
"""Positions up to which pairs are looked at."""


def relations_for(task: Task[Any, Any], examples: Examples) -> dict[str, Any]:
    """Settings `groups` and `symbols` of a network, or nothing if there is no structure."""
    declared = relations_of(task)
    if not declared["symbols"] and task.symmetries is not None and task.symmetries.alike:
        largest = max(task.symmetries.alike, key=len)
        declared["symbols"] = list(largest)
    if not declared["groups"] and declared["symbols"]:
        declared["groups"] = found_groups(examples, declared["symbols"])
    return declared if declared["groups"] else {}


def found_groups(examples: Examples, symbols: Sequence[int]) -> list[list[int]]:
    """Sets of positions of which no two ever hold the same symbol; see the top.

    Returns:
        Each pair of such positions is in one group at least; nothing if the examples
        are too few to tell, or answer anything but interchangeable symbols.
    """
    targets = examples.targets
    asked = targets != IGNORE
    if targets.shape[1] > LARGEST or not bool(torch.isin(targets[asked], _tensor(symbols)).all()):
        return []
    shares = torch.stack([((targets == s) & asked).float().mean(0) for s in symbols])  # [A, S]
    together = asked.float().T @ asked.float()  # [S, S]: examples that ask for both
    same = sum((targets == s).float().T @ (targets == s).float() for s in symbols)
    met = (shares.T @ shares).clamp(max=0.999)  # chance to hold the same, were they independent
    apart = (same == 0) & (together > 0) & ~torch.eye(len(met), dtype=torch.bool)
    by_chance = torch.exp(together * torch.log1p(-met))
    if float(by_chance.triu(1).sum()) > CHANCE:
        return []
    return _cliques(apart)


def _cliques(apart: Tensor) -> list[list[int]]:
    """Groups that cover all pairs: each grows from a pair that none has yet, by whoever fits."""
    near = [set(row.nonzero()[:, 0].tolist()) for row in apart]
    left = {(i, j) for i, others in enumerate(near) for j in others if i < j}
    groups = []
    while left:
        one, other = min(left)
        group, fitting = [one, other], near[one] & near[other]
        while fitting:
            # Who leaves most of the others fitting, the new pairs deciding a tie.
            new = {at: sum((min(at, g), max(at, g)) in left for g in group) for at in fitting}
            best = max(fitting, key=lambda at: (len(fitting & near[at]), new[at], -at))
            group.append(best)
            fitting &= near[best]
        groups.append(sorted(group))
        left -= {(i, j) for i in group for j in group}
    return groups


def _tensor(symbols: Sequence[int]) -> Tensor:
    return torch.tensor(list(symbols))
