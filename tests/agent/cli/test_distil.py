"""From a log of LLM calls to a candidate, and from a candidate to an answer."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest

from hrm_agent.growing import demote, distil, doubtful, find_family, promote, read_traffic
from hrm_specialists.errors import ConfigError, DataError
from hrm_specialists.registry import load_specialist
from hrm_specialists.versions import choices, current

WORDS = {"hot": ("fire", "steam", "boiling"), "cold": ("ice", "snow", "frost")}


def line(number: int, text: str, answer: str, verdict: str = "") -> str:
    return json.dumps(
        {
            "messages": [
                {"role": "system", "content": "Hot or cold?"},
                {"role": "user", "content": text},
                {"role": "assistant", "content": answer},
            ],
            "hrm": {
                "id": f"call-{number}",
                "created": 1_000 + number,
                "kind": "text",
                "verdict": verdict,
                "usage": {"prompt_tokens": 20, "completion_tokens": 1},
                "cost": 0.01,
                "seconds": 0.5,
            },
        }
    )


def write_log(file, count: int, *, verdict: str = "checked"):
    rng = random.Random(0)
    lines = []
    for number in range(count):
        answer = rng.choice(("hot", "cold"))
        text = f"{rng.choice(WORDS[answer])} in room {rng.randint(1, 500)}"
        lines.append(line(number, text, answer, verdict))
    file.write_text("\n".join(["{broken", *lines]), encoding="utf-8")
    return str(file)


def test_a_store_and_a_log_hold_the_same_rows(run, tmp_path):
    log, store = write_log(tmp_path / "calls.jsonl", 60), str(tmp_path / "t.db")
    added = run("distil", "--import", log, "--traffic", store, "--json")
    assert added.code == 0, added
    assert json.loads(added.out)["added"] == 60
    again = json.loads(run("distil", "--import", log, "--traffic", store, "--json").out)
    assert (again["added"], again["known_before"]) == (0, 60)
    out = tmp_path / "out.jsonl"
    assert run("distil", "--traffic", store, "--export", str(out)).code == 0
    assert [one.id for one in read_traffic(str(out))[0]] == [one.id for one in read_traffic(log)[0]]


def test_families_are_listed_with_what_speaks_against_them(run, tmp_path):
    log = write_log(tmp_path / "calls.jsonl", 60)
    told = json.loads(run("distil", "--traffic", log, "--json").out)
    assert told["bad_lines"][0]["line"] == 1
    (family,) = told["families"]
    assert (family["name"], family["rows"], family["answers"]) == ("hot-or-cold", 60, "label")
    assert family["share"] == 1.0
    assert not family["promising"]
    assert "different problems; about 200 are needed" in family["why_not"]
    shown = run("distil", "--traffic", log)
    assert "hot-or-cold" in shown.out
    assert "line 1 is left out" in shown.err


def test_what_cannot_be_distilled_is_refused_with_the_way_out(run, tmp_path):
    unjudged = write_log(tmp_path / "calls.jsonl", 60, verdict="")
    refused = run("distil", "hot-or-cold", "--traffic", unjudged, "--json")
    assert refused.code == 2
    message = json.loads(refused.out)["error"]["message"]
    assert "at least 40 are needed" in message
    assert "--trust all" in message
    nobody = run("distil", "nobody", "--traffic", unjudged, "--json")
    assert "hot-or-cold" in json.loads(nobody.out)["error"]["message"]
    missing = run("distil", "--traffic", str(tmp_path / "no.jsonl"), "--json")
    assert missing.code == 2
    with pytest.raises(DataError, match="no family 'x'"):
        find_family([], "x")
    with pytest.raises(DataError, match="no traffic store"):
        read_traffic(str(tmp_path / "no.db"))


def test_doubtful_rows_come_with_contradictions_first(tmp_path):
    log = tmp_path / "calls.jsonl"
    lines = [line(n, f"ice {n}", "cold") for n in range(30)]
    lines += [line(100, "steam 7", "hot"), line(101, "steam 7", "cold")]
    log.write_text("\n".join(lines))
    family = find_family(read_traffic(str(log))[0], "hot-or-cold")
    assert [row.id for row in doubtful(family)][:2] == ["call-100", "call-101"]


def test_promoting_nothing_says_what_there_is(tmp_path):
    with pytest.raises(ConfigError, match="no candidate to promote; no version answers"):
        promote("triage", root=tmp_path)
    with pytest.raises(ConfigError, match="nothing to demote"):
        demote("triage", root=tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_candidate_waits_until_it_is_promoted(run, tmp_path):
    log, root = write_log(tmp_path / "calls.jsonl", 500), tmp_path / "specialists"
    made = run(
        *("distil", "hot-or-cold", "--traffic", log, "--name", "warmth", "--root", str(root)),
        *("--minutes", "0.3", "--json"),
    )
    assert made.code == 0, made
    told = json.loads(made.out)
    assert told["state"] == "candidate"
    assert told["teacher_accuracy"] == 1.0
    assert told["later"]["accepted"] >= 0.8 * told["later"]["examples"]
    assert told["later"]["accuracy"] >= 0.95
    assert told["later"]["cost"] > 0
    assert told["card"]["distilled"]["key"].startswith("system:")
    assert current(root / "warmth") is None

    promoted = run("specialists", "promote", "warmth", "--root", str(root), "--json")
    assert json.loads(promoted.out)["version"] == told["version"]
    assert current(root / "warmth").name == told["version"]
    run("specialists", "demote", "warmth", "--root", str(root), "--reason", "wrong")
    assert current(root / "warmth") is None
    assert choices(root / "warmth")[-1].reason == "demoted wrong"


DISTIL = """
import json, sys
from pathlib import Path
from hrm_agent.growing import distil, find_family, read_traffic
rows, _ = read_traffic(sys.argv[1])
made = distil(find_family(rows, "hot-or-cold"), name="warmth", trust="all", minutes=0.2,
              root=Path(sys.argv[2]), seed=int(sys.argv[3]))
print(made.version)
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_processes_distil_one_noisy_family_and_both_are_better_than_their_teacher(tmp_path):
    rng, lines, root = random.Random(1), [], tmp_path / "specialists"
    for number in range(1_200):
        right = rng.choice(("hot", "cold"))
        text = f"{rng.choice(WORDS[right])} in room {rng.randint(1, 5_000)}"
        said = rng.choice(("hot", "cold")) if rng.random() < 0.1 else right  # 5 % are wrong
        lines.append(line(number, text, said))
    (tmp_path / "calls.jsonl").write_text("\n".join(lines))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", DISTIL, str(tmp_path / "calls.jsonl"), str(root), str(seed)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(2)
    ]
    made = [one.communicate(timeout=200)[0].strip().splitlines()[-1] for one in running]
    assert sorted(made) == ["v0001", "v0002"]
    assert current(root / "warmth") is None
    asked = [(word, right) for right, words in WORDS.items() for word in words]
    for version in made:
        with load_specialist(root / "warmth" / version) as one:
            found = [
                (one.accepts(attempt), next(iter(attempt.solution.model_dump().values())) == right)
                for n, (word, right) in enumerate(asked * 50)
                if (attempt := one.solve(one.task.parse(f"{word} in room {7 * n}")))
            ]
        assert sum(right for _, right in found) >= 0.95 * len(found)
        accepted = [right for sure, right in found if sure]
        assert len(accepted) >= 0.8 * len(found)
        assert sum(accepted) >= 0.95 * len(accepted)


KILLED = """
import os, sys
from hrm_specialists import storage
from hrm_specialists.teaching import tables
where, rename = sys.argv[4], storage.disk.rename
def end(*_, **__):
    os.kill(os.getpid(), 9)
def renamed(source, target):
    if where == "published":
        rename(source, target)
    end()
if where == "training":
    tables.refit = end
storage.disk.rename = renamed
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_kill_9_while_distilling_promotes_nothing_and_the_next_run_goes_on(tmp_path):
    log, root = write_log(tmp_path / "calls.jsonl", 300), tmp_path / "specialists"
    child, arguments = [sys.executable, "-c"], [log, str(root), "0"]
    for where in ("training", "writing", "published"):
        killed = [*child, KILLED + DISTIL, *arguments, where]
        ended = subprocess.run(killed, capture_output=True, timeout=200)
        assert ended.returncode == -9, (where, ended.stderr)
        assert current(root / "warmth") is None, where
    whole = subprocess.run([*child, DISTIL, *arguments], capture_output=True, text=True)
    assert whole.returncode == 0, whole.stderr
    assert current(root / "warmth") is None
    assert promote("warmth", root=root) == whole.stdout.strip().splitlines()[-1]
    assert not [one.name for one in (root / "warmth").iterdir() if one.name.startswith(".")]


def test_distilling_free_text_is_refused(tmp_path):
    log = tmp_path / "calls.jsonl"
    log.write_text(
        "\n".join(line(n, f"topic {n}", f"an essay {n} " * 20, "checked") for n in range(80))
    )
    family = find_family(read_traffic(str(log))[0], "hot-or-cold")
    with pytest.raises(DataError, match="free text"):
        distil(family, root=tmp_path)


def test_a_review_that_nobody_answers_ends_and_a_place_that_is_none_is_named(run, tmp_path):
    log, store = write_log(tmp_path / "calls.jsonl", 50, verdict=""), f"{tmp_path / 't.db'}"
    assert run("distil", "--import", log, "--traffic", store).code == 0
    left = run("distil", "hot-or-cold", "--review", "--traffic", store)
    assert (left.code, "bug" in left.err) == (130, False)
    both = run("distil", "hot-or-cold", "--review", "--traffic", store, "--json")
    assert json.loads(both.out)["error"]["code"] == "usage"
    nowhere = run("distil", "--traffic", log, "--export", str(tmp_path / "no" / "x"), "--json")
    assert json.loads(nowhere.out)["error"]["message"].endswith("x: No such file or directory")
    assert nowhere.code == 2
    unknown = run("distil", "other", "--traffic", log, "--json")
    assert "families: hot-or-cold" in json.loads(unknown.out)["error"]["message"]
