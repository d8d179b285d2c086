"""``gatehouse keys``."""

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from gateway.adapters.sqlite.keys import SqliteKeyStore
from gateway.adapters.sqlite.pepper import load_pepper
from gateway.cli.keys import keys_group
from gateway.core.clock import SystemClock
from gateway.core.identity import Limits
from gateway.core.keys import KeyHasher, key_id_of
from gateway.ports.key_store import KeyRecord


class Shell:
    """The command line over one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(keys_group, ["--store", str(self.folder), *words])
        assert result.exit_code == code, result.output
        return result

    def record(self, key: str) -> KeyRecord:
        digest = KeyHasher(load_pepper(self.folder / "pepper", {})).digest(key.strip())
        store = SqliteKeyStore(self.folder / "keys.db")
        found = store.find(digest)
        store.close()
        assert found is not None
        return found


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.delenv("GATEHOUSE_KEY_PEPPER", raising=False)
    return Shell(tmp_path / "var")


GRANTS = ["--roles", "a,b", "--scopes", "explain", "--models", "m1,m2"]
LIMITS = ["--rpm", "1", "--tpm", "2", "--concurrent", "3", "--max-tokens", "4"]
ALL = ["create", "--tenant", "acme", "--name", "desk", *GRANTS, *LIMITS, "--expires", "30d"]


def test_create_prints_the_key_alone_on_stdout_and_stores_only_its_hash(keys: Shell) -> None:
    result = keys(*ALL)
    key = result.stdout.strip()
    assert result.stdout == key + "\n"
    record = keys.record(key)
    assert record.id == key_id_of(key)
    assert (record.tenant, record.name) == ("acme", "desk")
    assert sorted(record.roles) == ["a", "b"]
    assert sorted(record.scopes) == ["explain"]
    assert record.models == frozenset({"m1", "m2"})
    assert record.limits == Limits(1, 2, 3, 4)
    assert record.expires == record.created + 30 * 86_400
    assert abs(record.created - SystemClock.wall()) < 60
    assert key[15:] not in result.stderr
    for file in keys.folder.iterdir():
        assert key[15:].encode() not in file.read_bytes()


def test_create_without_options_limits_nothing(keys: Shell) -> None:
    record = keys.record(keys("create", "--tenant", "acme").stdout)
    assert record.models is None
    assert record.expires is None
    assert record.limits == Limits()


@pytest.mark.parametrize(
    "words",
    [
        ["create"],
        ["create", "--tenant", "t", "--expires", "soon"],
        ["create", "--tenant", "t", "--rpm", "0"],
        ["create", "--tenant", "t", "--roles", "a,,b"],
        ["create", "--tenant", "t", "--roles", "a b"],
        ["rotate", "x", "--overlap", "1"],
        ["revoke"],
    ],
)
def test_wrong_usage_exits_with_2_and_makes_nothing(keys: Shell, words: list[str]) -> None:
    keys(*words, code=2)
    assert not (keys.folder / "keys.db").exists()


def test_list_shows_everything_but_the_secret(keys: Shell) -> None:
    key = keys(*ALL).stdout.strip()
    record = keys.record(key)
    for result in (keys("list"), keys("list", "--json")):
        assert record.id in result.stdout
        assert record.digest not in result.stdout
        assert key[15:] not in result.stdout
    (listed,) = [orjson.loads(line) for line in keys("list", "--json").stdout.splitlines()]
    assert listed["state"] == "active"
    assert listed["limits"]["tokens_per_minute"] == 2


def test_list_of_nothing_says_how_to_begin(keys: Shell) -> None:
    result = keys("list")
    assert result.stdout == ""
    assert "keys create" in result.stderr


def test_revoke_stops_a_key(keys: Shell) -> None:
    key = keys("create", "--tenant", "acme").stdout
    keys("revoke", keys.record(key).id)
    assert keys.record(key).state(SystemClock.wall()) == "revoked"


@pytest.mark.parametrize("command", ["revoke", "rotate"])
def test_an_unknown_key_exits_with_1(keys: Shell, command: str) -> None:
    assert "keys list" in keys(command, "nobody", code=1).stderr


def test_rotate_keeps_the_grants_and_ends_the_old_key(keys: Shell) -> None:
    old = keys(*ALL).stdout
    new = keys("rotate", keys.record(old).id).stdout
    before, after = keys.record(old), keys.record(new)
    assert before.state(SystemClock.wall()) == "revoked"
    assert after.state(SystemClock.wall()) == "active"
    assert (after.tenant, after.roles, after.scopes) == (before.tenant, before.roles, before.scopes)
    assert (after.models, after.limits, after.name) == (before.models, before.limits, before.name)
    assert after.expires == before.expires


def test_rotate_with_overlap_lets_both_work_meanwhile(keys: Shell) -> None:
    old = keys("create", "--tenant", "acme").stdout
    keys("rotate", keys.record(old).id, "--overlap", "24h")
    now = SystemClock.wall()
    assert keys.record(old).state(now + 23 * 3600) == "active"
    assert keys.record(old).state(now + 25 * 3600) == "revoked"


def test_rotate_does_not_raise_the_dead(keys: Shell) -> None:
    old = keys("create", "--tenant", "acme").stdout
    keys("revoke", keys.record(old).id)
    assert "revoked" in keys("rotate", keys.record(old).id, code=1).stderr


def test_the_folder_may_come_from_the_environment(tmp_path: Path) -> None:
    environment = {"GATEHOUSE_VAR": str(tmp_path / "elsewhere")}
    result = CliRunner().invoke(keys_group, ["create", "--tenant", "t"], env=environment)
    assert result.exit_code == 0
    assert (tmp_path / "elsewhere" / "keys.db").exists()


def test_a_folder_that_cannot_be_used_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = CliRunner().invoke(keys_group, ["--store", str(tmp_path / "file" / "x"), "list"])
    assert result.exit_code == 2
    assert "keys.db" in result.stderr
