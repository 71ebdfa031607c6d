"""A specialist as a model repository of the Hugging Face hub: one folder, data only.

`config.json`, `model.safetensors` and `README.md` are named as the hub names
them already; what is added is the metadata block that its pages and searches
read. The manifest stays, so that the copy loads and verifies anywhere.
`push` and `pull` leave the network to `huggingface_hub` (extra `hub`), which finds the
user's token itself; nothing else here connects to anything.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hrm_specialists.errors import HubFailed
from hrm_specialists.packaging import CARD, read_config
from hrm_specialists.storage import read_folder, write_folder

FETCHED = ["*.json", "*.safetensors", "*.onnx", "*.md", "*.svg", "*.png"]
"""Kinds of files that a specialist consists of."""


def export(specialist: Path, to: Path) -> None:
    """Copy a specialist's folder to a new one, its card with the hub's metadata in front.

    Raises:
        CheckpointError: the folder is damaged.
        CheckpointWriteFailed: `to` exists, or the disk refuses.
    """
    config = read_config(specialist)
    files = read_folder(specialist)
    text = files.get(CARD, f"# {config.name}\n".encode()).decode("utf-8")
    head = metadata(config.name, config.card)
    write_folder(to, {**files, CARD: f"{head}\n{text}".encode()})


def push(specialist: Path, repo: str, *, private: bool = True) -> str:
    """Upload a specialist's folder as a model repository; gives the address of the commit.

    `repo` is `owner/name` on the hub; if it is not there, it is made, `private` or not.

    Raises:
        CheckpointError: the folder is damaged.
        HubFailed: the hub refuses, or cannot be reached.
        ImportError: `huggingface_hub` is not installed.
    """
    import huggingface_hub as hf

    with tempfile.TemporaryDirectory() as beside:
        folder = Path(beside) / "specialist"
        export(specialist, folder)
        try:
            api = hf.HfApi(library_name="hrm-agent")
            api.create_repo(repo, private=private, exist_ok=True)
            message = f"Upload {read_config(specialist).name} by hrm-agent"
            done = api.upload_folder(repo_id=repo, folder_path=folder, commit_message=message)
        except Exception as error:
            raise HubFailed(repo, error) from error
    return str(done)


def pull(repo: str, root: Path, *, revision: str | None = None) -> Path:
    """Download a specialist into the data folder as a version of its own; gives its folder.

    Only data files are fetched; every one is checked against the manifest. A version that
    is there already is left as it is.

    Args:
        repo: `owner/name` on the hub.
        root: the data folder; `registry.data_folder()` is the user's.
        revision: branch, tag or commit.

    Raises:
        CheckpointError: what came is no specialist, or damaged.
        HubFailed: the hub refuses, or cannot be reached.
        ImportError: `huggingface_hub` is not installed.
    """
    import huggingface_hub as hf

    with tempfile.TemporaryDirectory() as beside:
        folder = Path(beside) / "specialist"
        try:
            hf.snapshot_download(
                repo,
                revision=revision,
                local_dir=folder,
                allow_patterns=FETCHED,
                library_name="hrm-agent",
            )
        except Exception as error:
            raise HubFailed(repo, error) from error
        files, config = read_folder(folder), read_config(folder)
        target = root / config.name / (config.version or config.sha256[:12])
        if not target.exists():
            write_folder(target, files)
    return target


def metadata(name: str, card: Mapping[str, Any]) -> str:
    """The YAML block that opens a model card; JSON is YAML, so values are written as JSON."""
    tags = ["hrm-agent", "hierarchical-reasoning-model", "specialist"]
    known: dict[str, Any] = {"library_name": "hrm-agent", "pipeline_tag": "other", "tags": tags}
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
