"""``answerable town calls``: made-up calls as a file that the importer reads.

Exit codes: 0 done, 2 it could not be done (no such town, a wish that makes no calls, no room).
"""

from __future__ import annotations

import datetime
import math
import sys
from pathlib import Path

import msgspec

from answerable.console.demo_calls import moment
from answerable.console.running import CannotBegin
from answerable.console.tongue import said
from answerable.console.town_checks import sound
from answerable.place.errors import PlaceError
from answerable.place.town_places import load_places
from answerable.towns.load import TownRefused, load_town, town_folder
from answerable.towns.made_up.calls import CannotMakeUp, Wish, make_up, usual_per_day
from answerable.towns.made_up.profile import profile
from answerable.towns.made_up.write import write
from answerable.towns.model import Town


class CallsOptions(msgspec.Struct, frozen=True):
    """The options of the command."""

    town: str
    out: Path
    days: float
    per_day: float | None
    population: int | None
    begin: str
    seed: int


def run_calls(options: CallsOptions) -> int:
    """Make the calls and write them; returns the exit code."""
    try:
        folder = sound(town_folder(options.town))
        town = load_town(folder)
        wish = Wish(_begin(options, town), options.days, _per_day(options, town), options.seed)
        made = make_up(town, load_places(folder), wish)
        mapping = write(made, town, wish, options.out)
    except (TownRefused, CannotBegin, CannotMakeUp, PlaceError) as refusal:
        print(str(refusal).replace("Not started", "No calls were made up"), file=sys.stderr)
        return 2
    except OSError as error:
        print(
            said(
                "No calls were made up. {file} cannot be written ({why}). "
                "Give another file with --out.",
                file=options.out,
                why=error.strerror,
            ),
            file=sys.stderr,
        )
        return 2
    jobs = sum(len(call.jobs) for call in made)
    print(
        said(
            "{file}: {calls} made-up calls with {jobs} jobs of units, {per_day} a day for {days} "
            "days, seed {seed}\n  shaped on: {source}\n  read it: {command}",
            file=options.out,
            calls=len(made),
            jobs=jobs,
            per_day=f"{wish.per_day:g}",
            days=f"{wish.days:g}",
            seed=wish.seed,
            source=profile().source,
            command=f"answerable replay {options.out} --mapping {mapping} --town {options.town}",
        )
    )
    return 0


def _per_day(options: CallsOptions, town: Town) -> float:
    """Return the calls a day: stated, or by the people there are, or what a demo shows."""
    if options.per_day is not None:
        return options.per_day
    people = options.population or town.file.population
    return people / 1000 * profile().per_day_and_1000 if people else usual_per_day(town)


def _begin(options: CallsOptions, town: Town) -> datetime.datetime:
    """Return midnight of the first day in the town's zone; as chosen, the last day is yesterday."""
    now = datetime.datetime.now(town.zone)
    before = now - datetime.timedelta(days=math.ceil(options.days))
    day = moment(options.begin, town, now) if options.begin else before
    return day.replace(hour=0, minute=0, second=0, microsecond=0)
