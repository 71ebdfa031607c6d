"""Whatever people write by hand says which name they may have meant."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hrm_agent import Policy, Settings
from hrm_agent.server import Key
from hrm_specialists.engine.plan import SearchSettings
from hrm_specialists.errors import ConfigError
from hrm_specialists.network.config import NetworkConfig
from hrm_specialists.training.recipe import Recipe


def test_a_misspelt_name_in_code_is_answered_with_the_nearest_one_and_no_value_is_shown():
    for kind, given, told in (
        (Policy, {"deadlin": 3}, "deadlin\n  unknown; did you mean 'deadline'?"),
        (Settings, {"policy": {"efort": "low"}}, "policy.efort\n  unknown; did you mean 'effort'?"),
        (Settings, {"api_kay": "sk-canary"}, "did you mean 'api_key'?"),
        (Recipe, {"network": {}, "step": 3}, "did you mean 'steps'?"),
        (SearchSettings, {"noice": 3}, "did you mean 'noise'?"),
        (Key, {"key": "k", "solve": 3}, "did you mean 'solves'?"),
    ):
        with pytest.raises(ValidationError) as wrong:
            kind(**given)
        assert told in str(wrong.value)
        assert "canary" not in str(wrong.value)
        assert "http" not in str(wrong.value)
    with pytest.raises(ConfigError, match="did you mean 'hidden_size'"):
        NetworkConfig.from_mapping({"hiden_size": 3})
