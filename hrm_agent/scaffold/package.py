"""A package for a specialist, written from the files beside this one.

What is written works as it stands: it sorts digits, which somebody then replaces
by what they mean. Knows nothing of the command line.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from hrm_specialists.errors import ConfigError
from hrm_specialists.installed import installed_tasks

NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
LONGEST = 40
TAKEN = frozenset({"agent", "router", "specialists"})
"""Names that would stand before something of ours."""


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What a new package is called, here and there; all of it follows from one name.

    Args:
        name: of the specialist.

    Raises:
        ConfigError: the name cannot name a new specialist.
    """

    name: str

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or len(self.name) > LONGEST:
            raise ConfigError(
                f"{self.name!r} cannot name a new specialist: lower-case letters, digits, and "
                f"single - or _ between them, beginning with a letter, {LONGEST} in all"
            )
        if self.name in TAKEN or self.name in installed_tasks():
            raise ConfigError(f"{self.name!r} is taken by hrm-agent itself; try my-{self.name}")

    @property
    def distribution(self) -> str:
        """What is installed; its prefix keeps it apart from other people's packages."""
        return f"hrm-{self.name.replace('_', '-')}"

    @property
    def module(self) -> str:
        """What is imported."""
        return f"hrm_{self.name.replace('-', '_')}"

    def write(self, into: Path) -> list[Path]:
        """Write the package as a new folder of `into`, whole or not at all.

        Returns:
            The files, relative to `into`.

        Raises:
            ConfigError: the folder exists, or cannot be written.
        """
        target = into / self.distribution
        if target.exists():
            raise ConfigError(f"{target} exists already; nothing was written")
        try:
            into.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=f".{self.distribution}-", dir=into))
            try:
                written = self._fill(beside)
                beside.chmod(0o755)
                beside.rename(target)
            finally:
                shutil.rmtree(beside, ignore_errors=True)  # there is none if all went well
        except OSError as error:
            raise ConfigError(f"{target} cannot be written: {error.strerror}") from error
        return [Path(self.distribution) / file for file in written]

    def _fill(self, folder: Path) -> list[Path]:
        words = {
            "name": self.name,
            "distribution": self.distribution,
            "module": self.module,
            "Class": "".join(word.capitalize() for word in self.module.split("_")[1:]),
            "title": " ".join(self.module.split("_")[1:]).capitalize(),
            "version": _own_version(),
        }
        written = []
        for place, template in _templates():
            file = Path(*(Template(step).substitute(words) for step in place))
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            text = Template(template.read_text("utf-8")).substitute(words)
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
            written.append(file)
        return written


def _templates() -> Iterator[tuple[tuple[str, ...], Traversable]]:
    """Where each file goes, and what it is made from."""
    root = files("hrm_agent.scaffold") / "files"
    for folder, goes in (
        (root, ()),
        (root / "package", ("$module",)),
        (root / "tests", ("tests",)),
    ):
        for one in sorted(folder.iterdir(), key=lambda file: file.name):
            if one.is_file():
                yield (*goes, one.name.removesuffix(".txt")), one


def _own_version() -> str:
    try:
        return version("hrm-agent")
    except PackageNotFoundError:  # run from its sources
        return "0"
