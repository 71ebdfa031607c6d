"""The command line, `hrm-agent VERB …`: one file per verb, thin skins over the API.

Every verb takes `--json` (one JSON value on stdout, nothing else; the verbs that take
`--batch` print one a line) and ends with exit code 0 done, 1 not solved, 2 usage or bad
input, 130 interrupted. Importing this loads nothing; a verb loads what it needs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hrm_specialists.specialist import Specialist

__all__ = ["main"]


def main(
    argv: Sequence[str] | None = None, *, specialists: Sequence[Specialist] | None = None
) -> int:
    """Run one command.

    Args:
        argv: what follows the program's name; `sys.argv[1:]` by default.
        specialists: use these instead of those found on this machine; they
            stay open.

    Returns:
        The exit code. Nothing is raised, not even for Ctrl-C.
    """
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        if specialists is None and given[:1] == ["solve"]:
            from hrm_agent.cli.warm import quick

            if (code := quick(given[1:])) is not None:
                return code
        from hrm_agent.cli.app import run

        return run(given, specialists)
    except KeyboardInterrupt:
        return 130
