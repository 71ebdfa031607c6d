"""The card of a specialist, as people see it: what it does, and what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from hrm_agent.cli.output import plain, screen

if TYPE_CHECKING:
    from hrm_specialists.specialist import Specialist


def card_view(specialist: Specialist) -> Iterator[RenderableType]:
    """What is known of a specialist, as people see it: what it does, and its card."""
    task = specialist.task
    yield plain(f"{task.title or specialist.name} {specialist.version}".strip(), "bold")
    yield plain(does(specialist))
    written = _written(specialist)
    facts = _facts(specialist)
    if not written:  # no card for people: what its data says
        numbers = ((k, v) for k, v in specialist.card.items() if isinstance(v, int | float))
        facts += [(k.replace("_", " "), f"{v:,.4g}" if v % 1 else f"{v:,.0f}") for k, v in numbers]
        if told := specialist.card.get("measured_on"):
            facts.append(("measured on", str(told)))
    table = Table.grid(padding=(0, 2))
    for key, value in facts:
        table.add_row(plain(key, "dim"), plain(value))
    yield Text()
    yield table
    if written:
        from rich.markdown import Markdown

        yield Text()
        yield Markdown(written, hyperlinks=False) if screen().is_terminal else Text(written)


def _written(specialist: Specialist) -> str:
    """The card's Markdown without metadata, title and pictures."""
    page = None if specialist.folder is None else specialist.folder / "README.md"
    if page is None or not page.is_file():
        return ""
    markdown = page.read_text("utf-8", errors="replace")
    if markdown.startswith("---\n"):  # for the pages of the Hub
        markdown = markdown[4:].partition("\n---\n")[2]
    lines = plain(markdown).plain.strip().splitlines()
    return "\n".join(line for line in lines[1:] if not line.startswith("![")).strip()


def does(specialist: Specialist) -> str:
    """What it does, in a sentence or two."""
    from hrm_router.cards import summary_of

    return summary_of(specialist.task)


def _facts(specialist: Specialist) -> list[tuple[str, str]]:
    if specialist.task.has_checker:
        answers = "verified by its checker"
    elif specialist.threshold < 1:
        own = specialist.card.get("thresholds") or {}
        more = "".join(f"; {label!r} from {least:g}" for label, least in own.items())
        answers = f"accepted from confidence {specialist.threshold:g}{more}"
    elif specialist.card.get("measured_on") == "nothing yet":
        answers = "never accepted: not measured on held-out examples"
    else:
        answers = "never accepted: too few rows, or too often wrong, for the threshold"
    facts = [("answers", answers)]
    if specialist.private:
        facts.append(("private", "its problems are kept from language models"))
    if specialist.folder is not None:
        facts.append(("folder", str(specialist.folder)))
    return facts
