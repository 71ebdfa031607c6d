"""The training loop on a tiny task: it learns, it resumes, it repeats itself."""

from __future__ import annotations

import random
from functools import cached_property
from pathlib import Path
from typing import Annotated

import pytest
import torch
from pydantic import BaseModel, Field

from hrm_specialists.codec import IGNORE, GridCodec
from hrm_specialists.contract import Symmetry, Task
from hrm_specialists.errors import ConfigError, DataError, IncompatibleCheckpoint, TrainingDiverged
from hrm_specialists.training.data import Augmentation, Examples, Sampler, encode
from hrm_specialists.training.optim import learning_rate_factor, steps_within
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.state import tensors_of
from hrm_specialists.training.trainer import Trainer

Digit = Annotated[int, Field(ge=0, le=3)]


class Digits(BaseModel):
    values: Annotated[tuple[Digit, ...], Field(min_length=6, max_length=6)]


class Swap(Task[Digits, Digits]):
    """Each 0 becomes 1, each 1 becomes 0; 2 and 3 stay."""

    name = "swap"
    Problem = Solution = Digits

    def symmetry(self, rng: random.Random) -> Symmetry:
        places = list(range(6))
        rng.shuffle(places)
        return Symmetry(tuple(places), tuple(range(self.codec.vocab_size)))


def pairs(n: int, seed: int = 0) -> list[tuple[Digits, Digits]]:
    rng = random.Random(seed)
    found = []
    for _ in range(n):
        values = tuple(rng.randrange(4) for _ in range(6))
        answer = tuple({0: 1, 1: 0}.get(v, v) for v in values)
        found.append((Digits(values=values), Digits(values=answer)))
    return found


def recipe(**changes: object) -> Recipe:
    network = {
        "hidden_size": 32,
        "intermediate_multiple": 16,
        "expansion": 2.0,
        "H_cycles": 1,
        "L_cycles": 1,
        "L_layers": 1,
        "mlp_t": True,
        "pos_encodings": "none",
        "halt_max_steps": 3,
    }
    settings = {
        "network": network,
        "steps": 12,
        "batch": 8,
        "compile": False,
        "precision": "fp32",
        "symmetries": 50,
        "warmup": 3,
        "start_noise": 0.5,
        "reveal_later": 0.3,
        "evaluate_every": 5,
    }
    return Recipe.model_validate({**settings, **changes})


def trainer(root: Path | None = None, **changes: object) -> Trainer:
    task = Swap()
    return Trainer(
        task,
        encode(task, pairs(64)),
        recipe(**changes),
        validation=encode(task, pairs(16, seed=1)),
        device="cpu",
        root=root,
    )


def test_it_learns_a_small_task_to_the_end():
    """Four hundred steps are enough to answer unseen problems of a local rule."""
    taught = trainer(steps=400)
    seen = []

    taught.run(seen.append)

    assert taught.last_validation is not None
    assert taught.last_validation > 0.9
    assert seen[-1].step == 400
    assert seen[-1].loss < seen[0].loss / 2


def test_a_resumed_run_equals_the_uninterrupted_one_bit_for_bit(tmp_path):
    """A checkpoint holds all that the next step depends on."""
    whole = trainer(tmp_path / "whole")
    whole.run(report_every=4)

    first = trainer(tmp_path / "cut")
    first.run(until=7, report_every=4)
    second = trainer(tmp_path / "cut")
    second.run(report_every=4)

    assert second.step == whole.step == 12
    for name, tensor in tensors_of(whole).items():
        assert torch.equal(tensor, tensors_of(second)[name]), name
    assert whole.curve == second.curve


def test_an_interrupt_leaves_a_checkpoint_at_the_step_it_came(tmp_path):
    """Ctrl-C loses nothing."""

    def interrupt(progress):
        raise KeyboardInterrupt

    stopped = trainer(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(interrupt, report_every=5)

    resumed = trainer(tmp_path)
    assert resumed.resume()
    assert resumed.step == 5


def test_another_recipe_does_not_take_up_a_run(tmp_path):
    """Half a run under one recipe and half under another is neither."""
    trainer(tmp_path).run(until=3)

    with pytest.raises(IncompatibleCheckpoint, match="another recipe"):
        trainer(tmp_path, muon_lr=1e-2).run()


def test_a_time_budget_becomes_steps_once(tmp_path):
    """The clock decides how many steps there are, and nothing after that."""
    timed = trainer(tmp_path, steps=None, minutes=0.02)

    timed.run(report_every=10)

    assert timed.total is not None
    assert timed.step == timed.total > 0
    again = trainer(tmp_path, steps=None, minutes=0.02)
    again.resume()
    assert again.total == timed.total


def spoil(run):
    with torch.no_grad():
        run.network.lm_head.weight.fill_(float("nan"))


def test_a_loss_that_is_not_finite_is_said():
    """Without a checkpoint there is nothing to go back to."""
    sick = trainer()
    spoil(sick)

    with pytest.raises(TrainingDiverged, match="not finite at step 2"):
        sick.run(report_every=2)


def test_a_run_that_breaks_goes_back_and_on_at_half_the_rate(tmp_path):
    """One bad step costs at most a checkpoint interval, and is never saved."""
    run = trainer(tmp_path)
    run.run(until=6, report_every=2)
    broken = []

    def break_once(progress):
        if progress.step == 8 and not broken:
            broken.append(progress)
            spoil(run)

    run.run(break_once, report_every=2)

    assert run.step == 12
    assert run.rate == 0.5
    assert all(torch.isfinite(t).all() for t in run.result().values())


def test_a_run_that_keeps_breaking_is_given_up(tmp_path):
    """Four times is enough."""
    run = trainer(tmp_path)
    run.run(until=6, report_every=2)

    with pytest.raises(TrainingDiverged, match="going back did not help"):
        run.run(lambda progress: spoil(run), report_every=2)


def test_rows_that_think_on_are_left_alone():
    """Only halted rows get a new puzzle and a fresh state."""
    run = trainer(start_noise=0.0)
    run.train_step()
    run.halted_B = torch.tensor([True] + [False] * 7)
    inputs, z_H = run.rows.inputs.clone(), run.carry.z_H.clone()

    run._refresh()

    assert torch.equal(run.rows.inputs[1:], inputs[1:])
    assert torch.equal(run.carry.z_H[1:], z_H[1:])
    assert torch.equal(run.carry.z_H[0], run.network.first_carry(1).z_H[0])
    assert run.thought_B.tolist() == [0] + [1] * 7


def test_views_of_an_example_are_its_symmetric_images():
    """A drawn row is some training example, moved as one piece."""
    task = Swap()
    examples = encode(task, pairs(5))
    sampler = Sampler(examples, Augmentation.of(task, pool=20, seed=0), torch.device("cpu"))

    drawn = sampler.draw(30, 0.0, torch.Generator().manual_seed(3))

    known = {tuple(sorted(zip(*pair, strict=True))) for pair in _rows(examples)}
    assert {tuple(sorted(zip(*pair, strict=True))) for pair in _rows(drawn)} <= known


def test_revealing_shows_the_solution_and_nothing_else():
    """A revealed cell holds its target; every other cell holds the problem."""
    task = Swap()
    examples = encode(task, pairs(5))
    plain = Augmentation.of(task, pool=1, seed=0)
    sampler = Sampler(examples, plain, torch.device("cpu"))

    drawn = sampler.draw(40, 1.0, torch.Generator().manual_seed(0))

    shown = drawn.inputs == drawn.targets
    originals = {
        tuple(t.tolist()): i for i, t in zip(examples.inputs, examples.targets, strict=True)
    }
    for row, target, open_cells in zip(drawn.inputs, drawn.targets, ~shown, strict=True):
        assert torch.equal(row[open_cells], originals[tuple(target.tolist())][open_cells])
    assert 0.2 < shown.float().mean() < 0.95


class Short(Swap):
    """The same on a canvas that has room for two digits."""

    @cached_property
    def codec(self) -> GridCodec:
        return GridCodec(Cells, Cells, height=1, width=2, symbols=4)


class Cells(BaseModel):
    grid: tuple[tuple[int, ...], ...]


def test_an_example_that_does_not_fit_is_named():
    """People find the line that is wrong."""
    fits, wide = Cells(grid=((1, 2),)), Cells(grid=((1, 2, 3),))

    with pytest.raises(DataError, match="example 2: a grid of 1x3"):
        encode(Short(), [(fits, fits), (wide, wide)])
    with pytest.raises(DataError, match="no examples"):
        encode(Short(), [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"muon_lr": -1.0}, "muon_lr"),
        ({"steps": 5, "minutes": 1.0}, "either steps or minutes"),
        ({"speed": 3}, "speed"),
    ],
)
def test_a_recipe_refuses_what_it_does_not_know(tmp_path, changes, message):
    """A typo in a recipe is an error, with its name in it."""
    file = tmp_path / "recipe.toml"
    lines = [f"{key} = {value}" for key, value in changes.items()]
    file.write_text("\n".join([*lines, "[network]", "hidden_size = 32"]), "utf-8")

    with pytest.raises(ConfigError, match=message):
        Recipe.load(file)


def test_a_network_setting_that_is_unknown_is_named():
    """The network's own keys are closed too."""
    with pytest.raises(ConfigError, match="hiden_size"):
        recipe(network={"hiden_size": 3}).shape(Swap())


def test_the_rate_rises_holds_and_falls_to_zero():
    """The schedule depends on the step alone."""
    factors = [learning_rate_factor(s, 100, warmup=10, hold=0.5) for s in range(101)]

    assert factors[0] == pytest.approx(0.1)
    assert factors[9:51] == [1.0] * 42
    assert factors[75] == pytest.approx(0.5)
    assert factors[100] == 0.0
    assert steps_within(10.0, 0.3) == 33
    assert steps_within(0.1, 5.0) == 1


def _rows(examples: Examples) -> list[tuple[list[int], list[int]]]:
    assert not (examples.targets == IGNORE).any()
    return list(zip(examples.inputs.tolist(), examples.targets.tolist(), strict=True))


def test_small_steps_stay_on_one_core_and_leave_the_others_as_they_were(monkeypatch):
    """Threads that wait for one another stand still where another process is busy."""
    task = Swap()
    trainer = Trainer(task, encode(task, pairs(20)), recipe(steps=4), device="cpu")
    used: list[int] = []
    plain = trainer._segment
    monkeypatch.setattr(
        trainer, "_segment", lambda *given: used.append(torch.get_num_threads()) or plain(*given)
    )
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        trainer.train_step()
        monkeypatch.setattr(trainer, "_small", False)
        trainer.train_step()
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)

    assert used == [1, 3]


def settled(**changes: object) -> Trainer:
    made = Trainer(Swap(), encode(Swap(), pairs(30)), recipe(**changes), device="cpu")
    made.run()
    return made


def test_damping_and_noise_change_what_is_carried_and_resume_exactly(tmp_path):
    """What a search does to states, training may do, too."""
    strays = {"damping": 0.5, "start_noise": 1.0}
    plain, strayed = settled(), settled(**strays)
    assert not torch.equal(plain.carry.z_H, strayed.carry.z_H)

    examples = encode(Swap(), pairs(30))
    first = Trainer(Swap(), examples, recipe(**strays), device="cpu", root=tmp_path)
    first.run(until=6)
    second = Trainer(Swap(), examples, recipe(**strays), device="cpu", root=tmp_path)
    second.run()

    assert all(torch.equal(a, strayed.averaged()[n]) for n, a in second.averaged().items())


def test_examples_come_in_by_their_order():
    """A third at first; all of them once the share of the run is over."""
    made = Trainer(Swap(), encode(Swap(), pairs(30)), recipe(easy_first=0.5), device="cpu")
    first = {tuple(row) for row in made.sampler.examples.inputs[:10].tolist()}
    drawn = made.sampler.draw(200, 0.0, made.generator, first=1 / 3)
    made.sampler.augmentation = Augmentation.of(Swap(), pool=1, seed=0)
    drawn = made.sampler.draw(200, 0.0, made.generator, first=1 / 3)

    assert {tuple(row) for row in drawn.inputs.tolist()} <= first
    assert made.recipe.known(made.step, made.total) == pytest.approx(1 / 3)
    made.step = 6
    assert made.recipe.known(made.step, made.total) == 1.0


def test_a_shallow_start_ends_as_deep_as_the_network_says():
    network = {**recipe().network, "H_cycles": 2, "L_cycles": 3}
    made = Trainer(
        Swap(), encode(Swap(), pairs(30)), recipe(network=network, shallow_first=0.5), device="cpu"
    )
    depths = []
    for _ in range(12):
        made.train_step()
        depths.append((made.network.recurrence.H_cycles, made.network.recurrence.L_cycles))

    assert depths == [(1, 1)] * 6 + [(2, 3)] * 6


def test_weights_for_a_search_are_chosen_by_a_short_search():
    """More starts, and any segment of them, can only find more."""
    examples = encode(Swap(), pairs(30))
    made = settled(search_starts=1)
    once, _ = made.examine(examples)
    made.recipe = made.recipe.model_copy(update={"search_starts": 4})

    assert made.examine(examples)[0] >= once
