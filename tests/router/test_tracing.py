"""Spans: one per solve, its stages below it, and nobody's words in them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hrm_agent.testing import ScriptedLLM, ScriptedSpecialist
from hrm_specialists.errors import UnknownSpecialist

trace = pytest.importorskip("opentelemetry.trace")
sdk = pytest.importorskip("opentelemetry.sdk.trace")

QUERY = "sort [3141, 1592, 6535] and explain the first number to a child"


@pytest.fixture
def spans(monkeypatch):
    """Finished spans, oldest first, of the test alone."""
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = sdk.TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    yield kept.get_finished_spans
    provider.shutdown()


async def test_a_solve_is_a_span_and_its_stages_are_below(router, sorting, sorted_, spans):
    one = router(
        ScriptedSpecialist(sorting, sorted_, segments=3),
        llm=ScriptedLLM("because", prices={"prompt": 1, "completion": 2}),
    )
    answer = await one.solve(QUERY)

    by_name = {span.name: span for span in spans()}
    assert sorted(span.name for span in spans()) == [
        "hrm.check",
        "hrm.decide",
        "hrm.dispatch",
        "hrm.llm",
        "hrm.read",
        "hrm.solve",
    ]
    root = by_name["hrm.solve"]
    assert root.parent is None
    assert dict(root.attributes) == {
        "hrm.solve_id": answer.solve_id,
        "hrm.route": "hybrid",
        "hrm.status": "answered",
        "hrm.llm_calls": 1,
    }
    for span in spans():
        assert span is root or span.parent.span_id == root.context.span_id
    assert by_name["hrm.decide"].attributes["hrm.task"] == "sorting"
    assert by_name["hrm.dispatch"].attributes["hrm.segments"] == 3
    assert by_name["hrm.check"].attributes["hrm.status"] == "verified"
    assert by_name["hrm.llm"].attributes["hrm.cost"] > 0


async def test_spans_hold_no_contents(router, sorting, sorted_, spans):
    one = router(ScriptedSpecialist(sorting, sorted_), llm=ScriptedLLM("a canary sings"))
    await one.solve(QUERY)
    with pytest.raises(UnknownSpecialist):
        await one.solve(QUERY, task="nobody")
    written = " ".join(span.to_json() for span in spans())
    for content in ("3141", "explain", "child", "canary"):
        assert content not in written


async def test_an_error_is_a_code(router, sorting, spans):
    broken = ScriptedSpecialist(sorting, ZeroDivisionError("secret"))
    answer = await router(broken, llm=ScriptedLLM('{"values": [1, 2]}')).solve("[2, 1]")
    assert answer.status == "verified"
    with pytest.raises(UnknownSpecialist):
        await router(broken).solve("[2, 1]", task="nobody")

    failed = [span for span in spans() if not span.status.is_ok]
    assert {span.name for span in failed} == {"hrm.dispatch", "hrm.read", "hrm.solve"}
    codes = {span.attributes["error.type"] for span in failed}
    assert codes == {"specialist_crashed", "unknown_specialist"}
    assert not any(span.events for span in spans())


async def test_spans_join_the_callers_own(router, sorting, sorted_, spans):
    one = router(ScriptedSpecialist(sorting, sorted_))
    with trace.get_tracer("caller").start_as_current_span("request") as request:
        await one.solve("[2, 1]")
        one.solve_sync("[2, 1]")
    roots = [span for span in spans() if span.name == "hrm.solve"]
    assert [span.parent.span_id for span in roots] == [request.get_span_context().span_id] * 2


def test_a_program_without_it_loads_none_of_it():
    code = """
import sys
from hrm_agent import Router
from hrm_router.settings import Settings
Router([], llm=None, settings=Settings()).solve_sync("")
print(any(name.startswith("opentelemetry") for name in sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False"], done.stderr
