"""The server's own settings: the table `[server]` of the settings file, and options over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from hrm_agent.server.limits import Key
from hrm_specialists.errors import ConfigError
from hrm_specialists.spelling import Spelled


class ServerSettings(Spelled):
    """What the table holds.

    As TOML:

    [server]
    origins = ["https://app.example"]
    aliases = { "gpt-4o" = "hrm-agent" }
    [server.keys.alice]
    key = "…"
    llm_tokens_per_day = 100000
    """

    keys: Mapping[str, Key] = {}
    """Callers' keys by name; with none, only this machine is answered."""
    origins: tuple[str, ...] = ()
    """Web pages from elsewhere that may ask."""
    aliases: Mapping[str, str] = {}
    """Further names of models."""
    solves: int = Field(default=128, ge=1)
    """Solves at once."""
    caller_solves: int = Field(default=64, ge=1)
    """Solves at once for one key."""

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> ServerSettings:
        """From the table.

        Raises:
            ConfigError: a name or a value in it is wrong.
        """
        try:
            return cls.model_validate(dict(table))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            name = ".".join(["server", *map(str, first["loc"])])
            raise ConfigError(f"setting {name!r}: {first['msg']}") from None
