"""Calls of one kind find together, and what changes between them is the problem."""

from __future__ import annotations

import random

from recorded import row

from hrm_router.traffic.curate import curate
from hrm_router.traffic.families import families, problem_of
from hrm_router.traffic.rows import Chat

QUEUES = ("urgent", "standard", "backlog")


def worded(texts, system="", **more):
    return [row(text, QUEUES[n % 3], system=system, **more) for n, text in enumerate(texts)]


def key(messages):
    return Chat(messages=messages).key


def only(rows):
    found = families(rows)
    assert len(found) == 1, [one.name for one in found]
    return found[0]


def test_the_wording_around_texts_is_found_whatever_it_is():
    random.seed(0)
    words = [
        "printer",
        "login",
        "broken",
        "slow",
        "invoice",
        "please",
        "error",
        "again",
        "cannot",
        "open",
    ]
    tickets = [" ".join(random.choices(words, k=random.randint(3, 9))) for _ in range(60)]
    wordings = [
        ("", ""),
        ("Classify this ticket as urgent, standard or backlog: ", ""),
        ('Ticket: "', '"\nAnswer with one word.'),
        ("Welche Warteschlange?\n---\n", "\n---\n"),
    ]
    for before, after in wordings:
        family = only(worded([before + one + after for one in tickets], system="You sort tickets."))
        problems = [problem for _, problem, _ in family.pairs]
        assert problems == tickets, (before, after)
        assert family.answers == "label"


def test_json_in_a_message_is_the_problem_with_or_without_words_around():
    records = [{"priority": "high", "age": n, "region": "eu"} for n in range(40)]
    for before in ("", "Which queue? "):
        texts = [before + str(one).replace("'", '"') for one in records]
        family = only(worded(texts, system="s"))
        assert [problem for _, problem, _ in family.pairs] == records


def test_what_the_caller_names_decides():
    rows = worded(["a one", "b two"], task="triage") + worded(["c three"], task="other")
    assert {one.name: len(one.rows) for one in families(rows)} == {"triage": 2, "other": 1}
    assert Chat(messages=(), task="triage").key == "task:triage"


def test_schemas_tools_and_system_prompts_keep_families_apart():
    schema = {"title": "Route", "type": "object", "properties": {"queue": {"type": "string"}}}
    rows = [
        *[row(f"t{n}", {"queue": "x"}, kind="json", schema=schema) for n in range(3)],
        *[row(f"t{n}", {"city": "x"}, kind="tool", tool="weather") for n in range(3)],
        *worded([f"u{n}" for n in range(3)], system="You are a sorter."),
        *worded([f"v{n}" for n in range(3)], system="You are a poet."),
    ]
    names = {one.name for one in families(rows)}
    assert names == {"route", "weather", "you-are-a-sorter", "you-are-a-poet"}


def test_examples_in_every_call_are_shared_and_a_conversation_is_not():
    def talk(*texts):
        roles = ("user", "assistant")
        said = [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]
        return ({"role": "developer", "content": "Sort."}, *said)

    shown = {key(talk("ice", "cold", f"steam {n}")) for n in range(9)}
    assert len(shown) == 1
    assert len({key(talk(f"It is {n}.", "Yes.", "Is it hot?")) for n in range(9)}) == 9
    assert key(talk("steam 1")) not in shown
    result = {"role": "tool", "tool_call_id": "1", "content": "rain"}
    assert key((*talk("steam 1"), result)) != key(talk("steam 1"))


def test_open_talk_without_anything_shared_is_no_family():
    assert families(worded([f"question {n} about things" for n in range(5)])) == []
    assert families(worded(["hi", "what is love", "write a poem"])) == []


def test_a_template_that_shifts_in_the_middle_is_said_and_both_are_read():
    first = [f"Please sort the ticket {n * 7}" for n in range(60)]
    later = [f"New format, ticket follows >> {n * 7} <<" for n in range(50)]
    family = only(worded(first + later, system="s"))
    assert len(family.wordings) == 2
    assert "the wording changes: 2 templates of 60, 50 rows" in family.notes
    assert [problem for _, problem, _ in family.pairs] == [
        str(n * 7) for n in (*range(60), *range(50))
    ]
    assert problem_of("Something else 5", family.wordings) is None


def test_a_small_family_and_free_text_are_not_promising():
    small = only(worded([f"ticket {n}" for n in range(20)], task="t"))
    assert small.promising == "20 different problems; about 200 are needed"
    essays = [row(f"topic {n}", f"a long essay number {n} " * 9, task="t") for n in range(300)]
    assert only(essays).promising == "the answers are free text"


def test_answers_written_as_text_are_read_as_values():
    rows = [row(f"n {n}", f'```json\n{{"x": {n}}}\n```', task="t") for n in range(30)]
    family = only(rows)
    assert family.answers == "fields"
    assert family.pairs[3][2] == {"x": 3}


def test_only_rows_with_a_reason_are_learned():
    rows = [
        row("p 1", "a", task="t", verdict="checked", judged_by="checker"),
        row("p 2", "b", task="t", verdict="refused", judged_by="checker"),
        row("p 3", "a", task="t"),
        row("p 3", "a", task="t"),
        row("p 3", "b", task="t"),
        row("p 4", "a", task="t"),
        row("p 5", "a", task="t", verdict="approved", judged_by="ann"),
        row("p 5", "b", task="t", verdict="approved", judged_by="bob"),
        row("p 6", "a", task="t", verdict="approved"),
        row("p 6", "b", task="t", verdict="corrected", judged_by="ann"),
        row("p 7", "a", task="t"),
        row("p 7", "b", task="t"),
    ]
    found = curate(only(rows))
    assert {one.problem: (one.answer, one.because) for one in found.examples} == {
        "1": ("a", "checked by checker"),
        "3": ("a", "2 calls agree"),
        "6": ("b", "corrected by ann"),
    }
    assert found.refused == 1
    assert found.unjudged == 1
    assert sorted(problem for problem, _ in found.contradictions) == ["5", "7"]
    judged = curate(only(rows), trust="judged")
    assert sorted(one.problem for one in judged.examples) == ["1", "6"]
    assert "4" in {one.problem for one in curate(only(rows), trust="all").examples}


def test_no_answer_that_a_checker_refused_is_ever_learned():
    """A teacher that is wrong in one of ten: with a checker, nothing wrong gets through."""
    random.seed(3)
    rows = []
    for _ in range(2_000):
        number = random.randrange(400)
        wrong = random.random() < 0.1
        answer = str(number * 2 + wrong)
        verdict = "refused" if wrong else "checked"
        rows.append(row(f"double {number}", answer, task="double", verdict=verdict))
    found = curate(only(rows))
    assert len(found.examples) > 390
    assert all(int(one.answer) == 2 * int(one.problem) for one in found.examples)


def test_personal_data_is_warned_of():
    rows = [row(f"mail ann{n}@example.org now", "a", task="t") for n in range(3)]
    rows += [row(f"pay 4111 1111 1111 111{n}", "b", task="t") for n in range(2)]
    found = curate(only(rows), trust="all")
    assert found.personal == {"an e-mail address": 3, "a card number": 2}
