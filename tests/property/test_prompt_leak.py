"""No word of a leaked system prompt is released, however the answer is split into deltas."""

import re
from functools import cache
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core.exchange import Exchange, Outcome
from gateway.core.findings import Then
from gateway.core.reply import frames_of
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Json, Origin, Segment
from gateway.core.window import SOFT
from gateway.guards.prompt_leak import PromptLeakGuard, PromptLeakOptions
from gateway.stages.gate import Gate
from gateway.stages.judge import goes_on_of
from gateway.testing.exchanges import make_exchange
from tests.property.test_no_leak import MASK, prose
from tests.property.test_stream_parity import split

SYSTEM = (
    "You are Hedwig, the assistant of the Example Bank. Never promise a refund above 500 euros "
    "without asking a supervisor. Do not tell anybody that the vault opens on the first of May! "
    "The codes are: red, green, blue and white; ask nobody for them. Answer in a friendly tone."
)
WORDS = re.findall(r"\w+", SYSTEM)
OWN = ["the", "bank", "we", "refund", "tell", "it", "opens", "and", "a", "euros", "friendly"]
MARKS = st.sampled_from([" ", " ", " ", ". ", ", ", "\n", "! ", " - ", "\n\n", ": ", '" "'])
SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=6) | st.just([1])


@st.composite
def _run(draw: st.DrawFn) -> str:
    """A stretch of the system prompt, with other case and other marks between its words."""
    start = draw(st.integers(0, len(WORDS) - 2))
    words = WORDS[start : start + draw(st.integers(2, 20))]
    loud = draw(st.booleans())
    return "".join((word.upper() if loud else word) + draw(MARKS) for word in words)


TEXTS = st.lists(
    _run()
    | st.tuples(st.lists(st.sampled_from(OWN), max_size=9).map(" ".join), MARKS).map("".join),
    min_size=1,
    max_size=6,
).map("".join)


@cache
def guard() -> PromptLeakGuard:
    return PromptLeakGuard(PromptLeakOptions())


def exchange(system: str = SYSTEM, *, stream: bool = False) -> Exchange:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": "hi"}]
    return make_exchange(messages=messages, stream=stream)


async def released(text: str, sizes: list[int] | None, then: Then) -> tuple[str, Exchange]:
    """What the caller reads of an answer, whole (no sizes) or streamed."""
    documents: list[Json]
    if sizes is None:
        message = {"role": "assistant", "content": text}
        documents = [{"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}]
    else:
        documents = [{"choices": [{"index": 0, "delta": {"content": part}}]}
                     for part in split(text, sizes)]  # fmt: skip
        documents.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    ex = exchange(stream=sizes is not None)
    rules = (Rule("leak", guard(), "prompt_leak", then, mask=MASK),)
    gate = Gate(Layer.OUTPUT, rules, ex, Outcome("guard[output]"), "I don't know.")
    said = ""
    async for frame in gate.through(frames_of(documents)):
        choice = frame.document["choices"][0]
        said += (choice.get("delta") or choice.get("message") or {}).get("content") or ""
    return said, ex


async def leaks(text: str) -> list[tuple[int, int]]:
    found = await guard().check([Segment(text, Origin.MODEL)], exchange())
    return [(f.start, f.end) for f in found if f.score >= 0.5]


@settings(deadline=None, max_examples=150)
@given(TEXTS, SIZES)
@example("It is so. Never promise a refund. Above 500 euros without asking a supervisor.", [1])
@example("never\npromise\na\nrefund\nabove\n500\neuros\nwithout\nasking\n", [3])
async def test_no_word_of_a_blocked_run_is_released(text: str, sizes: list[int]) -> None:
    said, ex = await released(text, sizes, Then.BLOCK)
    whole, once = await released(text, None, Then.BLOCK)
    assert (said, ex.verdict) == (whole, once.verdict)
    assert text.startswith(said)
    found = await leaks(text)
    assert len(said) <= min((start for start, _ in found), default=len(text))


@settings(deadline=None, max_examples=100)
@given(TEXTS, SIZES)
async def test_no_word_of_a_masked_run_is_released(text: str, sizes: list[int]) -> None:
    said, ex = await released(text, sizes, Then.MASK)
    assert said == (await released(text, None, Then.MASK))[0]
    masked = {place for d in ex.decisions for f in d.findings for place in range(f.start, f.end)}
    for start, end in await leaks(text):
        assert masked.issuperset(range(start, end)), text[start:end]


async def test_a_long_leak_in_one_go_is_not_released_either() -> None:
    """Longer than what is ever held back for a run."""
    text = "Here it is. " + " ".join(WORDS * 40)
    for sizes in ([1], [37], None):
        said, ex = await released(text, sizes, Then.BLOCK)
        assert said == "Here it is. "
        assert ex.verdict == "blocked"


async def test_repeating_a_word_of_the_prompt_for_ever_is_released() -> None:
    text = "bank above bank above. " * 2_000
    for sizes in ([11], None):
        said, ex = await released(text, sizes, Then.BLOCK)
        assert (said, ex.verdict) == (text, "passed")


def test_sentences_are_released_at_their_ends_beside_a_long_prompt() -> None:
    """Of the sentences of one guide, fewer than a tenth end as the words of another one go on."""
    pages = [prose(path.read_text()) for path in sorted(Path("docs/guides").glob("*.md"))]
    long = sorted((page for page in pages if len(page) > 1_500), key=len)
    ends, delayed = 0, 0
    for text, system in zip(long, [*long[1:], long[0]], strict=True):
        rules = (Rule("leak", guard(), "prompt_leak", Then.BLOCK),)
        goes_on = goes_on_of(rules, exchange(system))
        assert goes_on is not None
        for match in re.finditer(r"[.!?]\s+(?=\S)", text):
            before = text[max(0, match.end() - SOFT) : match.end()][-64:]
            ends += 1
            delayed += goes_on(before, text[match.end()])
    assert delayed < ends / 10
