"""What the guards of grounded answers find does not depend on where an answer is cut."""

from collections.abc import AsyncIterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.exchange import Exchange, Outcome
from gateway.core.findings import Finding, Guard, Then
from gateway.core.reply import Frame
from gateway.core.rules import Layer, Rule
from gateway.core.segments import Json, Origin, Segment
from gateway.guards.citations import CitationsGuard, CitationsOptions
from gateway.guards.faithfulness import FaithfulnessGuard, FaithfulnessOptions
from gateway.stages.gate import Gate
from gateway.testing.chat import chunk
from gateway.testing.exchanges import make_exchange
from gateway.testing.support import ScriptedSupport, make_chunk

SENTENCES = st.sampled_from(
    [
        "Refunds take 14 days [1]. ",
        "Refunds take 30 days. [1] ",
        "The false office is in Madrid. ",
        "Ask Dr. Smith at 5 p.m. about it! ",
        "Hello! ",
        "Is it so? ",
        "\n- a false point [2]\n",
        "The list: one, two, three, " + "and more, " * 30 + "and a false end [1]. ",
        "It costs 3.5 euros [9]. ",
    ]
)
ANSWERS = st.lists(SENTENCES, min_size=1, max_size=8).map("".join)
CHUNKS = (make_chunk("Refunds take 14 days."), make_chunk("The office is in Madrid.", 2))


def guards() -> tuple[Guard, Guard]:
    scorer = ScriptedSupport({"30 days": 0.2, "false": 0.1})
    return (
        FaithfulnessGuard(FaithfulnessOptions(), support=scorer, lexical_support=scorer),
        CitationsGuard(CitationsOptions(), support=scorer, lexical_support=scorer),
    )


def exchange() -> Exchange:
    ex = make_exchange("Tell me.", stream=True)
    ex.chunks = CHUNKS
    return ex


async def judged(documents: Sequence[Json]) -> tuple[set[tuple[str, str, int, int]], Exchange]:
    """What was found in an answer that comes in these documents; every finding lets it pass."""
    ex = exchange()

    async def frames() -> AsyncIterator[Frame]:
        for document in documents:
            yield Frame(document=document)

    # A mask that changes nothing acts, so that the rules may hold text back, and lets all pass.
    rules = tuple(
        Rule(guard.name, guard, guard.name, Then.MASK, mask="{category}") for guard in guards()
    )
    gate = Gate(Layer.OUTPUT, rules, ex, Outcome("guard[output]"), "I don't know.")
    async for _ in gate.through(frames()):
        pass
    found = {
        (decision.rule, finding.category, finding.start, finding.end)
        for decision in ex.decisions
        for finding in decision.findings
    }
    return found, ex


def whole(findings: Sequence[Finding], rule: str) -> set[tuple[str, str, int, int]]:
    return {(rule, f.category, f.start, f.end) for f in findings if f.score >= 0.5}


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.integers(1, 40))
async def test_windows_find_what_a_look_at_the_whole_answer_finds(answer: str, size: int) -> None:
    deltas = [answer[at : at + size] for at in range(0, len(answer), size)]
    documents = [chunk("m", {"content": delta}) for delta in deltas]
    documents.append(chunk("m", {}, finish="stop"))
    found, _ = await judged(documents)
    segment = Segment(answer, Origin.MODEL, ("choices", 0, "content"))
    expected: set[tuple[str, str, int, int]] = set()
    for guard in guards():
        expected |= whole(await guard.check([segment], exchange()), guard.name)
    assert found == expected
