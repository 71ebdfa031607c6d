"""From an exception to an exit code, a message and a hint; never a traceback.

Knows the errors' classes and nothing of what the commands do.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from rich.text import Text

from hrm_agent.cli.output import BAD_INPUT, FAILED, plain, screen, write_json
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

HINTS: tuple[tuple[type[HrmAgentError], str], ...] = (
    (UnknownSpecialist, "`hrm-agent specialists` lists those that are there"),
    (DeviceUnavailable, "`--device auto` takes the best one there is"),
    (TaskTooLarge, "send it in smaller pieces"),
    (CorruptCheckpoint, "restore the folder from where it came, or train the specialist again"),
    (ConfigError, "`hrm-agent doctor` shows which settings are in force"),
)


class UsageError(Exception):
    """The command was called in a way that makes no sense; never leaves the command line."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


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
        exit_code = BAD_INPUT if isinstance(error, BAD) else FAILED
        return Failure(error.code, str(error), hint, exit_code)
    if (message := getattr(error, "format_message", None)) is not None:  # the parser's own
        return Failure("usage", message(), "`--help` shows the options", BAD_INPUT)
    name = getattr(error, "name", None) or ""
    if isinstance(error, ModuleNotFoundError) and not name.startswith("hrm_"):
        name = name.partition(".")[0]
        return Failure(
            "missing_package",
            f"this needs the package {name!r}, which is not installed",
            f"pip install {name}",
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
