"""Where a model is served and with which key: the one place that knows secrets.

A URL comes from configuration, never from a question or a reply. Secrets leave
here only as request headers. Knows nothing of clients or models.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from pydantic import SecretStr

from hrm_specialists.errors import ConfigError

LOCAL_PATH = "/v1"
"""Where OpenAI-compatible servers speak, if a URL names no path."""
_SECRET_NAME = re.compile(r"key|token|secret|sig|password|auth|^code$", re.IGNORECASE)
_KEY_LIKE = re.compile(
    r"\b(?:sk|pk|rk|org|proj|key|acct|user)[-_][\w*.-]{6,}|\S*\*{3,}\S*|\bBearer\s+\S{8,}"
)
"""Keys and accounts in servers' messages, also shortened ones: `sk-ab***yz`."""
MAX_SAID = 300
"""Most characters of a server's message that go into ours."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible endpoint; `repr` and `label` show no secret."""

    base_url: str
    secrets: Mapping[str, SecretStr]
    """Header name, lower case, to value: the authorization and whatever else was given."""
    query: Mapping[str, str] = field(default_factory=dict)
    """What stands behind the `?` of every URL, such as Azure's `api-version`; no secret."""

    @classmethod
    def of(
        cls,
        base_url: str,
        api_key: str | SecretStr | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Endpoint:
        """Check what was configured; a `ConfigError` repeats no value."""
        key = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        given = {name.lower(): value.strip() for name, value in (headers or {}).items()}
        if key and key.strip():
            given["authorization"] = f"Bearer {key.strip()}"
        for name, value in given.items():
            if (
                not value.isascii()
                or not value.isprintable()
                or not re.fullmatch(r"[\w-]+", name, re.ASCII)
            ):
                what = "api_key" if name == "authorization" else f"header {name!r}"
                raise ConfigError(
                    f"the {what} for the LLM holds characters that HTTP forbids; "
                    "look for a line break, a quote or a space that came along"
                )
        secrets = {name: SecretStr(value) for name, value in given.items()}
        return cls(*_checked(base_url, secrets))

    @property
    def label(self) -> str:
        """Host and port, for messages."""
        return urlsplit(self.base_url).netloc

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def redact(self, text: str) -> str:
        """`text` as it may be shown: without our secrets, on one line, not long."""
        text = " ".join(text[: 20 * MAX_SAID].split())
        for secret in self.secrets.values():
            value = secret.get_secret_value()
            for known in (value, value.removeprefix("Bearer ")):
                if len(known) >= 4:
                    text = text.replace(known, "***")
        text = _KEY_LIKE.sub("***", text)
        return text if len(text) <= MAX_SAID else text[:MAX_SAID] + " …"


def _checked(
    url: str, secrets: Mapping[str, SecretStr]
) -> tuple[str, Mapping[str, SecretStr], Mapping[str, str]]:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    secret = [name for name in query if _SECRET_NAME.search(name)]
    if "@" in parts.netloc or parts.fragment or secret:
        raise ConfigError(
            f"the base_url for {parts.hostname or 'the LLM'} may hold no user, password, key or "
            "fragment; give a key as `api_key` and the rest as `headers`"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ConfigError(
            f"{url!r} is no base_url of an LLM; it should read like http://localhost:8000/v1"
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or LOCAL_PATH
    return f"{parts.scheme}://{parts.netloc}{path}", secrets, query
