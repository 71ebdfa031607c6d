"""What a router does with recorded calls of its LLM: it is judged, and it grows from them.

Part of `Router`; how calls are stored and specialists grow stands in `traffic/`, which is
loaded only where something is recorded.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrm_router.attempting import Shared
from hrm_router.lifecycle import Living, on_class_too
from hrm_router.roster import Roster
from hrm_specialists.errors import ConfigError, InvalidInput

if TYPE_CHECKING:
    from hrm_router.traffic.growth import Grow, Growth
    from hrm_router.traffic.record import Traffic
    from hrm_router.traffic.recorder import Recorder


class Recording(Living):
    """Takes feedback, and lets distilled specialists answer."""

    _kit: Shared
    _roster: Roster

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
        from hrm_router.traffic.recorder import Recorder

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
