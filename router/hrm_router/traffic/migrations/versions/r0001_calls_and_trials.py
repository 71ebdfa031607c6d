"""The first tables: recorded calls, and trials of specialists beside the LLM."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "calls",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("created", sa.Float(53), nullable=False, index=True),
        sa.Column("task", sa.String(128), nullable=False, index=True),
        sa.Column("solve_id", sa.String(64), nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("tool", sa.String(128), nullable=False),
        sa.Column("model", sa.String(256), nullable=False),
        sa.Column("messages", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("schema", sa.Text),
        sa.Column("metadata", sa.Text, nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger, nullable=False),
        sa.Column("completion_tokens", sa.BigInteger, nullable=False),
        sa.Column("cost", sa.Float(53)),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("judged_by", sa.String(256), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "trials",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("specialist", sa.String(128), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("problem", sa.String(64), nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("unfamiliar", sa.Boolean, nullable=False),
        sa.Column("passed", sa.Boolean),
        sa.Column("agreed", sa.Boolean),
        sa.Column("confidence", sa.Float(53), nullable=False),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Index("trials_of_version", "specialist", "version", "number"),
    )
