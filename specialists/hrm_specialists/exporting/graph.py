"""An ONNX graph, written as formulae: a value knows its graph, and operators add nodes to it.

Numbers are float64 unless they are cast. Knows nothing of specialists; needs onnx.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

OPSETS = {"": 20, "ai.onnx.ml": 3}
IR_VERSION = 9
"""What these operator sets came with; newer ones shut out older runtimes."""
TYPES = {
    np.dtype(kind): helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    for kind in ("float32", "float64", "int64", "bool")
}


class Graph:
    """Nodes in the order in which they are computed."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def input(self, name: str, kind: Any, *shape: int | str) -> Value:
        """Something that whoever runs the model hands over."""
        self._inputs.append(helper.make_tensor_value_info(name, _type(kind), shape))
        return Value(self, name)

    def output(self, name: str, value: Value, kind: Any, *shape: int | str) -> None:
        """Something that the model answers, cast to a type if that is one of numbers."""
        if kind is not str:
            value = value.cast(kind)
        self._nodes.append(helper.make_node("Identity", [value.name], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, _type(kind), shape))

    def constant(self, array: Any) -> Value:
        """An array; Python numbers become float64."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(array), name))
        return Value(self, name)

    def op(self, kind: str, *given: Any, domain: str = "", **attributes: Any) -> Value:
        """The first output of an operator; arrays and numbers become constants."""
        names = [(one if isinstance(one, Value) else self.constant(one)).name for one in given]
        made = f"v{len(self._nodes)}"
        outputs = [made, f"{made}b"] if kind == "TopK" else [made]
        self._nodes.append(helper.make_node(kind, names, outputs, domain=domain, **attributes))
        return Value(self, made)

    def bytes(self) -> bytes:
        """The model, checked."""
        graph = helper.make_graph(
            self._nodes, "hrm_agent", self._inputs, self._outputs, self._constants
        )
        opsets = [helper.make_opsetid(name, version) for name, version in OPSETS.items()]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="hrm-agent"
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())


def _binary(kind: str) -> Callable[[Value, Any], Value]:
    return lambda self, other: self.op(kind, other)


class Value:
    """What a node gives, or an input, or a constant."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def op(self, kind: str, *others: Any, **attributes: Any) -> Value:
        """An operator with this value first."""
        return self.graph.op(kind, self, *others, **attributes)

    def cast(self, kind: Any) -> Value:
        """In another type."""
        return self.op("Cast", to=_type(kind))

    def reduce(self, how: str, axis: int) -> Value:
        """`ReduceSum` and its like over one axis, which is kept with length 1."""
        return self.op(f"Reduce{how}", np.array([axis]), keepdims=1)

    def slice(self, start: int, end: int, axis: int) -> Value:
        """Part of an axis."""
        return self.op("Slice", np.array([start]), np.array([end]), np.array([axis]))

    def column(self) -> Value:
        """With one more axis of length 1 at the end."""
        return self.op("Unsqueeze", np.array([-1]))

    __add__, __sub__, __mul__ = _binary("Add"), _binary("Sub"), _binary("Mul")
    __truediv__, __matmul__ = _binary("Div"), _binary("MatMul")
    __gt__, __lt__, __and__ = _binary("Greater"), _binary("Less"), _binary("And")

    def __rsub__(self, other: Any) -> Value:
        return self.graph.op("Sub", other, self)

    def __invert__(self) -> Value:
        return self.op("Not")

    def where(self, then: Any, other: Any) -> Value:
        """Choose by this value, of booleans."""
        return self.op("Where", then, other)


def lookup(place: Value, table: NDArray[Any], beyond: float) -> Value:
    """Entries of a table; `beyond` for places below 0."""
    last = place.graph.constant(np.int64(len(table)))
    at = (place < np.int64(0)).where(last, place)
    return place.graph.op("Gather", np.append(table, table.dtype.type(beyond)), at)


def _type(kind: Any) -> int:
    return int(onnx.TensorProto.STRING if kind is str else TYPES[np.dtype(kind)])
