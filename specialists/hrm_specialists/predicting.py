"""Many rows at once: each with its answer, probability, status and reason.

Rows come in chunks, so that a million of them need the memory of some thousands. A
row that is no problem of the task is marked and stops nobody. Knows nothing of
where results are written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

from pydantic import BaseModel

from hrm_specialists.contract import Attempt, Effort, Task, Ticket
from hrm_specialists.errors import HrmAgentError, InvalidInput, QueueFull, SpecialistError
from hrm_specialists.reading import parse_model

if TYPE_CHECKING:
    from hrm_specialists.schema.columns import Answers, Rows
    from hrm_specialists.schema.data_task import DataTask
    from hrm_specialists.schema.table import Chunk, Table
    from hrm_specialists.specialist import Specialist

Status = Literal["verified", "accepted", "unverified", "failed"]
COLUMNS = ("prediction", "probability", "status", "reason")
Report = Callable[[int], None]
WINDOW = 512
"""Problems that are with the solver at once, where it answers one by one."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row's answer."""

    prediction: Any
    """The value of the answer's only field, the whole answer, or None."""
    probability: float | None
    """Calibrated, that it is right; None without an answer."""
    status: Status
    """`verified`: the task's checker passed it. `accepted`: familiar and sure enough.
    `unverified`: neither. `failed`: there is no answer."""
    reason: str = ""
    """Why it is no better: what is unfamiliar, or what is wrong with the row."""
    probabilities: Mapping[Any, float] | None = None
    """Of each label, where the solver tells them."""


class Predictions(Sequence[Prediction]):
    """Answers in the order of the rows, as a sequence and as a table."""

    def __init__(self, rows: Iterable[Prediction]) -> None:
        self._rows = list(rows)

    @overload
    def __getitem__(self, at: int) -> Prediction: ...
    @overload
    def __getitem__(self, at: slice) -> Predictions: ...
    def __getitem__(self, at: int | slice) -> Prediction | Predictions:
        return Predictions(self._rows[at]) if isinstance(at, slice) else self._rows[at]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        counts = {s: sum(row.status == s for row in self) for s in dict.fromkeys(self.status)}
        told = ", ".join(f"{count} {status}" for status, count in counts.items())
        return f"Predictions({len(self)} rows: {told or 'none'})"

    prediction: list[Any]
    probability: list[float | None]
    status: list[str]
    reason: list[str]
    """All values of the column, in the order of the rows."""

    def __getattr__(self, name: str) -> Any:
        if name not in COLUMNS:
            raise AttributeError(f"predictions have no {name!r}; they have {', '.join(COLUMNS)}")
        return [getattr(row, name) for row in self]

    def columns(self, labels: Sequence[Any] = ()) -> dict[str, list[Any]]:
        """By name: `prediction`, `probability`, `status`, `reason`, and one for each label."""
        found: dict[str, list[Any]] = {name: getattr(self, name) for name in COLUMNS}
        for label in labels:
            name = f"probability of {label}"
            found[name] = [(row.probabilities or {}).get(label) for row in self]
        return found

    def to_arrow(self) -> Any:
        """The same as an Arrow table."""
        import pyarrow

        return pyarrow.table(self.columns())

    def to_pandas(self) -> Any:
        """The same as a pandas data frame; needs pandas."""
        return self.to_arrow().to_pandas()


def predict(specialist: Specialist, rows: object, *, effort: Effort = "default") -> Predictions:
    """Answer all rows; see `Specialist.predict`."""
    from hrm_specialists.schema.table import open_table

    table = open_table(_tabular(specialist.task, rows), tolerant=True)
    found: list[Prediction] = []
    for _, predictions in predict_table(specialist, table, effort=effort):
        found += predictions
    return Predictions(found)


def predict_table(
    specialist: Specialist,
    table: Table,
    *,
    effort: Effort = "default",
    probabilities: bool = True,
    report: Report | None = None,
) -> Iterator[tuple[Chunk, Predictions]]:
    """Answer a table chunk by chunk, to its end; `report` is told how many rows are done.

    `probabilities` says whether those of all labels are wanted, where they are known.

    Raises:
        DataError: the table cannot be read, or lacks a column that is needed.
        SpecialistError: the specialist broke.
    """
    from hrm_specialists.schema.examples import columns_of

    columns = columns_of(specialist.task, table)
    before, tell = 0, report or (lambda done: None)
    for chunk in table.chunks:
        so_far = partial(lambda start, done: tell(start + done), before)
        yield chunk, Predictions(_answer(specialist, chunk, columns, effort, probabilities, so_far))
        before += len(chunk.lines)
        tell(before)


def _tabular(task: Task[Any, Any], rows: Any) -> Any:
    """Rows given in Python, as mappings where they are bare values or lists of values."""
    from hrm_specialists.schema.examples import field_names

    if isinstance(rows, str | Mapping) or any(hasattr(rows, n) for n in ("columns", "schema")):
        return rows
    if hasattr(rows, "tolist"):
        rows = rows.tolist()
    if not isinstance(rows, Iterable) or hasattr(rows, "readline"):
        return rows
    names = field_names(task.Problem)

    def mapping(row: Any) -> Any:
        if isinstance(row, BaseModel | Mapping):
            return row
        if len(names) == 1:
            return {names[0]: row}
        if isinstance(row, list | tuple) and len(row) == len(names):
            return dict(zip(names, row, strict=True))
        try:
            return task.parse(row)
        except InvalidInput as error:
            return {names[0]: error}  # marked as a bad row below

    return map(mapping, rows)


def _answer(
    specialist: Specialist,
    chunk: Chunk,
    columns: Mapping[str, str],
    effort: Effort,
    probabilities: bool,
    report: Report | None,
) -> list[Prediction]:
    """The rows of a chunk: read as a whole where the task was inferred from a table."""
    from hrm_specialists.schema.columns import BatchSolver
    from hrm_specialists.schema.data_task import DataTask
    from hrm_specialists.schema.examples import field_names

    task, solver, count = specialist.task, specialist.solver, len(chunk.lines)
    raw = {name: chunk.columns[column] for name, column in columns.items()}
    asked: dict[int, BaseModel]
    if isinstance(task, DataTask) and raw.keys() <= set(names := field_names(task.Problem)):
        fields = zip(task.schema.fields, names, strict=True)
        rows = task.schema.read({field: raw[name] for field, name in fields if name in raw}, count)
        faults = {**rows.faults, **chunk.faults}
        if isinstance(solver, BatchSolver) and task.schema.answer.kind != "structured":
            answers = solver.answer_columns(task.schema.columns(rows))
            return _batched(specialist, task, answers, rows, faults, probabilities)
        asked = {at: task.schema.problem(rows, at) for at in range(count) if at not in faults}
    else:
        faults, asked = dict(chunk.faults), {}
        for at in (at for at in range(count) if at not in chunk.faults):
            values = {name: column[at] for name, column in raw.items()}
            given = next(iter(values.values())) if len(values) == 1 else values
            try:
                asked[at] = parse_model(task, given, read=False)
            except InvalidInput as error:
                faults[at] = str(error)
    attempts = answered(specialist, list(asked.values()), effort=effort, report=report)
    found = {at: _failed(why) for at, why in faults.items()}
    found |= {at: _of_attempt(specialist, a) for at, a in zip(asked, attempts, strict=True)}
    return [found[at] for at in range(count)]


def _batched(
    specialist: Specialist,
    task: DataTask,
    answers: Answers,
    rows: Rows,
    faults: Mapping[int, str],
    probabilities: bool,
) -> list[Prediction]:
    schema, said = task.schema, answers.unfamiliar
    values, sure = answers.answers.tolist(), answers.confidence.tolist()
    known = answers.probabilities if probabilities else None
    shares = None if known is None else known.tolist()
    cached: dict[Any, BaseModel] = {}
    found: list[Prediction] = []
    for at, (value, confidence) in enumerate(zip(values, sure, strict=True)):
        if at in faults:
            found.append(_failed(faults[at]))
            continue
        told = "" if said is None else said[at]
        unfamiliar = (*rows.unfamiliar.get(at, ()), *([told] if told else []))
        if (solution := cached.get(value)) is None:
            solution = schema.solution(value)
            if schema.answer.kind == "label":
                cached[value] = solution
        attempt = Attempt(solution, None, confidence, 0, 0, 0.0, "", unfamiliar)
        labels = schema.answer.names
        spread = None if shares is None else dict(zip(labels, shares[at], strict=True))
        status = _status(specialist, attempt)
        found.append(Prediction(schema.value(value), confidence, *status, spread))
    return found


def answered(
    specialist: Specialist,
    problems: Sequence[BaseModel],
    *,
    effort: Effort = "default",
    seed: int = 0,
    report: Report | None = None,
) -> Iterator[Attempt | HrmAgentError]:
    """Attempts at problems in their order, or why there is none; `report` is told how many.

    All at once if the solver can; else through its queue.

    Raises:
        SpecialistError: the specialist broke.
    """
    at_once = getattr(specialist.solver, "answer_all", None)
    found = at_once(problems, effort=effort) if at_once and problems else None
    if found is None:
        yield from _queued(specialist, problems, effort, seed, report)
        return
    for problem, attempt in zip(problems, found, strict=True):
        if isinstance(attempt, SpecialistError):
            raise attempt
        if isinstance(attempt, Attempt):
            strange = (*specialist.unfamiliar(problem), *attempt.unfamiliar)
            attempt = replace(attempt, unfamiliar=strange)
        yield attempt


def _queued(
    specialist: Specialist,
    problems: Sequence[BaseModel],
    effort: Effort,
    seed: int,
    report: Report | None,
) -> Iterator[Attempt | HrmAgentError]:
    under_way: deque[Ticket | InvalidInput] = deque()
    asked = 0
    try:
        for done in range(1, len(problems) + 1):
            while asked < len(problems) and len(under_way) < WINDOW:
                try:
                    under_way.append(specialist.submit(problems[asked], effort=effort, seed=seed))
                except QueueFull:
                    if not under_way:
                        raise
                    break
                except InvalidInput as error:
                    under_way.append(error)
                asked += 1
            ticket = under_way[0]
            attempt: Attempt | HrmAgentError
            try:
                attempt = ticket if isinstance(ticket, InvalidInput) else ticket.future.result()
            except SpecialistError:
                raise
            except HrmAgentError as error:
                attempt = error
            under_way.popleft()
            if report is not None:
                report(done)
            yield attempt
    finally:
        for ticket in under_way:
            if not isinstance(ticket, InvalidInput):
                ticket.withdraw()


def _of_attempt(specialist: Specialist, attempt: Attempt | HrmAgentError) -> Prediction:
    if isinstance(attempt, HrmAgentError):
        return _failed(str(attempt))
    if attempt.solution is None:
        return _failed(attempt.reason or "no answer was found")
    plain = attempt.solution.model_dump(mode="json")
    value = next(iter(plain.values())) if len(plain) == 1 else plain
    status = _status(specialist, attempt)
    return Prediction(value, attempt.confidence, *status, attempt.probabilities)


def _status(specialist: Specialist, attempt: Attempt) -> tuple[Status, str]:
    if specialist.task.has_checker:
        verdict = attempt.verdict
        if verdict is not None and verdict.passed is True:
            return "verified", ""
        return "unverified", verdict.reason if verdict else ""
    if specialist.accepts(attempt):
        return "accepted", ""
    return "unverified", "; ".join(attempt.unfamiliar) or "probability under the threshold"


def _failed(why: str) -> Prediction:
    return Prediction(None, None, "failed", why)
