"""The speed benchmark, whole but with small opponents: a record, its tables, its pictures."""

from __future__ import annotations

import json

import pytest
import torch

from hrm_agent.cli.app import run
from hrm_bench import chains, reference, report
from hrm_bench.chains import Chain
from hrm_specialists.network.config import NetworkConfig


@pytest.fixture
def small_opponents(monkeypatch):
    """Networks and an LLM that take no time; what is measured of ours is real."""
    before = torch.get_num_threads()
    tiny = NetworkConfig(seq_len=81, vocab_size=11, hidden_size=16, num_heads=2, halt_max_steps=2)
    monkeypatch.setattr(reference, "TRM", tiny)
    monkeypatch.setattr(reference, "HRM_PAPER", tiny)
    told = [Chain("f16", 1, 20.0), Chain("q4_0", 8, 60.0)]
    monkeypatch.setattr(chains, "measure", lambda **_: told)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_record_holds_every_ratio_and_stands_beside_its_accuracy(tmp_path, small_opponents):
    file = tmp_path / "speed.json"
    assert run(["bench", "speed", "--limit", "8", "--no-training", "--out", str(file)]) == 0
    record = json.loads(file.read_text())

    ratios = record["ratios"]
    for name in set(report.AIMS) - {"training_vs_reference_loop"}:
        assert ratios[name] > 0
    assert ratios["minimal_single_vs_llm_chain"] > 0
    for figures in record["ours"].values():
        curve = figures["effort"]["verified"]
        assert curve == sorted(curve)
        assert 0 <= figures["one_pass"] <= figures["verified"] <= 1
    assert record["trm_published"]["accuracy"] == "untrained"
    assert set(record["batches"]) == {"8", "64", "512"}
    text = (tmp_path / "speed-tables.md").read_text()
    assert all(name in text for name in ratios)
    for picture in ("speed.png", "speed-effort.png"):
        assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")


def test_an_llm_that_does_not_start_costs_its_ratios_only(monkeypatch):
    def broken(**_):
        raise ImportError("no module named xllamacpp")

    from hrm_bench import speed

    monkeypatch.setattr(chains, "measure", broken)
    ratios: dict[str, float] = {}

    assert "xllamacpp" in speed._chains(1, {"easy": {"median_s": 1.0}}, ratios)["llm_error"]
    assert ratios == {}
