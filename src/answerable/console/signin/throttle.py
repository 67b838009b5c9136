"""How often one address, and one name that is no account, may try to sign in.

An account is locked by the rules, and the lock stands in the record. A name without an account is
locked here in the same way, so that nobody learns from a lock which names there are. Addresses are
held in memory only and for minutes: a centre keeps no list of where its people sit.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from litestar.types import Scope

from answerable.access.state import FAILURES_MAX, LOCK_S
from answerable.access.words import Locked
from answerable.console.contract.pace import Pace
from answerable.console.sanity import Refused

TRIES_PER_S = 0.5
TRIES_BURST = 60
"""What one address may try at once: a whole shift that signs in behind one proxy."""
NAMES_MAX = 4096


def address_of(scope: Scope) -> str:
    """Return the address a request comes from, of IPv6 the network (/64), "" where it has none.

    Behind a proxy it is the one that the server took from ``X-Forwarded-For``, which it does only
    where the settings trust the proxy (``console/serve``); here no header is read.
    """
    client = scope.get("client")
    if not client:
        return ""
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return str(client[0])[:64]
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Tries:
    """The tries of every address."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._pace = Pace(TRIES_PER_S, TRIES_BURST, clock)

    def take(self, address: str) -> None:
        """Count one try. Raises Refused (429) where there were too many."""
        try:
            self._pace.take(address)
        except Refused as refusal:
            raise too_many(int(refusal.headers["retry-after"])) from refusal


def too_many(wait_s: int) -> Refused:
    """Return the refusal of an address that tries too often."""
    refusal = Refused(
        429, "console.TooManyTries", "Not signed in.",
        "Too many sign-ins were tried from this address.", "Try again in {seconds} s.",
        seconds=wait_s,
    )  # fmt: skip
    refusal.headers = {"retry-after": str(wait_s)}
    return refusal


@dataclass(slots=True)
class _Tried:
    failures: int = 0
    until_s: float = 0.0


class Strangers:
    """Names that are no account that can sign in: they lock like one that is."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tried: OrderedDict[str, _Tried] = OrderedDict()

    def locked(self, name: str) -> Locked | None:
        """Return the refusal that an account would meet after as many failures."""
        tried = self._tried.get(name)
        left_s = tried.until_s - self._clock() if tried else 0.0
        if tried is None or left_s <= 0:
            return None
        return Locked(failures=tried.failures, wait_s=math.ceil(left_s))

    def missed(self, name: str) -> None:
        """Count a failure, as the rules do for an account."""
        tried = self._tried.setdefault(name, _Tried())
        self._tried.move_to_end(name)
        if tried.failures >= FAILURES_MAX and tried.until_s <= self._clock():
            tried.failures = 0
        tried.failures += 1
        if tried.failures == FAILURES_MAX:
            tried.until_s = self._clock() + LOCK_S
        while len(self._tried) > NAMES_MAX:
            self._tried.popitem(last=False)
