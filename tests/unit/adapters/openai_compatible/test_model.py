import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
from pydantic import ValidationError

from gateway.adapters.openai_compatible import OpenAICompatibleModel, OpenAICompatibleOptions
from gateway.adapters.openai_compatible import model as model_module
from gateway.core.errors import UpstreamError, UpstreamRejected
from gateway.core.reply import Frame
from gateway.core.segments import Json
from gateway.ports.chat_model import ModelCall
from gateway.testing.upstream import ScriptedUpstream
from gateway.testing.upstream_scripts import Script, event

RAW = b'{ "model": "plain",\n "messages": [{"role":"user","content":"caf\\u00e9"}], "odd": 1.0e2 }'
FRAME = b'{"id":"a","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}'
LAST = b'{"id":"a","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'


@pytest.fixture
async def upstream() -> AsyncIterator[ScriptedUpstream]:
    async with ScriptedUpstream() as server:
        yield server


@pytest.fixture
async def model(upstream: ScriptedUpstream) -> AsyncIterator[OpenAICompatibleModel]:
    options = OpenAICompatibleOptions.model_validate(
        {
            "base_url": f"{upstream.base_url}/",
            "api_key": "sk-provider",
            "organization": "org-1",
            "headers": {"X-Team": "support"},
        }
    )
    model = OpenAICompatibleModel(options)
    yield model
    await model.aclose()


def call(raw: bytes = RAW, *, model: str = "plain", stream: bool = False) -> ModelCall:
    body: Json = orjson.loads(raw)
    return ModelCall("chat/completions", model, body, raw, stream, request_id="req_1")


def streamed(model: str, **fields: object) -> ModelCall:
    return call(
        orjson.dumps({"model": model, "messages": [], "stream": True, **fields}),
        model=model,
        stream=True,
    )


async def raws(frames: AsyncIterator[Frame]) -> list[bytes]:
    return [frame.raw async for frame in frames]


async def test_untouched_bytes_are_sent_as_they_came(
    model: OpenAICompatibleModel, upstream: ScriptedUpstream
) -> None:
    await model.answer(call())
    assert upstream.requests[0].raw == RAW
    headers = upstream.requests[0].headers
    assert headers["authorization"] == "Bearer sk-provider"
    assert headers["openai-organization"] == "org-1"
    assert headers["x-team"] == "support"
    assert headers["content-type"] == "application/json"
    assert headers["x-client-request-id"] == "req_1"


async def test_another_model_name_is_all_that_changes(
    model: OpenAICompatibleModel, upstream: ScriptedUpstream
) -> None:
    await model.answer(call(model="echo"))
    assert upstream.requests[0].json == {**orjson.loads(RAW), "model": "echo"}


async def test_answers_come_back_byte_for_byte(
    model: OpenAICompatibleModel, upstream: ScriptedUpstream
) -> None:
    body = b' {"id": "x",  "choices": [], "unknown": 1.50}\n'
    upstream.script("plain", Script(raw=body))
    assert await raws(await model.answer(call())) == [body]


async def test_usage_is_asked_for_on_streams_only_when_the_client_did_not(
    model: OpenAICompatibleModel, upstream: ScriptedUpstream
) -> None:
    await raws(await model.answer(streamed("plain", stream_options={"other": 1})))
    assert upstream.requests[0].json["stream_options"] == {"other": 1, "include_usage": True}
    asked = streamed("plain", stream_options={"include_usage": True})
    await raws(await model.answer(asked))
    assert upstream.requests[1].raw == asked.raw


async def test_connections_are_used_again_after_answers_streams_and_errors(
    model: OpenAICompatibleModel, upstream: ScriptedUpstream
) -> None:
    for _ in range(3):
        await model.answer(call())
        await raws(await model.answer(streamed("plain")))
        with pytest.raises(UpstreamRejected):
            await model.answer(call(model="status-400"))
    assert len({request.port for request in upstream.requests}) == 1


STREAMS: list[tuple[str, tuple[bytes, ...]]] = [
    ("one byte at a time", tuple(bytes([b]) for b in event(FRAME) + event(LAST))),
    ("CRLF", ((event(FRAME) + event(LAST)).replace(b"\n", b"\r\n"), b"data: [DONE]\r\n\r\n")),
    ("comments", (b": hello\n\n", event(FRAME), b": ping\n\n", event(LAST), event(b"[DONE]"))),
    ("no [DONE] but a finish reason", (event(FRAME), event(LAST))),
    ("no empty line at the end", (event(FRAME), event(LAST), b"data: [DONE]")),
]


@pytest.mark.parametrize(("name", "events"), STREAMS)
async def test_streams_in_any_shape(
    name: str, events: tuple[bytes, ...], model: OpenAICompatibleModel, upstream: ScriptedUpstream
) -> None:
    upstream.script("odd", Script(events=events))
    assert await raws(await model.answer(streamed("odd"))) == [FRAME, LAST], name


BROKEN: list[tuple[str, tuple[bytes, ...]]] = [
    ("ends without a finish", (event(FRAME),)),
    ("ends with nothing at all", ()),
    ("one of two choices is open", (event(LAST), event(FRAME), event(FRAME))),
    ("error event", (event(FRAME), b'event: error\ndata: {"message":"x"}\n\n')),
    ("error document", (event(FRAME), event(b'{"error":{"message":"boom","type":"server"}}'))),
]


@pytest.mark.parametrize(("name", "events"), BROKEN)
async def test_streams_that_break_raise(
    name: str, events: tuple[bytes, ...], model: OpenAICompatibleModel, upstream: ScriptedUpstream
) -> None:
    upstream.script("odd", Script(events=events))
    with pytest.raises(UpstreamError) as caught:
        await raws(await model.answer(streamed("odd")))
    assert "boom" not in caught.value.message, name


async def test_html_with_status_200_is_an_error_that_does_not_leak(
    model: OpenAICompatibleModel,
) -> None:
    for asked in (call(model="html"), streamed("html")):
        with pytest.raises(UpstreamError) as caught:
            await model.answer(asked)
        assert "html" not in caught.value.message


async def test_nobody_listening_is_retryable_and_names_no_address() -> None:
    model = OpenAICompatibleModel(OpenAICompatibleOptions(base_url="http://127.0.0.1:1/v1"))
    with pytest.raises(UpstreamError) as caught:
        await model.answer(call())
    assert caught.value.retryable
    assert "127.0.0.1" not in caught.value.message
    await model.aclose()


async def test_redirects_are_not_followed(
    model: OpenAICompatibleModel, upstream: ScriptedUpstream
) -> None:
    upstream.script("plain", Script(status=307, headers={"location": "/v1/elsewhere"}))
    with pytest.raises(UpstreamError):
        await model.answer(call())
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("length_known", [True, False])
async def test_an_answer_beyond_the_limit_is_refused(
    length_known: bool,
    model: OpenAICompatibleModel,
    upstream: ScriptedUpstream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(model_module, "MAX_ANSWER", 1000)
    headers = {} if length_known else {"transfer-encoding": "chunked"}
    upstream.script("plain", Script(raw=b"{" + b" " * 2000 + b"}", headers=headers))
    with pytest.raises(UpstreamError):
        await model.answer(call())


async def test_frames_that_nobody_read_can_be_closed(
    model: OpenAICompatibleModel, upstream: ScriptedUpstream
) -> None:
    frames = await model.answer(streamed("slow"))
    await frames.aclose()  # type: ignore[attr-defined]
    await asyncio.wait_for(upstream.disconnected.wait(), 2)
    assert await raws(frames) == []


BAD_OPTIONS: list[Json] = [
    {"base_url": "api.openai.com/v1"},
    {"base_url": "ftp://host/v1"},
    {"base_url": "https://user:pw@host/v1"},
    {"base_url": "https://host/v1", "headers": {"x": "a\r\nb: c"}},
    {"base_url": "https://host/v1", "keepalive": 3},
]


@pytest.mark.parametrize("options", BAD_OPTIONS)
def test_bad_options_are_refused(options: Json) -> None:
    with pytest.raises(ValidationError):
        OpenAICompatibleOptions.model_validate(options)


def test_the_key_does_not_show() -> None:
    options = OpenAICompatibleOptions.model_validate({"base_url": "http://h/v1", "api_key": "sk-x"})
    assert "sk-x" not in repr(options)
    assert "sk-x" not in options.model_dump_json()
