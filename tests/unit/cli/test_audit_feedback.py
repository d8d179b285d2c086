"""``gatehouse audit feedback``, and feedback in ``gatehouse audit show``."""

import asyncio
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from gateway.adapters.sqlite.audit import SqliteAuditStore
from gateway.adapters.sqlite.feedback import FeedbackTable
from gateway.cli.audit import audit_group
from gateway.ports.feedback_store import Feedback

DOWN = Feedback("dec_1", "k1", "acme", "down", 1.0, "wrong_answer", "Not \x1b[31mso")
UP = Feedback("dec_2", "k2", "other", "up", 2.0, withheld=True)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    audit = SqliteAuditStore(tmp_path / "audit.db")
    for number in (1, 2, 3):
        audit.append({"id": f"dec_{number}", "request_id": f"req_{number}", "verdict": "passed"})
    asyncio.run(audit.aclose())
    table = FeedbackTable(tmp_path / "audit.db")
    table.put(DOWN)
    table.put(UP)
    table.close()
    return tmp_path


def run(store: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(
        audit_group, ["--store", str(store), *words], env={"COLUMNS": "200", "TZ": "UTC"}
    )
    assert result.exit_code == code, result.output
    return result


def test_feedback_is_listed_newest_last(store: Path) -> None:
    first, second = run(store, "feedback").stdout.splitlines()
    for part in ("1970-01-01 00:00:01", "down", "dec_1", "acme / key k1", "wrong_answer", "Not "):
        assert part in first
    assert "(comment withheld)" in second


def test_a_comment_does_not_drive_the_terminal(store: Path) -> None:
    assert "\x1b" not in run(store, "feedback").stdout


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ([], ["dec_1", "dec_2"]),
        (["--rating", "down"], ["dec_1"]),
        (["--tenant", "other"], ["dec_2"]),
        (["-n", "1"], ["dec_2"]),
        (["--tenant", "nobody"], []),
    ],
)
def test_feedback_as_json(store: Path, words: list[str], ids: list[str]) -> None:
    lines = run(store, "feedback", "--json", *words).stdout.splitlines()
    assert [orjson.loads(line)["decision_id"] for line in lines] == ids


def test_show_tells_what_was_said(store: Path) -> None:
    told = run(store, "show", "req_1").stdout
    assert "Feedback" in told
    assert "wrong_answer" in told
    shown = orjson.loads(run(store, "show", "dec_1", "--json").stdout)
    assert [one["comment"] for one in shown["feedback"]] == [DOWN.comment]


def test_show_without_feedback_says_nothing_of_it(store: Path) -> None:
    assert "Feedback" not in run(store, "show", "dec_3").stdout
    assert "feedback" not in orjson.loads(run(store, "show", "dec_3", "--json").stdout)


def test_without_a_store_it_says_where_to_look(tmp_path: Path) -> None:
    assert "--store" in run(tmp_path, "feedback", code=2).stderr
