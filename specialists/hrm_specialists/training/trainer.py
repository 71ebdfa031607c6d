"""The training loop: one optimizer step is one segment of every row.

The batch is persistent: a row whose answer is ready, or whose time is up, is
replaced by a fresh example while its neighbours think on. Knows nothing of
files but checkpoints, nothing of terminals, and never sees the engine.

Source: arXiv:2506.21734 (deep supervision, ACT), arXiv:2510.04871 (TRM).
Shapes: B rows, S positions, D hidden.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hrm_specialists.contract import Task
from hrm_specialists.errors import IncompatibleCheckpoint, TrainingDiverged
from hrm_specialists.network.act import HRM, Carry
from hrm_specialists.network.flops import segment_flops
from hrm_specialists.network.hardware import (
    compiled,
    computes_in_bf16,
    keep_memory,
    one_thread,
    pick_device,
)
from hrm_specialists.training import checkpoint
from hrm_specialists.training.data import Augmentation, Examples, Sampler, on_device
from hrm_specialists.training.losses import SegmentLoss, segment_loss
from hrm_specialists.training.noise import begun, damped
from hrm_specialists.training.optim import (
    Average,
    Optimizers,
    learning_rate_factor,
    steps_within,
)
from hrm_specialists.training.progress import Counts, Pace, Progress
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.state import load_into, meta_of, tensors_of
from hrm_specialists.training.transfer import smooth, take_over
from hrm_specialists.training.workers import Workers

log = logging.getLogger(__name__)

LOWEST_RATE = 0.1
"""Times the recipe's; a run that diverges below it is given up."""
PROBE_FROM = 10
"""Steps before the first whose time turns a budget into steps: they compile and warm up."""
OFF_PLAN = 0.05
"""Share by which a planned number of steps may miss the end of the minutes."""
SMALL_STEP = 2e10
"""FLOP of a training step under which one core does it all."""


class Trainer:
    """Teach a fresh network a task.

    Args:
        task: gives sizes and symmetries.
        examples: encoded training examples.
        recipe: everything else.
        validation: unseen examples to look at from time to time.
        device: "auto", "cpu", "cuda", "mps" or a torch device string.
        root: folder for checkpoints; None to keep none.
        start: weights of another network to begin with, as far as they fit.
        clock: counts the seconds of a time budget; `time.process_time` is for
            figures that others on the same machine should not touch.
        workers: the processes that train together, each with the recipe's batch.
    """

    def __init__(
        self,
        task: Task[Any, Any],
        examples: Examples,
        recipe: Recipe,
        *,
        validation: Examples | None = None,
        device: str = "auto",
        root: Path | None = None,
        start: Mapping[str, Tensor] | None = None,
        clock: Callable[[], float] = time.monotonic,
        workers: Workers | None = None,
    ) -> None:
        self._clock, self.workers = clock, workers or Workers()
        self._ends: float | None = None
        self.recipe, self.validation, self.root = recipe, validation, root
        self.device = pick_device(device)
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.network = HRM(recipe.shape(task), self.generator)
        for tokens in () if self.network.config.symbols else getattr(task.codec, "ordered", ()):
            smooth(self.network.embed_tokens.weight, tokens)
        if start is not None:
            take_over(self.network, start)
        self.network.to(self.device)
        self.noise = torch.Generator(self.device).manual_seed(recipe.seed)
        augmentation = Augmentation.of(task, pool=recipe.symmetries, seed=recipe.seed)
        self.sampler = Sampler(examples, augmentation, self.device)
        self.optimizers = Optimizers(
            self.network,
            muon_lr=recipe.muon_lr,
            adam_lr=recipe.adam_lr,
            muon_decay=recipe.muon_decay,
            adam_decay=recipe.adam_decay,
        )
        self.average = Average(self.network.parameters(), recipe.ema)
        self._bf16 = recipe.precision == "bf16" or (
            recipe.precision == "auto" and computes_in_bf16(self.device)
        )
        self._segment = compiled(self._plain_segment) if recipe.compile else self._plain_segment
        work = 3 * recipe.batch * segment_flops(self.network.config)
        self._small = self.device.type == "cpu" and work < SMALL_STEP
        if self.device.type == "cpu":
            keep_memory()
        self.step = 0
        self.total = recipe.steps
        self.rate = 1.0
        self._pace = Pace()
        self.curve: list[dict[str, float | int | None]] = []
        self.last_validation: float | None = None
        self.best_validation = -1.0
        self.best: dict[str, Tensor] = {}
        B = recipe.batch
        self.carry = self.network.first_carry(B)
        self.rows = self._draw()
        self.thought_B = torch.zeros(B, dtype=torch.int64, device=self.device)
        self.at_least_B = torch.zeros_like(self.thought_B)
        self.halted_B = torch.ones(B, dtype=torch.bool, device=self.device)
        self.counts = Counts()

    @property
    def all_rows(self) -> int:
        """Rows of one step over all processes."""
        return self.recipe.batch * self.workers.size

    def _draw(self) -> Examples:
        own = self.workers.own(self.all_rows)
        return self.sampler.draw(
            self.all_rows,
            self.recipe.revealed(self.step, self.total),
            self.generator,
            first=self.recipe.known(self.step, self.total),
            own=own,
        )

    def run(
        self,
        report: Callable[[Progress], None] | None = None,
        *,
        report_every: int = 20,
        until: int | None = None,
    ) -> None:
        """Train to the end of the recipe, or to step `until`.

        Resumes from the newest checkpoint under `root`, if there is one.
        Interrupting it (KeyboardInterrupt) writes a checkpoint and passes on.

        Raises:
            TrainingDiverged: the loss is no longer finite, and neither returning to
                a checkpoint nor a smaller rate helped.
            IncompatibleCheckpoint: the checkpoint belongs to another recipe.
        """
        self.resume()
        with self.workers.interrupts() as self._interrupted:
            self._run_on(report, report_every, until)

    def _run_on(
        self, report: Callable[[Progress], None] | None, report_every: int, until: int | None
    ) -> None:
        try:
            while not self.done and (until is None or self.step < until):
                try:
                    self._run(report, report_every, until)
                except TrainingDiverged:
                    self._roll_back()
        except KeyboardInterrupt:
            self.save()
            raise
        self.save()

    def _run(
        self, report: Callable[[Progress], None] | None, report_every: int, until: int | None
    ) -> None:
        saved = now = self._clock()
        if self.recipe.minutes is not None and self.total is None:
            self._ends = now + 60 * self.recipe.minutes
        probe_at, probe_start = self.step + PROBE_FROM, now
        while not self.done and (until is None or self.step < until):
            self.train_step()
            now = self._clock()
            if self.step == probe_at:
                probe_start = now
            if self.step % report_every == 0 and self.step > probe_at:
                self._replan(now, (now - probe_start) / (self.step - probe_at))
            together = self.workers.size == 1 or self.step % report_every == 0
            if together and self._ends is not None and self.workers.leaders(now >= self._ends):
                self.total = self.step
            if together and self.workers.any(self._interrupted.is_set()):
                raise KeyboardInterrupt
            if self.step % report_every == 0 or self.done:
                self._report(report, now)
            if self.validation is not None and (
                self.step % self.recipe.evaluate_every == 0 or self.done
            ):
                self._validate(self.validation)
            due = now - saved >= self.recipe.checkpoint_seconds
            if together and self.workers.leaders(due):
                self.save()
                saved = self._clock()

    def _replan(self, now: float, per_step: float) -> None:
        """Turn what is left of the minutes into steps, by the pace of the steps so far.

        A plan that is about right stays, so that the learning rate falls as planned.
        """
        if self._ends is None:
            return
        pace = self._pace.seconds_per_step or per_step
        total = self.step + int(self.workers.leaders(steps_within(self._ends - now, pace)))
        if self.total is None or abs(total - self.total) > OFF_PLAN * self.total:
            self.total = total

    def _roll_back(self) -> None:
        """Return to the last checkpoint, at half the learning rate from there on.

        Raises:
            TrainingDiverged: there is no checkpoint, or this did not help before.
        """
        rate = self.rate / 2
        if rate < LOWEST_RATE or not self.resume():
            raise TrainingDiverged(
                f"the loss is not finite at step {self.step}, and going back did not help; "
                "a smaller learning rate or precision fp32 usually does"
            )
        self.rate = min(rate, self.rate / 2)
        log.warning(
            "the loss was no longer finite: back to step %d, learning rate times %g",
            self.step,
            self.rate,
        )

    @property
    def done(self) -> bool:
        """Whether the recipe is over."""
        return self.total is not None and self.step >= self.total

    def train_step(self) -> None:
        """Refresh finished rows, think one segment, learn from it."""
        with one_thread(self._small):
            self._train_step()

    def _train_step(self) -> None:
        self._refresh()
        thought, failure = None, torch.OutOfMemoryError("another process ran out of memory")
        states = self.carry.z_H, self.carry.z_L
        try:
            self._deepen(shallow=self.step < self.recipe.shallow_first * (self.total or 10**9))
            thought = self._segment(*states, self.rows.inputs, self.rows.targets)
            torch.autograd.backward(thought[2].loss)
        except torch.OutOfMemoryError as error:
            thought, failure = None, error
        failed = self.workers.average_gradients(self.network.parameters(), failed=thought is None)
        if failed or thought is None:
            raise failure
        z_H, z_L, losses, q_B = thought
        factor = self.rate * learning_rate_factor(
            self.step,
            self.total or 10**9,
            warmup=self.recipe.warmup,
            hold=self.recipe.hold,
        )
        self.optimizers.step(factor, self.recipe.clip)
        self.average.update()
        self.carry = Carry(
            damped(self.recipe.damping, z_H, states[0]), damped(self.recipe.damping, z_L, states[1])
        )
        self.thought_B = self.thought_B + 1
        limit = self.network.config.halt_max_steps
        ready_B = (q_B > 0) & (self.thought_B >= self.at_least_B)
        self.halted_B = ready_B | (self.thought_B >= limit)
        self.counts.add(losses, self.halted_B, self.thought_B)
        self.step += 1

    @torch.no_grad()
    def examine(self, examples: Examples, *, batch: int = 64) -> tuple[float, float]:
        """Exact accuracy after a full pass or a short search, and the loss of its last segment.

        Both are those of the averaged weights.
        """
        self._deepen(shallow=False)
        noise = torch.Generator(self.device).manual_seed(self.recipe.seed)
        right, loss = 0, 0.0
        with one_thread(self._small), self.average.in_use():
            for at in range(0, len(examples), batch):
                inputs = examples.inputs[at : at + batch].to(self.device)
                targets = examples.targets[at : at + batch].to(self.device)
                last, ever_B = self._pass(inputs, targets, None)
                right_B = last.right_B
                for _ in range(self.recipe.search_starts - 1):
                    right_B = right_B | ever_B | self._pass(inputs, targets, noise)[1]
                right += int(right_B.sum())
                loss += float(last.loss) * len(inputs)
        return right / len(examples), loss / len(examples)

    def _pass(
        self, inputs: Tensor, targets: Tensor, noise: torch.Generator | None
    ) -> tuple[SegmentLoss, Tensor]:
        """The last segment of a pass, and which rows were right at any of them."""
        carry = self.network.first_carry(len(inputs))
        z_H, z_L = carry.z_H, carry.z_L
        if noise is not None:
            z_H, z_L = (
                z + torch.randn(z.shape, generator=noise, device=self.device) for z in (z_H, z_L)
            )
        ever_B = torch.zeros(len(inputs), dtype=torch.bool, device=self.device)
        z_H, z_L, losses, _q = self._plain_segment(z_H, z_L, inputs, targets)
        for _ in range(self.network.config.halt_max_steps - 1):
            ever_B |= losses.right_B
            z_H, z_L, losses, _q = self._plain_segment(z_H, z_L, inputs, targets)
        return losses, ever_B | losses.right_B

    def _validate(self, examples: Examples) -> None:
        self.last_validation = self.examine(examples)[0]
        if self.last_validation >= self.best_validation:
            self.best_validation, self.best = self.last_validation, self.averaged()

    def result(self) -> dict[str, Tensor]:
        """The weights to ship: the best on the validation examples, else the last."""
        return self.best or self.averaged()

    def averaged(self) -> dict[str, Tensor]:
        """The averaged weights as they are now, under the network's names, on the CPU."""
        with self.average.in_use():
            return {n: t.detach().cpu().clone() for n, t in self.network.state_dict().items()}

    def save(self) -> None:
        """Write a checkpoint with all that the next step depends on.

        Raises:
            TrainingDiverged: there is nothing worth keeping.
        """
        self._check_finite()
        if self.root is None:
            return
        tensors = tensors_of(self)
        if self.workers.leads:
            checkpoint.save(self.root, self.step, tensors, meta_of(self))
        self.workers.leaders(None)  # nobody goes on before it is written

    def resume(self) -> bool:
        """Take up the newest checkpoint; False if there is none."""
        found = checkpoint.load_latest(self.root) if self.root is not None else None
        if found is None:
            return False
        tensors, meta = found
        if meta["recipe"] != self.recipe.lasting():
            raise IncompatibleCheckpoint(
                f"the checkpoint in {self.root} belongs to another recipe; "
                "use a fresh folder, or the recipe it was started with"
            )
        load_into(self, tensors, meta)
        return True

    def _plain_segment(
        self, z_H: Tensor, z_L: Tensor, inputs: Tensor, targets: Tensor
    ) -> tuple[Tensor, Tensor, SegmentLoss, Tensor]:
        with self._autocast():
            carry, thinking = self.network(Carry(z_H, z_L), self.network.embed(inputs))
        losses = segment_loss(
            thinking,
            targets,
            kind=self.recipe.loss,
            q_weight=self.recipe.q_weight,
            commit=self.recipe.commit,
        )
        return carry.z_H, carry.z_L, losses, thinking.q_halt_logits.detach()

    def _autocast(self) -> AbstractContextManager[Any]:
        if not self._bf16:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    def _deepen(self, *, shallow: bool) -> None:
        config, recurrence = self.network.config, self.network.recurrence
        recurrence.H_cycles = 1 if shallow else config.H_cycles
        recurrence.L_cycles = 1 if shallow else config.L_cycles

    def _refresh(self) -> None:
        """Put fresh examples into halted rows, in fixed shapes and without waiting."""
        B = self.recipe.batch
        fresh, every, own = self._draw(), self.all_rows, self.workers.own(self.all_rows)
        explore = torch.rand(every, generator=self.generator) < self.recipe.exploration
        limit = self.network.config.halt_max_steps
        longest = max(limit, 2) + 1
        at_least = torch.randint(2, longest, (every,), generator=self.generator) * explore
        halted, halted_rows = self.halted_B, self.halted_B[:, None]
        self.rows = Examples(
            torch.where(halted_rows, fresh.inputs, self.rows.inputs),
            torch.where(halted_rows, fresh.targets, self.rows.targets),
        )
        first = self.network.first_carry(B)
        z_H, z_L = first.z_H, first.z_L
        if self.recipe.start_noise:
            z_H, z_L = begun(self, z_H), begun(self, z_L)
        states = halted[:, None, None]
        self.carry = Carry(
            torch.where(states, z_H, self.carry.z_H), torch.where(states, z_L, self.carry.z_L)
        )
        self.thought_B = torch.where(halted, 0, self.thought_B)
        self.at_least_B = torch.where(
            halted, on_device(at_least[own], self.device), self.at_least_B
        )

    def _report(self, report: Callable[[Progress], None] | None, now: float) -> None:
        self._check_finite()
        counts = self.counts.over(self.workers)
        steps, values = counts.steps, counts.values.tolist()
        self.counts = Counts()
        finished = max(values[2], 1.0)
        self._pace.note(now, steps)
        progress = Progress(
            step=self.step,
            total=self.total,
            seconds_left=None if self.total is None else self._pace.left(self.total - self.step),
            loss=values[0] / steps,
            accuracy=values[1] / steps,
            exact_accuracy=values[3] / finished,
            segments=values[4] / finished,
            validation=self.last_validation,
        )
        point = asdict(progress)
        del point["seconds_left"], point["total"]
        self.curve.append(point)
        if report is not None and self.workers.leads:
            report(progress)

    def _check_finite(self) -> None:
        if self.workers.any(not self.counts.finite):
            raise TrainingDiverged(f"the loss is not finite at step {self.step}")
