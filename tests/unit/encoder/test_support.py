"""The scorers: which passage bears out a sentence, and which sentences none does."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.encoder.model_file import SHIPPED, ModelFileError
from gateway.encoder.support import LexicalSupport, SupportScorer
from gateway.encoder.support_model import read_figures
from gateway.ports.support import Judgement
from gateway.testing.support import make_chunk

CHUNKS = [
    make_chunk("Our office is in Madrid. Refunds are paid within 14 days of the return.", 1),
    make_chunk("The warranty lasts two years and covers manufacturing defects.", 2),
    make_chunk('{"name": "Blue Heron", "OutdoorSeating": false, "WiFi": "free"}', 3),
]


def judged(
    sentences: Sequence[str],
    among: frozenset[int] | None = None,
    scorer: type[LexicalSupport] | type[SupportScorer] = LexicalSupport,
) -> list[Judgement]:
    async def judge() -> list[Judgement]:
        made = scorer()
        try:
            source = await made.open(CHUNKS)
            return list(await source.judge(sentences, among))
        finally:
            made.close()

    return asyncio.run(judge())


@pytest.mark.parametrize("scorer", [LexicalSupport, SupportScorer])
def test_a_sentence_of_a_passage_is_supported_by_it(
    scorer: type[LexicalSupport] | type[SupportScorer],
) -> None:
    texts = ["Refunds are paid within 14 days of the return.", "The warranty lasts two years."]
    first, second = judged(texts, scorer=scorer)
    assert (first.chunk, second.chunk) == (0, 1)
    assert min(first.score, second.score) > 0.5
    assert CHUNKS[0].text[first.start : first.end].startswith("Refunds are paid")


@pytest.mark.parametrize("scorer", [LexicalSupport, SupportScorer])
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Refunds are paid within 14 days.", "Refunds are paid within 45 days."),
        ("The warranty lasts two years.", "The warranty lasts seven years."),
        ("The office is in Madrid.", "The office is in Lisbon."),
        ("It has free WiFi.", "It has outdoor seating."),
    ],
)
def test_what_is_otherwise_scores_lower(
    scorer: type[LexicalSupport] | type[SupportScorer], right: str, wrong: str
) -> None:
    first, second = judged([right, wrong], scorer=scorer)
    assert second.score < first.score


def test_what_no_passage_speaks_of_has_none() -> None:
    (seen,) = judged(["Penguins swim in cold southern oceans."])
    assert seen.chunk is None
    assert seen.score < 0.5


def test_another_number_is_a_contradiction() -> None:
    (seen,) = judged(["It has outdoor seating."])
    assert seen.contradicted
    assert seen.chunk == 2


def test_only_the_passages_that_may_support_do() -> None:
    sentence = "Refunds are paid within 14 days of the return."
    (seen,) = judged([sentence], frozenset({1}))
    assert seen.score < 0.5
    (seen,) = judged([sentence], frozenset({0, 2}))
    assert (seen.chunk, seen.score > 0.5) == (0, True)


def test_a_sentence_is_judged_alike_alone_and_among_others() -> None:
    sentences = [f"The warranty lasts {n} years and covers defects." for n in range(40)]
    together = judged(sentences, scorer=SupportScorer)
    assert judged(sentences[7:8], scorer=SupportScorer)[0] == together[7]


def test_markers_are_no_part_of_what_is_said() -> None:
    bare, marked = judged(["The warranty lasts two years.", "The warranty lasts two years [2]."])
    assert abs(bare.score - marked.score) < 0.05


@pytest.mark.parametrize("text", ["\ud800 broken", "x" * 5_000, "退款", "1 " * 900])
def test_odd_texts_are_judged_too(text: str) -> None:
    (seen,) = judged([text], scorer=SupportScorer)
    assert 0.0 <= seen.score <= 1.0


def test_no_sentences_are_no_work() -> None:
    assert judged([]) == []


def test_a_damaged_manifest_says_what_to_do(tmp_path: Path) -> None:
    stored = json.loads((SHIPPED / "support.json").read_text())
    del stored["lexical"]["weights"]["coverage"]
    (tmp_path / "support.json").write_text(json.dumps(stored))
    with pytest.raises(ModelFileError, match=r"coverage.*reinstall"):
        read_figures(tmp_path)
    with pytest.raises(ModelFileError, match=r"support\.json"):
        read_figures(tmp_path / "nowhere")


async def test_a_damaged_network_is_not_loaded(tmp_path: Path) -> None:
    stored = json.loads((SHIPPED / "support.json").read_text())
    stored["files"] = {"support.onnx": "0" * 64}
    (tmp_path / "support.json").write_text(json.dumps(stored))
    (tmp_path / "support.onnx").write_bytes(b"not a network")
    scorer = SupportScorer(tmp_path)
    try:
        source = await scorer.open(CHUNKS)
        with pytest.raises(ModelFileError, match="SHA-256"):
            await source.judge(["Anything at all."])
    finally:
        scorer.close()
