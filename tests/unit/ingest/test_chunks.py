"""Cutting documents into chunks."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.ingest.blocks import Block
from gateway.ingest.chunks import SIZE, chunk

BLOCKS = st.lists(
    st.builds(
        Block,
        st.text(alphabet="ab. \n", min_size=1, max_size=300).filter(str.strip),
        st.sampled_from([(), ("A",), ("A", "B")]),
    ),
    max_size=8,
)


def test_sections_are_never_mixed() -> None:
    blocks = [Block("one", ("A",)), Block("two", ("A",)), Block("three", ("A", "B"))]
    assert chunk(blocks) == ["# A\n\none\ntwo", "# A > B\n\nthree"]


def test_long_paragraph_is_cut_between_sentences() -> None:
    text = " ".join(f"Sentence number {n} is here." for n in range(80))
    passages = chunk([Block(text)])
    assert len(passages) > 2
    assert all(len(passage) <= SIZE and passage.endswith("here.") for passage in passages)


def test_endless_word_is_cut() -> None:
    assert [len(passage) for passage in chunk([Block("x" * 2_000)])] == [800, 800, 400]


@given(BLOCKS)
def test_nothing_is_lost_and_every_chunk_fits(blocks: list[Block]) -> None:
    passages = chunk(blocks, size=50)
    bodies = [
        passage.split("\n\n", 1)[1] if passage[:2] == "# " else passage for passage in passages
    ]
    assert all(len(body) <= 50 for body in bodies)
    letters = "".join("".join(body.split()) for body in bodies)
    assert letters == "".join("".join(block.text.split()) for block in blocks)
