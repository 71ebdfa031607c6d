"""Settings come from where they may, and a typo is an error."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hrm_router.policy import Policy
from hrm_router.router import Router
from hrm_router.settings import Settings
from hrm_specialists.errors import ConfigError


def test_variables_are_read():
    settings = Settings.load(
        environ={
            "HRM_AGENT_BASE_URL": "http://localhost:1/v1",
            "HRM_AGENT_POLICY_DEADLINE": "2.5",
            "HRM_AGENT_POLICY_PRIVATE": "a, b",
            "HRM_AGENT_PRICES_PROMPT": "1",
            "HRM_AGENT_PRICES_COMPLETION": "2",
            "HRM_AGENT_SPECIALISTS": "sudoku,maze",
            "OTHER": "x",
        }
    )
    assert settings.base_url == "http://localhost:1/v1"
    assert settings.policy == Policy(deadline=2.5, private=frozenset({"a", "b"}))
    assert settings.prices.completion == 2
    assert settings.specialists == ("sudoku", "maze")


def test_variables_win_over_the_file(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text('model = "m"\ndevice = "cpu"\n[policy]\ndeadline = 3\neffort = "low"\n')
    environ = {"HRM_AGENT_CONFIG": str(file), "HRM_AGENT_POLICY_DEADLINE": "4"}
    settings = Settings.load(environ=environ)
    assert (settings.model, settings.device) == ("m", "cpu")
    assert settings.policy == Policy(deadline=4, effort="low")


def test_the_current_folder_is_not_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("config.toml", ".env", "hrm-agent.toml", "pyproject.toml"):
        (tmp_path / name).write_text('base_url = "http://evil/v1"\nHRM_AGENT_BASE_URL=http://evil')
    assert Settings.load() == Settings()


def test_a_key_alone_sends_nothing(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://evil/v1")
    with Router([]) as router:
        assert router.solve_sync("write a poem about the sea").status == "abstained"


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"HRM_AGENT_POLICY_DEADLIN": "1"}, "did you mean 'deadline'"),
        ({"HRM_AGENT_BASEURL": "x"}, "did you mean 'base_url'"),
        ({"HRM_AGENT_POLICY_DEADLINE": "soon"}, "policy.deadline"),
        ({"HRM_AGENT_CONFIG": "/nowhere/at/all.toml"}, "/nowhere/at/all.toml"),
        ({"HRM_AGENT_POLICY": "x"}, "policy"),
        ({"HRM_AGENT_POLICY": "x", "HRM_AGENT_POLICY_DEADLINE": "1"}, "policy"),
    ],
)
def test_mistakes_are_named(environ, told):
    with pytest.raises(ConfigError, match=told):
        Settings.load(environ=environ)


def test_a_broken_file_is_named(tmp_path):
    file = tmp_path / "own.toml"
    for content in (b"= 3", b"\xff\xfe", b"nonsense = 1"):
        file.write_bytes(content)
        with pytest.raises(ConfigError, match=r"own\.toml"):
            Settings.load(file)


def test_a_key_is_not_shown():
    settings = Settings.load(environ={"HRM_AGENT_API_KEY": "sk-canary"})
    assert "sk-canary" not in repr(settings)
    assert "sk-canary" not in settings.model_dump_json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"deadline": 0},
        {"deadline": float("inf")},
        {"max_llm_calls": -1},
        {"effort": "huge"},
        {"effort": -1.0},
        {"when_unverified": "pray"},
        {"local": True},
    ],
)
def test_a_policy_takes_no_nonsense(wrong):
    with pytest.raises(ValidationError):
        Policy(**wrong)
