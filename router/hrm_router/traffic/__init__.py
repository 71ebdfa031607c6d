"""LLM traffic that specialists are distilled from: recorded, sorted, shadowed, promoted.

Needs the extra `grow` (SQLAlchemy and alembic). Knows no torch: training is the
face's affair.
"""
