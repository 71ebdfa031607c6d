"""One solve within its limits: it ends exactly once, by its deadline.

Knows nothing of what is solved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hrm_router.call import Call
from hrm_router.composing import tell_whose
from hrm_router.lifecycle import Lifecycle
from hrm_specialists.errors import HrmAgentError

T = TypeVar("T")


async def limited(
    call: Call,
    lifecycle: Lifecycle,
    work: Callable[[], Awaitable[T]],
    late: Callable[[Call], T],
) -> T:
    """Run `work`, or `late` if the call's deadline passes first.

    Raises:
        HrmAgentError: what `work` or `late` raises, saying whose solve it was.
        LifecycleError: the router was closed, or forked after use.
    """
    with lifecycle.solving():
        scope = asyncio.timeout(call.left)
        try:
            async with scope:
                return await work()
        except TimeoutError as error:
            if scope.expired() or (isinstance(error, HrmAgentError) and not call.left):
                return late(call)
            if isinstance(error, HrmAgentError):
                tell_whose(error, call)
            raise
        except HrmAgentError as error:
            tell_whose(error, call)
            raise
