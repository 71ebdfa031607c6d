"""Distil a specialist from recorded LLM traffic: choose examples, train, measure on later rows.

The specialist is published as a candidate: it answers nobody until it is promoted, by
`promote` or by the gate of a router that tries it beside the LLM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hrm_router.traffic.curate import Curated, Example, Trust, curate
from hrm_router.traffic.families import Family, families, trusted
from hrm_router.traffic.grown import CARD, Origin, value_of
from hrm_router.traffic.logs import BadLine, read_log
from hrm_router.traffic.rows import Row, canonical
from hrm_specialists.errors import (
    CheckpointError,
    ConfigError,
    DataError,
    HrmAgentError,
    MalformedTask,
)
from hrm_specialists.packaging import read_config
from hrm_specialists.registry import data_folder
from hrm_specialists.versions import DEMOTED, candidate, choose, current

if TYPE_CHECKING:
    from hrm_router.traffic.store import TrafficStore
    from hrm_specialists.contract import Task
    from hrm_specialists.specialist import Specialist
    from hrm_specialists.training.progress import Progress

FEWEST = 40
"""Examples without which nothing is trained."""


@dataclass(frozen=True, slots=True)
class Later:
    """How a specialist did on examples that are later than all it was trained on."""

    examples: int
    accepted: int
    right: int
    """Accepted answers that are those of the examples."""
    calls: int
    """Recorded calls that it would have answered instead of the LLM."""
    tokens: int
    cost: float
    seconds: float
    """LLM tokens, money and waiting time of these calls."""

    @property
    def accuracy(self) -> float | None:
        """Share of the accepted answers that is right; None without any."""
        return self.right / self.accepted if self.accepted else None


@dataclass(frozen=True, slots=True)
class Distilled:
    """A new candidate, and what it was made of."""

    name: str
    version: str
    folder: Path
    curated: Curated = field(repr=False)
    trained_on: int
    later: Later
    teacher_accuracy: float | None
    """Share of the teacher's judged answers that were right; None if none was judged."""
    card: dict[str, Any] = field(repr=False)

    def to_mapping(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return {
            "specialist": self.name,
            "version": self.version,
            "state": "candidate",
            "folder": str(self.folder),
            "examples": len(self.curated.examples),
            "by_reason": self.curated.reasons,
            "refused": self.curated.refused,
            "unjudged": self.curated.unjudged,
            "contradictions": len(self.curated.contradictions),
            "personal_data": self.curated.personal,
            "trained_on": self.trained_on,
            "teacher_accuracy": self.teacher_accuracy,
            "later": asdict(self.later) | {"accuracy": self.later.accuracy},
            "card": self.card,
        }


def open_store(where: str) -> TrafficStore:
    """The store at a SQLAlchemy URL or in a SQLite file.

    Raises:
        StoreError: it cannot be opened.
    """
    from hrm_router.traffic.store import TrafficStore

    return TrafficStore(where if "://" in where else f"sqlite:///{Path(where).expanduser()}")


def read_traffic(where: str) -> tuple[list[Row], list[BadLine]]:
    """All rows of a store or a log, and the lines that could not be used.

    Args:
        where: a SQLAlchemy URL, a SQLite file (`.db`), or a log in JSON Lines.

    Raises:
        DataError: there is no such file.
        StoreError: the store cannot be read.
    """
    file = Path(where).expanduser()
    if "://" in where or file.suffix in (".db", ".sqlite", ".sqlite3"):
        if "://" not in where and not file.is_file():
            raise DataError(f"there is no traffic store {where}")
        with closing(open_store(where)) as store:
            return list(store.rows()), []
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as lines:
            found = list(read_log(lines))
    except OSError as error:
        raise DataError(f"{where} cannot be read: {error.strerror}") from None
    rows = [one for one in found if isinstance(one, Row)]
    return rows, [one for one in found if isinstance(one, BadLine)]


def find_family(rows: Iterable[Row], name: str) -> Family:
    """The family of this name.

    Raises:
        DataError: there is none; the error names those there are.
    """
    known = {one.name: one for one in families(rows)}
    if name not in known:
        there = ", ".join(known) or "none yet; `hrm-agent serve --record` records calls"
        raise DataError(f"the traffic has no family {name!r}; families: {there}")
    return known[name]


def distil(
    family: Family,
    *,
    name: str | None = None,
    task: Task[Any, Any] | None = None,
    trust: Trust = "agreed",
    agree: int = 2,
    later: float = 0.2,
    minutes: float | None = None,
    private: bool = False,
    root: Path | None = None,
    seed: int = 0,
    callback: Callable[[Progress], None] | None = None,
) -> Distilled:
    """Train a candidate on a family's examples and measure it on the later ones.

    Args:
        family: calls of one kind; see `hrm_router.traffic.families`.
        name: of the specialist; the family's name if None.
        task: written as code, whose problems these are: its checker has a word on every
            answer, and the specialist's own answers are checked. None takes the installed
            task that the family is named after, if there is one.
        trust: which answers to learn from; see `curate`.
        agree: calls with the same answer that are enough without a verdict.
        later: share of the examples, the last ones in time, that it is measured on.
        minutes: time for training; None chooses.
        private: keep its problems from language models.
        root: folder of specialists; None for the user's data folder.
        seed: random seed.
        callback: called with the progress of training.

    Raises:
        DataError: there are too few examples, or the answers are free text.
        TrainingError, CheckpointWriteFailed: see `train`.
    """
    from hrm_specialists.teaching.teach import train

    task = task or _installed(family)
    found = curate(family, trust=trust, agree=agree)
    if task is not None:
        name, found = task.name, _checked(found, task)
    _refuse_what_cannot_be_learned(family, found)
    cut = max(1, int(len(found.examples) * (1 - later)))
    early, late = found.examples[:cut], found.examples[cut:]
    root = root or data_folder()
    named = name or family.name.replace(".", "-").replace("/", "-").casefold()
    teacher = _teacher_accuracy(family)
    origin = Origin.of(family)
    about = origin.model_dump(mode="json") | {
        "rows": len(family.rows),
        "examples": len(early),
        "by_reason": found.reasons,
        "teacher_accuracy": teacher,
        "until": early[-1].created,
    }
    options: dict[str, Any] = {} if minutes is None else {"minutes": minutes}
    with train(
        [(one.problem, one.answer) for one in early],
        task=task,
        name=named,
        private=private,
        root=root,
        seed=seed,
        callback=callback,
        candidate=True,
        about={CARD: about},
        **options,
    ) as specialist:
        assert specialist.folder is not None
        return Distilled(
            name=named,
            version=specialist.version,
            folder=specialist.folder,
            curated=found,
            trained_on=len(early),
            later=_measure(specialist, origin, family, late),
            teacher_accuracy=teacher,
            card=dict(specialist.card),
        )


def promote(
    name: str, *, version: str | None = None, reason: str = "by hand", root: Path | None = None
) -> str:
    """Let a candidate answer from now on, in every process that looks; returns its version.

    Raises:
        ConfigError: there is no candidate, or no such version.
        CheckpointWriteFailed: the disk refuses.
    """
    family = (root or data_folder()) / name
    waiting = candidate(family)
    chosen = version or (None if waiting is None else waiting.name)
    if chosen is None:
        now = current(family)
        answers = f"{now.name} answers" if now is not None else "no version answers"
        raise ConfigError(f"{name!r} has no candidate to promote; {answers}")
    choose(family, chosen, f"promoted {reason}")
    return chosen


def demote(name: str, *, reason: str = "by hand", root: Path | None = None) -> None:
    """Let no version of a distilled specialist answer from now on: the LLM does.

    Raises:
        ConfigError: there is no such specialist in the folder, or it was not distilled.
        CheckpointWriteFailed: the disk refuses.
    """
    family = (root or data_folder()) / name
    if (now := current(family)) is None:
        raise ConfigError(f"no version of {name!r} answers; there is nothing to demote")
    with suppress(CheckpointError):  # what cannot be read is taken back all the same
        if CARD not in read_config(now).card:
            raise ConfigError(
                f"{name!r} {now.name} was trained by hand, so there is no LLM to answer in its "
                f"place; `hrm-agent specialists rollback {name}` takes the version before, "
                f"`remove {name}` deletes it"
            )
    choose(family, "", f"{DEMOTED} {reason}")


def doubtful(family: Family, *, trust: Trust = "agreed", agree: int = 2) -> Iterator[Row]:
    """Rows that a person should judge: contradictions first, then what nobody judged."""
    found = curate(family, trust=trust, agree=agree)
    torn = {canonical(problem) for problem, _ in found.contradictions}
    learned = {id for one in found.examples for id in one.ids}  # noqa: A001, rows' word
    open_rows = [
        (row, canonical(problem))
        for row, problem, _ in family.pairs
        if row.id not in learned and trusted(row) is None
    ]
    yield from (row for row, problem in open_rows if problem in torn)
    yield from (row for row, problem in open_rows if problem not in torn)


def _refuse_what_cannot_be_learned(family: Family, found: Curated) -> None:
    if family.answers == "text":
        raise DataError(
            f"the answers of {family.name!r} are free text; a specialist learns labels, "
            "numbers and JSON objects"
        )
    if len(found.examples) < FEWEST:
        raise DataError(
            f"{family.name!r} has {len(found.examples)} examples to learn from, of "
            f"{len(family.rows)} rows ({found.unjudged} problems unjudged, {found.refused} rows "
            f"refused, {len(found.contradictions)} contradictory): at least {FEWEST} are needed. "
            "Record more, judge some (`--review`), or trust more (`--trust all`)"
        )


def _installed(family: Family) -> Task[Any, Any] | None:
    kind, _, name = family.key.partition(":")
    if kind != "task":
        return None
    from hrm_specialists.installed import installed_task

    try:
        return installed_task(name)
    except HrmAgentError:
        return None


def _checked(found: Curated, task: Task[Any, Any]) -> Curated:
    """Without the examples that are none of the task's, or that its checker refuses."""

    def holds(one: Example) -> bool:
        try:
            problem, solution = task.parse(one.problem), task.Solution.model_validate(one.answer)
        except (MalformedTask, ValidationError):
            return False
        return not task.has_checker or task.check(problem, solution).passed

    kept = tuple(one for one in found.examples if holds(one))
    refused = found.refused + len(found.examples) - len(kept)
    return replace(found, examples=kept, refused=refused)


def _teacher_accuracy(family: Family) -> float | None:
    judged = [one for one in (trusted(row) for row in family.rows) if one is not None]
    corrected = sum(row.verdict == "corrected" for row in family.rows)
    return (sum(judged) - corrected) / len(judged) if judged else None


def _measure(
    specialist: Specialist, origin: Origin, family: Family, late: Sequence[Example]
) -> Later:
    rows = {row.id: row for row in family.rows}
    asked: dict[str, list[Row]] = {}
    for row, problem, _ in family.pairs:
        asked.setdefault(canonical(problem), []).append(row)
    accepted = right = 0
    saved: list[Row] = []
    for one in late:
        attempt = specialist.solve(one.problem)
        passed = attempt.verdict is not None and attempt.verdict.passed
        if attempt.solution is None or not (passed or specialist.accepts(attempt)):
            continue
        accepted += 1
        right += passed or canonical(value_of(attempt.solution, origin)) == canonical(one.answer)
        saved += asked.get(canonical(one.problem), [rows[one.ids[0]]])
    return Later(
        examples=len(late),
        accepted=accepted,
        right=right,
        calls=len(saved),
        tokens=sum(row.prompt_tokens + row.completion_tokens for row in saved),
        cost=sum(row.cost or 0.0 for row in saved),
        seconds=sum(row.seconds for row in saved),
    )
