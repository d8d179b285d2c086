"""The openings of tool calls wait for their arguments; what comes behind them waits too."""

import pytest

from gateway.core.segments import Json
from gateway.stages.held_calls import EventQueue, HeldCalls
from gateway.testing.chat import chunk
from gateway.wire.chat import ChatDialect

ONE, TWO = (0, "tool_call:1"), (0, "tool_call:2")


def event(number: int) -> Json:
    return {"number": number}


def test_events_wait_behind_a_call_until_it_is_judged() -> None:
    queue = EventQueue()
    queue.add(event(0))
    queue.open(event(1), ONE)
    queue.add(event(2))
    assert queue.ready() == [event(0)]
    queue.judged([ONE])
    assert queue.ready() == [event(1), event(2)]


def test_events_of_calls_side_by_side_come_call_by_call() -> None:
    queue = EventQueue()
    queue.open(event(1), ONE)
    queue.open(event(2), TWO)
    queue.add(event(10), ONE)
    queue.judged([ONE])
    assert queue.ready() == [event(1), event(10)]
    queue.add(event(11), ONE)
    queue.add(event(20), TWO)
    assert queue.ready() == [event(11)]
    queue.judged()
    assert queue.ready() == [event(2), event(20)]


def test_a_call_that_is_opened_twice_in_the_same_words_is_opened_once() -> None:
    held = HeldCalls()
    for number in (1, 1, 2):
        held.hold({ONE: event(number)})
    assert held.of([0]) == [ONE]
    assert held.of([1]) == []
    assert held.take(ONE) == [event(1), event(2)]
    assert held.take(ONE) == []


@pytest.mark.parametrize(
    ("delta", "left", "opened"),
    [
        ({"content": "x"}, {"content": "x"}, []),
        (
            {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": ""}}]},
            [{"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}]}],
        ),
        (
            {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]},
            [{"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}]}],
        ),
        ({"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f"}}]}, {}, [
            {"tool_calls": [{"index": 0, "id": "c", "function": {"name": "f"}}]}]),
        (
            {"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]},
            {"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]},
            [],
        ),
        (
            {"tool_calls": [{"index": 0, "id": "c", "custom": {"name": "f", "input": "x"}}]},
            {"tool_calls": [{"index": 0, "custom": {"input": "x"}}]},
            [{"tool_calls": [{"index": 0, "id": "c", "custom": {"name": "f", "input": ""}}]}],
        ),
        (
            {"function_call": {"name": "f", "arguments": "{"}},
            {"function_call": {"arguments": "{"}},
            [{"function_call": {"name": "f", "arguments": ""}}],
        ),
    ],
)  # fmt: skip
def test_names_and_ids_of_chat_calls_are_parted_from_their_arguments(
    delta: Json, left: Json, opened: list[Json]
) -> None:
    document = chunk("m", delta)
    rest, calls = ChatDialect().calls(document)
    assert rest["choices"][0]["delta"] == left
    assert [c["choices"][0]["delta"] for c in calls.values()] == opened
