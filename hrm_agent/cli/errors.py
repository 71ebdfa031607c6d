"""From an exception to an exit code, a message and a hint; never a traceback.

Knows the errors' classes and nothing of what the commands do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import typer
from rich.text import Text

from hrm_agent.cli.output import BAD_INPUT, FAILED, INTERRUPTED, plain, screen, write_json
from hrm_agent.cli.warm import NotReachable
from hrm_specialists.errors import (
    CheckpointError,
    ConfigError,
    CorruptCheckpoint,
    DataError,
    DeviceUnavailable,
    HrmAgentError,
    InvalidInput,
    TaskTooLarge,
    UnknownSpecialist,
)

BAD = (InvalidInput, UnknownSpecialist, ConfigError, DataError, CheckpointError, DeviceUnavailable)
"""Errors for what came in, as against what went wrong afterwards."""

_DISTRIBUTIONS = {"PIL": "pillow", "sklearn": "scikit-learn"}
"""Packages that are imported by another name than they are installed by."""

_OURS_ALONE = frozenset({"bench", "dev", "docs"})
"""Extras for those who work on this project."""

HINTS: tuple[tuple[type[HrmAgentError], str], ...] = (
    (UnknownSpecialist, "`hrm-agent specialists` lists those that are there"),
    (DeviceUnavailable, "`--device auto` takes the best one there is"),
    (TaskTooLarge, "send it in smaller pieces"),
    (CorruptCheckpoint, "restore the folder from where it came, or train the specialist again"),
)
NOT_SERVED = (
    "`--server none` solves in this process. A server takes new specialists up within some "
    "seconds, unless it was started for named ones: then start it again with --specialist NAME"
)


class UsageError(Exception):
    """The command was called in a way that makes no sense; never leaves the command line."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ServerRefused(Exception):
    """A running server said no; never leaves the command line."""

    def __init__(self, url: str, status: int, told: Mapping[str, Any]) -> None:
        self.status, self.code = status, str(told.get("code") or "server_refused")
        said = told.get("message") or f"HTTP {status}"
        super().__init__(f"{url}: {said}")


@dataclass(frozen=True, slots=True)
class Failure:
    """What is told of an error."""

    code: str
    message: str
    hint: str
    exit_code: int


def failure(error: BaseException) -> Failure:
    """What to say of `error` and how to exit."""
    if isinstance(error, UsageError):
        return Failure("usage", str(error), error.hint, BAD_INPUT)
    if isinstance(error, HrmAgentError):
        hint = next((hint for kind, hint in HINTS if isinstance(error, kind)), "")
        if isinstance(error, ConfigError) and "setting" in str(error):
            hint = "`hrm-agent doctor` shows which settings are in force"
        exit_code = BAD_INPUT if isinstance(error, BAD) else FAILED
        return Failure(error.code, _in_options(str(error)), hint, exit_code)
    if isinstance(error, ServerRefused):
        hint = NOT_SERVED if error.code == UnknownSpecialist.code else ""
        return Failure(error.code, str(error), hint, BAD_INPUT if error.status < 500 else FAILED)
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return Failure("interrupted", "interrupted", "", INTERRUPTED)
    if isinstance(error, OSError) and error.filename is not None:
        return Failure("file_error", f"{error.filename}: {error.strerror}", "", BAD_INPUT)
    if (message := getattr(error, "format_message", None)) is not None:  # the parser's own
        return Failure("usage", message(), "`--help` shows the options", BAD_INPUT)
    if isinstance(error, NotReachable):
        hint = "start one with `hrm-agent serve`, or leave out --server"
        return Failure("server_unreachable", str(error), hint, BAD_INPUT)
    if isinstance(error, ModuleNotFoundError) and _ours(error.name):
        return Failure(
            "not_installed",
            f"this command needs {error.name}, which the installed package leaves out",
            "run it in a checkout of the repository",
            BAD_INPUT,
        )
    if isinstance(error, ImportError) and not _ours(error.name):
        package = (error.name or "").partition(".")[0]
        return Failure(
            "missing_package",
            f"this needs the package {package!r}, which is not installed",
            f"pip install {_requirement(package)}",
            BAD_INPUT,
        )
    if isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        return failure(error.exceptions[0])
    kind = type(error).__name__
    return Failure(
        "internal_error",
        f"{kind}: {error}",
        "this is a bug; run again with --traceback and report what it prints",
        FAILED,
    )


def _ours(module: str | None) -> bool:
    return (module or "").startswith("hrm_")


def _requirement(package: str) -> str:
    """What to install for an import: the smallest extra of ours that brings the package."""
    from importlib.metadata import PackageNotFoundError, requires

    name = _DISTRIBUTIONS.get(package, package.replace("_", "-"))
    try:
        declared = requires("hrm-agent") or []
    except PackageNotFoundError:  # run from its sources
        return name
    brings: dict[str, list[str]] = {}
    for line in declared:
        wanted, _, marker = line.partition(";")
        if extra := re.search(r"extra == ['\"]([\w-]+)['\"]", marker):
            package = re.split(r"[^\w.-]", wanted.strip())[0].lower()
            brings.setdefault(extra[1], []).append(package)
    fitting = [e for e, those in brings.items() if name.lower() in those and e not in _OURS_ALONE]
    smallest = min(fitting, key=lambda extra: len(brings[extra]), default=None)
    return f"'hrm-agent[{smallest}]'" if smallest else name


def _in_options(message: str) -> str:
    """Advice for Python callers as advice for the command line: `Policy(x=…)` is `--x`."""
    return re.sub(
        r"Policy\((\w+)=[^)]*\)", lambda found: f"--{found[1].replace('_', '-')}", message
    )


def tell(error: BaseException, *, as_json: bool) -> int:
    """Report `error` to whoever called, and return the exit code."""
    what = failure(error)
    if not what.message and not as_json:
        return what.exit_code  # the help was shown instead
    if as_json:
        told = asdict(what)
        del told["exit_code"]
        write_json({"error": told})
        return what.exit_code
    console = screen(error=True)
    console.print(Text().append("error: ", "bold red").append_text(plain(what.message)))
    if what.hint:
        console.print(Text().append("try: ", "bold").append_text(plain(what.hint)))
    return what.exit_code
