"""Claims, citations and support of answers."""

import pytest

from gateway.core.knowledge import Access, Chunk
from gateway.evals.answers import AnswerJudge, Grounding, WordSupport, claims_of


def chunk(text: str, title: str = "") -> Chunk:
    return Chunk("d#0", "d", "1", title, None, None, text, Access(public=True))


PASSAGES = [
    chunk("Tents carry a warranty of 5 years.", "Warranty"),
    chunk("Standard delivery costs $5.90 and takes 3 to 5 business days.", "Shipping"),
]


@pytest.mark.parametrize(
    ("answer", "claims"),
    [
        ("Tents last 5 years [1].", [("Tents last 5 years .", [1])]),
        ("Tents last 5 years. [1][2]", [("Tents last 5 years.", [1, 2])]),
        ("Tents last 5 years. [1] Delivery costs $5.90 [2, 1].",
         [("Tents last 5 years.", [1]), ("Delivery costs $5.90 .", [2, 1])]),
        ("Hello! How can I help?", []),
        ("", []),
    ],
)  # fmt: skip
def test_claims_with_the_passages_they_point_at(
    answer: str, claims: list[tuple[str, list[int]]]
) -> None:
    assert claims_of(answer) == claims


@pytest.mark.parametrize(
    ("answer", "counts"),
    [  # claims, supported, cited, citing, covered
        ("Tents carry a warranty of 5 years [1].", (1, 1, 1, 1, 1)),
        ("Tents carry a warranty of 5 years [2].", (1, 1, 1, 0, 0)),
        ("Tents carry a warranty of 5 years [1][2].", (1, 1, 2, 1, 1)),
        ("Tents carry a warranty of 5 years.", (1, 1, 0, 0, 0)),
        ("Tents carry a warranty of 7 years [1].", (1, 0, 1, 0, 0)),
        ("Tents carry a warranty of 5 years [9].", (1, 1, 1, 0, 0)),
        ("The moon is made of green cheese [1].", (1, 0, 1, 0, 0)),
    ],
)
async def test_support_and_citations(answer: str, counts: tuple[int, ...]) -> None:
    seen = await AnswerJudge(WordSupport()).judge(answer, PASSAGES)
    assert (seen.claims, seen.supported, seen.cited, seen.citing, seen.covered) == counts


async def test_unsupported_claims_are_named() -> None:
    seen = await AnswerJudge(WordSupport()).judge("Boots carry a warranty of 9 years.", PASSAGES)
    assert seen.unsupported == ("Boots carry a warranty of 9 years.",)


async def test_without_passages_nothing_is_borne_out() -> None:
    judge = AnswerJudge(WordSupport())
    assert await judge.judge("Hello there!", []) == Grounding()
    seen = await judge.judge("Tents carry a warranty of 5 years [1].", [])
    assert (seen.claims, seen.supported, seen.cited) == (1, 0, 1)
