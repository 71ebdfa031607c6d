"""Alembic's entry; the connection comes from `tables.upgrade`."""

from __future__ import annotations

from alembic import context

from hrm_router.traffic.tables import run_migrations

if hasattr(context, "config"):  # absent where the module is imported by others than alembic
    run_migrations(context, context.config.attributes["connection"])
