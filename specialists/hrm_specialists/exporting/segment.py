"""One segment of a network as an ONNX model: whoever runs it carries the states and stops.

Traced from the network itself by torch's exporter, so that there is no second description of
it. Needs torch, onnx and onnxscript. Shapes: N rows, S positions, V tokens, D hidden.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

import onnx_ir
import torch
from onnx_ir.passes import common
from torch import Tensor, nn

from hrm_specialists.exporting.graph import IR_VERSION, OPSETS
from hrm_specialists.network.act import HRM, Carry

INPUTS = ("tokens", "z_H", "z_L")
OUTPUTS = ("logits", "q_halt_logits", "z_H_next", "z_L_next")


class _Segment(nn.Module):
    """Embed, think one segment, and answer, with tensors alone going in and out."""

    def __init__(self, network: HRM) -> None:
        super().__init__()
        self.network = network

    def forward(self, tokens: Tensor, z_H: Tensor, z_L: Tensor) -> tuple[Tensor, ...]:
        """`[N, S]` and the states to logits `[N, S, V]`, halting logits `[N]` and new states."""
        carry, said = self.network(Carry(z_H, z_L), self.network.embed(tokens))
        return said.logits, said.q_halt_logits, carry.z_H, carry.z_L


def segment_model(network: HRM) -> bytes:
    """The model of a network on the CPU in fp32, for any number of rows."""
    network = network.eval().requires_grad_(False)
    carry = network.first_carry(2)
    tokens = torch.ones(2, network.config.seq_len, dtype=torch.long)
    rows = {0: torch.export.Dim("N")}
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)  # it tells which other packages it did not find
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, of torch's own code
            program = torch.onnx.export(
                _Segment(network).eval(),
                (tokens, carry.z_H, carry.z_L),
                input_names=INPUTS,
                output_names=OUTPUTS,
                opset_version=OPSETS[""],
                dynamic_shapes=dict.fromkeys(INPUTS, rows),
                dynamo=True,
                optimize=False,  # it would store each weight again wherever it is transposed
                verbose=False,
            )
    finally:
        log.setLevel(level)
    assert program is not None
    model: Any = program.model
    # each constant once, and nothing that only tells where a node came from
    for step in (
        common.CommonSubexpressionEliminationPass(),
        common.DeduplicateInitializersPass(),
        common.RemoveUnusedNodesPass(),
        common.ClearMetadataAndDocStringPass(),
    ):
        model = step(model).model
    model.ir_version = IR_VERSION
    written = onnx_ir.to_proto(model)
    del written.graph.value_info[:], written.graph.metadata_props[:]
    return bytes(written.SerializeToString())
