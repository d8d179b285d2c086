"""One trial: a server started afresh on its own core, loaded, watched and stopped."""

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.contestants import Contestant
from bench.launch import Launch, Place, await_first_answer, call_environment
from bench.process import LOAD_CORE, SERVER_CORE, Child, busy, running

CONNECTIONS = (1, 32, 200)
STREAM_CONNECTIONS = (1, 50)
CHUNKS = 50
PACE = 0.01
LONGEST = 30.0
"""Seconds that a load is stretched to at most."""
_LUA = Path(__file__).parent / "load.lua"

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a trial is run. ``seconds`` is the length of each load."""

    seconds: float
    warm_up: float
    wrk: str | None


@dataclass(frozen=True, slots=True)
class Bench:
    """A started server with its upstream. ``child`` is what is measured: the server, or without
    one the upstream itself, which then stands on the load generator's core."""

    port: int
    launch: Launch | None
    child: Child
    core: int
    start_up: float


@contextmanager
def started(
    contestant: Contestant, chunks: int, pace: float, env: dict[str, str] | None = None
) -> Iterator[Bench]:
    """The contestant, ready to answer. Raises NotReady or peers.Unavailable."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        place = Place(free_port(), free_port(), folder)
        launch = contestant.launch(place)
        upstream = stack.enter_context(
            running(
                [
                    *(sys.executable, "-m", "bench.upstream", "--port", str(place.upstream)),
                    *("--chunks", str(chunks), "--pace", str(pace)),
                ],
                LOAD_CORE,
                folder / "upstream.log",
            )
        )
        await_first_answer(place.upstream, None, upstream)
        if launch is None:
            yield Bench(place.upstream, None, upstream, LOAD_CORE, 0.0)
            return
        server = stack.enter_context(
            running(
                launch.command, SERVER_CORE, folder / "server.log", {**launch.env, **(env or {})}
            )
        )
        ready = await_first_answer(place.port, launch, server)
        yield Bench(place.port, launch, server, SERVER_CORE, ready)


def trial(contestant: Contestant, plan: Plan) -> Figures:
    """All figures of one contestant, once. Raises NotReady or peers.Unavailable."""
    figures: Figures = {"whole": {}, "stream": {}}
    with started(contestant, CHUNKS, PACE) as bench:
        figures["start_up"] = bench.start_up
        settle(bench.child)
        figures["memory_idle"] = bench.child.memory()
        whole(bench, plan, 32, plan.warm_up * 3)
        for connections in CONNECTIONS:
            settle(bench.child)
            whole(bench, plan, connections, plan.warm_up)
            settle(bench.child)
            figures["whole"][str(connections)] = _measured(bench, plan, connections)
        for connections in STREAM_CONNECTIONS:
            settle(bench.child)
            figures["stream"][str(connections)] = watched(
                bench, partial(streams, bench, connections, plan.seconds)
            )
        settle(bench.child)
        figures["memory_loaded"] = bench.child.memory()
    return figures


def _measured(bench: Bench, plan: Plan, connections: int) -> Figures:
    """A load of whole answers, once more and longer where the server is so slow that the first
    one saw fewer than three answers a connection."""
    seconds = plan.seconds
    wanted = 3 * connections
    while True:
        found = watched(bench, partial(whole, bench, plan, connections, seconds))
        if found["requests"] >= wanted or seconds >= LONGEST:
            return found
        settle(bench.child)
        rate = max(found["rate"], 1.0)
        seconds = min(LONGEST, max(2 * seconds, 1.2 * wanted / rate))


def whole(bench: Bench, plan: Plan, connections: int, seconds: float) -> Figures:
    """Requests for whole answers, back to back on ``connections`` connections."""
    if plan.wrk is None:
        options = ["--connections", str(connections), "--seconds", str(seconds)]
        return client(bench, options, seconds, stream=False)
    # wrk knows whole seconds only
    length = max(1, round(seconds))
    command = [
        *(plan.wrk, "-t1", f"-c{connections}", f"-d{length}s", "--timeout", "30s"),
        *("-s", str(_LUA), f"http://127.0.0.1:{bench.port}/v1/chat/completions"),
    ]
    text = _run(command, bench, length, stream=False)
    line = next(line for line in text.splitlines() if line.startswith("BENCH "))
    return json.loads(line.removeprefix("BENCH "))  # type: ignore[no-any-return]


def streams(bench: Bench, connections: int, seconds: float) -> Figures:
    """Streamed answers, ``connections`` at a time, their starts spread over one stream's length."""
    ramp = CHUNKS * PACE
    options = [
        *("--connections", str(connections), "--seconds", str(seconds)),
        *("--ramp", str(ramp), "--words", str(CHUNKS)),
    ]
    return client(bench, options, ramp + seconds, stream=True)


def client(bench: Bench, options: list[str], seconds: float, *, stream: bool) -> Figures:
    """A run of our own load generator."""
    command = [sys.executable, "-m", "bench.client", "--port", str(bench.port), *options]
    return json.loads(_run(command, bench, seconds, stream=stream))  # type: ignore[no-any-return]


def watched(bench: Bench, load: Callable[[], Figures]) -> Figures:
    """A load's figures, with requests/s, the server's processor time and that of strangers."""
    used, all_used, began = bench.child.processor(), busy(bench.core), time.monotonic()
    figures = load()
    seconds = time.monotonic() - began
    used, all_used = bench.child.processor() - used, busy(bench.core) - all_used
    figures["rate"] = figures["requests"] / figures["seconds"]
    figures["server_busy"] = used / seconds
    figures["strangers"] = max(0.0, all_used - used) / seconds if bench.launch else None
    figures["cpu_ms"] = used / figures["requests"] * 1000 if figures["requests"] else None
    return figures


def settle(child: Child, patience: float = 20.0) -> None:
    """Waits until the server has nothing left to do: requests that a load generator gave up at its
    end would otherwise slow down the next load."""
    deadline = time.monotonic() + patience
    used = child.processor()
    while time.monotonic() < deadline:
        time.sleep(0.3)
        now = child.processor()
        if now - used < 0.05:
            return
        used = now


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(command: list[str], bench: Bench, seconds: float, *, stream: bool) -> str:
    env = call_environment(bench.launch, stream=stream)
    done = subprocess.run(
        ["taskset", "-c", str(LOAD_CORE), *command],
        env=env,
        capture_output=True,
        text=True,
        timeout=seconds + 90,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr[-600:]}")
    return done.stdout
