"""The shape of a network: closed, validated, with the reference's key names.

Source: the configs of HRM (arXiv:2506.21734) and TRM (arXiv:2510.04871). Keys
that only tune their training loop are not here. Defaults describe TRM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from hrm_specialists.errors import ConfigError
from hrm_specialists.spelling import unknown

Region = tuple[int, int, int, int, bool]
"""First position, rows, columns, positions from row to row, and whether the
tokens there tell the value's size (they do not where an answer is to come)."""
MOST_TOLD = 6


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Everything that decides the parameters and the arithmetic of a network."""

    seq_len: int
    vocab_size: int
    hidden_size: int = 512
    expansion: float = 4.0
    """Inner width of the SwiGLU is `expansion * hidden_size * 2 / 3`, rounded up."""
    intermediate_multiple: int = 256
    """What the inner width is rounded up to; the references use 256."""
    num_heads: int = 8
    H_cycles: int = 3
    L_cycles: int = 6
    H_layers: int = 0
    """Layers of a separate `H_level`; 0 means one network serves both states (TRM)."""
    L_layers: int = 2
    mlp_t: bool = False
    """Mix positions by an MLP instead of attention (short fixed grids)."""
    conv_kernel: int = 0
    """Mix positions by a convolution of this odd side instead; see `mixing`. Over
    a grid if `grid_width` is given, else over a sequence."""
    conv_wraps: bool = False
    """Whether the convolution's neighbours go on across the edge."""
    groups: tuple[tuple[int, ...], ...] = ()
    """Positions that constrain each other: they exchange messages instead; see `relations`."""
    symbols: tuple[int, ...] = ()
    """Interchangeable tokens, each with a state of its own at every position; needs `groups`."""
    H_attends: bool = False
    """Whether the slow level, which needs `H_layers` then, mixes by attention
    whatever the fast one does: near things fast, far things slowly."""
    pos_encodings: Literal["none", "rope", "rope2d", "learned", "places"] = "rope"
    """`rope2d` turns half of each head by the row and half by the column;
    `places` learns rows and columns of `regions` from both ends."""
    looks_by_place: bool = False
    """Whether attention also looks from place to place, whatever stands there;
    needs `places`."""
    regions: tuple[Region, ...] = ()
    """Where values lie, for `places`."""
    grid_width: int = 0
    """Columns of the grid, for `rope2d` and convolution."""
    rope_theta: float = 10_000.0
    rms_norm_eps: float = 1e-5
    puzzle_emb_ndim: int = 0
    """Size of one puzzle's embedding; 0 for none."""
    puzzle_emb_len: int = 0
    """Positions put before the sequence for it; they may stay empty."""
    num_puzzle_identifiers: int = 1
    halt_max_steps: int = 16
    """Segments in training, and of a single pass."""
    halt_readout: Literal["first", "mean"] = "first"
    """What the halting head reads: the first position, or the mean of all."""
    gradient: Literal["last_cycle", "last_step"] = "last_cycle"
    """How far back gradients flow: TRM's whole last cycle, or HRM's last updates."""

    def __post_init__(self) -> None:
        sizes = "seq_len vocab_size hidden_size intermediate_multiple num_heads"
        counts = "H_cycles L_cycles L_layers halt_max_steps num_puzzle_identifiers"
        for name in f"{sizes} {counts}".split():
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be at least 1")
        self._check_mixers()
        if self.mixer == "attention" or self.H_attends:
            head_dim, rest = divmod(self.hidden_size, self.num_heads)
            step = {"rope": 2, "rope2d": 4}.get(self.pos_encodings, 1)
            if rest or head_dim % step:
                raise ConfigError(
                    f"hidden_size {self.hidden_size} does not divide into {self.num_heads} heads "
                    f"whose size is a multiple of {step}, as {self.pos_encodings} needs"
                )
        if self.pos_encodings == "rope2d" and self.grid_width < 1:
            raise ConfigError("rope2d needs grid_width, the columns of the grid")
        if self.puzzle_emb_ndim > self.puzzle_emb_len * self.hidden_size:
            raise ConfigError(
                f"puzzle_emb_ndim {self.puzzle_emb_ndim} needs more than "
                f"{self.puzzle_emb_len} positions of {self.hidden_size}"
            )

    def _check_mixers(self) -> None:
        object.__setattr__(self, "regions", tuple(map(tuple, self.regions)))
        if self.pos_encodings == "places" and not self.regions:
            raise ConfigError("places needs regions, where values lie")
        if self.looks_by_place and self.pos_encodings != "places":
            raise ConfigError("looks_by_place needs pos_encodings places")
        if any(f + (r - 1) * w + c > self.seq_len for f, r, c, w, _ in self.regions):
            raise ConfigError(f"a region reaches beyond the {self.seq_len} positions")
        if self.H_attends and self.H_layers < 1:
            raise ConfigError("H_attends needs H_layers, a slow level of its own")
        if bool(self.mlp_t) + bool(self.conv_kernel) + bool(self.groups) > 1:
            raise ConfigError("choose one of mlp_t, conv_kernel and groups")
        self._check_relations()
        if self.conv_kernel and self.puzzle_emb_len:
            raise ConfigError("a convolution leaves no place for a puzzle embedding")
        if self.conv_kernel and (self.conv_kernel < 0 or self.conv_kernel % 2 == 0):
            raise ConfigError(f"conv_kernel is {self.conv_kernel}; it must be odd")
        if self.conv_kernel and self.grid_width and self.seq_len % self.grid_width:
            raise ConfigError(
                f"{self.seq_len} positions do not fill rows of {self.grid_width}, "
                "as a convolution over a grid needs"
            )

    def _check_relations(self) -> None:
        object.__setattr__(self, "groups", tuple(map(tuple, self.groups)))
        object.__setattr__(self, "symbols", tuple(self.symbols))
        for group in self.groups:
            if len(set(group)) < len(group) or not all(0 <= at < self.seq_len for at in group):
                raise ConfigError(
                    f"group {list(group)} is no set of positions from 0 to {self.seq_len - 1}"
                )
        if self.symbols and not self.groups:
            raise ConfigError("symbols need groups, along which positions hear of each other")
        if len(set(self.symbols)) < len(self.symbols) or len(self.symbols) == 1:
            raise ConfigError(f"symbols {list(self.symbols)} are not two or more different tokens")
        if not all(0 < token < self.vocab_size for token in self.symbols):
            raise ConfigError(f"symbols {list(self.symbols)} are not tokens of this network")
        if self.groups and (self.puzzle_emb_len or self.H_attends or self.looks_by_place):
            raise ConfigError("groups go with no puzzle embedding and no attention")
        if self.groups and self.halt_readout != "mean":
            raise ConfigError("groups need halt_readout mean: no position is the first")

    @property
    def mixer(self) -> Literal["attention", "mlp", "conv", "groups"]:
        """How positions hear of each other."""
        if self.mlp_t:
            return "mlp"
        if self.groups:
            return "groups"
        return "conv" if self.conv_kernel else "attention"

    @property
    def specials(self) -> tuple[int, ...]:
        """Tokens that are not interchangeable."""
        return tuple(t for t in range(self.vocab_size) if t not in self.symbols)

    @property
    def mixing(self) -> str:
        """The mixers of both levels, for people: "conv and attention"."""
        fast = f"{self.mixer}{', wrapping,' if self.conv_wraps else ''}"
        return f"{fast} and attention" if self.H_attends else fast

    @property
    def told(self) -> tuple[Region, ...]:
        """Regions of which every position is told; none if there are too many to matter."""
        told = tuple(region for region in self.regions if region[4])
        return told if len(told) <= MOST_TOLD else ()

    @property
    def positions(self) -> int:
        """Length of the states: the sequence, each symbol apart, and what stands before it."""
        return self.seq_len * (len(self.symbols) or 1) + self.puzzle_emb_len

    @property
    def injected_size(self) -> int:
        """Width of what is injected at a position: the puzzle, and its place to look by."""
        return self.hidden_size * (2 if self.looks_by_place else 1)

    def on_canvas(self, side: int) -> NetworkConfig:
        """The same weights over a square canvas of another side.

        Raises:
            ConfigError: the mixer is no convolution over a grid, or positions are learned.
        """
        if not (self.conv_kernel and self.grid_width) or self.pos_encodings == "learned":
            raise ConfigError("only a convolution over a grid fits a canvas of any size")
        return replace(self, seq_len=side * side, grid_width=side)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> NetworkConfig:
        """Build from plain data; an unknown key is an error, not ignored.

        Raises:
            ConfigError: a key is unknown or missing, or a value does not fit.
        """
        known = [one.name for one in fields(cls)]
        if wrong := [f"{name}: {unknown(name, known)}" for name in values if name not in known]:
            raise ConfigError(f"network settings: {', '.join(wrong)}")
        try:
            return cls(**values)
        except TypeError as error:
            raise ConfigError(f"network settings: {error}") from None

    def to_mapping(self) -> dict[str, Any]:
        """Plain data, for config.json."""
        return asdict(self)
