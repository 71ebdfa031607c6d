"""A user's own intents: phrases that lead to a function, a specialist or a name."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from hrm_agent import Intent, Policy
from hrm_agent.testing import ScriptedLLM
from hrm_router.deciding import Decider, LabelledQuery
from hrm_router.intent_model import IntentModel
from hrm_router.learning import load_lessons, save_lessons
from hrm_specialists.errors import ConfigError, DataError, SpecialistCrashed

PHRASES = {
    "refund": (
        "I want my money back",
        "please refund my order",
        "give me a refund for this purchase",
        "can I get my money back",
        "how do I get a refund",
        "refund the last order",
        "return my payment",
        "I would like a refund",
    ),
    "hours": (
        "when are you open",
        "what are your opening hours",
        "what time do you close",
        "are you open on sunday",
        "at what time do you open",
        "opening times please",
        "how late are you open today",
        "when does the shop close",
    ),
    "human": (
        "let me talk to a person",
        "I want to speak to a human",
        "connect me with support",
        "talk to someone",
        "get me an agent please",
        "can a human help me",
        "put me through to a person",
        "speak with customer service",
    ),
}
SAID = {
    "refund": ("could I have my money back please", "a refund, please"),
    "hours": ("when do you close tonight", "what hours are you open on friday"),
    "human": ("I need to talk to a human being", "please connect me to a person"),
}
OTHER = (
    "write a poem about the sea",
    "who won the world cup in 1998",
    "translate good morning into Polish",
    "what is the capital of Peru",
    "fix the bug in my parser",
    "how tall is a giraffe",
)


def intents(**handlers: object) -> list[Intent]:
    return [Intent(name, some, handlers.get(name)) for name, some in PHRASES.items()]  # type: ignore[arg-type]


def tasks() -> list[object]:
    return [one.specialist().task for one in intents()]


@pytest.fixture(scope="module")
def taught() -> Decider:
    made = Decider(tasks())  # type: ignore[arg-type]
    made.prepare()
    return made


def test_messages_in_other_words_find_their_intent(taught: Decider) -> None:
    for name, texts in SAID.items():
        for text in texts:
            decision = taught.decide(text)
            first = decision.task or (decision.suspects or ("",))[0]
            assert first == name, (text, decision)


def test_messages_of_no_intent_are_never_claimed(taught: Decider) -> None:
    decisions = [taught.decide(text) for text in OTHER]
    assert [one.route for one in decisions] == ["llm"] * len(OTHER)
    assert sum(one.unclear for one in decisions) <= 2


def test_training_is_the_same_every_time(taught: Decider) -> None:
    again = IntentModel.train(PHRASES, {})
    first = IntentModel.train(PHRASES, {})
    for text in (*OTHER, *SAID["hours"]):
        assert first.guess(text) == again.guess(text)


def test_a_phrase_itself_is_its_intent_however_few_there_are() -> None:
    few = Intent("refund", phrases=["I want my money back", "Where are you?"])
    other = Intent("hours", phrases=["Opening times", "where are you"])
    alone = Decider([few.specialist().task])
    assert alone.decide("i want my money back!").task == "refund"
    assert alone.decide("what is the capital of Peru").task is None
    both = Decider([few.specialist().task, other.specialist().task])
    assert both.decide("Opening times?").task == "hours"
    assert both.decide("where are you").confidence < 0.99, "two intents have this phrase"


def test_an_intent_brings_its_own_threshold() -> None:
    never = [Intent(name, some, threshold=1.1) for name, some in PHRASES.items()]
    decider = Decider([one.specialist().task for one in never])
    for texts in SAID.values():
        assert not decider.decide(texts[0]).problems


async def test_a_message_goes_to_its_handler(router) -> None:
    async def hours(text: str) -> dict[str, str]:
        await asyncio.sleep(0)
        return {"heard": text}

    one = router(*intents(refund=lambda text: "a refund is on its way", hours=hours), llm=None)

    refund = await one.solve("could I have my money back please")
    assert (refund.status, refund.text) == ("accepted", "a refund is on its way")
    told = await one.solve("when do you close tonight")
    assert told.solution.reply == {"heard": "when do you close tonight"}
    assert (await one.solve("please connect me to a person")).text == "human"
    assert (await one.solve(OTHER[0])).status == "abstained"


async def test_a_named_intent_takes_any_text(router) -> None:
    """What looks like JSON is a message too."""
    one = router(*intents(human=lambda text: text), llm=None)
    for text in ("42", "true", "whatever this is"):
        answer = await one.solve(text, task="human")
        assert (answer.status, answer.text) == ("accepted", text)


async def test_a_handler_that_fails_is_a_typed_error(router) -> None:
    def broken(text: str) -> str:
        raise RuntimeError("out of order")

    one = router(*intents(refund=broken), llm=ScriptedLLM("sorry"))
    with pytest.raises(SpecialistCrashed, match="out of order"):
        await one.solve("could I have my money back please", policy=Policy(max_llm_calls=0))


def test_what_was_learned_survives_in_a_file(taught: Decider, tmp_path) -> None:
    lessons = (LabelledQuery(query="gimme the dough back", label="refund"),)
    learned = Decider(tasks(), lessons)  # type: ignore[arg-type]
    learned.prepare()
    save_lessons(tmp_path / "routing.npz", lessons, learned.model)

    loaded, model = load_lessons(tmp_path / "routing.npz")
    again = Decider(tasks(), loaded, model)  # type: ignore[arg-type]

    assert loaded == lessons
    assert again.model is model, "nothing is trained anew"
    assert again.decide("gimme the dough back").task == "refund"
    for text in (*OTHER, *SAID["human"]):
        ours, theirs = learned.decide(text), again.decide(text)
        assert (ours.route, ours.task) == (theirs.route, theirs.task)
        assert ours.confidence == pytest.approx(theirs.confidence, abs=0.02)

    other = Decider([intents()[0].specialist().task], loaded, model)
    assert other.model is None, "a model of other intents is of no use"


def test_a_file_of_something_else_is_refused(tmp_path) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(b"nothing")
    with pytest.raises(DataError):
        load_lessons(path)
    np.savez(path, other=np.zeros(3))
    with pytest.raises(DataError):
        load_lessons(path)


def test_intents_that_could_never_be_routed_are_refused() -> None:
    for name, phrases in (("Refund!", ["x"]), ("refund", []), ("refund", "a text")):
        with pytest.raises(ConfigError):
            Intent(name, phrases)


@pytest.mark.slow
def test_forty_eight_intents_are_told_apart_in_unseen_wordings() -> None:
    """Of 180 ways to say each, 20 are phrases; messages of six more intents are none's."""
    acts = {
        "open": ("open", "create", "set up", "start"),
        "close": ("close", "cancel", "delete", "get rid of"),
        "find": ("where is", "show", "find", "look up"),
        "change": ("change", "edit", "update", "correct"),
        "send": ("send", "mail", "forward", "share"),
        "explain": ("what is", "explain", "tell me about", "how does it work with"),
    }
    things = (
        "account",
        "order",
        "invoice",
        "ticket",
        "card",
        "meeting",
        "route",
        "alarm",
        "recipe",
    )
    frames = (
        "{} {} {}",
        "please {} {} {}",
        "could you {} {} {} for me",
        "hey, i need you to {} {} {} now",
        "i can't {} {} {}, any ideas?",
    )
    random = np.random.default_rng(5)
    known, asked, outside = {}, [], []
    for thing in things:
        for act, verbs in acts.items():
            said = [
                frame.format(verb, which, thing)
                for frame in frames
                for verb in verbs
                for which in ("my", "the", "this", "that old", "our", "her", "his", "a", "")
            ]
            random.shuffle(said)
            if thing == things[-1]:
                outside += said[:20]
                continue
            known[f"{act}-{thing}"] = said[:20]
            asked += [(one, f"{act}-{thing}") for one in said[20:40]]

    model = IntentModel.train(known, {})
    guesses = [(model.guess(one), name) for one, name in asked]
    assert np.mean([guess.name == name for guess, name in guesses]) >= 0.99
    assert np.mean([guess.claimed and guess.name == name for guess, name in guesses]) >= 0.95
    assert np.mean([guess.claimed and guess.name != name for guess, name in guesses]) <= 0.005
    assert np.mean([model.guess(one).claimed for one in outside]) <= 0.02
