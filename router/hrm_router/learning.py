"""What a router learns: where text goes, from labelled queries; and specialists, from its LLM.

Part of `Router`. How recorded calls are stored and specialists grow stands in `traffic/`,
which is loaded only where something is recorded. Solves nothing, asks no LLM.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hrm_router.attempting import Shared
from hrm_router.deciding import Decider, LabelledQuery
from hrm_router.intent_model import IntentModel
from hrm_router.lifecycle import Living, on_class_too
from hrm_router.roster import Roster, Snapshot
from hrm_router.routing_scores import RoutingScores, evaluate
from hrm_specialists.errors import ConfigError, DataError, InvalidInput

if TYPE_CHECKING:
    from hrm_router.traffic.growth import Grow, Growth
    from hrm_router.traffic.record import Recorder, Traffic


class Learning(Living):
    """Learns from labelled queries and feedback, and lets distilled specialists answer."""

    _kit: Shared
    _roster: Roster
    _decider: tuple[Snapshot, Decider] | None
    _lessons: tuple[LabelledQuery, ...]
    _learned: IntentModel | None

    @on_class_too
    async def fit(self, examples: Iterable[LabelledQuery]) -> None:
        """Learn from labelled queries where text like them goes."""

        async def work() -> None:
            self._lessons = (*self._lessons, *examples)
            self._decider, self._learned = None, None
            await self._kit.offload.run((await self._ready())[1].prepare)

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
            (_, decider), known = await self._ready(), tuple(examples)
            return await self._kit.offload.run(lambda: evaluate(decider, known))

        return await self._lifecycle.run(work())

    @on_class_too
    async def feedback(
        self, solve_id: str, *, right: bool | None = None, answer: Any = None, by: str = "user"
    ) -> int:
        """Judge the LLM's answer to an earlier solve, for specialists to learn from.

        Args:
            solve_id: of the answer; see `Answer.solve_id`.
            right: whether the answer was right.
            answer: the right answer, in the form of the LLM's.
            by: who says so.

        Returns:
            The number of recorded calls that this judges; 0 if none was recorded.

        Raises:
            InvalidInput: neither `right` nor `answer` is given.
            ConfigError: the router records nothing.
            StoreError: the store refuses.
        """
        if self._kit.recorder is None:
            raise ConfigError("this router records nothing; pass record=Traffic(...)")
        if right is None and answer is None:
            raise InvalidInput("feedback says right=True, right=False or the right answer=")
        traffic = self._kit.recorder.traffic

        def judge() -> int:
            from hrm_router.traffic.rows import verdict_of

            traffic.flush()
            verdict = verdict_of(right, answer)
            return traffic.store.judge(verdict, by, solve_id=solve_id, answer=answer)

        return await self._lifecycle.run(self._kit.offload.run(judge))

    @property
    def growth(self) -> Growth | None:
        """How distilled candidates and promoted specialists stand; None without `record`."""
        return None if self._kit.recorder is None else self._kit.recorder.growth

    def _grown(self) -> dict[str, Any]:
        """What `stats` shows of recorded calls and of the specialists made of them."""
        if self._kit.recorder is None:
            return {}
        traffic, growth = self._kit.recorder.traffic, self._kit.recorder.growth
        return {"growth": tuple(growth.shown), "recorded": asdict(traffic.counts)}

    def _recorder(self, record: Traffic | None, grow: Grow | None) -> Recorder | None:
        if record is None:
            if grow is not None:
                raise ConfigError("grow= needs record=Traffic(...): trials are stored there")
            return None
        from hrm_router.traffic.growth import Grow, Growth
        from hrm_router.traffic.record import Recorder

        growth = Growth(
            record,
            grow or Grow(),
            answering=lambda: self._roster.snapshot().specialists.values(),
            load=lambda folder: self._roster.load(folder),
            changed=self._follow,
        )
        return Recorder(record, growth)

    def _follow(self, name: str, folder: Path | None) -> None:
        """Let another version of a distilled specialist answer, or none."""
        if folder is not None:
            self._roster.register(folder, replace=True)
        elif name in self._roster.snapshot().specialists:
            self._roster.unregister(name)

    async def _ready(self) -> tuple[Snapshot, Decider]:
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
            return lessons, IntentModel.from_arrays(held) if "second" in held else None
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise DataError(f"no file of routing lessons: {type(error).__name__}", file=path) from error
