"""The process that looks for repeat places, so that the desks never wait for it.

It reads one ``Job`` (MessagePack), prints a line for each percent that is done, and ends with one
line of JSON: what was found, or the three sentences of why nothing could be looked for.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from answerable.console.percent import Percent, step_back
from answerable.console.repeating.kept import read_past
from answerable.console.repeating.moments import end_us
from answerable.exchange.calls.problems import SourceRefused
from answerable.matters.repeats.calls import Calls, Spot
from answerable.matters.repeats.find import Found, found
from answerable.towns.repeating import RepeatsFile


class Packed(msgspec.Struct, frozen=True):
    """Incidents as they go to the process: names, and columns as little-endian 64-bit numbers."""

    places: tuple[str, ...]
    kinds: tuple[str, ...]
    spots: tuple[Spot, ...]
    columns: tuple[bytes, bytes, bytes, bytes, bytes]


class Job(msgspec.Struct, frozen=True):
    """What is to be looked through, by which rules, in which zone, up to when.

    ``calls`` are the centre's own, up to ``at_us``; without them the file ``past`` is read, up to
    the end of ``on`` (YYYY-MM-DD; "": its last day).
    """

    zone: str
    rules: RepeatsFile
    at_us: int = 0
    calls: Packed | None = None
    past: str = ""
    on: str = ""


class Ended(msgspec.Struct, frozen=True):
    """How it ended: ``found`` and the days there are (YYYY-MM-DD), or why it did not."""

    found: Found | None = None
    first: str = ""
    last: str = ""
    refused: tuple[str, str, str] | None = None


def packed(calls: Calls) -> Packed:
    """Return incidents as they go to the process."""
    columns = (calls.place, calls.kind, calls.at_us, calls.over_us, calls.reports)
    a, b, c, d, e = (column.astype("<i8").tobytes() for column in columns)
    return Packed(calls.places, calls.kinds, calls.spots, (a, b, c, d, e))


def unpacked(one: Packed, zone: ZoneInfo) -> Calls:
    """Return what ``packed`` made."""
    a, b, c, d, e = (np.frombuffer(column, "<i8") for column in one.columns)
    return Calls.ordered(one.places, one.kinds, one.spots, a, b, c, d, e, zone)


def look(job: Job) -> Ended:
    """Look for repeat places; what keeps it from being done is told, not raised."""
    zone = ZoneInfo(job.zone)
    try:
        if job.calls is not None:
            calls, at_us = unpacked(job.calls, zone), job.at_us
        else:
            calls = read_past(Path(job.past), zone)
            last = date.fromisoformat(job.on) if job.on else date.fromordinal(int(calls.day[-1]))
            at_us = end_us(last, zone)
    except SourceRefused as refusal:
        return Ended(refused=(refusal.not_done, refusal.because, refusal.instead))
    days = [date.fromordinal(int(calls.day[at])).isoformat() for at in (0, -1) if len(calls)]
    first, last_day = days or ("", "")
    return Ended(found(calls, at_us, job.rules, progress=Percent()), first, last_day)


def main() -> int:
    """Do the job on standard input."""
    step_back()
    job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.write(msgspec.json.encode(look(job)).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
