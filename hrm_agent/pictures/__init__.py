"""Pictures of thinking: what a specialist held after each segment, as SVG or GIF."""

from __future__ import annotations

from hrm_agent.pictures.film import Film, film_of, write_film

__all__ = ["Film", "film_of", "write_film"]
