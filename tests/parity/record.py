"""Record what a reference implementation computes; run by hand, never by the tests.

    python tests/parity/record.py CHECKOUT VARIANT...

CHECKOUT is a working copy of the reference (HRM or TRM); VARIANT names of
`filling.VARIANTS` that it implements. Writes `recorded/VARIANT/`. The reference
needs `einops` (TRM); its flash attention is replaced by torch's, which computes
the same in fp32 on a CPU.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
from pathlib import Path
from typing import Any

import filling
import numpy as np
import safetensors.numpy
import torch
import torch.nn.functional as F
from torch import Tensor

from hrm_specialists.storage import write_folder

REFERENCES = {
    "hrm": ("models.hrm.hrm_act_v1", "HierarchicalReasoningModel_ACTV1"),
    "trm": ("models.recursive_reasoning.trm", "TinyRecursiveReasoningModel_ACTV1"),
}


def attention(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tensor:
    """Flash attention's signature and layout, `[B, S, N, K]`, over torch's own."""
    heads = (t.transpose(1, 2) for t in (q, k, v))
    return F.scaled_dot_product_attention(*heads, is_causal=causal).transpose(1, 2).contiguous()


def record(variant: str) -> dict[str, np.ndarray]:
    """Three segments without, and a fourth with gradients."""
    config = filling.VARIANTS[variant]
    path, name = REFERENCES[variant.split("-")[0]]
    model: Any = getattr(importlib.import_module(path), name)(
        {
            **config,
            "batch_size": filling.ROWS,
            "halt_exploration_prob": 0.0,
            "forward_dtype": "float32",
        }
    )
    losses: Any = importlib.import_module("models.losses")
    head = losses.ACTLossHead(model, "stablemax_cross_entropy")
    state = model.inner.state_dict()
    model.inner.load_state_dict(
        {key: torch.from_numpy(filling.weight(key, value.shape)) for key, value in state.items()}
    )
    batch = {key: torch.from_numpy(value) for key, value in filling.batch(config).items()}

    out: dict[str, np.ndarray] = {}
    model.eval()
    carry = model.initial_carry(batch)
    for segment in range(1, filling.SEGMENTS + 1):
        with torch.no_grad():
            carry, outputs = model(carry, batch)
        _note(out, f"{segment}.logits", outputs["logits"])
        _note(out, f"{segment}.q_halt_logits", outputs["q_halt_logits"])
        _note(out, f"{segment}.q_continue_logits", outputs["q_continue_logits"])
        for z in ("z_H", "z_L"):
            _note(out, f"{segment}.{z}", getattr(carry.inner_carry, z), 500)

    model.train()
    carry, loss, _, outputs = head(return_keys=["target_q_continue"], carry=carry, batch=batch)[:4]
    loss.backward()
    _note(out, "loss", loss)
    if "target_q_continue" in outputs:
        _note(out, "target_q_continue", outputs["target_q_continue"])
    gradients = {key: p.grad for key, p in model.inner.named_parameters()}
    ids, local = batch["puzzle_identifiers"], model.inner.puzzle_emb.local_weights.grad
    gradients["puzzle_emb.weights"] = torch.zeros_like(state["puzzle_emb.weights"]).index_add_(
        0, ids, local
    )
    for key, gradient in gradients.items():
        _note(out, f"norm.{key}", gradient.double().norm().float())
        _note(out, f"gradient.{key}", gradient, 12)
    shapes = {key: list(value.shape) for key, value in state.items()}
    files = {
        "names.json": json.dumps(shapes, indent=1).encode(),
        "outputs.safetensors": safetensors.numpy.save(out),
    }
    write_folder(Path(__file__).parent / "recorded" / variant, files)
    return out


def _note(out: dict[str, np.ndarray], key: str, tensor: Tensor, count: int = 0) -> None:
    values = tensor.detach().float().contiguous().numpy()
    out[key] = filling.sampled(values, count) if count else values


if __name__ == "__main__":
    stub: Any = types.ModuleType("flash_attn")
    stub.flash_attn_func = attention
    sys.modules["flash_attn"] = stub
    sys.path.insert(0, sys.argv[1])
    for wanted in sys.argv[2:]:
        recorded = record(wanted)
        print(wanted, sum(values.nbytes for values in recorded.values()), "bytes")
