"""The twelve behaviours of ``bench/behaviour``: Gatehouse has them, and they can be missed."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import aiohttp
import orjson
import pytest
from aiohttp import web

from bench.behaviour.catalog import BEHAVIOURS
from bench.behaviour.gatehouse import Gatehouse
from bench.behaviour.outcome import Outcome, Verdict, fails, holds, settled
from bench.behaviour.run import Column, broken, document, show, table
from bench.behaviour.scene import Door, Ground, Shape, Wish
from bench.behaviour.seen import Seen

NAMES = [behaviour.name for behaviour in BEHAVIOURS]


class CarelessDoor:
    """A gateway that forwards everything, and gives cached answers to whoever asks the same."""

    keys = ("first", "second")

    def __init__(self, ground: Ground) -> None:
        self._upstream = ground.upstream.base_url.removesuffix("/v1")
        self._cache: dict[bytes, bytes] = {}
        self.url = ""

    def shape(self, wishes: Iterable[Wish]) -> Shape:
        return Shape(headers={"x-cache": "yes"} if Wish.CACHE in wishes else {})

    def forbid(self, word: str) -> None:
        """Nobody looks."""

    def spoil(self) -> None:
        """Nobody looks."""

    async def forward(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        cacheable = "x-cache" in request.headers and not orjson.loads(body)["stream"]
        if cacheable and body in self._cache:
            return web.Response(body=self._cache[body], content_type="application/json")
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._upstream + request.path, data=body) as answer,
        ):
            said = await answer.read()
            if cacheable:
                self._cache[body] = said
            return web.Response(body=said, content_type=answer.content_type)


class Careless:
    """What no one should run."""

    name = "careless"
    title = "Careless"
    lacks: Mapping[str, str] = {"live-policy": "There is none."}

    @asynccontextmanager
    async def open(self, ground: Ground) -> AsyncIterator[Door]:
        door = CarelessDoor(ground)
        app = web.Application()
        app.router.add_post("/{path:.+}", door.forward)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        door.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield door
        finally:
            await runner.cleanup()


@pytest.fixture(scope="module")
def gatehouse(tmp_path_factory: pytest.TempPathFactory) -> Column:
    return asyncio.run(show(Gatehouse(), tmp_path_factory.mktemp("gatehouse")))


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Column:
    return asyncio.run(show(Careless(), tmp_path_factory.mktemp("careless"), patience=0.2))


@pytest.mark.parametrize("name", NAMES)
def test_gatehouse_holds(gatehouse: Column, name: str) -> None:
    assert gatehouse[name].verdict is Verdict.HOLDS, gatehouse[name].detail


@pytest.mark.parametrize("name", NAMES)
def test_a_gateway_that_guards_nothing_is_found_out(careless: Column, name: str) -> None:
    expected = Verdict.NOT_OFFERED if name == "live-policy" else Verdict.FAILS
    assert careless[name].verdict is expected, careless[name].detail


def test_what_does_not_hold_breaks_the_run(gatehouse: Column, careless: Column) -> None:
    assert broken(gatehouse) == []
    assert broken(careless) == NAMES


def test_the_table_has_a_row_for_each_behaviour_and_says_what_was_seen(careless: Column) -> None:
    lines = table({"careless": careless}, {"careless": "Careless"}).splitlines()
    assert lines[2] == f"| 1 | {BEHAVIOURS[0].title} | FAILS |"
    assert len([line for line in lines if line.startswith("| ")]) == len(BEHAVIOURS) + 2
    assert "- Careless, 1: the client read 20 of 20 characters" in lines
    results = document({"careless": careless}, {"other": "no Node"}, {"other": "1.0"})["results"]
    assert orjson.loads(orjson.dumps(results))["careless"]["tool-call"]["verdict"] == "FAILS"


@pytest.mark.parametrize(
    ("texts", "raw", "length"),
    [
        ({0: "it is ABCDEFGHIJ."}, b"", 10),
        ({0: "nothing", 1: "xx BCDEFGHI xx"}, b"", 8),
        ({0: "ABCDEFG, HIJ"}, b"", 0),
        ({}, b'{"error": "ABCDEFGHI"}', 9),
        ({}, b"", 0),
    ],
)
def test_a_leak_is_the_longest_run_that_got_out(
    texts: dict[int, str], raw: bytes, length: int
) -> None:
    assert Seen(200, raw, texts=texts).leaked("ABCDEFGHIJ") == length


def test_what_is_not_offered_is_told_apart_unless_it_holds() -> None:
    observed: Outcome = fails("it came through")
    assert settled(observed, None) is observed
    assert settled(observed, "No such thing.").verdict is Verdict.NOT_OFFERED
    assert "it came through" in settled(observed, "No such thing.").detail
    assert settled(holds("kept"), "No such thing.").verdict is Verdict.HOLDS
