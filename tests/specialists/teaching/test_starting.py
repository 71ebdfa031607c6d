"""A specialist begins with what another knows, symbol by symbol."""

from __future__ import annotations

import pytest
import torch

from hrm_specialists.errors import ConfigError
from hrm_specialists.schema.infer import infer_task
from hrm_specialists.teaching.sizing import recipes_for
from hrm_specialists.teaching.starting import Start
from hrm_specialists.training.data import encode

NETWORK = {"hidden_size": 4, "H_cycles": 1}


def test_a_symbol_keeps_its_weights_under_another_token():
    """`b` is the second letter of one task and the third of the other."""
    old = infer_task("old", [("ab", "ba"), ("ba", "ab"), ("a", "a")])
    new = infer_task("new", [("Ab", "bA"), ("bab", "bab"), ("ba", "ab")])
    rows = torch.arange(old.codec.vocab_size * 4, dtype=torch.float32).view(-1, 4)
    weights = {"embed_tokens.weight": rows, "lm_head.weight": -rows}
    start = Start(NETWORK, weights, old.codec.to_config())

    fitted = start.fitted(new.codec)

    at = {str(symbol): token for token, symbol in old.codec.symbols.items()}
    for token, symbol in new.codec.symbols.items():
        if str(symbol) in at:
            assert fitted["embed_tokens.weight"][token].equal(rows[at[str(symbol)]])
            assert fitted["lm_head.weight"][token].equal(-rows[at[str(symbol)]])
    assert len(fitted["embed_tokens.weight"]) == new.codec.vocab_size


def test_shipped_specialists_are_found_by_name_and_others_are_not(tmp_path):
    """The name is enough; a wrong one says where was looked."""
    assert Start.at("sudoku", tmp_path).network["hidden_size"] > 0
    with pytest.raises(ConfigError, match="nor shipped"):
        Start.at("crosswords", tmp_path)


@pytest.mark.parametrize("name", ["sudoku", "maze"])
def test_a_new_task_gets_the_network_of_a_shipped_specialist_whole(name, tmp_path):
    """What an old configuration leaves out is not filled in by rules of thumb."""
    start = Start.at(name, tmp_path)
    grids = [[[n % 3, 1], [0, n % 2]] for n in range(60)]
    task = infer_task("grids", [(grid, grid) for grid in grids])
    examples = encode(
        task, [(task.Problem.model_validate(g), task.Solution.model_validate(g)) for g in grids]
    )

    (recipe,) = recipes_for(
        task,
        examples,
        minutes=1.0,
        seed=0,
        device=torch.device("cpu"),
        changes={"network": start.network},
    )

    shape = recipe.shape(task)
    assert start.network.items() <= shape.to_mapping().items()


def test_a_gpu_gets_larger_batches_and_wider_networks_for_the_same_minutes():
    """It is hardly busy with what suits a core."""
    grids = [[[n % 3, n % 5], [n % 7, n % 2]] for n in range(4000)]
    task = infer_task("grids", [(grid, grid) for grid in grids])
    examples = encode(
        task, [(task.Problem.model_validate(g), task.Solution.model_validate(g)) for g in grids]
    )
    core, gpu = (
        recipes_for(task, examples, minutes=2.0, seed=0, device=torch.device(kind))[0]
        for kind in ("cpu", "cuda")
    )

    assert gpu.batch == 16 * core.batch
    assert gpu.network["hidden_size"] > core.network["hidden_size"]
