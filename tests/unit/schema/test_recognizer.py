from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.main import cli
from gateway.schema.recognizer import RecognizerKeys

GATEWAY = """version: 1
providers:
  local: {{use: extractive}}
models:
  assistant: {{pipeline: chat, policy: open, targets: [local/handbook]}}
policies_dir: policies
pipelines_dir: pipelines
stores: {{var: var}}
recognizer:
{recognizer}
"""
POLICY = "version: 1\nlayers:\n  input:\n    - {id: own, guard: pii, then: mask}\n"


def checked(folder: Path, recognizer: str, policy: str = POLICY) -> str:
    files = {
        "gateway.yaml": GATEWAY.format(recognizer=recognizer),
        "policies/open.yaml": policy,
        "pipelines/chat.yaml": "version: 1\nstages: [{use: audit}, {use: auth}, {use: generate}]\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    config = str(folder / "gateway.yaml")
    return CliRunner().invoke(cli, ["check", "--deep", "--config", config]).output


@pytest.mark.parametrize(
    ("recognizer", "place", "message"),
    [
        (
            "  custom:\n    - entity: BADGE\n      patterns: ['b', '(a+)+']",
            "12:23",
            "would take for ever",
        ),
        ("  custom: [{entity: BADGE}]", "10:12", "'patterns' is missing"),
        ("  custom: [{entity: B, patterns: [b], scor: 1}]", "10:39", "did you mean 'score'"),
        ("  deny: {PROJECT: ['--']}", "10:19", "no letter and no digit"),
        ("  deny: {project: [Falcon]}", "10:10", "should match pattern"),
        ("  extra_kinds: [DE_TAX_ID, DE_TAXID]", "10:28", "did you mean 'DE_TAX_ID'"),
        ("  spacy_model: no_such_model", "10:16", "is not installed: install"),
        ("  languages: {de: {spacy_model: no_de}}", "10:33", "'no_de' is not installed"),
        ("  languages: {de: {}}", "10:", "'spacy_model' is missing"),
    ],
)
def test_what_cannot_work_is_shown_in_its_place(
    tmp_path: Path, recognizer: str, place: str, message: str
) -> None:
    output = checked(tmp_path, recognizer)
    assert f"gateway.yaml:{place}" in output
    assert message in output


def test_a_rule_may_name_what_the_house_defined(tmp_path: Path) -> None:
    policy = POLICY.replace("then: mask", "then: mask, entities: [BADGE, ES_NIF]")
    recognizer = "  custom: [{entity: BADGE, patterns: [b1]}]\n  extra_kinds: [ES_NIF]"
    assert "1 rule" in checked(tmp_path, recognizer, policy)
    assert "defined in 'custom'" in checked(tmp_path, "  allow: [x]", policy)


def test_an_empty_section_is_its_defaults() -> None:
    assert RecognizerKeys.model_validate({}) == RecognizerKeys()
