from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.core.options import Options
from gateway.schema.units import Bytes, ConfigPath, Names, Seconds


class Sample(Options):
    time: Seconds = 1.0
    """A duration."""
    size: Bytes = 1
    """A size."""
    names: Names = frozenset()
    """Names."""
    path: ConfigPath = Path()
    """A path."""


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(2, 2.0), ("2", 2.0), ("500ms", 0.5), ("1.5 s", 1.5), ("5m", 300.0), ("1h", 3600.0)],
)
def test_durations(written: object, seconds: float) -> None:
    assert Sample.model_validate({"time": written}).time == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("written", "size"), [(7, 7), ("7", 7), ("1 KiB", 1024), ("10 MiB", 10 * 2**20), ("5mb", 5e6)]
)
def test_sizes(written: object, size: int) -> None:
    assert Sample.model_validate({"size": written}).size == size


@pytest.mark.parametrize("data", [{"time": "soon"}, {"time": "5 MiB"}, {"size": "3 h"}])
def test_other_units_are_refused_with_examples(data: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="write it like"):
        Sample.model_validate(data)


def test_one_name_may_stand_for_a_list() -> None:
    assert Sample.model_validate({"names": "a"}).names == {"a"}
    assert Sample.model_validate({"names": ["a", "b"]}).names == {"a", "b"}


def test_paths_are_relative_to_the_file_that_says_them() -> None:
    read = Sample.model_validate({"path": "../x"}, context={"base": Path("/etc/gatehouse")})
    assert read.path == Path("/etc/x")
