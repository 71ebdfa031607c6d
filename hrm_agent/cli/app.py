"""The program: its verbs, and the one place where a command ends.

Building it imports typer and rich and nothing of ours that is heavy.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from hrm_agent.cli.compress import compress
from hrm_agent.cli.context import Context
from hrm_agent.cli.distil import distil
from hrm_agent.cli.doctor import doctor
from hrm_agent.cli.errors import UsageError, tell
from hrm_agent.cli.evaluate import evaluate
from hrm_agent.cli.export import export
from hrm_agent.cli.mcp import mcp
from hrm_agent.cli.new import new
from hrm_agent.cli.output import BAD_INPUT, FAILED, INTERRUPTED, OK, warnings_as_notes
from hrm_agent.cli.predict import predict
from hrm_agent.cli.route import route
from hrm_agent.cli.serve import serve
from hrm_agent.cli.solve import solve
from hrm_agent.cli.specialists import specialists
from hrm_agent.cli.train import train
from hrm_agent.cli.version import version

if TYPE_CHECKING:
    from hrm_specialists.specialist import Specialist

app = typer.Typer(
    name="hrm-agent",
    help="Small local reasoning models: solve with them, route to them, teach them.",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: half the time, and flags without "<bool>"
)
VERBS: list[Callable[..., int | None]] = [solve, route, train, predict, evaluate, distil]
VERBS += [compress, export, serve, mcp, doctor, version]
for verb in VERBS:
    app.command(verb.__name__)(verb)
app.add_typer(specialists)
app.add_typer(new)


if find_spec("hrm_bench") is not None:  # in a checkout: makes puzzles, measures speed
    from hrm_bench.commands import bench
    from hrm_bench.data import data

    app.add_typer(data)
    app.add_typer(bench)


@app.callback(invoke_without_command=True)
def _root(
    ctx: typer.Context,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show Python's traceback of errors.")
    ] = False,
    show_version: Annotated[
        bool, typer.Option("--version", help="The same as the command version.")
    ] = False,
) -> None:
    ctx.obj.traceback = traceback
    if ctx.invoked_subcommand is None:
        if show_version:
            version()
            return
        if ctx.obj.as_json:
            raise UsageError("no command given", "`hrm-agent --help` lists them")
        typer.echo(ctx.get_help())
        raise typer.Exit(BAD_INPUT)


def run(argv: list[str], specialists: Sequence[Specialist] | None = None) -> int:
    """Run one command and return its exit code; see `hrm_agent.cli.main`."""
    context = Context(given=specialists, as_json="--json" in argv)
    command = typer.main.get_command(app)
    try:
        with warnings_as_notes():
            result = command.main(
                args=argv, prog_name="hrm-agent", standalone_mode=False, obj=context
            )
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as ended:
        if isinstance(ended, SystemExit) and not ended.code:
            return OK  # the shell's completion ends so
        # The reader has left; let the interpreter's last flush go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if context.traceback:
            raise
        return tell(error, as_json=context.as_json)
    if result == INTERRUPTED and context.as_json:
        return tell(KeyboardInterrupt(), as_json=True)
    return result if isinstance(result, int) else OK
