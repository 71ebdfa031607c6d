"""Solve a Sudoku that stands in the middle of a sentence.

    python examples/01_solve.py

No language model, no network: a specialist on this machine, and its checker.
"""

from __future__ import annotations

import asyncio

from hrm_agent import Router

QUERY = """My newspaper printed this one; could you finish it for me?

5 3 . | . 7 . | . . .
6 . . | 1 9 5 | . . .
. 9 8 | . . . | . 6 .
------+-------+------
8 . . | . 6 . | . . 3
4 . . | 8 . 3 | . . 1
7 . . | . 2 . | . . 6
------+-------+------
. 6 . | . . . | 2 8 .
. . . | 4 1 9 | . . 5
. . . | . 8 . | . 7 9
"""


async def main() -> None:
    async with Router() as router:
        answer = await router.solve(QUERY)
        print(answer)
        print()
        print(answer.explain())


if __name__ == "__main__":
    asyncio.run(main())
