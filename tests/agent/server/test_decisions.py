"""`/v1/decisions`, asked by the official client and by LangChain's."""

from __future__ import annotations

import httpx2
import openai
import pytest

from hrm_agent.server import create_app
from hrm_agent.testing import ScriptedSpecialist
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.contract import Attempt
from hrm_specialists.schema import infer_task

QUEUES = ("backlog", "standard", "urgent")
PRIORITIES = ("low", "mid", "high")
TICKET = {"priority": "high", "age": 3.0}


def choice(*values, **more):
    options = [{"value": value} for value in values]
    return {"type": "choice", "instructions": "Which queue?", "choices": options, **more}


def score(*labels, **more):
    levels = [{"label": label} for label in labels]
    return {"type": "score", "instructions": "How bad?", "levels": levels, **more}


def predicate(text, **more):
    return {"type": "predicate", "instructions": text, **more}


def given(data):
    return [{"role": "user", "content": [{"type": "input_json", "data": data}]}]


class Tickets(ScriptedSpecialist):
    """Labels tickets: three queues, all probabilities known."""

    def __init__(self, probabilities=(0.1, 0.2, 0.7), unknown="banana"):
        pairs = [
            ({"priority": priority, "age": float(age)}, {"queue": queue})
            for age, (priority, queue) in enumerate(
                zip(("low", "mid", "high"), QUEUES, strict=True)
            )
        ]
        task = infer_task("tickets", pairs * 20)
        top = QUEUES[probabilities.index(max(probabilities))]
        self.unknown = unknown
        attempt = Attempt(
            solution=task.Solution.model_validate({"queue": top}),
            verdict=None,
            confidence=max(probabilities),
            segments=1,
            starts=1,
            seconds=0.0,
            probabilities=dict(zip(QUEUES, probabilities, strict=True)),
        )
        super().__init__(task, attempt)

    def unfamiliar(self, problem):
        known = problem.priority != self.unknown
        return () if known else (f"priority {problem.priority!r} was not in training",)


class Spam(ScriptedSpecialist):
    """Says yes or no of a text, with nothing but its confidence."""

    def __init__(self, answer=True, confidence=0.9):
        task = infer_task("spam", [("buy now", True), ("see you soon", False)] * 20)
        solution = task.Solution.model_validate({"label": answer})
        super().__init__(task, solution, confidence=confidence)


@pytest.fixture
async def client():
    specialists = [Tickets(), Spam()]
    router = Router(specialists, llm=None, settings=Settings())
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=create_app(router)))
    sdk = openai.AsyncOpenAI(
        base_url="http://127.0.0.1/v1", api_key="x", http_client=http, max_retries=0
    )
    async with router, sdk:
        yield sdk
    for one in specialists:
        one.close()


async def test_a_choice_has_all_its_probabilities(client):
    decision = await client.decisions.create(
        model="tickets", input=given(TICKET), questions=[choice(*QUEUES, name="queue")]
    )

    (answer,) = decision.answers
    assert (answer.type, answer.name, answer.choice) == ("choice", "queue", "urgent")
    assert answer.confidence == pytest.approx(0.7)
    assert [(one.value, one.probability) for one in answer.probabilities] == [
        ("backlog", 0.1),
        ("standard", 0.2),
        ("urgent", 0.7),
    ]
    assert (decision.model, decision.usage.total_tokens) == ("tickets", 0)


async def test_several_questions_are_answered_and_refused_one_by_one(client):
    questions = [
        choice("backlog", "urgent"),
        score(*QUEUES, name="queue"),
        predicate("The queue is urgent."),
        predicate("The queue is not urgent."),
        choice("urgent", "somewhere else"),
        choice("backlog", "standard"),
    ]
    decision = await client.decisions.create(
        model="tickets", input=given(TICKET), questions=questions
    )

    kinds = [answer.type for answer in decision.answers]
    assert kinds == ["choice", "score", "predicate", "refusal", "refusal", "refusal"]
    among, scored, stated, negated, unknown, _ = decision.answers
    assert among.confidence == pytest.approx(0.7 / 0.8)
    assert scored.score == pytest.approx(0 * 0.1 + 1 * 0.2 + 2 * 0.7)
    assert [level.value for level in scored.probabilities] == [0, 1, 2]
    assert stated.probability == pytest.approx(0.7)
    assert "queue is urgent" in negated.reason
    assert "known: backlog, standard, urgent" in unknown.reason


async def test_what_was_not_in_training_is_refused(client):
    decision = await client.decisions.create(
        model="tickets",
        input=given({"priority": "banana", "age": 3.0}),
        questions=[choice(*QUEUES)],
    )

    assert decision.answers[0].type == "refusal"
    assert "banana" in decision.answers[0].reason


async def test_a_truth_is_a_predicate_and_a_choice_of_truths(client):
    questions = [
        predicate("spam"),
        {"type": "choice", "instructions": "?", "choices": [{"value": True}, {"value": False}]},
        {"type": "choice", "instructions": "?", "choices": [{"value": "x"}, {"value": "True"}]},
    ]
    decision = await client.decisions.create(model="spam", input="buy now", questions=questions)

    stated, chosen, text = decision.answers
    assert stated.probability == pytest.approx(0.9)
    assert chosen.choice is True
    assert text.type == "refusal", "a text and a truth are distinct"


async def test_the_router_takes_the_specialist_that_fits_each_question(client):
    questions = [choice(*QUEUES), predicate("spam", name="spam"), score("low", "high")]
    decision = await client.decisions.create(
        model="hrm-agent", input=given(TICKET), questions=questions
    )

    chosen, stated, neither = decision.answers
    assert chosen.specialist == "tickets"
    assert stated.type == "refusal", "a ticket is no text"
    assert "tickets, spam" in neither.reason


async def test_wrong_questions_are_named(client):
    wrong = {
        "questions": {"questions": []},
        "questions.0": {"questions": [choice("only one")]},
        "model": {"model": "gpt-6-luna"},
        "input": {"input": [{"role": "system", "content": "x"}]},
    }
    for param, change in wrong.items():
        asked = {"model": "tickets", "input": "x", "questions": [choice(*QUEUES)], **change}
        with pytest.raises(openai.APIStatusError) as refused:
            await client.decisions.create(**asked)
        assert refused.value.status_code in (400, 404), param
        assert refused.value.param.startswith(param), (param, refused.value.message)
