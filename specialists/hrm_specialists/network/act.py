"""A whole network: embed the puzzle, think one segment, answer, and say whether to halt.

Adaptive computation time: after each segment the halting head gives the logit
of "this answer is right". Who acts on it is the caller: the trainer and the
engine halt rows, the network never does.

Source: arXiv:2506.21734 (ACT), arXiv:2510.04871 (halting by one logit).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.network.layers import (
    Level,
    SwiGLU,
    Where,
    rms_norm,
    rotary_angles,
    truncated_normal_,
)
from hrm_specialists.network.places import Places
from hrm_specialists.network.recurrence import Recurrence
from hrm_specialists.network.relations import Messages, by_token, roles, token_logits


@dataclass(frozen=True, slots=True)
class Carry:
    """What one segment hands to the next; both `[B, S, D]`, detached."""

    z_H: Tensor
    z_L: Tensor


@dataclass(frozen=True, slots=True)
class Thinking:
    """What one segment says. Logits are in the network's dtype."""

    logits: Tensor
    """Answer at each position of the sequence, `[B, seq_len, V]`."""
    q_halt_logits: Tensor
    """Logit of "right as it stands", `[B]`, fp32."""
    q_continue_logits: Tensor
    """HRM's second halting value, `[B]`, fp32; TRM does not train it."""


class HRM(nn.Module):
    """A Hierarchical Reasoning Model, or its one-network form, TRM.

    Args:
        config: the shape.
        generator: source of the initial weights; None for torch's global one.
    """

    def __init__(self, config: NetworkConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        D = config.hidden_size
        kinds = len(config.specials)  # of tokens, and what a token is to a symbol
        self.embed_tokens = nn.Embedding(kinds + 2 if config.symbols else config.vocab_size, D)
        if config.pos_encodings == "places":
            self.places = Places(config)
        if config.looks_by_place:
            self.place_mlp = SwiGLU(D, config.expansion, config.intermediate_multiple)
        if config.pos_encodings == "learned":
            self.embed_pos = nn.Embedding(config.seq_len + config.puzzle_emb_len, D)
        if config.puzzle_emb_ndim:
            self.puzzle_emb = nn.Embedding(config.num_puzzle_identifiers, config.puzzle_emb_ndim)
        self.recurrence = Recurrence(
            Level(config, config.L_layers),
            Level(config, config.H_layers, attends=config.H_attends) if config.H_layers else None,
            H_cycles=config.H_cycles,
            L_cycles=config.L_cycles,
            gradient=config.gradient,
        )
        answers = kinds + 1 if config.symbols else config.vocab_size
        self.lm_head = nn.Linear(D, answers, bias=False)
        self.q_head = nn.Linear(D, 2)
        self.register_buffer("H_init", torch.empty(D))
        self.register_buffer("L_init", torch.empty(D))
        rotates = config.mixer == "attention" and config.pos_encodings in ("rope", "rope2d")
        cos, sin = rotary_angles(config) if rotates else (None, None)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.register_buffer("roles", roles(config) if config.symbols else None, persistent=False)
        order = by_token(config) if config.symbols else None
        self.register_buffer("order", order, persistent=False)
        self.initialise(generator)

    H_init: Tensor
    L_init: Tensor
    cos: Tensor | None
    sin: Tensor | None
    roles: Tensor | None
    order: Tensor | None

    def initialise(self, generator: torch.Generator | None) -> None:
        """Draw fresh weights: LeCun truncated normal, as the references do.

        The halting head starts at -5, "surely wrong", and at zero weight, so
        that halting is learned after answering. Puzzle embeddings start at zero.
        """
        D = self.config.hidden_size
        for module in self.modules():
            if isinstance(module, nn.Linear):
                truncated_normal_(module.weight, module.in_features**-0.5, generator)
            elif isinstance(module, nn.Embedding):
                truncated_normal_(module.weight, D**-0.5, generator)
        for module in self.modules():
            if isinstance(module, Messages):
                module.silence()
        for state in (self.H_init, self.L_init):
            truncated_normal_(state, 1.0, generator)
        with torch.no_grad():
            self.q_head.weight.zero_()
            self.q_head.bias.fill_(-5.0)
            if self.config.puzzle_emb_ndim:
                self.puzzle_emb.weight.zero_()

    def first_carry(self, rows: int) -> Carry:
        """The learned-nothing start of `rows` fresh puzzles."""
        shape = (rows, self.config.positions, self.config.hidden_size)
        return Carry(self.H_init.expand(shape).clone(), self.L_init.expand(shape).clone())

    def embed(self, inputs_BS: Tensor, puzzle_identifiers_B: Tensor | None = None) -> Tensor:
        """Tokens `[B, seq_len]` to the injected puzzle `[B, S, D]`.

        Where attention looks by place, vectors of the places follow: `[B, S, 2D]`.
        Constant over the segments of a puzzle, so callers may keep it.
        """
        D = self.config.hidden_size
        if self.roles is not None:
            return self._embed_symbols(inputs_BS)
        x_BSD: Tensor = self.embed_tokens(inputs_BS)
        if self.config.puzzle_emb_len:
            rows = inputs_BS.shape[0]
            front = x_BSD.new_zeros(rows, self.config.puzzle_emb_len * D)
            if self.config.puzzle_emb_ndim:
                if puzzle_identifiers_B is None:
                    puzzle_identifiers_B = inputs_BS.new_zeros(rows)
                puzzle = self.puzzle_emb(puzzle_identifiers_B)
                front = torch.cat([puzzle, front[:, puzzle.shape[1] :]], dim=1)
            x_BSD = torch.cat([front.view(rows, -1, D), x_BSD], dim=1)
        if self.config.pos_encodings == "places":
            place_BSD = self.places(inputs_BS)
            x_BSD = math.sqrt(0.5) * (x_BSD + place_BSD)
            if self.config.looks_by_place:
                place_BSD = math.sqrt(D) * place_BSD
                eps = self.config.rms_norm_eps
                place_BSD = rms_norm(place_BSD + self.place_mlp(place_BSD), eps)
                return torch.cat([math.sqrt(D) * x_BSD, place_BSD], dim=-1)
        if self.config.pos_encodings == "learned":
            # Halving the variance of the sum keeps the scale of either part.
            x_BSD = math.sqrt(0.5) * (x_BSD + self.embed_pos.weight)
        return math.sqrt(D) * x_BSD

    def _embed_symbols(self, inputs_BS: Tensor) -> Tensor:
        """What each position's token is to each symbol, `[B, S * A, D]`."""
        D = self.config.hidden_size
        assert self.roles is not None
        x_BSAD: Tensor = self.embed_tokens(self.roles[inputs_BS])
        if self.config.pos_encodings == "learned":
            x_BSAD = math.sqrt(0.5) * (x_BSAD + self.embed_pos.weight[:, None])
        return math.sqrt(D) * x_BSAD.view(inputs_BS.shape[0], -1, D)

    def forward(self, carry: Carry, x_BSD: Tensor) -> tuple[Carry, Thinking]:
        """Think one segment.

        Args:
            carry: from the previous segment, or `first_carry`.
            x_BSD: from `embed`.

        Returns:
            The detached carry, and what the segment says, still attached.
        """
        where: Where = None if self.cos is None or self.sin is None else (self.cos, self.sin)
        if self.config.looks_by_place:
            x_BSD, where = x_BSD.chunk(2, dim=-1)
        z_H, z_L = self.recurrence(carry.z_H, carry.z_L, x_BSD, where)
        logits = self.lm_head(z_H[:, self.config.puzzle_emb_len :])
        if self.order is not None:
            B, _, K = logits.shape
            logits = token_logits(logits.view(B, self.config.seq_len, -1, K), self.order)
        read = z_H[:, 0] if self.config.halt_readout == "first" else z_H.mean(1)
        q_logits = self.q_head(read).float()
        return Carry(z_H.detach(), z_L.detach()), Thinking(logits, q_logits[:, 0], q_logits[:, 1])
