"""Givens and found cells are told apart, in style on a terminal and side by side elsewhere."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from hrm_agent.cli.showing import FOUND, FRAME, FRESH, GIVEN, draw
from hrm_agent.cli.thinking import MOST, Animation, follow
from hrm_puzzles.maze import MazeProblem, MazeSolution, MazeTask
from hrm_puzzles.sudoku import SudokuProblem, SudokuSolution, SudokuTask
from hrm_router.answer import Answer, Part
from hrm_router.decision import Decision, FoundProblem
from hrm_router.events import Answered, Decided, Thinking


@pytest.fixture
def problem(puzzle):
    return SudokuProblem.model_validate({"grid": puzzle})


@pytest.fixture
def solution(solved):
    return SudokuSolution.model_validate({"grid": solved})


def styles(picture):
    """Every character that shows, with its style."""
    text = picture.plain
    return [
        (text[at], str(span.style)) for span in picture.spans for at in range(span.start, span.end)
    ]


def test_givens_and_found_cells_have_their_own_styles(problem, solution):
    shown = styles(draw(SudokuTask(), problem, solution, styled=True))
    digits = [(char, style) for char, style in shown if char.isdigit()]
    assert [style for _, style in digits].count(FOUND) == 51
    assert [style for _, style in digits].count(GIVEN) == 30
    assert {style for char, style in shown if char in "┌┬┐├┼┤└┴┘─│"} == {FRAME}


def test_frames_are_lines_with_corners_in_place(problem):
    lines = draw(SudokuTask(), problem, None, styled=True).plain.splitlines()
    assert lines[0] == "┌───────┬───────┬───────┐"
    assert lines[4] == "├───────┼───────┼───────┤"
    assert lines[12] == "└───────┴───────┴───────┘"


def test_what_changed_since_the_last_segment_stands_out(problem, solution, solved):
    earlier = SudokuSolution.model_validate({"grid": solved[:2] + "99" + solved[4:]})
    shown = styles(draw(SudokuTask(), problem, solution, styled=True, earlier=earlier))
    assert [char for char, style in shown if style == FRESH] == ["4", "6"]


def test_a_way_through_a_maze_stands_out():
    problem, way = MazeProblem(grid="S #\n  G"), MazeSolution(grid="S #\nooG")
    shown = styles(draw(MazeTask(), problem, way, styled=True))
    assert ("o", FOUND) in shown
    assert ("S", GIVEN) in shown
    assert ("#", FRAME) in shown
    plain = draw(MazeTask(), problem, way, styled=False).plain
    assert plain.splitlines() == ["S #      S #", "  G  ->  ooG"]


def test_pictures_of_another_shape_are_shown_as_they_are(problem, solution):
    class Wordy(SudokuTask):
        def render(self, problem, solution=None):
            return "a puzzle" if solution is None else "solved:\x1b[2J\nfour"

    for styled in (True, False):
        assert draw(Wordy(), problem, solution, styled=styled).plain == "solved:�[2J\nfour"


async def story(problem, solution, segments):
    """What a router tells of one problem."""
    found = FoundProblem(task="sudoku", problem=problem)
    yield Decided(Decision(route="specialist", task="sudoku", confidence=1, problems=(found,)))
    for segment in range(1, segments + 1):
        yield Thinking(0, "sudoku", segment, 0, None if segment == 1 else solution, 0.5)
    part = Part(status="verified", by="specialist", task="sudoku", problem=problem)
    yield Answered(Answer(route="specialist", text="", parts=(part,)))


@pytest.mark.parametrize("segments", [0, 3, 2000])
async def test_an_animation_shows_the_segments_and_leaves_nothing_behind(
    problem, solution, segments
):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80)
    shown = Animation(lambda: {"sudoku": SudokuTask()}, console, pace=0.0)
    answer, thoughts = await follow(story(problem, solution, segments), shown)
    assert len(thoughts) == segments
    assert answer.status == "verified"
    drawn = screen.getvalue()
    shown = [int(number) for number in dict.fromkeys(re.findall(r"segment (\d+)", drawn))]
    assert shown == sorted(shown)
    assert min(segments, 3) <= len(shown) <= 2 * MOST
    assert drawn.count("\x1b[?25l") == drawn.count("\x1b[?25h") > 0  # the cursor is back


async def test_an_error_in_the_stream_ends_the_animation(problem):
    async def broken():
        found = FoundProblem(task="sudoku", problem=problem)
        yield Decided(Decision(route="specialist", task="sudoku", confidence=1, problems=(found,)))
        raise TimeoutError("too late")

    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    shown = Animation(lambda: {"sudoku": SudokuTask()}, console, pace=0.0)
    with pytest.raises(TimeoutError, match="too late"):
        await follow(broken(), shown)
