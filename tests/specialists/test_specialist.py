"""A specialist says of every answer what training did not cover, whoever solved it."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from hrm_agent.testing import ScriptedSpecialist
from hrm_router.router import Router
from hrm_specialists.contract import Task
from hrm_specialists.errors import MalformedTask


class Colour(BaseModel):
    colour: str


class Naming(Task[Colour, Colour]):
    name = "naming"
    Problem = Solution = Colour

    def unfamiliar(self, problem: Colour) -> tuple[str, ...]:
        known = problem.colour in ("red", "blue")
        return () if known else (f"colour {problem.colour!r} was not in training",)


class Forgetful(Naming):
    name = "forgetful"

    def unfamiliar(self, problem: Colour) -> tuple[str, ...]:
        raise KeyError("no idea")


@pytest.fixture
def naming():
    with ScriptedSpecialist(Naming(), lambda problem: problem) as specialist:
        yield specialist


def test_what_training_did_not_cover_stands_in_the_attempt(naming):
    assert naming.solve(Colour(colour="red")).unfamiliar == ()
    attempt = naming.solve(Colour(colour="mauve"))

    assert attempt.unfamiliar == ("colour 'mauve' was not in training",)
    assert not naming.accepts(attempt)


def test_an_unfamiliar_problem_is_never_accepted_and_the_answer_says_why(naming):
    with Router([naming], llm=None) as router:
        known = router.solve_sync({"colour": "red"}, task="naming")
        unknown = router.solve_sync({"colour": "mauve"}, task="naming")

    assert known.status == "accepted"
    assert unknown.status == "unverified"
    assert unknown.parts[0].reason == "colour 'mauve' was not in training"


def test_a_task_that_cannot_tell_makes_nothing_familiar():
    with ScriptedSpecialist(Forgetful(), lambda problem: problem) as specialist:
        attempt = specialist.solve(Colour(colour="red"))
    assert "KeyError" in attempt.unfamiliar[0]
    assert not specialist.accepts(attempt)


def test_a_problem_is_taken_as_model_mapping_json_or_the_value_of_the_only_field(naming):
    forms = (Colour(colour="red"), {"colour": "red"}, '{"colour": "red"}', "red")

    assert [naming.solve(form).solution for form in forms] == [Colour(colour="red")] * 4
    for wrong in ({"color": "red"}, 7, '{"color": "red"}', '{"colour"'):
        with pytest.raises(MalformedTask):
            naming.task.parse(wrong)


def test_withdrawing_reaches_the_solver_through_the_warning(naming):
    ticket = naming.submit(Colour(colour="mauve"))
    ticket.withdraw()

    assert ticket.future.cancelled() or ticket.future.result().unfamiliar
