from pathlib import Path

import pytest

from gateway.schema.interpolate import InterpolationError, interpolate, is_single_placeholder

ENV = {"HOST": "example.com", "EMPTY": "", "NESTED": "${HOST}", "DOLLARS": "$$"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${HOST}", "example.com"),
        ("https://${HOST}/v1", "https://example.com/v1"),
        ("${HOST}${HOST}", "example.comexample.com"),
        ("${EMPTY}", ""),
        ("${EMPTY:-other}", "other"),
        ("${MISSING:-}", ""),
        ("${MISSING:-a:-b}", "a:-b"),
        ("${HOST:?needed}", "example.com"),
        ("$${HOST}", "${HOST}"),
        ("cost: $5, $$5", "cost: $5, $5"),
        ("${NESTED}", "${HOST}"),
        ("${DOLLARS}", "$$"),
        ("^a$", "^a$"),
    ],
)
def test_placeholders_are_replaced_once(text: str, expected: str) -> None:
    assert interpolate(text, ENV, Path()) == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("${MISSING}", "MISSING is not set", "${MISSING:-...}"),
        ("${MISSING:?get one}", "MISSING: get one", "set the environment variable MISSING"),
        ("${EMPTY:?}", "EMPTY: must be set", "set the environment variable EMPTY"),
        ("${not a name}", "is not a placeholder", "${NAME}"),
        ("${HOST", "never closed", "$${"),
        ("${file:nowhere.txt}", "there is no file", "create it"),
    ],
)
def test_a_placeholder_without_a_value_says_how_to_mend_it(
    text: str, message: str, hint: str
) -> None:
    with pytest.raises(InterpolationError, match=r".") as caught:
        interpolate(text, ENV, Path())
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_a_secret_file_loses_its_last_newline_only(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1\n\n")
    assert interpolate("${file:key}", {}, tmp_path) == "sk-1\n"


def test_what_a_secret_file_holds_is_not_interpolated(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("${HOST}")
    assert interpolate(f"${{file:{tmp_path / 'key'}}}", ENV, Path("/")) == "${HOST}"


def test_a_secret_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    with pytest.raises(InterpolationError, match="cannot read"):
        interpolate("${file:key}", {}, tmp_path)


def test_single_placeholders_are_told_from_texts_with_one() -> None:
    assert is_single_placeholder("${A:-1}")
    assert not is_single_placeholder("${A}${B}")
    assert not is_single_placeholder("x${A}")
