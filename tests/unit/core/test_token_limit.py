from dataclasses import replace

import pytest

from gateway.core.dialect import Dialect
from gateway.core.identity import Limits
from gateway.core.segments import Json
from gateway.core.token_limit import limit_tokens
from gateway.testing.exchanges import make_exchange
from gateway.wire.completions import CompletionsDialect
from gateway.wire.embeddings import EmbeddingsDialect
from gateway.wire.messages import MessagesDialect
from gateway.wire.responses import ResponsesDialect

LIMITS: list[tuple[tuple[int | None, int | None], Json, Json]] = [
    ((None, None), {"max_tokens": 9000}, {"max_tokens": 9000}),
    ((100, None), {}, {"max_completion_tokens": 100}),
    ((100, 50), {}, {"max_completion_tokens": 50}),
    ((None, 50), {"max_tokens": 9000}, {"max_tokens": 50}),
    ((100, None), {"max_tokens": None}, {"max_tokens": None, "max_completion_tokens": 100}),
    ((100, None), {"max_tokens": 10}, {"max_tokens": 10}),
    ((100, None), {"max_completion_tokens": 101}, {"max_completion_tokens": 100}),
    (
        (100, None),
        {"max_tokens": 500, "max_completion_tokens": 10},
        {"max_tokens": 100, "max_completion_tokens": 10},
    ),
    ((100, None), {"max_tokens": -1}, {"max_tokens": 100}),
    ((100, None), {"max_tokens": True}, {"max_tokens": 100}),
    ((100, None), {"max_tokens": 1e9}, {"max_tokens": 100}),
]


@pytest.mark.parametrize(("limits", "asked", "sent"), LIMITS)
def test_max_tokens_is_a_hard_limit(
    limits: tuple[int | None, int | None], asked: Json, sent: Json
) -> None:
    ex = make_exchange("Hello", body=asked)
    ex.raw = b"{}"
    assert ex.principal is not None
    mine, tenants = (Limits(max_tokens=limit) for limit in limits)
    ex.principal = replace(ex.principal, limits=mine, tenant_limits=tenants)
    limit_tokens(ex)
    assert {k: v for k, v in ex.body.items() if k.startswith("max_")} == sent
    assert (ex.raw is None) is (asked != sent)


@pytest.mark.parametrize(
    ("dialect", "field"),
    [
        (CompletionsDialect(), "max_tokens"),
        (ResponsesDialect(), "max_output_tokens"),
        (MessagesDialect(), "max_tokens"),
        (EmbeddingsDialect(), None),
    ],
)
def test_every_endpoint_is_limited_by_its_own_field(dialect: Dialect, field: str | None) -> None:
    ex = make_exchange("Hello", dialect=dialect)
    assert ex.principal is not None
    ex.principal = replace(ex.principal, limits=Limits(max_tokens=100))
    limit_tokens(ex)
    sent = {k: v for k, v in ex.body.items() if k.startswith("max_")}
    assert sent == ({field: 100} if field else {})
