"""LiteLLM as a client of our server, in an environment of its own."""

from __future__ import annotations

import json
import subprocess

import pytest
from elsewhere import bare, environment
from obedient import TALK, obedient
from served import served

from hrm_agent import Router, Settings
from hrm_agent.testing import ScriptedSpecialist
from hrm_puzzles.sudoku import SudokuTask

pytestmark = [pytest.mark.outside, pytest.mark.slow, pytest.mark.timeout(400)]

KEY = "k-0123456789abcdef"
PROGRAM = """
import json, sys
import litellm
from pydantic import BaseModel

litellm.telemetry = False
base, key, puzzle = sys.argv[1:]
ours = {"model": "openai/hrm-agent", "api_base": base, "api_key": key, "max_retries": 0}
found = {}

class City(BaseModel):
    name: str

tool = {"type": "function", "function": {"name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}

def ask(text, **more):
    return litellm.completion(messages=[{"role": "user", "content": text}], **{**ours, **more})

solved = ask("Please solve " + puzzle)
found["solved"] = solved.choices[0].message.content
found["usage"] = ask("hello").usage.total_tokens
pieces = list(ask("hello", stream=True, stream_options={"include_usage": True}))
found["stream"] = "".join(p.choices[0].delta.content or "" for p in pieces if p.choices)
called = ask("Ulm", tools=[tool], tool_choice="required").choices[0]
found["call"] = [called.finish_reason, called.message.tool_calls[0].function.arguments]
formed = ask("Ulm", response_format=City).choices[0].message.content
found["form"] = json.loads(formed)
found["specialist"] = ask(puzzle, model="openai/sudoku").choices[0].message.content
for name, more in {
    "wrong key": {"api_key": "wrong"}, "unknown model": {"model": "openai/gpt-9"}, "bad": {"n": 3},
}.items():
    try:
        ask("hello", **more)
    except Exception as error:
        found[name] = type(error).__name__
print(json.dumps(found))
"""


SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"


@pytest.fixture(scope="module")
def address():
    solution = SudokuTask.Solution.model_validate({"grid": SOLVED})
    with (
        ScriptedSpecialist(SudokuTask(), solution) as sudoku,
        Router([sudoku], llm=obedient(), settings=Settings()) as router,
        served(router, key=KEY) as address,
    ):
        yield f"{address}/v1"


def test_litellm_gets_what_it_asks_for(address, tmp_path):
    python = environment(tmp_path / "venv", "litellm") / "python"
    ran = subprocess.run(
        [str(python), "-c", PROGRAM, address, KEY, SudokuTask.example.line],
        cwd=tmp_path,
        env={**bare(), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "OPENAI_API_KEY": ""},
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])
    assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in found["solved"]
    assert "| 5 3 4 | 6 7 8 | 9 1 2 |" in found["specialist"]
    assert (found["stream"].strip(), found["usage"]) == (TALK, 12)
    assert found["call"] == ["tool_calls", '{"city": "Ulm"}']
    assert found["form"] == {"name": "Ulm"}
    assert found["wrong key"] == "AuthenticationError"
    assert found["unknown model"] == "NotFoundError"
    assert found["bad"] == "BadRequestError"
