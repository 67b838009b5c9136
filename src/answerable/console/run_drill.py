"""``answerable drill``: run the seeds, show how far it is, say what was found."""

from __future__ import annotations

import functools
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from answerable.console.tongue import said, word
from answerable.planning.faults.results import Outcome
from answerable.planning.faults.run import Extent, One, run

if TYPE_CHECKING:
    from answerable.planning.drill import Town

CAUGHT_MIN = 0.95
"""The share of seeds in which a planted fault must be caught."""


def _(text: str) -> str:
    """Mark a message for the catalogues."""
    return text


NO_APSW = _(
    "Not drilled. The library that imagines disks (APSW) is not installed. "
    "Install the extra 'drill': pip install 'answerable[drill]'."
)
NO_STRACE = _(
    "Not drilled. The program strace, which lets real system calls fail, is not installed. "
    "Install it (Debian: apt-get install strace), or leave out --real."
)
NO_PLANT = _("Not drilled. There is no planted fault {name}. Give one of: {known}.")
NO_POINT = _(
    "Not drilled. Seed {seed} has no point {point} in this version of the program. "
    "Leave out --point, and give --points 0 to try them all."
)
SOUND = _("sound: nothing that was acknowledged was lost or altered")
NOT_SOUND = _("NOT SOUND in {failed} of {seeds} seeds")
LIVED = _("{drill}: {seeds} seeds, {tried} days, {events} events acknowledged, {seconds} s")
DID = _("{drill}: {seeds} seeds, {tried} tried, {distinct} of them different, {seconds} s")


def run_faults(extent: Extent, points: int, *, point: str, real: bool, as_json: bool) -> int:
    """Let operations fail; returns the exit code."""
    if real:
        return _run_real(extent, points, as_json=as_json)
    if not _has_apsw():
        return 2
    from answerable.planning.faults import points as drill

    one = functools.partial(drill.drill, points=points, only=point)
    whole = run("faults", one, extent, _bar(extent))
    if point and not whole.tried:
        print(said(NO_POINT, point=point[:40], seed=extent.first), file=sys.stderr)
        return 2
    return _told(whole, as_json=as_json)


def _run_real(extent: Extent, points: int, *, as_json: bool) -> int:
    from answerable.planning.faults import real

    if not real.possible():
        print(word(NO_STRACE), file=sys.stderr)
        return 2
    one = functools.partial(real.drill, points=points)
    return _told(run("real faults", one, extent, _bar(extent)), as_json=as_json)


def run_power(extent: Extent, cuts: int, plant: str, *, as_json: bool) -> int:
    """Cut the power; returns the exit code."""
    if not _has_apsw():
        return 2
    from answerable.planning.faults.plants import NONE, PLANTS

    if plant and plant not in PLANTS:
        print(said(NO_PLANT, name=plant[:40], known=", ".join(PLANTS)), file=sys.stderr)
        return 2
    one = _power(cuts, PLANTS.get(plant, NONE))
    return _told(run("power", one, extent, _bar(extent)), as_json=as_json)


def _power(cuts: int, plant: Any) -> One:  # noqa: ANN401 - a Plant, whose module needs APSW
    from answerable.planning.faults import power

    return functools.partial(power.drill, cuts=cuts, plant=plant)


def run_town(extent: Extent, town: Town, *, as_json: bool) -> int:
    """Let towns live; returns the exit code."""
    from answerable.planning import drill
    from answerable.planning.plants import PLANTS

    if town.plant and town.plant not in PLANTS:
        known = ", ".join(PLANTS)
        print(said(NO_PLANT, name=town.plant[:40], known=known), file=sys.stderr)
        return 2
    one = functools.partial(drill.live, town=town)
    return _told(run("town", one, extent, _bar(extent)), as_json=as_json, did=LIVED)


class Caught(msgspec.Struct, frozen=True):
    """In how many seeds a planted fault was caught."""

    plant: str
    what: str
    seeds: int
    caught: int
    share: float
    for_example: str


def run_plants(extent: Extent, *, as_json: bool) -> int:
    """Plant every fault; 0 where each is caught often enough."""
    if not _has_apsw():
        return 2
    from answerable.planning.drill import planted
    from answerable.planning.faults import power
    from answerable.planning.faults.plants import PLANTS
    from answerable.planning.plants import PLANTS as IN_TOWN

    of_disk: list[tuple[str, str, One]] = [
        (name, plant.what, _power(power.CUTS, plant)) for name, plant in PLANTS.items()
    ]
    of_town: list[tuple[str, str, One]] = [
        (name, plant.what, functools.partial(planted, plant=name))
        for name, plant in IN_TOWN.items()
    ]
    table = []
    for name, what, one in (*of_disk, *of_town):
        whole = run(name, one, extent, _bar(extent))
        example = whole.findings[0].text() if whole.findings else ""
        share = whole.failed_seeds / whole.seeds
        found = Caught(name, what, whole.seeds, whole.failed_seeds, share, example)
        table.append(found)
        if not as_json:
            print(f"{share:7.1%}  {name}: {what}", flush=True)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(table), indent=2).decode())
    return int(any(one.share < CAUGHT_MIN for one in table))


def _told(whole: Outcome, *, as_json: bool, did: str = DID) -> int:
    """Print what was found; returns the exit code."""
    if as_json:
        print(whole.json().decode())
        return int(not whole.sound)
    print(
        said(did, drill=whole.drill, seeds=whole.seeds, tried=f"{whole.tried:,}",
             distinct=f"{whole.distinct:,}", seconds=whole.seconds,
             events=f"{whole.acknowledged:,}")
    )  # fmt: skip
    for kind, count in sorted(whole.by_kind.items()):
        print(f"{count:>12,}  {kind}")
    for found in whole.findings:
        print(found.text())
    failed = said(NOT_SOUND, failed=whole.failed_seeds, seeds=whole.seeds)
    print(word(SOUND) if whole.sound else failed)
    return int(not whole.sound)


def _has_apsw() -> bool:
    """Say whether the extra is there, and say so to a person where it is not."""
    if importlib.util.find_spec("apsw") is not None:
        return True
    print(word(NO_APSW), file=sys.stderr)
    return False


def _bar(extent: Extent) -> Any:  # noqa: ANN401 - a Progress, or None
    """Return what shows how far it is, on a terminal."""
    if not sys.stderr.isatty():
        return None
    of = f"{extent.minutes:g} min" if extent.minutes else f"{extent.seeds:,}"

    def show(whole: Outcome) -> None:
        per_s = whole.tried / (whole.seconds or 1)
        last = "\n" if not extent.minutes and whole.seeds >= extent.seeds else ""
        print(
            f"\r{whole.drill}: seed {whole.seeds:,} of {of}, {whole.tried:,} tried, "
            f"{per_s:,.0f}/s, {whole.failed_seeds} not sound ",
            end=last, file=sys.stderr, flush=True,
        )  # fmt: skip

    return show
