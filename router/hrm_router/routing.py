"""The ways in that only decide: `route`, and what a router learns of routing and saves.

Part of `Router`, which says what there is to decide with. Solves nothing, asks no LLM.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from hrm_router.answering import Answering, Ready
from hrm_router.attempting import Shared
from hrm_router.background import Background
from hrm_router.deciding import Decider, LabelledQuery
from hrm_router.decision import Decision
from hrm_router.intent_model import IntentModel
from hrm_router.lifecycle import Living, on_class_too
from hrm_router.llm.budgets import Budget
from hrm_router.policy import Policy
from hrm_router.roster import Snapshot
from hrm_router.routing_scores import RoutingScores, evaluate
from hrm_router.solve import Solve
from hrm_specialists.errors import DataError

Query = str | BaseModel | Mapping[str, Any] | Sequence[Any]
"""Text, a typed problem (or its fields), or a list of chat messages."""


class Routing(Living):
    """Decides where queries go."""

    _kit: Shared
    _background: Background
    budgets: Mapping[str, Budget]
    _decider: tuple[Snapshot, Decider] | None
    _lessons: tuple[LabelledQuery, ...]
    _learned: IntentModel | None

    @on_class_too
    async def route(
        self, query: Query, task: str | None = None, policy: Policy | None = None
    ) -> Decision:
        """Decide only, with evidence; solves nothing and asks no LLM.

        Raises:
            InvalidInput, UnknownSpecialist: as `solve` does.
        """
        solve = Solve(self._limits(policy), budgets=self.budgets)

        async def ask() -> Decision:
            return await Answering(solve, await self._ready()).ask(query, task)

        return await solve.run(self._lifecycle, ask(), solve.nothing_yet)

    @on_class_too
    def route_sync(
        self, query: Query, task: str | None = None, policy: Policy | None = None
    ) -> Decision:
        """`route` for callers that cannot await; also inside a running loop."""
        self._lifecycle.use()
        return self._background.run(partial(self.route, query, task, policy))

    @on_class_too
    async def fit(self, examples: Iterable[LabelledQuery]) -> None:
        """Learn from labelled queries where text like them goes."""

        async def work() -> None:
            self._lessons = (*self._lessons, *examples)
            self._decider, self._learned = None, None
            await self._kit.offload.run((await self._ready()).decider.prepare)

        await self._lifecycle.run(work())

    @on_class_too
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write what was learned about routing to a file: lessons, and the intents' model."""
        model = self._decider[1].model if self._decider is not None else self._learned
        save_lessons(Path(path), self._lessons, model)

    @on_class_too
    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on with what `save` wrote; it replaces what was learned here.

        Raises:
            DataError: the file holds no lessons.
        """
        self._lessons, self._learned = load_lessons(Path(path))
        self._decider = None

    @on_class_too
    async def evaluate(self, examples: Iterable[LabelledQuery]) -> RoutingScores:
        """How well labelled queries are routed: accuracy, false claims, calibration."""

        async def work() -> RoutingScores:
            decider, known = (await self._ready()).decider, tuple(examples)
            return await self._kit.offload.run(lambda: evaluate(decider, known))

        return await self._lifecycle.run(work())

    def _limits(self, policy: Policy | None) -> Policy:
        raise NotImplementedError

    async def _ready(self) -> Ready:
        raise NotImplementedError


def save_lessons(path: Path, lessons: Sequence[LabelledQuery], model: IntentModel | None) -> None:
    """Write both to a file, in one step: readers see the old file or the new one.

    It is a numpy archive without pickles: the queries as JSON lines, and the model's arrays,
    which are used again while the intents and lessons are the same.
    """
    import numpy as np

    lines = "\n".join(one.model_dump_json() for one in lessons).encode()
    arrays = {} if model is None else model.arrays()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        np.savez(file, lessons=np.frombuffer(lines, dtype=np.uint8), **arrays)
    beside.replace(path)


def load_lessons(path: Path) -> tuple[tuple[LabelledQuery, ...], IntentModel | None]:
    """Read what `save_lessons` wrote.

    Raises:
        DataError: the file cannot be read, or holds something else.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as held:
            lines = bytes(held["lessons"]).decode().splitlines()
            lessons = tuple(LabelledQuery.model_validate_json(line) for line in lines)
            return lessons, IntentModel.from_arrays(held) if "weights" in held else None
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise DataError(f"no file of routing lessons: {type(error).__name__}", file=path) from error
