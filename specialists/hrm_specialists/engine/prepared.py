"""One segment of a network, arranged for a CPU in eager mode.

Computes what `HRM.forward` computes, to rounding, for networks that mix positions
without attention. States lie as their mixer reads them, and everything is a few
large products, without a single transpose, in buffers that are kept. Where the CPU
multiplies bf16 natively the products run in it, at twice the speed; states, sums
and norms stay in fp32. No gradients.

Shapes: S positions, B rows, D hidden, I inner width.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.layers import Block, Level, SwiGLU
from hrm_specialists.network.relations import LOUDNESS, members, token_logits


@dataclass(frozen=True, slots=True)
class _Layer:
    """A block: how its positions hear of each other, and the MLP over its channels."""

    mixer: Mixer
    channels: Gated


class Prepared:
    """The prepared form of one network; each thread has buffers of its own.

    Args:
        network: an fp32 network on the CPU; its weights are copied.
        dtype: what products are computed in: bf16 where that is native, else fp32.
        steps: working steps before each plan step; 0 for those of the network.
    """

    def __init__(self, network: HRM, dtype: torch.dtype, *, steps: int = 0) -> None:
        config = self.config = network.config
        assert self.fits(network), "there is no prepared form of attention"
        self.dtype, self._steps = dtype, steps or config.L_cycles
        self.positions_first = config.mixer != "conv"
        """Whether states are `[S, B, D]`; otherwise they are `[B, S, D]`."""
        self._eps = torch.tensor(config.rms_norm_eps)
        self._low = self._prepare(network.recurrence.L_level)
        high = network.recurrence.H_level
        self._high = self._low if high is None else self._prepare(high)
        answers = network.lm_head.weight.detach()
        self._head = (answers if config.symbols else answers[1:]).t().contiguous()  # [D, V - 1]
        self._order = None if network.order is None else network.order[1:].clone()
        self._q_weight = network.q_head.weight.detach()[:1].t().contiguous()  # [D, 1]
        self._q_bias = network.q_head.bias.detach()[:1].clone()
        self._mine = threading.local()

    @staticmethod
    def fits(network: HRM) -> bool:
        """Whether a network has a prepared form."""
        config = network.config
        return config.mixer != "attention" and not (config.H_attends or config.conv_wraps)

    def segment(self, z_H: Tensor, z_L: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Think one segment in place.

        Args:
            z_H, z_L: states, contiguous, as `positions_first` says; overwritten.
            x: the embedded puzzle, same shape.

        Returns:
            Logits of all tokens but padding, `[seq_len, B, V - 1]` or
            `[B, seq_len, V - 1]` like the states, and halting logits `[B]`.
        """
        at = 0 if self.positions_first else 1  # the dimension of positions
        desk = self._desk(z_H.shape[1 - at])
        injected = desk.injected.view(z_H.shape)
        for _ in range(self.config.H_cycles):
            torch.add(z_H, x, out=injected)
            for _ in range(self._steps):
                self._level(self._low, z_L.add_(injected), desk)
            self._level(self._high, z_H.add_(z_L), desk)
        before = self.config.puzzle_emb_len
        answered = z_H.narrow(at, before, z_H.shape[at] - before)
        logits = (answered.reshape(-1, z_H.shape[2]) @ self._head).view(*answered.shape[:2], -1)
        if self._order is not None:
            by_symbol = logits.view(self.config.seq_len, -1, *logits.shape[1:])  # [S, A, B, K]
            logits = token_logits(by_symbol.transpose(1, 2), self._order)
        read = z_H.select(at, 0) if self.config.halt_readout == "first" else z_H.mean(at)
        return logits, torch.addmm(self._q_bias, read, self._q_weight)[:, 0]

    def _level(self, layers: Sequence[_Layer], z: Tensor, desk: _Desk) -> None:
        rows = z.view(desk.mixed.shape)
        for layer in layers:
            layer.mixer.mix(z, desk.mixing)
            gated = layer.channels.gated(_lowered(rows, desk.lowered), desk.channels)
            add_product(rows, gated, layer.channels.out, desk.mixed, desk.raised)
            norm_rows(rows, self._eps)

    def _prepare(self, level: Level) -> tuple[_Layer, ...]:
        layers = []
        for block in level.layers:
            assert isinstance(block, Block)
            mixer = mixer_of(block, self.config, self.dtype)
            layers.append(_Layer(mixer, Gated(block.mlp, self.dtype)))
        return tuple(layers)

    def _desk(self, rows: int) -> _Desk:
        desks: dict[int, _Desk] = self._mine.__dict__.setdefault("desks", {})
        if rows not in desks:
            desks[rows] = _Desk(self._low[0], self.config, self.dtype, rows)
        return desks[rows]


class _Desk:
    """Buffers for one batch shape."""

    def __init__(self, layer: _Layer, config: NetworkConfig, dtype: torch.dtype, rows: int) -> None:
        shape = (config.positions * rows, config.hidden_size)
        self.mixing = layer.mixer.scratch(rows)
        self.channels = layer.channels.scratch(shape[0])
        self.injected = torch.empty(shape)
        self.lowered = torch.empty(shape, dtype=dtype)
        self.mixed = torch.empty(shape, dtype=dtype)
        self.raised = torch.empty(shape)


Scratch = dict[str, Any]
"""Buffers of one batch shape, by what they hold."""


class Mixer(Protocol):
    """Mixes the positions of states, adds what comes out, and norms."""

    def scratch(self, rows: int) -> Scratch:
        """Buffers for a batch of so many rows."""
        ...

    def mix(self, z: Tensor, scratch: Scratch) -> None:
        """Change the states in place."""
        ...


def mixer_of(block: Block, config: NetworkConfig, dtype: torch.dtype) -> Mixer:
    """The prepared mixer of a layer; there is none for attention."""
    if config.mixer == "mlp":
        return TokenMixer(block, config, dtype)
    if config.mixer == "groups":
        return GroupMixer(block, config, dtype)
    assert config.mixer == "conv", "there is no prepared form of attention"
    return ConvolutionMixer(block, config, dtype)


def norm_rows(rows: Tensor, eps: Tensor) -> None:
    """RMS norm over the last dimension, in place."""
    size = torch.linalg.vector_norm(rows, dim=-1, keepdim=True)
    rows.mul_(torch.addcmul(eps, size, size, value=1 / rows.shape[-1], out=size).rsqrt_())


def add_product(into: Tensor, a: Tensor, b: Tensor, low: Tensor, raised: Tensor) -> None:
    """Add `a @ b` in place; through `low`, and then `raised`, where products are in bf16.

    There a copy and a sum beat a sum of two dtypes.
    """
    if a.dtype == into.dtype:
        into.addmm_(a, b)
    else:
        into.add_(raised.copy_(torch.mm(a, b, out=low)))


class TokenMixer:
    """An MLP over the positions of states `[S, B, D]`: products `W @ [S, B*D]`."""

    def __init__(self, block: Block, config: NetworkConfig, dtype: torch.dtype) -> None:
        self._in = block.mlp_t.gate_up_proj.weight.detach().to(dtype, copy=True)  # [2I, S]
        self._out = block.mlp_t.down_proj.weight.detach().to(dtype, copy=True)  # [S, I]
        self._eps, self._size = config.rms_norm_eps, config.hidden_size

    def scratch(self, rows: int) -> Scratch:
        """See `Mixer`."""
        S, columns, dtype = len(self._out), rows * self._size, self._in.dtype
        inner = torch.empty(len(self._in), columns, dtype=dtype)
        gate, up = inner.chunk(2)
        return {
            "lowered": torch.empty(S, columns, dtype=dtype),
            "inner": inner,
            "gate": gate,
            "up": up,
            "mixed": torch.empty(S, columns, dtype=dtype),
            "raised": torch.empty(S, columns),
            "eps": torch.full((1, columns), self._eps),
            "mean": torch.full((1, S), 1 / S),  # as a product: torch's mean takes thrice as long
        }

    def mix(self, z: Tensor, scratch: Scratch) -> None:
        """See `Mixer`; the norm runs over positions, as in the network."""
        raised = scratch["raised"]
        columns = z.view(raised.shape)
        torch.mm(self._in, _lowered(columns, scratch["lowered"]), out=scratch["inner"])
        gated = F.silu(scratch["gate"], inplace=True).mul_(scratch["up"])
        add_product(columns, self._out, gated, scratch["mixed"], raised)
        square = torch.square(columns, out=raised)
        columns.mul_(torch.addmm(scratch["eps"], scratch["mean"], square).rsqrt_())


class GroupMixer:
    """Messages along groups over states `[S * A, B, D]`: sums as products `M @ [S, A*B*D]`."""

    def __init__(self, block: Block, config: NetworkConfig, dtype: torch.dtype) -> None:
        self._symbols, self._size = len(config.symbols) or 1, config.hidden_size
        table = members(config)
        self._gather = (LOUDNESS * table).to(dtype)  # [G, S]
        self._spread = table.t().to(dtype, copy=True).contiguous()  # [S, G]
        self._group = Gated(cast(SwiGLU, block.messages.group_mlp), dtype)
        self._symbol = None
        if config.symbols:
            self._symbol = Gated(cast(SwiGLU, block.messages.symbol_mlp), dtype, loudness=LOUDNESS)
        self._eps = torch.tensor(config.rms_norm_eps)

    def scratch(self, rows: int) -> Scratch:
        """See `Mixer`."""
        (groups, cells), dtype, D = self._gather.shape, self._gather.dtype, self._size
        wide = self._symbols * rows
        found: Scratch = {
            "lowered": torch.empty(cells, wide * D, dtype=dtype),
            "sums": torch.empty(groups, wide * D, dtype=dtype),
            "told": torch.empty(groups * wide, D, dtype=dtype),
            "heard": torch.empty(cells, wide * D, dtype=dtype),
            "raised": torch.empty(cells, wide * D),
            "inner": self._group.scratch(groups * wide),
        }
        if self._symbol is not None:
            found |= {
                "others": torch.empty(cells, rows * D),
                "lowered others": torch.empty(cells * rows, D, dtype=dtype),
                "answer": torch.empty(cells * rows, D, dtype=dtype),
                "symbol inner": self._symbol.scratch(cells * rows),
            }
        return found

    def mix(self, z: Tensor, scratch: Scratch) -> None:
        """See `Mixer`."""
        columns, raised = z.view(scratch["raised"].shape), scratch["raised"]
        low = _lowered(columns, scratch["lowered"])
        sums = torch.mm(self._gather, low, out=scratch["sums"])
        told = self._group(sums.view(-1, self._size), scratch["inner"], scratch["told"])
        by_symbol = z.view(len(columns), self._symbols, -1)
        if self._symbol is not None:
            others = torch.sum(by_symbol, 1, out=scratch["others"])
            into = scratch["lowered others"]
            read = _lowered(others.view(into.shape), into)
            answer = self._symbol(read, scratch["symbol inner"], scratch["answer"])
            by_symbol.add_(others.view(into.shape).copy_(answer).view(len(others), 1, -1))
        add_product(columns, self._spread, told.view(len(sums), -1), scratch["heard"], raised)
        norm_rows(z, self._eps)


class Gated:
    """A SwiGLU on rows, in buffers of the caller's.

    Gate and up are two products: SiLU on one half of a row of bf16 takes 2.6 times as
    long as on rows of their own.
    """

    def __init__(self, mlp: SwiGLU, dtype: torch.dtype, *, loudness: float = 1.0) -> None:
        into, out = mlp.gate_up_proj.weight.detach(), mlp.down_proj.weight.detach()
        gate, up = (loudness * into).t().to(dtype).chunk(2, dim=1)
        self._gate, self._up = gate.contiguous(), up.contiguous()  # [D, I]
        self.out = out.t().to(dtype, copy=True).contiguous()  # [I, D]

    def scratch(self, rows: int) -> tuple[Tensor, Tensor]:
        """Buffers for so many rows."""
        shape, dtype = (rows, len(self.out)), self.out.dtype
        return torch.empty(shape, dtype=dtype), torch.empty(shape, dtype=dtype)

    def gated(self, rows: Tensor, scratch: tuple[Tensor, Tensor]) -> Tensor:
        """What its last product reads, `[N, I]`."""
        gate, up = scratch
        F.silu(torch.mm(rows, self._gate, out=gate), inplace=True)
        return gate.mul_(torch.mm(rows, self._up, out=up))

    def __call__(self, rows: Tensor, scratch: tuple[Tensor, Tensor], out: Tensor) -> Tensor:
        """`[N, D]` into `out` `[N, D]`."""
        return torch.mm(self.gated(rows, scratch), self.out, out=out)


class ConvolutionMixer:
    """A convolution over states `[B, S, D]`, which lie as it wants them: channels last."""

    def __init__(self, block: Block, config: NetworkConfig, dtype: torch.dtype) -> None:
        conv, D = block.conv, config.hidden_size
        height = conv.kernel if conv.grid_width else 1
        weight = conv.proj.weight.detach().view(D, height, conv.kernel, D).permute(0, 3, 1, 2)
        self._weight = weight.to(dtype, copy=True, memory_format=torch.channels_last)
        self._padding = (height // 2, conv.kernel // 2)
        self._width = conv.grid_width or config.positions
        self._shape = (config.positions, D)
        self._eps = torch.tensor(config.rms_norm_eps)

    def scratch(self, rows: int) -> Scratch:
        """See `Mixer`."""
        return {"lowered": torch.empty(rows, *self._shape, dtype=self._weight.dtype)}

    def mix(self, z: Tensor, scratch: Scratch) -> None:
        """See `Mixer`."""
        B, S, D = z.shape
        read = _lowered(z, scratch["lowered"]).view(B, S // self._width, self._width, D)
        seen = F.conv2d(read.permute(0, 3, 1, 2), self._weight, padding=self._padding)
        z.add_(seen.permute(0, 2, 3, 1).reshape(z.shape))
        norm_rows(z, self._eps)


def _lowered(z: Tensor, into: Tensor) -> Tensor:
    """`z` in the dtype of the products."""
    return z if z.dtype == into.dtype else into.copy_(z)
