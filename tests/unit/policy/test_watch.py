import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.policy.watch import stamp, watch


class Changes:
    """Counts calls and lets a test wait for the next one."""

    def __init__(self, fail: bool = False) -> None:
        self.count = 0
        self.fail = fail
        self._seen = asyncio.Event()

    async def __call__(self) -> None:
        self.count += 1
        self._seen.set()
        if self.fail:
            raise ValueError("broken")

    async def within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._seen.wait()
        except TimeoutError:
            return False
        self._seen.clear()
        return True


@asynccontextmanager
async def watching(
    paths: list[Path], changes: Changes, *, polling: bool = False
) -> AsyncIterator[None]:
    task = asyncio.create_task(watch(paths, changes, force_polling=polling))
    await asyncio.sleep(0.3)
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def _save(path: Path) -> None:
    path.write_text("version: 1  # changed\n")


def _rename_over(path: Path) -> None:
    made = path.with_suffix(".tmp")
    made.write_text("version: 1  # renamed\n")
    os.replace(made, path)


def _add(path: Path) -> None:
    path.with_name("new.yaml").write_text("version: 1\n")


def _remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("polling", [False, True])
@pytest.mark.parametrize("act", [_save, _rename_over, _add, _remove])
async def test_a_change_in_a_folder_is_told_within_a_second(
    tmp_path: Path, act: Callable[[Path], None], polling: bool
) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text("version: 1\n")
    changes = Changes()
    async with watching([tmp_path], changes, polling=polling):
        act(path)
        assert await changes.within(1.0)


async def test_several_atomic_renames_are_all_told(tmp_path: Path) -> None:
    path = tmp_path / "tenants.yaml"
    path.write_text("version: 1\n")
    changes = Changes()
    async with watching([path], changes):
        for _ in range(3):
            _rename_over(path)
            assert await changes.within(1.0)


async def test_a_swapped_symlink_is_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text(f"version: 1  # {name}\n")
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "..data").symlink_to(tmp_path / "one")
    (folder / "a.yaml").symlink_to(Path("..data") / "a.yaml")
    changes = Changes()
    async with watching([folder], changes):
        (folder / "..new").symlink_to(tmp_path / "two")
        os.replace(folder / "..new", folder / "..data")
        assert await changes.within(1.0)


async def test_a_failing_reload_does_not_end_the_watch(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("1\n")
    changes = Changes(fail=True)
    async with watching([tmp_path], changes):
        _save(path)
        assert await changes.within(1.0)
        _rename_over(path)
        assert await changes.within(1.0)
    assert "could not be acted upon" in caplog.text


async def test_files_that_are_not_watched_are_not_told(tmp_path: Path) -> None:
    watched = tmp_path / "a.yaml"
    watched.write_text("1\n")
    changes = Changes()
    async with watching([watched], changes):
        (tmp_path / "notes.txt").write_text("x")
        _add(watched)
        assert not await changes.within(0.8)


async def test_a_folder_that_is_not_there_yet_is_polled_for(tmp_path: Path) -> None:
    folder = tmp_path / "later" / "deeper"
    changes = Changes()
    async with watching([folder], changes):
        folder.mkdir(parents=True)
        (folder / "a.yaml").write_text("version: 1\n")
        assert await changes.within(1.5)


def test_a_stamp_leaves_out_what_is_not_there(tmp_path: Path) -> None:
    assert stamp([tmp_path / "nothing.yaml", tmp_path]) == {}
