"""`hrm-agent specialists …`: which are there, what is known of one, and its versions."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from hrm_agent.cli.card import card_view, does
from hrm_agent.cli.context import Context
from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.options import AsJson, specialist_names
from hrm_agent.cli.output import OK, note, plain, result, screen, write_json

if TYPE_CHECKING:
    from hrm_specialists.specialist import Specialist


class _NamesToo(TyperGroup):
    """`specialists sudoku` is `specialists show sudoku`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = next((word for word in args if not word.startswith("-")), None)
        if first is not None and first not in self.commands:
            args = ["show", *args]
        elif first is None and not {"-h", "--help"} & set(args):
            args = ["list", *args]
        return super().parse_args(ctx, args)


specialists = typer.Typer(
    name="specialists",
    cls=_NamesToo,
    help="List the specialists on this machine, show one, and manage its versions.\n\n"
    "Without a command: list. With a name: show.",
)
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="The name of a specialist.", autocompletion=specialist_names
    ),
]
NameOrFolder = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FOLDER",
        help="The name or the folder of a specialist.",
        autocompletion=specialist_names,
    ),
]
Root = Annotated[
    Path | None,
    typer.Option("--root", metavar="FOLDER", help="Use this folder instead of the data folder."),
]


@specialists.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> int:
    """List the specialists on this machine."""
    context: Context = ctx.obj
    registry = context.registry()
    told = {
        "specialists": [describe(one) for one in registry],
        "broken": dict(registry.broken),
        "untrained": sorted(registry.untrained),
    }
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("name", "version", "learner", "answers are", "what it does"):
        table.add_column(column)
    for one in registry:
        checked = "verified" if one.task.has_checker else "accepted"
        table.add_row(
            plain(one.name, "bold"),
            plain(one.version or "-"),
            plain(one.learner),
            plain(checked + (", private" if one.private else "")),
            plain(does(one)),
        )
    found = table if registry.names() else "no specialists; `hrm-agent doctor` says why"
    missing = "read and checked here, but not trained; an LLM solves it"
    untrained = (plain(f"{one}: {missing}", "dim") for one in registry.untrained)
    broken = (
        Text("broken: ", "bold red") + plain(f"{one}: {why}")
        for one, why in registry.broken.items()
    )
    return result(as_json, told, found, *untrained, *broken)


@specialists.command("show")
def show_(ctx: typer.Context, name: NameOrFolder, as_json: AsJson = False) -> int:
    """Show the card of a specialist, its versions and an example."""
    context: Context = ctx.obj
    with context.specialist(name) as one:
        views = () if as_json else (*card_view(one), *_versions(one), *_example(one))
        return result(as_json, describe(one), *views)


@specialists.command("remove")
def remove(
    name: Name,
    version: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Remove only this version.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before removing.")] = False,
    root: Root = None,
    as_json: AsJson = False,
) -> int:
    """Remove a trained specialist, or one version of it, from the data folder."""
    from hrm_specialists.storage import remove_folder
    from hrm_specialists.versions import version_folders

    family = _family(name, root)
    folders = [one for one in version_folders(family) if version in (None, one.name)]
    if not folders:
        known = ", ".join(one.name for one in version_folders(family))
        raise UsageError(f"{name!r} has no version {version!r}", f"one of: {known}")
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise UsageError("removing needs your word for it", "--yes removes without asking")
        what = f"{name} {version}" if version else f"{name}, {_count(len(folders), 'version')},"
        typer.confirm(f"Remove {what} from {family}?", abort=True)
    for folder in folders:
        remove_folder(folder)
    if not version_folders(family):
        import shutil

        shutil.rmtree(family, ignore_errors=True)
    return _done({"removed": [str(one) for one in folders]}, as_json, "removed")


@specialists.command("rollback")
def rollback(
    name: Name,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Answer with this version from now on.")
    ] = None,
    root: Root = None,
    as_json: AsJson = False,
) -> int:
    """Let the version answer again that answered before, or the one named by --to."""
    from hrm_specialists.versions import choose, current, roll_back

    family = _family(name, root)
    before = current(family)
    if to is None:
        to = roll_back(family)
    else:
        choose(family, to, "chosen on the command line")
    was = "" if before is None else before.name
    words = f"{name} answers with version {to} now (before: {was or 'none'})"
    return result(as_json, {"name": name, "version": to, "before": was}, words)


@specialists.command("promote")
def promote(
    name: Name,
    version: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Promote this version.")
    ] = None,
    root: Root = None,
    as_json: AsJson = False,
) -> int:
    """Let the waiting candidate of a distilled specialist answer from now on."""
    from hrm_agent.growing import promote as let

    chosen = let(name, version=version, root=root)
    told = {"name": name, "version": chosen, "state": "promoted"}
    return result(as_json, told, f"{name} answers with version {chosen} now")


@specialists.command("demote")
def demote(
    name: Name,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why; kept with the versions.")
    ] = "by hand",
    root: Root = None,
    as_json: AsJson = False,
) -> int:
    """Let no version of a specialist answer from now on; the LLM does."""
    from hrm_agent.growing import demote as let

    let(name, reason=reason, root=root)
    told = {"name": name, "version": None, "state": "demoted"}
    return result(as_json, told, f"no version of {name} answers now")


@specialists.command("export")
def export(
    ctx: typer.Context,
    name: NameOrFolder,
    folder: Annotated[Path, typer.Argument(metavar="TO", help="A new folder.")],
    as_json: AsJson = False,
) -> int:
    """Copy a specialist to a new folder that loads anywhere and fits the Hugging Face Hub."""
    from hrm_specialists.hub import export as copy

    copy(_folder(ctx.obj, name), folder)
    return _done({"exported": str(folder)}, as_json, "exported to")


@specialists.command("push")
def push(
    ctx: typer.Context,
    name: NameOrFolder,
    repo: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="The model repository on the hub.")
    ],
    public: Annotated[
        bool, typer.Option("--public", help="Make a new repository public; else it is private.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Upload a specialist to the Hugging Face Hub (extra 'hub'; `hf auth login` logs in)."""
    from hrm_specialists.hub import push as upload

    address = upload(_folder(ctx.obj, name), repo, private=not public)
    return _done({"pushed": address}, as_json, "uploaded:")


@specialists.command("pull")
def pull(
    repo: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="The model repository on the hub.")
    ],
    revision: Annotated[
        str | None, typer.Option(metavar="NAME", help="A branch, a tag or a commit.")
    ] = None,
    root: Root = None,
    as_json: AsJson = False,
) -> int:
    """Download a specialist from the Hugging Face Hub into the data folder (extra 'hub')."""
    from hrm_specialists.hub import pull as download
    from hrm_specialists.registry import data_folder

    folder = download(repo, root or data_folder(), revision=revision)
    return _done({"pulled": str(folder), "name": folder.parent.name}, as_json, "downloaded to")


def describe(specialist: Specialist) -> dict[str, Any]:
    """What is known of a specialist, as plain data."""
    task = specialist.task
    return {
        "name": specialist.name,
        "version": specialist.version,
        "learner": specialist.learner,
        "title": task.title,
        "description": does(specialist),
        "checker": task.has_checker,
        "private": specialist.private,
        "threshold": specialist.threshold,
        "folder": None if specialist.folder is None else str(specialist.folder),
        "card": dict(specialist.card),
    }


def _family(name: str, root: Path | None) -> Path:
    """The folder of a trained specialist's versions.

    Raises:
        UsageError: there is none in the data folder.
    """
    from hrm_specialists.registry import data_folder
    from hrm_specialists.versions import version_folders

    home = root or data_folder()
    family = home / name
    if "/" in name or "\\" in name or name in ("", ".", "..") or not version_folders(family):
        there = sorted(one.name for one in home.iterdir() if one.is_dir()) if home.is_dir() else []
        raise UsageError(
            f"no trained specialist {name!r} in {home}",
            f"one of: {', '.join(there)}" if there else "`hrm-agent train` makes one",
        )
    return family


def _folder(context: Context, name: str) -> Path:
    from hrm_specialists.errors import ConfigError

    with context.specialist(name) as one:
        if one.folder is None:
            raise ConfigError(f"{one.name!r} has no folder of weights that could be copied")
        return one.folder


def _done(told: Mapping[str, Any], as_json: bool, words: str) -> int:
    if as_json:
        write_json(told)
    else:
        first = next(iter(told.values()))
        for one in first if isinstance(first, list) else [first]:
            note(f"{words} {one}")
    return OK


def _versions(specialist: Specialist) -> Iterator[RenderableType]:
    """The other versions of a trained specialist, the one that answers marked."""
    from hrm_specialists.versions import current, version_folders

    if specialist.folder is None:
        return
    family = specialist.folder.parent
    folders = version_folders(family)
    if len(folders) < 2:
        return
    now = current(family)
    yield Text()
    yield plain("versions", "dim")
    for folder in folders:
        yield plain(f"{folder.name}{'  answers now' if folder == now else ''}")


def _example(specialist: Specialist) -> Iterator[RenderableType]:
    from hrm_agent.cli.showing import draw

    task = specialist.task
    if task.example is not None:
        yield Text()
        yield plain("an example", "dim")
        yield draw(task, task.example, None, styled=screen().is_terminal)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
