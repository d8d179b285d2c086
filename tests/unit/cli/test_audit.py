"""``gatehouse audit``."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from gateway.adapters.sqlite.audit import SqliteAuditStore
from gateway.cli.audit import audit_group
from gateway.core.segments import Json

BLOCKED: Json = {
    "id": "gh-blocked",
    "request_id": "req-2",
    "time": "2026-01-01T00:00:01.500Z",
    "tenant": "acme",
    "key_id": "k1",
    "endpoint": "chat/completions",
    "model": "assistant",
    "pipeline": "guarded",
    "policy": "baseline",
    "policy_hash": "ab" * 32,
    "route": "knowledge",
    "target": None,
    "attempts": [],
    "source": None,
    "stream": True,
    "verdict": "blocked",
    "status": 400,
    "error": {"code": "content_filter", "class": "ContentFiltered", "cause": None},
    "stages": [
        {"stage": "auth", "status": "passed", "ms": 0.1},
        {"stage": "guard[input]", "status": "blocked", "ms": 4.0, "detail": "cards"},
    ],
    "decisions": [
        {
            "layer": "input",
            "rule": "payment-data",
            "guard": "pii",
            "then": "block",
            "mode": "enforce",
            "acted": True,
            "error": None,
            "error_allowed": False,
            "findings": [
                {
                    "category": "CREDIT_CARD",
                    "score": 0.99,
                    "pointer": "/messages/0/content",
                    "start": 3,
                    "end": 22,
                    "reason": "luhn",
                }
            ],
        }
    ],
    "usage": {"prompt": 0, "completion": 0, "exact": False},
    "finish": None,
    "documents": [{"id": "handbook", "version": "1", "chunk": "handbook#3"}],
    "cache": None,
    "duration_ms": 4.25,
}
PASSED: Json = BLOCKED | {
    "id": "gh-passed",
    "request_id": "req-1",
    "tenant": "other",
    "verdict": "passed",
    "status": 200,
    "error": None,
    "decisions": [],
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    audit = SqliteAuditStore(tmp_path / "audit.db")
    audit.append(PASSED)
    audit.append(BLOCKED)
    asyncio.run(audit.aclose())
    return tmp_path


def audit(store: Path, *words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(
        audit_group, ["--store", str(store), *words], env={"COLUMNS": "200", "TZ": "UTC"}
    )
    assert result.exit_code == code, result.output
    return result


def test_tail_shows_one_line_each_with_the_reason(store: Path) -> None:
    header, first, second = audit(store, "tail").stdout.splitlines()
    assert header.split() == ["TIME", "VERDICT", "MODEL", "ROUTE", "KEY", "MS", "ID", "WHY"]
    assert "passed" in first
    for part in ("blocked", "assistant", "knowledge", "k1", "4.2", "gh-blocked", "payment-data"):
        assert part in second


def test_columns_stand_below_their_titles(store: Path) -> None:
    header, _, line = audit(store, "tail").stdout.splitlines()
    for title, value in {"VERDICT": "blocked", "ID": "gh-blocked", "WHY": "payment-data"}.items():
        assert header.index(title) == line.index(value)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["-n", "1"], ["gh-blocked"]),
        (["--tenant", "other"], ["gh-passed"]),
        (["--verdict", "blocked"], ["gh-blocked"]),
        (["--tenant", "other", "--verdict", "blocked"], []),
        (["-n", "0"], []),
    ],
)
def test_tail_narrows_and_prints_json(store: Path, words: list[str], ids: list[str]) -> None:
    lines = audit(store, "tail", "--json", *words).stdout.splitlines()
    assert [orjson.loads(line)["id"] for line in lines] == ids


def test_show_tells_the_whole_story(store: Path) -> None:
    told = audit(store, "show", "gh-blocked").stdout
    for part in (
        "BLOCKED", "400", "req-2", "acme", "baseline abababababab", "guard[input]", "4.00 ms",
        "█", "payment-data", "input layer", "CREDIT_CARD 0.99", "/messages/0/content", "[3..22]",
        "luhn", "content_filter", "handbook#3",
    ):  # fmt: skip
        assert part in told


def test_show_finds_by_request_id_and_prints_json(store: Path) -> None:
    assert orjson.loads(audit(store, "show", "req-1", "--json").stdout) == PASSED


def test_show_of_an_unknown_id_exits_with_1(store: Path) -> None:
    assert "audit tail" in audit(store, "show", "nothing", code=1).stderr


@pytest.mark.parametrize("words", [["tail"], ["show", "x"]])
def test_no_ledger_exits_with_2_and_makes_none(tmp_path: Path, words: list[str]) -> None:
    assert "gatehouse serve" in audit(tmp_path / "none", *words, code=2).stderr
    assert not (tmp_path / "none").exists()


def test_a_verdict_that_does_not_exist_exits_with_2(store: Path) -> None:
    audit(store, "tail", "--verdict", "bloked", code=2)


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b[2J[red]m\u202e\r\n"
    ledger = SqliteAuditStore(tmp_path / "audit.db")
    ledger.append(BLOCKED | {"id": "evil", "model": evil, "route": evil, "attempts": [evil]})
    asyncio.run(ledger.aclose())
    for result in (audit(tmp_path, "tail"), audit(tmp_path, "show", "evil")):
        assert not set("\x1b\u202e\r") & set(result.stdout)
        assert "[red]" in result.stdout


def test_records_that_a_dead_gateway_left_are_shown(tmp_path: Path) -> None:
    spool = tmp_path / "audit.db.spool"
    spool.mkdir()
    (spool / "1-a.spool").write_bytes(orjson.dumps(BLOCKED) + b"\n")
    assert "gh-blocked" in audit(tmp_path, "tail").stdout


def test_follow_shows_new_records_as_they_come(store: Path) -> None:
    script = "from gateway.cli.audit import audit_group; audit_group()"
    command = [sys.executable, "-c", script, "--store", str(store), "tail", "-f", "-n1", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert orjson.loads(child.stdout.readline())["id"] == "gh-blocked"
        ledger = SqliteAuditStore(store / "audit.db")
        ledger.append(BLOCKED | {"id": "gh-later"})
        began = time.monotonic()
        assert orjson.loads(child.stdout.readline())["id"] == "gh-later"
        assert time.monotonic() - began < 5
        child.terminate()
    asyncio.run(ledger.aclose())
