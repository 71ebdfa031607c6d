"""One query that holds a puzzle and a question about it.

    python examples/02_route_with_llm.py

The puzzle goes to a specialist, the question to an LLM that is given the
verified solution. Set HRM_AGENT_BASE_URL (and HRM_AGENT_MODEL, if the endpoint
serves several) to use a real one; without, a scripted one stands in.
"""

from __future__ import annotations

import asyncio
import os

from hrm_agent import LLM, Policy, Router
from hrm_agent.testing import ScriptedLLM

GRID = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
QUERIES = (
    f"Solve {GRID} and explain to a child how to begin.",
    f"{GRID}",
    "Which wine goes with mushrooms?",
)


def language_model() -> LLM | ScriptedLLM:
    """The endpoint from the environment, or a stand-in that says what it is told to."""
    url = os.environ.get("HRM_AGENT_BASE_URL")
    if url:
        return LLM(url, model=os.environ.get("HRM_AGENT_MODEL"))
    return ScriptedLLM(
        "Look at the box in the middle: four of its nine cells are given already.",
        "A Pinot noir, or a dry cider.",
    )


async def main() -> None:
    router = Router(
        specialists=["sudoku"],
        llm=language_model(),
        policy=Policy(deadline=60.0, max_llm_calls=2),
    )
    async with router:
        for query in QUERIES:
            answer = await router.solve(query)
            print(f"> {query}\n{answer}")
            print(f"  by way of {answer.route}, {answer.usage.llm_calls} LLM calls\n")


if __name__ == "__main__":
    asyncio.run(main())
