"""The only caller of the network: device, dtype, states, batches, graphs.

Holds the states of many rows in numbered slots. Which slots think next is the
scheduler's choice; rows are gathered, think one segment in a few fixed shapes and
are put back, so a row never depends on its company. Knows nothing of tasks,
checkers or callers.

Shapes: C slots, B rows, S positions, D hidden.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hrm_specialists.engine.graphs import GraphedSegment
from hrm_specialists.engine.lanes import Lanes, keep_to_one_thread
from hrm_specialists.engine.prepared import Prepared
from hrm_specialists.errors import (
    ConfigError,
    DeviceUnavailable,
    SpecialistCrashed,
    SpecialistError,
    SpecialistOutOfMemory,
)
from hrm_specialists.network.act import HRM, Carry
from hrm_specialists.network.flops import segment_flops
from hrm_specialists.network.hardware import computes_in_bf16, pick_device


@dataclass(frozen=True, slots=True)
class Placement:
    """A row to begin: its slot, its puzzle and the state it starts from."""

    slot: int
    tokens: Sequence[int]
    noise: float = 0.0
    """Deviation of the noise on the initial states."""
    seed: int = 0
    """Decides the noise, whatever else is in the batch."""
    damping: float = 0.0
    """Share of the old states kept over each segment."""
    opens: bool = False
    """Whether its first segment is the runner's short one, if it has one."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What one segment answered, row for row; plain Python, off the device."""

    answers: list[list[int]]
    """The likeliest token at each position; never padding."""
    scores: list[float]
    """Halting confidence, the sigmoid of `q_halt_logits`."""
    finite: list[bool]
    """False where NaN or infinity came out."""


@dataclass(frozen=True, slots=True)
class Passes(Segment):
    """What the last segment of each row answered, and how many there were."""

    segments: list[int]


CROWD = 1024
"""Positions that think together where many rows pass at once: more leave the cache."""


class Runner:
    """A network with room for many rows; used by one thread at a time.

    Args:
        network: fp32, on the CPU; its weights are moved or copied, and it must
            not be used elsewhere afterwards.
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        batch: most rows that think together, at least 2; the device's default if None.
        lanes: threads that think about rows of their own, on a CPU; by the size
            of the network and torch's number of threads if None.
        dtype: of the products; the device's fastest that is precise enough if
            None. States on a CPU stay in fp32, and so do networks with attention.
        first_steps: working steps of the first segment of rows that open, on a CPU without
            attention; in fp32, which is faster there than bf16 for one row. 0 for all.

    Raises:
        DeviceUnavailable: there is no such device.
        ConfigError: the batch is too small.
    """

    def __init__(
        self,
        network: HRM,
        *,
        device: str = "auto",
        batch: int | None = None,
        lanes: int | None = None,
        dtype: torch.dtype | None = None,
        first_steps: int = 0,
    ) -> None:
        self.device = pick_device(device)
        on_cpu = self.device.type == "cpu"
        fastest = torch.bfloat16 if computes_in_bf16(self.device) else torch.float32
        self.dtype = torch.float32 if on_cpu else dtype or fastest
        small = segment_flops(network.config) < SMALL
        self._lanes = Lanes(lanes or (torch.get_num_threads() if on_cpu and small else 1))
        self._small = small
        self.batch = (8 * self._lanes.count if on_cpu else 64) if batch is None else batch
        if self.batch < 2:
            raise ConfigError(f"batch {self.batch} is too small; use 2 or more")
        if not on_cpu:
            self.waves = (16, 16)  # that many take hardly longer than one
        else:
            self.waves = (2, self.batch) if small else (1, 1)
        """Starts of a search's first wave and of its widest; see `Search`. On one core,
        eight small rows together take half the time of eight one by one."""
        self.shapes = _shapes(min(8, self.batch) if on_cpu else self.batch)
        self.config = network.config
        self._network = network.eval().requires_grad_(False).to(self.device, self.dtype)
        prepared = on_cpu and Prepared.fits(network)
        self._prepared = Prepared(network, dtype or fastest) if prepared else None
        short = prepared and first_steps
        self._opening = Prepared(network, torch.float32, steps=first_steps) if short else None
        self._opens: set[int] = set()
        """Slots whose next segment is the short one, alike in every company."""
        slots = 2 * self.batch + 1  # the last one is never placed; padding thinks there
        shape = (slots, self.config.positions)
        D, wide = self.config.hidden_size, self.config.injected_size
        with torch.inference_mode():
            self._first = self._network.first_carry(1)
            self._z_H, self._z_L, self._x = (
                torch.zeros(*shape, size, device=self.device, dtype=self.dtype)
                for size in (D, D, wide)
            )
            self._damping = torch.zeros(slots, 1, 1, device=self.device, dtype=self.dtype)
        self._damped: set[int] = set()
        """Slots whose `_damping` is not zero."""
        self._graphs: dict[int, GraphedSegment] = {}

    @property
    def slots(self) -> int:
        """Rows that can be held, numbered from 0."""
        return 2 * self.batch

    @torch.inference_mode()
    def place(self, placements: Sequence[Placement]) -> None:
        """Begin rows in their slots; whatever was there is gone."""
        if not placements:
            return
        tokens = torch.tensor([list(p.tokens) for p in placements], device=self.device)
        x = self._network.embed(tokens)
        at: Tensor | int = placements[0].slot
        if len(placements) > 1:
            at = torch.tensor([p.slot for p in placements], device=self.device)
        self._x[at] = x if len(placements) > 1 else x[0]
        self._z_H[at], self._z_L[at] = self._first.z_H[0], self._first.z_L[0]
        for p in placements:
            if p.noise:
                drawn = torch.Generator().manual_seed(p.seed)
                noise = torch.randn(2, *self._z_H.shape[1:], generator=drawn)
                if self._z_H.is_cuda:
                    noise = noise.pin_memory()
                for state, one in zip((self._z_H, self._z_L), noise, strict=True):
                    state[p.slot].add_(one.to(state, non_blocking=True), alpha=p.noise)
            if p.damping or p.slot in self._damped:
                self._damping[p.slot] = p.damping
            (self._damped.add if p.damping else self._damped.discard)(p.slot)
            opens = p.opens and self._opening is not None
            (self._opens.add if opens else self._opens.discard)(p.slot)

    @torch.inference_mode()
    def think(self, slots: Sequence[int]) -> Segment:
        """Think one segment of the rows in these slots, at most `batch` of them."""
        return self._think_graphed(slots) if self.device.type == "cuda" else self._spread(slots)

    @torch.inference_mode()
    def passes(self, tokens: Sequence[Sequence[int]], segments: int) -> Passes | None:
        """Think plain first passes in no slot, many rows at once, each until it halts.

        Any thread may call it, whoever else uses the runner. Batches are of few sizes, so
        that few buffers are kept; rows that halted leave, and copies of the first fill up.

        Args:
            tokens: puzzles, `[N, S]`.
            segments: of a row, at most.

        Returns:
            None on a GPU, and for networks with attention.
        """
        if self._prepared is None:
            return None
        most = max(2, 1 << (CROWD // self.config.positions).bit_length())
        parts = [
            self._pass(self._prepared, torch.tensor(tokens[at : at + most]), segments)
            for at in range(0, len(tokens), most)
        ]
        return Passes(
            [row for part in parts for row in part.answers],
            [score for part in parts for score in part.scores],
            [fine for part in parts for fine in part.finite],
            [count for part in parts for count in part.segments],
        )

    def _pass(self, prepared: Prepared, tokens: Tensor, segments: int) -> Passes:
        count, turned = len(tokens), prepared.positions_first
        x = self._network.embed(tokens)
        z_H, z_L = (
            first.expand(count, *first.shape[1:]) for first in (self._first.z_H, self._first.z_L)
        )
        left = torch.arange(count)
        answers = torch.zeros(count, self.config.seq_len, dtype=torch.long)
        scores, sums = torch.zeros(count), torch.zeros(count)
        spent = torch.zeros(count, dtype=torch.long)
        going = torch.arange(count)
        for _ in range(segments):
            size = 1 << (len(going) - 1).bit_length()
            filled = torch.cat([going, going[:1].expand(size - len(going))])
            z_H, z_L, x = (state[filled] for state in (z_H, z_L, x))
            if turned:
                z_H, z_L, x = (state.transpose(0, 1).contiguous() for state in (z_H, z_L, x))
            logits, q = prepared.segment(z_H, z_L, x)
            if turned:
                logits, z_H, z_L, x = (s.transpose(0, 1) for s in (logits, z_H, z_L, x))
            logits, q, left = logits[: len(going)], q[: len(going)], left[going]
            answers[left] = logits.argmax(-1) + 1
            scores[left], sums[left] = q.sigmoid(), logits.sum((1, 2)) + q
            spent[left] += 1
            going = torch.nonzero((q.sigmoid() <= 0.5) & sums[left].isfinite())[:, 0]
            if not len(going):
                break
        finite = list(map(math.isfinite, sums.tolist()))
        return Passes(answers.tolist(), scores.tolist(), finite, spent.tolist())

    def _spread(self, slots: Sequence[int]) -> Segment:
        """Think in chunks, on as many lanes as there are; rows that open apart from the rest."""
        opening = [slot for slot in slots if slot in self._opens]
        rest = [slot for slot in slots if slot not in self._opens]
        chunks = [*self._chunks(opening), *self._chunks(rest)]
        said = {
            slot: one
            for chunk, part in zip(chunks, self._lanes.map(self._think, chunks), strict=True)
            for slot, *one in zip(chunk, part.answers, part.scores, part.finite, strict=True)
        }
        self._opens.difference_update(opening)
        answers, scores, finite = zip(*(said[slot] for slot in slots), strict=True)
        return Segment(list(answers), list(scores), list(finite))

    def own_thread(self) -> None:
        """Call once in the thread that will use this runner, before anybody waits for it."""
        if self.device.type == "cpu" and self._small:
            keep_to_one_thread()
        if self.device.type == "cuda":
            self.warm()  # a graph that is captured while others are served may fail

    def close(self) -> None:
        """Let go of the threads and graphs."""
        self._lanes.close()
        self._graphs.clear()

    @torch.inference_mode()
    def warm(self) -> None:
        """Pay for first use now: allocations, and graphs where there are any."""
        for size in self.shapes:
            self.think([self.slots] * size)

    def _chunks(self, slots: Sequence[int]) -> list[Sequence[int]]:
        """Cut into the fixed shapes without padding: 7 rows are 4 + 2 + 1.

        With more lanes the chunks are smaller, so that every lane has one.
        """
        share = -(-len(slots) // self._lanes.count)
        most = min((shape for shape in self.shapes if shape >= share), default=self.shapes[-1])
        chunks, at = [], 0
        while at < len(slots):
            left = min(most, len(slots) - at)
            size = max(shape for shape in self.shapes if shape <= left)
            chunks.append(slots[at : at + size])
            at += size
        return chunks

    @torch.inference_mode()  # a lane has its own mode
    def _think(self, slots: Sequence[int]) -> Segment:
        if self._prepared is None:
            at = torch.tensor(slots, device=self.device)
            return unpack(read(*self._segment(at)).cpu(), len(slots))
        prepared = self._prepared
        if self._opening is not None and slots[0] in self._opens:
            prepared = self._opening
        states = (self._z_H, self._z_L, self._x)
        turned = prepared.positions_first
        damped = not self._damped.isdisjoint(slots)
        if len(slots) == 1 and not damped:  # thinks where it stands
            z_H, z_L, x = (state[slots[0]].unsqueeze(int(turned)) for state in states)
            logits, q = prepared.segment(z_H, z_L, x)
        else:
            at = torch.tensor(slots)
            z_H, z_L, x = (state[at] for state in states)
            if turned:
                z_H, z_L, x = (state.transpose(0, 1).contiguous() for state in (z_H, z_L, x))
            logits, q = prepared.segment(z_H, z_L, x)
            for state, new in ((self._z_H, z_H), (self._z_L, z_L)):
                new = new.transpose(0, 1) if turned else new
                state[at] = torch.lerp(new, state[at], self._damping[at]) if damped else new
        logits = logits.transpose(0, 1) if turned else logits
        sums = (logits.sum((1, 2)) + q).tolist()
        answers = logits.argmax(-1).add_(1)
        return Segment(answers.tolist(), q.sigmoid().tolist(), list(map(math.isfinite, sums)))

    def _segment(self, at: Tensor) -> tuple[Tensor, Tensor]:
        """Think one segment of the rows `at`, in place; `[B, S, V]` and `[B]` logits."""
        z_H, z_L, damping = self._z_H[at], self._z_L[at], self._damping[at]
        carry, thinking = self._network(Carry(z_H, z_L), self._x[at])
        # Part of one graph on CUDA, whatever is damped.
        self._z_H[at] = torch.lerp(carry.z_H, z_H, damping)
        self._z_L[at] = torch.lerp(carry.z_L, z_L, damping)
        return thinking.logits, thinking.q_halt_logits

    def _think_graphed(self, slots: Sequence[int]) -> Segment:
        size = min(shape for shape in self.shapes if shape >= len(slots))
        graph = self._graphs.get(size)
        if graph is None:
            graph = self._graphs[size] = GraphedSegment(
                lambda at: read(*self._segment(at)),
                size,
                spare=self.slots,
                device=self.device,
            )
        return unpack(graph(slots), len(slots))


SMALL = 2e9
"""FLOP of a row's segment under which one core per row beats all cores on one."""


def read(logits_BSV: Tensor, q_B: Tensor) -> Tensor:
    """Pack answers, scores and finiteness into one fp32 tensor `[B, S + 2]`."""
    answers = logits_BSV[..., 1:].argmax(-1) + 1
    # A sum is finite only if everything in it is; infinities cannot cancel to a number.
    fine = torch.isfinite(logits_BSV.float().sum((1, 2)) + q_B)
    extra = torch.stack([q_B.float().sigmoid(), fine.float()], 1)
    return torch.cat([answers.float(), extra], 1)


def unpack(packed: Tensor, rows: int) -> Segment:
    """The first `rows` rows of what `read` packed, as plain Python."""
    packed = packed[:rows]
    return Segment(
        packed[:, :-2].int().tolist(), packed[:, -2].tolist(), packed[:, -1].bool().tolist()
    )


def _shapes(batch: int) -> tuple[int, ...]:
    """1, 2, 4, 8 … up to `batch`."""
    return tuple(sorted({batch, *(2**k for k in range(batch.bit_length()) if 2**k <= batch)}))


def translate(error: BaseException) -> SpecialistError:
    """One of our errors for whatever a network or a device raised, cause chained."""
    text = str(error)
    wrapped: SpecialistError
    if isinstance(error, SpecialistError):
        return error
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "allocate memory" in text:
        wrapped = SpecialistOutOfMemory(
            f"out of memory while thinking: {text}; try a smaller batch or the CPU"
        )
    elif isinstance(error, torch.AcceleratorError):
        wrapped = DeviceUnavailable(f"the device was lost: {text}; load the specialist again")
    else:
        wrapped = SpecialistCrashed(f"{type(error).__name__}: {text}")
    wrapped.__cause__ = error
    return wrapped
