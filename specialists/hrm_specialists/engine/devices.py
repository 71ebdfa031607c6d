"""Which device to think on, and what its failures mean.

Knows nothing of networks. Probes hardware only when asked.
"""

from __future__ import annotations

import torch

from hrm_specialists.errors import (
    DeviceUnavailable,
    SpecialistCrashed,
    SpecialistError,
    SpecialistOutOfMemory,
)


def pick_device(name: str) -> torch.device:
    """The device called `name`; "auto" takes CUDA, then MPS, then the CPU.

    Raises:
        DeviceUnavailable: no such device here; the message names those there are.
    """
    there = available_devices()
    if name == "auto":
        return torch.device(there[0])
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is not None and device.type in there:
        count = torch.cuda.device_count() if device.type == "cuda" else 1
        if (device.index or 0) < count:
            return device
    raise DeviceUnavailable(f"no device {name!r} here; there is {', '.join(there)}, or use 'auto'")


def available_devices() -> list[str]:
    """Kinds of device that work here, the fastest first."""
    kinds = []
    if torch.cuda.is_available():
        kinds.append("cuda")
    if torch.backends.mps.is_available():
        kinds.append("mps")
    return [*kinds, "cpu"]


def native_dtype(device: torch.device) -> torch.dtype:
    """What the device computes fastest at sufficient precision."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.bfloat16
    return torch.float32


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
