"""Reversible personal data, through the whole gateway: the provider and the records read
placeholders, the caller reads his own values."""

import asyncio
import re
from collections.abc import Iterator

import orjson
import pytest

from gateway.app.build import make_runtime, read_site
from gateway.app.http import make_app
from gateway.app.parts import make_parts
from gateway.app.runtime import Live
from gateway.core.segments import Json
from gateway.schema.problems import ConfigError
from gateway.testing.asgi import Answer
from gateway.testing.site import SiteFolder
from gateway.testing.upstream import ScriptedUpstream
from gateway.testing.upstream_scripts import Script
from tests.http.conftest import House

MAIL, OTHER = "jane.doe@example.com", "joe@example.org"
MARK = re.compile(r"<EMAIL_ADDRESS_[a-z0-9]+>")
KINDS = ["EMAIL_ADDRESS"]
TOKENIZE = {"id": "contact", "guard": "pii", "entities": KINDS, "then": "tokenize"}
STAGES: list[Json] = [
    {"use": "audit"},
    {"use": "auth"},
    {"use": "guard", "with": {"layer": "input"}},
    {"use": "generate", "with": {"retries": 0}},
    {"use": "guard", "with": {"layer": "output"}},
    {"use": "restore"},
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A gateway that tokenises addresses, and blocks answers that say one in clear."""
    site = SiteFolder(tmp_path_factory.mktemp("tokenize"))
    site.pipeline(STAGES)
    ungated = [stage for stage in STAGES if stage.get("with") != {"layer": "output"}]
    site.pipeline(ungated, "ungated")
    leak = {"id": "leak", "guard": "pii", "entities": KINDS, "then": "block"}
    site.policy(input=[TOKENIZE], output=[leak])
    with asyncio.Runner() as runner:
        upstream = ScriptedUpstream()
        runner.run(upstream.start())
        models = ("echo", "leaky", "caller")
        site.write(upstream=upstream.base_url, models=models, pipelines={"caller": "ungated"})
        key = site.key("one")
        read = read_site(site.config)
        parts = make_parts(read)
        try:
            app = make_app(Live(make_runtime(read, parts)), parts)
            yield House(app, upstream, site, key, runner)
        finally:
            runner.run(parts.aclose())
            runner.run(upstream.stop())


def ask(place: House, *texts: str, **body: object) -> Answer:
    roles = ("user", "assistant")
    messages = [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]
    return place.chat({"model": "echo", "messages": messages, **body})


def streamed(answer: Answer) -> dict[int, str]:
    said: dict[int, str] = {}
    for event in answer.events:
        if event == b"[DONE]":
            continue
        for choice in orjson.loads(event)["choices"]:
            text = choice["delta"].get("content") or ""
            said[choice["index"]] = said.get(choice["index"], "") + text
    return said


def test_the_caller_reads_values_and_the_provider_placeholders(place: House) -> None:
    text = f"Tell {MAIL} and <{OTHER}> that {MAIL} wrote."
    answer = ask(place, text)
    assert answer.json["choices"][0]["message"]["content"] == text
    (message,) = place.upstream.requests[-1].json["messages"]
    marks = MARK.findall(message["content"])
    assert len(marks) == 3
    assert (marks[0], len(set(marks))) == (marks[2], 2)
    assert b"jane" not in place.upstream.requests[-1].raw
    assert answer.header("x-gatehouse-decision") == "rewritten"


def test_a_stream_reads_the_same_in_every_choice(place: House) -> None:
    text = f"Tell {MAIL}. And {OTHER}!"
    assert streamed(ask(place, text, stream=True, n=2)) == {0: text, 1: text}


def test_a_placeholder_may_be_split_and_altered_on_its_way(place: House) -> None:
    ask(place, f"I am {MAIL}")
    (mark,) = MARK.findall(place.upstream.requests[-1].json["messages"][0]["content"])
    altered = mark.replace("_", "\\_").upper()
    place.upstream.script("caller", Script(deltas=["Hi ", *mark, " or ", *altered, "."]))
    answer = ask(place, f"I am {MAIL}", model="caller", stream=True)
    assert streamed(answer) == {0: f"Hi {MAIL} or {MAIL}."}


def test_restored_values_of_earlier_turns_get_their_placeholders_again(place: House) -> None:
    first = f"I am {MAIL}"
    ask(place, first)
    before = place.upstream.requests[-1].json["messages"][0]["content"]
    ask(place, first, f"Hello {MAIL}!", f"And {OTHER}?")
    now = [m["content"] for m in place.upstream.requests[-1].json["messages"]]
    assert now[0] == before
    assert now[1] == before.replace("I am ", "Hello ") + "!"
    assert b"@example" not in place.upstream.requests[-1].raw


def test_tool_call_arguments_come_back_as_valid_json(place: House) -> None:
    ask(place, f"I am {MAIL}")
    (mark,) = MARK.findall(place.upstream.requests[-1].json["messages"][0]["content"])
    script = Script(tool_calls=[("send", orjson.dumps({"to": mark}).decode())])
    place.upstream.script("caller", script)
    answer = ask(place, f"I am {MAIL}", model="caller")
    call = answer.json["choices"][0]["message"]["tool_calls"][0]
    assert orjson.loads(call["function"]["arguments"]) == {"to": MAIL}


def test_another_caller_never_reads_the_value(place: House) -> None:
    ask(place, f"I am {MAIL}")
    (mark,) = MARK.findall(place.upstream.requests[-1].json["messages"][0]["content"])
    text = f"Who is {mark}? I am {OTHER}"
    answer = ask(place, text, user="another")
    assert answer.json["choices"][0]["message"]["content"] == text
    same = ask(place, f"I am {MAIL}", "Who?", f"{mark} {MAIL}")  # typed by the user himself
    assert same.json["choices"][0]["message"]["content"] == f"{mark} {MAIL}"


def test_guards_judge_placeholders_and_still_see_what_the_model_says_itself(place: House) -> None:
    place.upstream.script("leaky", Script(text=f"Ask {OTHER}."))
    answer = ask(place, f"I am {MAIL}", model="leaky")
    assert answer.json["choices"][0]["finish_reason"] == "content_filter"
    assert OTHER not in answer.body.decode()


def test_no_record_holds_the_value(place: House) -> None:
    answer = ask(place, f"I am {MAIL}", stream=True)
    record = place.site.audited(answer.header("x-request-id") or "")
    assert record is not None
    assert record["verdict"] == "rewritten"
    assert [d["then"] for d in record["decisions"]] == ["tokenize"]
    assert b"jane" not in orjson.dumps(record)


def test_the_secret_is_made_once_and_private(place: House) -> None:
    path = place.site.var / "placeholder-secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) > 32


def test_a_guard_behind_restore_is_refused_with_its_place(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    site = SiteFolder(tmp_path_factory.mktemp("order"))
    site.pipeline([*STAGES, {"use": "guard", "with": {"layer": "final"}}])
    site.policy(input=[TOKENIZE])
    site.write(upstream="http://127.0.0.1:9/v1", models=("echo",))
    read = read_site(site.config)
    parts = make_parts(read)
    with pytest.raises(ConfigError, match="cannot come after 'restore'") as refused:
        make_runtime(read, parts)
    assert "move 'restore' behind every 'guard'" in str(refused.value)
    asyncio.run(parts.aclose())


def test_a_pipeline_that_restores_nothing_is_told_of(
    tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    site = SiteFolder(tmp_path_factory.mktemp("forgotten"))
    site.pipeline([stage for stage in STAGES if stage["use"] != "restore"])
    site.policy(input=[TOKENIZE])
    site.write(upstream="http://127.0.0.1:9/v1", models=("echo",))
    read = read_site(site.config)
    parts = make_parts(read)
    make_runtime(read, parts)
    assert "tokenises (contact), but the pipeline default has no `- use: restore`" in caplog.text
    asyncio.run(parts.aclose())


def anthropic(place: House, text: str, **body: object) -> Answer:
    messages = [{"role": "user", "content": text}]
    raw = orjson.dumps({"model": "echo", "max_tokens": 50, "messages": messages, **body})
    headers = {"content-type": "application/json", "anthropic-version": "2023-06-01"}
    return place.send("POST", "/v1/messages", headers=headers, body=raw)


def test_anthropics_dialect_is_restored_alike_whole_and_streamed(place: House) -> None:
    text = f"Tell {MAIL}. And <{OTHER}>!"
    whole = anthropic(place, text)
    assert "".join(block["text"] for block in whole.json["content"]) == text
    assert b"@example" not in place.upstream.requests[-1].raw
    events = [orjson.loads(event) for event in anthropic(place, text, stream=True).events]
    deltas = [e["delta"].get("text", "") for e in events if e["type"] == "content_block_delta"]
    assert "".join(deltas) == text
    kinds = [event["type"] for event in events]
    assert kinds.index("content_block_stop") > max(
        index for index, kind in enumerate(kinds) if kind == "content_block_delta"
    )


def test_anthropics_tool_input_is_an_object_with_the_value(place: House) -> None:
    text = f"I am {MAIL}"
    anthropic(place, text)
    (mark,) = MARK.findall(place.upstream.requests[-1].raw.decode())
    arguments = orjson.dumps({"to": mark, "n": 1}).decode()
    place.upstream.script("caller", Script(tool_calls=[("send", arguments)]))
    whole = anthropic(place, text, model="caller")
    (call,) = [block for block in whole.json["content"] if block["type"] == "tool_use"]
    assert call["input"] == {"to": MAIL, "n": 1}
    events = [orjson.loads(e) for e in anthropic(place, text, model="caller", stream=True).events]
    deltas = [e["delta"] for e in events if e["type"] == "content_block_delta"]
    assert orjson.loads("".join(d.get("partial_json", "") for d in deltas)) == {"to": MAIL, "n": 1}


@pytest.mark.parametrize("stream", [True, False])
def test_completions_are_restored_too(place: House, stream: bool) -> None:
    text = f"Tell {MAIL} and {OTHER}."
    raw = orjson.dumps({"model": "echo", "prompt": text, "stream": stream})
    headers = {"content-type": "application/json"}
    answer = place.send("POST", "/v1/completions", headers=headers, body=raw)
    documents = [orjson.loads(e) for e in answer.events if e != b"[DONE]"] or [answer.json]
    said = "".join(c.get("text") or "" for d in documents for c in d["choices"])
    assert said == text
    assert b"@example" not in place.upstream.requests[-1].raw


def test_embeddings_are_made_of_placeholders(place: House) -> None:
    raw = orjson.dumps({"model": "echo", "input": [f"I am {MAIL}", "plain"]})
    headers = {"content-type": "application/json"}
    assert place.send("POST", "/v1/embeddings", headers=headers, body=raw).status == 200
    assert MARK.search(place.upstream.requests[-1].json["input"][0])
    assert b"@example" not in place.upstream.requests[-1].raw


def responses(place: House, text: str, **body: object) -> Answer:
    raw = orjson.dumps({"model": "echo", "input": text, **body})
    headers = {"content-type": "application/json"}
    return place.send("POST", "/v1/responses", headers=headers, body=raw)


def test_responses_are_restored_alike_whole_and_streamed(place: House) -> None:
    text = f"Tell {MAIL}. And <{OTHER}>!"
    whole = responses(place, text)
    assert whole.json["output"][0]["content"][0]["text"] == text
    assert b"@example" not in place.upstream.requests[-1].raw
    said = place.upstream.requests[-1].json["input"]
    place.upstream.script("caller", Script(deltas=list(said)))
    for model in ("echo", "caller"):
        answer = responses(place, text, model=model, stream=True)
        events = [orjson.loads(event) for event in answer.events]
        kinds = ("response.output_text.delta", "response.output_text.done")
        deltas = [e["delta"] for e in events if e["type"] == kinds[0]]
        assert "".join(deltas) == text
        assert [e["text"] for e in events if e["type"] == kinds[1]] == [text]
        assert events[-1]["response"]["output"][0]["content"][0]["text"] == text
        assert b"EMAIL_ADDRESS_" not in answer.body


def test_arguments_of_responses_are_restored_in_every_event(place: House) -> None:
    text = f"I am {MAIL}"
    responses(place, text)
    (mark,) = MARK.findall(place.upstream.requests[-1].raw.decode())
    arguments = orjson.dumps({"to": mark}).decode()
    place.upstream.script("caller", Script(tool_calls=[("send", arguments)]))
    tools = [{"type": "function", "name": "send", "parameters": {}}]
    for stream in (False, True):
        answer = responses(place, text, model="caller", tools=tools, stream=stream)
        assert b"EMAIL_ADDRESS_" not in answer.body
        last = orjson.loads(answer.events[-1])["response"] if stream else answer.json
        assert orjson.loads(last["output"][0]["arguments"]) == {"to": MAIL}
