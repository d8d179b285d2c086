"""A child process on a core of its own, with its memory and processor time."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

SERVER_CORE = 0
LOAD_CORE = 1
_TICKS = os.sysconf("SC_CLK_TCK")
_LEFT_OUT = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONDEVMODE"})
"""What would slow a server's start or change what it runs."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


def pin(core: int) -> None:
    """Binds this process, and what it starts, to ``core`` where the machine has that core."""
    allowed = os.sched_getaffinity(0)
    if core in allowed or core < (os.cpu_count() or 1):
        os.sched_setaffinity(0, {core})


class Child:
    """A started process with all its descendants."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self.log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def memory(self) -> int:
        """Resident bytes of the process and its descendants, shared pages counted in each."""
        return sum(_resident(pid) for pid in _tree(self.pid))

    def processor(self) -> float:
        """Seconds of processor time used so far by the process and its living descendants."""
        return sum(_processor(pid) for pid in _tree(self.pid))

    def spent(self) -> float:
        """``processor``, exact to the microsecond instead of a tick of 10 ms."""
        return sum(_clock(pid) for pid in _tree(self.pid))

    def last_words(self, size: int = 600) -> str:
        """The end of what it printed."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return text[-size:].strip()

    def stop(self) -> None:
        """Ends the whole group: politely, then not."""
        # an interrupt first: a server under cProfile writes its profile then, and not on SIGTERM
        for sign, patience in (
            (signal.SIGINT, 8.0),
            (signal.SIGTERM, 4.0),
            (signal.SIGKILL, 4.0),
        ):
            try:
                os.killpg(self.pid, sign)
            except ProcessLookupError:
                break
            try:
                self._process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


@contextmanager
def running(
    command: Sequence[str], core: int, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Child]:
    """Starts ``command`` on ``core``, its output in ``log``; ended with all its children after."""
    output: IO[bytes]
    inherited = {k: v for k, v in os.environ.items() if k not in _LEFT_OUT}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**inherited, **(env or {})},
            start_new_session=True,
            preexec_fn=lambda: pin(core),
        )
    child = Child(process, log)
    try:
        yield child
    finally:
        child.stop()


def busy(core: int) -> float:
    """Seconds that ``core`` has worked since the machine started, for whomever."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *counts = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _wait, irq, soft, steal = map(int, counts[:8])
            return (user + nice + system + irq + soft + steal) / _TICKS
    return 0.0


def _tree(root: int) -> list[int]:
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                queue += map(int, children.read_text().split())
            except OSError:
                continue
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def _processor(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _clock(pid: int) -> float:
    """Seconds of processor time of a process's threads. The number of its clock is made as
    clock_getcpuclockid(3) of Linux makes it."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
