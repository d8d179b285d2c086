"""What all dialects have in common: own answers, framing, errors, citations."""

import orjson
import pytest

from gateway.core.errors import ContentFiltered, UpstreamRejected, UpstreamTimeout
from gateway.core.reply import Frame
from gateway.core.segments import Json
from gateway.wire.chat import ChatDialect
from gateway.wire.completions import CompletionsDialect
from gateway.wire.dialect import WireDialect
from gateway.wire.embeddings import EmbeddingsDialect
from gateway.wire.messages import MessagesDialect
from gateway.wire.responses import ResponsesDialect

TALKING: list[WireDialect] = [
    ChatDialect(),
    CompletionsDialect(),
    ResponsesDialect(),
    MessagesDialect(),
]
EVERY: list[WireDialect] = [*TALKING, EmbeddingsDialect()]
CITED = [{"chunk_id": "d#1"}]


def named(dialect: WireDialect) -> str:
    return dialect.name


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("finish", ["stop", "content_filter"])
@pytest.mark.parametrize("dialect", TALKING, ids=named)
def test_the_gateways_own_answer_reads_like_a_models(
    dialect: WireDialect, finish: str, stream: bool
) -> None:
    documents = dialect.answer("m", "Sorry, no.", stream=stream, finish=finish)
    pieces = [p for document in documents for p in dialect.pieces(document)]
    assert "".join(p.text for p in pieces if not p.echo) == "Sorry, no."
    assert all(p.text == "Sorry, no." for p in pieces if p.echo)
    assert [f for d in documents if (f := dialect.finish(d))][-1] == finish
    assert dialect.finishing(documents[-1]) == [0]


def test_embeddings_cannot_say_anything() -> None:
    with pytest.raises(ContentFiltered):
        EmbeddingsDialect().answer("m", "Sorry.", stream=False)


@pytest.mark.parametrize("dialect", EVERY, ids=named)
def test_an_error_has_a_status_and_a_message(dialect: WireDialect) -> None:
    reply = dialect.render(ContentFiltered("Blocked.", param=dialect.field), None, "req_1")
    assert reply.status == 400
    assert reply.headers["x-should-retry"] == "false"
    error = orjson.loads(reply.body)["error"]
    assert (error["message"], error["code"]) == ("Blocked.", "content_filter")


def test_a_providers_complaint_is_told_in_the_shape_of_the_endpoint() -> None:
    theirs = {"error": {"message": "too long", "type": "x", "code": "context_length_exceeded"}}
    reply = MessagesDialect().render(UpstreamRejected(400, theirs, "too long"), None, "req_1")
    assert orjson.loads(reply.body) == {
        "type": "error",
        "error": {
            "type": "invalid_request_error",
            "message": "too long",
            "code": "context_length_exceeded",
        },
        "request_id": "req_1",
    }


def test_chat_ends_with_done() -> None:
    framing = ChatDialect().framing()
    assert framing.event(Frame(raw=b'{"a": 1}')) == b'data: {"a": 1}\n\n'
    assert framing.ending() == b"data: [DONE]\n\n"


def test_typed_events_bear_their_names_and_end_by_themselves() -> None:
    framing = MessagesDialect().framing()
    event = framing.event(Frame(document={"type": "ping"}))
    assert event == b'event: ping\ndata: {"type":"ping"}\n\n'
    assert framing.ending() == b""


def test_an_odd_type_cannot_break_the_framing() -> None:
    event = MessagesDialect().framing().event(Frame(document={"type": "a\ndata: b"}))
    assert event == b'data: {"type":"a\\ndata: b"}\n\n'


def test_events_of_a_response_are_numbered_in_each_stream_by_itself() -> None:
    dialect = ResponsesDialect()
    for _ in range(2):
        framing = dialect.framing()
        events = [framing.event(Frame(document={"type": "x", "sequence_number": 7})) for _ in "ab"]
        assert [event.rpartition(b":")[2] for event in events] == [b"0}\n\n", b"1}\n\n"]


@pytest.mark.parametrize("dialect", EVERY, ids=named)
def test_a_stream_that_breaks_off_says_why(dialect: WireDialect) -> None:
    late = UpstreamTimeout("Too late.", retryable=False)
    event = dialect.framing().error(late, None)
    assert event.endswith(b"\n\n")
    document = orjson.loads(event.partition(b"data: ")[2])
    assert document["error"]["message"] == "Too late."


def _whole(dialect: WireDialect) -> Json:
    return dialect.answer("m", "30 days [1].", stream=False)[0]


@pytest.mark.parametrize("dialect", [ResponsesDialect(), MessagesDialect()], ids=named)
def test_citations_stand_beside_the_answer(dialect: WireDialect) -> None:
    assert dialect.with_citations(_whole(dialect), CITED)["context"] == {"citations": CITED}
    first = dialect.answer("m", "30 days.", stream=True)[0]
    cited = dialect.with_citations(first, CITED)
    assert {"citations": CITED} in [v.get("context") for v in cited.values() if type(v) is dict]
    assert dialect.citation_document(first, CITED) is None


def test_completions_have_no_place_for_citations() -> None:
    document = _whole(CompletionsDialect())
    assert CompletionsDialect().with_citations(document, CITED) is document
