"""A process-wide default instance, and methods that work on the class: `Router.solve(…)`.

On the class, such methods go to the default instance, which is made on first
use. Knows nothing of routers: a class says itself how an instance is retired.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, ClassVar, Concatenate, Generic, ParamSpec, Self, TypeVar

Owner = TypeVar("Owner")
P = ParamSpec("P")
R = TypeVar("R")


class on_class_too(Generic[Owner, P, R]):  # noqa: N801  used as a decorator
    """Let a method of a `WithDefault` be called on the class, where it means the default."""

    def __init__(self, method: Callable[Concatenate[Owner, P], R]) -> None:
        self._method = method
        update_wrapper(self, method)  # type: ignore[arg-type]

    def __get__(self, instance: Owner | None, owner: Any) -> Callable[P, R]:
        target = owner._default() if instance is None else instance
        bound: Callable[P, R] = self._method.__get__(target, owner)
        return bound


class WithDefault:
    """A class that has one default instance."""

    _shared: ClassVar[Any] = None
    _sharing: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def reset(cls) -> None:
        """Drop the default instance; the next use makes a new one."""
        cls._replace_default(None)

    @classmethod
    def _default(cls) -> Self:
        with cls._sharing:
            if cls._shared is None:
                cls._shared = cls()
            shared: Self = cls._shared
            return shared

    @classmethod
    def _replace_default(cls, new: WithDefault | None) -> None:
        with cls._sharing:
            old, cls._shared = cls._shared, new
        if old is not None:
            old._retire()

    def _retire(self) -> None:
        """End this instance, which was the default, without waiting."""
        raise NotImplementedError
