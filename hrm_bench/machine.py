"""The machine a figure was measured on, and the most it can multiply."""

from __future__ import annotations

import platform
import resource
import sys
import time
from pathlib import Path
from typing import Any

import torch


def describe() -> dict[str, Any]:
    """Processor, system and versions, as plain data."""
    return {
        "cpu": _cpu(),
        "cores": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def peak_memory_mib() -> float:
    """Most memory that this process ever held."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 1024


def energy_joules() -> float | None:
    """What the processor has drawn since some moment; None where it does not tell.

    Read from RAPL on Linux, which may need to be made readable first.
    """
    total = 0.0
    for file in sorted(Path("/sys/class/powercap").glob("intel-rapl:[0-9]/energy_uj")):
        try:
            total += int(file.read_text("ascii")) / 1e6
        except (OSError, ValueError):
            return None
    return total or None


def matmul_peak(dtype: torch.dtype, *, size: int = 1024, seconds: float = 1.0) -> float:
    """Operations a second of large square products, on the threads torch uses now."""
    a, b = (torch.randn(size, size).to(dtype) for _ in range(2))
    torch.mm(a, b)
    best = float("inf")
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
