import pytest
from pydantic import ValidationError

from gateway.core.findings import Finding
from gateway.core.segments import Origin, Segment
from gateway.guards.keywords import KeywordsGuard, KeywordsOptions
from gateway.testing.exchanges import make_exchange


async def test_each_place_is_a_finding_with_the_lists_own_word() -> None:
    guard = KeywordsGuard(KeywordsOptions(words=("Project Orion",), category="codename"))
    segments = [Segment("nothing", Origin.USER), Segment("about PROJECT ORION", Origin.USER)]
    assert await guard.check(segments, make_exchange()) == [
        Finding("codename", 1.0, 1, 6, 19, "Project Orion")
    ]


def test_a_list_without_words_is_refused() -> None:
    with pytest.raises(ValidationError):
        KeywordsOptions(words=())
