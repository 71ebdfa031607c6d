"""Our network computes what the published implementations compute.

`recorded/` holds what the references gave, made by `record.py`; weights and
inputs are made again by `filling.py`.
"""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import safetensors.torch
import torch
import torch.nn.functional as F
from published import load_published, to_published
from torch import Tensor

from hrm_specialists.network.act import HRM, Carry, Thinking
from hrm_specialists.storage import read_folder
from hrm_specialists.training.losses import segment_loss

HERE = Path(__file__).parent
TOLERANCE = 1e-5
"""Largest deviation, as a share of the largest entry recorded (of a gradient, or of its rms)."""


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"parity_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


filling = _load("filling")
SMALL = [name for name in filling.VARIANTS if name.endswith(("small", "learned"))]
VARIANTS = [
    pytest.param(name, marks=() if name in SMALL else pytest.mark.slow) for name in filling.VARIANTS
]


class Case:
    """One variant: our network with the agreed weights, and what the reference gave."""

    def __init__(self, variant: str) -> None:
        settings = filling.VARIANTS[variant]
        files = read_folder(HERE / "recorded" / variant)
        self.wanted = safetensors.torch.load(files["outputs.safetensors"])
        self.shapes: dict[str, list[int]] = json.loads(files["names.json"])
        tensors = {n: torch.from_numpy(filling.weight(n, s)) for n, s in self.shapes.items()}
        names = ("H_cycles", "L_cycles", "num_heads", "seq_len", "puzzle_emb_len")
        given: dict[str, Any] = {n: settings[n] for n in names if n in settings}
        self.config, state = load_published(tensors, **given)
        self.network = HRM(self.config)
        self.network.load_state_dict(state)
        batch = {name: torch.from_numpy(values) for name, values in filling.batch(settings).items()}
        self.labels = batch["labels"]
        self.inputs, self.puzzles = batch["inputs"], batch["puzzle_identifiers"]
        self.deviations: dict[str, float] = {}

    def think(self, carry: Carry) -> tuple[Carry, Thinking]:
        """One segment."""
        result: tuple[Carry, Thinking] = self.network(
            carry, self.network.embed(self.inputs, self.puzzles)
        )
        return result

    def compare(self, name: str, got: Tensor, sampled: int = 0) -> None:
        """Note how far `got` is from the recording."""
        wanted = self.wanted[name]
        if sampled:
            got = torch.from_numpy(filling.sampled(got.detach().contiguous().numpy(), sampled))
        assert got.shape == wanted.shape, name
        scale = wanted.abs().max().clamp_min(1e-12)
        if name.startswith("gradient."):  # a few entries may all be small by chance
            whole = self.wanted[name.replace("gradient.", "norm.", 1)]
            entries = math.prod(self.shapes[name.removeprefix("gradient.")])
            scale = torch.maximum(scale, whole / math.sqrt(entries))
        self.deviations[name] = float((got.detach().float() - wanted).abs().max() / scale)

    def segments(self) -> Iterator[tuple[int, Carry, Thinking]]:
        """The recorded segments without gradients, each with its carry."""
        carry = self.network.first_carry(len(self.inputs))
        for segment in range(1, filling.SEGMENTS + 1):
            with torch.no_grad():
                carry, thinking = self.think(carry)
            yield segment, carry, thinking


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in one order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("variant", VARIANTS)
def test_segments_and_gradients_match(variant: str) -> None:
    """Three segments with carry: answers, halting, states; then one training step."""
    case = Case(variant)
    carry: Carry | None = None
    for segment, carry, thinking in case.segments():
        case.compare(f"{segment}.logits", thinking.logits)
        case.compare(f"{segment}.q_halt_logits", thinking.q_halt_logits)
        case.compare(f"{segment}.q_continue_logits", thinking.q_continue_logits)
        case.compare(f"{segment}.z_H", carry.z_H, 500)
        case.compare(f"{segment}.z_L", carry.z_L, 500)

    assert carry is not None
    after, thinking = case.think(carry)
    # The references add up the rows; ours is their mean.
    loss = filling.ROWS * segment_loss(thinking, case.labels, kind="stablemax", q_weight=0.5).loss
    if variant.startswith("hrm"):
        with torch.no_grad():
            _, ahead = case.think(after)
        target = torch.maximum(ahead.q_halt_logits, ahead.q_continue_logits).sigmoid()
        case.compare("target_q_continue", target)
        loss = loss + 0.5 * F.binary_cross_entropy_with_logits(
            thinking.q_continue_logits, target, reduction="sum"
        )
    case.compare("loss", loss)
    loss.backward()  # type: ignore[no-untyped-call]
    gradients = to_published(
        {name: p.grad for name, p in case.network.named_parameters() if p.grad is not None}
    )
    assert {f"norm.{name}" for name in gradients} == {n for n in case.wanted if n[:5] == "norm."}
    for name, gradient in gradients.items():
        case.compare(f"norm.{name}", gradient.double().norm())
        case.compare(f"gradient.{name}", gradient, 12)

    assert case.deviations.keys() == case.wanted.keys()
    assert not {n: d for n, d in case.deviations.items() if not d <= TOLERANCE}


@pytest.mark.parametrize("variant", SMALL)
def test_a_small_change_shows(variant: str) -> None:
    """The comparison is not blind: one weight off by a hundredth fails it."""
    case = Case(variant)
    with torch.no_grad():
        case.network.recurrence.L_level.layers[0].mlp.down_proj.weight[3, 5] += 0.01
    for segment, _, thinking in case.segments():
        case.compare(f"{segment}.logits", thinking.logits)
    assert max(case.deviations.values()) > TOLERANCE
