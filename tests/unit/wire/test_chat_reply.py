"""The texts of chat answers."""

import pytest

from gateway.core.segments import Json, get
from gateway.wire import chat_reply as reply
from gateway.wire.chat import ChatDialect


def delta(index: int = 0, finish: str | None = None, **inner: object) -> Json:
    choice = {"index": index, "delta": inner, "finish_reason": finish}
    return {"id": "c1", "created": 1, "model": "m", "choices": [choice]}


WHOLE: Json = {
    "id": "c1",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "logprobs": {"content": [{"token": "Hi"}]},
            "message": {
                "content": "Hi",
                "reasoning_content": "Hm.",
                "refusal": None,
                "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}],
            },
        },
        {"index": 1, "finish_reason": "stop", "message": {"content": [{"text": "part"}]}},
    ],
}


def test_pieces_cover_all_choices_reasoning_first_and_calls_last() -> None:
    found = [(p.choice, p.channel, p.text) for p in reply.pieces(WHOLE)]
    assert found == [
        (0, "reasoning", "Hm."),
        (0, "content", "Hi"),
        (0, "tool_call:0", "{}"),
        (1, "content", "part"),
    ]
    for piece in reply.pieces(WHOLE):
        assert get(WHOLE, piece.path) == piece.text


@pytest.mark.parametrize(
    ("document", "bare"),
    [
        (delta(content=""), True),
        (delta(), True),
        (delta(content="x"), False),
        (delta(role="assistant", content=""), False),
        (delta(finish="stop"), False),
        (delta(tool_calls=[{"index": 0, "function": {"arguments": ""}}]), True),
        (delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "f"}}]), False),
        ({"choices": [], "usage": {"total_tokens": 3}}, False),
    ],
)
def test_a_document_is_bare_when_it_says_nothing_any_more(document: Json, bare: bool) -> None:
    assert reply.bare(document) is bare


@pytest.mark.parametrize("channel", ["content", "reasoning", "refusal", "audio", "tool_call:2"])
def test_a_carrier_carries_its_text_in_its_lane(channel: str) -> None:
    made = reply.carrier(delta(), (3, channel), "text")
    (piece,) = reply.pieces(made)
    assert (piece.choice, piece.channel, piece.text) == (3, channel, "text")
    assert made["id"] == "c1"


def test_a_halted_choice_ends_by_content_filter_without_calls_or_log_probabilities() -> None:
    ended = reply.halted(WHOLE, 0, "content_filter")["choices"][0]
    assert ended["finish_reason"] == "content_filter"
    assert ended["logprobs"] is None
    assert "tool_calls" not in ended["message"]


def test_removing_the_only_choice_leaves_nothing_but_usage() -> None:
    assert reply.without(delta(content="x"), 0) is None
    assert reply.without({**delta(content="x"), "usage": {"total_tokens": 1}}, 0) is not None


def test_our_own_answers_read_the_same_streamed_and_whole() -> None:
    dialect = ChatDialect()
    (whole,) = dialect.answer("m", "Sorry.", stream=False, finish="content_filter")
    streamed = dialect.answer("m", "Sorry.", stream=True, finish="content_filter")
    assert whole["choices"][0]["message"]["content"] == "Sorry."
    text = "".join(p.text for document in streamed for p in reply.pieces(document))
    assert text == "Sorry."
    assert streamed[-1]["choices"][0]["finish_reason"] == "content_filter"
    assert len({document["id"] for document in streamed}) == 1
