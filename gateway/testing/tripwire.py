"""A tripwire for tests: no socket of this process reaches beyond the machine.

Python's audit events see every connection that is made through ``socket``, whichever library asks
for it (asyncio, aiohttp, urllib, httpx). uvloop connects in C, so its two entry points are wrapped.
"""

import ipaddress
import sys
from collections.abc import Awaitable, Callable
from typing import Any

_LOCAL_NAMES = frozenset({"", "localhost", "ip6-localhost", "testserver"})


class NetworkReached(RuntimeError):
    """Code under test tried to leave the machine."""


def is_local(host: object) -> bool:
    """Whether ``host`` (a name, an address, or None for a wildcard) stays on this machine."""
    if host is None:
        return True
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if name.lower() in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.split("%", 1)[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or address.is_unspecified


def refuse_beyond_loopback(host: object) -> None:
    """Raises NetworkReached unless ``host`` stays on this machine."""
    if not is_local(host):
        raise NetworkReached(
            f"a test tried to reach {host!r}: tests use loopback only; "
            "give the code a fake from gateway.testing, or a server on 127.0.0.1"
        )


def install() -> None:
    """Arm the tripwire for the rest of the process; an audit hook cannot be taken off again."""
    if getattr(sys, "_gatehouse_tripwire", False):
        return
    sys._gatehouse_tripwire = True  # type: ignore[attr-defined]
    sys.addaudithook(_watch)
    _wrap_uvloop()


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        if isinstance(address, tuple) and address:  # a str or bytes address is a Unix socket
            refuse_beyond_loopback(address[0])
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        refuse_beyond_loopback(arguments[0])


def _wrap_uvloop() -> None:
    try:
        from uvloop import Loop  # noqa: PLC0415 - absent on some platforms
    except ImportError:
        return
    for name, position in (("getaddrinfo", 0), ("create_connection", 1)):
        setattr(Loop, name, _guarded(getattr(Loop, name), position))


def _guarded(method: Callable[..., Awaitable[Any]], position: int) -> Callable[..., Awaitable[Any]]:
    """``method``, which takes a host at ``position``, with that host looked at first."""

    async def guarded(self: Any, *arguments: Any, **named: Any) -> Any:
        host = arguments[position] if len(arguments) > position else named.get("host")
        refuse_beyond_loopback(host)
        return await method(self, *arguments, **named)

    return guarded
