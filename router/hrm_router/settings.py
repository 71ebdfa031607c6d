"""Configuration from the environment and from one file, never the current folder.

Code wins over `HRM_AGENT_…` variables, these win over the file. The file is the
one that `HRM_AGENT_CONFIG` names, or `config.toml` in the user's config folder.
No other variable is read: an `OPENAI_API_KEY` alone sends nothing anywhere.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, SecretStr, ValidationError

from hrm_router.policy import Policy
from hrm_specialists.errors import ConfigError
from hrm_specialists.spelling import Spelled

PREFIX = "HRM_AGENT_"
_LISTS = {"specialists": ",", "folders": os.pathsep, "allow": ",", "private": ","}


class Prices(Spelled):
    """What a million tokens cost, in any one currency."""

    model_config = ConfigDict(defer_build=True)

    prompt: float
    completion: float


class Settings(Spelled):
    """What a router takes from its surroundings.

    As variables: `HRM_AGENT_BASE_URL`, `HRM_AGENT_POLICY_DEADLINE`,
    `HRM_AGENT_PRICES_PROMPT`, and so on; lists are separated by commas, folders
    as in `PATH`. As TOML: the same names, with tables `[policy]` and `[prices]`.
    """

    model_config = ConfigDict(defer_build=True)

    base_url: str | None = None
    """An OpenAI-compatible endpoint; without one there is no LLM."""
    model: str | None = None
    """The model to ask for; not needed where the endpoint serves only one."""
    api_key: SecretStr | None = None
    prices: Prices | None = None
    specialists: tuple[str, ...] | None = None
    """Names to use of those that are found; None takes all."""
    folders: tuple[Path, ...] = ()
    """Folders of specialists, besides those in the user's data folder."""
    allow: tuple[str, ...] | None = None
    """Plug-ins that may be loaded, those that ship included; None allows all."""
    device: str = "auto"
    policy: Policy = Field(default_factory=Policy)
    server: Mapping[str, Any] = {}
    """What the HTTP server reads for itself: a table `[server]` of the file."""

    @classmethod
    def load(cls, file: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the file, if there is one, and put the variables over it.

        Args:
            file: a TOML file that must exist; default as described above.
            environ: variables; the process's own by default.

        Raises:
            ConfigError: the file is missing or no TOML, or a name or value is wrong.
        """
        variables = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in (os.environ if environ is None else environ).items()
            if name.startswith(PREFIX)
        }
        named = variables.pop("config", None)
        if file is None and named:
            file = Path(named)
        data = _read(file or user_file()) if file or user_file().is_file() else {}
        where = f"{file or user_file()} or {PREFIX}… variables"
        for name, value in variables.items():
            _put(data, name, value)
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            name = ".".join(map(str, first["loc"]))
            raise ConfigError(f"setting {name!r} ({where}): {first['msg']}") from None


def user_file() -> Path:
    """The settings file in the user's config folder; it need not be there."""
    from platformdirs import user_config_path

    return user_config_path("hrm-agent") / "config.toml"


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the settings in {file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is no TOML: {error}") from error


def _put(data: dict[str, Any], name: str, value: str) -> None:
    """Set what the variable `name` (lower case, without its prefix) speaks of."""
    for table in ("policy", "prices"):
        if name.startswith(f"{table}_"):
            inner = data.setdefault(table, {})
            if not isinstance(inner, dict):
                raise ConfigError(f"{table!r} is set as a whole and as {name!r}; keep the latter")
            data, name = inner, name.removeprefix(f"{table}_")
    if name in _LISTS:
        data[name] = [item.strip() for item in value.split(_LISTS[name]) if item.strip()]
    else:
        data[name] = value
