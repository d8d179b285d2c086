"""The addresses that models answer, and the dialect that is spoken at each."""

from gateway.app.endpoint import ExchangeEndpoint
from gateway.app.runtime import Live
from gateway.core.clock import Clock
from gateway.wire.chat import ChatDialect
from gateway.wire.completions import CompletionsDialect
from gateway.wire.dialect import WireDialect
from gateway.wire.embeddings import EmbeddingsDialect
from gateway.wire.messages import MessagesDialect
from gateway.wire.responses import ResponsesDialect


def model_endpoints(live: Live, clock: Clock) -> dict[str, ExchangeEndpoint]:
    """Every endpoint that goes through a model's pipeline, by its address."""
    dialects: tuple[WireDialect, ...] = (
        ChatDialect(clock),
        CompletionsDialect(clock),
        EmbeddingsDialect(),
        ResponsesDialect(clock),
        MessagesDialect(clock),
    )
    return {f"/v1/{d.upstream}": ExchangeEndpoint(live, d, clock) for d in dialects}
