import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import cli

POLICY = """version: 1
layers:
  input:
    - {id: words, guard: keywords, words: [kumquat], then: block}
    - {id: number, guard: regex, patterns: [{name: TICKET, pattern: 'T-[0-9]+'}], then: mask}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "own.yaml").write_text(POLICY)
    monkeypatch.chdir(tmp_path)


def policy(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["policy", *args], input=stdin)


def cases(*lines: str) -> None:
    text = "cases:\n" + "".join(f"  - {{{line}}}\n" for line in lines)
    Path("policies/own.test.yaml").write_text(text)


GOOD = "name: good, layer: input, text: a kumquat, expect: {verdict: blocked, rule: words}"
BAD = "name: bad, layer: input, text: an apple, expect: {verdict: blocked}"


def test_passing_tests_are_counted() -> None:
    cases(GOOD)
    result = policy("test")
    assert result.exit_code == 0
    assert result.stdout == "policies/own.test.yaml: PASS 1/1\n"
    assert "ok    good" in policy("test", "--verbose").stdout


def test_a_failing_test_shows_expected_got_and_place() -> None:
    cases(GOOD, BAD)
    result = policy("test", "policies/own.yaml")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "policies/own.test.yaml: FAIL 1/2",
        "  FAIL  bad  (policies/own.test.yaml:3)",
        "        verdict: expected blocked, got passed",
    ]


def test_results_are_also_there_as_json() -> None:
    cases(GOOD, BAD)
    (suite,) = json.loads(policy("test", "--json").stdout)
    assert (suite["passed"], suite["total"]) == (1, 2)
    assert suite["cases"][1]["wrong"] == [
        {"what": "verdict", "expected": "blocked", "got": "passed"}
    ]


def test_a_broken_policy_or_test_file_is_a_configuration_error() -> None:
    cases("name: x, layr: input")
    assert policy("test").exit_code == 2
    cases(GOOD)
    Path("policies/own.yaml").write_text(POLICY.replace("keywords", "keywrods"))
    result = policy("test")
    assert result.exit_code == 2
    assert "did you mean 'keywords'?" in result.stderr


def test_a_folder_without_tests_is_a_usage_error() -> None:
    assert policy("test").exit_code == 2


@pytest.mark.parametrize(
    ("text", "verdict", "after"),
    [
        ("an apple", "passed", "an apple"),
        ("a kumquat", "blocked", "a kumquat"),
        ("see T-12", "rewritten", "see [TICKET]"),
    ],
)
def test_a_text_is_judged(text: str, verdict: str, after: str) -> None:
    result = policy("eval", "own", text, "--json")
    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert (shown["verdict"], shown["text"]) == (verdict, after)
    assert shown["ms"] >= 0
    assert policy("eval", "own", text).stdout.startswith(verdict)


def test_a_text_may_come_from_stdin_and_a_policy_by_its_file() -> None:
    result = policy("eval", "policies/own.yaml", "-", "--json", stdin="a kumquat")
    assert json.loads(result.stdout)["findings"][0]["rule"] == "words"


def test_an_unknown_policy_is_a_configuration_error() -> None:
    result = policy("eval", "onw", "text")
    assert result.exit_code == 2
    assert "did you mean 'own'?" in result.stderr
