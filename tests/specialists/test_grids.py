"""Grids of cells are found in any text, with their places, in time linear in its length."""

from __future__ import annotations

from hrm_specialists.grids import find_grids


def rows_in(text: str) -> list[list[str]]:
    return [["".join(row) for row in grid.rows] for grid in find_grids(text)]


def test_rows_are_found_whatever_separates_labels_or_prefixes_them():
    rows = ["1203", "0450", "7008"]
    for form in (
        "\n".join(rows),
        "\n".join(map(" ".join, rows)),
        "\n".join("> " + ",".join(row) for row in rows),
        "\n".join(f"[10:0{n}] eve: {row}" for n, row in enumerate(rows)),
        "\n".join(f"{n}: {' '.join(row)}  # a row" for n, row in enumerate(rows)),
        "\n".join("| " + " | ".join(row) + " |" for row in rows),
        str([list(map(int, row)) for row in rows]),
        "rbind(" + ", ".join(f"c({', '.join(row)})" for row in rows) + ")",
        "<t>" + "".join(f"<r>{''.join(f'<c v={m!r}/>' for m in row)}</r>" for row in rows) + "</t>",
        "\n".join(f'{{"n": {n}, "cells": [{", ".join(row)}]}}' for n, row in enumerate(rows)),
    ):
        assert rows in rows_in(f"Look:\n\n{form}\n\nThanks."), form


def test_every_cell_has_its_place():
    text = "See:\n\n 10 | 2\n  3 | 40\n  5 | 6\n"
    grid = next(grid for grid in find_grids(text) if grid.rows[0] == ("10", "2"))
    for r, row in enumerate(grid.rows):
        for c, cell in enumerate(row):
            assert text[slice(*grid.place(text, r, c))] == cell
