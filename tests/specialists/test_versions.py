"""Which version of a specialist answers: chosen, else the last written; never a torn record."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from hrm_specialists.errors import CheckpointWriteFailed, ConfigError
from hrm_specialists.registry import newest_versions
from hrm_specialists.versions import (
    CURRENT,
    DEMOTED,
    candidate,
    choices,
    choose,
    current,
    demotions,
    hold,
    roll_back,
)


@pytest.fixture
def family(tmp_path):
    for age, version in enumerate(("1", "2", "3")):
        folder = tmp_path / "triage" / version
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
        os.utime(folder / "config.json", (1000 + age, 1000 + age))
    return tmp_path / "triage"


def test_without_a_choice_the_last_written_answers(family):
    assert current(family).name == "3"
    assert [one.name for one in newest_versions(family.parent)] == ["3"]


def test_a_choice_holds_until_the_next_and_can_be_taken_back(family):
    choose(family, "1", "gate passed:\n97 % of 400")
    assert current(family).name == "1"
    choose(family, "2", "promoted")
    assert current(family).name == "2"
    assert roll_back(family) == "1"
    assert current(family).name == "1"
    assert [one.version for one in choices(family)] == ["1", "2", "1"]
    assert choices(family)[0].reason == "gate passed: 97 % of 400"


def test_going_back_without_a_record_takes_the_one_written_before(family):
    assert roll_back(family) == "2"


def test_unknown_deleted_and_damaged_choices_change_nothing(family):
    with pytest.raises(ConfigError, match="no version '9'; versions: 1, 2, 3"):
        choose(family, "9", "typo")
    assert choices(family) == []
    (family / CURRENT).write_bytes(b"\xff\xfe\nnonsense\n2\tsoon\twhy\n1\t5.0\tpromoted\n")
    assert current(family).name == "1"
    choose(family, "3", "trained")
    choose(family, "1", "promoted")
    (family / "1" / "config.json").unlink()
    assert current(family).name == "3"


def test_choices_of_many_writers_are_all_kept(family):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: choose(family, str(n % 3 + 1), f"writer {n}"), range(200)))
    assert sorted(one.reason for one in choices(family)) == sorted(
        f"writer {n}" for n in range(200)
    )


def test_a_family_without_versions_has_no_current_one(tmp_path):
    (tmp_path / "empty").mkdir()
    assert current(tmp_path / "empty") is None
    with pytest.raises(ConfigError, match="no earlier version"):
        roll_back(tmp_path / "empty")


def test_a_version_written_while_held_waits_until_it_is_chosen(family):
    hold(family)
    hold(family)
    (family / "4").mkdir()
    (family / "4" / "config.json").write_text("{}")
    assert current(family).name == "3"
    assert candidate(family).name == "4"
    choose(family, "4", "gate passed")
    assert current(family).name == "4"
    assert candidate(family) is None or candidate(family).name != "4"
    assert roll_back(family) == "3"


def test_a_new_family_can_be_held_before_its_first_version(tmp_path):
    family = tmp_path / "new"
    hold(family)
    assert current(family) is None
    (family / "1").mkdir()
    (family / "1" / "config.json").write_text("{}")
    assert current(family) is None
    assert candidate(family).name == "1"
    choose(family, "1", "promoted")
    choose(family, "", "demoted")
    assert current(family) is None
    assert candidate(family) is None


def test_half_a_line_is_no_choice_and_the_next_one_is_whole(family, monkeypatch):
    choose(family, "1", "promoted")
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, text: whole(file, text[: len(text) // 2]))
    with pytest.raises(CheckpointWriteFailed, match="No space left"):
        choose(family, "2", "promoted while the disk was full")
    assert current(family).name == "1"
    monkeypatch.setattr(os, "write", whole)
    choose(family, "3", "promoted")
    assert current(family).name == "3"
    choose(family, "", DEMOTED)
    assert [one.version for one in choices(family)][-2:] == ["3", ""]
    assert demotions(choices(family)) == {"3": 1}


def test_a_killed_process_leaves_whole_choices(family):
    code = (
        "import sys, itertools; from pathlib import Path; "
        "from hrm_specialists.versions import choose; print('going', flush=True)\n"
        "for n in itertools.cycle('123'): choose(Path(sys.argv[1]), n, 'promoted ' + 400 * n)"
    )
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(family)], stdout=subprocess.PIPE
        ) as process:
            process.stdout.readline()
            before = len(choices(family))
            until = time.monotonic() + 20
            while len(choices(family)) < before + 5 and time.monotonic() < until:
                time.sleep(0.001)
            process.kill()
        made = choices(family)
        assert len(made) >= before + 5
        assert {one.reason for one in made} <= {"promoted " + 400 * n for n in "123"}
        assert current(family).name == made[-1].version
