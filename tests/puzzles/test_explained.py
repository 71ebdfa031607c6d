"""What a text says of characters, places and sizes agrees with the reading, or costs trust."""

from __future__ import annotations

from fresh.rules import MAZE, SUDOKU, rules

from hrm_puzzles.maze import MazeTask
from hrm_puzzles.sudoku import SudokuTask
from hrm_router.deciding import Decider

TASKS = {"sudoku": (SudokuTask(), SUDOKU), "maze": (MazeTask(), MAZE)}


def told(task: str, said: str) -> tuple[list[str], list[str]]:
    """What agrees with the reading and what does not, in the words of `said`."""
    reader, problem = TASKS[task]
    text = f"{said}\n{problem}"
    (claim,) = reader.read(text)
    return [text[a:b] for a, b in claim.explained], [text[a:b] for a, b in claim.doubtful]


def test_what_agrees_is_explained() -> None:
    for task, said, agreed in (
        ("maze", "S is the start, G the goal, # wall, . floor", "S start G goal # wall . floor"),
        ("maze", "Die Maus bei S hat Hunger, der Käse liegt bei G.", "S G"),
        ("maze", "S'den G'ye en kısa yolu bul", "S G"),
        ("maze", "SからGまで一番短い道", "S G"),
        ("maze", "# दीवार है, . रास्ता है", "# दीवार . रास्ता"),
        ("maze", "It is 11 by 7.", "11 by 7"),
        ("maze", "I start in the top left.", "start top left"),
        ("maze", "start (1,1), goal (5,9)", "start (1,1) goal (5,9)"),
        ("sudoku", "Dots are empty cells.", "Dots empty"),
        ("sudoku", "Las casillas vacías llevan un punto.", "vacías punto"),
        ("sudoku", "空欄は.で表します", "空 ."),
    ):
        found, doubtful = told(task, said)
        assert (" ".join(found), doubtful) == (agreed, []), said


def test_the_way_from_start_to_goal_is_explained_however_it_is_written() -> None:
    for said in (
        *("S -> G", "S=>G", "S→G", "S --> G", "S ⇒ G", "S - G", "S, G", "(S to G)", "path(S, G)"),
        *("Find the path between S and G", "the path between G and S", "connect S with G"),
        *(
            "z S do G",
            "od S do G",
            "do S até o G",
            "de la S la G",
            "desde la salida S hasta la meta G",
        ),
        *("S noktasından G noktasına", "La souris est en S, le fromage en G", "start S → goal G"),
        *("Need the shortest path S -> G.", "from the S to the G", "mellan S och G", "S에서 G까지"),
    ):
        found, doubtful = told("maze", said)
        assert {"S", "G"} <= set(found), said
        assert not doubtful, said


def test_an_arrow_from_the_goal_to_the_start_turns_the_maze() -> None:
    for said in ("G -> S", "from G to S", "G→S", "G to S"):
        (claim,) = TASKS["maze"][0].read(f"{said}\n#####\n#S.G#\n#####")
        assert claim.problem.grid[1] == (0, 3, 1, 2, 0), said
        assert not claim.doubtful, said


def test_what_a_character_is_called_is_left_to_the_reader_of_sentences() -> None:
    for task, said in (
        ("maze", "S is the tractor gate"),
        ("maze", "hashes are yew trees' neighbours"),
        ("sudoku", "C'est pour le tableau"),
        ("sudoku", "Each of the empty ones is a space"),
        ("maze", "#은 벽이에요. 길을 찾아 주세요."),
    ):
        assert not told(task, said)[1], said


def test_what_contradicts_is_doubtful() -> None:
    for task, said in (
        ("maze", "From G back to S please."),
        ("maze", "Bring me from the goal to the start."),
        ("maze", "'S' means impassable"),
        ("maze", "I am at G"),
        ("maze", "Beginning at G's end."),
        ("maze", "It is 16 by 16."),
        ("maze", "Find the path that is shortest in time, not steps."),
        ("maze", "Fastest by total cost, please."),
        ("maze", "The exit is in the top left corner."),
        ("maze", "start (3,3), goal (5,9)"),
        ("maze", "k = 1"),
        ("sudoku", "5 means empty"),
        ("sudoku", "zeros are blanks"),
    ):
        assert told(task, said)[1], said


def test_rules_composed_of_word_classes_leave_a_doubt() -> None:
    """Of 600, one does not: "one-way style, as usual." is made of harmless words.

    A few readings honour what is said, as in "GからSまで": then nothing contradicts.
    """
    decider = Decider([task for task, _ in TASKS.values()])
    passed = []
    for text in rules(300, seed=7):
        decision = decider.decide(text)
        if decision.problems and not all(one.doubt for one in decision.problems):
            passed.append(text)
    assert len(passed) <= 6, passed
