"""Completions and embeddings: texts without roles."""

import pytest

from gateway.core.errors import BadRequest, RequestTooLarge
from gateway.core.segments import Json, Origin, get
from gateway.wire.completions import CompletionsDialect
from gateway.wire.dialect import WireDialect
from gateway.wire.embeddings import EmbeddingsDialect
from gateway.wire.limits import RequestLimits

COMPLETIONS = CompletionsDialect()
EMBEDDINGS = EmbeddingsDialect()


@pytest.mark.parametrize(
    ("dialect", "body", "texts"),
    [
        (COMPLETIONS, {"prompt": "a"}, ["a"]),
        (COMPLETIONS, {"prompt": ["a", "b"], "suffix": "c"}, ["a", "b", "c"]),
        (EMBEDDINGS, {"input": "a"}, ["a"]),
        (EMBEDDINGS, {"input": ["a", "b"]}, ["a", "b"]),
    ],
)
def test_every_text_is_the_users(dialect: WireDialect, body: Json, texts: list[str]) -> None:
    segments = dialect.segments(body)
    assert [(s.text, s.origin) for s in segments] == [(text, Origin.USER) for text in texts]
    assert [get(body, s.path) for s in segments] == texts


@pytest.mark.parametrize(
    ("dialect", "change", "param"),
    [
        (COMPLETIONS, {"prompt": None}, "prompt"),
        (COMPLETIONS, {"prompt": []}, "prompt"),
        (COMPLETIONS, {"prompt": [1, 2]}, "prompt"),
        (COMPLETIONS, {"prompt": ["a", [1]]}, "prompt"),
        (COMPLETIONS, {"suffix": 3}, "suffix"),
        (COMPLETIONS, {"n": 0}, "n"),
        (COMPLETIONS, {"n": 129}, "n"),
        (COMPLETIONS, {"max_tokens": "9"}, "max_tokens"),
        (COMPLETIONS, {"stream_options": []}, "stream_options"),
        (EMBEDDINGS, {"input": {}}, "input"),
        (EMBEDDINGS, {"input": [[1, 2]]}, "input"),
        (EMBEDDINGS, {"dimensions": 0}, "dimensions"),
        (EMBEDDINGS, {"stream": True}, "stream"),
    ],
)
def test_what_the_gateway_relies_on_is_checked(
    dialect: WireDialect, change: Json, param: str
) -> None:
    body = {"model": "m", "prompt": "a", "input": "a", **change}
    with pytest.raises(BadRequest) as caught:
        dialect.validate(body, RequestLimits(), 10)
    assert caught.value.param == param


def test_as_many_texts_as_messages_are_taken() -> None:
    with pytest.raises(RequestTooLarge):
        EMBEDDINGS.validate({"model": "m", "input": ["a"] * 3}, RequestLimits(messages=2), 10)


def test_context_stands_before_every_prompt() -> None:
    changed = COMPLETIONS.with_context({"prompt": ["a", "b"]}, "I", "C")
    assert changed["prompt"] == ["I\n\nC\n\na", "I\n\nC\n\nb"]


def test_every_prompt_has_its_choices() -> None:
    assert COMPLETIONS.choices({"prompt": "a"}) == 1
    assert COMPLETIONS.choices({"prompt": ["a", "b"], "n": 3}) == 6
