"""What an endpoint turns out to take, and how its model writes: learned from its replies.

Servers differ in which fields of a request they refuse, and models in how they mark
their thoughts. Knows nothing of HTTP, budgets or retries.
"""

from __future__ import annotations

from hrm_router.llm.chat import LIMITS, USAGE, Body
from hrm_router.llm.replies import Collector
from hrm_router.llm.thoughts import thinks_by_name

NEW_LIMIT, OLD_LIMIT = LIMITS
MAX_REFUSED = 256
NOTHING: frozenset[str] = frozenset()


class Manners:
    """What one endpoint is known to take.

    Args:
        label: its host; OpenAI's own models refuse the old name of the limit on tokens,
            and most other servers know only that.
        thinks: whether replies begin inside a thought; None learns it from replies.
    """

    def __init__(self, label: str, thinks: bool | None) -> None:
        openai_itself = label.partition(":")[0].endswith((".openai.com", ".openai.azure.com"))
        self._limit_field = NEW_LIMIT if openai_itself else OLD_LIMIT
        self._refused: set[str] = set()
        self._takes_schemas = False
        self._thinks, self._learns = thinks, thinks is None

    def renames(self, without: frozenset[str] = NOTHING) -> bool:
        """Whether the limit on tokens goes by its new name alone."""
        return OLD_LIMIT in self._refused | without

    def limit_field(self, without: frozenset[str] = NOTHING) -> str:
        """The name of the limit on tokens."""
        return NEW_LIMIT if self.renames(without) else self._limit_field

    def plain(self, asked: Body, without: frozenset[str], *, last: bool) -> bool:
        """Whether to ask in the form that every server takes.

        Args:
            without: what this call was refused for already.
            last: whether no second request may follow; then a schema goes in words, unless
                the endpoint has taken one before.
        """
        if asked.wants & (self._refused | without):
            return True
        return last and bool(asked.wants - {USAGE}) and not self._takes_schemas

    def refused(
        self, wants: frozenset[str], without: frozenset[str], status: int, said: str
    ) -> frozenset[str] | None:
        """What to leave out of a call that was refused, if that may help; None if not.

        Args:
            wants: what it asks for that not every server knows.
            said: the endpoint's words; what they name is remembered at once.
        """
        said = said.lower()
        left = wants - self._refused - without
        if "stream_options" in said:
            self._refused.add(USAGE)
        if status in (400, 422) and OLD_LIMIT in said and NEW_LIMIT in said:
            self._refused.add(OLD_LIMIT)
            return frozenset({OLD_LIMIT}) if OLD_LIMIT not in without else None
        broke = status == 500 and left - {USAGE}  # on the schema, perhaps
        return left if left and (status in (400, 422, 501) or broke) else None

    def took(self, asked: Body, without: frozenset[str], *, plain: bool) -> None:
        """A call succeeded: it was right to leave that out, and what was sent is taken."""
        if len(self._refused) < MAX_REFUSED:
            self._refused |= without
        self._takes_schemas |= not plain and bool(asked.wants - {USAGE})

    def begins_inside(self, model: str | None) -> bool:
        """Whether a reply is taken to begin inside a thought."""
        return thinks_by_name(model) if self._thinks is None else self._thinks

    def heard(self, collector: Collector) -> None:
        """Learn from a whole reply how the model writes its thoughts."""
        if self._learns and collector.inside is not None:
            self._thinks = collector.inside
