"""Methods that work on the class as on an instance: `Router.solve(…)`.

On the class they go to the process-wide default instance, made on first use.
Knows nothing of routers: a class says itself how its default is made.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

Owner = TypeVar("Owner")
P = ParamSpec("P")
R = TypeVar("R")


class on_class_too(Generic[Owner, P, R]):  # noqa: N801  used as a decorator
    """Let a method be called on the class, where it means the default instance.

    The class has a class method `_default` that returns that instance.
    """

    def __init__(self, method: Callable[Concatenate[Owner, P], R]) -> None:
        self._method = method
        update_wrapper(self, method)  # type: ignore[arg-type]

    def __get__(self, instance: Owner | None, owner: Any) -> Callable[P, R]:
        target = owner._default() if instance is None else instance
        bound: Callable[P, R] = self._method.__get__(target, owner)
        return bound
