"""One segment of a token-mixing network, arranged for a CPU in eager mode.

Computes what `HRM.forward` computes, to rounding, for networks whose positions
are mixed by an MLP. States stand as `[S, B, D]`: mixing positions is then one
product `W @ [S, B*D]` and mixing channels one product `[S*B, D] @ W`, without a
single transpose, in buffers that are kept. Where the CPU multiplies bf16 natively
the products run in it, at twice the speed; states, sums and norms stay in fp32.
No gradients.

Shapes: S positions, B rows, D hidden, I inner width.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_specialists.network.act import HRM
from hrm_specialists.network.layers import Block, Level


@dataclass(frozen=True, slots=True)
class _Layer:
    """A block's weights, each lying the way its product reads it."""

    tokens_in: Tensor  # [2I, S]
    tokens_out: Tensor  # [S, I]
    channels_in: Tensor  # [D, 2I]
    channels_out: Tensor  # [I, D]


class PreparedMixer:
    """The prepared form of one network; each thread has buffers of its own.

    Args:
        network: an fp32 network on the CPU with `mlp_t`; its weights are copied.
        dtype: what products are computed in: bf16 where that is native, else fp32.
    """

    def __init__(self, network: HRM, dtype: torch.dtype) -> None:
        config = self.config = network.config
        assert config.mlp_t, "prepared for token mixing only"
        self.dtype = dtype
        self._low = _prepare(network.recurrence.L_level, self.dtype)
        high = network.recurrence.H_level
        self._high = self._low if high is None else _prepare(high, self.dtype)
        self._head = network.lm_head.weight.detach()[1:].t().contiguous()  # [D, V - 1]
        self._q_weight = network.q_head.weight.detach()[:1].t().contiguous()  # [D, 1]
        self._q_bias = network.q_head.bias.detach()[:1].clone()
        self._mine = threading.local()

    def segment(self, z_H: Tensor, z_L: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Think one segment in place.

        Args:
            z_H, z_L: states, `[S, B, D]`, contiguous; overwritten.
            x: the embedded puzzle, same shape.

        Returns:
            Logits of all tokens but padding, `[seq_len, B, V - 1]`, and halting
            logits `[B]`.
        """
        B, D = z_H.shape[1:]
        desk = self._desk(B)
        for _ in range(self.config.H_cycles):
            torch.add(z_H, x, out=desk.injected)
            for _ in range(self.config.L_cycles):
                self._level(self._low, z_L.add_(desk.injected), desk)
            self._level(self._high, z_H.add_(z_L), desk)
        answered = z_H[self.config.puzzle_emb_len :]
        logits = (answered.reshape(-1, D) @ self._head).view(len(answered), B, -1)
        read = z_H[0] if self.config.halt_readout == "first" else z_H.mean(0)
        return logits, torch.addmm(self._q_bias, read, self._q_weight)[:, 0]

    def _level(self, layers: tuple[_Layer, ...], z_SBD: Tensor, desk: _Desk) -> None:
        columns, rows = z_SBD.view(desk.square.shape), z_SBD.view(desk.mixed_rows.shape)
        eps = self.config.rms_norm_eps
        lower = self.dtype != z_SBD.dtype
        for layer in layers:
            read = desk.lowered.copy_(columns) if lower else columns
            torch.mm(layer.tokens_in, read, out=desk.tokens)
            F.silu(desk.tokens_gate, inplace=True).mul_(desk.tokens_up)
            torch.mm(layer.tokens_out, desk.tokens_gate, out=desk.mixed)
            torch.square(columns.add_(desk.mixed), out=desk.square)
            columns.mul_(desk.square.mean(0).add_(eps).rsqrt_())

            read = desk.lowered_rows.copy_(rows) if lower else rows
            torch.mm(read, layer.channels_in, out=desk.channels)
            torch.mul(F.silu(desk.channels_gate, inplace=True), desk.channels_up, out=desk.gated)
            rows.add_(torch.mm(desk.gated, layer.channels_out, out=desk.mixed_rows))
            rows.copy_(F.rms_norm(rows, rows.shape[1:], eps=eps))

    def _desk(self, rows: int) -> _Desk:
        desks: dict[int, _Desk] = self._mine.__dict__.setdefault("desks", {})
        if rows not in desks:
            desks[rows] = _Desk(self._low[0], rows, self.dtype)
        return desks[rows]


class _Desk:
    """Buffers for one batch shape, and the views of them that a level needs."""

    def __init__(self, layer: _Layer, rows: int, dtype: torch.dtype) -> None:
        S, D = layer.tokens_out.shape[0], layer.channels_in.shape[0]
        columns = rows * D
        self.injected = torch.empty(S, rows, D)
        self.square = torch.empty(S, columns)
        self.lowered = torch.empty(S, columns, dtype=dtype)
        self.lowered_rows = self.lowered.view(S * rows, D)
        self.mixed = torch.empty(S, columns, dtype=dtype)
        self.mixed_rows = self.mixed.view(S * rows, D)
        self.tokens = torch.empty(layer.tokens_in.shape[0], columns, dtype=dtype)
        self.tokens_gate, self.tokens_up = self.tokens.chunk(2)
        self.channels = torch.empty(S * rows, layer.channels_in.shape[1], dtype=dtype)
        self.channels_gate, self.channels_up = self.channels.chunk(2, dim=1)
        self.gated = torch.empty(S * rows, layer.channels_out.shape[0], dtype=dtype)


def _prepare(level: Level, dtype: torch.dtype) -> tuple[_Layer, ...]:
    layers = []
    for block in level.layers:
        assert isinstance(block, Block)
        tokens, channels = block.mlp_t, block.mlp
        layers.append(
            _Layer(
                tokens.gate_up_proj.weight.detach().to(dtype, copy=True),
                tokens.down_proj.weight.detach().to(dtype, copy=True),
                channels.gate_up_proj.weight.detach().t().to(dtype, copy=True).contiguous(),
                channels.down_proj.weight.detach().t().to(dtype, copy=True).contiguous(),
            )
        )
    return tuple(layers)
