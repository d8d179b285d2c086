from pathlib import Path

import pytest

from gateway.policy.cases import load_suite, suite_files
from gateway.schema.problems import ConfigError

CASE = "cases:\n  - {name: one, layer: input, text: x, expect: {verdict: passed}}\n"


def test_a_suite_is_named_after_its_policy(tmp_path: Path) -> None:
    path = tmp_path / "baseline.test.yaml"
    path.write_text(CASE)
    suite = load_suite(path)
    assert suite.policy == "baseline"
    assert [(case.name, line) for case, line in suite.cases] == [("one", 2)]


def test_a_suite_may_name_another_policy(tmp_path: Path) -> None:
    path = tmp_path / "more.test.yaml"
    path.write_text(f"policy: baseline\n{CASE}")
    assert load_suite(path).policy == "baseline"


def test_placeholders_are_text_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    path.write_text(CASE.replace("text: x", "text: '${HOME} $$'"))
    assert load_suite(path).cases[0][0].text == "${HOME} $$"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("text: x", "txet: x", "unknown key 'txet'"),
        ("text: x, ", "", "a case needs text or messages"),
        ("layer: input", "layer: output", ""),
        ("layer: input, text: x", "layer: output, messages: []", "a case needs a text"),
        ("text: x", "chunks: [x]", "chunks are for the layer context"),
        ("verdict: passed", "verdict: pass", "'verdict' must be"),
        ("text: x", "text: x, origin: usr", "'origin' must be"),
    ],
)
def test_mistakes_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "a.test.yaml"
    path.write_text(CASE.replace(old, new))
    if not message:
        load_suite(path)
        return
    with pytest.raises(ConfigError) as caught:
        load_suite(path)
    assert message in str(caught.value)


def test_two_cases_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    path.write_text(CASE + CASE.splitlines()[1] + "\n")
    with pytest.raises(ConfigError, match="two cases have this name"):
        load_suite(path)


def test_folders_policies_and_test_files_lead_to_suites_once(tmp_path: Path) -> None:
    for name in ("a.yaml", "a.test.yaml", "b.test.yaml", "c.yaml"):
        (tmp_path / name).write_text("")
    names = [p.name for p in suite_files([tmp_path, tmp_path / "a.yaml"])]
    assert names == ["a.test.yaml", "b.test.yaml"]
    with pytest.raises(ConfigError, match="is no policy test"):
        suite_files([tmp_path / "c.yaml"])
