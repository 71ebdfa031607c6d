"""A specialist's folder as `model.onnx`, and `model.json` that says how to use it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError
from hrm_specialists.packaging import SpecialistConfig, read_config, read_weights
from hrm_specialists.specialist import Specialist

MODEL, ABOUT = "model.onnx", "model.json"


def export(specialist: Specialist, folder: Path) -> dict[str, Any]:
    """Write a specialist as an ONNX model into a new or empty folder.

    A network becomes one segment of it: a loop outside carries its states, and stops. Trees
    and linear models become the whole way from columns to calibrated answers.

    Returns:
        What `model.json` holds.

    Raises:
        ConfigError: nothing of it can be exported, the folder holds something, or onnx or
            onnxscript is not installed.
        CheckpointError: its files are not as they should be.
    """
    if specialist.folder is None:
        raise ConfigError(
            f"specialist {specialist.name!r} has no trained model of its own to export"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is there already; name a new or an empty folder")
    config = read_config(specialist.folder)
    weights = read_weights(specialist.folder, config)
    try:
        make = _rows if config.learner else _network
        model, about = make(specialist.task, config, weights)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("onnx", "onnx_ir", "onnxscript"):
            raise
        needed = "exporting needs onnx and onnxscript: pip install 'hrm-agent[onnx]'"
        raise ConfigError(needed) from None
    about = {
        "format": 1,
        "specialist": config.name,
        "version": config.version,
        "weights": config.sha256,
        "sha256": hashlib.sha256(model).hexdigest(),
        "threshold": config.threshold,
        "calibration": config.calibration,
        **about,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL).write_bytes(model)
    (folder / ABOUT).write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return about


def _network(
    task: Task[Any, Any], config: SpecialistConfig, weights: bytes
) -> tuple[bytes, dict[str, Any]]:
    from hrm_specialists.engine.opening import rebuild
    from hrm_specialists.engine.plan import SearchSettings, plan_for
    from hrm_specialists.exporting.segment import segment_model
    from hrm_specialists.network.config import NetworkConfig

    shape = NetworkConfig.from_mapping(config.network)
    network = rebuild(shape, weights)
    plan = plan_for("default", shape.halt_max_steps, SearchSettings.from_mapping(config.search))
    about = {
        "kind": "segment",
        "tokens": {"positions": shape.seq_len, "count": shape.vocab_size, **config.codec},
        "states": {"positions": shape.positions, "size": shape.hidden_size},
        "first": {"z_H": network.H_init.tolist(), "z_L": network.L_init.tolist()},
        "search": {name: value for name, value in asdict(plan).items() if name != "seconds"},
    }
    return segment_model(network), about


def _rows(
    task: Task[Any, Any], config: SpecialistConfig, weights: bytes
) -> tuple[bytes, dict[str, Any]]:
    from hrm_specialists.exporting.rows import rows_model
    from hrm_specialists.learners.solver import open_rows

    model, meaning = rows_model(open_rows(task, config, weights))
    told = ("thresholds", "tolerance", "digits")
    own = {name: config.learner[name] for name in told if config.learner.get(name) is not None}
    return model, {"kind": "rows", **meaning, **own}
