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
        self._head = network.lm_head.weight.detach().t().contiguous()  # [D, V]
        self._q_weight = network.q_head.weight.detach()[:1].t().contiguous()  # [D, 1]
        self._q_bias = network.q_head.bias.detach()[:1].clone()
        self._mine = threading.local()

    def segment(self, z_H: Tensor, z_L: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Think one segment in place.

        Args:
            z_H, z_L: states, `[S, B, D]`, contiguous; overwritten.
            x: the embedded puzzle, same shape.

        Returns:
            Logits `[seq_len, B, V]` and halting logits `[B]`.
        """
        S, B, D = z_H.shape
        injected = self._buffer("injected", S, B, D, dtype=z_H.dtype)
        for _ in range(self.config.H_cycles):
            torch.add(z_H, x, out=injected)
            for _ in range(self.config.L_cycles):
                self._level(self._low, z_L.add_(injected))
            self._level(self._high, z_H.add_(z_L))
        answered = z_H[self.config.puzzle_emb_len :]
        logits = (answered.reshape(-1, D) @ self._head).view(len(answered), B, -1)
        read = z_H[0] if self.config.halt_readout == "first" else z_H.mean(0)
        return logits, torch.addmm(self._q_bias, read, self._q_weight)[:, 0]

    def _level(self, layers: tuple[_Layer, ...], z_SBD: Tensor) -> None:
        S, B, D = z_SBD.shape
        eps = self.config.rms_norm_eps
        columns, rows = z_SBD.view(S, B * D), z_SBD.view(S * B, D)
        square = self._buffer("square", S, B * D, dtype=z_SBD.dtype)
        for layer in layers:
            inner = self._buffer("tokens", layer.tokens_in.shape[0], B * D)
            torch.mm(layer.tokens_in, self._lowered(columns), out=inner)
            gate, up = inner.chunk(2)
            mixed = self._buffer("mixed", S, B * D)
            torch.mm(layer.tokens_out, F.silu(gate, inplace=True).mul_(up), out=mixed)
            torch.square(columns.add_(mixed), out=square)
            columns.mul_(square.mean(0).add_(eps).rsqrt_())

            inner = self._buffer("channels", S * B, layer.channels_in.shape[1])
            torch.mm(self._lowered(rows), layer.channels_in, out=inner)
            gate, up = inner.chunk(2, dim=1)
            gated = self._buffer("gated", S * B, layer.channels_out.shape[0])
            torch.mul(F.silu(gate, inplace=True), up, out=gated)
            mixed = self._buffer("mixed", S * B, D)
            rows.add_(torch.mm(gated, layer.channels_out, out=mixed))
            rows.copy_(F.rms_norm(rows, (D,), eps=eps))

    def _lowered(self, z: Tensor) -> Tensor:
        """`z` in the dtype of products."""
        if z.dtype == self.dtype:
            return z
        return self._buffer("lowered", *z.shape).copy_(z)

    def _buffer(self, name: str, *shape: int, dtype: torch.dtype | None = None) -> Tensor:
        buffers: dict[tuple[str, tuple[int, ...]], Tensor]
        buffers = self._mine.__dict__.setdefault("buffers", {})
        buffer = buffers.get((name, shape))
        if buffer is None:
            buffer = buffers[name, shape] = torch.empty(shape, dtype=dtype or self.dtype)
        return buffer


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
