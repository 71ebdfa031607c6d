"""A running `hrm-agent serve` on this machine, found and asked, so that a second call is quick.

`serve` notes its address in the user's runtime folder; `solve` asks there before it loads
anything itself. A server is taken only if it is this user's, alive, and was started with the
same settings, so that it answers what this process would answer. Uses the standard library
and platformdirs alone: importing it takes milliseconds.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

TIMEOUT = 90.0
"""Seconds to wait for a server that was found; a solve's deadline ends before."""

MOST = 60.0
"""Seconds of deadline that a server grants by default."""

GOOD = ("verified", "accepted", "answered")
"""Statuses of an answer that is one."""
_VALUES = {"--task", "--effort", "--deadline", "--server", "--file", "-f"}
_FLAGS = {"--json", "--local-only"}


class NotReachable(Exception):
    """No server answers there."""


@contextlib.contextmanager
def announced(url: str) -> Iterator[None]:
    """Let `solve` of this user find the server at `url` while the block runs.

    A folder that cannot be written costs the others' time, and nothing else.
    """
    file = state_file()
    state = {"url": url, "pid": os.getpid(), "settings": _settings_mark()}
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened, beside = tempfile.mkstemp(dir=file.parent)  # mode 600
        with os.fdopen(opened, "w", encoding="utf-8") as out:
            json.dump(state, out)
        Path(beside).replace(file)
    try:
        yield
    finally:
        with contextlib.suppress(OSError, ValueError):
            if json.loads(file.read_text("utf-8"))["pid"] == os.getpid():
                file.unlink()


def running() -> str | None:
    """The address of this user's server with these settings, if one runs."""
    file = state_file()
    try:
        about = file.stat()
        if hasattr(os, "getuid") and (about.st_uid != os.getuid() or about.st_mode & 0o022):
            return None
        state = json.loads(file.read_text("utf-8"))
        os.kill(int(state["pid"]), 0)  # another user's process raises PermissionError
        url = str(state["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return url if state.get("settings") == _settings_mark() else None


def state_file() -> Path:
    """Where a running server is noted."""
    from platformdirs import user_runtime_path

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a folder that others may read is passed over, loudly
        return user_runtime_path("hrm-agent") / "serve.json"


def ask(url: str, question: dict[str, Any], *, key: str | None = None) -> tuple[int, Any]:
    """Send a question to `/v1/solve`; gives the HTTP status and the JSON of the reply.

    Raises:
        NotReachable: nothing answers there, or not in JSON.
    """
    from urllib.parse import urlsplit

    place = urlsplit(url if "://" in url else f"http://{url}")
    secure = place.scheme == "https"
    path = f"{place.path.rstrip('/').removesuffix('/v1')}/v1/solve"
    body = json.dumps(question).encode()
    # Of an HTTP/1.0 request the answer comes whole, and then the connection ends.
    head = [f"POST {path} HTTP/1.0", f"Host: {place.netloc}", "Content-Type: application/json"]
    head += [f"Content-Length: {len(body)}", *([f"Authorization: Bearer {key}"] if key else [])]
    address = (place.hostname or "", place.port or (443 if secure else 80))
    try:
        with socket.create_connection(address, TIMEOUT) as plain, contextlib.ExitStack() as closing:
            line = plain
            if secure:
                import ssl

                context = ssl.create_default_context()
                line = closing.enter_context(context.wrap_socket(plain, server_hostname=address[0]))
            line.sendall("\r\n".join([*head, "", ""]).encode() + body)
            fields, _, reply = line.makefile("rb").read().partition(b"\r\n\r\n")
            return int(fields.split()[1]), json.loads(reply)
    except (OSError, ValueError, IndexError) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NotReachable(f"no hrm-agent server answers at {url}: {why}") from error


def quick(argv: Sequence[str]) -> int | None:
    """`solve` by a server that runs already; None if the whole program is needed.

    Only for the simplest calls: a text, `--json`, `--task` and limits. Whatever else there
    is, or goes wrong, is left to the program, which says it properly.
    """
    options = _simple(argv)
    if options is None or (url := running()) is None:
        return None
    try:
        status, told = ask(url, question(**options))
    except (NotReachable, ValueError):
        return None
    if status != 200 or not isinstance(told, dict) or "parts" not in told:
        return None
    show_answer(told, as_json=bool(options["json"]))
    return 0 if told["status"] in GOOD else 1


def question(**options: Any) -> dict[str, Any]:
    """The body for `/v1/solve` of a text and the options of `solve`.

    Raises:
        ValueError: an effort or a deadline is no number.
    """
    limits: dict[str, Any] = {}
    if options.get("deadline") is not None:
        limits["deadline"] = float(options["deadline"])
    if effort := options.get("effort"):
        named = effort in ("low", "default", "max")
        limits["effort"] = effort if named else float(effort)
    if options.get("local-only"):
        limits["local_only"] = True
    asked = {"query": options["text"], "task": options.get("task"), "limits": limits}
    return {name: value for name, value in asked.items() if value}


def show_answer(told: dict[str, Any], *, as_json: bool) -> None:
    """Print an answer that came as JSON."""
    if as_json:
        text = json.dumps(told, ensure_ascii=True)
    else:
        good = told["status"] in GOOD
        mark = f"{'✓' if good else '✗'} {told['status']}"
        if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
            mark = f"\x1b[1;{32 if good else 33}m{mark}\x1b[0m"
        who = f"specialist {told['specialist']}, " if told.get("specialist") else ""
        spent = 1000 * float(told["timing"]["total"])
        reasons = [part.get("reason", "") for part in told["parts"] if not good]
        shown = "".join(c if c.isprintable() or c in "\n\t" else "�" for c in told["text"])
        text = "\n".join(
            [
                shown,
                "",
                f"{mark}  {who}{spent:.0f} ms, by the running server",
                *filter(None, reasons),
            ]
        )
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.stdout.write(text.lstrip("\n") + "\n")
    sys.stdout.flush()


def fits_server(effort: str | None, deadline: str | float | None) -> bool:
    """Whether a server may grant these limits: requests tighten its policy and never loosen it."""
    with contextlib.suppress(ValueError):
        return effort in (None, "", "low", "default") and float(deadline or 0) <= MOST
    return False


def _simple(argv: Sequence[str]) -> dict[str, Any] | None:
    """The options of a simple `solve`, or None for anything else."""
    found: dict[str, Any] = {"json": False}
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        name, given, value = word.partition("=")
        if word in _FLAGS:
            found[word.lstrip("-")] = True
        elif name in _VALUES and (given or rest):
            found[name.lstrip("-")] = value if given else rest.pop(0)
        elif word.startswith("-") or "text" in found:
            return None
        else:
            found["text"] = word
    if {"server", "file", "f"} & found.keys() or not found.get("text", "").strip():
        return None
    if not fits_server(found.get("effort"), found.get("deadline")):
        return None
    return found


def _settings_mark() -> str:
    """A digest of what the settings are read from: variables, and the user's file."""
    from platformdirs import user_config_path

    variables = sorted(item for item in os.environ.items() if item[0].startswith("HRM_AGENT_"))
    file = Path(os.environ.get("HRM_AGENT_CONFIG") or user_config_path("hrm-agent") / "config.toml")
    with contextlib.suppress(OSError):
        variables.append((str(file), hashlib.sha256(file.read_bytes()).hexdigest()))
    return hashlib.sha256(repr(variables).encode()).hexdigest()
