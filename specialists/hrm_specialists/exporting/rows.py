"""Trees, linear models and mixtures of them as one ONNX graph, from columns to calibrated answers.

What `RowSolver` computes with numpy, in the operators of ONNX: a column of numbers or names is
an input as its owner writes it; only the n-grams of a text are counted outside, by `grams`.
Shapes: N rows, F features, L values of a series, M different n-grams, K labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hrm_specialists.exporting.graph import Graph, Value, lookup
from hrm_specialists.learners import linear, mixture
from hrm_specialists.learners.kernel import Kernel
from hrm_specialists.learners.linear import Block, Linear
from hrm_specialists.learners.mixture import Mixture
from hrm_specialists.learners.rocket import KERNELS, Rocket
from hrm_specialists.learners.rows import ROUNDING
from hrm_specialists.learners.solver import RowSolver
from hrm_specialists.learners.trees import Trees
from hrm_specialists.schema.columns import Column
from hrm_specialists.schema.fields import Number

LARGEST = 3e38
COVERAGE = 0.9
"""Of the interval around a number."""


def rows_model(solver: RowSolver) -> tuple[bytes, dict[str, Any]]:
    """The model that answers like `solver`, and what its inputs and outputs mean."""
    schema = solver.task.schema  # type: ignore[attr-defined]
    graph, mix = Graph(), solver.mixture
    columns = schema.columns([])
    inputs = _Inputs(graph, mix, columns)
    outcome = None
    for _, weight, member in mix.members:
        if isinstance(member, Trees):
            answer = _linked(_trees(inputs.dense, member), member)
        elif isinstance(member, Kernel):
            answer = _kernel(inputs, member)
        else:
            answer = _linear(inputs, member)
        share = answer * float(weight)
        outcome = share if outcome is None else outcome + share
    assert outcome is not None
    far = inputs.dense - mix.familiar.centre
    far = far.op("IsNaN").where(0.0, far) @ mix.familiar.turn
    far = far.op("Clip", -mixture.FARTHEST, mixture.FARTHEST)
    far = (far * far).reduce("Mean", 1).op("Sqrt") if mix.familiar.turn.size else inputs.zeros(1)
    meaning: dict[str, Any] = {"columns": inputs.meaning}
    meaning["usual_distance"] = mix.familiar.limit**0.5
    for about in inputs.meaning:
        field = schema.fields.get(about["name"], schema.fields.get(""))
        if isinstance(field, Number) and field.low is not None:
            about["familiar"] = list(field.familiar)
    meaning["unchecked"] = [
        f"whether {column.name or 'value'!r} has enough words of the training texts"
        for column, known in zip(columns, mix.vocabularies, strict=True)
        if known is not None
    ]
    if mix.labels:
        names = schema.answer.names
        found = _calibrated(outcome, solver.calibration.line)
        best = outcome.op("ArgMax", axis=1, keepdims=0)
        kind: Any = str if all(isinstance(n, str) for n in names) else None
        kind = np.int64 if all(type(n) is int for n in names) else kind
        labels = graph.op("Gather", np.array(names, kind or object), best) if kind else best
        graph.output("label", labels, kind or np.int64, "N")
        graph.output("probabilities", found, np.float32, "N", len(names))
        meaning |= {"labels": list(names), "label_is_place": kind is None}
    else:
        _number(graph, solver, inputs.dense, outcome)
    graph.output("distance", far.op("Squeeze", np.array([1])), np.float32, "N")
    return graph.bytes(), meaning


def _number(graph: Graph, solver: RowSolver, dense: Value, outcome: Value) -> None:
    spread = solver.mixture.spread
    assert spread is not None
    scale = _linked(_trees(dense, spread.trees), spread.trees).op("Clip", -60.0, 60.0).op("Exp")
    half = scale * spread.half_width(np.ones(1), COVERAGE)
    for name, value in (("number", outcome), ("low", outcome - half), ("high", outcome + half)):
        graph.output(name, value.op("Squeeze", np.array([1])), np.float64, "N")


class _Inputs:
    """The inputs of all columns, and what members read of them."""

    def __init__(self, graph: Graph, mix: Mixture, columns: Sequence[Column]) -> None:
        self.graph, self._grams = graph, dict[tuple[int, str, bool], Value]()
        self.meaning: list[dict[str, Any]] = []
        self.waves: Value | None = None
        self._texts: list[str] = []
        parts, waves = [], []
        with_waves = any(isinstance(m, Linear) and m.waves is not None for _, _, m in mix.members)
        for at, (column, plan) in enumerate(zip(columns, mix.encoder.plans, strict=True)):
            name = column.name or "value"
            about: dict[str, Any] = {"name": name, "kind": plan["kind"]}
            if plan["kind"] == "number":
                parts.append(graph.input(name, np.float32, "N", 1))
            elif plan["kind"] == "category":
                parts += _category(graph, name, column.names, plan)
                about["values"] = list(column.names)
            elif plan["kind"] == "text":
                parts.append(graph.input(f"{name}.features", np.float32, "N", plan["width"]))
                about |= {"salt": at, "places": plan.get("places", 0)}
                about["contexts"] = list(plan.get("contexts", ()))
                self._texts.append(name)
            elif plan["kind"] == "series":
                numbers = graph.input(name, np.float64, "N", plan["length"])
                parts += _series(numbers, plan)
                rocket = mix.encoder.rockets[at]
                if with_waves and rocket is not None:
                    waves.append(_waves(numbers, rocket, plan["length"]))
            else:
                parts += _symbols(graph.input(name, np.int64, "N", plan["length"]), plan)
                about["values"] = list(column.names)
            self.meaning.append(about)
        if mix.encoder.pairs:
            width = mix.encoder.width - sum(mix.encoder.widths)
            parts.append(graph.input("pairs.features", np.float32, "N", width))
        whole = graph.op("Concat", *(part.cast(np.float64) for part in parts), axis=1)
        self.dense = whole.op("Clip", -LARGEST, LARGEST).cast(np.float32).cast(np.float64)
        if waves:
            self.waves = graph.op("Concat", *waves, axis=1).cast(np.float64)

    def zeros(self, width: int) -> Value:
        """`[N, width]`."""
        count = self.dense.op("Shape", start=0, end=1)
        shape = self.graph.op("Concat", count, np.array([width]), axis=0)
        return self.graph.op("Expand", 0.0, shape)

    def grams(self, text: int, kind: str, cased: bool) -> Value:
        """Row, hash and count of n-grams, int64 `[M, 3]`."""
        key = (text, kind, cased)
        if key not in self._grams:
            name = f"{self._texts[text]}.{kind}{'.cased' if cased else ''}"
            self._grams[key] = self.graph.input(name, np.int64, name, 3)
        return self._grams[key]


def _category(
    graph: Graph, name: str, names: Sequence[Any], plan: Mapping[str, Any]
) -> list[Value]:
    if any(isinstance(n, str) for n in names):
        given = graph.input(name, str, "N", 1)
        keys: dict[str, Any] = {"keys_strings": [str(n) for n in names]}
    else:  # numbers, or true and false
        given = graph.input(name, np.float32, "N", 1)
        keys = {"keys_floats": [float(n) for n in names]}
    place = given.op("LabelEncoder", domain="ai.onnx.ml", **keys, **_places(len(names), keys))
    place = place.cast(np.int64)
    parts = []
    if plan["codes"]:
        parts.append(place.op("Equal", np.array(plan["codes"], np.int64)[None]))
    if plan["levels"]:
        parts.append(lookup(place, np.array(plan["levels"]), np.nan))
    if plan["frequency"]:
        parts.append(lookup(place, np.array(plan["frequency"]), 0.0))
    return parts


def _places(count: int, keys: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a `LabelEncoder`: not every runtime has floats to int64."""
    if "keys_floats" in keys:
        return {"values_floats": [float(at) for at in range(count)], "default_float": -1.0}
    return {"values_int64s": list(range(count)), "default_int64": -1}


def _symbols(codes: Value, plan: Mapping[str, Any]) -> list[Value]:
    symbols, length = plan["symbols"], plan["length"]
    hot = codes.column().op("Equal", np.arange(symbols)).cast(np.float64)
    flat = hot.op("Reshape", np.array([-1, length * symbols])) if plan["one_hot"] else codes
    return [flat, hot.op("ReduceMean", np.array([1]), keepdims=0)]


def _series(x: Value, plan: Mapping[str, Any]) -> list[Value]:
    """`rows._summary`, and the values themselves if there are few."""
    flat = [x] if plan["flat"] else []
    nan = x.op("IsNaN")
    empty = (~nan).cast(np.float64).reduce("Sum", 1) < 0.5
    x = empty.where(0.0, x)
    known = ~x.op("IsNaN")
    here = known.cast(np.float64)
    count = here.reduce("Sum", 1)
    filled = known.where(x, 0.0)
    mean = filled.reduce("Sum", 1) / count
    away = known.where(x - mean, 0.0)
    least = filled.op("Abs").reduce("Max", 1) * ROUNDING
    away = (away.op("Abs") > least).where(away, 0.0)
    power = (away * away).reduce("Sum", 1)
    spread = (power / count).op("Sqrt")
    low = known.where(x, np.inf).reduce("Min", 1)
    high = known.where(x, -np.inf).reduce("Max", 1)
    length = plan["length"]
    rising = known.where(x, np.inf).op("Neg").op("TopK", np.array([length]), axis=1).op("Neg")
    tenth = [_quantile(rising, count, share) for share in (0.1, 0.25, 0.5, 0.75, 0.9)]
    pairs = known.slice(1, length, 1) & known.slice(0, length - 1, 1)
    steps = pairs.cast(np.float64).reduce("Sum", 1).op("Max", 1.0)
    jumps = pairs.where(filled.slice(1, length, 1) - filled.slice(0, length - 1, 1), 0.0).op("Abs")
    product = pairs.where(away.slice(1, length, 1) * away.slice(0, length - 1, 1), 0.0)
    crossings = (product < 0.0).cast(np.float64).reduce("Sum", 1) / steps
    most = jumps.reduce("Max", 1)
    safe = (spread > 0.0).where(spread, 1.0)
    told = [mean, spread, low, high, *tenth, jumps.reduce("Sum", 1) / steps, most, most / safe]
    told += [product.reduce("Sum", 1) / power.op("Max", 1e-12), crossings]
    told += [away.reduce("Max", 1) / safe, away.reduce("Min", 1).op("Neg") / safe]
    return [*flat, *told]


def _quantile(rising: Value, count: Value, share: float) -> Value:
    """Between the two nearest of the sorted values; missing ones stand at the end."""
    at = (count - 1.0) * share
    below = at.op("Floor")
    low = rising.op("GatherElements", below.cast(np.int64), axis=1)
    high = rising.op("GatherElements", at.op("Ceil").cast(np.int64), axis=1)
    return low + (high - low) * (at - below)


def _waves(x: Value, rocket: Rocket, length: int) -> Value:
    """`Rocket.features`, with its order of additions: ties with biases are common."""
    nan = x.op("IsNaN")
    count = (~nan).cast(np.float64).reduce("Sum", 1).op("Max", 1.0)
    filled = nan.where(nan.where(0.0, x).reduce("Sum", 1) / count, x).cast(np.float32)
    shares = []
    for dilation, bias in zip(rocket.dilations.tolist(), rocket.biases, strict=True):
        reach = 4 * dilation
        padded = filled.op("Pad", np.array([0, reach, 0, reach]), np.float32(0))
        shifted = [padded.slice(k * dilation, k * dilation + length, 1) for k in range(9)]
        whole = shifted[0]
        for one in shifted[1:]:
            whole = whole + one
        stacked = x.graph.op("Concat", *(s.op("Unsqueeze", np.array([1])) for s in shifted), axis=1)
        picked = [stacked.op("Gather", KERNELS[:, n], axis=1) for n in range(3)]
        heard = (picked[0] + picked[1] + picked[2]) * np.float32(3)
        heard = (heard - whole.op("Unsqueeze", np.array([1]))).cast(np.float64)
        above = heard.op("Unsqueeze", np.array([2])) > bias[None, :, :, None]
        share = above.cast(np.float32).op("ReduceMean", np.array([3]), keepdims=0)
        shares.append(share.op("Reshape", np.array([-1, bias.size])))
    return x.graph.op("Concat", *shares, axis=1)


def _trees(dense: Value, trees: Trees) -> Value:
    """The sum over all trees and its base, `[N, outputs]`.

    Features are rounded to float32, so rounding thresholds down changes no comparison.
    """
    low = trees.threshold.astype(np.float32)
    low = np.where(low > trees.threshold, np.nextafter(low, np.float32(-np.inf)), low)
    count, outputs = trees.value.shape
    leaf = trees.child == np.arange(count)
    tree = np.searchsorted(trees.root, np.arange(count), side="right") - 1
    own = np.arange(count) - trees.root[tree]
    inner = np.where(leaf, 0, trees.child - trees.root[tree])
    at, target = np.repeat(np.flatnonzero(leaf), outputs), np.tile(np.arange(outputs), leaf.sum())
    sums = dense.cast(np.float32).op(
        "TreeEnsembleRegressor",
        domain="ai.onnx.ml",
        n_targets=outputs,
        nodes_treeids=tree,
        nodes_nodeids=own,
        nodes_featureids=trees.feature,
        nodes_modes=["LEAF" if one else "BRANCH_LEQ" for one in leaf],
        nodes_values=np.where(leaf, 0, low).astype(float),
        nodes_truenodeids=inner,
        nodes_falsenodeids=np.where(leaf, 0, inner + 1),
        nodes_missing_value_tracks_true=(~trees.nan_right & ~leaf).astype(int),
        target_treeids=tree[at],
        target_nodeids=own[at],
        target_ids=target,
        target_weights=trees.value[at, target].astype(float),
    )
    return sums.cast(np.float64) + trees.base


def _linked(sums: Value, trees: Trees) -> Value:
    if trees.link == "mean":
        return sums / float(len(trees.root))
    if trees.link == "logistic":
        one = sums.op("Sigmoid")
        return sums.graph.op("Concat", 1.0 - one, one, axis=1)
    return sums.op("Softmax", axis=1) if trees.link == "softmax" else sums


def _linear(inputs: _Inputs, model: Linear) -> Value:
    scores = inputs.zeros(len(model.bias)) + model.bias
    if model.dense.size:
        scores = scores + _standard(inputs.dense, model) @ model.dense
    for at, (block, weights) in enumerate(zip(model.blocks, model.texts, strict=True)):
        if len(block.ids):
            given = inputs.grams(at // 2, "letters" if at % 2 else "words", model.cased)
            scores = scores + _block(inputs, given, block, weights)
    if model.waves is not None:
        assert inputs.waves is not None
        scores = scores + inputs.waves @ model.waves
    return _scored(scores, model)


def _kernel(inputs: _Inputs, model: Kernel) -> Value:
    """`kernel._kernel` between rows and training rows, in float64 throughout."""
    used = np.flatnonzero(model.inverse)
    points = model.points[:, used].T
    scaled = (_standard(inputs.dense, model) * model.inverse).op("Gather", used, axis=1)
    product = scaled @ points
    square = (scaled * scaled).reduce("Sum", 1) + (points**2).sum(0)
    apart = (square - product * 2.0).op("Max", 0.0).op("Sqrt") * float(np.sqrt(5))
    near = (apart + 1.0 + apart * apart / 3.0) * apart.op("Neg").op("Exp")
    return _scored((near + product * model.linear) @ model.dual + model.bias, model)


def _standard(dense: Value, model: Linear | Kernel) -> Value:
    """`linear.standard`."""
    missing = dense.op("IsNaN")
    scaled = ((dense - model.centre) / model.spread).op("Clip", -linear.FARTHEST, linear.FARTHEST)
    return dense.graph.op("Concat", missing.where(0.0, scaled), missing.cast(np.float64), axis=1)


def _scored(scores: Value, model: Linear | Kernel) -> Value:
    if model.link == "ratio":
        above, below = (scores.op("Gather", np.array([at]), axis=1) for at in (0, 1))
        return above / (below.op("Abs") > linear.TINY).where(below, linear.TINY)
    return scores if model.link == "identity" else (scores * model.sharpness).op("Softmax", axis=1)


def _block(inputs: _Inputs, given: Value, block: Block, weights: Any) -> Value:
    """TF-IDF of the n-grams that training had, times their weights; `[N, K]`."""
    row = given.slice(0, 1, 1)
    place = given.slice(1, 2, 1).op(
        "LabelEncoder",
        domain="ai.onnx.ml",
        keys_int64s=block.ids.astype(np.int64),
        values_int64s=np.arange(len(block.ids)),
        default_int64=-1,
    )
    place = place.op("Squeeze", np.array([1]))
    count = given.slice(2, 3, 1).cast(np.float64).op("Squeeze", np.array([1]))
    weight = ((count.op("Log") + 1.0) * lookup(place, block.idf, 0.0)).column()
    square = inputs.zeros(1).op("ScatterND", row, weight * weight, reduction="add")
    length = square.op("GatherND", row).op("Sqrt").op("Max", 1e-300)
    wide = np.vstack([weights, np.zeros((1, weights.shape[1]), weights.dtype)])
    known = (place < np.int64(0)).where(np.int64(len(weights)), place)
    own = inputs.graph.op("Gather", wide, known).cast(np.float64)
    return inputs.zeros(weights.shape[1]).op(
        "ScatterND", row, own * (weight / length), reduction="add"
    )


def _calibrated(outcome: Value, line: Sequence[float]) -> Value:
    """`mixture.calibrated`."""
    best = outcome.op("ArgMax", axis=1, keepdims=1)
    raw = outcome.reduce("Max", 1)
    width = outcome.op("Shape", start=1, end=2)
    places = outcome.graph.op("Range", np.int64(0), width.op("Squeeze"), np.int64(1))
    first = best.op("Equal", places)
    others = first.where(0.0, outcome)
    rest = others.reduce("Sum", 1).op("Max", 1e-12)
    sure = raw
    if len(line):
        odds = raw.op("Clip", 1e-6, 1 - 1e-6) / rest.op("Clip", 1e-6, 1 - 1e-6)
        ceiling = line[2] if len(line) > 2 else 1.0
        sure = (odds.op("Log") * line[0] + line[1]).op("Sigmoid") * ceiling
    ratio = others.reduce("Max", 1) / rest
    least = ratio * (1 + 1e-6) / (ratio + 1.0)
    sure = sure.op("Max", least).op("Min", 1 - 1e-6)
    found = first.where(sure, others * ((1.0 - sure) / rest))
    return found / found.reduce("Sum", 1)
