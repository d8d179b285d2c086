"""The tripwire that keeps every test on this machine; armed in ``tests/conftest.py``."""

import asyncio
import socket
import urllib.request
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
import uvloop

from gateway.testing.tripwire import NetworkReached, is_local

OUTSIDE = "192.0.2.7"  # TEST-NET-1 of RFC 5737: belongs to no one

LOCAL = ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "localhost", b"localhost", "", None]
REMOTE = ["example.com", b"example.com", OUTSIDE, "10.0.0.1", "::ffff:192.0.2.7", "fe80::1%eth0"]


@pytest.mark.parametrize("host", LOCAL)
def test_hosts_of_this_machine_are_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", REMOTE)
def test_all_other_hosts_are_not(host: object) -> None:
    assert not is_local(host)


def test_a_socket_cannot_connect_outside() -> None:
    with socket.socket() as probe, pytest.raises(NetworkReached, match="loopback only"):
        probe.connect((OUTSIDE, 80))


def test_a_datagram_cannot_leave() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as probe, pytest.raises(NetworkReached):
        probe.sendto(b"x", (OUTSIDE, 53))


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(NetworkReached):
        socket.getaddrinfo("example.com", 443)


def test_urllib_is_stopped() -> None:
    with pytest.raises(NetworkReached):
        urllib.request.urlopen("http://example.com/")


async def _stream() -> None:
    await asyncio.open_connection(OUTSIDE, 80)


async def _named_stream() -> None:
    await asyncio.open_connection("example.com", 443)


async def _lookup() -> None:
    await asyncio.get_running_loop().getaddrinfo("example.com", 443)


async def _aiohttp() -> None:
    async with aiohttp.ClientSession() as session, session.get("http://example.com/"):
        pass


async def _aiohttp_address() -> None:
    async with aiohttp.ClientSession() as session, session.get(f"http://{OUTSIDE}/"):
        pass


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("attempt", [_stream, _named_stream, _lookup, _aiohttp, _aiohttp_address])
def test_no_event_loop_lets_a_connection_out(
    attempt: Callable[[], Awaitable[None]], loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def tried() -> None:
        with pytest.raises(NetworkReached):
            await attempt()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(tried())


def test_loopback_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def test_unix_sockets_work() -> None:
    left, right = socket.socketpair(socket.AF_UNIX)
    with left, right:
        left.sendall(b"x")
        assert right.recv(1) == b"x"
