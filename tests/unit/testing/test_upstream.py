import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest

from gateway.core.segments import Json
from gateway.testing.instant import InstantProtocol
from gateway.testing.upstream import ScriptedUpstream
from gateway.testing.upstream_scripts import Script


def body(model: str, **fields: object) -> Json:
    return {"model": model, "messages": [{"role": "user", "content": "Hi there"}], **fields}


async def test_echoes_by_default_in_as_many_choices_as_asked_for() -> None:
    async with ScriptedUpstream() as upstream, aiohttp.ClientSession() as session:
        answer = await session.post(f"{upstream.base_url}/chat/completions", json=body("any", n=2))
        document = await answer.json()
    assert [c["message"]["content"] for c in document["choices"]] == ["Hi there"] * 2
    assert upstream.requests[0].json["n"] == 2
    assert upstream.requests[0].path == "/v1/chat/completions"


async def test_scripts_play_one_after_the_other() -> None:
    async with ScriptedUpstream() as upstream, aiohttp.ClientSession() as session:
        upstream.script("flaky", Script(status=500), Script(text="ok"))
        url = f"{upstream.base_url}/chat/completions"
        statuses = [(await session.post(url, json=body("flaky"))).status for _ in range(3)]
    assert statuses == [500, 200, 200]
    with pytest.raises(ValueError, match="at least one"):
        upstream.script("none")


async def test_an_answer_may_be_made_from_the_request() -> None:
    def reads(asked: Json) -> list[str]:
        return ["I read: ", *asked["messages"][0]["content"].split()]

    async with ScriptedUpstream() as upstream, aiohttp.ClientSession() as session:
        upstream.script("reader", Script(reads=reads))
        url = f"{upstream.base_url}/chat/completions"
        whole = await (await session.post(url, json=body("reader"))).json()
        events = await (await session.post(url, json=body("reader", stream=True))).text()
    assert whole["choices"][0]["message"]["content"] == "I read: Hithere"
    documents = [orjson.loads(e[6:]) for e in events.split("\n\n") if e.startswith("data: {")]
    deltas = [d["choices"][0]["delta"].get("content") for d in documents]
    assert deltas[1:-1] == ["I read: ", "Hi", "there"]


async def test_streams_tool_calls_and_usage_when_asked() -> None:
    async with ScriptedUpstream() as upstream, aiohttp.ClientSession() as session:
        asked = body("parallel-tools", stream=True, stream_options={"include_usage": True})
        answer = await session.post(f"{upstream.base_url}/chat/completions", json=asked)
        lines = [line for line in (await answer.text()).split("\n\n") if line]
    assert lines[-1] == "data: [DONE]"
    documents = [orjson.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    assert documents[-1]["choices"] == []
    assert documents[-1]["usage"]["total_tokens"] == 12
    calls = [c for d in documents[:-1] for c in d["choices"][0]["delta"].get("tool_calls", [])]
    arguments = "".join(c["function"]["arguments"] for c in calls if c["index"] == 0)
    assert orjson.loads(arguments) == {"city": "Paris"}


async def test_notes_clients_that_leave() -> None:
    async with ScriptedUpstream() as upstream:
        async with aiohttp.ClientSession() as session:
            answer = await session.post(
                f"{upstream.base_url}/chat/completions", json=body("slow", stream=True)
            )
            answer.close()
        await asyncio.wait_for(upstream.disconnected.wait(), 2)
    assert upstream.disconnects == 1


async def test_lists_its_models() -> None:
    async with ScriptedUpstream() as upstream, aiohttp.ClientSession() as session:
        listed = await (await session.get(f"{upstream.base_url}/models")).json()
    assert {"echo", "tools", "hang"} <= {model["id"] for model in listed["data"]}


@pytest.mark.parametrize("gap", [0.0, 0.001])
async def test_the_instant_upstream_answers_whole_and_streamed(gap: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: InstantProtocol(gap), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/chat/completions"
    async with server, aiohttp.ClientSession() as session:
        for _ in range(2):
            whole = await (await session.post(url, json=body("m"))).json()
            assert whole["choices"][0]["message"]["content"].startswith("The quick")
        streamed = await (await session.post(url, json=body("m", stream=True))).text()
        assert streamed.endswith("data: [DONE]\n\n")

        async def chunked() -> object:
            with contextlib.suppress(aiohttp.ClientError):
                return (await session.post(url, data=_pieces())).status
            return None

        assert await chunked() == 411


async def _pieces() -> AsyncIterator[bytes]:
    yield b"{}"
