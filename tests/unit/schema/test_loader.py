from pathlib import Path

import pytest

from gateway.schema.loader import load, parse, scalar, yaml_files
from gateway.schema.problems import ConfigError, UnreadableFile, YamlSyntaxError

HERE = Path("/etc/gatehouse/x.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("true", True), ("False", False), ("yes", "yes"),
        ("no", "no"), ("12", 12), ("-3", -3), ("0o17", 15), ("0x1F", 31), ("1.5", 1.5),
        (".5", 0.5), ("1e3", 1000.0), ("1.2.3", "1.2.3"), ("2026-01-01", "2026-01-01"),
        (".inf", float("inf")), ("012", 12), ("a: b", "a: b"),
    ],
)  # fmt: skip
def test_unquoted_scalars_have_the_types_of_yaml_1_2(text: str, value: object) -> None:
    made = scalar(text)
    assert made == value
    assert type(made) is type(value)


def test_keys_and_values_have_places() -> None:
    document = parse("a:\n  b: [1, two]\n", HERE)
    assert document.data == {"a": {"b": [1, "two"]}}
    assert document.keys[("a", "b")] == (2, 3)
    assert document.values[("a", "b", 1)] == (2, 10)


def test_what_has_no_place_takes_its_parents() -> None:
    document = parse("a:\n  b: 1\n", HERE)
    assert document.place(("a", "zzz", "deeper")) == (2, 3)
    assert document.problem(("a", "b"), "m", key=True).column == 3


def test_an_empty_file_is_no_data() -> None:
    assert parse("", HERE).data is None
    assert parse("# only a comment\n", HERE).data is None


def test_every_duplicate_key_is_reported() -> None:
    with pytest.raises(YamlSyntaxError) as caught:
        parse("a: 1\nb: {c: 1, c: 2}\na: 3\n", HERE)
    assert [(p.line, p.column) for p in caught.value.problems] == [(2, 11), (3, 1)]
    assert caught.value.problems[1].hint == "first on line 1"


def test_every_tab_that_indents_is_reported() -> None:
    with pytest.raises(YamlSyntaxError) as caught:
        parse("a:\n\tb: 1\n\tc: 2\n", HERE)
    assert [p.line for p in caught.value.problems] == [2, 3]
    assert "use spaces" in str(caught.value)


@pytest.mark.parametrize("text", ["a: [1\nb: 2", "a: 'x", "a: b: c", "a: *nope", "%x", "- a\nb: 1"])
def test_what_is_no_yaml_has_a_place(text: str) -> None:
    with pytest.raises(YamlSyntaxError) as caught:
        parse(text, HERE)
    assert caught.value.problems[0].line >= 1


def test_aliases_are_read_but_not_without_end() -> None:
    assert parse("a: &x [1]\nb: *x\n", HERE).data == {"a": [1], "b": [1]}
    with pytest.raises(YamlSyntaxError, match="repeats without end"):
        parse("a: &x [*x]\n", HERE)


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(YamlSyntaxError, match="repeats without end"):
        parse("\n".join(lines), HERE)


def test_a_lone_unquoted_placeholder_is_typed_and_others_are_text() -> None:
    text = "a: ${PORT}\nb: '${PORT}'\nc: x${PORT}\nd: ${NONE:-}\ne: ${YES:-true}\n"
    data = parse(text, HERE, environ={"PORT": "80"}).data
    assert data == {"a": 80, "b": "80", "c": "x80", "d": None, "e": True}


def test_every_missing_variable_is_reported_at_its_place() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("a: ${ONE}\nb:\n  c: x-${TWO}\n", HERE, environ={})
    assert [(p.line, p.column) for p in caught.value.problems] == [(1, 4), (3, 6)]


def test_values_of_secret_files_are_known_as_such(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1")
    document = parse("a: ${file:key}\nb: ${B:-1}\n", tmp_path / "x.yaml", environ={})
    assert document.secret == {("a",)}
    assert set(document.interpolated) == {("a",), ("b",)}


def test_placeholders_can_be_left_alone() -> None:
    assert parse("a: ${ONE}\n", HERE, placeholders=False).data == {"a": "${ONE}"}


def test_keys_must_be_simple_and_are_text() -> None:
    assert parse("1: a\n", HERE).data == {"1": "a"}
    with pytest.raises(YamlSyntaxError, match="single word"):
        parse("[a, b]: 1\n", HERE)


def test_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        load(tmp_path / "nothing.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe4\n")
    with pytest.raises(UnreadableFile, match="not UTF-8"):
        load(tmp_path / "latin.yaml")
    with pytest.raises(UnreadableFile, match="cannot be read"):
        load(tmp_path)


def test_a_byte_order_mark_is_not_part_of_the_first_key(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert load(tmp_path / "a.yaml").data == {"a": 1}


def test_policy_tests_and_hidden_files_are_not_among_the_yaml_files(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "a.test.yaml", ".a.yaml", "c.txt"):
        (tmp_path / name).write_text("")
    assert list(yaml_files(tmp_path)) == ["a", "b"]


def test_an_unquoted_placeholder_in_braces_is_explained() -> None:
    with pytest.raises(YamlSyntaxError, match="must be quoted"):
        parse("a: {b: ${ONE}}\n", HERE, environ={"ONE": "1"})
