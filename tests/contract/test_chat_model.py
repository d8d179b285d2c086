"""What every ChatModel must do: the fake by script, the adapters against the scripted upstream."""

import asyncio
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec

import orjson
import pytest

from gateway.adapters.litellm import LiteLLMModel, LiteLLMOptions
from gateway.adapters.openai_compatible import OpenAICompatibleModel, OpenAICompatibleOptions
from gateway.core.errors import (
    GatewayError,
    UpstreamError,
    UpstreamRateLimited,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from gateway.core.reply import Frame
from gateway.core.segments import Json
from gateway.ports.chat_model import ChatModel, ModelCall
from gateway.testing.models import ScriptedModel, Turn
from gateway.testing.upstream import ScriptedUpstream

HAS_LITELLM = find_spec("litellm") is not None
NO_LITELLM = "SUITE NOT RUN: litellm adapter (the extra gatehouse[litellm] is not installed)"
LITELLM = [
    pytest.mark.skipif(not HAS_LITELLM, reason=NO_LITELLM),
    # pydantic's remarks on litellm's own types and habits
    pytest.mark.filterwarnings("ignore:Item .* on TypedDict class"),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_"),
]
OVER_HTTP = ["openai_compatible", pytest.param("litellm", marks=LITELLM)]
EVERYBODY = ["scripted", *OVER_HTTP]


@pytest.fixture
async def upstream() -> AsyncIterator[ScriptedUpstream]:
    async with ScriptedUpstream() as server:
        yield server


@pytest.fixture
async def build(upstream: ScriptedUpstream) -> AsyncIterator[Callable[[str], ChatModel]]:
    built: list[ChatModel] = []

    def make(kind: str) -> ChatModel:
        model: ChatModel
        if kind == "scripted":
            model = ScriptedModel(["Hello! How can I help you today?"])
        elif kind == "litellm":
            model = LiteLLMModel(
                LiteLLMOptions.model_validate(
                    {"prefix": "openai", "api_key": "sk-test", "api_base": upstream.base_url}
                )
            )
        else:
            model = OpenAICompatibleModel(OpenAICompatibleOptions(base_url=upstream.base_url))
        built.append(model)
        return model

    yield make
    for model in built:
        await model.aclose()


def call(model: str, *, stream: bool = False, limit: float = 5.0, **fields: object) -> ModelCall:
    body: Json = {
        "model": model,
        "messages": [{"role": "user", "content": "Say hello"}],
        "stream": stream,
        **fields,
    }
    return ModelCall(
        endpoint="chat/completions",
        model=model,
        body=body,
        raw=orjson.dumps(body),
        stream=stream,
        question="Say hello",
        first_byte=limit,
        total=limit,
        idle=limit,
    )


async def read(frames: AsyncIterator[Frame]) -> list[Json]:
    return [frame.document async for frame in frames]


def text_of(documents: list[Json]) -> str:
    return "".join(
        (choice.get("delta") or choice.get("message") or {}).get("content") or ""
        for document in documents
        for choice in document["choices"]
    )


@pytest.mark.parametrize("kind", EVERYBODY)
async def test_whole_answer_is_one_frame_with_usage(
    kind: str, build: Callable[[str], ChatModel]
) -> None:
    documents = await read(await build(kind).answer(call("plain")))
    assert len(documents) == 1
    assert text_of(documents) == "Hello! How can I help you today?"
    assert documents[0]["object"] == "chat.completion"
    assert documents[0]["choices"][0]["finish_reason"] == "stop"
    assert documents[0]["usage"]["prompt_tokens"] == 7


@pytest.mark.parametrize("kind", EVERYBODY)
async def test_stream_gives_one_frame_a_delta_and_counts_usage_unasked(
    kind: str, build: Callable[[str], ChatModel]
) -> None:
    documents = await read(await build(kind).answer(call("plain", stream=True)))
    assert len(documents) > 4
    assert text_of(documents) == "Hello! How can I help you today?"
    assert all(document["object"] == "chat.completion.chunk" for document in documents)
    reasons = [c.get("finish_reason") for d in documents for c in d["choices"]]
    assert [reason for reason in reasons if reason] == ["stop"]
    counted = [document for document in documents if document.get("usage")]
    assert [(d["usage"]["completion_tokens"], d["choices"]) for d in counted] == [(5, [])]


@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_tool_calls_arrive_with_their_arguments(
    kind: str, build: Callable[[str], ChatModel]
) -> None:
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters": {}}}]
    asked = call("parallel-tools", tools=tools)
    [document] = await read(await build(kind).answer(asked))
    calls = document["choices"][0]["message"]["tool_calls"]
    assert [c["function"]["name"] for c in calls] == ["get_weather", "get_time"]
    assert orjson.loads(calls[0]["function"]["arguments"]) == {"city": "Paris"}
    assert document["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_fields_nobody_knows_reach_the_provider(
    kind: str, build: Callable[[str], ChatModel], upstream: ScriptedUpstream
) -> None:
    await read(await build(kind).answer(call("plain", top_k=40, temperature=0.5)))
    assert upstream.requests[-1].json["top_k"] == 40
    assert upstream.requests[-1].json["temperature"] == 0.5


@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_a_client_cannot_redirect_the_call(
    kind: str, build: Callable[[str], ChatModel], upstream: ScriptedUpstream
) -> None:
    asked = call("plain", api_base="http://127.0.0.1:9/v1", mock_response="fooled", api_key="x")
    documents = await read(await build(kind).answer(asked))
    assert text_of(documents) == "Hello! How can I help you today?"
    assert len(upstream.requests) == 1


ERRORS: list[tuple[str, type[GatewayError], bool | None, int]] = [
    ("status-400", UpstreamRejected, None, 400),
    ("content-filter", UpstreamRejected, None, 400),
    ("status-401", UpstreamError, False, 502),
    ("status-404", UpstreamError, False, 502),
    ("status-429", UpstreamRateLimited, True, 429),
    ("status-500", UpstreamError, True, 502),
    ("status-503", UpstreamUnavailable, True, 503),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("model", "kind_of_error", "retryable", "status"), ERRORS)
@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_status_codes_become_the_gateways_errors(
    kind: str,
    model: str,
    kind_of_error: type[GatewayError],
    retryable: bool | None,
    status: int,
    stream: bool,
    build: Callable[[str], ChatModel],
    upstream: ScriptedUpstream,
) -> None:
    with pytest.raises(kind_of_error) as caught:
        await build(kind).answer(call(model, stream=stream))
    assert type(caught.value) is kind_of_error
    assert caught.value.status == status
    assert getattr(caught.value, "retryable", None) is retryable
    assert str(upstream.port) not in caught.value.message
    assert len(upstream.requests) == 1, "retries are the generate stage's"
    if isinstance(caught.value, UpstreamRateLimited):
        assert caught.value.retry_after == 1.0
    if isinstance(caught.value, UpstreamRejected):
        assert caught.value.upstream_status == 400
        assert caught.value.body["error"]["message"]


@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_provider_content_filter_keeps_its_code(
    kind: str, build: Callable[[str], ChatModel]
) -> None:
    with pytest.raises(UpstreamRejected) as caught:
        await build(kind).answer(call("content-filter"))
    assert caught.value.body["error"]["code"] == "content_filter"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_silence_before_the_first_byte_is_a_timeout(
    kind: str, stream: bool, build: Callable[[str], ChatModel]
) -> None:
    with pytest.raises(UpstreamTimeout) as caught:
        await build(kind).answer(call("hang", stream=stream, limit=0.2))
    assert caught.value.retryable


@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_silence_in_mid_stream_is_a_timeout_and_ends_the_providers_work(
    kind: str, build: Callable[[str], ChatModel], upstream: ScriptedUpstream
) -> None:
    frames = await build(kind).answer(call("hang-mid", stream=True, limit=0.3))
    with pytest.raises(UpstreamTimeout):
        await read(frames)
    await asyncio.wait_for(upstream.disconnected.wait(), 2)


@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_a_stream_that_breaks_off_raises(
    kind: str, build: Callable[[str], ChatModel]
) -> None:
    frames = await build(kind).answer(call("drop-mid", stream=True))
    seen = [(await anext(frames)).document]
    with pytest.raises(UpstreamError):
        seen += await read(frames)


@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_closing_the_frames_disconnects_the_provider(
    kind: str, build: Callable[[str], ChatModel], upstream: ScriptedUpstream
) -> None:
    frames = await build(kind).answer(call("slow", stream=True))
    await anext(frames)
    await frames.aclose()  # type: ignore[attr-defined]
    await asyncio.wait_for(upstream.disconnected.wait(), 2)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", OVER_HTTP)
async def test_cancelling_the_reader_disconnects_the_provider(
    kind: str, stream: bool, build: Callable[[str], ChatModel], upstream: ScriptedUpstream
) -> None:
    model = build(kind)

    async def ask() -> None:
        await read(await model.answer(call("hang-mid" if stream else "hang", stream=stream)))

    task = asyncio.ensure_future(ask())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(upstream.disconnected.wait(), 2)


async def test_the_scripted_model_keeps_the_time_limits_it_is_given() -> None:
    model = ScriptedModel([Turn("late", delay=1.0)])
    with pytest.raises(UpstreamTimeout):
        await model.answer(call("any", limit=0.01))
    frames = await model.answer(call("any", stream=True, limit=0.01))
    with pytest.raises(UpstreamTimeout):
        await read(frames)
