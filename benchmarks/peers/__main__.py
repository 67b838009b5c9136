"""Give a peer the load that its file describes; prints JSON.

python -m benchmarks.peers PEER.toml --url http://HOST:PORT [--token T] [--set NAME=VALUE ...]
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import re
import secrets
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ANSWER_S_MAX = 30.0
HOLE = re.compile(r"\{(\w+)\}")
RUN = secrets.token_hex(3)
_numbers = itertools.count(1)


class PeerRefused(Exception):
    """The peer cannot be driven; the sentences say why and what to do."""


@dataclass(frozen=True)
class Step:
    """One act: what is asked, and which status counts as done."""

    name: str
    method: str
    path: str
    status: int
    body: str = ""
    once: bool = False
    keep: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Peer:
    """What a peer's file holds."""

    name: str
    step: tuple[Step, ...]
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Peer:
        """Read a peer's file. Raises PeerRefused."""
        try:
            told = tomllib.loads(path.read_text("utf-8"))
            steps = tuple(Step(**step) for step in told.pop("step"))
            return cls(step=steps, **told)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PeerRefused(
                f"Not measured. {path} is no peer's file ({error}). See benchmarks/peers/README.md."
            ) from error


def filled(template: str, values: dict[str, str]) -> str:
    """Fill the names in braces. Raises PeerRefused for one nobody gave."""

    def one(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise PeerRefused(
                f"Not measured. Nothing fills {{{match[1]}}}. Give --set {match[1]}=…"
            )
        return values[match[1]]

    return HOLE.sub(one, template)


def found(answer: object, path: str) -> str:
    """Return what lies at a path like ``data.0.id`` of a JSON answer. Raises PeerRefused."""
    here = answer
    for part in path.split("."):
        try:
            here = here[int(part)] if isinstance(here, list) else here[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise PeerRefused(
                f"Not measured. The answer has no {path}: {str(answer)[:200]}. Correct the file."
            ) from error
    return str(here)


class Client:
    """One client with its own connection and names."""

    def __init__(self, peer: Peer, url: str, values: dict[str, str], number: int) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise PeerRefused(f"Not measured. '{url}' is no http://HOST:PORT. Give one with --url.")
        self.peer, self.base = peer, parts.path.rstrip("/")
        self.values = values | {"client": f"{RUN}{number:02d}"}
        self.connection = http.client.HTTPConnection(
            parts.hostname, parts.port or 80, timeout=ANSWER_S_MAX
        )
        self.took_s: dict[str, list[float]] = {}

    def run(self, seconds: float) -> None:
        """Do the steps again and again for so many seconds. Raises PeerRefused."""
        end_s = time.perf_counter() + seconds
        for step in self._order():
            if time.perf_counter() >= end_s:
                break
            self._do(step)
        self.connection.close()

    def _order(self) -> Iterator[Step]:
        yield from (step for step in self.peer.step if step.once)
        again = [step for step in self.peer.step if not step.once]
        for step in itertools.cycle(again):
            if step is again[0]:
                self.values["n"] = f"{RUN}-{next(_numbers)}"
            yield step

    def _do(self, step: Step) -> None:
        self.values["key"] = f"peer-{time.time_ns():x}-{secrets.token_hex(4)}"
        body = filled(step.body, self.values).encode() if step.body else b""
        headers = {k: filled(v, self.values) for k, v in self.peer.headers.items()}
        headers |= {"content-type": "application/json"} if body else {}
        path = self.base + filled(step.path, self.values)
        began_s = time.perf_counter()
        try:
            self.connection.request(step.method, path, body, headers)
            answer = self.connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise PeerRefused(
                f"Not measured. {step.name}: no answer ({error}). Is it up?"
            ) from error
        self.took_s.setdefault(step.name, []).append(time.perf_counter() - began_s)
        if answer.status != step.status:
            raise PeerRefused(
                f"Not measured. {step.name} answered {answer.status}, not {step.status}: "
                f"{told[:300]!r}. Correct the file or the peer."
            )
        for name, where in step.keep.items():
            self.values[name] = found(json.loads(told), where)


def together(clients: list[Client], seconds: float) -> None:
    """Run clients at once, a thread each; raises the first refusal."""
    refusals: list[PeerRefused] = []

    def one(client: Client) -> None:
        try:
            client.run(seconds)
        except PeerRefused as refusal:
            refusals.append(refusal)

    threads = [threading.Thread(target=one, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refusals:
        raise refusals[0]


def median_ms(took_s: list[float]) -> float:
    """Return the median in milliseconds."""
    return round(sorted(took_s)[len(took_s) // 2] * 1000, 3)


def measured(
    peer: Peer, url: str, values: dict[str, str], clients: int, seconds: float
) -> dict[str, object]:
    """Drive a peer with one client, then with many. Raises PeerRefused."""
    alone = Client(peer, url, values, 0)
    alone.run(seconds)
    many = [Client(peer, url, values, n) for n in range(1, clients + 1)]
    together(many, seconds)
    done: dict[str, int] = {}
    for client in many:
        for name, took in client.took_s.items():
            done[name] = done.get(name, 0) + len(took)
    return {
        "peer": peer.name,
        "one_client_p50_ms": {name: median_ms(took) for name, took in alone.took_s.items()},
        "clients": clients,
        "per_s": {name: round(count / seconds, 1) for name, count in done.items()},
        "all_per_s": round(sum(done.values()) / seconds, 1),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 2 where the peer cannot be driven."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", type=Path)
    parser.add_argument("--url", required=True)
    parser.add_argument("--token", default="")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args(arguments)
    values = dict(text.partition("=")[::2] for text in options.set) | {"token": options.token}
    try:
        peer = Peer.read(options.peer)
        told = measured(peer, options.url, values, options.clients, options.seconds)
    except PeerRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print(json.dumps(told, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
