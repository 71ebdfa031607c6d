"""Models that you have already, as specialists: a scikit-learn pipeline and an ONNX file.

    pip install 'hrm-agent[onnx]' skl2onnx
    python examples/08_models_you_have.py

Both get calibrated confidence and a threshold from rows that they were not fitted on, and a
router treats them as any other specialist. Nothing is left on the disk.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hrm_agent import Policy, Router, Specialist, Task


class Reading(BaseModel):
    """One reading of a pump."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    temperature: float
    vibration: float


class State(BaseModel):
    """What the pump needs."""

    model_config = ConfigDict(frozen=True)
    state: Literal["fine", "service"]


class PumpTask(Task[Reading, State]):
    """Say from its readings whether a pump needs service."""

    name = "pump"
    Problem, Solution = Reading, State


def rows(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Readings, and what was found when the pumps were opened."""
    rng = np.random.default_rng(seed)
    readings = np.stack([rng.uniform(20, 90, count), rng.uniform(0, 10, count)], axis=1)
    worn = readings[:, 0] / 10 + readings[:, 1] + rng.normal(0, 1, count) > 11
    return readings.astype(np.float32), np.where(worn, "service", "fine")


async def ask(specialist: Specialist) -> None:
    """Ask a router that has this specialist alone."""
    policy = Policy(when_unverified="return")
    async with Router(specialists=[specialist], policy=policy) as router:
        for reading in ({"temperature": 85, "vibration": 9}, {"temperature": 60, "vibration": 5}):
            answer = await router.solve(reading, task="pump")
            print(f"  {reading}: {answer.status} {answer.text!r}")


def main() -> None:
    readings, states = rows(600, seed=0)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(readings, states)
    fresh, found = rows(500, seed=1)
    held_out = [
        ({"temperature": float(t), "vibration": float(v)}, {"state": str(state)})
        for (t, v), state in zip(fresh, found, strict=True)
    ]

    print("a scikit-learn pipeline:")
    specialist = Specialist.from_estimator(PumpTask(), pipeline, held_out=held_out)
    print(f"  right on {specialist.card['test_accuracy']:.1%} of {len(held_out)} fresh rows")
    asyncio.run(ask(specialist))

    try:
        from skl2onnx import to_onnx
    except ImportError:
        print("skl2onnx is not installed: no ONNX file to try")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.onnx"
        file.write_bytes(to_onnx(pipeline, readings[:1]).SerializeToString())
        print(f"the same as an ONNX file of {file.stat().st_size:,} bytes:")
        specialist = Specialist.from_onnx(file, task=PumpTask(), held_out=held_out)
        asyncio.run(ask(specialist))


if __name__ == "__main__":
    main()
