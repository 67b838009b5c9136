"""The process that plays a day, so that the desks never wait for it.

It reads one ``Job`` as JSON, prints a line for each percent that is done, and ends with one line of
JSON: the comparison, or the three sentences of why there is none.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from answerable.console.percent import Percent, step_back
from answerable.console.trying.command import both
from answerable.console.trying.past_calls import LATEST_US, calls_of, past_day
from answerable.console.trying.refusals import NotTried
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.problems import SourceRefused
from answerable.exchange.calls.rows import read_calls
from answerable.place.errors import PlaceError
from answerable.place.town_places import load_places
from answerable.planning.rehearsal.past import Day, Rules
from answerable.planning.rehearsal.report import Comparison
from answerable.towns.load import TownRefused, load_town


class Job(msgspec.Struct, frozen=True):
    """What is to be played. Without a ``day`` the calls of the town's folder are, on ``days``."""

    folder: str
    before: Rules
    after: Rules
    day: Day | None = None
    days: tuple[str, ...] = ()


class Ended(msgspec.Struct, frozen=True):
    """How it ended: ``found``, or ``refused`` with its three sentences."""

    found: Comparison | None = None
    refused: tuple[str, str, str] | None = None


def play(job: Job) -> Ended:
    """Play a job; whatever keeps it from being played is told, not raised."""
    try:
        folder = Path(job.folder)
        town, places = load_town(folder), load_places(folder)
        town.places = places
        day = job.day
        if day is None:
            calls = calls_of(folder)
            if calls is None:
                raise NotTried(
                    "Not tried: the rules.", "The town's folder has no recorded calls.",
                    "Choose the centre's own record, or use answerable rules try --on.",
                )  # fmt: skip
            source = read_calls(calls, load_mapping(folder / "mapping.toml"), LATEST_US)
            day = past_day(source, town, job.days)
        return Ended(found=both(day, town, places, job.before, job.after, Percent()))
    except NotTried as refusal:
        return Ended(refused=refusal.parts)
    except (SourceRefused, TownRefused, PlaceError) as refusal:
        return Ended(refused=("Not tried: the rules.", str(refusal), ""))


def main() -> int:
    """Play the job on standard input."""
    step_back()
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.write(msgspec.json.encode(play(job)).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
