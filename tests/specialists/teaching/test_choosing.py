"""Trials: what decides them, and what they cost."""

from __future__ import annotations

import pytest
import torch

from hrm_specialists.codec import IGNORE
from hrm_specialists.teaching import choosing
from hrm_specialists.teaching.choosing import FEWEST, SHARE, TURN, choose
from hrm_specialists.training.data import Examples
from hrm_specialists.training.recipe import Recipe


class Lessons:
    def __init__(self, asked):
        targets = torch.full((10, 4), IGNORE)
        targets[:, :asked] = 1
        self.validation = Examples(torch.ones(10, 4, dtype=torch.long), targets)

    def of(self, recipe):
        return None, self.validation, self.validation


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Trainer:
    """Scores by the recipe's seed, and by how often it was looked at; a step takes `cost`."""

    scores: dict
    cost: float
    clock: Clock
    made: list

    def __init__(self, task, learned, recipe, *, device, clock):
        assert not recipe.compile
        scores = self.scores[recipe.seed]
        self.scores_to_come = list(scores) if isinstance(scores, list) else [scores] * 9
        self.step = 0
        self.network = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.constant_(self.network.weight, recipe.seed)
        self.made.append(self)

    def train_step(self):
        self.step += 1
        self.clock.now += self.cost

    def examine(self, validation):
        return self.scores_to_come.pop(0)


@pytest.fixture
def chosen(monkeypatch):
    monkeypatch.setattr(choosing, "Trainer", Trainer)

    def run(asked, scores, *, seconds=600.0, cost=0.1):
        Trainer.scores, Trainer.cost, Trainer.clock, Trainer.made = scores, cost, Clock(), []
        recipes = [Recipe(network={}, seed=seed, minutes=10) for seed in sorted(scores)]
        return choose(Lessons(asked), recipes, seconds=seconds, device="cpu", clock=Trainer.clock)

    return run


def test_whole_answers_come_before_the_loss(chosen):
    assert chosen(3, {0: (0.5, 0.1), 1: (0.6, 0.9)}).recipe.seed == 1
    assert chosen(3, {0: (0.0, 0.9), 1: (0.0, 0.1)}).recipe.seed == 1


def test_a_label_may_be_right_by_chance_so_its_loss_decides(chosen):
    assert chosen(1, {0: (0.5, 0.1), 1: (0.6, 0.9)}).recipe.seed == 0


def test_the_better_half_is_tried_for_longer_and_the_winner_goes_on(chosen):
    scores = {0: [(0.3, 1.0), (0.4, 0.9)], 1: [(0.2, 1.0), (0.6, 0.5)], 2: [(0.1, 1.0)]}
    choice = chosen(3, scores)
    assert choice.recipe.seed == 1
    assert choice.weights["weight"].item() == 1.0
    first, second, worst = (trainer.step for trainer in Trainer.made)
    assert first == second > worst >= FEWEST


@pytest.mark.parametrize("cost", [0.001, 0.1, 1.0, 4.0])
def test_trials_keep_to_their_share_of_the_time_and_are_all_tried_alike(chosen, cost):
    """A step of 4 seconds is no reason to judge by one step, nor to try for an hour."""
    chosen(3, dict.fromkeys(range(4), (0.1, 1.0)), seconds=600, cost=cost)
    assert Trainer.clock.now <= 600 * SHARE + 4 * TURN * cost
    assert len({trainer.step for trainer in Trainer.made[2:]}) == 1
    assert min(trainer.step for trainer in Trainer.made) >= TURN


def test_a_run_that_is_counted_in_steps_is_not_tried(chosen):
    choice = chosen(3, {0: (0.1, 1.0), 1: (0.2, 1.0)}, seconds=None)
    assert (choice.recipe.seed, choice.weights) == (0, None)
