"""Many rows at once: each with its answer, probability, status and reason.

Rows come in chunks, so that a million of them need the memory of some thousands. A
row that is no problem of the task is marked and stops nobody. Knows nothing of
where results are written.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from pydantic import BaseModel

from hrm_specialists.contract import Attempt, Effort, Task, Ticket
from hrm_specialists.errors import HrmAgentError, InvalidInput, QueueFull, SpecialistError

if TYPE_CHECKING:
    from hrm_specialists.schema.columns import Answers, Rows
    from hrm_specialists.schema.data_task import DataTask
    from hrm_specialists.schema.table import Chunk, Table
    from hrm_specialists.specialist import Specialist

Status = Literal["verified", "accepted", "unverified", "failed"]
COLUMNS = ("prediction", "probability", "status", "reason")
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

    @property
    def prediction(self) -> list[Any]:
        """All answers."""
        return [row.prediction for row in self]

    @property
    def probability(self) -> list[float | None]:
        """All probabilities."""
        return [row.probability for row in self]

    @property
    def status(self) -> list[str]:
        """All statuses."""
        return [row.status for row in self]

    @property
    def reason(self) -> list[str]:
        """All reasons."""
        return [row.reason for row in self]

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
) -> Iterator[tuple[Chunk, Predictions]]:
    """Answer a table chunk by chunk.

    Args:
        specialist: that answers.
        table: read once, to its end.
        effort: how hard to try each row.
        probabilities: whether those of all labels are wanted, where they are known.

    Raises:
        DataError: the table cannot be read, or lacks a column that is needed.
        SpecialistError: the specialist broke.
    """
    from hrm_specialists.schema.data_task import DataTask

    task = specialist.task
    names = _needed(task, table)
    for chunk in table.chunks:
        if isinstance(task, DataTask):
            rows = _predict_inferred(specialist, task, chunk, names, effort, probabilities)
        else:
            rows = _predict_coded(specialist, chunk, names, effort)
        yield chunk, Predictions(rows)


def _tabular(task: Task[Any, Any], rows: Any) -> Any:
    """Rows given in Python, as mappings where they are bare values or lists of values."""
    from hrm_specialists.schema.examples import field_names

    if isinstance(rows, str) and "\n" not in rows:
        return rows  # a file
    if hasattr(rows, "columns") or hasattr(rows, "schema") or isinstance(rows, Mapping):
        return rows
    if hasattr(rows, "tolist"):
        rows = cast(Any, rows).tolist()
    if not isinstance(rows, Iterable) or isinstance(rows, str) or hasattr(rows, "readline"):
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


def _needed(task: Task[Any, Any], table: Table) -> dict[str, str]:
    """For each field of the problem, the column that holds it."""
    from hrm_specialists.errors import DataError
    from hrm_specialists.schema.examples import field_names
    from hrm_specialists.schema.pairs import QUESTION

    names = field_names(task.Problem)
    lacking = [name for name in names if name not in table.header]
    if not lacking:
        return {name: name for name in names}
    if len(names) == 1:
        for other in (QUESTION, "problem", "text"):
            if other in table.header:
                return {names[0]: other}
        if len(table.header) == 1:
            return {names[0]: table.header[0]}
    optional = {
        field.alias or name
        for name, field in task.Problem.model_fields.items()
        if not field.is_required()
    }
    if set(lacking) <= optional:
        return {name: name for name in names if name in table.header}
    raise DataError(
        f"has no column {', '.join(map(repr, lacking))}; columns: {', '.join(table.header)}",
        file=table.file,
        line=1,
    )


def _predict_inferred(
    specialist: Specialist,
    task: DataTask,
    chunk: Chunk,
    names: Mapping[str, str],
    effort: Effort,
    probabilities: bool,
) -> list[Prediction]:
    from hrm_specialists.schema.columns import BatchSolver

    schema, count = task.schema, len(chunk.lines)
    own = [name or task.Problem.bare or "" for name in schema.fields]
    raw = {
        name: chunk.columns[names[shown]]
        for name, shown in zip(schema.fields, own, strict=True)
        if shown in names
    }
    rows = schema.read(raw, count)
    faults = {**rows.faults, **chunk.faults}
    solver = specialist.solver
    if isinstance(solver, BatchSolver) and schema.answer.kind != "structured":
        answers = solver.answer_columns(schema.columns(rows))
        return _batched(specialist, task, answers, rows, faults, probabilities)
    problems = [None if at in faults else schema.problem(rows, at) for at in range(count)]
    return _searched(specialist, problems, faults, effort, rows.unfamiliar)


def _batched(
    specialist: Specialist,
    task: DataTask,
    answers: Answers,
    rows: Rows,
    faults: Mapping[int, str],
    probabilities: bool,
) -> list[Prediction]:
    schema = task.schema
    values, sure = answers.answers.tolist(), answers.confidence.tolist()
    shares = None
    if probabilities and answers.probabilities is not None:
        shares = answers.probabilities.tolist()
    cached: dict[Any, BaseModel] = {}
    found: list[Prediction] = []
    for at, (value, confidence) in enumerate(zip(values, sure, strict=True)):
        if at in faults:
            found.append(_faulty(faults[at]))
            continue
        unfamiliar = rows.unfamiliar.get(at, ())
        if answers.unfamiliar is not None and answers.unfamiliar[at]:
            unfamiliar = (*unfamiliar, answers.unfamiliar[at])
        if (solution := cached.get(value)) is None:
            solution = schema.solution(value)
            if schema.answer.kind == "label":
                cached[value] = solution
        attempt = Attempt(solution, None, confidence, 0, 0, 0.0, "", unfamiliar)
        labels = schema.answer.names
        spread = None if shares is None else dict(zip(labels, shares[at], strict=True))
        found.append(
            Prediction(schema.value(value), confidence, *_status(specialist, attempt), spread)
        )
    return found


def _predict_coded(
    specialist: Specialist, chunk: Chunk, names: Mapping[str, str], effort: Effort
) -> list[Prediction]:
    """Rows of a task that was written as code: each validated by its own model."""
    from hrm_specialists.reading import parse_model

    faults = dict(chunk.faults)
    problems: list[BaseModel | None] = []
    for at in range(len(chunk.lines)):
        values = {name: chunk.columns[column][at] for name, column in names.items()}
        given = next(iter(values.values())) if len(names) == 1 else values
        try:
            problems.append(parse_model(specialist.task, given, read=False))
        except InvalidInput as error:
            faults.setdefault(at, str(error))
            problems.append(None)
    return _searched(specialist, problems, faults, effort)


def _searched(
    specialist: Specialist,
    problems: Sequence[BaseModel | None],
    faults: Mapping[int, str],
    effort: Effort,
    unfamiliar: Mapping[int, tuple[str, ...]] | None = None,
) -> list[Prediction]:
    """All at once if the solver can, else through its queue; `unfamiliar` if that is known."""
    at_once = getattr(specialist.solver, "answer_all", None)
    given = {at: p for at, p in enumerate(problems) if p is not None and at not in faults}
    attempts = at_once(list(given.values()), effort=effort) if at_once else None
    if attempts is None:
        return _one_by_one(specialist, problems, faults, effort)
    found = {at: _faulty(why) for at, why in faults.items()}
    for (at, problem), attempt in zip(given.items(), attempts, strict=True):
        if isinstance(attempt, SpecialistError):
            raise attempt
        if isinstance(attempt, HrmAgentError):
            found[at] = _faulty(str(attempt))
            continue
        strange = unfamiliar.get(at, ()) if unfamiliar else ()
        if unfamiliar is None:
            strange = specialist.unfamiliar(problem)
        found[at] = _of_attempt(specialist, replace(attempt, unfamiliar=strange))
    return [found[at] for at in range(len(problems))]


@dataclass(slots=True)
class _Waiting:
    tickets: deque[tuple[int, Ticket]] = field(default_factory=deque)
    found: dict[int, Prediction] = field(default_factory=dict)

    def finish(self, specialist: Specialist) -> None:
        at, ticket = self.tickets.popleft()
        try:
            attempt = ticket.future.result()
        except SpecialistError:
            raise
        except HrmAgentError as error:
            self.found[at] = _faulty(str(error))
        else:
            self.found[at] = _of_attempt(specialist, attempt)


def _one_by_one(
    specialist: Specialist,
    problems: Sequence[BaseModel | None],
    faults: Mapping[int, str],
    effort: Effort,
) -> list[Prediction]:
    """Through the solver's queue, a window of them under way."""
    waiting = _Waiting(found={at: _faulty(why) for at, why in faults.items()})
    window = WINDOW
    try:
        for at, problem in enumerate(problems):
            while problem is not None and at not in waiting.found:
                if len(waiting.tickets) < window:
                    try:
                        ticket = specialist.submit(problem, effort=effort)
                    except QueueFull:
                        if not waiting.tickets:
                            raise
                        window = len(waiting.tickets)
                    except InvalidInput as error:
                        waiting.found[at] = _faulty(str(error))
                        break
                    else:
                        waiting.tickets.append((at, ticket))
                        break
                waiting.finish(specialist)
        while waiting.tickets:
            waiting.finish(specialist)
    finally:
        for _, ticket in waiting.tickets:
            ticket.withdraw()
    return [waiting.found[at] for at in range(len(problems))]


def _of_attempt(specialist: Specialist, attempt: Attempt) -> Prediction:
    if attempt.solution is None:
        return _faulty(attempt.reason or "no answer was found")
    plain = attempt.solution.model_dump(mode="json")
    value = next(iter(plain.values())) if len(plain) == 1 else plain
    spread = getattr(attempt, "probabilities", None)
    return Prediction(value, attempt.confidence, *_status(specialist, attempt), spread)


def _status(specialist: Specialist, attempt: Attempt) -> tuple[Status, str]:
    if specialist.task.has_checker:
        verdict = attempt.verdict
        if verdict is not None and verdict.passed is True:
            return "verified", ""
        return "unverified", verdict.reason if verdict else ""
    if specialist.accepts(attempt):
        return "accepted", ""
    if attempt.unfamiliar:
        return "unverified", "; ".join(attempt.unfamiliar)
    return "unverified", "probability under the threshold"


def _faulty(why: str) -> Prediction:
    return Prediction(None, None, "failed", why)
