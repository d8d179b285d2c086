"""Runs a Python program with a profiler that signals switch on and off.

``python -m bench.profiled OUT (-m MODULE | SCRIPT) ARGUMENTS...``: SIGUSR1 begins, SIGUSR2 ends and
writes OUT for ``pstats``. So neither the start nor the warm-up is in the profile. It imports the
standard library only, as it also runs in the environments of the peers.
"""

import cProfile
import os
import runpy
import signal
import sys
from types import FrameType


def main() -> None:
    _, out, first, *rest = sys.argv
    profiler = cProfile.Profile()

    def begin(number: int, frame: FrameType | None) -> None:
        profiler.enable()

    def end(number: int, frame: FrameType | None) -> None:
        profiler.disable()
        profiler.dump_stats(f"{out}.part")
        os.replace(f"{out}.part", out)

    signal.signal(signal.SIGUSR1, begin)
    signal.signal(signal.SIGUSR2, end)
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [first, *rest]
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    main()
