"""What one call may take and spend: time, effort, LLM calls, money, privacy.

A typed, frozen object; a misspelt field is an error. Knows nothing of how the
limits are kept: `solve.py`, `attempting.py` and the LLM side do that.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt

from hrm_specialists.spelling import Spelled

WhenUnverified = Literal["llm", "effort", "return"]
"""What follows an attempt that was neither verified nor accepted."""

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Policy(Spelled):
    """Limits and wishes for one `solve`, or for all of a router's.

    Example:
        Policy(deadline=5.0, max_llm_calls=1, local_only=False)
    """

    model_config = ConfigDict(defer_build=True)

    deadline: Seconds = 60.0
    """Seconds for the whole call, loading and queueing included."""
    effort: Literal["low", "default", "max"] | Seconds = "default"
    """How hard specialists try at first: a name, or seconds."""
    when_unverified: WhenUnverified = "llm"
    """After a failed first attempt: `llm` tries harder and then asks the LLM,
    `effort` only tries harder, `return` hands back what there is."""
    seed: NonNegativeInt = 0
    """With the problem, decides all randomness of a specialist's search."""

    max_llm_calls: NonNegativeInt = 4
    """Requests that one solve may make, as the endpoint counts them: retries and repeats
    in another form included. LLMs of a list share them; each but the first may be asked
    once beyond them, if those before it failed."""
    total_tokens: PositiveInt | None = None
    """LLM tokens that one solve may use, prompt and completion together."""
    max_cost: PositiveFloat | None = None
    """What one solve may cost, in the currency of the LLM's prices.

    Only an LLM with known prices is asked under such a limit.
    """

    budget: str | None = None
    """Which of the router's `budgets` pays for the LLM besides, for a tenant or a purpose."""
    record: Literal["all", "marked", "none"] = "all"
    """LLM calls that a router with `record=` stores: all, those with `store: true` in
    their options, or none."""
    local_only: bool = False
    """Let nothing leave this machine: endpoints that are not on it are not asked."""
    private: frozenset[str] = frozenset()
    """Tasks to keep from LLMs, besides the specialists marked private."""
    ask_llm_to_route: bool = True
    """Let the LLM name the task and extract the problem where rules are unsure."""
    share_unclear_text: bool = False
    """Let unclear text go to the LLM even while a private specialist is registered."""
