"""Versions get numbers of their own, whoever else publishes at the same time."""

from __future__ import annotations

import json

import pytest

from hrm_specialists.errors import CheckpointWriteFailed
from hrm_specialists.storage import write_folder
from hrm_specialists.teaching.publishing import Wishes, _published
from hrm_specialists.versions import candidate, current


class Card:
    def to_mapping(self):
        return {}

    def to_markdown(self):
        return ""


def test_a_version_that_another_process_wrote_first_moves_this_one_on(tmp_path):
    family, others = tmp_path / "triage", iter(range(2))

    def save(folder, about):
        if next(others, None) is not None:
            write_folder(folder, {"config.json": b"{}"})
        write_folder(folder, {"config.json": json.dumps(about).encode()})

    made = _published(family, Wishes(candidate=True), Card(), save)
    assert made == family / "v0003"
    assert json.loads((made / "config.json").read_text())["version"] == "v0003"
    assert (current(family), candidate(family)) == (None, made)


def test_a_disk_that_refuses_is_told_and_leaves_no_version(tmp_path):
    def save(folder, about):
        raise CheckpointWriteFailed("full")

    with pytest.raises(CheckpointWriteFailed):
        _published(tmp_path / "triage", Wishes(candidate=True), Card(), save)
    assert candidate(tmp_path / "triage") is None
