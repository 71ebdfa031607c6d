"""What a checkpoint of a trainer holds, and how one is taken up again.

Knows nothing of files or steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor

from hrm_specialists.errors import IncompatibleCheckpoint
from hrm_specialists.network.act import Carry
from hrm_specialists.training.data import Examples
from hrm_specialists.training.progress import Counts

if TYPE_CHECKING:
    from hrm_specialists.training.trainer import Trainer


def meta_of(trainer: Trainer) -> dict[str, Any]:
    """Plain facts of where a run stands."""
    return {
        "recipe": trainer.recipe.lasting(),
        "step": trainer.step,
        "total": trainer.total,
        "rate": trainer.rate,
        "ema_updates": trainer.average.updates,
        "counted": trainer.counts.steps,
        "validation": trainer.last_validation,
        "best_validation": trainer.best_validation,
        "curve": trainer.curve,
    }


def tensors_of(trainer: Trainer) -> dict[str, Tensor]:
    """All tensors that the next step depends on, rows of all processes together."""
    names = [name for name, _ in trainer.network.named_parameters()]
    return {
        **{f"network.{n}": t for n, t in trainer.network.state_dict().items()},
        **{f"average.{n}": t for n, t in zip(names, trainer.average.mean, strict=True)},
        **{f"optimizer.{n}": t for n, t in trainer.optimizers.tensors().items()},
        **{f"best.{n}": t for n, t in trainer.best.items()},
        **{n: trainer.workers.gather(t) for n, t in _row_tensors(trainer).items()},
        "counts": trainer.workers.gather(trainer.counts.values[None]),
        "generator": trainer.generator.get_state(),
        "noise": trainer.noise.get_state(),
    }


def _row_tensors(trainer: Trainer) -> dict[str, Tensor]:
    return {
        "rows.inputs": trainer.rows.inputs,
        "rows.targets": trainer.rows.targets,
        "carry.z_H": trainer.carry.z_H,
        "carry.z_L": trainer.carry.z_L,
        "thought": trainer.thought_B,
        "at_least": trainer.at_least_B,
        "halted": trainer.halted_B,
    }


def load_into(trainer: Trainer, tensors: dict[str, Tensor], meta: dict[str, Any]) -> None:
    """Put a trainer where `tensors_of` and `meta_of` left another."""

    def part(prefix: str) -> dict[str, Tensor]:
        return {n[len(prefix) :]: t for n, t in tensors.items() if n.startswith(prefix)}

    if len(tensors["halted"]) != trainer.all_rows:
        raise IncompatibleCheckpoint(
            f"the checkpoint in {trainer.root} has {len(tensors['halted'])} rows, and "
            f"{trainer.workers.size} process(es) have {trainer.all_rows}: "
            "go on with as many processes as it was started with"
        )
    own = trainer.workers.own(trainer.all_rows)
    mine = {name: tensors[name][own] for name in _row_tensors(trainer)}
    here = {name: tensor.to(trainer.device) for name, tensor in (tensors | mine).items()}
    trainer.network.load_state_dict(part("network."))
    averaged = part("average.")
    for (name, _), mean in zip(
        trainer.network.named_parameters(), trainer.average.mean, strict=True
    ):
        mean.copy_(averaged[name])
    trainer.average.updates = meta["ema_updates"]
    trainer.optimizers.load(part("optimizer."))
    trainer.rows = Examples(here["rows.inputs"], here["rows.targets"])
    trainer.carry = Carry(here["carry.z_H"], here["carry.z_L"])
    trainer.thought_B, trainer.at_least_B = here["thought"], here["at_least"]
    trainer.halted_B = here["halted"]
    trainer.counts = Counts(meta["counted"], here["counts"][trainer.workers.rank])
    trainer.generator.set_state(tensors["generator"])
    trainer.noise.set_state(tensors["noise"])
    trainer.step, trainer.total, trainer.rate = meta["step"], meta["total"], meta["rate"]
    trainer.curve, trainer.last_validation = meta["curve"], meta["validation"]
    trainer.best_validation, trainer.best = meta["best_validation"], part("best.")
