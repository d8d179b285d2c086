"""Runs the gateway: opens its parts, serves, reloads, drains, closes."""

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import uvicorn

from gateway.app.build import make_runtime, read_site
from gateway.app.demo import DemoKeys, demo_keys
from gateway.app.http import make_app
from gateway.app.library import fill_knowledge
from gateway.app.parts import Parts, make_parts
from gateway.app.reload import Reloader
from gateway.app.runtime import Live
from gateway.schema.problems import ConfigError
from gateway.schema.site import Site

log = logging.getLogger(__name__)

_KEY_REFRESH_SECONDS = 1.0


class Gateway:
    """One process that serves. Made by ``open_gateway``."""

    def __init__(self, site: Site, parts: Parts, live: Live, demo: DemoKeys | None) -> None:
        self.site = site
        self.parts = parts
        self.live = live
        self.demo = demo
        self.host = site.config.server.host
        self.port = site.config.server.port

    async def serve(self, announce: Callable[["Gateway"], None]) -> None:
        """Serve until a signal comes, then drain. ``announce`` is called once it answers."""
        await fill_knowledge(self.site, self.parts)
        config = uvicorn.Config(
            make_app(self.live, self.parts),
            host=self.host,
            port=self.port,
            loop="uvloop",
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=max(1, int(self.site.config.server.drain_seconds)),
            backlog=4096,
        )
        server = _Server(config, self, announce)
        background = [
            asyncio.create_task(self._refresh_keys()),
            asyncio.create_task(Reloader(self.site, self.live, self.parts).run()),
        ]
        try:
            await server.serve()
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await self.parts.aclose()

    async def _refresh_keys(self) -> None:
        """Notice keys that another process made or revoked, within a second."""
        while True:
            await asyncio.sleep(_KEY_REFRESH_SECONDS)
            with contextlib.suppress(OSError):
                self.parts.keys.refresh()


class _Server(uvicorn.Server):
    """Uvicorn, telling when it has begun to listen and when it begins to stop."""

    def __init__(
        self, config: uvicorn.Config, gateway: Gateway, announce: Callable[[Gateway], None]
    ) -> None:
        super().__init__(config)
        self._gateway = gateway
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        bound = [s for listening in self.servers for s in listening.sockets]
        self._gateway.port = bound[0].getsockname()[1]
        self._announce(self._gateway)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._gateway.live.draining = True
        await super().shutdown(sockets)


def open_gateway(path: Path, *, host: str | None = None, port: int | None = None) -> Gateway:
    """Read the files, open the stores, make the demo keys.

    Raises ConfigError when a file is wrong, or when demo keys would be reachable from elsewhere.
    """
    site = read_site(path)
    server = site.config.server
    changes = {"host": host or server.host, "port": server.port if port is None else port}
    config = site.config.model_copy(update={"server": server.model_copy(update=changes)})
    site = replace(site, config=config)
    parts = make_parts(site)
    live = Live(make_runtime(site, parts))
    demo = demo_keys(site, parts) if config.demo else None
    _refuse_weak_keys(site, parts)
    return Gateway(site, parts, live, demo)


def _refuse_weak_keys(site: Site, parts: Parts) -> None:
    """Raises ConfigError when anybody on the network could use a key that was printed."""
    if is_loopback(site.config.server.host):
        return
    weak = [record.name for record in parts.keys.all() if record.demo and record.revoked is None]
    if site.config.demo or weak:
        problem = site.document.problem(
            ("server", "host"),
            f"refusing to listen on {site.config.server.host}: demo keys would work from other "
            f"machines ({', '.join(weak) or 'demo: true'})",
            "listen on 127.0.0.1, or use a config without `demo: true` and revoke the demo keys "
            "(`gatehouse keys list`, `gatehouse keys revoke ID`)",
        )
        raise ConfigError([problem])


def is_loopback(host: str) -> bool:
    """Whether ``host`` can be reached from this machine alone. Names are resolved."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(a.split("%")[0]).is_loopback for a in found)
