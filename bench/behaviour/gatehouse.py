"""Gatehouse: one policy that grants every wish to every request, and a guard from a package."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from bench.behaviour.samples import FORBIDDEN
from bench.behaviour.scene import MODEL, Door, Ground, Shape, Wish
from gateway.core.segments import Json
from gateway.testing.process import ServerProcess
from gateway.testing.site import SiteFolder

_ROOT = Path(__file__).parents[2]
_STAGES: list[Json] = [
    {"use": "audit"},
    {"use": "auth"},
    {"use": "quota"},
    {"use": "guard", "with": {"layer": "input"}},
    {"use": "cache"},
    {"use": "generate", "with": {"retries": 0}},
    {"use": "guard", "with": {"layer": "output"}},
    {"use": "restore"},
]


class GatehouseDoor:
    """A running Gatehouse with its files."""

    def __init__(self, ground: Ground) -> None:
        self._backend = ground.backend.url
        self._site = site = SiteFolder(ground.folder)
        site.pipeline(_STAGES)
        site.write(
            upstream=ground.upstream.base_url,
            models=[MODEL],
            provider={"endpoints": ["chat/completions", "responses"]},
            tenants={"first": {}, "second": {}},
        )
        self.keys = (site.key("one", tenant="first"), site.key("two", tenant="second"))
        self.url = ""
        self.forbid("nothingyet")

    @property
    def config(self) -> Path:
        """The gateway file."""
        return self._site.config

    def shape(self, wishes: Iterable[Wish]) -> Shape:
        """The policy holds for every request, as its operator wants; only the cache is left out
        where it would hide what the provider says."""
        return Shape(headers={} if Wish.CACHE in wishes else {"cache-control": "no-store"})

    def forbid(self, word: str) -> None:
        self._word = word
        self._write("block")

    def spoil(self) -> None:
        self._write("blok")

    def _write(self, then: str) -> None:
        mails: Json = {"guard": "pii", "entities": ["EMAIL_ADDRESS"]}
        judge = f"{self._backend}/judge"
        self._site.policy(
            input=[
                {"id": "injection", "guard": "injection", "threshold": 0.85, "then": "block"},
                {"id": "contact", **mails, "then": "tokenize"},
                {"id": "service", "guard": "backend", "url": judge, "then": "block"},
                {"id": "words", "guard": "keywords", "words": [self._word], "then": then},
            ],
            output=[
                {"id": "credentials", "guard": "secrets", "then": "mask"},
                {"id": "addresses", **mails, "then": "mask"},
                {"id": "house", "guard": "keywords", "words": [FORBIDDEN], "then": "block"},
            ],
        )


class Gatehouse:
    """Gatehouse as it stands in this tree."""

    name = "gatehouse"
    title = "Gatehouse"
    lacks: Mapping[str, str] = MappingProxyType({})

    @asynccontextmanager
    async def open(self, ground: Ground) -> AsyncIterator[Door]:
        """Starts ``gatehouse serve``. Raises RuntimeError with its output when it does not come."""
        door = GatehouseDoor(ground)
        installed = _install(ground.folder / "site-packages")
        path = os.pathsep.join([str(installed), str(_ROOT), str(ground.folder / "armed")])
        server = ServerProcess(door.config, ground.folder, environ={"PYTHONPATH": path})
        door.url = server.url
        await asyncio.to_thread(server.start)
        try:
            yield door
        finally:
            await asyncio.to_thread(server.stop)


def _install(folder: Path) -> Path:
    """The records of an installed package that brings a guard."""
    about = folder / "house_guards-1.0.dist-info"
    about.mkdir(parents=True)
    about.joinpath("METADATA").write_text(
        "Metadata-Version: 2.1\nName: house-guards\nVersion: 1.0\n"
    )
    point = "backend = bench.behaviour.backend_guard:BackendGuard"
    about.joinpath("entry_points.txt").write_text(f"[gatehouse.guards]\n{point}\n")
    return folder
