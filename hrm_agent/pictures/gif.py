"""A film as an animated GIF, drawn by Pillow."""

from __future__ import annotations

import io
from typing import Any

from hrm_agent.pictures.film import REST, STEP, Film
from hrm_specialists.errors import ConfigError
from hrm_specialists.scene import INK, LINE, Scene

MARGIN, FOOT = 16, 30
ROOM = "#f8fafc"


def gif(film: Film) -> bytes:
    """The bytes of a GIF that repeats for ever.

    Raises:
        ConfigError: Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise ConfigError(
            "GIF pictures need Pillow: pip install 'hrm-agent[pictures]'; .svg needs nothing"
        ) from error
    width = max(scene.width * scene.size for scene in film.scenes) + 2 * MARGIN
    height = max(scene.height * scene.size for scene in film.scenes) + 2 * MARGIN + FOOT
    frames = []
    for scene, caption in zip(film.scenes, film.captions, strict=True):
        image = Image.new("RGB", (width, height), ROOM)
        pen = ImageDraw.Draw(image)
        _sheet(pen, scene, ImageFont)
        pen.text(
            (width / 2, height - FOOT / 2 - 6),
            caption,
            fill="#475569",
            anchor="mm",
            font=ImageFont.load_default(15),
        )
        frames.append(image)
    data = io.BytesIO()
    times = [round(1000 * STEP)] * (len(frames) - 1) + [round(1000 * REST)]
    frames[0].save(
        data, "GIF", save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=True
    )
    return data.getvalue()


def _sheet(pen: Any, scene: Scene, fonts: Any) -> None:
    size = scene.size
    font = fonts.load_default(0.56 * size)
    for r, row in enumerate(scene.rows):
        for c, cell in enumerate(row):
            if cell is None:
                continue
            x, y = MARGIN + c * size, MARGIN + r * size
            if cell.fill != "none":
                line = LINE if scene.lines else None
                pen.rectangle((x, y, x + size, y + size), fill=cell.fill, outline=line)
            if cell.text:
                pen.text(
                    (x + size / 2, y + size / 2),
                    cell.text.replace("→", ">"),  # Pillow's own font has no arrow
                    fill=cell.ink,
                    anchor="mm",
                    font=font,
                    stroke_width=0.5 if cell.bold else 0,
                    stroke_fill=cell.ink,
                )
    if scene.thick:
        wide, high = scene.width * size, scene.height * size
        for at in range(0, wide + 1, scene.thick * size):
            pen.line((MARGIN + at, MARGIN, MARGIN + at, MARGIN + high), fill=INK, width=2)
        for at in range(0, high + 1, scene.thick * size):
            pen.line((MARGIN, MARGIN + at, MARGIN + wide, MARGIN + at), fill=INK, width=2)
