"""How stages and guards get the parts they ask for."""

import pytest

from gateway.app.inject import MissingPart, construct
from gateway.core.options import Options


class Wants:
    def __init__(self, options: Options, *, clock: str, extra: str = "default") -> None:
        self.clock = clock
        self.extra = extra


def test_parts_are_given_by_name_and_defaults_stay() -> None:
    made = construct(Wants, Options(), {"clock": "c", "unused": "u"})
    assert (made.clock, made.extra) == ("c", "default")


def test_a_missing_part_is_named_with_what_there_is() -> None:
    with pytest.raises(MissingPart, match=r"asks for the part 'clock'; there are: extra"):
        construct(Wants, Options(), {"extra": "e"})
