"""Where the pepper comes from."""

import threading
from pathlib import Path

import pytest

from gateway.adapters.sqlite.pepper import load_pepper, load_placeholder_secret


def test_it_is_made_once_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "var" / "pepper"
    first = load_pepper(path, {})
    assert len(first) == 64
    assert load_pepper(path, {}) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["pepper"]


def test_the_environment_wins_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pepper"
    assert load_pepper(path, {"GATEHOUSE_KEY_PEPPER": "from-environment"}) == b"from-environment"
    assert not path.exists()


def test_an_open_file_is_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "pepper"
    path.write_text("x" * 32)
    path.chmod(0o644)
    load_pepper(path, {})
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_empty_file_is_an_error_that_says_how_to_mend(tmp_path: Path) -> None:
    path = tmp_path / "pepper"
    path.write_text("\n")
    with pytest.raises(ValueError, match="backup"):
        load_pepper(path, {})


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    path = tmp_path / "pepper"
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(load_pepper(path, {}))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_placeholder_secret_has_its_own_file_and_variable(tmp_path: Path) -> None:
    path = tmp_path / "var" / "placeholder-secret"
    made = load_placeholder_secret(path, {"GATEHOUSE_KEY_PEPPER": "another"})
    assert load_placeholder_secret(path, {}) == made
    assert path.stat().st_mode & 0o777 == 0o600
    shared = {"GATEHOUSE_PLACEHOLDER_SECRET": "shared-by-replicas"}
    assert load_placeholder_secret(path, shared) == b"shared-by-replicas"
