"""Models made elsewhere as solvers: any function, a scikit-learn estimator, an ONNX file.

Each runs on one thread of its own, so that one that hangs costs its caller the deadline and
no more. How sure they are, examples say that were held out. Shapes: N rows, K labels.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from hrm_specialists.contract import Attempt, Effort, Task, Thought, Ticket
from hrm_specialists.engine.calibration import Calibration, fit_crosswise
from hrm_specialists.engine.shell import Place, Shell
from hrm_specialists.errors import (
    ConfigError,
    CorruptCheckpoint,
    IncompatibleCheckpoint,
    SpecialistCrashed,
    UnsafeCheckpoint,
)
from hrm_specialists.evaluation.reliability import (
    expected_calibration_error,
    threshold_for,
    thresholds_of_labels,
)
from hrm_specialists.evaluation.scores import wilson

WAITING = 256
"""Problems that may wait for one function."""
WITHIN = 60.0
"""Seconds that a problem without a deadline may take."""
NO_ONNX = "an ONNX model needs onnx and onnxruntime: pip install 'hrm-agent[onnx]'"
MOST_ONNX = 512 << 20
"""Bytes of an ONNX file, unless its owner states fewer."""

Answered = tuple[Any, float, Mapping[Any, float] | None]
"""A solution as plain values or a model, its confidence, and probabilities of labels."""


class FunctionSolver(Shell[Place]):
    """A function as a solver; see `Solver`.

    Args:
        task: gives the models of what goes in and comes out, and a checker if it has one.
        answer: from a problem to a solution, its confidence and probabilities.
    """

    def __init__(self, task: Task[Any, Any], answer: Callable[[BaseModel], Answered]) -> None:
        super().__init__(task, WAITING)
        self._answer = answer
        self._begin()

    def submit(
        self,
        problem: BaseModel,
        *,
        effort: Effort = "default",
        deadline: float | None = None,
        seed: int = 0,
        watch: Callable[[Thought], None] | None = None,
    ) -> Ticket:
        """Queue a problem; effort and seed change nothing.

        Raises:
            QueueFull: as many wait as may.
            LifecycleError: it was closed.
        """
        now = time.monotonic()
        place = Place(problem=problem, submitted=now, deadline=deadline, watch=None)
        within = WITHIN if deadline is None else max(0.0, deadline - now)
        timer = threading.Timer(within, self._give_up, (self._enter(place),))
        timer.daemon = True
        timer.start()
        place.future.add_done_callback(lambda _: timer.cancel())
        return place

    def _run(self) -> None:
        mine = threading.current_thread()
        while arrived := self._arrived(most=1):
            (place,) = arrived
            if not place.future.done() and place.future.set_running_or_notify_cancel():
                try:
                    place.settle(self._attempt(place))
                except BaseException as error:  # else the thread ends, and everybody waits
                    place.settle(error)  # type: ignore[arg-type]
            if mine is not self._thread:
                return  # it hung for so long that another took its place
        self._end()

    def _give_up(self, place: Place) -> None:
        """End a problem whose time is over; a function that hangs is left to itself."""
        hangs = place.future.running()
        place.settle(_nothing(place, "deadline"))
        if hangs and not self._closing:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def _attempt(self, place: Place) -> Attempt:
        solution, confidence, probabilities = _answered(self.task, self._answer, place.problem)
        if solution is None:
            return _nothing(place, "gave up")
        verdict = None
        if self.task.has_checker:
            from hrm_specialists.engine.checking import Checking

            checking = Checking(self.task)
            try:
                verdict = checking.check(place.problem, solution)
            finally:
                checking.close()
        passed = verdict is not None and verdict.passed
        return Attempt(
            solution,
            verdict,
            1.0 if passed else confidence,
            1,
            1,
            time.monotonic() - place.submitted,
            "verified" if passed else "confident",
            probabilities=probabilities,
        )


def _answered(
    task: Task[Any, Any], answer: Callable[[BaseModel], Answered], problem: BaseModel
) -> tuple[BaseModel | None, float, Any]:
    """A solution, its raw confidence, and probabilities, on the caller's thread.

    Raises:
        SpecialistCrashed: the function fails, or answers something else.
    """
    try:
        given, confidence, probabilities = answer(problem)
    except (Exception, SystemExit) as error:  # somebody else's code: anything may come
        raise SpecialistCrashed(
            f"the function of {task.name!r} failed: {type(error).__name__}: {error}"
        ) from error
    return _solution(task, given), confidence if confidence == confidence else 0.0, probabilities


def _solution(task: Task[Any, Any], given: Any) -> BaseModel | None:
    """What a function gave as a solution of the task; None for nothing."""
    if given is None or isinstance(given, task.Solution):
        return given
    fields = list(task.Solution.model_fields)
    bare = not isinstance(given, Mapping | BaseModel) and len(fields) == 1
    try:
        found: BaseModel = task.Solution.model_validate(
            {fields[0]: _plain(given)} if bare else given
        )
        return found
    except ValidationError as error:
        raise SpecialistCrashed(
            f"the function of {task.name!r} returned a {type(given).__name__} that is no "
            f"{task.Solution.__name__}: {error.errors()[0]['msg']}"
        ) from None


def calibrated(
    task: Task[Any, Any],
    answer: Callable[[BaseModel], Answered],
    held_out: Sequence[tuple[Any, Any]],
    *,
    cost_of_wrong: float,
) -> tuple[Callable[[BaseModel], Answered], float, dict[str, Any]]:
    """The same answers with calibrated confidence, a threshold that is vouched for, and a card.

    Args:
        task: of the problems.
        answer: what is to be calibrated.
        held_out: problems and right solutions that it was not fitted on.
        cost_of_wrong: of accepting a wrong answer, in right ones.

    Raises:
        ConfigError: nothing was held out.
        SpecialistCrashed: the model fails, or answers something else.
    """
    if not held_out:
        raise ConfigError("held_out is empty: some hundreds of examples calibrate, none cannot")
    scores, right, wanted_ones = [], [], Counter[str]()
    for problem, wanted in held_out:
        found, confidence, _ = _answered(task, answer, task.parse(problem))
        scores.append(confidence)
        solution = _solution(task, wanted)
        right.append(found is not None and found == solution)
        wanted_ones[_named(solution)] += 1
    line, sure = fit_crosswise(scores, right)
    threshold = threshold_for(sure, right, cost_of_wrong=cost_of_wrong)
    shares = {label: count / len(right) for label, count in wanted_ones.items()}
    labels = thresholds_of_labels(shares, threshold)
    calibration = Calibration(line=line)

    def sure_of(problem: BaseModel) -> Answered:
        given, confidence, probabilities = answer(problem)
        kept = calibration.confidence(confidence)
        if probabilities is not None and given in probabilities:
            rest = max(1e-12, 1 - probabilities[given])
            probabilities = {
                label: kept if label == given else p * (1 - kept) / rest
                for label, p in probabilities.items()
            }
        if labels and kept >= threshold:
            least = labels.get(_named(_solution(task, given)), 0.0)
            kept = kept if kept >= least else min(kept, math.nextafter(threshold, 0.0))
        return given, kept, probabilities

    low, high = wilson(sum(right), len(right))
    card = {
        "examples": {"held out": len(right)},
        "test_accuracy": sum(right) / len(right),
        "test_interval": [low, high],
        "calibration_error": expected_calibration_error(sure, right),
        "threshold": threshold,
        "thresholds": labels,
    }
    return sure_of, threshold, card


def _named(solution: BaseModel | None) -> str:
    """A solution as text; of one value, that."""
    values = [] if solution is None else list(solution.model_dump(mode="json").values())
    return str(values[0] if len(values) == 1 else values)


def estimator_answers(task: Task[Any, Any], fitted: Any) -> Callable[[BaseModel], Answered]:
    """A fitted estimator or pipeline with scikit-learn's interface.

    It gets a pandas table with the columns it was fitted on, if it names them, else a row
    of the problem's values in order.

    Raises:
        ConfigError: it cannot predict.
    """
    if not callable(getattr(fitted, "predict", None)):
        raise ConfigError(f"a {type(fitted).__name__} has no predict: it is no fitted estimator")
    names = getattr(fitted, "feature_names_in_", None)
    if names is not None:
        missing = [str(n) for n in names if str(n) not in _fields(task)]
        if missing:
            raise ConfigError(
                f"the estimator was fitted on {', '.join(missing[:5])}, which the problem of "
                f"{task.name!r} has not; it has {', '.join(_fields(task))}"
            )

    def answer(problem: BaseModel) -> Answered:
        values = problem.model_dump(by_alias=True)
        if names is not None:
            import pandas

            rows: Any = pandas.DataFrame([[values[n] for n in map(str, names)]], columns=names)
        else:
            rows = _row(values)
        given = _plain(np.asarray(fitted.predict(rows)).reshape(-1)[0])
        if not hasattr(fitted, "predict_proba"):
            return given, 0.0, None  # how sure it is nobody knows: nothing is accepted
        classes = [_plain(label) for label in np.asarray(fitted.classes_).tolist()]
        said = np.asarray(fitted.predict_proba(rows), float)[0].tolist()
        if len(said) != len(classes):
            raise ValueError(f"it gave {len(said)} probabilities for {len(classes)} classes")
        probabilities = dict(zip(classes, said, strict=True))
        return given, float(probabilities.get(given, max(said))), probabilities

    return answer


def onnx_answers(
    task: Task[Any, Any], file: Path, *, sha256: str | None = None, size: int | None = None
) -> Callable[[BaseModel], Answered]:
    """An ONNX model, looked at before it is run: no files besides, no operators of its own.

    Args:
        task: whose problem's values are the inputs: one for each input's name, or all in
            order for a single input.
        file: the model.
        sha256: what the file must hash to.
        size: bytes that it has; a larger one is not read.

    Raises:
        ConfigError: onnx or onnxruntime is not installed.
        CorruptCheckpoint: it cannot be read, is larger than stated, or hashes to something else.
        UnsafeCheckpoint: it wants files besides, or operators of its own.
        IncompatibleCheckpoint: its inputs are not the problem's.
    """
    try:
        import onnxruntime
    except ImportError:
        raise ConfigError(NO_ONNX) from None
    data = _onnx_bytes(file, sha256, size)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the library's own errors have no common base
        raise IncompatibleCheckpoint(f"{file} cannot be run: {error}") from None
    inputs = session.get_inputs()
    fields = _fields(task)
    if len(inputs) > 1 and {i.name for i in inputs} != set(fields):
        raise IncompatibleCheckpoint(
            f"{file} takes {', '.join(i.name for i in inputs)}; the problem of {task.name!r} has "
            f"{', '.join(fields)}"
        )
    wide = inputs[0].shape[-1] if len(inputs) == 1 and len(inputs[0].shape) == 2 else None
    kinds = {field.annotation for field in task.Problem.model_fields.values()}
    if isinstance(wide, int) and kinds <= {int, float, bool} and wide != len(fields):
        raise IncompatibleCheckpoint(f"{file} takes {wide} values; the problem has {len(fields)}")

    def answer(problem: BaseModel) -> Answered:
        values = problem.model_dump(by_alias=True)
        if len(inputs) == 1:
            given = {inputs[0].name: np.array(_row(values), _dtype(inputs[0].type))}
        else:
            given = {i.name: np.array([[values[i.name]]], _dtype(i.type)) for i in inputs}
        outputs = session.run(None, given)
        first = _plain(np.asarray(outputs[0]).reshape(-1)[0])
        if len(outputs) < 2:
            return first, 0.0, None
        said = outputs[1]
        if isinstance(said, list):  # a mapping of labels for each row, as skl2onnx writes
            probabilities = {_plain(k): float(v) for k, v in said[0].items()}
            return first, float(probabilities.get(first, 0.0)), probabilities
        return first, float(np.asarray(said, float).reshape(-1).max()), None

    return answer


def _onnx_bytes(file: Path, sha256: str | None, size: int | None) -> bytes:
    most = MOST_ONNX if size is None else size
    try:
        found = file.stat().st_size
        if found > most:
            raise CorruptCheckpoint(f"{file} has {found} bytes; at most {most} were stated")
        data = file.read_bytes()
    except OSError as error:
        raise CorruptCheckpoint(f"{file} cannot be read: {error.strerror}") from None
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise CorruptCheckpoint(f"{file} does not match its hash")
    try:
        import onnx
    except ImportError:
        raise ConfigError(NO_ONNX) from None
    try:
        model = onnx.load_model_from_string(data)
    except Exception as error:  # protobuf's errors have no common base
        raise CorruptCheckpoint(f"{file} is no ONNX model: {error}") from None
    parts = list(_parts(model.graph))
    for tensor in (part for part in parts if isinstance(part, onnx.TensorProto)):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise UnsafeCheckpoint(f"{file} wants weights from another file")
    domains = {part.domain for part in parts if isinstance(part, onnx.NodeProto)}
    foreign = sorted(domains - {"", "ai.onnx", "ai.onnx.ml"})
    if foreign or model.functions:
        raise UnsafeCheckpoint(f"{file} wants operators of {', '.join(foreign) or 'its own'}")
    return data


def _parts(graph: Any) -> Iterator[Any]:
    """The nodes and tensors of a graph, and of the graphs inside."""
    yield from graph.initializer
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for inner in (attribute.g, *attribute.graphs):
                yield from _parts(inner)


def _dtype(name: str) -> Any:
    kinds: dict[str, Any] = {"tensor(float)": np.float32, "tensor(double)": np.float64}
    kinds |= {"tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(string)": object}
    return kinds.get(name, np.float32)


def _fields(task: Task[Any, Any]) -> list[str]:
    return [field.alias or name for name, field in task.Problem.model_fields.items()]


def _row(values: Mapping[str, Any]) -> list[list[Any]]:
    row: list[Any] = []
    for value in values.values():
        row += np.ravel(value).tolist() if isinstance(value, list | tuple) else [value]
    return [row]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _nothing(place: Place, reason: str) -> Attempt:
    return Attempt(None, None, 0.0, 0, 0, time.monotonic() - place.submitted, reason)
