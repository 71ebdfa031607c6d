"""From files and objects to typed rows: what columns hold, and how they lie in tokens.

table      files and objects → columns of plain values, a chunk at a time
examples   tables and objects → labelled examples, as plain values or typed
written    how single numbers and truths are written, and `dates`
infer      columns → fields, from training rows alone (`kinds`: of one column or list
           of values, `wording`: of texts with values in them)
fields     what a field can be (`sequences`: of several values; `prose`: a text around some)
models     fields ↔ pydantic models; `data_task` the task that they make
field_codec  fields → tokens for networks; `columns`: → arrays for other learners
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hrm_specialists.schema.columns import Answer, Answers, BatchSolver, Column, Rows, Schema
    from hrm_specialists.schema.data_task import DataTask
    from hrm_specialists.schema.examples import contradictions, read_examples, read_pairs
    from hrm_specialists.schema.infer import Layout, infer_task
    from hrm_specialists.schema.table import open_table

_WHERE = {
    **dict.fromkeys(("Answer", "Answers", "BatchSolver", "Column", "Rows", "Schema"), "columns"),
    "DataTask": "data_task",
    **dict.fromkeys(("contradictions", "read_examples", "read_pairs"), "examples"),
    **dict.fromkeys(("Layout", "infer_task"), "infer"),
    "open_table": "table",
}

__all__ = [
    "Answer",
    "Answers",
    "BatchSolver",
    "Column",
    "DataTask",
    "Layout",
    "Rows",
    "Schema",
    "contradictions",
    "infer_task",
    "open_table",
    "read_examples",
    "read_pairs",
]


def __getattr__(name: str) -> Any:
    """Load a name's file when it is asked for, so that importing stays quick."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
