"""Several processes training one network, as `torchrun` starts them; or one alone.

Every process draws the whole batch from the same generator and keeps its own
slice, so that what is learned does not depend on how many there are. What one
of them decides or suffers (no memory, no number, no more time) is told to all,
for a process that goes its own way leaves the others waiting forever.
Knows nothing of networks.
"""

from __future__ import annotations

import atexit
import importlib
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

PATIENCE = timedelta(days=2)
"""After which a process that hears nothing of the others gives up. Long, for while the
first one tries recipes or measures the others wait; torchrun ends them all if one dies."""


@dataclass(frozen=True, slots=True)
class Workers:
    """This process among its peers. Methods without effect where there is but one."""

    rank: int = 0
    size: int = 1

    @classmethod
    def join(cls) -> Workers:
        """Meet the other processes that torchrun started, if it did."""
        if int(os.environ.get("WORLD_SIZE", "1")) < 2 or not dist.is_available():
            return cls()
        if not dist.is_initialized():
            gpus = torch.cuda.is_available()
            if gpus:
                torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
            # Imported later, by the optimiser for one, its default arguments would hold the
            # group for good.
            importlib.import_module("torch.distributed.nn.functional")
            dist.init_process_group("cpu:gloo,cuda:nccl" if gpus else "gloo", timeout=PATIENCE)
            # Nobody may hold it then: its threads end with it, and one that still drops a
            # tensor while the interpreter ends aborts a process whose work is done.
            atexit.register(dist.destroy_process_group)
        return cls(dist.get_rank(), dist.get_world_size())

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    @contextmanager
    def interrupts(self) -> Iterator[Event]:
        """An event that Ctrl-C or a polite kill sets; alone, Ctrl-C raises as always.

        Processes must stop at the same step, so they ask each other first.
        """
        event = Event()
        if self.size == 1:
            yield event
            return
        kinds = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(kind, lambda *_: event.set()) for kind in kinds]
        try:
            yield event
        finally:
            for kind, handler in zip(kinds, before, strict=True):
                signal.signal(kind, handler)

    def own(self, rows: int) -> slice:
        """This process's part of a batch of `rows` in all."""
        each = rows // self.size
        return slice(self.rank * each, (self.rank + 1) * each)

    def average_gradients(self, parameters: Iterable[Tensor], *, failed: bool = False) -> bool:
        """Replace all gradients by their mean over the processes.

        Args:
            parameters: whose gradients; one without counts as zero.
            failed: this process could not compute its own.

        Returns:
            Whether any process failed.
        """
        if self.size == 1:
            return failed
        known = list(parameters)
        parts = [torch.zeros_like(p) if failed or p.grad is None else p.grad for p in known]
        flag = parts[0].new_full((1,), float(failed))
        flat = torch.cat([*(part.flatten() for part in parts), flag])
        dist.all_reduce(flat)
        at = 0
        for parameter, part in zip(known, parts, strict=True):
            parameter.grad = (flat[at : at + part.numel()] / self.size).view_as(part)
            at += part.numel()
        return bool(flat[-1] > 0)

    def sum(self, values: Tensor) -> Tensor:
        """Sums over all processes."""
        if self.size == 1:
            return values
        total = values.detach().clone()
        dist.all_reduce(total)
        return total

    def any(self, flag: bool) -> bool:
        """Whether any process says so."""
        return flag if self.size == 1 else bool(self.sum(torch.tensor(float(flag))) > 0)

    def leaders(self, value: Any) -> Any:
        """The first process's value, plain data, for all."""
        if self.size == 1:
            return value
        box = [value]
        dist.broadcast_object_list(box, src=0)
        return box[0]

    def gather(self, rows: Tensor) -> Tensor:
        """The slices of all processes, one after the other."""
        if self.size == 1:
            return rows
        plain = rows.detach().contiguous()
        wide = plain.to(torch.uint8) if plain.dtype == torch.bool else plain
        parts = [torch.empty_like(wide) for _ in range(self.size)]
        dist.all_gather(parts, wide)
        return torch.cat(parts).to(rows.dtype)
