"""A film as one animated SVG: no script, no font, no library; everything escaped.

A cell that never changes is drawn once. One that does is drawn once for each of
its looks, and the looks take turns (SMIL, in steps).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from hrm_agent.pictures.film import REST, STEP, Film
from hrm_specialists.scene import INK, LINE, Cell, Scene

MARGIN, FOOT = 16, 30
"""Around the sheet, and for the caption below it, in pixels."""


def svg(film: Film) -> str:
    """The film as the text of an SVG file."""
    first = film.scenes[0]
    width, height = (
        max(scene.width * scene.size for scene in film.scenes),
        max(scene.height * scene.size for scene in film.scenes),
    )
    clock = _Clock(len(film.scenes))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 2 * MARGIN} '
        f"{height + 2 * MARGIN + FOOT}\" font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', "
        'sans-serif" role="img">',
        f"<title>{escape(film.title)}: {escape(film.captions[-1])}</title>",
        '<rect width="100%" height="100%" rx="10" fill="#f8fafc"/>',
        f'<g transform="translate({MARGIN} {MARGIN})">',
    ]
    for r in range(max(scene.height for scene in film.scenes)):
        for c in range(max(scene.width for scene in film.scenes)):
            looks = [_cell(scene, r, c) for scene in film.scenes]
            parts += clock.shown([_drawn(look, r, c, first) for look in looks])
    if first.thick:
        parts.append(_thick(first))
    captions = [
        f'<text x="{width / 2:g}" y="{height + 34}" text-anchor="middle" font-size="15" '
        f'fill="#475569">{escape(caption)}</text>'
        for caption in film.captions
    ]
    return "\n".join([*parts, *clock.shown(captions), "</g>", "</svg>", ""])


class _Clock:
    """When which of several looks is to be seen."""

    def __init__(self, scenes: int) -> None:
        self.whole = STEP * (scenes - 1) + REST
        self.times = [STEP * at / self.whole for at in range(scenes)]

    def shown(self, looks: Sequence[str]) -> list[str]:
        """Each different look once, with the times at which it shows."""
        different = list(dict.fromkeys(looks))
        if len(different) == 1:
            return [different[0]] if different[0] else []
        drawn = []
        for look in different:
            if not look:
                continue
            turns = [(0.0, looks[0] == look)]
            for time, now in zip(self.times[1:], looks[1:], strict=True):
                if (now == look) != turns[-1][1]:
                    turns.append((time, now == look))
            values = ";".join("inline" if on else "none" for _, on in turns)
            at = ";".join(f"{time:.4g}" for time, _ in turns)
            last = "" if looks[-1] == look else ' display="none"'  # where nothing moves
            drawn.append(
                f'<g{last}>{look}<animate attributeName="display" values="{values}" '
                f'keyTimes="{at}" dur="{self.whole:g}s" calcMode="discrete" '
                'repeatCount="indefinite"/></g>'
            )
        return drawn


def _cell(scene: Scene, r: int, c: int) -> Cell | None:
    return scene.rows[r][c] if r < scene.height and c < len(scene.rows[r]) else None


def _drawn(cell: Cell | None, r: int, c: int, scene: Scene) -> str:
    if cell is None:
        return ""
    size = scene.size
    line = f' stroke="{LINE}"' if scene.lines and cell.fill != "none" else ""
    drawn = ""
    if cell.fill != "none":
        # Without lines a hair more, so that no seam shows between cells.
        side = size if scene.lines else size + 0.5
        drawn = (
            f'<rect x="{c * size}" y="{r * size}" width="{side:g}" height="{side:g}" '
            f'fill="{cell.fill}"{line}/>'
        )
    if cell.text:
        weight = ' font-weight="700"' if cell.bold else ""
        drawn += (
            f'<text x="{(c + 0.5) * size:g}" y="{(r + 0.68) * size:g}" text-anchor="middle" '
            f'font-size="{0.56 * size:g}" fill="{cell.ink}"{weight}>{escape(cell.text)}</text>'
        )
    return drawn


def _thick(scene: Scene) -> str:
    high, wide = scene.height * scene.size, scene.width * scene.size
    step = scene.thick * scene.size
    lines = [f"M{x} 0V{high}" for x in range(0, wide + 1, step)]
    lines += [f"M0 {y}H{wide}" for y in range(0, high + 1, step)]
    return (
        f'<path d="{"".join(lines)}" stroke="{INK}" stroke-width="2" stroke-linecap="square" '
        'fill="none"/>'
    )
