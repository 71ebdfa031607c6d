"""Rows of a batch never see each other, however a segment is computed."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hrm_specialists.engine.lanes import Lanes, keep_to_one_thread
from hrm_specialists.engine.prepared import Prepared
from hrm_specialists.engine.runner import Placement, Runner
from hrm_specialists.errors import ConfigError, DeviceUnavailable
from hrm_specialists.network.hardware import pick_device

SQUARE = ((0, 1), (2, 3), (0, 2), (1, 3))
SHAPES = {
    "one network": {},
    "two networks": {"H_layers": 1, "L_layers": 1},
    "mixer": {"mlp_t": True, "pos_encodings": "none"},
    "two mixers": {"mlp_t": True, "H_layers": 1, "halt_readout": "mean"},
    "puzzle positions": {"mlp_t": True, "puzzle_emb_len": 3},
    "convolution": {"conv_kernel": 3, "grid_width": 2},
    "sequence": {"conv_kernel": 3, "H_layers": 1, "halt_readout": "mean"},
    "groups": {"groups": SQUARE, "halt_readout": "mean", "pos_encodings": "learned"},
    "symbols": {"groups": SQUARE, "symbols": tuple(range(2, 11)), "halt_readout": "mean"},
}
no_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")


def on_cuda(test):
    return pytest.mark.cuda(no_cuda(test))


every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def tokens(seed, rows):
    source = torch.Generator().manual_seed(seed)
    return torch.randint(0, 11, (rows, 4), generator=source).tolist()


def think(runner, placements, segments=3):
    """Place rows and think; what each row said, segment for segment."""
    runner.place(placements)
    said = [runner.think([p.slot for p in placements]) for _ in range(segments)]
    return [
        [(segment.answers[at], segment.scores[at]) for segment in said]
        for at in range(len(placements))
    ]


@every_shape
def test_answers_are_those_of_the_plain_network(planted, shape):
    network = planted.tiny_network(**shape)
    inputs = tokens(1, 5)
    carry, x = network.first_carry(5), network.embed(torch.tensor(inputs))
    expected = []
    for _ in range(3):
        with torch.no_grad():
            carry, thinking = network(carry, x)
        expected.append((thinking.logits[..., 1:].argmax(-1) + 1, thinking.q_halt_logits.sigmoid()))

    runner = Runner(network, device="cpu", batch=8, lanes=1, dtype=torch.float32)
    said = think(runner, [Placement(slot, row) for slot, row in enumerate(inputs)])

    for at, (answers, scores) in enumerate(expected):
        assert [row[at][0] for row in said] == answers.tolist()
        found = torch.tensor([row[at][1] for row in said])
        torch.testing.assert_close(found, scores, atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", [name for name in SHAPES if "network" not in name])
def test_low_precision_stays_near_full_precision(planted, name):
    network = planted.tiny_network(**SHAPES[name])
    x = network.embed(torch.tensor(tokens(2, 6))).detach()
    said = []
    for dtype in (torch.float32, torch.bfloat16):
        prepared, carry = Prepared(network, dtype), network.first_carry(6)
        states = (carry.z_H, carry.z_L, x.clone())
        if prepared.positions_first:
            states = tuple(state.transpose(0, 1).contiguous() for state in states)
        with torch.inference_mode():
            logits, q = prepared.segment(*states)
        said.append((logits.flatten(), q))
    for full, low in zip(*said, strict=True):
        assert torch.cosine_similarity(full, low, dim=0) > 0.995


@settings(max_examples=30)
@given(seed=st.integers(0, 2**16), company=st.integers(1, 9), name=st.sampled_from(list(SHAPES)))
def test_a_row_is_the_same_alone_and_in_company(planted, seed, company, name):
    network = planted.tiny_network(5, **SHAPES[name])
    inputs = tokens(seed, company + 1)
    alone, crowd = (
        Runner(network, device="cpu", batch=10, lanes=1, dtype=torch.float32) for _ in range(2)
    )
    me = Placement(7, inputs[0], noise=1.0, seed=seed)
    others = [Placement(slot, row, 1.0, seed + 1) for slot, row in enumerate(inputs[1:], 9)]

    single = think(alone, [me])[0]
    among = think(crowd, [me, *others])[0]

    for (answer, score), (answer_too, score_too) in zip(single, among, strict=True):
        assert answer == answer_too
        assert score == pytest.approx(score_too, abs=1e-4)


def test_at_full_size_a_row_is_the_same_alone_and_in_company(planted):
    """In the precision that this machine is fastest in, too."""
    network = planted.tiny_network(
        seq_len=81, hidden_size=128, mlp_t=True, H_cycles=1, intermediate_multiple=64
    )
    source = torch.Generator().manual_seed(1)
    inputs = torch.randint(0, 11, (8, 81), generator=source).tolist()
    rows = [Placement(slot, row, 1.0, slot) for slot, row in enumerate(inputs)]

    together = think(Runner(network, device="cpu", batch=8, lanes=1), rows)
    for count in (1, 2, 5):
        some = think(Runner(network, device="cpu", batch=8, lanes=1), rows[:count])
        assert [[answer for answer, _ in row] for row in some] == [
            [answer for answer, _ in row] for row in together[:count]
        ]


def test_rows_that_open_begin_with_a_short_segment_whoever_else_thinks(planted):
    """The first segment is that of a shallower network, and what follows is as for any row."""
    deep, flat = (planted.tiny_network(**SHAPES["symbols"], L_cycles=steps) for steps in (4, 2))
    flat.load_state_dict(deep.state_dict())
    rows = [Placement(slot, row, opens=slot > 1) for slot, row in enumerate(tokens(6, 4))]

    def scores(network, rows, first_steps=0):
        options = {"batch": 8, "lanes": 1, "dtype": torch.float32, "first_steps": first_steps}
        said = think(Runner(network, device="cpu", **options), rows)
        return torch.tensor([[score for _, score in row] for row in said])

    together, plain, shallow = scores(deep, rows, 2), scores(deep, rows), scores(flat, rows)
    same = partial(torch.allclose, atol=1e-6)
    assert same(together[:2], plain[:2])
    assert same(together[2:, 0], shallow[2:, 0])
    assert not same(together[2:, 0], plain[2:, 0])
    assert not same(together[2:, 1], shallow[2:, 1])
    assert same(scores(deep, rows[3:], 2)[0], together[3])


@every_shape
def test_rows_that_pause_stay_put(planted, shape):
    """Whoever else thinks meanwhile: a paused row goes on where it was."""
    inputs = tokens(3, 4)
    steady = Runner(planted.tiny_network(**shape), device="cpu", batch=4, lanes=1)
    paused = Runner(planted.tiny_network(**shape), device="cpu", batch=4, lanes=1)
    expected = think(steady, [Placement(0, inputs[0])], segments=2)[0]

    paused.place([Placement(slot, row) for slot, row in enumerate(inputs)])
    first = paused.think([0])
    for _ in range(3):
        paused.think([1, 2, 3])
    second = paused.think([0])

    assert [first.answers[0], second.answers[0]] == [answer for answer, _ in expected]


@every_shape
def test_a_refilled_slot_remembers_nothing(planted, shape):
    inputs = tokens(4, 2)
    fresh = Runner(planted.tiny_network(**shape), device="cpu", batch=4, lanes=1)
    used = Runner(planted.tiny_network(**shape), device="cpu", batch=4, lanes=1)
    think(used, [Placement(2, inputs[0], noise=1.0, seed=1)])

    assert think(used, [Placement(2, inputs[1])]) == think(fresh, [Placement(2, inputs[1])])


def test_noise_comes_from_the_seed_alone(planted):
    runner = Runner(planted.tiny_network(), device="cpu", batch=4, lanes=1)
    row = tokens(5, 1)[0]
    torch.manual_seed(0)
    plain, one, other = (
        think(runner, [Placement(0, row, noise, seed)])
        for noise, seed in ((0.0, 1), (1.0, 1), (1.0, 2))
    )
    torch.manual_seed(99)
    think(runner, [Placement(3, row, 1.0, 7)])

    assert think(runner, [Placement(1, row, 1.0, 1)]) == one
    assert len({str(said) for said in (plain, one, other)}) == 3


@every_shape
def test_straying_comes_from_the_seed_alone_and_leaves_others_alone(planted, shape):
    runner = Runner(planted.tiny_network(**shape), device="cpu", batch=4, lanes=1)
    row, calm = tokens(5, 2)
    stray = Placement(0, row, seed=3, noise=0.5, damping=0.3)
    still = think(runner, [Placement(1, calm)])

    alone = think(runner, [stray])
    among = think(runner, [stray, Placement(1, calm)])

    for one, other in zip((alone[0], still[0]), among, strict=True):
        assert [answer for answer, _ in one] == [answer for answer, _ in other]
    others = [replace(stray, noise=0.0), replace(stray, damping=0.0), replace(stray, seed=4)]
    assert len({str(think(runner, [one])) for one in (stray, *others)}) == 4
    assert think(runner, [Placement(0, calm)]) == still


def test_damping_keeps_that_share_of_the_old_states(planted):
    network = planted.Network()
    runner = Runner(network, device="cpu", batch=4, lanes=1)
    row = [1, 1, 1, 1]
    runner.place([Placement(0, row), Placement(1, row, damping=0.25)])
    runner.think([0, 1])

    assert runner._z_H[0].unique().tolist() == [1.0]
    assert runner._z_H[1].unique().tolist() == [0.75]


def test_lanes_change_nothing(planted):
    inputs = tokens(6, 7)
    rows = [Placement(slot, row) for slot, row in enumerate(inputs)]
    single = Runner(planted.tiny_network(mlp_t=True), device="cpu", batch=8, lanes=1)
    several = Runner(planted.tiny_network(mlp_t=True), device="cpu", batch=8, lanes=3)
    try:
        for one, other in zip(think(single, rows), think(several, rows), strict=True):
            assert [answer for answer, _ in one] == [answer for answer, _ in other]
    finally:
        several.close()


def test_lanes_wait_for_all_before_they_raise():
    lanes = Lanes(3)
    done = []

    def work(part):
        if part == 1:
            raise KeyError(part)
        done.append(part)
        return part

    assert lanes.map(work, [0, 2, 4, 6]) == [0, 2, 4, 6]
    with pytest.raises(KeyError):
        lanes.map(work, [1, 8, 9])
    assert {8, 9} <= set(done)
    lanes.close()


def test_one_thread_for_the_engine_leaves_others_alone():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    counts = []

    def inside():
        keep_to_one_thread()
        counts.append(torch.get_num_threads())

    try:
        for target in (inside, lambda: counts.append(torch.get_num_threads())):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
        assert counts == [1, 3]
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_padding_is_never_answered(planted):
    network = planted.tiny_network()
    with torch.no_grad():
        network.lm_head.weight[0] = 100 * network.lm_head.weight[1:].abs().sum(0)
        network.lm_head.weight[0].abs_()
    runner = Runner(network, device="cpu", batch=2, lanes=1)

    said = think(runner, [Placement(0, tokens(7, 1)[0])])

    assert all(token > 0 for answer, _ in said[0] for token in answer)


@pytest.mark.parametrize("name", ["tpu9", "cuda:97", "meta", ""])
def test_a_device_that_is_not_there_is_named_with_those_that_are(name):
    with pytest.raises(DeviceUnavailable, match="cpu"):
        pick_device(name)


def test_a_batch_of_one_is_refused(planted):
    with pytest.raises(ConfigError, match="batch 1"):
        Runner(planted.tiny_network(), device="cpu", batch=1)


@on_cuda
@every_shape
def test_a_graph_on_the_gpu_says_what_the_cpu_says(planted, shape):
    inputs = tokens(8, 5)
    rows = [Placement(slot, row) for slot, row in enumerate(inputs)]
    here = Runner(planted.tiny_network(**shape), device="cpu", batch=8, lanes=1)
    there = Runner(planted.tiny_network(**shape), device="cuda", batch=8)

    for one, other in zip(think(here, rows, 1), think(there, rows, 1), strict=True):
        for (_, score), (_, score_too) in zip(one, other, strict=True):
            assert score == pytest.approx(score_too, abs=0.1)


@on_cuda
@every_shape
def test_company_changes_no_answer_on_the_gpu(planted, shape):
    inputs = tokens(8, 5)
    rows = [Placement(slot, row, damping=0.2 * (slot % 2)) for slot, row in enumerate(inputs)]
    runner = Runner(planted.tiny_network(**shape), device="cuda", batch=8)

    together = think(runner, rows)
    for row, expected in zip(rows, together, strict=True):
        for (answer, score), (wanted, wanted_score) in zip(
            think(runner, [row])[0], expected, strict=True
        ):
            assert answer == wanted
            assert score == pytest.approx(wanted_score, abs=1e-2)


@on_cuda
def test_damping_in_a_graph_is_damping_on_the_cpu(planted):
    rows = [Placement(slot, row, damping=0.5) for slot, row in enumerate(tokens(4, 5))]
    here = Runner(planted.tiny_network(), device="cpu", batch=4, lanes=1, dtype=torch.float32)
    there = Runner(planted.tiny_network(), device="cuda", batch=4, dtype=torch.float32)

    for one, other in zip(think(here, rows, 3), think(there, rows, 3), strict=True):
        assert [answer for answer, _ in one] == [answer for answer, _ in other]


@on_cuda
def test_graphs_are_captured_while_another_thread_uses_the_gpu(planted):
    stop = threading.Event()

    def allocate():
        while not stop.is_set():
            torch.zeros(1 << 16, device="cuda").sum().item()

    busy = threading.Thread(target=allocate)
    busy.start()
    try:
        runner = Runner(planted.tiny_network(), device="cuda", batch=8)
        runner.own_thread()
    finally:
        stop.set()
        busy.join()
    rows = [Placement(slot, row) for slot, row in enumerate(tokens(8, 5))]
    assert len(think(runner, rows)) == 8
