"""What stands in a specialist's folder, and how one is written.

    config.json         how to rebuild task and network; see `SpecialistConfig`
    model.safetensors   the weights
    README.md           the card, for people
    manifest.json       size and hash of each; see `storage`

Data only, never code. Nothing here imports torch until weights are written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hrm_specialists.contract import Task
from hrm_specialists.errors import CorruptCheckpoint, IncompatibleCheckpoint
from hrm_specialists.installed import installed_tasks
from hrm_specialists.plain_data import JSON_LIMIT, strict_json
from hrm_specialists.storage import read_folder, write_folder

if TYPE_CHECKING:
    from torch import Tensor

CONFIG, WEIGHTS, CARD = "config.json", "model.safetensors", "README.md"
FORMAT = 1


class SpecialistConfig(BaseModel):
    """A folder's config.json."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    version: str = Field(default="", max_length=64)
    task: dict[str, Any]
    """`{"installed": name}`, a description of a task inferred from data, or
    `{"code": "module:class"}`, for a task that its author must hand over."""
    learner: dict[str, Any] = {}
    """What answers, if it is no network: `kind`, and what its arrays mean."""
    network: dict[str, Any] = {}
    codec: dict[str, Any] = {}
    """What the codec of a network's task was in training; must be the same when loaded."""
    threshold: float = Field(default=0.9, ge=0, le=1)
    calibration: dict[str, Any] = {}
    search: dict[str, Any] = {}
    """`SearchSettings`: segments at inference and the like, where not as in training."""
    symmetries: dict[str, Any] = {}
    """`Symmetries` that were found or declared in training, not in the task's code."""
    private: bool = False
    card: dict[str, Any] = {}
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of model.safetensors."""


def task_config(task: Task[Any, Any]) -> dict[str, Any]:
    """How a config.json names a task."""
    known = installed_tasks().get(task.name)
    if known is not None and known.load() is type(task):
        return {"installed": task.name}
    if describe := getattr(task, "to_config", None):
        return dict(describe())
    return {"code": f"{type(task).__module__}:{type(task).__qualname__}"}


def save_specialist(
    folder: Path,
    task: Task[Any, Any],
    network: Mapping[str, Any],
    weights: Mapping[str, Tensor],
    **about: Any,
) -> None:
    """Write the folder of a network by its mapping and its `state_dict`; see `save_folder`."""
    from safetensors.torch import save

    tensors = save({name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()})
    codec = json.loads(json.dumps(task.codec.to_config()))
    save_folder(folder, task, tensors, network=network, codec=codec, **about)


def save_folder(
    folder: Path,
    task: Task[Any, Any],
    tensors: bytes,
    *,
    readme: str = "",
    extras: Mapping[str, bytes] | None = None,
    **config: Any,
) -> None:
    """Write a new specialist's folder, whole or not at all.

    Args:
        folder: where; must not exist yet.
        task: what it solves.
        tensors: a safetensors file.
        readme: the card for people, Markdown.
        extras: further files by name.
        config: further fields of `SpecialistConfig`.

    Raises:
        CheckpointWriteFailed: the folder exists, or the disk refuses.
    """
    whole = SpecialistConfig(
        name=task.name,
        task=task_config(task),
        symmetries={} if task.symmetries is None else task.symmetries.to_mapping(),
        sha256=hashlib.sha256(tensors).hexdigest(),
        **config,
    )
    text = json.dumps(whole.model_dump(), indent=1, ensure_ascii=False, allow_nan=False)
    if len(text) > JSON_LIMIT // 2:  # hundreds of columns: a quantile a line is too much
        text = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
    card = readme or f"# {task.title or task.name}\n"
    files = {CONFIG: text.encode() + b"\n", WEIGHTS: tensors, CARD: card.encode()}
    write_folder(folder, {**files, **(extras or {})})


def read_config(folder: Path) -> SpecialistConfig:
    """A folder's config.json, before anything else of it is read or trusted.

    Raises:
        CorruptCheckpoint: there is none, or it is not what it must be.
        IncompatibleCheckpoint: it was written by a later version, or an earlier preview.
        UnsafeCheckpoint: it is not plain JSON.
    """
    try:
        with (folder / CONFIG).open("rb") as opened:
            raw = opened.read(JSON_LIMIT + 1)
    except OSError as error:
        why = f"{CONFIG} cannot be read ({error.strerror})"
        raise CorruptCheckpoint(f"{folder} is no specialist: {why}") from None
    return parse_config(folder / CONFIG, raw)


def parse_config(file: Path, raw: bytes) -> SpecialistConfig:
    """The bytes of a config.json, validated; raises as `read_config` does."""
    if len(raw) > JSON_LIMIT:
        raise CorruptCheckpoint(f"{file} is larger than {JSON_LIMIT} bytes")
    values = strict_json(str(file), raw)
    found = values.get("format") if isinstance(values, dict) else None
    if isinstance(found, int) and found > FORMAT:
        raise IncompatibleCheckpoint(
            f"{file} has format {found}; this version reads {FORMAT}: upgrade hrm-agent"
        )
    try:
        config = SpecialistConfig.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CorruptCheckpoint(f"{file}: {where or 'content'}: {first['msg']}") from None
    if config.learner and "mixture" not in config.learner:
        raise IncompatibleCheckpoint(
            f"{file} was written by an earlier preview of hrm-agent, which stored learners in "
            f"another way: train {config.name!r} again"
        )
    return config


def read_weights(folder: Path, config: SpecialistConfig) -> bytes:
    """The bytes of a folder's model.safetensors, verified, where `config` was read earlier.

    Raises:
        CorruptCheckpoint: something is missing, or not as hashes say.
        UnsafeCheckpoint: something in the folder is not data.
    """
    files = read_folder(folder)
    for name in (CONFIG, WEIGHTS):
        if name not in files:
            raise CorruptCheckpoint(f"{folder} has no {name}")
    if parse_config(folder / CONFIG, files[CONFIG]) != config:
        raise CorruptCheckpoint(f"{folder / CONFIG} changed since it was first read")
    if hashlib.sha256(files[WEIGHTS]).hexdigest() != config.sha256:
        raise CorruptCheckpoint(f"{folder / WEIGHTS} does not match its hash in {CONFIG}")
    return files[WEIGHTS]
