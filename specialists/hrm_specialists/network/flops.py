"""What a network costs: parameters, and operations per segment, from its shape alone.

Counts multiplications and additions of matrix products, two for each weight
and position, as the literature does; norms, activations and rotations are left
out (about one percent). Knows nothing of torch, devices or measured time.
"""

from __future__ import annotations

from hrm_specialists.network.config import NetworkConfig


def segment_flops(config: NetworkConfig) -> int:
    """Floating-point operations of one segment of one puzzle, forward only."""
    slow = "attention" if config.H_attends else config.mixer
    answered = config.positions - config.puzzle_emb_len
    per_cycle = config.L_cycles * _level(config, config.L_layers, config.mixer)
    per_cycle += _level(config, config.H_layers or config.L_layers, slow)
    heads = config.hidden_size * (answered * _tokens(config)[1] + 2)
    return 2 * (config.H_cycles * per_cycle + heads)


def parameter_count(config: NetworkConfig) -> int:
    """Trainable numbers of the network; its fixed first states are not counted."""
    D, S = config.hidden_size, config.positions
    by_place = 2 * D * D if config.looks_by_place else 0
    mixing = {
        "mlp": _swiglu_weights(config, S),
        "attention": 4 * D * D + by_place,
        "conv": _conv_weights(config),
        "groups": _message_weights(config),
    }
    slow = "attention" if config.H_attends else config.mixer
    total = config.L_layers * mixing[config.mixer] + config.H_layers * mixing[slow]
    total += (config.L_layers + config.H_layers) * _swiglu_weights(config, D)
    if config.pos_encodings == "places":
        rows, columns = (max(region[side] for region in config.regions) for side in (1, 2))
        total += D * (len(config.regions) + 2 * (rows + columns + 1))
        told = [(r, c) for _, r, c, _, _ in config.told]
        total += D * sum(config.vocab_size if r * c == 1 else r + c + 2 for r, c in told)
    if config.looks_by_place:
        total += _swiglu_weights(config, D)
    total += sum(_tokens(config)) * D  # embedding and answer head
    total += 2 * D + 2  # halting head
    total += config.num_puzzle_identifiers * config.puzzle_emb_ndim
    places = config.seq_len + config.puzzle_emb_len
    return total + (places * D if config.pos_encodings == "learned" else 0)


def _level(config: NetworkConfig, layers: int, mixer: str) -> int:
    """Multiply-adds of one pass through a stack of `layers`."""
    D, S = config.hidden_size, config.positions
    projections = (6 if config.looks_by_place else 4) * S * D * D
    mixing = {
        "mlp": D * _swiglu_weights(config, S),
        "attention": projections + 2 * S * S * D,  # projections; scores and weighted sum
        "conv": S * _conv_weights(config),
        "groups": _messages(config),
    }[mixer]
    return layers * (mixing + S * _swiglu_weights(config, D))


def _tokens(config: NetworkConfig) -> tuple[int, int]:
    """Rows of the embedding, and of the answer head."""
    if config.symbols:
        return len(config.specials) + 2, len(config.specials) + 1
    return config.vocab_size, config.vocab_size


def _messages(config: NetworkConfig) -> int:
    """Sums over groups and back, as sparse sums, and the MLPs that read them."""
    D, symbols = config.hidden_size, len(config.symbols) or 1
    mlp = _swiglu_weights(config, D)
    total = len(config.groups) * symbols * mlp
    total += 2 * D * symbols * sum(map(len, config.groups))
    return total + (config.seq_len * mlp if config.symbols else 0)


def _message_weights(config: NetworkConfig) -> int:
    return (2 if config.symbols else 1) * _swiglu_weights(config, config.hidden_size)


def _conv_weights(config: NetworkConfig) -> int:
    seen = config.conv_kernel ** (2 if config.grid_width else 1)
    return seen * config.hidden_size**2


def _swiglu_weights(config: NetworkConfig, size: int) -> int:
    """Weights of a SwiGLU over vectors of `size`, its inner width rounded up."""
    multiple = config.intermediate_multiple
    inner = -(-round(config.expansion * size * 2 / 3) // multiple) * multiple
    return 3 * size * inner
