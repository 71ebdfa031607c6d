"""A router through random lives: whatever is called in whatever order, it stays sound."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_router.errors import RouterClosed
from hrm_router.policy import Policy
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.errors import ConfigError, InvalidInput, UnknownSpecialist

NUMBERS = st.lists(st.integers(0, 99), min_size=2, max_size=5)


def life_of_a_router(task, in_order):
    """The state machine for a router over `task`, with or without a specialist and an LLM."""

    class Life(RuleBasedStateMachine):
        @initialize(llm=st.booleans())
        def begin(self, llm):
            self.said = []
            self.router = Router(
                [],
                llm=ScriptedLLM('{"values": [1]}') if llm else None,
                settings=Settings(),
                on_event=self.said.append,
            )
            self.made, self.there, self.closed, self.answers = [], None, False, 0

        def use(self, work, *expected):
            """Do something; a closed router refuses, and nothing else may be raised."""
            if self.closed:
                with pytest.raises(RouterClosed):
                    work()
                return None
            try:
                return work()
            except expected:
                return None

        @rule(right=st.booleans(), replace=st.booleans())
        def register(self, right, replace):
            one = ScriptedSpecialist(task, in_order if right else task.Problem(values=(0,)))
            self.made.append(one)
            if self.use(lambda: self.router.register(one, replace=replace), ConfigError):
                assert self.there is None or replace
                self.there = right

        @rule()
        def unregister(self):
            if self.use(lambda: self.router.unregister(task.name), UnknownSpecialist):
                assert self.there is not None
                self.there = None

        @rule(values=NUMBERS, words=st.sampled_from(["", "sort ", "explain to a child: "]))
        def solve(self, values, words):
            self.judge(self.use(lambda: self.router.solve_sync(f"{words}{values}")), values)

        @rule(values=NUMBERS)
        def solve_typed(self, values):
            typed = task.Problem(values=tuple(values))
            policy = Policy(when_unverified="return")
            answer = self.use(
                lambda: self.router.solve_sync(typed, policy=policy), UnknownSpecialist
            )
            assert answer is None or self.there is not None
            self.judge(answer, values)

        @rule(many=st.lists(NUMBERS, max_size=5))
        def solve_many(self, many):
            async def work():
                return await self.router.solve_many([str(values) for values in many])

            # a query of `solve_many` that is refused becomes an answer, closed routers' too
            answers = asyncio.run(work())
            assert len(answers) == len(many)
            for values, answer in zip(many, answers, strict=True):
                if self.closed:
                    assert answer.parts[0].error == RouterClosed.code
                else:
                    self.judge(answer, values)

        @rule(values=NUMBERS)
        def leave_a_stream(self, values):
            def work():
                events = self.router.stream_sync(str(values))
                first = next(events)
                events.close()
                return first

            first = self.use(work)
            assert first is None or first.kind == "decided"

        @rule(junk=st.sampled_from(["", " ", "\0", "[", "[1, 2", "﷽", {"x": 1}, [], b"", None]))
        def junk(self, junk):
            answer = self.use(lambda: self.router.solve_sync(junk), InvalidInput, UnknownSpecialist)
            assert answer is None or answer.solution is None

        @rule()
        def count(self):
            stats = self.router.stats()
            assert sum(route.solves for route in stats.routes.values()) >= self.answers

        @precondition(lambda self: self.answers > 8)
        @rule()
        def close(self):
            self.router.close()
            self.router.close()
            self.closed = True
            solved = [told for told in self.said if told.event.kind == "answer"]
            assert len(solved) >= self.answers

        def judge(self, answer, values):
            if answer is None:
                return
            self.answers += 1
            for part in answer.parts:
                if part.status == "verified":
                    assert list(part.solution.values) == sorted(values)
            if self.there:
                assert answer.parts[0].status == "verified"
            elif self.there is None:
                assert answer.parts[0].by != "specialist"

        def teardown(self):
            self.router.close()
            for one in self.made:
                one.close()

    return Life


@pytest.mark.timeout(300)
@pytest.mark.parametrize("runs", [10, pytest.param(80, marks=pytest.mark.slow)])
def test_random_lives_of_a_router(sorting, sorted_, runs):
    run_state_machine_as_test(
        life_of_a_router(sorting, sorted_),
        settings=settings(max_examples=runs, stateful_step_count=25, deadline=None),
    )
