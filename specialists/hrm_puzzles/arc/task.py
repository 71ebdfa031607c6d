"""ARC as a task: its models, how it is asked for, how it is found in text.

There is no checker: whether a rule was inferred rightly is not in the problem.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hrm_puzzles.arc.models import ArcProblem, ArcSolution
from hrm_puzzles.arc.reading import look
from hrm_puzzles.arc.scene import scene
from hrm_specialists.contract import Claim, NearMiss, Task
from hrm_specialists.scene import Scene


class ArcTask(Task[ArcProblem, ArcSolution]):
    """Apply to new grids the rule that a few pairs of grids show."""

    name = "arc"
    title = "ARC"
    description = "Infers a grid transformation from examples and applies it to test grids."
    Problem = ArcProblem
    Solution = ArcSolution
    reads_at_once = True
    around = Path(__file__).with_name("around.txt").read_text("utf-8")
    example = ArcProblem.model_validate(
        {
            "train": [
                {"input": [[1, 0], [0, 0]], "output": [[0, 1], [0, 0]]},
                {"input": [[2, 0], [2, 0]], "output": [[0, 2], [0, 2]]},
            ],
            "test": [{"input": [[0, 0], [3, 0]]}],
        }
    )

    def read(self, text: str) -> list[Claim[ArcProblem]]:
        """Claim the published JSON form and grids labelled as inputs and outputs."""
        return list(look(text)[0])

    def near_misses(self, text: str) -> list[NearMiss]:
        """Why what looks like an ARC task was not read as one; see `reading`."""
        return list(look(text)[1])

    def published(self, content: Any) -> list[tuple[Any, Any]]:
        """One task or many by name; outputs stand beside the test inputs, or are missing."""
        tasks = {"": content} if isinstance(content, dict) and "train" in content else content
        try:
            return [_published(tasks[name]) for name in sorted(tasks)]
        except (LookupError, TypeError):
            raise ValueError(
                "expected an ARC task with 'train' and 'test', or an object of such by name"
            ) from None

    def right_within_two(self, reference: ArcSolution, solution: ArcSolution) -> bool:
        """Whether each output is right with the first or the second guess."""
        guesses = zip(solution.grids, solution.second or solution.grids, strict=True)
        return all(wanted in guess for wanted, guess in zip(reference.grids, guesses, strict=True))

    def scene(
        self, problem: ArcProblem, solution: ArcSolution | None, earlier: ArcSolution | None
    ) -> Scene:
        """Pairs of coloured grids, one below the other."""
        return scene(problem, solution)

    def render(self, problem: ArcProblem, solution: ArcSolution | None = None) -> str:
        """Labelled grids of digits, a blank line between them."""
        if solution is not None:
            return "\n\n".join(map(_lines, solution.grids))
        shown = []
        for number, pair in enumerate(problem.train, 1):
            shown.append(f"Input {number}:\n{_lines(pair.input)}")
            shown.append(f"Output {number}:\n{_lines(pair.output)}")
        shown += [f"Test input:\n{_lines(test.input)}" for test in problem.test]
        return "\n\n".join(shown)


def _published(task: Any) -> tuple[Any, Any]:
    tests = task["test"]
    problem = {"train": task["train"], "test": [{"input": test["input"]} for test in tests]}
    known = all("output" in test for test in tests)
    return problem, {"grids": [test["output"] for test in tests]} if known else None


def _lines(grid: tuple[tuple[int, ...], ...]) -> str:
    return "\n".join(" ".join(map(str, row)) for row in grid)
