"""Alembic's migrations of the traffic store; run by `tables.upgrade`."""
