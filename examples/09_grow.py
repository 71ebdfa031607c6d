"""An LLM's answers become a local specialist, and the bill falls.

A help desk asks an LLM which queue a ticket belongs to. The first calls are recorded;
`distil` trains a candidate on them; the router tries it beside the LLM, promotes it when
it has proved itself, and from then on most tickets cost nothing. The LLM here is a script
that is wrong now and then, so that the example runs offline.

    python examples/09_grow.py
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from pathlib import Path

from hrm_agent import Gate, Grow, Policy, Router, Traffic, distil
from hrm_agent.growing import find_family
from hrm_agent.testing import ScriptedLLM
from hrm_router.settings import Settings

QUEUES = ("network", "printing", "accounts")
WORDS = {
    "network": ("wifi", "vpn", "connection", "router", "ethernet", "slow internet"),
    "printing": ("printer", "toner", "paper jam", "scanner", "print queue", "duplex"),
    "accounts": ("password", "login", "locked out", "two-factor", "permissions", "new user"),
}
FILLER = (
    "please help",
    "since monday",
    "in room {n}",
    "again",
    "urgent",
    "for my team",
    "on floor {n}",
)
SYSTEM = "Sort the ticket into one queue: network, printing or accounts. Answer with one word."
WRONG = 0.03
"""Share of the LLM's answers that are wrong."""


def ticket(rng: random.Random) -> tuple[str, str]:
    """A ticket and the queue it belongs to."""
    queue = rng.choice(QUEUES)
    said = [rng.choice(WORDS[queue]), *rng.sample(FILLER, rng.randint(1, 3))]
    rng.shuffle(said)
    return " ".join(said).format(n=rng.randint(1, 60)), queue


def llm_for(rng: random.Random) -> ScriptedLLM:
    """An LLM that is right 97 times in a hundred."""

    def reply(request) -> str:
        text = request.messages[-1]["content"]
        right = next(q for q in QUEUES if any(word in text for word in WORDS[q]))
        return rng.choice(QUEUES) if rng.random() < WRONG else right

    return ScriptedLLM(reply)


async def ask(router: Router, rng: random.Random, calls: int) -> tuple[int, int]:
    """Send tickets; returns how many the LLM answered, and how many answers were right."""
    by_llm = right = 0
    for _ in range(calls):
        text, queue = ticket(rng)
        chat = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]
        answer = await router.solve(chat)
        by_llm += answer.route == "llm"
        right += answer.text == queue
    return by_llm, right


async def main() -> None:
    """Record, distil, try, promote, and count."""
    rng, home = random.Random(0), Path(tempfile.mkdtemp())
    traffic = Traffic(f"sqlite:///{home / 'traffic.db'}")
    root, gate = home / "specialists", Gate(accuracy=0.9, trials=100)
    grow = Grow(gate=gate, shadow=1.0, auto=True, root=root, seed=0)
    bill = []
    async with Router(
        [],
        llm=llm_for(rng),
        settings=Settings(),
        policy=Policy(deadline=10.0),
        record=traffic,
        grow=grow,
    ) as router:
        bill.append(("recording", *await ask(router, rng, 1_000)))
        traffic.flush()
        family = find_family(traffic.store.rows(), "sort-the-ticket-into")
        made = await asyncio.to_thread(
            distil, family, name="triage", trust="all", minutes=0.5, root=root
        )
        later = made.later
        print(f"candidate {made.name} {made.version}: on {later.examples} later tickets it accepts")
        print(f"{later.accepted} and says what the LLM said in {100 * (later.accuracy or 0):.0f} %")

        for period in ("trying", "answering", "answering"):
            bill.append((period, *await ask(router, rng, 500)))
            await asyncio.to_thread(router.growth.flush)
        for shown in router.growth.shown:
            print(f"{shown.specialist} {shown.version} is {shown.state}: {shown.standing}")

    print(f"\n{'':10}  {'LLM calls':>10}  {'right':>6}")
    for period, by_llm, right in bill:
        of = 1_000 if period == "recording" else 500
        print(f"{period:10}  {by_llm:6} of {of:4}  {100 * right / of:5.1f} %")
    print(json.dumps({"llm_share": bill[-1][1] / 500, "right": bill[-1][2] / 500}))


if __name__ == "__main__":
    asyncio.run(main())
