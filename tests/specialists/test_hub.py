"""A specialist leaves as a folder that the hub understands and that loads anywhere."""

from __future__ import annotations

import json
import shutil

import pytest

from hrm_specialists.errors import CheckpointWriteFailed
from hrm_specialists.hub import export, metadata
from hrm_specialists.registry import load_installed, load_specialist


def test_an_exported_folder_loads_elsewhere_and_solves_as_before(tmp_path):
    """Moved, and with what a download leaves beside it, it is the same specialist."""
    with load_installed("sudoku", device="cpu") as shipped:
        folder = shipped.folder
        assert folder is not None
        export(folder, tmp_path / "out")
        moved = shutil.copytree(tmp_path / "out", tmp_path / "far away" / "copy")
        (moved / ".gitattributes").write_text("*.safetensors filter=lfs\n", "utf-8")
        with load_specialist(moved, device="cpu") as copy:
            assert copy.card == shipped.card
            assert copy.threshold == shipped.threshold

    page = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert page.startswith("---\nlibrary_name:")
    assert (folder / "README.md").read_text("utf-8") in page
    with pytest.raises(CheckpointWriteFailed):
        export(folder, tmp_path / "out")


def test_metadata_is_yaml_that_holds_the_measured_accuracy():
    """Every line is a key and JSON, which any YAML reader takes."""
    lines = metadata("pump", {"test_accuracy": 0.91}).splitlines()

    assert lines[0] == lines[-1] == "---"
    values = {key: json.loads(value) for key, value in (x.split(": ", 1) for x in lines[1:-1])}
    (result,) = values["model-index"][0]["results"]
    assert result["metrics"] == [{"type": "exact_match", "value": 0.91}]
    assert "model-index" not in metadata("pump", {})
