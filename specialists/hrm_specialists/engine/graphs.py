"""A segment as one CUDA graph: launched once, without waiting on the host.

Slot numbers go in and packed answers come out through static, pinned buffers.
Knows nothing of what a segment computes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

_capturing = threading.Lock()
"""One capture at a time in this process: each thinks it has the device to itself."""


class GraphedSegment:
    """One batch shape's segment, captured on construction.

    Args:
        segment: slot numbers `[size]` on the device to packed answers
            `[size, …]`; must change nothing but the states of those slots.
        size: rows of this shape.
        spare: a slot for rows that are padding; it also takes the warm-up.
        device: a CUDA device.
    """

    def __init__(
        self, segment: Callable[[Tensor], Tensor], size: int, *, spare: int, device: torch.device
    ) -> None:
        self._spare = spare
        self._device = device
        self._host_slots = torch.full((size,), spare, dtype=torch.int64).pin_memory()
        self._slots = self._host_slots.to(device)
        self._graph = torch.cuda.CUDAGraph()
        with _capturing, torch.cuda.device(device):
            self._capture(segment)

    def _capture(self, segment: Callable[[Tensor], Tensor]) -> None:
        # Capture needs library handles and workspaces to exist already, on a side stream.
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                segment(self._slots)
        torch.cuda.current_stream().wait_stream(side)
        # Others may allocate meanwhile; what this thread does not do does not break its capture.
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._packed = segment(self._slots)
        self._host_packed = torch.empty(
            self._packed.shape, dtype=self._packed.dtype, pin_memory=True
        )
        self._done = torch.cuda.Event()  # type: ignore[no-untyped-call]

    def __call__(self, slots: Sequence[int]) -> Tensor:
        """Think these slots; the packed answers, on the host, until the next call."""
        self._host_slots.fill_(self._spare)
        self._host_slots[: len(slots)] = torch.tensor(slots)
        with torch.cuda.device(self._device):
            self._slots.copy_(self._host_slots, non_blocking=True)
            self._graph.replay()
            self._host_packed.copy_(self._packed, non_blocking=True)
            self._done.record()
            self._done.synchronize()
        return self._host_packed
