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

import torch
from torch import Tensor

from hrm_specialists.engine.mixers import Gated, Mixer, mixer_of, norm_rows
from hrm_specialists.network.act import HRM
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.layers import Block, Level
from hrm_specialists.network.relations import token_logits


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
    """

    def __init__(self, network: HRM, dtype: torch.dtype) -> None:
        config = self.config = network.config
        assert self.fits(network), "there is no prepared form of attention"
        self.dtype = dtype
        self.positions_first = config.mixer != "conv"
        """Whether states are `[S, B, D]`; otherwise they are `[B, S, D]`."""
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
            for _ in range(self.config.L_cycles):
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
        rows, eps = z.view(desk.mixed.shape), self.config.rms_norm_eps
        lower = self.dtype != z.dtype
        for layer in layers:
            layer.mixer.mix(z, desk.mixing)
            read = desk.lowered.copy_(rows) if lower else rows
            layer.channels(read, desk.channels, desk.mixed)
            rows.add_(desk.raised.copy_(desk.mixed) if lower else desk.mixed)
            norm_rows(rows, eps)

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
        self.raised = torch.empty(shape)  # a copy and a sum beat a sum of two dtypes
