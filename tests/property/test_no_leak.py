"""No byte of a found value is ever released, whatever the text and however it is split.

The guards are the real ones; what they find in the whole text is what must not get out.
"""

import base64
import re
from functools import cache
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.adapters.detect_secrets.scanner import DetectSecretsScanner
from gateway.adapters.presidio.recognizer import PresidioRecognizer
from gateway.core.exchange import Exchange, Outcome
from gateway.core.findings import Then
from gateway.core.reply import frames_of
from gateway.core.rules import Layer, Policy, Rule
from gateway.core.segments import Json, Origin, Segment
from gateway.core.window import CEILING, SOFT, straddles
from gateway.guards.pii import PiiGuard, PiiOptions
from gateway.guards.secrets import SecretsGuard, SecretsOptions
from gateway.stages.gate import Gate
from gateway.stages.judge import pending_of
from gateway.testing.exchanges import make_exchange
from tests.property.test_stream_parity import split

MASK = "\x00"
"""What masked text reads: nothing that a guard or a text could say."""

WORDS = (
    "the", "a", "order", "is", "ready", "now", "we", "will", "send", "it", "to", "her", "and",
    "they", "said", "yes", "report", "about", "green", "houses", "because", "nobody", "asked",
)  # fmt: skip


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@st.composite
def _jwt(draw: st.DrawFn) -> str:
    size = draw(st.sampled_from([40, 400, 1_400]))
    payload = orjson.dumps({"sub": draw(st.integers(0, 10**9)), "data": "q7" * (size // 2)})
    signature = draw(st.binary(min_size=32, max_size=32))
    header = orjson.dumps({"alg": "HS256", "typ": "JWT"})
    return ".".join(map(_base64, (header, payload, signature)))


@st.composite
def _pem(draw: st.DrawFn) -> str:
    lines = [
        base64.b64encode(draw(st.binary(min_size=48, max_size=48))).decode()
        for _ in range(draw(st.integers(1, 8)))
    ]
    body = "\n".join(lines)
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"


@st.composite
def _mail(draw: st.DrawFn) -> str:
    local = draw(st.text("abcxyz019._+-", min_size=1, max_size=80)).strip(".") or "x"
    return f"{local}@example.com"


@st.composite
def _grouped(draw: st.DrawFn) -> str:
    """A number in groups, with any of the usual signs between them, line breaks among them."""
    groups = draw(
        st.sampled_from(
            [
                ["4111", "1111", "1111", "1111"],
                ["3782", "822463", "10005"],
                ["DE89", "3704", "0044", "0532", "0130", "00"],
                ["GB29", "NWBK", "6016", "1331", "9268", "19"],
                ["+1", "(415)", "555", "0132"],
                ["+49", "30", "901820"],
                ["(415)", "555", "0132"],
                ["856", "45", "6789"],
                ["AB", "12", "34", "56", "C"],
            ]
        )
    )
    sign = st.sampled_from([" ", " ", " ", "-", ".", "", "\n", " \n", ". "])
    if draw(st.booleans()):
        one = draw(sign)
        return one.join(groups)
    return "".join(f"{group}{draw(sign)}" for group in groups[:-1]) + groups[-1]


VALUES = st.one_of(
    _mail(),
    _jwt(),
    _pem(),
    _grouped(),
    _grouped(),
    st.sampled_from(
        [
            "My name is Jane Doe",
            "my name is John A. Smith",
            "Dr. Ada M. Lovelace",
            "12 Main Street, Springfield, IL 62704",
            "born on March 5, 1990",
            "221B Baker Street",
            "born on 5 March 1990",
            "I live in Frankfurt am Main",
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_" + "a1B2" * 9,
            "https://jane:hunter2secret@example.com/",
            "192.168.17.4",
            "My name is Anna van der Berg",
            "Hauptstraße 12, 10115 Berlin",
        ]
    ),
)
PROSE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=60).map(" ".join)
GLUE = st.sampled_from(
    [" ", ". ", ", ", "\n", ": ", "! ", ".\n\n", " - ", " (", ") ", "\n\n", "; "]
)
TEXTS = st.lists(st.tuples(st.one_of(PROSE, VALUES), GLUE), min_size=1, max_size=10).map(
    lambda parts: "".join(text + glue for text, glue in parts)
)
SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=6) | st.just([1])


@cache
def pii() -> PiiGuard:
    return PiiGuard(PiiOptions(), recognizer=PresidioRecognizer())


@cache
def secrets() -> SecretsGuard:
    return SecretsGuard(SecretsOptions(), secret_scanner=DetectSecretsScanner())


def rules(then: Then) -> tuple[Rule, ...]:
    return (
        Rule("pii", pii(), "pii", then, threshold=0.4, mask=MASK),
        Rule("secrets", secrets(), "secrets", then, mask=MASK),
    )


async def found(text: str) -> list[tuple[int, int, str]]:
    """The spans of all values in the whole text."""
    ex, segment = make_exchange(), Segment(text, Origin.MODEL)
    spans = []
    for rule in rules(Then.MASK):
        findings = await rule.guard.check([segment], ex)
        spans += [(f.start, f.end, f.category) for f in findings if f.score >= rule.threshold]
    return spans


async def released(
    text: str, sizes: list[int] | None, then: Then, ceiling: int = CEILING
) -> tuple[str, Exchange]:
    """What the caller reads of an answer, whole (no sizes) or streamed."""
    documents: list[Json]
    if sizes is None:
        message = {"role": "assistant", "content": text}
        documents = [{"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}]
    else:
        deltas: list[Json] = [{"content": part} for part in split(text, sizes)]
        documents = [
            {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
        ]
        documents.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    policy = Policy("p", "0" * 64, {}, ceiling)
    ex = make_exchange(stream=sizes is not None, policy=policy)
    gate = Gate(Layer.OUTPUT, rules(then), ex, Outcome("guard[output]"), "I don't know.")
    said = ""
    async for frame in gate.through(frames_of(documents)):
        choice = frame.document["choices"][0]
        said += (choice.get("delta") or choice.get("message") or {}).get("content") or ""
    return said, ex


def seen(ex: Exchange) -> list[tuple[str, int, int]]:
    return [(d.rule, f.start, f.end) for d in ex.decisions for f in d.findings]


@settings(deadline=None, max_examples=80)
@given(TEXTS, SIZES)
@example("word " * 60 + "4111 1111 1111 1111 is hers", [1])
@example("12 " * 500 + "4111 1111 1111 1111" + " 17" * 600, [7])
@example("856 45.6789\n\nx.y@example.com\n\nhers", [4])
@example("z" * (CEILING - 10) + " AKIAIOSFODNN7EXAMPLE is hers", [900])
@example("z" * (CEILING - 10) + "/AKIAIOSFODNN7EXAMPLE is hers", [900])
async def test_no_byte_of_a_masked_value_is_released(text: str, sizes: list[int]) -> None:
    said, ex = await released(text, sizes, Then.MASK)
    whole, once = await released(text, None, Then.MASK)
    assert (said, seen(ex)) == (whole, seen(once))
    assert ex.verdict == once.verdict != "blocked"
    masked = {place for _, start, end in seen(ex) for place in range(start, end)}
    for start, end, category in await found(text):
        assert masked.issuperset(range(start, end)), (category, text[start:end])
    everything = "".join(
        MASK if place in masked else character for place, character in enumerate(text)
    )
    assert re.sub(f"{MASK}+", MASK, said) == re.sub(f"{MASK}+", MASK, everything)


@settings(deadline=None, max_examples=40)
@given(TEXTS, SIZES)
async def test_no_byte_of_a_blocked_value_is_released(text: str, sizes: list[int]) -> None:
    said, ex = await released(text, sizes, Then.BLOCK)
    whole, once = await released(text, None, Then.BLOCK)
    assert (said, ex.verdict) == (whole, once.verdict)
    assert text.startswith(said)
    for start, _, category in await found(text):
        assert len(said) <= start, (category, said[start:])


@pytest.mark.parametrize("sizes", [None, [1], [700]])
@pytest.mark.parametrize(("ceiling", "verdict"), [(1_024, "blocked"), (2_048, "rewritten")])
async def test_a_key_that_reaches_the_ceiling_of_its_policy_ends_the_answer(
    sizes: list[int] | None, ceiling: int, verdict: str
) -> None:
    lines = "\n".join("QUJD" * 16 for _ in range(20))
    key = f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"
    said, ex = await released(f"Here it is.\n{key}\nDone.", sizes, Then.MASK, ceiling)
    assert said == ("Here it is.\n" if verdict == "blocked" else f"Here it is.\n{MASK}\nDone.")
    assert ex.verdict == verdict


def test_ordinary_sentences_are_released_at_their_ends() -> None:
    """Of the windows of these guides, fewer than one in a hundred waits for the next one."""
    guides = Path("docs/guides").glob("*.md")
    text = "\n\n".join(prose(path.read_text()) for path in sorted(guides))
    assert len(text) > 10_000
    waiting = pending_of(rules(Then.MASK))
    ends, delayed = 0, 0
    for match in re.finditer(r"[.!?]\s+(?=\S)", text):
        before = text[max(0, match.end() - 2 * SOFT) : match.end()]
        ends += 1
        delayed += straddles(before, text[match.end()]) or waiting(before)
    assert delayed < ends / 100


def prose(markdown: str) -> str:
    """The paragraphs of a page, without code, tables, lists and headings."""
    paragraphs = re.sub(r"```.*?```", "", markdown, flags=re.DOTALL).split("\n\n")
    return "\n\n".join(p for p in paragraphs if p[:1].isalpha())
