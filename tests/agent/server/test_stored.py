"""Stored completions, through the official client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx2
import openai
import pytest
from pydantic import SecretStr

from hrm_agent.server import create_app
from hrm_agent.server.limits import Key
from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_router.traffic.growth import Grow
from hrm_router.traffic.record import Traffic

KEYS = {"ann": "k-ann-0123456789", "bob": "k-bob-0123456789"}


@pytest.fixture
async def clients(tmp_path, solution) -> AsyncIterator:
    """Two callers of one server that records."""
    specialist = ScriptedSpecialist(SudokuTask(), solution, private=False)
    async with AsyncExitStack() as stack:
        router = Router(
            [specialist],
            llm=ScriptedLLM(*[f"reply {n}" for n in range(40)]),
            settings=Settings(),
            record=Traffic(f"sqlite:///{tmp_path / 't.db'}"),
            grow=Grow(root=tmp_path / "specialists"),
        )
        await stack.enter_async_context(router)
        keys = {name: Key(key=SecretStr(key)) for name, key in KEYS.items()}
        transport = httpx2.ASGITransport(app=create_app(router, keys=keys))
        made = {}
        for name, key in KEYS.items():
            http = httpx2.AsyncClient(transport=transport)
            made[name] = openai.AsyncOpenAI(
                base_url="http://127.0.0.1/v1", api_key=key, http_client=http, max_retries=0
            )
            stack.push_async_callback(made[name].close)
        yield made
    specialist.close()


async def ask(client, text, **options):
    messages = [{"role": "user", "content": text}]
    return await client.chat.completions.create(model="hrm-agent", messages=messages, **options)


async def test_what_is_marked_is_listed_and_read_again(clients):
    ann = clients["ann"].chat.completions
    made = [
        await ask(clients["ann"], f"Talk {n}", store=True, metadata={"task": "t", "n": str(n % 2)})
        for n in range(5)
    ]
    await ask(clients["ann"], "Talk unmarked")
    listed = [one.id async for one in ann.list(limit=2)]
    assert listed == [one.id for one in made]
    newest = [one.id async for one in ann.list(limit=2, order="desc")]
    assert newest == listed[::-1]
    odd = [one.id async for one in ann.list(metadata={"n": "1"})]
    assert odd == [made[1].id, made[3].id]
    again = await ann.retrieve(made[2].id)
    assert again.choices[0].message.content == made[2].choices[0].message.content
    assert again.metadata == {"task": "t", "n": "0"}
    messages = [one.content async for one in ann.messages.list(made[2].id)]
    assert messages == ["Talk 2"]


async def test_metadata_is_changed_and_completions_are_deleted(clients):
    ann = clients["ann"].chat.completions
    made = await ask(clients["ann"], "Talk", store=True)
    changed = await ann.update(made.id, metadata={"task": "triage"})
    assert changed.metadata == {"task": "triage"}
    assert (await ann.delete(made.id)).deleted
    with pytest.raises(openai.NotFoundError, match="no stored completion"):
        await ann.retrieve(made.id)
    assert [one async for one in ann.list()] == []


async def test_callers_see_only_what_they_stored(clients):
    made = await ask(clients["ann"], "Talk", store=True)
    bob = clients["bob"].chat.completions
    assert [one async for one in bob.list()] == []
    for call in (bob.retrieve, bob.delete):
        with pytest.raises(openai.NotFoundError):
            await call(made.id)
    with pytest.raises(openai.NotFoundError):
        await clients["bob"].post("/feedback", body={"id": made.id, "right": True}, cast_to=object)


async def test_streams_and_solved_puzzles_are_stored_too(clients, puzzle):
    ann = clients["ann"]
    stream = await ask(ann, "Talk", store=True, stream=True)
    ids = {chunk.id async for chunk in stream}
    solved = await ask(ann, f"Solve {puzzle}", store=True)
    listed = [one async for one in ann.chat.completions.list()]
    assert [one.id for one in listed] == [*ids, solved.id]
    assert listed[1].choices[0].message.content == solved.choices[0].message.content
    assert listed[1].model == "sudoku"


async def test_feedback_judges_a_call_by_its_id_or_its_solve(clients):
    ann = clients["ann"]
    made = await ask(ann, "Talk", store=True)
    other = await ask(ann, "Talk more")
    solve = other.model_extra["hrm"]["solve_id"]
    for body in ({"id": made.id, "right": False}, {"id": solve, "answer": "better"}):
        said = await ann.post("/feedback", body=body, cast_to=dict)
        assert said["judged"] == 1
    with pytest.raises(openai.BadRequestError, match="right"):
        await ann.post("/feedback", body={"id": made.id}, cast_to=object)
    with pytest.raises(openai.NotFoundError, match="no recorded call"):
        await ann.post("/feedback", body={"id": "chatcmpl-nobody", "right": True}, cast_to=object)


async def test_bad_metadata_is_refused_by_name(clients):
    for metadata in (
        {f"k{n}": "v" for n in range(17)},
        {"k": "v" * 513},
        {"k" * 65: "v"},
        {"k": 5},
    ):
        with pytest.raises(openai.BadRequestError, match="metadata"):
            await ask(clients["ann"], "Talk", store=True, metadata=metadata)


async def test_a_server_that_records_nothing_says_so(client):
    http = await client()
    found = await http.get("/v1/chat/completions")
    assert found.status_code == 404
    assert "--record" in found.json()["error"]["message"]
