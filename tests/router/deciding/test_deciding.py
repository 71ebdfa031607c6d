"""Where queries go, and why: the fixed order of the decision."""

from __future__ import annotations

import json

import pytest

from hrm_puzzles.arc import ArcTask
from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuProblem, SudokuTask
from hrm_router.deciding import Decider, LabelledQuery
from hrm_router.reading import Reading, read_text
from hrm_specialists.contract import NearMiss

LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ROWS = "\n".join(LINE[at : at + 9] for at in range(0, 81, 9))


def test_a_bare_problem_goes_to_its_specialist(decider: Decider) -> None:
    decision = decider.decide(ROWS)

    assert (decision.route, decision.task, decision.residual) == ("specialist", "sudoku", "")
    assert decision.problems[0].problem == SudokuProblem.model_validate({"grid": LINE})
    assert decision.problems[0].span == (0, len(ROWS))


def test_asking_politely_is_not_a_further_request(decider: Decider) -> None:
    decision = decider.decide(f"{LINE}\nCould you finish this for me, please?")

    assert (decision.route, decision.residual) == ("specialist", "")


def test_a_further_request_makes_it_hybrid_and_is_kept_in_the_askers_words(
    decider: Decider,
) -> None:
    decision = decider.decide(f"Solve this and explain the third row to a child.\n{ROWS}")

    assert decision.route == "hybrid"
    assert decision.residual == "explain the third row to a child."
    assert len(decision.problems) == 1


def test_several_problems_of_several_tasks_are_found_in_order(decider: Decider) -> None:
    arc = ArcTask()
    assert arc.example is not None
    text = f"Solve both.\n\n{ROWS}\n\nand\n\n{arc.render(arc.example)}\n"

    decision = decider.decide(text)

    assert [found.task for found in decision.problems] == ["sudoku", "arc"]
    assert decision.problems[1].problem == arc.example


def test_a_remark_beside_one_row_is_doubted_even_if_its_words_are_known(decider: Decider) -> None:
    for said in ("# no 7 here", "<- all odd", "(a hard one)"):
        for at in (0, 4, 8):
            rows = [row + f"  {said}" * (n == at) for n, row in enumerate(ROWS.split("\n"))]
            decision = decider.decide("\n".join(rows))
            assert decision.problems[0].doubt, (said, at)


def test_an_essay_goes_to_the_llm(decider: Decider) -> None:
    decision = decider.decide("Write a short poem about a sudoku that refuses to be finished.")

    assert (decision.route, decision.task, decision.unclear) == ("llm", None, False)


def test_a_request_without_its_problem_is_unclear_and_names_the_suspect(decider: Decider) -> None:
    decision = decider.decide("Please solve my sudoku for me")

    assert (decision.route, decision.task, decision.unclear) == ("llm", None, True)
    assert decision.suspects[0] == "sudoku"
    assert decision.problems == ()


def test_nothing_asked_goes_nowhere(decider: Decider) -> None:
    assert decider.decide(" \n ").route == "none"


def test_a_tie_of_tasks_is_unclear(decider: Decider) -> None:
    decision = decider.decide("Solve {}", Reading(tied=("arc", "sudoku")))

    assert decision.unclear
    assert decision.suspects == ("arc", "sudoku")


def test_every_decision_carries_its_evidence(decider: Decider) -> None:
    claimed = decider.decide(f"Solve this, then write a haiku about it.\n{LINE}")
    nearly = decider.decide(f"Solve this sudoku: {LINE[:-1]}")

    assert {item.signal for item in claimed.evidence} == {"structure", "asking"}
    assert "sudoku" in {item.task for item in nearly.evidence}
    assert "haiku" in claimed.explain()


def test_what_looks_like_a_problem_and_was_not_read_is_unclear(decider: Decider) -> None:
    decision = decider.decide(f"Solve this sudoku: {LINE[:-1]}")

    assert (decision.route, decision.unclear) == ("llm", True)
    assert decision.suspects[0] == "sudoku"


def test_a_sentence_that_is_not_understood_leaves_a_doubt(decider: Decider) -> None:
    decision = decider.decide(f"Solve this.\n{ROWS}\nThe board is a torus.")

    assert (decision.route, decision.unclear) == ("specialist", True)
    assert decision.unread == ("The board is a torus.",)
    assert "torus" in decision.problems[0].doubt


def test_a_second_puzzle_that_is_nearly_one_is_not_dropped() -> None:
    class Careful(SudokuTask):
        def near_misses(self, text: str) -> list[NearMiss]:
            return [NearMiss("80 cells", (len(text) - 80, len(text)))]

    decision = Decider([Careful()]).decide(f"Solve both.\n\n{LINE}\n\n{LINE[:-1]}")

    assert len(decision.problems) == 1
    assert decision.unclear
    assert decision.suspects == ("sudoku",)
    assert "80 cells" in decision.unread[-1]


def test_without_tasks_everything_goes_to_the_llm() -> None:
    assert Decider([]).decide(f"Solve this: {LINE}").route == "llm"


def test_a_task_without_phrases_still_gets_its_problems() -> None:
    class Plain(SudokuTask):
        name = "plain"
        phrases = ()

    assert Decider([Plain()]).decide(LINE).task == "plain"
    assert Decider([Plain()]).decide("Tell me a joke.").route == "llm"


def test_nothing_is_trained_where_no_intent_is_registered() -> None:
    decider = Decider([SudokuTask()])
    for text in (LINE, f"please solve {LINE}", "please solve my sudoku", "write a poem", ""):
        assert decider.decides_at_once(read_text(text, decider.tasks))


@pytest.mark.parametrize(
    ("label", "route", "unread"),
    [("hybrid", "hybrid", False), ("sudoku", "specialist", False), (None, "specialist", True)],
)
def test_labelled_queries_teach_sentences(label: str | None, route: str, unread: bool) -> None:
    query = f"{LINE}\nWibble my wobble, vicar."
    lessons = () if label is None else (LabelledQuery(query=query, label=label),)

    decision = Decider([SudokuTask()], lessons).decide(query.replace("Wibble", "WIBBLE"))

    assert (decision.route, bool(decision.unread)) == (route, unread)


def test_a_long_text_around_a_problem_is_unclear(decider: Decider) -> None:
    prose = "The train was late and the river was high. " * 400
    text = f"Please solve it and write a limerick about the river.\n{ROWS}\n{prose}"

    decision = decider.decide(text, read_text(text, decider.tasks))

    assert (decision.route, decision.unclear) == ("hybrid", True)
    assert "limerick" in decision.residual


def test_what_names_a_problem_is_read_as_words_around_it_are() -> None:
    decider = Decider([SudokuTask(), MazeTask()])
    line, rows = LINE, ROWS.split("\n")
    numbers = [[int(cell) if cell.isdigit() else 0 for cell in row] for row in rows]
    table = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows)
    named = [
        "{name}: " + line,
        "{name} = '" + line + "'",
        "{name} = np.array(" + str(numbers) + ")",
        "let {name} = " + str(numbers) + ";",
        "int {name}[9][9] = " + str(numbers).replace("[", "{{").replace("]", "}}") + ";",
        '{{"{name}": ' + json.dumps(rows) + "}}",
        '{{"{name}": "' + line + '"}}',
        '{{"{name}": {{"rows": ' + json.dumps(rows) + "}}}}",
        "```{name}\n" + "\n".join(rows) + "\n```",
        "<table class='{name}'>" + table + "</table>",
        "<table data-kind='{name}' data-puzzle='7'>" + table + "</table>",
    ]
    for form in named:
        for name in ("grid", "puzzle_1", "inputBoard", "my_sudoku"):
            found = decider.decide(form.format(name=name))
            assert len(found.problems) == 1, (form, name)
            assert not found.unread, (form, name, found.unread)
        for name in ("windoku", "diagonal_sudoku", "antiKnightGrid", "sudoku_x"):
            found = decider.decide(form.format(name=name))
            assert found.unread, (form, name)
            assert all(one.doubt for one in found.problems), (form, name)


def test_bare_numbers_and_signs_around_a_problem_may_be_data_or_a_rule() -> None:
    decider = Decider([SudokuTask(), MazeTask()])
    line, grid = LINE, ROWS
    regions = "\n\n112223333\n111222333\n411222333\n444555666\n444555666\n444555666"
    maze = "#####\n#S..#\n#.#.#\n#..G#\n#####"
    harmless = [
        f"17\n{grid}",
        f"2026-11-29 10:30\n{grid}\n12",
        f"1)\n{grid}\n\n2)\n{grid[::-1]}",
        f"🧩 {line} 🙏😀",
        "First line: width height, second: start x y, third: end x y.\n7 5\n1 1\n5 3\n"
        "1 1 1 1 1 1 1\n1 0 0 0 0 0 1\n1 0 1 1 1 0 1\n1 0 0 0 1 0 1\n1 1 1 1 1 1 1",
        f"👇\n{grid}",
        f"→ {line}",
        f"Here it is ⬇️\n{maze}\n⬆️",
        f"id,puzzle,solution\n1,{line},{line.replace('.', '1')}",
    ]
    for text in harmless:
        assert not decider.decide(text).unread, text
    telling = [
        f"35 10 0 12 7 8 2 0 5\n{grid}",
        f"{grid}\n\n[(0,2,4),(0,3,6)]",
        f"[[{line}],[1,2]]",
        f"[['{line}'],[1,2],[3,4]]",
        f"[{line!r},[[0,1,9]]]",
        f"Solve 🌡️ {line}",
        f"{grid}{regions}",
        f"{maze}\n\n1 1 5 9 1\n2 2 1 1 1",
        f"↗≠ {line}",
        f"♞ {line}",
        f"→ ↓\n{maze}",
        f"Solve this 👑 sudoku\n{grid}",
    ]
    for text in telling:
        found = decider.decide(text)
        assert found.unread, text
        assert all(one.doubt for one in found.problems), text


def test_a_maze_named_after_a_chess_piece_may_be_for_its_moves() -> None:
    decider = Decider([MazeTask()])
    maze = "#####\n#S..#\n#.#.#\n#..G#\n#####"
    for title in ("Knight's Maze", "A knight's maze", "knight maze", "Rook's maze"):
        assert decider.decide(f"{title}\n{maze}").unread, title
    for title in ("Dad's maze", "Help the knight reach the goal", "Get the knight from S to G"):
        assert not decider.decide(f"{title}\n{maze}").unread, title
