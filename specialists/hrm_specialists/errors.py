"""The root of the project's errors, and those of this floor.

    HrmAgentError
    ├── InvalidInput (ValueError)
    │   ├── MalformedTask            a problem or solution that does not fit its task
    │   └── TaskTooLarge             more than the limits allow
    ├── UnknownSpecialist (LookupError)
    ├── Overloaded
    │   └── QueueFull
    ├── SpecialistError              a specialist broke; the others work on
    │   ├── SpecialistCrashed
    │   ├── SpecialistOutOfMemory
    │   ├── NonFiniteOutput
    │   └── DeviceUnavailable
    ├── CheckpointError
    │   ├── CorruptCheckpoint
    │   ├── UnsafeCheckpoint
    │   ├── IncompatibleCheckpoint
    │   └── CheckpointWriteFailed
    ├── TrainingError
    │   ├── DataError (ValueError)   with file and line
    │   └── TrainingDiverged
    ├── LifecycleError
    │   └── ForkedProcess
    └── ConfigError (ValueError)

An unsolved problem is a result, not an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class HrmAgentError(Exception):
    """Everything this library raises on purpose.

    `code` is stable and machine-readable: the name of the class in snake case. `retryable`
    says whether the same call may succeed later, and `retry_after` (seconds) when, if known.
    An error that ends a solve carries its `solve_id` and the `attempts` that were made.
    """

    code: str = "error"
    retryable: bool = False
    retry_after: float | None = None
    solve_id: str | None = None
    attempts: Sequence[object] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            cls.code = _WORDS.sub("_", cls.__name__).lower()


class InvalidInput(HrmAgentError, ValueError):
    """What came in cannot be worked on as it is."""


class MalformedTask(InvalidInput):
    """A problem or solution that does not fit its task."""


class TaskTooLarge(InvalidInput):
    """More input than the limits allow."""


class UnknownSpecialist(HrmAgentError, LookupError):
    """No specialist is registered for this task."""

    def __init__(self, task: str, known: Iterable[str]) -> None:
        self.task, self.known = task, sorted(known)
        super().__init__(task, self.known)  # args rebuild it after pickling

    def __str__(self) -> str:
        return f"no specialist for {self.task!r}; known: {', '.join(self.known) or 'none'}"


class Overloaded(HrmAgentError):
    """Too much is going on already; come back later."""

    retryable = True


class QueueFull(Overloaded):
    """A specialist's queue holds as many problems as it may."""


class SpecialistError(HrmAgentError):
    """A specialist broke while solving; others are not affected."""


class SpecialistCrashed(SpecialistError):
    """The specialist's code raised; the cause is chained."""


class SpecialistOutOfMemory(SpecialistError):
    """The device ran out of memory."""

    retryable = True


class NonFiniteOutput(SpecialistError):
    """The network produced NaN or infinity."""


class DeviceUnavailable(SpecialistError):
    """The device asked for is unknown, missing or lost."""


class CheckpointError(HrmAgentError):
    """A checkpoint cannot be read or written."""


class CorruptCheckpoint(CheckpointError):
    """A file is missing, cut, or does not match its hash in the manifest."""


class UnsafeCheckpoint(CheckpointError):
    """A checkpoint holds something that is not data, or points outside itself."""


class IncompatibleCheckpoint(CheckpointError):
    """A whole checkpoint that does not fit this network, task or version."""


class CheckpointWriteFailed(CheckpointError):
    """A checkpoint could not be written; the previous one is untouched."""


class TrainingError(HrmAgentError):
    """Training cannot start or go on."""


class DataError(TrainingError, ValueError):
    """Examples that cannot be used, named by file, line and column."""

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        column: str | None = None,
    ) -> None:
        self.message, self.file, self.line, self.column = message, file, line, column
        super().__init__(message)

    def __str__(self) -> str:
        where = [
            *([str(self.file)] if self.file is not None else []),
            *([f"line {self.line}"] if self.line is not None else []),
            *([f"column {self.column!r}"] if self.column is not None else []),
        ]
        return f"{', '.join(where)}: {self.message}" if where else self.message


@contextmanager
def of_file(file: str | Path | None) -> Iterator[None]:
    """Name the file in a `DataError` of the block that names none."""
    try:
        yield
    except DataError as error:
        error.file = file if error.file is None else error.file
        raise


class TrainingDiverged(TrainingError):
    """The loss became NaN or infinite and could not be recovered."""


class LifecycleError(HrmAgentError):
    """Used before it was ready or after it was closed."""


class ForkedProcess(LifecycleError):
    """Loaded before a fork and used after it; load after the fork instead."""


class ConfigError(HrmAgentError, ValueError):
    """A setting is missing, unknown or contradictory."""


class HubFailed(HrmAgentError):
    """The Hugging Face Hub refused, or could not be reached."""

    def __init__(self, repo: str, why: object) -> None:
        self.repo, self.why = repo, str(why)
        super().__init__(repo, self.why)

    def __str__(self) -> str:
        first = self.why.strip().partition("\n")[0][:300]
        return f"the hub and {self.repo!r}: {first}"
