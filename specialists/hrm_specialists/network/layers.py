"""The parts of a level: norm, rotary positions, attention, convolution, token mixer, SwiGLU.

Parameter names match the references, so their checkpoints load. Knows nothing
of recurrence, halting or data. Weights live in one dtype, chosen when the
network is moved to its device; nothing is cast inside.

Shapes: B rows, S positions, D hidden, N heads, K head size, I inner width.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.relations import Messages

CosSin = tuple[Tensor, Tensor]
Where = CosSin | Tensor | None
"""What attention knows of positions besides their states: angles, or a vector for each place."""


def truncated_normal_(tensor: Tensor, std: float, generator: torch.Generator | None) -> Tensor:
    """Fill with a normal cut at two sigmas whose *actual* deviation is `std`.

    `nn.init.trunc_normal_` is narrower than it says, by the factor corrected here.
    """
    cut = 2.0
    density = math.exp(-0.5 * cut * cut) / math.sqrt(2 * math.pi)
    mass = math.erf(cut / math.sqrt(2))
    shrink = math.sqrt(1 - 2 * cut * density / mass)
    wide = std / shrink
    with torch.no_grad():
        return nn.init.trunc_normal_(
            tensor, std=wide, a=-cut * wide, b=cut * wide, generator=generator
        )


def rms_norm(x: Tensor, eps: float) -> Tensor:
    """Scale the last dimension to unit mean square, in fp32, without a gain."""
    x32 = x.float()
    return (x32 * torch.rsqrt(x32.square().mean(-1, keepdim=True) + eps)).to(x.dtype)


class SwiGLU(nn.Module):
    """`down(silu(gate(x)) * up(x))`, gate and up in one product."""

    def __init__(self, size: int, expansion: float, multiple: int) -> None:
        super().__init__()
        inner = -(-round(expansion * size * 2 / 3) // multiple) * multiple
        self.gate_up_proj = nn.Linear(size, 2 * inner, bias=False)
        self.down_proj = nn.Linear(inner, size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """`[..., size]` to the same shape."""
        gate, up = self.gate_up_proj(x).chunk(2, dim=-1)
        out: Tensor = self.down_proj(F.silu(gate) * up)
        return out


def rotary_angles(config: NetworkConfig) -> CosSin:
    """Cosines and sines, `[S, K]` each, for the positions of a sequence or a grid.

    In `rope2d` the first half of a head's frequencies turns with the row and
    the second with the column; positions before the sequence stay unturned.
    """
    head_dim = config.hidden_size // config.num_heads
    at = torch.arange(config.positions, dtype=torch.float32)
    if config.pos_encodings == "rope":
        # 1 / θ^x and not θ^-x: far positions feel the difference in the last bit.
        freqs = 1 / config.rope_theta ** (torch.arange(0, head_dim, 2).float() / head_dim)
        angles = torch.outer(at, freqs)
    else:
        half = head_dim // 2
        freqs = config.rope_theta ** -(torch.arange(0, half, 2).float() / half)
        cell = at - config.puzzle_emb_len
        row = torch.where(cell < 0, 0.0, torch.floor(cell / config.grid_width) + 1)
        column = torch.where(cell < 0, 0.0, cell % config.grid_width + 1)
        angles = torch.cat([torch.outer(row, freqs), torch.outer(column, freqs)], dim=-1)
    both = torch.cat([angles, angles], dim=-1)
    return both.cos(), both.sin()


def rotate(x_BSNK: Tensor, cos_sin: CosSin) -> Tensor:
    """Turn each pair (k, k + K/2) of every head by its position's angle."""
    cos, sin = (t[:, None].to(x_BSNK.dtype) for t in cos_sin)
    left, right = x_BSNK.chunk(2, dim=-1)
    return x_BSNK * cos + torch.cat([-right, left], dim=-1) * sin


class Attention(nn.Module):
    """Every position looks at every other; no mask.

    With `by_place` what is asked and what is offered come from the places, too: a
    rule like "from the far end" need not be found through what happens to stand there.
    """

    def __init__(self, hidden_size: int, num_heads: int, *, by_place: bool = False) -> None:
        super().__init__()
        self.num_heads, self.head_dim = num_heads, hidden_size // num_heads
        self.qkv_proj = nn.Linear(hidden_size, 3 * hidden_size, bias=False)
        self.o_proj = nn.Linear(hidden_size, hidden_size, bias=False)
        if by_place:
            self.place_proj = nn.Linear(hidden_size, 2 * hidden_size, bias=False)

    def forward(self, x_BSD: Tensor, where: Where) -> Tensor:
        """`[B, S, D]` to the same shape."""
        B, S, D = x_BSD.shape
        qkv = self.qkv_proj(x_BSD)
        if isinstance(where, Tensor):
            qkv = qkv + F.pad(self.place_proj(where), (0, D))
        qkv = qkv.view(B, S, 3 * self.num_heads, self.head_dim)
        q, k, v = qkv.split(self.num_heads, dim=2)
        if isinstance(where, tuple):
            q, k = rotate(q, where), rotate(k, where)
        seen = attend(*(t.transpose(1, 2) for t in (q, k, v)))
        out: Tensor = self.o_proj(seen.transpose(1, 2).reshape(B, S, D))
        return out


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention over `[B, N, S, K]`; learning on a CPU in fp32.

    There, torch's way back in bf16 takes five times as long as in fp32.
    """
    if q.dtype is torch.bfloat16 and q.device.type == "cpu" and q.requires_grad:
        with torch.autocast("cpu", enabled=False):
            return F.scaled_dot_product_attention(q.float(), k.float(), v.float())
    return F.scaled_dot_product_attention(q, k, v)


class Convolution(nn.Module):
    """Each position hears its neighbours on the grid, or in the sequence.

    Where attention and the token MLP must learn from examples which positions have to do
    with each other, a convolution is told; its weights fit a canvas of any size.
    Source: convolutional recurrence as in Bansal et al., arXiv:2202.05826.

    Args:
        size: channels, D.
        kernel: odd side of the square (in a sequence: the length) that is seen.
        grid_width: columns of the grid; 0 for a sequence.
        wraps: the last column is the first one's neighbour, and so with rows.
    """

    def __init__(self, size: int, kernel: int, grid_width: int, *, wraps: bool = False) -> None:
        super().__init__()
        self.kernel, self.grid_width, self.wraps = kernel, grid_width, wraps
        seen = kernel * kernel if grid_width else kernel
        self.proj = nn.Linear(seen * size, size, bias=False)

    def forward(self, x_BSD: Tensor) -> Tensor:
        """`[B, S, D]` to the same shape; nothing is seen beyond an edge that does not wrap."""
        B, S, D = x_BSD.shape
        width = self.grid_width or S
        height = self.kernel if self.grid_width else 1
        weight = self.proj.weight.view(D, height, self.kernel, D).permute(0, 3, 1, 2)
        # Channels lie last already: a view, no copy.
        x_BDHW = x_BSD.view(B, S // width, width, D).permute(0, 3, 1, 2)
        beyond = (height // 2, self.kernel // 2)
        if self.wraps:
            around = (beyond[1], beyond[1], beyond[0], beyond[0])
            seen = F.conv2d(F.pad(x_BDHW, around, mode="circular"), weight)
        else:
            seen = F.conv2d(x_BDHW, weight, padding=beyond)
        return seen.permute(0, 2, 3, 1).reshape(B, S, D)


class Block(nn.Module):
    """One layer: mix the positions, then each position by itself; norm after each."""

    def __init__(self, config: NetworkConfig, mixer: str) -> None:
        super().__init__()
        self.eps = config.rms_norm_eps
        multiple = config.intermediate_multiple
        D = config.hidden_size
        self.mix: Callable[[Tensor, Where], Tensor]
        if mixer == "mlp":
            self.mlp_t = SwiGLU(config.positions, config.expansion, multiple)
            self.mix = self._mix_by_mlp
        elif mixer == "conv":
            self.conv = Convolution(
                D, config.conv_kernel, config.grid_width, wraps=config.conv_wraps
            )
            self.mix = self._mix_by_convolution
        elif mixer == "groups":
            self.messages = Messages(config, lambda: SwiGLU(D, config.expansion, multiple))
            self.mix = self._mix_by_groups
        else:
            self.self_attn = Attention(D, config.num_heads, by_place=config.looks_by_place)
            self.mix = self._mix_by_attention
        self.mlp = SwiGLU(D, config.expansion, multiple)

    def forward(self, x_BSD: Tensor, where: Where) -> Tensor:
        """`[B, S, D]` to the same shape."""
        x_BSD = self.mix(x_BSD, where)
        return rms_norm(x_BSD + self.mlp(x_BSD), self.eps)

    def _mix_by_mlp(self, x_BSD: Tensor, _: Where) -> Tensor:
        # The norm runs over positions here, as in the reference.
        x_BDS = x_BSD.transpose(1, 2)
        return rms_norm(x_BDS + self.mlp_t(x_BDS), self.eps).transpose(1, 2)

    def _mix_by_attention(self, x_BSD: Tensor, where: Where) -> Tensor:
        return rms_norm(x_BSD + self.self_attn(x_BSD, where), self.eps)

    def _mix_by_convolution(self, x_BSD: Tensor, _: Where) -> Tensor:
        return rms_norm(x_BSD + self.conv(x_BSD), self.eps)

    def _mix_by_groups(self, x_BND: Tensor, _: Where) -> Tensor:
        return rms_norm(x_BND + self.messages(x_BND), self.eps)


class Level(nn.Module):
    """A stack of blocks that updates one state, given what is injected into it."""

    def __init__(self, config: NetworkConfig, layers: int, *, attends: bool = False) -> None:
        super().__init__()
        mixer = "attention" if attends else config.mixer
        self.layers = nn.ModuleList(Block(config, mixer) for _ in range(layers))

    def forward(self, z_BSD: Tensor, injected_BSD: Tensor, where: Where) -> Tensor:
        """The state after adding `injected_BSD` and passing all layers."""
        x_BSD = z_BSD + injected_BSD
        for block in self.layers:
            x_BSD = block(x_BSD, where)
        return x_BSD
