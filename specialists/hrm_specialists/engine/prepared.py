"""One segment of a token-mixing network, arranged for a CPU in eager mode.

Computes what `HRM.forward` computes, to rounding, for networks whose positions
are mixed by an MLP. States stand as `[S, B, D]`: mixing positions is then one
product `W @ [S, B*D]` and mixing channels one product `[S*B, D] @ W`, without a
single transpose; residuals are added inside the products, everything else is in
place in buffers that are kept. No gradients.

Shapes: S positions, B rows, D hidden, I inner width.
"""

from __future__ import annotations

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
    """The prepared form of one network; not thread-safe, its buffers are shared.

    Args:
        network: an fp32 network on the CPU with `mlp_t`; its weights are copied.
    """

    def __init__(self, network: HRM) -> None:
        config = self.config = network.config
        assert config.mlp_t, "prepared for token mixing only"
        self._low = _prepare(network.recurrence.L_level)
        high = network.recurrence.H_level
        self._high = self._low if high is None else _prepare(high)
        self._head = network.lm_head.weight.detach().t().contiguous()  # [D, V]
        self._q_weight = network.q_head.weight.detach()[:1].t().contiguous()  # [D, 1]
        self._q_bias = network.q_head.bias.detach()[:1].clone()
        self._buffers: dict[tuple[str, int], Tensor] = {}

    def segment(self, z_H: Tensor, z_L: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Think one segment in place.

        Args:
            z_H, z_L: states, `[S, B, D]`, contiguous; overwritten.
            x: the embedded puzzle, same shape.

        Returns:
            Logits `[seq_len, B, V]` and halting logits `[B]`.
        """
        S, B, D = z_H.shape
        injected = self._buffer("injected", S * B * D).view(S, B, D)
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
        for layer in layers:
            columns = z_SBD.view(S, B * D)
            inner = self._buffer("tokens", layer.tokens_in.shape[0] * B * D).view(-1, B * D)
            torch.mm(layer.tokens_in, columns, out=inner)
            gate, up = inner.chunk(2)
            columns.addmm_(layer.tokens_out, F.silu(gate, inplace=True).mul_(up))
            square = torch.mul(columns, columns, out=self._buffer("square", S * B * D).view(S, -1))
            columns.mul_(square.mean(0).add_(eps).rsqrt_())

            rows = z_SBD.view(S * B, D)
            inner = self._buffer("channels", S * B * layer.channels_in.shape[1]).view(S * B, -1)
            torch.mm(rows, layer.channels_in, out=inner)
            gate, up = inner.chunk(2, dim=1)
            product = torch.mul(
                F.silu(gate, inplace=True),
                up,
                out=self._buffer("product", gate.numel()).view_as(gate),
            )
            rows.addmm_(product, layer.channels_out)
            rows.copy_(F.rms_norm(rows, (D,), eps=eps))

    def _buffer(self, name: str, size: int) -> Tensor:
        buffer = self._buffers.get((name, size))
        if buffer is None:
            buffer = self._buffers[name, size] = torch.empty(size)
        return buffer


def _prepare(level: Level) -> tuple[_Layer, ...]:
    layers = []
    for block in level.layers:
        assert isinstance(block, Block)
        layers.append(
            _Layer(
                block.mlp_t.gate_up_proj.weight.detach().clone(),
                block.mlp_t.down_proj.weight.detach().clone(),
                block.mlp.gate_up_proj.weight.detach().t().contiguous(),
                block.mlp.down_proj.weight.detach().t().contiguous(),
            )
        )
    return tuple(layers)
