"""``stream: true`` never changes a verdict: the same text, however it is split into deltas."""

import re
from collections.abc import AsyncIterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.exchange import Exchange, Outcome
from gateway.core.findings import Finding, Then
from gateway.core.reply import Frame
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Json, Segment
from gateway.stages.gate import Gate
from gateway.testing.exchanges import make_exchange

SECRET = re.compile(r"secret-[0-9]{2,}|BEGIN.*?END|BEGIN.*", re.DOTALL)
MAIL = re.compile(r"[\w.]+@[\w.]+")

WORDS = st.sampled_from(
    ["hello", "jane.doe@example.com", "secret-12", "secret-", "99", "BEGIN", "END", "a", "@", "b@c",
     ". ", "\n", " ", ", ", "! ", "4111 ", "long" * 20, "é", "…", "\\u0040"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=60).map("".join)


class PatternGuard:
    """Finds a pattern; waits for the end of a BEGIN…END block."""

    name = "pattern"
    inline = True

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    async def check(self, segments: Sequence[Segment], ex: Exchange) -> Sequence[Finding]:
        return [
            Finding("THING", 1.0, index, match.start(), match.end())
            for index, segment in enumerate(segments)
            for match in self._pattern.finditer(segment.text)
        ]

    def pending(self, text: str) -> bool:
        return text.rfind("BEGIN") > text.rfind("END")


def rules(secret: Then, mail: Then) -> tuple[Rule, ...]:
    return (
        Rule("mail", PatternGuard(MAIL), "pattern", mail),
        Rule("secret", PatternGuard(SECRET), "pattern", secret),
    )


async def released(documents: list[Json], ex: Exchange, then: tuple[Then, Then]) -> dict[int, Json]:
    """What the caller reads in the end: text and finish reason of every lane."""

    async def frames() -> AsyncIterator[Frame]:
        for document in documents:
            yield Frame(document=document)

    gate = Gate(Layer.OUTPUT, rules(*then), ex, Outcome("guard[output]"), "I don't know.")
    read: dict[int, Json] = {}
    async for frame in gate.through(frames()):
        for choice in frame.document["choices"]:
            said = choice.get("message") or choice.get("delta") or {}
            own = read.setdefault(choice["index"], {"finish": None, "args": ""})
            for key in ("content", "reasoning_content"):
                own[key] = own.get(key, "") + (said.get(key) or "")
            for call in said.get("tool_calls") or ():
                own["args"] += call["function"].get("arguments") or ""
            own["finish"] = choice.get("finish_reason") or own["finish"]
    return read


def whole(texts: list[tuple[str, str, str]]) -> list[Json]:
    choices = []
    for index, (reasoning, content, arguments) in enumerate(texts):
        calls = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}]
        message = {
            "role": "assistant",
            "reasoning_content": reasoning,
            "content": content,
            "tool_calls": calls,
        }
        choices.append({"index": index, "message": message, "finish_reason": "stop"})
    return [{"id": "x", "object": "chat.completion", "choices": choices}]


def streamed(texts: list[tuple[str, str, str]], sizes: list[int]) -> list[Json]:
    """The same answer as deltas of the given sizes, the choices one after the other."""
    documents: list[Json] = []

    def emit(index: int, delta: Json, finish: str | None = None) -> None:
        choice = {"index": index, "delta": delta, "finish_reason": finish}
        documents.append({"id": "x", "object": "chat.completion.chunk", "choices": [choice]})

    for index, (reasoning, content, arguments) in enumerate(texts):
        emit(index, {"role": "assistant", "content": ""})
        for part in split(reasoning, sizes):
            emit(index, {"reasoning_content": part})
        for part in split(content, sizes):
            emit(index, {"content": part})
        function: Json = {"name": "f", "arguments": ""}
        emit(index, {"tool_calls": [{"index": 0, "id": "c", "function": function}]})
        for part in split(arguments, sizes):
            emit(index, {"tool_calls": [{"index": 0, "function": {"arguments": part}}]})
        emit(index, {}, "stop")
    return documents


def split(text: str, sizes: list[int]) -> list[str]:
    parts, at, turn = [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        parts.append(text[at : at + size])
        at, turn = at + size, turn + 1
    return parts


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=2),
    st.lists(st.integers(1, 40), min_size=1, max_size=8),
    st.tuples(
        st.sampled_from([Then.BLOCK, Then.ABSTAIN, Then.MASK, Then.FLAG]),
        st.sampled_from([Then.MASK, Then.BLOCK, Then.FLAG]),
    ),
)
async def test_the_same_text_is_released_whole_and_streamed(
    texts: list[tuple[str, str, str]], sizes: list[int], then: tuple[Then, Then]
) -> None:
    once = make_exchange(body={"n": len(texts)})
    many = make_exchange(stream=True, body={"n": len(texts)})
    expected = await released(whole(texts), once, then)
    assert await released(streamed(texts, sizes), many, then) == expected
    assert {(d.rule, d.findings) for d in many.decisions} == {
        (d.rule, d.findings) for d in once.decisions
    }
    assert many.verdict == once.verdict


@settings(deadline=None, max_examples=150)
@given(TEXTS, st.lists(st.integers(1, 40), min_size=1, max_size=8))
async def test_no_byte_of_a_masked_secret_is_released(text: str, sizes: list[int]) -> None:
    ex = make_exchange(stream=True)
    read = await released(streamed([("", text, "")], sizes), ex, (Then.MASK, Then.FLAG))
    for match in re.finditer(r"secret-[0-9]{2,}", text):
        assert match[0] not in read[0]["content"]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(TEXTS, min_size=2, max_size=3), st.lists(st.integers(1, 40), min_size=1, max_size=8)
)
async def test_a_choice_that_is_ended_calls_no_tool_whole_or_streamed(
    arguments: list[str], sizes: list[int]
) -> None:
    then = (Then.BLOCK, Then.FLAG)
    calls = [{"index": i, "function": {"arguments": a}} for i, a in enumerate(arguments)]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    once, many = make_exchange(), make_exchange(stream=True)
    expected = await released([{"choices": [{"index": 0, "message": message}]}], once, then)
    deltas: list[Json] = [{"tool_calls": [{**call, "function": {}}]} for call in calls]
    for index, text in enumerate(arguments):
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": part}}]}
            for part in split(text, sizes)
        ]
    documents = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    documents.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    got = await released(documents, many, then)
    assert got[0]["args"] == expected[0]["args"]
    assert many.verdict == once.verdict
