"""Films of thinking: well-formed, escaped, of bounded length, for any task."""

from __future__ import annotations

import io
from typing import Any
from xml.etree import ElementTree

import pytest
from pydantic import BaseModel

from hrm_agent.pictures import film_of, write_film
from hrm_agent.pictures.film import MOST
from hrm_agent.pictures.scenes import scene_of
from hrm_agent.pictures.svg import svg
from hrm_puzzles.arc import ArcSolution, ArcTask
from hrm_puzzles.arc.scene import COLOURS
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuProblem, SudokuSolution, SudokuTask
from hrm_specialists.contract import Task
from hrm_specialists.errors import ConfigError, DataError
from hrm_specialists.scene import Cell, Scene

SVG = "{http://www.w3.org/2000/svg}"
PUZZLE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
PROBLEM = SudokuProblem.model_validate({"grid": PUZZLE})
RIGHT = SudokuSolution.model_validate({"grid": SOLVED})
EARLY = SudokuSolution.model_validate({"grid": SOLVED[:80] + "8"})


class Words(BaseModel):
    text: str


class Hostile(Task[Words, Words]):
    name, title = "hostile", "<script>alert(1)</script>"
    Problem = Solution = Words

    def render(self, problem: Words, solution: Words | None = None) -> str:
        return (solution or problem).text


def sudoku_film(states=(("segment 1", EARLY),)):
    return film_of(SudokuTask(), PROBLEM, states, "verified", RIGHT)


def test_a_sudoku_shows_givens_found_digits_and_what_is_fresh():
    scene = scene_of(SudokuTask(), PROBLEM, RIGHT, EARLY)
    assert (scene.height, scene.width, scene.thick) == (9, 9, 3)
    given, found, fresh = scene.rows[0][0], scene.rows[0][2], scene.rows[8][8]
    assert (given.text, given.bold, found.text, found.bold) == ("5", True, "4", False)
    assert fresh.fill == given.fill  # a given is never fresh
    early = SudokuSolution.model_validate({"grid": SOLVED[:2] + "1" + SOLVED[3:]})
    assert scene_of(SudokuTask(), PROBLEM, RIGHT, early).rows[0][2].fill != found.fill


def test_an_animated_svg_is_well_formed_and_ends_on_the_answer():
    root = ElementTree.fromstring(svg(sudoku_film()))
    assert root.tag == f"{SVG}svg"
    moving = root.findall(f".//{SVG}animate")
    assert moving
    for one in moving:
        times = [float(time) for time in one.get("keyTimes", "").split(";")]
        assert times == sorted(times)
        assert times[0] == 0
        assert len(times) == len(one.get("values", "").split(";"))
    still = [group for group in root.iter(f"{SVG}g") if group.get("display") != "none"]
    shown = "".join(text for group in still for text in group.itertext())
    assert "verified" in shown


@pytest.mark.parametrize("task", [MazeTask(), ArcTask(), SudokuTask()])
def test_every_task_has_a_picture_even_unsolved(task: Any):
    film = film_of(task, task.example, [], "failed", None)
    assert len(film.scenes) == 2
    ElementTree.fromstring(svg(film))


def test_arc_shows_demonstrations_and_the_guess():
    task = ArcTask()
    scene = scene_of(task, task.example, ArcSolution(grids=(((0, 0), (0, 3)),)))
    assert scene.rows[0][0].fill == COLOURS[1]
    assert scene.rows[-1][-1].fill == COLOURS[3]


def test_what_a_task_writes_is_escaped():
    film = film_of(
        Hostile(), Words(text='<a href="x">&\0'), [("</text><b>", Words(text="<"))], "e", None
    )
    text = svg(film)
    assert "<script" not in text
    assert "<b>" not in text
    assert "<a " not in text
    ElementTree.fromstring(text)


def test_a_long_thinking_makes_a_film_of_bounded_length():
    film = sudoku_film([(f"segment {at}", EARLY) for at in range(500)])
    assert len(film.scenes) == len(film.captions) == MOST
    assert film.captions[-1] == "verified"


def test_a_gif_has_a_frame_for_each_scene(tmp_path):
    image = pytest.importorskip("PIL.Image")
    write_film(tmp_path / "film.gif", sudoku_film())
    opened = image.open(io.BytesIO((tmp_path / "film.gif").read_bytes()))
    assert opened.n_frames == 3


def test_other_endings_and_folders_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"svg or \.gif"):
        write_film(tmp_path / "film.png", sudoku_film())
    with pytest.raises(DataError, match="cannot be written"):
        write_film(tmp_path / "missing" / "film.svg", sudoku_film())


def test_a_task_may_draw_its_own_scene():
    class Drawn(Hostile):
        def scene(self, problem, solution, earlier):
            return Scene(((Cell("#123456", "x" if solution else "?"),),))

    said = Words(text="x")
    film = film_of(Drawn(), said, [("segment 1", said)], "verified", said)
    assert [scene.rows[0][0].text for scene in film.scenes] == ["?", "x", "x"]
    assert "#123456" in svg(film)
