"""Trials: what decides them, and what they cost."""

from __future__ import annotations

import itertools

import pytest
import torch

from hrm_specialists.codec import IGNORE
from hrm_specialists.teaching import choosing
from hrm_specialists.teaching.choosing import TRIAL, choose
from hrm_specialists.training.data import Examples
from hrm_specialists.training.recipe import Recipe


class Lessons:
    def __init__(self, asked):
        targets = torch.full((10, 4), IGNORE)
        targets[:, :asked] = 1
        self.validation = Examples(torch.ones(10, 4, dtype=torch.long), targets)

    def of(self, recipe):
        return None, self.validation, self.validation


class Trainer:
    """Scores by the recipe's seed, or by 9 if a forest is distilled."""

    scores: dict

    def __init__(self, task, learned, recipe, *, device, clock):
        scores = self.scores[9 if recipe.distil is False else recipe.seed]
        self.scores_to_come = list(scores) if isinstance(scores, list) else [scores] * 2
        self.network = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.constant_(self.network.weight, recipe.seed)

    def train_step(self):
        pass

    def examine(self, validation):
        return self.scores_to_come.pop(0)


@pytest.fixture
def chosen(monkeypatch):
    monkeypatch.setattr(choosing, "Trainer", Trainer)

    def run(asked, scores, changes=(), **length):
        Trainer.scores = scores
        recipes = [
            Recipe(network={}, seed=seed, **(length or {"minutes": 10}))
            for seed in sorted(scores)
            if seed < 9
        ]
        ticks = itertools.count(0, 60)
        return choose(
            Lessons(asked), recipes, changes=changes, device="cpu", clock=lambda: next(ticks)
        )

    return run


def test_whole_answers_come_before_the_loss(chosen):
    assert chosen(3, {0: (0.5, 0.1), 1: (0.6, 0.9)}).recipe.seed == 1
    assert chosen(3, {0: (0.0, 0.9), 1: (0.0, 0.1)}).recipe.seed == 1


def test_a_label_may_be_right_by_chance_so_its_loss_decides(chosen):
    assert chosen(1, {0: (0.5, 0.1), 1: (0.6, 0.9)}).recipe.seed == 0


@pytest.mark.parametrize(("loss", "distil"), [(0.85, False), (0.95, None)])
def test_a_change_must_do_clearly_better(chosen, loss, distil):
    scores = {0: (0.5, 1.0), 9: (0.9, loss)}
    assert chosen(1, scores, [{"distil": False}]).recipe.distil is distil


def test_the_best_two_are_tried_for_longer_and_the_winner_goes_on(chosen):
    scores = {0: [(0.3, 1.0), (0.4, 0.9)], 1: [(0.2, 1.0), (0.6, 0.5)], 2: [(0.1, 1.0)]}
    choice = chosen(3, scores)
    assert choice.recipe.seed == 1
    assert choice.weights["weight"].item() == 1.0
    assert choice.recipe.minutes == pytest.approx(10 * (1 - 5 * TRIAL))


def test_each_trial_comes_off_the_time(chosen):
    made = chosen(3, {0: (0.1, 1.0), 1: (0.2, 1.0), 9: (0.0, 2.0)}, [{"distil": False}])
    assert made.recipe.minutes == pytest.approx(10 * (1 - 5 * TRIAL))


def test_a_run_of_so_many_steps_is_not_tried(chosen):
    choice = chosen(3, {0: (0.1, 1.0), 1: (0.2, 1.0)}, steps=5)
    assert (choice.recipe.seed, choice.weights) == (0, None)
