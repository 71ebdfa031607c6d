"""The tables of the traffic store, and how an older store is brought up to date.

Migrations are alembic's, in `migrations/versions`; one process migrates at a time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hrm_router.errors import StoreError

metadata = sa.MetaData()


class Json(sa.types.TypeDecorator[Any]):
    """Any JSON value, as text; what no database takes for text is replaced."""

    impl, cache_ok = sa.Text, True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str:
        """Write a value."""
        value = dict(value) if isinstance(value, Mapping) else value
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
        # NUL and half characters are no text to a database.
        return text.replace("\\u0000", "\\ufffd").encode("utf-8", "replace").decode("utf-8")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        """Read it again; nothing at all is None."""
        return None if value is None else json.loads(value)


class Cut(sa.types.TypeDecorator[str]):
    """A text of limited length; what is too long is cut."""

    impl, cache_ok = sa.String, True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """Cut it."""
        return None if value is None else value[: getattr(self.impl_instance, "length", None)]


calls = sa.Table(
    "calls",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(64), nullable=False, unique=True),
    sa.Column("created", sa.Float(53), nullable=False, index=True),
    sa.Column("task", Cut(128), nullable=False, index=True),
    sa.Column("solve_id", Cut(64), nullable=False, index=True),
    sa.Column("kind", Cut(8), nullable=False),
    sa.Column("tool", Cut(128), nullable=False),
    sa.Column("model", Cut(256), nullable=False),
    sa.Column("messages", Json, nullable=False),
    sa.Column("answer", Json, nullable=False),
    sa.Column("schema", Json),
    sa.Column("metadata", Json, nullable=False),
    sa.Column("prompt_tokens", sa.BigInteger, nullable=False),
    sa.Column("completion_tokens", sa.BigInteger, nullable=False),
    sa.Column("cost", sa.Float(53)),
    sa.Column("seconds", sa.Float(53), nullable=False),
    sa.Column("verdict", Cut(16), nullable=False),
    sa.Column("judged_by", Cut(256), nullable=False),
    sa.Column("owner", Cut(128), nullable=False),
    sa.Column("listed", sa.Boolean, nullable=False),
)

trials = sa.Table(
    "trials",
    metadata,
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

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 7_264_871
"""Postgres advisory lock that a migrating process holds."""


def upgrade(engine: sa.Engine) -> None:
    """Bring a store to this version's tables; a current one is left as it is.

    Raises:
        StoreError: a later version of hrm-agent wrote the store.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found == script.get_current_head():
        return
    if found is not None and found not in {one.revision for one in script.walk_revisions()}:
        raise StoreError(
            f"the traffic store has schema {found!r}, which this version does not know: "
            "a later hrm-agent wrote it; upgrade hrm-agent"
        )
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def run_migrations(context: Any, connection: sa.Connection) -> None:
    """What alembic's environment does: migrate within the transaction that is open."""
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
    context.run_migrations()
