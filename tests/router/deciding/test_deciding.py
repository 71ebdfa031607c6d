"""Where queries go, and why: the fixed order of the decision."""

from __future__ import annotations

import threading

import pytest

from hrm_puzzles.arc import ArcTask
from hrm_puzzles.sudoku import SudokuProblem, SudokuTask
from hrm_router.classifier import Example, TextClassifier
from hrm_router.deciding import Decider, LabelledQuery, decide
from hrm_router.reading import Reading, read_text

LINE = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
WORDS = (("cat", "it purrs"), ("cat", "it says miaow"), ("dog", "it barks"), ("dog", "good boy"))
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
    unclear = decider.decide("can you complete my sudoku please")

    assert {item.signal for item in claimed.evidence} == {"structure", "residual"}
    assert "classifier" in {item.signal for item in unclear.evidence}
    assert "haiku" in claimed.explain()


def test_without_tasks_everything_goes_to_the_llm() -> None:
    assert decide(f"Solve this: {LINE}", tasks=[]).route == "llm"


def test_a_task_without_phrases_still_gets_its_problems() -> None:
    class Plain(SudokuTask):
        name = "plain"
        phrases = ()

    assert decide(LINE, tasks=[Plain()]).task == "plain"
    assert decide("Tell me a joke.", tasks=[Plain()]).route == "llm"


def test_training_is_the_same_every_time() -> None:
    examples = [Example(text, label) for label, text in WORDS for _ in range(3)]
    first, second = (TextClassifier.train(examples) for _ in range(2))

    for _, text in WORDS:
        assert first.probabilities(text) == second.probabilities(text)


def test_what_stands_alone_waits_for_no_training() -> None:
    decider = Decider([SudokuTask()])
    for text in (LINE, f"\n{LINE}\n\n{LINE[::-1]}\n", "", "  \n"):
        reading = read_text(text, decider.tasks)
        assert decider.decides_at_once(text, reading)
        decision = decider.decide(text, reading)
        assert decision.route == ("specialist" if text.strip() else "none")
        assert decider.decides_at_once(text, reading)
    for text in (f"please solve {LINE}", "please solve my sudoku"):
        reading = read_text(text, decider.tasks)
        assert not decider.decides_at_once(text, reading)
        decider.decide(text, reading)
        assert decider.decides_at_once(text, reading)


def test_threads_share_one_training() -> None:
    decider = Decider([SudokuTask()])
    seen = []

    def ask() -> None:
        seen.append(decider.decide("please solve my sudoku"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(seen) == 4
    assert decider.decides_at_once("please solve my sudoku", Reading())
    assert all(decision == seen[0] for decision in seen)


@pytest.mark.parametrize(
    ("query", "label", "route"),
    [
        ("kindly grok the numbrix", "sudoku", "llm"),
        (f"{LINE}\nQuux the frobnicator, splendidly.", "hybrid", "hybrid"),
        (f"{LINE}\nWibble my wobble, vicar.", "sudoku", "specialist"),
    ],
)
def test_labelled_queries_teach_new_words(query: str, label: str, route: str) -> None:
    """A user's own vocabulary is learned from a handful of queries."""
    taught = Decider([SudokuTask()]).fitted(
        LabelledQuery(query=query.replace(",", mark), label=label) for mark in (",", ";", " -", "")
    )

    decision = taught.decide(query)

    assert decision.route == route
    if not decision.problems:
        assert decision.suspects == (label,)


def test_long_prose_is_decided_on_its_ends(decider: Decider) -> None:
    prose = "The train was late and the river was high. " * 400
    text = f"{prose}\n{ROWS}\nPlease solve it and write a limerick about the river."

    decision = decider.decide(text, read_text(text, decider.tasks))

    assert decision.route == "hybrid"
    assert "limerick" in decision.residual
