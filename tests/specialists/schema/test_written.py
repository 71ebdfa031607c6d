"""How files write single values: each writing means the same everywhere."""

from datetime import datetime

import pytest

from hrm_specialists.schema.dates import moment
from hrm_specialists.schema.written import seconds, style_of


def test_numbers_keep_their_value_and_their_sign_in_every_writing():
    for texts, numbers in {
        ("-$8,630.00", "$1,230.50"): (-8630, 1230.5),
        ("(1,234.50)", "20.25"): (-1234.5, 20.25),
        ("\u22125.2", "5.2"): (-5.2, 5.2),
        ("5.1-", "7.0"): (-5.1, 7),
        ("EUR 1.50", "EUR 1,203.50"): (1.5, 1203.5),
        ("12,5 %", "3,25 %"): (12.5, 3.25),
        ("1'234.5", "12.5"): (1234.5, 12.5),
        ("8:07", "23:59", "0:00:01"): (29220, 86340, 1),
        ("8:07 pm", "12:05 AM"): (72420, 300),
        ("2h 5m", "31m", "1 days 03:31:00", "PT1H30M"): (7500, 1860, 99060, 5400),
    }.items():
        style = style_of(texts)
        assert style is not None, texts
        assert [style.number(text) for text in texts] == pytest.approx(numbers), texts


def test_a_number_in_another_style_than_its_column_is_none():
    """Marks of thousands stand in groups of three and before the decimals."""
    for texts, others in {
        ("1.145,77 €", "245,77 €"): ("1,234.50", "12.5", "1.2345", "420.80 €", "$245,77", "20%"),
        ("1,145.77", "245.77"): ("1.234,50", "12,5", "1,2345"),
    }.items():
        style = style_of(texts)
        assert style is not None
        assert style.number(texts[0]) == 1145.77
        for text in (*others, True):
            with pytest.raises(ValueError, match="is not a number"):
                style.number(text)


def test_names_that_hold_digits_are_no_numbers():
    for texts in (("P1", "P2"), ("level 1", "level 2"), ("1-2", "3-4"), ("--5", "5"), ("16:9",)):
        assert style_of(texts) is None, texts
    assert [seconds(text) for text in ("", "p", "5", "1:75")] == [None] * 4


def test_a_moment_is_the_same_in_every_writing():
    for text in (
        "2024-03-01 14:30:00 UTC",
        "2024-03-01T16:30:00+0200",
        "03/01/2024 02:30 PM",
        "Fri, 01 Mar 2024 14:30",
        "March 1, 2024 2:30 pm",
        "20240301T143000Z",
        1709303400,
        1709303400000,
    ):
        assert moment(text, "mdy") == datetime(2024, 3, 1, 14, 30), text
    for odd in ("20241301", "2024-02-30", "1.2", 12, True):
        with pytest.raises(ValueError, match="date"):
            moment(odd)
