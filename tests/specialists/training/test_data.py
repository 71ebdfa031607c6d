"""What is learned from besides the examples themselves."""

from __future__ import annotations

import torch

from hrm_specialists.codec import IGNORE
from hrm_specialists.schema import infer_task
from hrm_specialists.schema.field_codec import UNKNOWN
from hrm_specialists.training.data import encode, with_unknowns


def encoded(pairs):
    task = infer_task("t", pairs)
    sides = [(task.Problem.model_validate(p), task.Solution.model_validate(s)) for p, s in pairs]
    return task, encode(task, sides)


def test_some_rows_are_learned_again_with_unknown_values():
    """A small share; the answers stay, and so does what is asked for."""
    pairs = [({"a": "xyz"[k % 3], "b": k / 7, "c": "uv"[k % 2]}, "ab"[k % 2]) for k in range(200)]
    task, examples = encoded(pairs)
    assert not (examples.inputs == UNKNOWN).any()

    more = with_unknowns(examples, task.codec.unknown, seed=3)
    again = more.inputs[200:]

    assert torch.equal(more.inputs[:200], examples.inputs)
    assert len(again) == 20
    assert 0 < int((again == UNKNOWN).sum()) < 0.4 * again[:, task.codec.given].numel()
    assert not (again[:, task.codec.asked] == UNKNOWN).any()
    assert not (more.targets[200:] == UNKNOWN).any()
    assert torch.equal(more.inputs, with_unknowns(examples, task.codec.unknown, seed=3).inputs)


def test_where_more_than_a_label_is_asked_nothing_is_hidden():
    task, examples = encoded([([k % 3, k % 2], [k % 2, k % 3]) for k in range(60)])

    assert int((examples.targets != IGNORE).sum(1).max()) > 1
    assert with_unknowns(examples, task.codec.unknown, seed=0) is examples
