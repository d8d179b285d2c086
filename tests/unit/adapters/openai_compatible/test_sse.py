from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.openai_compatible.sse import EventParser, EventTooLarge

CASES: list[tuple[bytes, list[tuple[bytes, bytes]]]] = [
    (b"data: {}\n\n", [(b"", b"{}")]),
    (b"data:{}\r\n\r\n", [(b"", b"{}")]),
    (b"data: a\r\rdata: b\r\r", [(b"", b"a"), (b"", b"b")]),
    (b"\xef\xbb\xbfdata: a\n\n", [(b"", b"a")]),
    (b"data: a\ndata: b\n\n", [(b"", b"a\nb")]),
    (b"data:  two spaces\n\n", [(b"", b" two spaces")]),
    (b": keep-alive\n\ndata: a\n\n", [(b"", b"a")]),
    (b"event: error\ndata: a\n\ndata: b\n\n", [(b"error", b"a"), (b"", b"b")]),
    (b"event: ping\n\ndata: a\n\n", [(b"", b"a")]),
    (b"id: 1\nretry: 10\nnonsense\ndata: a\n\n", [(b"", b"a")]),
    (b"data\n\n", [(b"", b"")]),
    (b"data: a: b\n\n", [(b"", b"a: b")]),
    (b"data: last without an empty line", [(b"", b"last without an empty line")]),
    (b"", []),
]


def parsed(pieces: list[bytes]) -> list[tuple[bytes, bytes]]:
    parser = EventParser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.finish()


@pytest.mark.parametrize(("stream", "expected"), CASES)
def test_events(stream: bytes, expected: list[tuple[bytes, bytes]]) -> None:
    assert parsed([stream]) == expected
    assert parsed([bytes([byte]) for byte in stream]) == expected


@given(
    st.lists(
        st.sampled_from(
            [b"data", b":", b" ", b"x", b"\r", b"\n", b"\xef\xbb\xbf", b"event", b"\n\n"]
        )
    ),
    st.lists(st.integers(0, 60), max_size=8),
)
def test_the_pieces_it_comes_in_do_not_matter(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(places)]
    assert parsed(pieces) == parsed([stream])


def feed_all(parser: EventParser, piece: bytes, times: int) -> None:
    for _ in range(times):
        parser.feed(piece)


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 100, b"data: " + b"x" * 100 + b"\n"])
def test_an_event_without_end_is_given_up(piece: bytes) -> None:
    with pytest.raises(EventTooLarge):
        feed_all(EventParser(max_event=1000), piece, 20)
