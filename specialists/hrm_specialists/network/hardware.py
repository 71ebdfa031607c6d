"""Where a network runs, and what that hardware is good at."""

from __future__ import annotations

import ctypes
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, TypeVar

import torch

from hrm_specialists.errors import DeviceUnavailable

log = logging.getLogger(__name__)
F = TypeVar("F", bound=Callable[..., Any])

KEPT = {-3: 1 << 30, -1: 2**31 - 1, -2: 1 << 26}
"""Options of glibc's `mallopt`, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD and M_TOP_PAD, in bytes."""


def pick_device(name: str = "auto") -> torch.device:
    """The device to use: CUDA, then MPS, then the CPU, unless one is named.

    Raises:
        DeviceUnavailable: the name is unknown, or this machine has no such device.
    """
    there = available_devices()
    if name == "auto":
        return torch.device(there[0])
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in there:
        raise DeviceUnavailable(f"no device {name!r}; this machine has {', '.join(there)}")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceUnavailable(
            f"no device {name!r}; this machine has {torch.cuda.device_count()} GPU(s)"
        )
    return device


def available_devices() -> list[str]:
    """Kinds of device that work here, the fastest first."""
    there = ["cpu"]
    if torch.backends.mps.is_available():
        there.insert(0, "mps")
    if torch.cuda.is_available():
        there.insert(0, "cuda")
    return there


def computes_in_bf16(device: torch.device) -> bool:
    """Whether bf16 products are native there, and so faster than fp32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    if device.type == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported())
    return False


@cache
def keep_memory() -> None:
    """Have glibc keep what is freed: the kernel clears each page that it hands out again.

    A step of 6,400 positions with 96 channels takes 0.113 s of a core instead of 0.136.
    """
    with suppress(OSError, TypeError, AttributeError):  # another C library knows no such options
        library = ctypes.CDLL(None)
        for option, size in KEPT.items():
            library.mallopt(option, size)


def compiled(function: F) -> F:
    """`function` compiled by torch, or as it is where no C++ compiler is found."""
    if not torch.cuda.is_available() and shutil.which("g++") is None:
        log.info("no C++ compiler found: it runs uncompiled, two to three times slower")
        return function
    return torch.compile(function)  # type: ignore[return-value]


@contextmanager
def one_thread(wanted: bool = True) -> Iterator[None]:
    """Keep torch to the calling thread meanwhile, if that is wanted.

    For products that are too small to be shared: on an idle machine a second core
    wins a third, and where another process wants a core, hundredfold time is
    lost in threads that spin while they wait for one another.
    """
    before = torch.get_num_threads()
    if not wanted or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
