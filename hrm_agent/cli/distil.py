"""`hrm-agent distil`: what the recorded LLM traffic holds, and a specialist made of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.table import Table

from hrm_agent.cli.errors import UsageError
from hrm_agent.cli.options import AsJson, Minutes, Private, Root, Seed
from hrm_agent.cli.output import OK, note, plain, show, write_json

if TYPE_CHECKING:
    from hrm_router.traffic.curate import Trust
    from hrm_router.traffic.families import Family
    from hrm_router.traffic.logs import BadLine
    from hrm_router.traffic.rows import Row


def distil(
    family: Annotated[
        str | None,
        typer.Argument(metavar="FAMILY", help="The family to train on; without it, list them."),
    ] = None,
    traffic: Annotated[
        str | None,
        typer.Option(
            metavar="URL|FILE",
            help="Traffic store (a SQLAlchemy URL or .db file), or a log in JSON Lines. "
            "The default is the store in the user's data folder.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the specialist.")
    ] = None,
    trust: Annotated[
        str,
        typer.Option(
            metavar="judged|agreed|all",
            help="Answers to learn from: judged by a checker or a person; also those that "
            "several calls agree on; or all that nobody refused.",
        ),
    ] = "agreed",
    agree: Annotated[
        int, typer.Option(min=1, help="Calls with the same answer that are enough.")
    ] = 2,
    later: Annotated[
        float, typer.Option(min=0.0, max=0.9, help="Share of the latest examples to test on.")
    ] = 0.2,
    minutes: Minutes = None,
    private: Private = False,
    review: Annotated[
        bool, typer.Option("--review", help="Judge doubtful rows one at a time; no training.")
    ] = False,
    import_file: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Add a log in JSON Lines to the store."),
    ] = None,
    export_file: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Write all rows as JSON Lines.")
    ] = None,
    root: Root = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> int:
    """Find families in recorded LLM traffic, and train a candidate on one of them.

    The candidate answers nobody until `hrm-agent specialists promote NAME`, or until a
    router that tries it beside the LLM promotes it.
    """
    if review and as_json:
        raise UsageError("--review asks, and --json cannot", "leave one of them out")
    if trust not in ("judged", "agreed", "all"):
        raise UsageError(f"--trust {trust!r} is unknown", "judged, agreed or all")
    from hrm_agent.growing import find_family, read_traffic
    from hrm_router.traffic.families import families

    where = traffic or _default()
    if import_file is not None:
        return _import(import_file, where, as_json)
    rows, bad = read_traffic(where)
    if export_file is not None:
        return _export(rows, export_file, as_json)
    if family is None:
        _list(families(rows), rows, bad, as_json)
        return OK
    found = find_family(rows, family)
    if review:
        return _review(found, where, cast("Trust", trust), agree)
    return _train(
        found,
        bad,
        as_json,
        name=name,
        trust=cast("Trust", trust),
        agree=agree,
        later=later,
        minutes=minutes,
        private=private,
        root=root,
        seed=seed,
    )


def _default() -> str:
    from hrm_router.traffic.store import default_url

    return default_url()


def _list(found: list[Family], rows: list[Row], bad: list[BadLine], as_json: bool) -> None:
    tokens = sum(one.tokens for one in found) or 1
    if as_json:
        listed = [
            {
                "name": one.name,
                "rows": len(one.rows),
                "problems": one.problems,
                "answers": one.answers,
                "verdicts": one.verdicts,
                "tokens": one.tokens,
                "cost": one.cost,
                "share": one.tokens / tokens,
                "promising": not one.promising,
                "why_not": one.promising,
                "notes": list(one.notes),
            }
            for one in found
        ]
        write_json({"rows": len(rows), "families": listed, "bad_lines": _lines(bad)})
        return
    if not found:
        said = f"no family in {len(rows)} rows: no call is asked again in the same form"
        show(plain(said if rows else "no calls are recorded yet; `hrm-agent serve --record` does"))
    else:
        table = Table(
            "family", "rows", "problems", "answers", "tokens", "judged", "outlook", box=None
        )
        for one in found:
            judged = ", ".join(f"{v} {k}" for k, v in one.verdicts.items() if k != "open")
            share = f"{one.tokens:,} ({100 * one.tokens / tokens:.0f} %)"
            pays = one.promising or "likely to pay"
            cells = (one.name, len(one.rows), one.problems, one.answers, share, judged, pays)
            table.add_row(*(plain(cell) for cell in cells))
        show(table)
    for one in found:
        for said in one.notes:
            note(f"{one.name}: {said}")
    _tell_bad(bad)


def _train(found: Family, bad: list[BadLine], as_json: bool, **options: Any) -> int:
    from hrm_agent.cli.progress import training
    from hrm_agent.growing import distil as make

    with training(quiet=as_json) as told:
        made = make(found, callback=told, **options)
    if as_json:
        write_json({"family": found.name, **made.to_mapping(), "bad_lines": _lines(bad)})
        return OK
    curated, later = made.curated, made.later
    reasons = ", ".join(f"{count} {reason}" for reason, count in curated.reasons.items())
    table = Table(show_header=False, box=None)
    teacher = made.teacher_accuracy
    for what, said in (
        ("candidate", f"{made.name} {made.version}"),
        ("examples", f"{len(curated.examples)} ({reasons}); trained on {made.trained_on}"),
        (
            "left out",
            f"{curated.refused} refused, {curated.unjudged} unjudged, "
            f"{len(curated.contradictions)} contradictory",
        ),
        ("teacher", "nobody judged it" if teacher is None else f"{100 * teacher:.1f} % right"),
        ("later rows", _later(later.examples, later.accepted, later.accuracy)),
        (
            "it would have saved",
            f"{later.calls} calls, {later.tokens:,} tokens, "
            f"{later.cost:.4g} in money, {later.seconds:,.0f} s",
        ),
    ):
        table.add_row(plain(what, "dim"), plain(said))
    show(table)
    for kind, count in curated.personal.items():
        note(f"{count} examples hold what looks like {kind}")
    _tell_bad(bad)
    note(f"it answers nobody yet: hrm-agent specialists promote {made.name}")
    return OK


def _later(examples: int, accepted: int, accuracy: float | None) -> str:
    if accuracy is None:
        return f"none of {examples} accepted"
    return f"{accepted} of {examples} accepted, {100 * accuracy:.1f} % of these right"


def _review(found: Family, where: str, trust: Trust, agree: int) -> int:
    from hrm_agent.growing import doubtful, open_store
    from hrm_router.traffic.rows import last_user_text

    if "://" not in where and not where.endswith((".db", ".sqlite", ".sqlite3")):
        raise UsageError("a log cannot keep verdicts", "--import it into a store first")
    judged = 0
    with closing(open_store(where)) as store:
        for row in doubtful(found, trust=trust, agree=agree):
            show(plain(""), plain(last_user_text(row.messages)[:2_000]))
            show(plain(f"→ {row.answer}", "bold"))
            said = typer.prompt(
                "right? y, n, s to skip, q to stop, or the right answer", default="s"
            ).strip()
            if said == "q":
                break
            if said in ("", "s"):
                continue
            verdict = {"y": "approved", "n": "rejected"}.get(said, "corrected")
            answer = said if verdict == "corrected" else None
            judged += store.judge(cast(Any, verdict), "review", id=row.id, answer=answer)
    note(f"{judged} rows judged")
    return OK


def _import(file: Path, where: str, as_json: bool) -> int:
    from hrm_agent.growing import open_store, read_traffic

    rows, bad = read_traffic(str(file))
    with closing(open_store(where)) as store:
        before = store.count()
        for at in range(0, len(rows), 1_000):
            store.add(rows[at : at + 1_000])
        added = store.count() - before
    there = len(rows) - added
    if as_json:
        write_json({"added": added, "known_before": there, "bad_lines": _lines(bad)})
        return OK
    _tell_bad(bad)
    note(f"{added} rows added, {there} were there before")
    return OK


def _export(rows: list[Row], file: Path, as_json: bool) -> int:
    from hrm_router.traffic.logs import write_log

    with file.open("w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in write_log(rows))
    if as_json:
        write_json({"written": len(rows), "file": str(file)})
    else:
        note(f"{len(rows)} rows written to {file}")
    return OK


def _lines(bad: list[BadLine]) -> list[dict[str, Any]]:
    return [{"line": one.line, "reason": one.reason} for one in bad]


def _tell_bad(bad: list[BadLine]) -> None:
    for one in bad[:5]:
        note(f"line {one.line} is left out: {one.reason}")
    if len(bad) > 5:
        note(f"and {len(bad) - 5} more lines")
