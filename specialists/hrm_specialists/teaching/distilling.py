"""What a random forest knows of a table, as more examples to learn from.

Rows are mixed, column by column, of two examples each, and a forest that learned
the examples says what they are. A forest cuts at thresholds, which a network is
slow to find in a thousand rows; in forty thousand it sees them. Source: Buciluă,
Caruana and Niculescu-Mizil, "Model compression" (KDD 2006).

Shapes: N examples, M mixed rows, F columns, S positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from hrm_specialists.codec import IGNORE
from hrm_specialists.contract import Task
from hrm_specialists.evaluation import baselines
from hrm_specialists.schema.data_task import DataTask
from hrm_specialists.schema.examples import Example
from hrm_specialists.teaching.features import in_columns, labels_of, vectors_of
from hrm_specialists.training.data import Examples

ROWS_OF_EACH, MOST_ROWS, MOST_POSITIONS = 50, 40_000, 4_000_000
MIXED = 0.5
"""Most columns of a row that come from another example; each row has its own share."""


def can_distil(task: Task[Any, Any], examples: Sequence[Example]) -> bool:
    """Whether problems are columns and answers labels, and a forest can be had to learn them.

    Of texts a forest knows too little, and where examples are plenty it adds nothing.
    """
    if not (isinstance(task, DataTask) and in_columns(task.codec) and baselines.have_trees()):
        return False
    if len(examples) > MOST_ROWS:
        return False
    return labels_of(task, [e.solution for e in examples[:1]]) is not None  # type: ignore[misc]


def distilled(
    task: DataTask, examples: Sequence[Example], tokens: Examples, *, seed: int
) -> Examples:
    """Each example again and again, and about as many mixed rows that a forest labelled.

    Args:
        task: one that `can_distil`.
        examples: the training part, N.
        tokens: the same, encoded, `[N, S]`.
        seed: of the forest and the mixing.
    """
    import numpy as np

    vectors_NF: Any = np.array(vectors_of(task, [e.problem for e in examples]), dtype=float)  # type: ignore[misc]
    columns, asked = task.codec.given, task.codec.asked[0]
    rng = np.random.default_rng(seed)
    rows = min(ROWS_OF_EACH * len(examples), MOST_ROWS, MOST_POSITIONS // task.codec.seq_len)
    one, other = rng.integers(len(examples), size=(2, rows))
    taken_MF = rng.random((rows, len(columns))) < MIXED * rng.random((rows, 1))
    mixed_MF = np.where(taken_MF, vectors_NF[other], vectors_NF[one])
    targets_N = tokens.targets[:, asked]
    labels_M = baselines.forest_labels(vectors_NF, targets_N.numpy(), mixed_MF, seed=seed)

    inputs_MS = tokens.inputs[torch.from_numpy(one)]
    taken = torch.zeros(rows, task.codec.seq_len, dtype=torch.bool)
    taken[:, columns] = torch.from_numpy(taken_MF)
    inputs_MS = torch.where(taken, tokens.inputs[torch.from_numpy(other)], inputs_MS)
    targets_MS = torch.full_like(inputs_MS, IGNORE)
    targets_MS[:, asked] = torch.from_numpy(labels_M)
    again = torch.arange(max(rows, len(examples))) % len(examples)
    return Examples(
        torch.cat([tokens.inputs[again], inputs_MS]), torch.cat([tokens.targets[again], targets_MS])
    )
