"""What it means when a device, a network or a task's code fails."""

from __future__ import annotations

import torch

from hrm_specialists.errors import (
    DeviceUnavailable,
    SpecialistCrashed,
    SpecialistError,
    SpecialistOutOfMemory,
)


def translate(error: BaseException) -> SpecialistError:
    """One of our errors for whatever a network or a device raised, cause chained."""
    text = str(error)
    wrapped: SpecialistError
    if isinstance(error, SpecialistError):
        return error
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "allocate memory" in text:
        wrapped = SpecialistOutOfMemory(
            f"out of memory while thinking: {text}; try a smaller batch or the CPU"
        )
    elif isinstance(error, torch.AcceleratorError):
        wrapped = DeviceUnavailable(f"the device was lost: {text}; load the specialist again")
    else:
        wrapped = SpecialistCrashed(f"{type(error).__name__}: {text}")
    wrapped.__cause__ = error
    return wrapped
