"""The machine a figure was measured on."""

from __future__ import annotations

import platform
import resource
import sys
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


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
