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

from hrm_router.errors import *
from hrm_specialists.errors import *
from hrm_specialists.errors import HrmAgentError

_KINDS = [kind for kind in globals().values() if isinstance(kind, type)]
__all__ = sorted(kind.__name__ for kind in _KINDS if issubclass(kind, HrmAgentError))
