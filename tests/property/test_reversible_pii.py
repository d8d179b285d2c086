"""What a rule tokenises comes back as it was through a model that repeats what it reads, and the
model never sees it."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core.exchange import Exchange, Outcome
from gateway.core.findings import Finding, Then
from gateway.core.identity import Principal
from gateway.core.placeholders import PLACEHOLDER, PlaceholderSecret, vault_of
from gateway.core.reply import Frame, Reply, frames_of
from gateway.core.rules import Layer, Policy, Rule
from gateway.core.segments import Json, Segment
from gateway.stages.guard import GuardOptions, GuardStage
from gateway.stages.restore import RestoreOptions, RestoreStage
from gateway.testing.chat import chunk, completion
from gateway.testing.exchanges import make_exchange
from gateway.testing.guards import WordGuard, WordOptions

VALUE = re.compile(r"\w+@\w+(?:\.\w+)*|#\d{3,}", re.ASCII)
SECRET = PlaceholderSecret(b"0123456789abcdef")

WORDS = st.sampled_from(
    ["jane@example.com", "JANE@example.com", "joe@x", "#123", "#1234", "#99", "<", ">", "<<",
     "&lt;", "&gt;", "%3C", "\\", "\\_", "_", " ", "\n", "\t", '"', "EMAIL", "MAIL_", "<MAIL_",
     "mail ", "k3f9m2", "<MAIL_k3f9m2>", "b4", "é", "😀", "@", "[MAIL]", "{", "}", "\\u003c",
     "text ", "."]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=40).map("".join)
SIZES = st.lists(st.integers(1, 30), min_size=1, max_size=8)


class ValueGuard:
    """Finds addresses and numbers."""

    name = "value"
    inline = True

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        return [
            Finding("MAIL" if "@" in match[0] else "ORDER_NUMBER", 1.0, index, *match.span())
            for index, segment in enumerate(segments)
            for match in VALUE.finditer(segment.text)
        ]


POLICY = Policy(
    "p", "h" * 64, {Layer.INPUT: (Rule("values", ValueGuard(), "value", Then.TOKENIZE),)}
)


def conversation(texts: Sequence[str], arguments: Sequence[str]) -> list[Json]:
    calls = [
        {"id": str(i), "type": "function", "function": {"name": "f", "arguments": raw}}
        for i, raw in enumerate(arguments)
    ]
    said: list[Json] = [{"role": "user", "content": text} for text in texts]
    if calls:
        said.append({"role": "assistant", "content": None, "tool_calls": calls})
    return said


def cut(text: str, sizes: Sequence[int]) -> list[str]:
    parts: list[str] = []
    at = 0
    while at < len(text):
        size = sizes[len(parts) % len(sizes)]
        parts.append(text[at : at + size])
        at += size
    return parts


def sent(ex: Exchange) -> tuple[list[str], list[str]]:
    """What the model reads: the texts and the arguments."""
    messages = ex.body["messages"]
    calls = [c for m in messages for c in m.get("tool_calls") or ()]
    texts = [m["content"] for m in messages if m["content"] is not None]
    return texts, [c["function"]["arguments"] for c in calls]


def echoed(ex: Exchange, sizes: Sequence[int]) -> list[Json]:
    """The answer of a model that says everything it reads, one choice per text."""
    texts, arguments = sent(ex)
    if not ex.stream:
        document = completion("m", texts)
        for choice in document["choices"]:
            calls = [
                {"id": str(i), "function": {"name": "f", "arguments": a}}
                for i, a in enumerate(arguments)
            ]
            choice["message"]["tool_calls"] = calls
        return [document]
    documents = []
    for choice, text in enumerate(texts):
        documents += [chunk("m", {"content": p}, choice=choice) for p in cut(text, sizes)]
        for index, raw in enumerate(arguments):
            documents += [
                chunk(
                    "m",
                    {"tool_calls": [{"index": index, "function": {"arguments": p}}]},
                    choice=choice,
                )
                for p in cut(raw, sizes)
            ]
        documents.append(chunk("m", {}, choice=choice, finish="stop"))
    return documents


def hidden(text: str) -> str:
    """The text without what placeholders, or texts that look like one, say."""
    return PLACEHOLDER.sub("\0", text)


def leaves(made: Json) -> list[str]:
    return [text for key, values in made.items() for text in (key, *values)]


async def asked(ex: Exchange) -> None:
    stage = GuardStage(GuardOptions(layer=Layer.INPUT), placeholders=SECRET)
    ex.outcomes.append(Outcome(stage.name))
    await stage.run(ex)


async def read(ex: Exchange, documents: Sequence[Json]) -> dict[int, tuple[str, dict[int, str]]]:
    """What the caller reads of every choice: its text, its arguments."""

    async def frames() -> AsyncIterator[Frame]:
        for document in documents:
            yield Frame(document=document)

    ex.reply = Reply(frames(), source="test/model")
    ex.outcomes.append(Outcome("restore"))
    await RestoreStage(RestoreOptions()).run(ex)
    said: dict[int, tuple[str, dict[int, str]]] = {}
    async for frame in ex.reply.frames:
        for choice in frame.document["choices"]:
            text, arguments = said.get(choice["index"], ("", {}))
            inner = choice.get("message") or choice["delta"]
            for place, call in enumerate(inner.get("tool_calls") or ()):
                index = call.get("index", place)
                arguments[index] = arguments.get(index, "") + call["function"]["arguments"]
            said[choice["index"]] = (text + (inner.get("content") or ""), arguments)
    return said


@settings(deadline=None, max_examples=150)
@given(
    st.lists(TEXTS, min_size=1, max_size=3),
    st.lists(st.dictionaries(TEXTS, st.lists(TEXTS, max_size=2), max_size=2), max_size=2),
    SIZES,
    st.booleans(),
)
@example([""], [{"\n@jane@example.com": []}], [1], False)
async def test_an_echo_gives_back_what_was_sent(
    texts: list[str], objects: list[Json], sizes: list[int], stream: bool
) -> None:
    arguments = [orjson.dumps(made).decode() for made in objects]
    ex = make_exchange(messages=conversation(texts, arguments), stream=stream, policy=POLICY)
    await asked(ex)
    shown, called = sent(ex)
    assert [hidden(text) for text in shown] == [hidden(VALUE.sub("\0", text)) for text in texts]
    given = [leaf for made in objects for leaf in leaves(made)]
    read_by_model = [leaf for raw in called for leaf in leaves(orjson.loads(raw))]
    assert [hidden(leaf) for leaf in read_by_model] == [
        hidden(VALUE.sub("\0", leaf)) for leaf in given
    ]
    said = await read(ex, echoed(ex, sizes))
    assert said == {i: (text, dict(enumerate(arguments))) for i, text in enumerate(texts)}


@settings(deadline=None, max_examples=100)
@given(TEXTS, TEXTS, SIZES, st.booleans())
async def test_no_conversation_reads_the_values_of_another(
    first: str, second: str, sizes: list[int], stream: bool
) -> None:
    one = make_exchange(f"#777777 {first}", policy=POLICY)
    one.principal = Principal("key_one", "default")
    await asked(one)
    (marks,), _ = sent(one)
    two = make_exchange(f"{second} {marks}", stream=stream, policy=POLICY)  # even when they leak
    two.principal = Principal("key_two", "default")
    await asked(two)
    said = await read(two, echoed(two, sizes))
    assert said[0][0] == f"{second} {marks}"
    assert "#777777" not in said[0][0].removeprefix(second)
    vault = vault_of(two)
    assert vault is not None
    assert not any(tag in marks for tag in vault.live)


@settings(deadline=None, max_examples=100)
@given(st.lists(TEXTS, min_size=2, max_size=5))
async def test_a_history_with_restored_values_reads_the_same_to_the_model(
    texts: list[str],
) -> None:
    before: list[str] = []
    for turn in range(1, len(texts) + 1):
        ex = make_exchange(messages=conversation(["hello", *texts[:turn]], ()), policy=POLICY)
        typed = bool(re.search("k3f9m2", " ".join(texts)))
        await asked(ex)
        now, _ = sent(ex)
        if not typed:
            assert now[: len(before)] == before
        before = now


SAID = st.lists(
    st.sampled_from(
        ["0", "1", "0u", "1u", "0_", "1<", "0>", "x", "bad", ". ", "\n", "<", "\\", " ", "&lt;"]
    ),
    max_size=30,
)
"""What a model says: words, and two placeholders in several spellings."""


def spelled(word: str, marks: Sequence[str]) -> str:
    if word[0] not in "01":
        return word
    mark = marks[int(word[0])]
    changes = {"u": mark.upper(), "_": mark.replace("_", "\\_"), "<": mark[1:], ">": mark[:-1]}
    return changes.get(word[1:], mark)


@settings(deadline=None, max_examples=150)
@given(SAID, SIZES, st.sampled_from([Then.MASK, Then.BLOCK, Then.ABSTAIN, Then.FLAG]))
async def test_guarded_and_restored_answers_read_the_same_whole_and_streamed(
    words: list[str], sizes: list[int], then: Then
) -> None:
    bad = Rule("bad", WordGuard(WordOptions(word="bad")), "word", then)
    policy = Policy("p", "h" * 64, {**POLICY.layers, Layer.OUTPUT: (bad,)})
    read_as = []
    for stream in (False, True):
        ex = make_exchange("jane@example.com #123", stream=stream, policy=policy)
        await asked(ex)
        (text,), _ = sent(ex)
        said = "".join(spelled(word, text.split()) for word in words)
        whole = [completion("m", said)]
        parts = [chunk("m", {"content": part}) for part in cut(said, sizes)]
        documents = [*parts, chunk("m", {}, finish="stop")] if stream else whole
        ex.reply = Reply(frames_of(documents), source="test/model")
        ex.outcomes.append(Outcome("guard[output]"))
        await GuardStage(GuardOptions(layer=Layer.OUTPUT)).run(ex)
        judged = [frame.document async for frame in ex.reply.frames]
        read_as.append((await read(ex, judged)).get(0, ("", {}))[0])
    assert read_as[0] == read_as[1]


async def test_a_megabyte_is_tokenised_and_restored_in_linear_time() -> None:
    async def seconds(times: int) -> float:
        text = "".join(f"Write to user{n}@example.com about #{n + 100}. " for n in range(times))
        ex = make_exchange(text, stream=True, policy=POLICY)
        began = asyncio.get_running_loop().time()
        await asked(ex)
        said = await read(ex, echoed(ex, [40]))
        assert said[0][0] == text
        return asyncio.get_running_loop().time() - began

    small, large = await seconds(2_500), await seconds(22_000)  # 110 kB, 1 MB
    assert large < 30 * small + 1
