"""Whatever a provider sends, the gate neither fails nor lets a finding through."""

import copy
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.findings import Then
from gateway.core.segments import Json
from tests.property.test_endpoint_parity import DIALECTS, documents_of, exchange, raw_gated

SECRET = "secret-12"
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(["", SECRET, f"a {SECRET} b", "message", "text", "response.completed"]),
)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["type", "text", "item", "content", "index", "delta", "x"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=6,
)
SAID = (f"Hm. {SECRET}", f"Hello. {SECRET} you.", ['{"q":"secret-12"}'])


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            found += places(child, (*path, key))
    return found


def damaged(documents: list[Json], data: st.DataObject) -> list[Json]:
    documents = copy.deepcopy(documents)
    for _ in range(data.draw(st.integers(1, 4))):
        node: Any = data.draw(st.sampled_from(documents))
        path = data.draw(st.sampled_from(places(node) or [("x",)]))
        try:
            for key in path[:-1]:
                node = node[key]
            node[path[-1]] = data.draw(JSON)
        except (KeyError, IndexError, TypeError):
            continue
    return documents


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("endpoint", [*DIALECTS])
@settings(deadline=None, max_examples=60)
@given(data=st.data(), then=st.sampled_from([Then.BLOCK, Then.ABSTAIN, Then.MASK]))
async def test_damaged_documents_do_no_harm(
    endpoint: str, stream: bool, data: st.DataObject, then: Then
) -> None:
    documents = damaged(documents_of(endpoint, SAID, [7], stream=stream), data)
    ex = exchange(endpoint, stream=stream)
    for document in documents:
        ex.dialect.usage(document, ex.usage)
        ex.dialect.finish(document)
    sent = await raw_gated(documents, ex, (then, Then.FLAG))
    for document in sent:
        assert isinstance(orjson.dumps(document), bytes)
