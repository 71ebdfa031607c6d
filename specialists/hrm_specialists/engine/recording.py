"""A function of tensors, recorded once and then replayed without the interpreter.

Eager mode returns to Python after each operation, and there waits for whoever
else computes in Python; a recording runs through in one call, with the same
kernels and so the same bits. It needs no compiler and takes a tenth of a second,
which pays for what is called often. Where torch cannot record, nothing changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.jit import _trace, optimized_execution  # type: ignore[attr-defined]

log = logging.getLogger(__name__)

AFTER = 50
"""Calls after which a recording pays."""


class Recorded:
    """A function of tensors of fixed shapes, for one thread.

    Args:
        function: a plain one of named tensors. No branch in it may depend on values;
            all that it changes must be its arguments or its own scratch, and views
            of either must be taken inside.
        after: calls in eager mode before the first one that is recorded.
    """

    def __init__(self, function: Callable[..., Any], *, after: int = AFTER) -> None:
        self._function, self._left = function, after
        self.recorded = False

    def __call__(self, *tensors: Tensor) -> Any:
        """What the function returns for these."""
        if self._left == 0:
            self._record(tensors)
        self._left -= 1
        if not self.recorded:
            return self._function(*tensors)
        with optimized_execution(False):  # nothing to gain, and seconds to lose
            return self._function(*tensors)

    def _record(self, tensors: tuple[Tensor, ...]) -> None:
        copies = tuple(tensor.clone() for tensor in tensors)  # it is run while it is recorded
        try:
            with optimized_execution(False):
                # Not torch.jit.trace, which warns users that it may end some day.
                trace: Callable[..., Any] = _trace._trace_impl
                self._function = trace(self._function, copies, check_trace=False)
            self.recorded = True
        except Exception as error:
            log.info("a segment stays in eager mode: %s", error)
