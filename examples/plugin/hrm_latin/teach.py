"""Teach the specialist, and put what it learned beside this file."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from hrm_agent import train

from hrm_latin import WEIGHTS
from hrm_latin.examples import examples
from hrm_latin.task import LatinTask


def main() -> None:
    """Train, measure, and replace `weights/`."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--minutes", type=float, default=2.0)
    wanted.add_argument("--steps", type=int, help="instead of as many as the minutes allow")
    wanted.add_argument("--seed", type=int, default=0)
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        specialist = train(
            examples(1000, given.seed),
            name="latin",
            task=LatinTask(),
            minutes=given.minutes,
            recipe={"steps": given.steps} if given.steps else None,
            seed=given.seed,
            root=Path(folder),
        )
        shutil.rmtree(WEIGHTS, ignore_errors=True)
        shutil.copytree(specialist.folder, WEIGHTS)
        specialist.close()
    right = specialist.card["test_accuracy"]
    print(f"{right:.1%} of unseen problems right at the first go; the card is {WEIGHTS}/README.md")


if __name__ == "__main__":
    main()
