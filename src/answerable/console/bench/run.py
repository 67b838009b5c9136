"""``answerable bench serve``: what the real server carries, as one JSON object."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from answerable.console.bench.closed import percentiles, run_closed
from answerable.console.bench.consoles import fan_out
from answerable.console.bench.disk import fdatasync_s
from answerable.console.bench.pages import page_times
from answerable.console.bench.places import street_places
from answerable.console.bench.server import Served, served
from answerable.console.bench.soak import Soak
from answerable.console.bench.wire import BenchRefused, Line
from answerable.console.bench.work import Setting, lives
from answerable.kernel.store import StoreRefusal
from answerable.place.errors import PlaceError
from answerable.towns.load import TownRefused, load_town, town_folder

OPEN = 40
"""Incidents that stand open while pages are asked for."""
FEW = 4
"""Clients of the soak; each waits for its answer, so so many commands can be under way."""


class BenchOptions(msgspec.Struct, frozen=True):
    """The options of the command."""

    town: str = "san_francisco"
    seconds: float = 10.0
    clients: int = 16
    consoles: tuple[int, ...] = (100, 1000)
    changes: int = 100
    page_times: int = 200
    soak_minutes: float = 0.0
    soak_per_s: float = 200.0
    soak_consoles: int = 100
    url: str = ""
    token: str = ""


def run_bench(options: BenchOptions) -> int:
    """Measure and print; returns the exit code: 0 measured, 1 faults came, 2 it could not begin."""
    try:
        told = measured(options)
    except (BenchRefused, TownRefused, PlaceError, StoreRefusal) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    print(json.dumps(told, indent=2))
    return int(_faulty(told))


def _faulty(told: object) -> bool:
    """Say whether any part of the run counted a fault."""
    if isinstance(told, dict):
        return bool(told.get("faults") or told.get("lost")) or any(map(_faulty, told.values()))
    return isinstance(told, list) and any(map(_faulty, told))


def measured(options: BenchOptions) -> dict[str, object]:
    """Measure everything that was asked for. Raises BenchRefused and what a start raises."""
    folder = town_folder(options.town)
    setting = Setting.of(load_town(folder), street_places(folder))
    with tempfile.TemporaryDirectory(prefix="bench-disk-") as place:
        disk = percentiles(fdatasync_s(Path(place)))
    told: dict[str, object] = {"machine": _machine(), "fdatasync": disk}
    if options.soak_minutes:
        with _server(options) as server:
            told["soak"] = _soak(server, setting, options)
        return told
    with _server(options) as server:
        memory = {"at_start_mb": server.memory_mb()}
        told["one_client"] = one = _commands(server, setting, 1, options.seconds)
        one["p50_in_fdatasyncs"] = round(float(str(one["p50_ms"])) / disk["p50_ms"], 2)
        told["clients"] = {"count": options.clients} | _commands(
            server, setting, options.clients, options.seconds
        )
        memory["after_commands_mb"] = server.memory_mb()
        told["pages"] = _pages(server, setting, options)
        told["consoles"] = _consoles(server, setting, options, memory)
        told["memory"] = memory
    return told


@contextlib.contextmanager
def _server(options: BenchOptions) -> Iterator[Served]:
    if not options.url:
        with served(options.town, options.clients) as made:
            yield made
        return
    parts = urlsplit(options.url)
    if parts.scheme != "http" or not parts.hostname or not options.token:
        raise BenchRefused(
            f"Not measured. '{options.url}' with {'a' if options.token else 'no'} token cannot be "
            "driven. Give http://HOST:PORT and --token of a supervisor, or neither."
        )
    yield Served(parts.hostname, parts.port or 80, (options.token,))


_count = itertools.count(1)


def _name() -> str:
    """Return a client's name that no other run on the same record has."""
    return f"{os.getpid():x}-{next(_count)}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _commands(server: Served, setting: Setting, clients: int, seconds: float) -> dict[str, object]:
    _say(f"{clients} client{'s' if clients > 1 else ''}, {seconds:g} s ...")
    works = [lives(setting, _name(), n) for n in range(clients)]
    targets = [server.target(n) for n in range(clients)]
    return run_closed(targets, works, seconds).told(seconds)


def _pages(server: Served, setting: Setting, options: BenchOptions) -> dict[str, object]:
    _say(f"pages, {options.page_times} times each ...")
    line, incident = Line(server.target()), ""
    for number in range(OPEN):
        work = lives(setting, _name(), number)
        for command in (next(work) for _ in range(5)):  # on duty, answer, open, send, acknowledge
            line.ask(server.target().command(command))
            incident = str(command.get("incident", incident))
    line.close()
    return page_times(server.target(), incident, options.page_times)


def _consoles(
    server: Served, setting: Setting, options: BenchOptions, memory: dict[str, float | None]
) -> list[dict[str, object]]:
    told = []
    for count in options.consoles:
        _say(f"{count} consoles, {options.changes} changes ...")
        work = lives(setting, _name(), count)
        told.append(fan_out(server.target(), count, work, options.changes))
        memory[f"after_{count}_consoles_mb"] = server.memory_mb()
    return told


def _soak(server: Served, setting: Setting, options: BenchOptions) -> dict[str, object]:
    _say(f"{options.soak_minutes:g} minutes at {options.soak_per_s:g} commands a second ...")
    works = [lives(setting, _name(), n) for n in range(FEW)]
    soak = Soak(server, works, options.soak_consoles, options.soak_per_s)
    return soak.run(options.soak_minutes * 60, lambda minute: _say(json.dumps(minute)))


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(), "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }  # fmt: skip
