"""A specialist as a model repository of the Hugging Face hub: one folder, data only.

`config.json`, `model.safetensors` and `README.md` are named as the hub names
them already; what is added is the metadata block that its pages and searches
read. The manifest stays, so that the copy loads and verifies anywhere.
Knows nothing of networks or of how to upload: `hf upload` does that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hrm_specialists.packaging import CARD, CONFIG, WEIGHTS, read_config, read_weights
from hrm_specialists.storage import MANIFEST, read_folder, write_folder


def export(specialist: Path, to: Path) -> None:
    """Copy a specialist's folder, its card with the hub's metadata in front.

    Args:
        specialist: folder of a trained or shipped one.
        to: a new folder.

    Raises:
        CheckpointError: the folder is damaged.
        CheckpointWriteFailed: `to` exists, or the disk refuses.
    """
    config = read_config(specialist)
    if (specialist / MANIFEST).exists():
        files = read_folder(specialist)
    else:
        files = {
            CONFIG: (specialist / CONFIG).read_bytes(),
            WEIGHTS: read_weights(specialist, config, shipped=True),
            CARD: (specialist / CARD).read_bytes(),
        }
    text = files.get(CARD, f"# {config.name}\n".encode()).decode("utf-8")
    head = metadata(config.name, config.card)
    write_folder(to, {**files, CARD: f"{head}\n{text}".encode()})


def metadata(name: str, card: Mapping[str, Any]) -> str:
    """The YAML block that opens a model card; JSON is YAML, so values are written as JSON."""
    known: dict[str, Any] = {
        "library_name": "hrm-agent",
        "pipeline_tag": "other",
        "tags": ["hrm-agent", "hierarchical-reasoning-model", "specialist"],
    }
    accuracy = card.get("test_accuracy")
    if isinstance(accuracy, int | float):
        result = {
            "task": {"type": "structured-reasoning", "name": name},
            "dataset": {"type": "user-examples", "name": "held-out part of the examples"},
            "metrics": [{"type": "exact_match", "value": round(float(accuracy), 4)}],
        }
        known["model-index"] = [{"name": name, "results": [result]}]
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in known.items()]
    return "\n".join(["---", *lines, "---"]) + "\n"
