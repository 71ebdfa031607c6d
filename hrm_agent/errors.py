"""The whole tree of errors, for `except` clauses.

    HrmAgentError                        code, retryable, retry_after, solve_id, attempts
    ├── InvalidInput (ValueError)
    │   ├── MalformedTask
    │   └── TaskTooLarge
    ├── UnknownSpecialist (LookupError)
    ├── Overloaded                       come back later
    │   ├── QueueFull
    │   ├── CircuitOpen
    │   └── RetryBudgetExhausted
    ├── DeadlineExceeded (TimeoutError)
    ├── CallBudgetExceeded
    ├── LLMError
    │   ├── LLMAuthError
    │   ├── LLMRateLimited
    │   ├── LLMUnavailable
    │   ├── LLMTimeout (TimeoutError)
    │   ├── LLMRefused
    │   └── LLMProtocolError
    ├── SpecialistError
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
    │   ├── DataError (ValueError)
    │   └── TrainingDiverged
    ├── LifecycleError
    │   ├── RouterClosed
    │   └── ForkedProcess
    ├── SolveBroke
    ├── StoreError
    ├── HubFailed
    └── ConfigError (ValueError)

An unsolved problem or an abstention is a result, not an error.
"""

from __future__ import annotations

from hrm_router.errors import (
    CallBudgetExceeded,
    CircuitOpen,
    DeadlineExceeded,
    LLMAuthError,
    LLMError,
    LLMProtocolError,
    LLMRateLimited,
    LLMRefused,
    LLMTimeout,
    LLMUnavailable,
    RetryBudgetExhausted,
    RouterClosed,
    SolveBroke,
    StoreError,
)
from hrm_specialists.errors import (
    CheckpointError,
    CheckpointWriteFailed,
    ConfigError,
    CorruptCheckpoint,
    DataError,
    DeviceUnavailable,
    ForkedProcess,
    HrmAgentError,
    HubFailed,
    IncompatibleCheckpoint,
    InvalidInput,
    LifecycleError,
    MalformedTask,
    NonFiniteOutput,
    Overloaded,
    QueueFull,
    SpecialistCrashed,
    SpecialistError,
    SpecialistOutOfMemory,
    TaskTooLarge,
    TrainingDiverged,
    TrainingError,
    UnknownSpecialist,
    UnsafeCheckpoint,
)

__all__ = [
    "CallBudgetExceeded",
    "CheckpointError",
    "CheckpointWriteFailed",
    "CircuitOpen",
    "ConfigError",
    "CorruptCheckpoint",
    "DataError",
    "DeadlineExceeded",
    "DeviceUnavailable",
    "ForkedProcess",
    "HrmAgentError",
    "HubFailed",
    "IncompatibleCheckpoint",
    "InvalidInput",
    "LLMAuthError",
    "LLMError",
    "LLMProtocolError",
    "LLMRateLimited",
    "LLMRefused",
    "LLMTimeout",
    "LLMUnavailable",
    "LifecycleError",
    "MalformedTask",
    "NonFiniteOutput",
    "Overloaded",
    "QueueFull",
    "RetryBudgetExhausted",
    "RouterClosed",
    "SolveBroke",
    "SpecialistCrashed",
    "SpecialistError",
    "SpecialistOutOfMemory",
    "StoreError",
    "TaskTooLarge",
    "TrainingDiverged",
    "TrainingError",
    "UnknownSpecialist",
    "UnsafeCheckpoint",
]
