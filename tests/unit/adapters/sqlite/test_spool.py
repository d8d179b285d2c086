"""The append-only file before the database."""

import errno
import os
from pathlib import Path

import pytest

from gateway.adapters.sqlite.spool import Spool, abandoned, sound


def test_lines_are_read_in_order_until_done(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(b'{"id":"1"}\n')
    spool.write(b'{"id":"2"}\n')
    assert spool.read() == b'{"id":"1"}\n{"id":"2"}\n'
    spool.done(11)
    assert spool.read() == b'{"id":"2"}\n'
    spool.done(11)
    assert spool.read() == b""
    assert spool.path.stat().st_size == 0
    spool.write(b"x\n")
    assert spool.read() == b"x\n"
    spool.close()
    assert spool.path.exists()


def test_a_line_longer_than_a_chunk_is_read_whole(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    line = b"x" * (5 << 20) + b"\n"
    spool.write(line)
    assert spool.read() == line
    spool.done(len(line))
    spool.close()


def test_a_finished_spool_leaves_no_file(tmp_path: Path) -> None:
    Spool(tmp_path).close()
    assert list(tmp_path.iterdir()) == []


def test_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(b"x\n")
    with abandoned(tmp_path) as found:
        assert found == []
    spool.close()
    with abandoned(tmp_path) as found:
        assert [leftover.path for leftover in found] == [spool.path]
        with abandoned(tmp_path) as second:
            assert second == []


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "1-a.spool").write_bytes(b'{"id":"1"}\n{"id":"2"')
    with abandoned(tmp_path) as found:
        assert list(found[0].batches()) == [b'{"id":"1"}\n']


def test_damaged_lines_are_put_aside(tmp_path: Path) -> None:
    lines = b'{"id":"1"}\n{"id"\n[1]\n\xff\xfe\n{"no":"id"}\n{"id":"2"}\n'
    assert sound(lines, tmp_path / "bad") == [b'{"id":"1"}', b'{"id":"2"}']
    assert (tmp_path / "bad").read_bytes() == b'{"id"\n[1]\n\xff\xfe\n{"no":"id"}\n'


def test_a_full_disk_raises_and_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    spool.write(b"before\n")
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:3]))
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        spool.write(b"half of this\n")
    monkeypatch.undo()
    spool.write(b"after\n")
    assert spool.path.read_bytes() == b"before\nafter\n"
    spool.close()
