"""A recipe from the examples and the time there is.

Rules of thumb, each overridable by a recipe of one's own. Structure is declared by the task, or
found: positions that hold different symbols in every solution constrain each other, and form the
groups along which a network passes messages. That is found only where symbols are interchangeable,
by a checker that passes their renaming or by the task's word for it, and where chance cannot have
kept them apart. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from hrm_specialists.codec import IGNORE, Codec, GridCodec
from hrm_specialists.contract import Task
from hrm_specialists.network.config import NetworkConfig, Region
from hrm_specialists.network.flops import segment_flops
from hrm_specialists.schema.field_codec import FieldCodec
from hrm_specialists.schema.fields import Category, Date, Number
from hrm_specialists.schema.sequences import Items, Series
from hrm_specialists.training.data import Examples
from hrm_specialists.training.recipe import Recipe, relations_of

MIXED_BY_MLP = 160
"""Positions up to which an MLP over positions is worth a try."""
LONGEST_OF_LABELS = 320
"""Positions up to which a network competes for labels: longer texts are told by their words."""
CPU_FLOPS, GPU_FLOPS = 40e9, 60e12
"""Operations a second that training may count on: cautious guesses."""
WANTED_SAMPLES, WANTED_ROWS = 100_000, 300_000
"""Segments of examples that a run should be able to think, and of a table's rows; fewer
teach little."""
WORTH_COMPILING = 15.0
"""Minutes from which the minute or more that a compiler takes is won back."""
SHORT = 5.0
"""Minutes below which steps are few: small batches, fast rates, few segments."""
WIDTHS = (256, 192, 128, 96, 64)
WIDTHS_OF_SYMBOLS, CYCLES_OF_SYMBOLS = (64, 48, 32), 5
"""Of the states of one symbol at one position: narrow and deep. 6x6 Sudokus from 100 examples
in 30 seconds: 95 % instead of 91 % with the default search. A GPU begins twice as wide."""
COMMIT = 2.0
"""Where values are interchangeable, rows that are far from right do not teach to hedge."""
GPU_ROWS = 8
"""Times the rows of a batch that a GPU takes at once, as it is hardly busy with fewer."""
DEEP, NARROWEST_DEEP = 4, 96
"""Working steps for each step of the plan, where they can be had at this width: worth more
than being wider."""
SEGMENTS, SEGMENTS_OF_LABELS = 8, 4
CHANCE = 0.01
"""Most pairs of positions that chance alone may be expected to keep apart."""
LARGEST = 400
"""Positions up to which pairs are looked at."""

Shape = dict[str, Any]


def recipes_for(
    task: Task[Any, Any],
    examples: Examples,
    *,
    minutes: float,
    seed: int,
    device: torch.device,
    changes: dict[str, Any] | None = None,
) -> list[Recipe]:
    """Recipes for a task of which examples are known, the likeliest first.

    They differ in how positions hear of each other; a short trial tells which
    suits the task. Only one is returned where `changes` decide that.

    Args:
        task: gives sizes and, if it was inferred, how its fields lie.
        examples: the training part.
        minutes: time for the training itself.
        seed: of the run.
        device: where it will run.
        changes: settings of `Recipe` that take precedence; `network` is merged.
    """
    changes = dict(changes or {})
    given = changes.pop("network", {})
    if "pos_encodings" in given:
        given = {"looks_by_place": False, **given}
    if isinstance(given.get("hidden_size"), int):
        given = {"num_heads": max(1, given["hidden_size"] // 16), **given}
    asked = int((examples.targets != IGNORE).sum(1).max())
    on_cpu, quick = device.type == "cpu", asked == 1 and in_columns(task.codec)
    short = on_cpu and minutes < SHORT
    rate, at_once = (CPU_FLOPS, 1) if on_cpu else (GPU_FLOPS, GPU_ROWS)
    wanted = at_once * (WANTED_ROWS if quick else WANTED_SAMPLES)
    batch = at_once * (128 if quick else 32 if short else 64)
    settings: dict[str, Any] = {
        "seed": seed,
        "batch": min(batch, max(8, len(examples) // 4)),
        "muon_lr": 6e-3 if short else 3e-3,
        "adam_lr": 6e-3 if short else 3e-3,
        "warmup": 40 if short else 100,
        "adam_decay": 0.1,
        "start_noise": 0.5 if asked > 1 else 0.0,
        "evaluate_every": 200,
        "compile": minutes >= WORTH_COMPILING,
        **_curriculum(asked, examples),
    }
    if "steps" not in changes and "minutes" not in changes:
        settings["minutes"] = minutes
    relations = relations_for(task, examples)
    if relations.get("symbols"):
        settings["commit"] = COMMIT
    mixers = [_along(relations)] if relations else _mixers(task.codec, asked)
    if given.keys() & set().union(*mixers) or "steps" in {**settings, **changes}:
        mixers = mixers[:1]
    segments = SEGMENTS_OF_LABELS if asked == 1 else SEGMENTS // (2 if short else 1)
    depth: Shape = {
        "expansion": 3.0,
        "intermediate_multiple": 32,
        "H_cycles": 1,
        "L_cycles": 1 if quick else 2,
        "halt_max_steps": 2 if quick else segments,
        "halt_readout": "mean",
    }
    if given:  # a network from elsewhere may want to know how values lie
        depth |= {"regions": _regions(task.codec), "grid_width": _canvas(task.codec)}
    return [
        Recipe.model_validate(
            {
                **settings,
                **changes,
                "network": {
                    **_wide({**depth, **mixer}, task.codec, rate * minutes * 60 / wanted, on_cpu),
                    **given,
                },
            }
        )
        for mixer in mixers
    ]


def _mixers(codec: Codec[Any, Any], asked: int) -> list[Shape]:
    """Ways to mix positions that may suit, the most robust first."""
    by_mlp: Shape = {"mlp_t": True, "pos_encodings": "none", "L_layers": 2}
    small = codec.seq_len <= MIXED_BY_MLP
    regions = _regions(codec)
    if _is_table(codec) or all(rows * columns == 1 for _, rows, columns, _, _ in regions):
        return [by_mlp if small else {"L_layers": 2}]
    attending: Shape = {
        "pos_encodings": "places",
        "looks_by_place": True,
        "regions": regions,
        "L_layers": 1,
    }
    far: Shape = {**attending, "H_layers": 1, "H_attends": True}
    # What stands at fixed places (a Latin square, a code) is found fast by an MLP over
    # positions alone; attention above it also finds what depends on where things stand.
    both: Shape = {**far, "mlp_t": True}
    width = _canvas(codec)
    if not width:
        near = {**far, "conv_kernel": 5}
        if asked == 1:
            return [by_mlp, attending, near] if small else [attending, near]
        return [both, near, attending] if small else [near, attending]
    near = {**far, "conv_kernel": 3, "grid_width": width}
    found = [both, near] if small else [near]
    if codec.seq_len == regions[0][1] * regions[0][2]:  # one grid and nothing else
        found.append({**near, "conv_wraps": True})
    return found


def _along(relations: Shape) -> Shape:
    """Messages along groups; who stands where is learned only where symbols have meanings."""
    return {
        **relations,
        "pos_encodings": "none" if relations["symbols"] else "learned",
        "L_layers": 2,
    }


def in_columns(codec: Codec[Any, Any]) -> bool:
    """Whether each position means the same in every example: no text, no grid, no free length."""
    if not isinstance(codec, FieldCodec):
        return False
    sides = (codec.problem_fields, codec.solution_fields)
    return all(
        isinstance(field, Category | Number | Date)
        or (isinstance(field, Series) and field.fixed)
        or (isinstance(field, Items) and field.fixed and not field.text)
        for side in sides
        for field in side.values()
    )


def order_may_matter(task: Task[Any, Any]) -> bool:
    """Whether an answer may depend on where things stand, in a problem of moderate length."""
    return not in_columns(task.codec) and task.codec.seq_len <= LONGEST_OF_LABELS


def _is_table(codec: Codec[Any, Any]) -> bool:
    """Whether all are columns of a table; in a row of names or levels, neighbours may matter."""
    return (
        isinstance(codec, FieldCodec)
        and in_columns(codec)
        and not any(isinstance(field, Items) for field in codec.problem_fields.values())
    )


def _canvas(codec: Codec[Any, Any]) -> int:
    """Columns that all positions lie in; 0 for a line."""
    if isinstance(codec, GridCodec):
        return codec.width
    if not isinstance(codec, FieldCodec):
        return 0
    first, rows, columns, stride, _ = codec.regions[0]
    alone = rows > 1 and stride == columns and (first, rows * columns) == (0, codec.seq_len)
    return columns if alone else codec.width


def _regions(codec: Codec[Any, Any]) -> tuple[Region, ...]:
    if isinstance(codec, FieldCodec):
        return codec.regions
    if isinstance(codec, GridCodec):
        return ((0, codec.height, codec.width, codec.width, True),)
    return ((0, 1, codec.seq_len, codec.seq_len, True),)


def _wide(shape: Shape, codec: Codec[Any, Any], per_sample: float, on_cpu: bool) -> Shape:
    """As deep, then as wide as so many operations for a segment, with its gradients, allow."""
    symbols = shape.get("symbols")
    usual = CYCLES_OF_SYMBOLS if symbols else shape["L_cycles"]
    widths = WIDTHS_OF_SYMBOLS if symbols else WIDTHS
    widths = widths if on_cpu else (2 * widths[0], *widths)
    deeper = usual > 1 and not symbols
    deep = [(DEEP, width) for width in widths if width >= NARROWEST_DEEP and deeper]
    for cycles, width in (*deep, *((usual, width) for width in widths)):
        sizes = {"L_cycles": cycles, "hidden_size": width, "num_heads": max(1, width // 16)}
        shape = {**shape, **sizes}
        config = NetworkConfig(seq_len=codec.seq_len, vocab_size=codec.vocab_size, **shape)
        if 3 * segment_flops(config) <= per_sample:
            break
    return shape


def _curriculum(asked: int, examples: Examples) -> dict[str, float]:
    """Show part of the solution at first, where that hides nothing of the problem.

    That is so where all that is ever to be found stands on one symbol, a blank.
    """
    changed = (examples.targets != IGNORE) & (examples.inputs != examples.targets)
    if asked < 4 or len(set(examples.inputs[changed].tolist())) != 1:
        return {}
    return {"reveal_first": 0.15, "reveal_later": 0.15}


def relations_for(task: Task[Any, Any], examples: Examples) -> dict[str, Any]:
    """Settings `groups` and `symbols` of a network, or nothing if there is no structure."""
    declared = relations_of(task)
    if not declared["symbols"] and task.symmetries is not None and task.symmetries.alike:
        largest = max(task.symmetries.alike, key=len)
        declared["symbols"] = list(largest)
    if not declared["groups"] and declared["symbols"]:
        declared["groups"] = found_groups(examples, declared["symbols"])
    return declared if declared["groups"] else {}


def found_groups(examples: Examples, symbols: Sequence[int]) -> list[list[int]]:
    """Sets of positions of which no two ever hold the same symbol; see the top.

    Returns:
        Each pair of such positions is in one group at least; nothing if the examples
        are too few to tell, or answer anything but interchangeable symbols.
    """
    targets = examples.targets
    asked = targets != IGNORE
    if targets.shape[1] > LARGEST or not bool(torch.isin(targets[asked], _tensor(symbols)).all()):
        return []
    shares = torch.stack([((targets == s) & asked).float().mean(0) for s in symbols])  # [A, S]
    together = asked.float().T @ asked.float()  # [S, S]: examples that ask for both
    same = sum((targets == s).float().T @ (targets == s).float() for s in symbols)
    met = (shares.T @ shares).clamp(max=0.999)  # chance to hold the same, were they independent
    apart = (same == 0) & (together > 0) & ~torch.eye(len(met), dtype=torch.bool)
    by_chance = torch.exp(together * torch.log1p(-met))
    if float(by_chance.triu(1).sum()) > CHANCE:
        return []
    return _cliques(apart)


def _cliques(apart: Tensor) -> list[list[int]]:
    """Groups that cover all pairs: each grows from a pair that none has yet, by whoever fits."""
    near = [set(row.nonzero()[:, 0].tolist()) for row in apart]
    left = {(i, j) for i, others in enumerate(near) for j in others if i < j}
    groups = []
    while left:
        one, other = min(left)
        group, fitting = [one, other], near[one] & near[other]
        while fitting:
            # Who leaves most of the others fitting, the new pairs deciding a tie.
            new = {at: sum((min(at, g), max(at, g)) in left for g in group) for at in fitting}
            best = max(fitting, key=lambda at: (len(fitting & near[at]), new[at], -at))
            group.append(best)
            fitting &= near[best]
        groups.append(sorted(group))
        left -= {(i, j) for i in group for j in group}
    return groups


def _tensor(symbols: Sequence[int]) -> Tensor:
    return torch.tensor(list(symbols))
