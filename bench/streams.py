"""What guarding costs a stream: processor time to the first text, and the delay of every piece.

Two promises are checked. On a clean stream, guarding costs less than ``MOST_CPU`` of processor time
until the first text is out: as much more than pass-through has used when it has read the same words
of the model. With ``STREAMS`` streams at once on one core, 99 of 100
pieces are delayed by less than ``MOST_DELAY`` more than the bare proxy of the same run delays half
of its own.
"""

import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from bench.client import percentile
from bench.contestants import Contestant
from bench.launch import Place, await_first_answer, headers_of
from bench.measure import free_port, settle
from bench.paced import PROSE, SENTENCE, PacedUpstream, Script
from bench.payload import ODD_PROMPT, PROMPT
from bench.process import SERVER_CORE, Child, busy, running
from bench.report import BUSY_STRANGERS, grid, milliseconds
from bench.stream_client import Stream, streamed

T = TypeVar("T")
NAMES = ("raw", "passthrough", "guarded")
HOLDS = frozenset({"guarded"})
"""Who releases a sentence when the next one begins, not word by word."""
STREAMS = 50
MOST_CPU = 0.005
MOST_DELAY = 0.002
_REST = 0.05
"""Seconds between single streams, in which the server writes its record of the one before."""


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """``singles`` streams one after another, then ``rounds`` times ``STREAMS`` at once; ``pace`` is
    the seconds between two words."""

    pace: float = 0.02
    singles: int = 40
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """What one contestant showed, in seconds. ``cpu``: the server's processor time of a single
    stream until its first sentence is out and the next has begun, for a prompt that was sent
    before; ``fresh``: for a new one; ``odd``: for a new one that sounds like an attack. ``after``:
    from the event that let the first text go to that text. ``delays``: the same for every piece
    while many streams are open. ``strangers``: the share of the server's core that other programs
    took."""

    cpu: list[float]
    fresh: list[float]
    odd: list[float]
    after: list[float]
    delays: list[float]
    errors: int
    strangers: float


def measure(contestant: Contestant, plan: StreamPlan) -> Seen:
    """Raises NotReady or peers.Unavailable."""
    upstream = PacedUpstream(plan.pace)
    holds = contestant.name in HOLDS
    with _looping() as loop, _started(contestant, upstream, loop) as (child, call):
        short = upstream.script = Script(SENTENCE + "Two more words follow.")
        _wait(loop, _singles(call, range(5), child))
        settle(child)
        singles = _wait(loop, _singles(call, range(5, 5 + plan.singles), child))
        settle(child)
        fresh = _wait(loop, _singles(call, range(500, 500 + plan.singles), child, new=PROMPT))
        settle(child)
        odd = _wait(loop, _singles(call, range(700, 700 + plan.singles), child, new=ODD_PROMPT))
        long = upstream.script = Script(PROSE)
        settle(child)
        used, everyone, began = child.processor(), busy(SERVER_CORE), time.monotonic()
        many: list[Stream] = []
        for number in range(plan.rounds):
            many += _wait(loop, _together(call, 1_000 * (number + 1), plan.pace))
        seconds = time.monotonic() - began
        used, everyone = child.processor() - used, busy(SERVER_CORE) - everyone
    left = upstream.left
    # whoever holds a sentence lets it go with the next one's first word
    enough = len(SENTENCE) if holds else len(SENTENCE) + 1
    good = [stream for stream in singles if stream.text == short.text]
    full = [stream for stream in many if stream.text == long.text]
    return Seen(
        cpu=[stream.spent_at(enough) for stream in good],
        fresh=[stream.spent_at(enough) for stream in fresh if stream.text == short.text],
        odd=[stream.spent_at(enough) for stream in odd if stream.text == short.text],
        after=[stream.delays(short, left[stream.number], holds=holds)[0] for stream in good],
        delays=[d for s in full for d in s.delays(long, left[s.number], holds=holds)],
        errors=sum(s.text != short.text for s in (*singles, *fresh, *odd)) + len(many) - len(full),
        strangers=max(0.0, everyone - used) / seconds,
    )


@dataclass(frozen=True, slots=True)
class _Call:
    port: int
    headers: Mapping[str, str]


async def _singles(
    call: _Call, numbers: range, child: Child, *, new: str | None = None
) -> list[Stream]:
    """Streams one after another, with the processor time that each has taken at every piece.
    ``new``: what each prompt says that was never sent before."""
    made = []
    for number in numbers:
        await asyncio.sleep(_REST)
        before = child.spent()
        prompt = PROMPT if new is None else f"{new} Order {number}."
        stream = await streamed(call.port, call.headers, number, child.spent, prompt=prompt)
        stream.spent = [spent - before for spent in stream.spent]
        made.append(stream)
    return made


async def _together(call: _Call, first: int, pace: float) -> list[Stream]:
    """``STREAMS`` streams at once; their words take turns within one pace."""
    started = [
        streamed(call.port, call.headers, first + i, delay=i * pace * (1 + 1 / STREAMS))
        for i in range(STREAMS)
    ]
    return list(await asyncio.gather(*started))


@contextmanager
def _started(
    contestant: Contestant, upstream: PacedUpstream, loop: asyncio.AbstractEventLoop
) -> Iterator[tuple[Child, _Call]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        place = Place(free_port(), free_port(), folder)
        launch = contestant.launch(place)
        if launch is None:
            raise ValueError(f"{contestant.name} has no server whose processor time could be told")
        _wait(loop, upstream.start(place.upstream))
        log = folder / "server.log"
        with running(launch.command, SERVER_CORE, log, launch.env) as child:
            await_first_answer(place.port, launch, child)
            yield child, _Call(place.port, headers_of(launch))


@contextmanager
def _looping() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in a thread of its own, while this one starts servers and waits."""
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _wait(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, loop).result()


@dataclass(frozen=True, slots=True)
class Promise:
    """One figure that was promised, and what was reached, in seconds."""

    what: str
    most: float
    reached: float

    @property
    def met(self) -> bool:
        return self.reached < self.most

    @property
    def line(self) -> str:
        word = "met" if self.met else "MISSED"
        most, reached = milliseconds(self.most), f"{self.reached * 1000:.2f}"
        return f"{word:<8}{self.what}: {reached} ms, less than {most} promised"


def promises(seen: Mapping[str, Seen]) -> list[Promise]:
    """The two promises, as far as what they compare was measured."""
    found = []
    if "guarded" in seen and "passthrough" in seen:
        guarded, bare = seen["guarded"], seen["passthrough"]
        for what, most, least in (
            ("prompt sent before", guarded.cpu, bare.cpu),
            ("new prompt", guarded.fresh, bare.fresh),
        ):
            added = _middle(most) - _middle(least)
            found.append(Promise(f"added CPU to the first text, {what}", MOST_CPU, added))
    for name in ("passthrough", "guarded"):
        if name in seen and "raw" in seen:
            what = f"added delay of a piece, p99, {STREAMS} streams, {name}"
            added = _late(seen[name].delays) - _middle(seen["raw"].delays)
            found.append(Promise(what, MOST_DELAY, added))
    return found


def table(seen: Mapping[str, Seen], titles: Mapping[str, str]) -> str:
    """The figures as Markdown, with notes on what makes them doubtful."""
    head = [
        "ms, p50 / p99",
        "CPU until the first sentence is out, prompt sent before",
        "the same, new prompt",
        "new prompt that sounds like an attack",
        "first text after what it waited for",
        f"delay of a piece, {STREAMS} streams",
        "pieces",
    ]
    rows, notes = [], []
    for name, figures in seen.items():
        pairs = [_pair(values) for values in _columns(figures)]
        rows.append([titles[name], *pairs, f"{len(figures.delays):,}"])
        if figures.errors:
            notes.append(f"ERRORS: {titles[name]}: {figures.errors} streams did not come whole")
        if figures.strangers > BUSY_STRANGERS:
            share = f"{figures.strangers:.0%}"
            notes.append(f"NOISE: {titles[name]}: other programs took {share} of the server's core")
    return "\n\n".join([grid(head, rows), *notes])


def _columns(figures: Seen) -> Sequence[list[float]]:
    return figures.cpu, figures.fresh, figures.odd, figures.after, figures.delays


def compare(contestants: Sequence[Contestant], plan: StreamPlan) -> bool:
    """Whether both promises are kept and all streams came whole; prints what was seen."""
    seen = {}
    for contestant in contestants:
        print(f"streams: {contestant.title}", file=sys.stderr)
        seen[contestant.name] = measure(contestant, plan)
    print(f"Clean streams of a word every {plan.pace * 1000:g} ms\n")
    print(table(seen, {contestant.name: contestant.title for contestant in contestants}))
    print()
    kept = promises(seen)
    for promise in kept:
        print(promise.line)
    return all(promise.met for promise in kept) and not any(s.errors for s in seen.values())


def _middle(values: list[float]) -> float:
    return percentile(values, 0.5) or 0.0


def _late(values: list[float]) -> float:
    return percentile(values, 0.99) or 0.0


def _pair(values: list[float]) -> str:
    return f"{milliseconds(percentile(values, 0.5))} / {milliseconds(percentile(values, 0.99))}"
