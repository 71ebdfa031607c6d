"""Mazes as a task: codec, checker, symmetries, text.

The checker searches to judge a way that it is shown; nothing on this path can
find one.
"""

from __future__ import annotations

import random
from functools import cached_property
from pathlib import Path

from hrm_puzzles.maze import checking
from hrm_puzzles.maze.arguments import MazeArguments
from hrm_puzzles.maze.models import LARGEST, PATH, MazeProblem, MazeSolution, draw
from hrm_puzzles.maze.reading import look
from hrm_puzzles.second_checker import judges_maze
from hrm_specialists.codec import GridCodec
from hrm_specialists.contract import Claim, NearMiss, Symmetry, Task, Verdict
from hrm_specialists.scene import Cell, Scene
from hrm_specialists.symmetries import MOVES, Symmetries

_EIGHT = Symmetries(tuple(range(len(MOVES))))
_COLOURS = ("#1e293b", "#f8fafc", "#16a34a", "#dc2626", "#60a5fa")
_FRESH = (*_COLOURS[:1], "#e0e7ff", *_COLOURS[2:4], "#2563eb")
"""Wall, floor, start, goal and path, as they are and where they changed."""


class MazeTask(Task[MazeProblem, MazeSolution]):
    """Mark a shortest way from start to goal.

    Args:
        size: rows and columns of the canvas on which mazes are laid, at most
            30. A smaller one takes smaller mazes only, and far less time.
    """

    name = "maze"
    title = "Maze"
    description = "Finds a shortest path through a maze on a grid and checks it."
    Problem = MazeProblem
    Solution = MazeSolution
    Arguments = MazeArguments
    reads_at_once = True
    around = Path(__file__).with_name("around.txt").read_text("utf-8")
    example = MazeProblem.model_validate(
        {"grid": ["######", "#S   #", "# ## #", "#   G#", "######"]}
    )

    def __init__(self, size: int = LARGEST) -> None:
        self.size = size

    canvases = (10, 15, 20, LARGEST)

    def on_canvas(self, side: int) -> MazeTask:
        """The same task for mazes of at most `side` rows and columns.

        Raises:
            ConfigError: no maze is laid on such a canvas.
        """
        if side not in self.canvases:
            return super().on_canvas(side)  # type: ignore[return-value]
        return MazeTask(side)

    def augment(
        self, problem: MazeProblem, solution: MazeSolution, rng: random.Random
    ) -> tuple[MazeProblem, MazeSolution]:
        """The maze turned or flipped, with the way that the same rule marks in it.

        Turning the marked way along would not do: of many shortest ways the
        rule takes another one then, and no network could tell which.
        """
        from hrm_puzzles.maze.augmenting import turned

        return turned(problem, rng)

    @cached_property
    def codec(self) -> GridCodec[MazeProblem, MazeSolution]:
        """A square canvas; 6 tokens: padding, wall, floor, start, goal, way."""
        return GridCodec(MazeProblem, MazeSolution, height=self.size, width=self.size, symbols=5)

    def read(self, text: str) -> list[Claim[MazeProblem]]:
        """Drawn mazes and matrices with a start and a goal; see `reading`."""
        return list(look(text)[0])

    def near_misses(self, text: str) -> list[NearMiss]:
        """Why what looks like a maze was not read as one; see `reading`."""
        return list(look(text)[1])

    def impossible(self, problem: MazeProblem) -> str | None:
        """Say at once that the goal cannot be reached."""
        return None if checking.distance(problem.grid) is not None else checking.NO_WAY

    def check(self, problem: MazeProblem, solution: MazeSolution) -> Verdict:
        """Pass ways that are valid and as short as any; `details` tells the two apart."""
        return checking.check(problem, solution)

    def recheck(self, problem: MazeProblem, solution: MazeSolution) -> bool:
        """Ask the second checker."""
        return judges_maze(problem, solution)

    def symmetry(self, rng: random.Random) -> Symmetry:
        """One of the eight turns and flips of the canvas."""
        return _EIGHT.draw(self.codec, rng)

    def scene(
        self, problem: MazeProblem, solution: MazeSolution | None, earlier: MazeSolution | None
    ) -> Scene:
        """Walls dark, start green, goal red, the path blue; one cell for each, without lines."""
        shown = problem if solution is None else solution
        before = shown if earlier is None else earlier
        rows = tuple(
            tuple(
                Cell((_FRESH if new != old else _COLOURS)[new])
                for new, old in zip(*both, strict=True)
            )
            for both in zip(shown.grid, before.grid, strict=True)
        )
        return Scene(rows, lines=False, size=24 if len(rows) <= 15 else 14)

    def render(self, problem: MazeProblem, solution: MazeSolution | None = None) -> str:
        """Lines of `#`, space, `S`, `G` and `o`."""
        return draw((solution or problem).grid)

    def caption(self, problem: MazeProblem, solution: MazeSolution) -> str:
        """How many steps lead from start to goal."""
        marked = sum(cell == PATH for row in solution.grid for cell in row)
        return f"{marked + 1} step{'s' if marked else ''}"
