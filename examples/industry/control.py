"""Can 1,000 decisions of a model-predictive controller teach a specialist to replace it?

    pip install 'hrm-agent[industry]'      # casadi, for the controller
    python examples/industry/control.py [--quick] [--json]

Two plants, both from their equations: two tanks in a row whose level follows a set point without
overflowing, and a drone in a vertical plane that flies to a way point without touching the
ground. Nonlinear model-predictive control (MPC) decides well and slowly. One specialist for
each input learns from 1,000 of its decisions, flies in its place, and a safety check looks at
every decision: whatever could not be saved by an emergency manoeuvre goes back to the MPC.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from _report import Outcome, main
from numpy.typing import NDArray

from hrm_agent import Specialist, train

Floats = NDArray[np.float64]
Policy = Callable[[Floats], Floats]
"""Observations `[N, O]` to inputs `[N, U]`."""

LEARNED, QUICK = 1_000, 300
"""Decisions to learn from."""
FIRST = 8
"""Steps of the short runs among the lessons."""
MINUTES = 0.5
"""To train the specialist of one input, at most."""


@dataclass(frozen=True)
class Plant:
    """A system with its constraint, its cost, and what a practitioner would use."""

    name: str
    names: tuple[str, ...]
    """Of the observations, which the policy gets."""
    inputs: tuple[str, ...]
    low: Floats
    high: Floats
    """Of the inputs."""
    step: Callable[[Any, Any, Any], Any]
    """The next state of states and inputs; works on numpy and casadi, by the third argument."""
    cost: Callable[[Any, Any, Any], Any]
    """Of one step."""
    room: Callable[[Any], Any]
    """How far a state is from breaking the constraint; negative if it does."""
    start: Callable[[np.random.Generator, int], Floats]
    """States `[N, S]`, the set point included."""
    emergency: Policy
    classical: Policy
    """PID, or cascaded proportional loops."""
    horizon: int
    steps: int
    noise: Floats
    """Of the inputs while decisions are collected, so that mistakes are among the lessons."""


def tanks() -> Plant:
    """Two tanks in a row; state: both levels and the set point of the second, in metres."""
    area, hole, dt = 1.0, 0.28, 1.0

    def step(s: Any, u: Any, m: Any) -> Any:
        upper, lower = m.fmax(s[0], 1e-6), m.fmax(s[1], 1e-6)
        between, out = hole * m.sqrt(upper), hole * m.sqrt(lower)
        return (
            m.fmax(upper + dt * (u[0] - between) / area, 0),
            m.fmax(lower + dt * (between - out) / area, 0),
            s[2],
        )

    def start(rng: np.random.Generator, n: int) -> Floats:
        return rng.uniform([0.1, 0.1, 0.5], [0.9, 0.9, 0.9], (n, 3))

    def classical(s: Floats) -> Floats:
        hold = hole * np.sqrt(s[:, 2])
        return (
            hold[:, None] + 0.8 * (s[:, 2] - s[:, 1])[:, None] + 0.2 * (s[:, 2] - s[:, 0])[:, None]
        )

    return Plant(
        name="tanks",
        names=("upper", "lower", "wanted"),
        inputs=("pump",),
        low=np.array([0.0]),
        high=np.array([0.6]),
        step=step,
        cost=lambda s, u, m: 10 * (s[1] - s[2]) ** 2 + 0.05 * (u[0] - hole * m.sqrt(s[2])) ** 2,
        room=lambda s: 1.0 - s[0],
        start=start,
        emergency=lambda s: np.zeros((len(s), 1)),
        classical=classical,
        horizon=15,
        steps=40,
        noise=np.array([0.08]),
    )


def drone() -> Plant:
    """A drone in a plane; state: way from the goal, height, angle and their speeds."""
    mass, inertia, arm, g, dt = 1.0, 0.05, 0.2, 9.81, 0.08
    hover = mass * g / 2

    def step(s: Any, u: Any, m: Any) -> Any:
        thrust, turn = u[0] + u[1], arm * (u[1] - u[0])
        ax, az = -thrust * m.sin(s[2]) / mass, thrust * m.cos(s[2]) / mass - g
        return (
            s[0] + dt * s[3],
            s[1] + dt * s[4],
            s[2] + dt * s[5],
            s[3] + dt * ax,
            s[4] + dt * az,
            s[5] + dt * turn / inertia,
        )

    def cost(s: Any, u: Any, m: Any) -> Any:
        way = s[0] ** 2 + 2 * (s[1] - 2) ** 2 + 0.5 * s[2] ** 2
        speed = 0.1 * (s[3] ** 2 + s[4] ** 2) + 0.05 * s[5] ** 2
        return way + speed + 0.01 * ((u[0] - hover) ** 2 + (u[1] - hover) ** 2)

    def start(rng: np.random.Generator, n: int) -> Floats:
        reach = np.array([2.0, 0.0, 0.3, 0.5, 0.0, 0.5])
        states = rng.uniform(-reach, reach, (n, 6))
        states[:, 1], states[:, 4] = rng.uniform(0.7, 3.0, n), rng.uniform(-2.0, 0.5, n)
        return states

    def level(s: Floats, lean: Floats, thrust: Floats) -> Floats:
        turn = 2.5 * (lean - s[:, 2]) - 0.5 * s[:, 5]
        return np.stack([thrust / 2 - turn, thrust / 2 + turn], 1)

    def classical(s: Floats) -> Floats:
        lean = np.clip(0.15 * s[:, 0] + 0.2 * s[:, 3], -0.5, 0.5)
        thrust = mass * (g - 3.0 * (s[:, 1] - 2) - 2.5 * s[:, 4])
        return level(s, lean, thrust)

    return Plant(
        name="drone",
        names=("x", "z", "angle", "vx", "vz", "turning"),
        inputs=("left", "right"),
        low=np.zeros(2),
        high=np.full(2, 2.2 * hover),
        step=step,
        cost=cost,
        room=lambda s: s[1] - 0.3,
        start=start,
        emergency=lambda s: level(s, np.zeros(len(s)), np.full(len(s), 4.4 * hover * 0.8)),
        classical=classical,
        horizon=15,
        steps=40,
        noise=np.array([0.8, 0.8]),
    )


class Controller:
    """Nonlinear MPC by multiple shooting, solved by IPOPT; one state at a time."""

    def __init__(self, plant: Plant) -> None:
        import casadi

        self.plant = plant
        states, inputs = plant.start(np.random.default_rng(0), 1).shape[1], len(plant.low)
        first = casadi.MX.sym("first", states)
        S = casadi.MX.sym("S", states, plant.horizon)
        U = casadi.MX.sym("U", inputs, plant.horizon)
        loss, gaps, room, now = 0, [], [], first
        for k in range(plant.horizon):
            nxt = casadi.vertcat(
                *plant.step(casadi.vertsplit(now), casadi.vertsplit(U[:, k]), casadi)
            )
            gaps.append(S[:, k] - nxt)
            room.append(plant.room(casadi.vertsplit(S[:, k])))
            weight = 1 if k < plant.horizon - 1 else 5
            loss += weight * plant.cost(
                casadi.vertsplit(S[:, k]), casadi.vertsplit(U[:, k]), casadi
            )
            now = S[:, k]
        options = {"ipopt.print_level": 0, "print_time": False, "ipopt.max_iter": 100}
        problem = {
            "x": casadi.veccat(S, U),
            "p": first,
            "f": loss,
            "g": casadi.vertcat(*gaps, *room),
        }
        self._solver = casadi.nlpsol("mpc", "ipopt", problem, options | {"ipopt.sb": "yes"})
        self._states, self._free = states * plant.horizon, len(gaps) * states
        self._low = np.r_[np.full(self._states, -np.inf), np.tile(plant.low, plant.horizon)]
        self._high = np.r_[np.full(self._states, np.inf), np.tile(plant.high, plant.horizon)]
        self._most = np.r_[np.zeros(self._free), np.full(plant.horizon, np.inf)]

    def __call__(self, states: Floats) -> Floats:
        """The first input of the best plan from each state."""
        found = np.empty((len(states), len(self.plant.low)))
        middle = np.tile((self.plant.low + self.plant.high) / 2, self.plant.horizon)
        least = np.r_[np.zeros(self._free), np.full(self.plant.horizon, 0.02)]
        for n, state in enumerate(states):
            guess = np.r_[np.tile(state, self.plant.horizon), middle]
            plan = self._solver(
                x0=guess, p=state, lbx=self._low, ubx=self._high, lbg=least, ubg=self._most
            )
            found[n] = np.asarray(plan["x"])[self._states :, 0][: found.shape[1]]
        return np.clip(found, self.plant.low, self.plant.high)


def advance(plant: Plant, states: Floats, inputs: Floats) -> Floats:
    """One step of all plants."""
    inputs = np.clip(inputs, plant.low, plant.high)
    return np.stack(plant.step(states.T, inputs.T, np), 1)


def decisions(plant: Plant, mpc: Policy, count: int, seed: int) -> tuple[Floats, Floats]:
    """States that occur under the controller and what it does there, with noise on the inputs.

    Half of them come from whole runs and half from first steps, where most is at stake.
    Source: Laskey et al., "DART: Noise injection for robust imitation learning" (2017).
    """
    rng = np.random.default_rng(seed)
    seen, done = [], []
    for steps in (plant.steps, FIRST):
        states = plant.start(rng, max(1, count // 2 // steps))
        for _ in range(steps):
            inputs = mpc(states)
            seen.append(states)
            done.append(inputs)
            states = advance(plant, states, inputs + rng.normal(0, plant.noise, inputs.shape))
    return np.concatenate(seen), np.concatenate(done)


def drive(plant: Plant, policy: Policy, states: Floats) -> tuple[float, float]:
    """Mean cost of a run, and the share of steps that break the constraint."""
    costs, broken = np.zeros(len(states)), 0
    for _ in range(plant.steps):
        inputs = np.clip(policy(states), plant.low, plant.high)
        states = advance(plant, states, inputs)
        costs += plant.cost(states.T, inputs.T, np)
        broken += int((np.asarray(plant.room(states.T)) < 0).sum())
    return float(costs.mean()), broken / plant.steps / len(states)


def safe(plant: Plant, states: Floats, inputs: Floats) -> NDArray[np.bool_]:
    """Whether the emergency manoeuvre keeps the constraint after each decision."""
    states = advance(plant, states, inputs)
    fine = np.asarray(plant.room(states.T)) >= 0
    for _ in range(20):
        states = advance(plant, states, plant.emergency(states))
        fine &= np.asarray(plant.room(states.T)) >= 0
    return np.asarray(fine)


class Guarded:
    """A policy whose decisions are checked; the controller makes those that do not pass."""

    def __init__(self, plant: Plant, policy: Policy, controller: Policy) -> None:
        self.plant, self.policy, self.controller = plant, policy, controller
        self.asked = self.refused = 0

    def __call__(self, states: Floats) -> Floats:
        """The policy's inputs, or the controller's where they are not safe."""
        inputs = np.clip(self.policy(states), self.plant.low, self.plant.high)
        wrong = ~safe(self.plant, states, inputs)
        self.asked, self.refused = self.asked + len(states), self.refused + int(wrong.sum())
        if wrong.any():
            inputs[wrong] = self.controller(states[wrong])
        return inputs


@contextmanager
def taught(plant: Plant, states: Floats, inputs: Floats, seed: int) -> Iterator[list[Specialist]]:
    """One specialist for each input."""
    with tempfile.TemporaryDirectory() as folder:
        made = []
        for at, name in enumerate(plant.inputs):
            rows = [
                {**dict(zip(plant.names, map(float, s), strict=True)), name: float(u)}
                for s, u in zip(states, inputs[:, at], strict=True)
            ]
            made.append(
                train(
                    rows,
                    label=name,
                    name=f"{plant.name}-{name}",
                    minutes=MINUTES,
                    seed=seed,
                    root=Path(folder),
                )
            )
        try:
            yield made
        finally:
            for one in made:
                one.close()


def asking(plant: Plant, specialists: list[Specialist]) -> Policy:
    """A policy that asks the specialists about all states at once."""

    def policy(states: Floats) -> Floats:
        rows = [dict(zip(plant.names, map(float, s), strict=True)) for s in states]
        return np.array([[float(p) for p in one.predict(rows).prediction] for one in specialists]).T

    return policy


@cache
def controller(name: str) -> Controller:
    """One solver for each plant, built once."""
    return Controller(tanks() if name == "tanks" else drone())


def measure(seed: int, given: argparse.Namespace) -> Outcome:
    """Costs of one drawing of decisions, as multiples of the controller's own."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    ratios: dict[str, list[float]] = {}
    figures: dict[str, float | None] = {}
    for plant in (tanks(),) if given.quick else (tanks(), drone()):
        mpc = controller(plant.name)
        states, inputs = decisions(plant, mpc, QUICK if given.quick else LEARNED, seed)
        tests = plant.start(np.random.default_rng(1_000 + seed), 5 if given.quick else 10)
        began = time.perf_counter()
        best, _ = drive(plant, mpc, tests)
        slow = (time.perf_counter() - began) / plant.steps / len(tests)

        def fitted(model: Any, states: Floats = states, inputs: Floats = inputs) -> Policy:
            from copy import deepcopy

            each = [deepcopy(model).fit(states, column) for column in inputs.T]
            return lambda s: np.stack([one.predict(s) for one in each], 1)

        network = make_pipeline(
            StandardScaler(),
            MLPRegressor(hidden_layer_sizes=(64, 64), max_iter=2_000, random_state=seed),
        )
        with taught(plant, states, inputs, seed) as specialists:
            policy = asking(plant, specialists)
            guarded = Guarded(plant, policy, mpc)
            policies = {
                "hrm-agent": guarded,
                "MLP": fitted(network),
                "boosting": fitted(HistGradientBoostingRegressor(random_state=seed)),
                "PID": plant.classical,
            }
            for name, one in policies.items():
                cost, broken = drive(plant, one, tests)
                ratios.setdefault(name, []).append(cost / best)
                figures[f"{plant.name}: constraint broken, {name}"] = broken
            _, figures[f"{plant.name}: constraint broken, unchecked"] = drive(plant, policy, tests)
            many = np.repeat(states[:50], 40, 0)
            began = time.perf_counter()
            policy(many)
            quick = (time.perf_counter() - began) / len(many)
            row = dict(zip(plant.names, map(float, states[0]), strict=True))
            began = time.perf_counter()
            for _ in range(50):
                for one in specialists:
                    one.solve(row)
            single = (time.perf_counter() - began) / 50
        figures[f"{plant.name}: cost, of the controller's"] = ratios["hrm-agent"][-1]
        figures[f"{plant.name}: given back to the controller"] = guarded.refused / guarded.asked
        figures[f"{plant.name}: µs a decision, controller"] = 1e6 * slow
        figures[f"{plant.name}: µs a decision, one at a time"] = 1e6 * single
        figures[f"{plant.name}: µs a decision, 2,000 together"] = 1e6 * quick
    mean = {name: float(np.mean(found)) for name, found in ratios.items()}
    return Outcome(mean.pop("hrm-agent"), mean, figures)


if __name__ == "__main__":
    main(
        measure,
        about=__doc__ or "",
        metric="closed-loop cost, as a multiple of the controller's",
        lower_is_better=True,
    )
