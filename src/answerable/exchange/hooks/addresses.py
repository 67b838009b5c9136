"""Where a letter may go: to the world, and inside one's own network only where it is said so.

Whoever registers a hook is an administrator of the service, not of its machines: without this a
hook could ask the machine itself, its neighbours or a cloud's metadata address for things. What is
looked up is what is connected to, so a name that changes its address meanwhile wins nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[list[str]]]
RESOLVERS = 4
"""Threads that look names up: a name server that hangs holds up these and nothing else."""


class NotThere(Exception):
    """A letter may not go to this address, or the address leads nowhere."""


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks as the settings name them: 10.0.0.0/8, 192.168.4.7. Raises ValueError."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def parts_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address. Raises NotThere for one that is not taken."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise NotThere("the address is malformed") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotThere("the address is not one of http or https")
    if parts.username is not None or parts.password is not None:
        raise NotThere("the address holds a name or a password")
    return parts.scheme, parts.hostname, port


def _plain(address: Address) -> Address:
    mapped: Address | None = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address


def ours(address: Address, inside: Iterable[Network]) -> bool:
    """Say whether an address lies in one of the networks that the settings name."""
    plain = _plain(address)
    return any(plain.version == net.version and plain in net for net in inside)


def allowed(address: Address, inside: Iterable[Network]) -> bool:
    """Say whether a letter may go to an address of the network."""
    plain = _plain(address)
    return ours(address, inside) or (plain.is_global and not plain.is_multicast)


async def place_of(
    host: str, port: int, inside: Iterable[Network], resolve: Resolve, *, plain: bool = False
) -> str:
    """Return the address to connect to. Raises NotThere where one of them is not allowed.

    ``plain`` is a connection without encryption: it goes to the networks that are one's own only.
    """
    try:
        found = [ipaddress.ip_address(one.partition("%")[0]) for one in await resolve(host, port)]
    except OSError as error:
        raise NotThere("there is no such name") from error
    if not found:
        raise NotThere("there is no such name")
    inside = tuple(inside)
    for address in found:
        if not allowed(address, inside):
            raise NotThere(f"it leads to {address}, inside the network, which is not allowed")
        if plain and not ours(address, inside):
            raise NotThere("http is not encrypted: only inside one's own network, else https")
    return str(found[0])


class Resolver:
    """Looks names up on threads of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="hooks-names")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name. Raises OSError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _look_up, host, port)

    def close(self) -> None:
        """Let the threads end; one that hangs in a look-up is left to it."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]
