"""Routing on wordings and forms that the grammars were not written from; see `fresh`."""

from __future__ import annotations

import pytest
from fresh.scores import outcomes, summary
from fresh.second import read_exactly


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "claimed", "mixed", "doubled"), [("open", 0.98, 0.9, 0.05), ("sealed", 0.9, 0.78, 0.1)]
)
def test_fresh_queries_go_where_they_should(part, claimed, mixed, doubled):
    found = summary(outcomes(part))
    assert found["claimed exactly"] >= claimed * found["of"]
    assert found["mixed found with both parts"] >= mixed * found["mixed"]
    assert found["claimed solve-only taken for mixed"] <= doubled * found["claimed solve-only"]
    assert found["near misses claimed"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("part", "least"), [("open", 110), ("sealed", 100), ("odd", 125)])
def test_a_second_round_is_read_exactly(part, least):
    """112, 112 and 180 puzzles in wordings and layouts that the readers were not written from."""
    assert read_exactly(part)[0] >= least
