"""A network in ONNX thinks as it does in torch: segment by segment, and to the same answer."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
import torch

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

from hrm_puzzles.maze.building.mazes import random_walls  # noqa: E402
from hrm_specialists.engine.opening import rebuild  # noqa: E402
from hrm_specialists.errors import ConfigError  # noqa: E402
from hrm_specialists.exporting.export import export  # noqa: E402
from hrm_specialists.exporting.segment import OUTPUTS, segment_model  # noqa: E402
from hrm_specialists.network.act import HRM  # noqa: E402
from hrm_specialists.network.config import NetworkConfig  # noqa: E402
from hrm_specialists.packaging import read_config, read_weights  # noqa: E402
from hrm_specialists.registry import load_installed  # noqa: E402
from hrm_specialists.schema.examples import read_examples  # noqa: E402

tqdm = pytest.importorskip("tqdm")
tqdm.tqdm.monitor_interval = 0  # torch's exporter starts a bar, and its thread would stay

SMALL = {"seq_len": 6, "vocab_size": 5, "hidden_size": 8, "num_heads": 2, "L_layers": 1}
SMALL |= {"H_cycles": 1, "L_cycles": 1, "intermediate_multiple": 8, "expansion": 2.0}
SHAPES = {
    "attention turned over a grid, two levels": {
        "H_layers": 1,
        "pos_encodings": "rope2d",
        "grid_width": 3,
    },
    "token MLP with a puzzle's own embedding": {
        "mlp_t": True,
        "puzzle_emb_ndim": 8,
        "puzzle_emb_len": 1,
    },
    "convolution that wraps, learned positions": {
        "conv_kernel": 3,
        "grid_width": 3,
        "conv_wraps": True,
        "pos_encodings": "learned",
    },
    "attention by places": {
        "pos_encodings": "places",
        "looks_by_place": True,
        "regions": ((0, 2, 3, 3, True),),
    },
    "groups and symbols": {
        "groups": ((0, 1, 2), (3, 4, 5), (0, 3)),
        "symbols": (2, 3, 4),
        "halt_readout": "mean",
        "pos_encodings": "none",
    },
}


def opened(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def compared(network, session, tokens, segments):
    """The largest difference of logits and halting logits over segments, each on its own states."""
    carry = network.first_carry(len(tokens))
    z_H, z_L = carry.z_H.numpy(), carry.z_L.numpy()
    x = network.embed(tokens)
    worst, last = 0.0, None
    for _ in range(segments):
        carry, said = network(carry, x)
        given = {"tokens": tokens.numpy(), "z_H": z_H, "z_L": z_L}
        logits, q, z_H, z_L = session.run(OUTPUTS, given)
        for mine, its in ((said.logits, logits), (said.q_halt_logits, q)):
            worst = max(worst, float(np.abs(mine.numpy() - its).max()))
        last = (said.logits.argmax(-1).numpy() == logits.argmax(-1)).all()
    return worst, last


@pytest.mark.slow
@pytest.mark.timeout(900)  # torch traces each for five seconds of an idle core
@torch.no_grad()
def test_every_kind_of_network_thinks_alike():
    generator = torch.Generator().manual_seed(0)
    for name, more in SHAPES.items():
        network = HRM(NetworkConfig(**{**SMALL, **more}), generator)
        network.q_head.weight.normal_(generator=generator)
        session = opened(segment_model(network))
        tokens = torch.randint(0, 5, (7, 6), generator=generator)
        worst, same = compared(network, session, tokens, 3)
        assert worst < 1e-4, f"{name}: {worst}"
        assert same, name


@pytest.fixture(scope="module", params=["sudoku", "maze"])
def shipped(request, tmp_path_factory):
    """A shipped specialist, its network, its export and problems nobody trained on."""
    with load_installed(request.param) as specialist:
        folder = tmp_path_factory.mktemp("exported") / "onnx"
        about = export(specialist, folder)
        config = read_config(specialist.folder)
        shape = NetworkConfig.from_mapping(config.network)
        network = rebuild(shape, read_weights(specialist.folder, config)).eval()
        yield specialist, network, about, folder


@pytest.mark.slow
@pytest.mark.timeout(900)
@torch.no_grad()
def test_shipped_networks_think_alike_within_1e_4(shipped):
    """The first segments of a thousand Sudokus or a hundred mazes, and ten problems to the end."""
    specialist, network, about, folder = shipped
    task, positions = specialist.task, network.config.seq_len
    session = opened((folder / "model.onnx").read_bytes())
    assert json.loads((folder / "model.json").read_text("utf-8")) == about
    np.testing.assert_allclose(about["first"]["z_H"], network.H_init.numpy())
    if task.name == "sudoku":
        generator = torch.Generator().manual_seed(0)
        file = specialist.folder.parent / "held_out_256.csv"
        known = [task.codec.encode(e.problem) for e in read_examples(file, task)]
        tokens = torch.tensor([known[at % len(known)] for at in range(1000)])
        names = [2 + torch.randperm(9, generator=generator) for _ in tokens]
        renamed = torch.stack([torch.cat([torch.arange(2), digits]) for digits in names])
        tokens = renamed.gather(1, tokens)
    else:
        rng = random.Random(0)
        mazes = [random_walls(rng, 30, 30) for _ in range(100)]
        tokens = torch.tensor([task.codec.encode(maze.problem) for maze in mazes])
    size = 100 if positions < 100 else 10
    for start in range(0, len(tokens), size):
        worst, _ = compared(network, session, tokens[start : start + size], 1)
        assert worst < 1e-4, f"from {start}: {worst}"
    worst, same = compared(network, session, tokens[:10], 8)
    assert same
    assert worst < 1e-2  # errors of rounding grow from segment to segment, answers stay


@pytest.mark.slow
@pytest.mark.timeout(900)  # exports first, if it runs alone
def test_the_loop_in_the_book_solves_a_sudoku(shipped, capsys):
    specialist, _, _, folder = shipped
    if specialist.name != "sudoku":
        pytest.skip("the book's loop is of a Sudoku")
    page = (Path(__file__).parents[3] / "docs" / "export.md").read_text("utf-8")
    source = re.search(r"```py\n(.*?)```", page, re.DOTALL)[1]
    exec(source.replace("sudoku-onnx", str(folder)), {})
    cells = re.findall(r"\d", capsys.readouterr().out)
    solution = specialist.task.Solution.model_validate({"grid": "".join(cells)})
    assert specialist.task.check(specialist.task.example, solution).passed


def test_what_has_no_model_of_its_own_is_refused(tmp_path):
    with load_installed("sudoku") as specialist:
        (tmp_path / "there").touch()
        with pytest.raises(ConfigError, match="name a new or an empty folder"):
            export(specialist, tmp_path)
    with load_installed("arc") as specialist, pytest.raises(ConfigError, match="no trained model"):
        export(specialist, tmp_path / "new")
