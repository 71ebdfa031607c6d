"""`train` makes a specialist that is found and measured from then on."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest
import torch

from hrm_agent.cli.train import shipped_recipe
from hrm_specialists.engine.plan import SearchSettings
from hrm_specialists.installed import installed_task, task_folder
from hrm_specialists.network import hardware
from hrm_specialists.network.flops import parameter_count
from hrm_specialists.training.data import encode
from hrm_specialists.training.recipe import Recipe
from hrm_specialists.training.trainer import Trainer

SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"

RECIPE = """
steps = 6
batch = 8
compile = false
warmup = 2
[network]
hidden_size = 16
intermediate_multiple = 8
num_heads = 2
H_cycles = 1
L_cycles = 1
L_layers = 1
halt_max_steps = 2
"""


@pytest.fixture
def examples(tmp_path):
    """Which of three numbers is the largest."""
    rng = random.Random(0)
    rows = [rng.sample(range(9), 3) for _ in range(80)]
    lines = [json.dumps({"problem": row, "solution": str(row.index(max(row)))}) for row in rows]
    file = tmp_path / "largest.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.fixture
def recipe(tmp_path):
    file = tmp_path / "recipe.toml"
    file.write_text(RECIPE, encoding="utf-8")
    return file


def test_a_device_with_a_recipe_of_its_own_takes_it(tmp_path, monkeypatch):
    for name in ("recipe.toml", "recipe-cuda.toml"):
        (tmp_path / name).write_text(RECIPE, encoding="utf-8")

    assert shipped_recipe(tmp_path, "cpu").name == "recipe.toml"
    monkeypatch.setattr(hardware, "pick_device", lambda _: torch.device("cuda"))
    assert shipped_recipe(tmp_path, "auto").name == "recipe-cuda.toml"


@pytest.mark.slow
def test_the_gpu_recipe_of_sudoku_learns_and_is_as_small_as_promised():
    """A step of two rows on the CPU; on a GPU it is the same code."""
    home = task_folder(installed_task("sudoku"))
    recipe = Recipe.load(home / "recipe-cuda.toml", batch=2, compile=False, steps=1, symmetries=1)
    task = installed_task("sudoku")
    shape = recipe.shape(task)
    assert parameter_count(shape) <= 5.1e6
    SearchSettings.from_mapping(recipe.search)
    pair = (task.example, task.Solution.model_validate({"grid": SOLVED}))

    trainer = Trainer(task, encode(task, [pair, pair]), recipe, device="cpu")
    before = {name: weight.clone() for name, weight in trainer.network.state_dict().items()}
    trainer.train_step()

    after = trainer.network.state_dict()
    assert any(not after[name].equal(weight) for name, weight in before.items())
    assert all(weight.isfinite().all() for weight in after.values())


@pytest.mark.slow
def test_examples_become_a_specialist_that_is_found(run, examples, recipe):
    ran = run("train", str(examples), "--name", "largest", "--recipe", str(recipe), "--json")
    assert ran.code == 0, ran
    assert ran.json["name"] == "largest"
    assert ran.json["card"]["steps"] == 6
    assert 0 <= ran.json["card"]["test_accuracy"] <= 1
    listed = run("specialists", "--json", find=True).json["specialists"]
    assert "largest" in [one["name"] for one in listed]
    scores = run(
        "evaluate", "largest", "--data", str(examples), "--limit", "5", "--effort", "low", find=True
    )
    assert scores.code == 0
    assert "accepted" in scores.out


def test_an_interrupt_before_anything_is_learned_says_what_there_is(
    run, examples, tmp_path, monkeypatch
):
    def interrupted(*_args, **_settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("hrm_specialists.teaching.teach.parts_of", interrupted)
    ran = run("train", str(examples), "--name", "largest", "--root", str(tmp_path / "here"))

    assert ran.code == 130
    assert "preparing" in ran.err
    assert "nothing published" in ran.err
    assert not list((tmp_path / "here").glob("*/v*"))


def test_progress_goes_to_stderr_and_the_card_to_stdout(run, examples, recipe, tmp_path):
    ran = run(
        *("train", str(examples), "--name", "largest", "--recipe", str(recipe)),
        *("--root", str(tmp_path / "here"), "--description", "Finds the largest number."),
    )
    assert ran.code == 0
    assert "Finds the largest number." in ran.out
    assert "| right on the test part |" in ran.out
    assert "loss" in ran.err
    assert (tmp_path / "here" / "largest").is_dir()


def bad_line(file):
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([*lines[:40], "not json", *lines[40:]]), encoding="utf-8")


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["chess"], "usage", "neither a file of examples nor a task"),
        (["{file}"], "usage", "needs a name"),
        (["{file}", "--name", "x", "--minutes", "-1"], "usage", "no time"),
        (["/nowhere/x.jsonl"], "data_error", "no such file"),
        (["{file}", "--name", "x", "--recipe", "/nowhere.toml"], "config_error", "nowhere.toml"),
        (["{file}", "--name", "x", "--device", "abacus"], "device_unavailable", "abacus"),
    ],
    ids=["no source", "no name", "no time", "no file", "no recipe", "no device"],
)
def test_what_cannot_be_trained(run, examples, tmp_path, argv, code, said):
    argv = [arg.format(file=examples) for arg in argv]
    ran = run("train", *argv, "--root", str(tmp_path / "root"), "--json")
    assert (ran.code, ran.error["code"]) == (2, code)
    assert said in ran.error["message"]


def test_a_line_that_is_not_json_is_named(run, examples, tmp_path):
    bad_line(examples)
    ran = run("train", str(examples), "--name", "x", "--root", str(tmp_path / "root"), "--json")
    assert (ran.code, ran.error["code"]) == (2, "data_error")
    assert f"{examples}, line 41: is not JSON" in ran.error["message"]
    assert not (tmp_path / "root").exists()


@pytest.mark.parametrize("missing", [["nowhere.csv", "--label", "y"], ["here.csv", "--label", "z"]])
def test_a_missing_file_or_column_is_told_before_anything_heavy_loads(tmp_path, missing):
    (tmp_path / "here.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    program = (
        "import sys; from hrm_agent.cli import main; code = main(sys.argv[1:]);"
        "print(code, {'torch', 'pyarrow', 'pandas', 'sklearn'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", program, "train", *missing, "--name", "it"]
    ran = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
    )
    assert ran.stdout.strip() == "2 set()"
    assert missing[0] in ran.stderr
    assert "no such file" in ran.stderr or "has no column 'z'; columns: x, y" in ran.stderr
