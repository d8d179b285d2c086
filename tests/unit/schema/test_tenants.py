from pathlib import Path

from gateway.core.identity import Limits, Tenant
from gateway.schema.loader import parse
from gateway.schema.problems import Problem
from gateway.schema.reader import Reader
from gateway.schema.tenants import read_tenants


def read(text: str) -> tuple[dict[str, Tenant], list[Problem]]:
    reader = Reader()
    return read_tenants(parse(text, Path("/t.yaml")), reader), reader.problems


def test_what_a_tenant_does_not_say_is_unlimited() -> None:
    tenants, problems = read(
        "version: 1\ntenants:\n  open:\n"
        "  acme: {roles: [a, b], models: m, limits: {requests_per_minute: 5, max_tokens: 9}}\n"
    )
    assert problems == []
    assert tenants["open"] == Tenant("open")
    assert tenants["acme"] == Tenant(
        "acme",
        Limits(requests_per_minute=5, max_tokens=9),
        frozenset({"a", "b"}),
        frozenset({"m"}),
    )


def test_all_mistakes_are_shown() -> None:
    tenants, problems = read(
        "version: 1\ntenants:\n  a b: {}\n  c: {limits: {requests: 1, max_tokens: 0}}\n"
    )
    assert tenants == {}
    assert [(p.line, p.column) for p in sorted(problems, key=lambda p: (p.line, p.column))] == [
        (3, 3),
        (4, 16),
        (4, 41),
    ]
