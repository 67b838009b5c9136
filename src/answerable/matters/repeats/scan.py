"""More than usual, somewhere, lately: the space-time permutation scan statistic, prospective.

For every cause, every place with those around it (circles, the nearest first) and every length of
time that ends today, the events seen are laid beside those to be expected if *where* and *when* had
nothing to do with each other:

    expected(place, day) = sum over weekdays w:  events(place, w) x events(day) / events(w)

so what a place always has, and what the whole town has in a season, on a weekday, a holiday or a
stormy day, is expected; only more *here and now* is left. The weekday stands in it as a stratum,
so a street that is loud on Saturdays is expected to be. The candidate with the largest likelihood
ratio is compared with the largest of ``runs`` records whose days were shuffled among the events of
a cause and weekday. Every candidate of every cause is in that one maximum, so the share of records
without a cluster in which anything at all is found is at most ``alpha``, however much is looked
at: that is the stated false alarm rate. Who scans once a day has one false alarm in 1/alpha days.

    M. Kulldorff, R. Heffernan, J. Hartman, R. Assuncao, F. Mostashari: A space-time permutation
    scan statistic for disease outbreak detection, PLoS Medicine 2 (2005), e59.
    M. Kulldorff: Prospective time periodic geographical disease surveillance using a scan
    statistic, Journal of the Royal Statistical Society A 164 (2001), 61-72 (one scan a day).
    M. Dwass: Modified randomization tests for nonparametric hypotheses, Annals of Mathematical
    Statistics 28 (1957), 181-187 (the p-value is exact with any number of runs).

Not modelled: a season or a weekday that one *place* has differently in one part of the year (a
beach in summer counts as more than usual), events that bring further events (they are joined where
they are minutes apart, no further), a place that was not in the record before and therefore has
nothing usual. A place that always has many is not found here: that is what the exact rule is for.
The second and further clusters are compared with the same maxima, which errs to the safe side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from answerable.matters.repeats.calls import Floats, Ints
from answerable.matters.repeats.events import Events
from answerable.matters.repeats.zones import Zones
from answerable.towns.repeating import Scan

BATCH = 24
"""Shuffled records counted together: enough to spare calls, small enough to stay in the cache."""
Progress = Callable[[int, int], None]
Counts = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Cluster:
    """A cluster: its cause, its places (the middle first), how long it is, and how sure.

    ``seen`` and ``usual`` are its events and those that were to be expected; ``p`` the share of
    shuffled records whose strongest candidate is at least as strong.
    """

    cause: int
    places: tuple[int, ...]
    days: int
    seen: int
    usual: float
    ratio: float
    p: float


@dataclass(frozen=True)
class Stream:
    """The events of one cause as the scan counts them.

    ``slot`` is the place of each event among those the cause has, ``weekday`` its stratum, ``ago``
    how many days before today it was (0: today). ``zones`` are those of these places.
    """

    cause: int
    slot: Ints
    weekday: Ints
    ago: Ints
    zones: Zones
    usual: Floats
    lengths: Ints

    @property
    def places(self) -> int:
        """Return how many places have events of the cause."""
        return len(self.zones.near)


def streams_of(events: Events, zones_of: Callable[[Ints], Zones], today: int, scan: Scan) -> list[
    Stream
]:  # fmt: skip
    """Return the events of each cause, ready to be counted. ``today`` is as ``toordinal``."""
    lengths = np.asarray(scan.lengths_days, np.int64)
    found = []
    for cause in np.unique(events.cause).tolist():
        of_cause = events.cause == cause
        places, slot = np.unique(events.place[of_cause], return_inverse=True)
        day = events.day[of_cause]
        zones, ago = zones_of(places), today - day
        usual = _usual(slot, day % 7, ago, len(places), lengths)
        found.append(
            Stream(cause, slot, day % 7, ago, zones, zones.gathered(usual[None])[0], lengths)
        )
    return found


def _usual(slot: Ints, weekday: Ints, ago: Ints, places: int, lengths: Ints) -> Floats:
    """Return the events to be expected at each place within each length, given where and when."""
    of_week = np.bincount(weekday, minlength=7)
    here = np.zeros((places, 7))
    np.add.at(here, (slot, weekday), 1)
    until = int(lengths[-1])
    lately = ago < until
    when = np.zeros((until, 7))
    np.add.at(when, (ago[lately], weekday[lately]), 1)
    share = when / np.maximum(of_week, 1)
    usual: Floats = here @ np.cumsum(share, axis=0)[lengths - 1].T
    return usual


def counted(stream: Stream, slot: Ints, ago: Ints, run: Ints, runs: int) -> Counts:
    """Return the events seen: runs x places x those around x lengths."""
    until = int(stream.lengths[-1])
    at = (run * stream.places + slot) * until + ago
    cells = np.bincount(at, minlength=runs * stream.places * until)
    lately = np.cumsum(cells.reshape(runs, stream.places, until), axis=2, dtype=np.int32)
    return stream.zones.gathered(lately[:, :, stream.lengths - 1])


def ratios(seen: Counts, usual: Floats, total: int, least: int) -> Floats:
    """Return the logarithm of the likelihood ratio; 0 where there are not more than usual."""
    found = np.zeros(seen.shape)
    more = (seen >= least) & (seen > usual)
    c, mean = seen[more].astype(np.float64), np.broadcast_to(usual, seen.shape)[more]
    found[more] = ratio(c, mean, total)
    return found


def ratio(seen: Floats, usual: Floats, total: int) -> Floats:
    """Return the logarithm of the likelihood ratio of so many events within a cluster."""
    outside = total - seen
    rest = np.where(outside > 0, outside, 1.0)
    within: Floats = seen * np.log(seen / usual)
    return within + np.where(outside > 0, rest * np.log(rest / (total - usual)), 0.0)


def shuffled(
    stream: Stream, runs: int, rng: np.random.Generator
) -> Iterator[tuple[Ints, Ints, Ints, int]]:
    """Yield records whose days were shuffled, in batches: slots, days ago, run, and how many runs.

    Only events that fall into the lengths looked at are given. Weekdays keep their events.
    """
    until = int(stream.lengths[-1])
    strata = [np.flatnonzero(stream.weekday == weekday) for weekday in range(7)]
    for begin in range(0, runs, BATCH):
        many = min(BATCH, runs - begin)
        slots, agos, of_run = [], [], []
        for stratum in strata:
            ago = stream.ago[stratum]
            lately = ago[ago < until]
            if not len(lately):
                continue
            drawn = drawn_of(len(stratum), len(lately), many, rng)
            slots.append(stream.slot[stratum][drawn].ravel())
            agos.append(np.tile(lately, many))
            of_run.append(np.repeat(np.arange(many), len(lately)))
        if slots:
            yield np.concatenate(slots), np.concatenate(agos), np.concatenate(of_run), many
        else:
            yield *(np.zeros(0, np.int64) for _ in range(3)), many  # type: ignore[misc]


def drawn_of(of: int, count: int, runs: int, rng: np.random.Generator) -> Ints:
    """Return ``count`` different numbers below ``of`` in random order, once a run."""
    deck = np.tile(np.arange(of), (runs, 1))
    drawn: Ints = rng.permuted(deck, axis=1)[:, :count]
    return drawn


def scanned(
    streams: list[Stream], scan: Scan, seed: int = 1, progress: Progress | None = None
) -> list[Cluster]:
    """Return the clusters that are more than chance, the surest first."""
    strongest = np.zeros(scan.runs)
    best: list[tuple[float, int, tuple[int, ...]]] = []
    total_runs = scan.runs * len(streams)
    for number, stream in enumerate(streams):
        best += [(value, number, at) for value, at in observed(stream, scan)]
        rng = np.random.default_rng([seed, stream.cause])
        done = 0
        for slot, ago, run, many in shuffled(stream, scan.runs, rng):
            seen = counted(stream, slot, ago, run, many)
            values = strongest_of(seen, stream, scan)
            strongest[done : done + many] = np.maximum(strongest[done : done + many], values)
            done += many
            if progress:
                progress(number * scan.runs + done, total_runs)
    return _chosen(streams, best, strongest, scan)


def strongest_of(seen: Counts, stream: Stream, scan: Scan) -> Floats:
    """Return the largest ratio of each run."""
    total = len(stream.slot)
    more = (seen >= scan.least) & (seen > stream.usual)
    run, *at = np.nonzero(more)
    found = np.zeros(len(seen))
    if len(run):
        values = ratio(seen[more].astype(np.float64), stream.usual[tuple(at)], total)
        np.maximum.at(found, run, values)
    return found


def observed(stream: Stream, scan: Scan) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield every candidate of the record itself that has more than usual."""
    lately = stream.ago < stream.lengths[-1]
    slot, ago = stream.slot[lately], stream.ago[lately]
    seen = counted(stream, slot, ago, np.zeros(len(slot), np.int64), 1)[0]
    values = ratios(seen, stream.usual, len(stream.slot), scan.least)
    for at in zip(*np.nonzero(values), strict=True):
        if stream.zones.real[at[0], at[1]]:
            yield float(values[at]), tuple(int(one) for one in at)


def _chosen(
    streams: list[Stream],
    best: list[tuple[float, int, tuple[int, ...]]],
    strongest: Floats,
    scan: Scan,
) -> list[Cluster]:
    """Return the clusters below the rate; of those of a cause that share a place, the strongest."""
    taken: set[tuple[int, int]] = set()
    found: list[Cluster] = []
    for value, number, (middle, around, length) in sorted(best, key=lambda one: (-one[0], one[1:])):
        p = float(1 + np.count_nonzero(strongest >= value - 1e-9)) / (scan.runs + 1)
        if p > scan.alpha:
            break
        stream = streams[number]
        places = stream.zones.members(middle, around)
        keys = {(stream.cause, place) for place in places}
        if keys & taken:
            continue
        taken |= keys
        found.append(_cluster(stream, places, (middle, around, length), value, p))
    return found


def _cluster(
    stream: Stream, places: tuple[int, ...], at: tuple[int, int, int], value: float, p: float
) -> Cluster:
    days = int(stream.lengths[at[2]])
    inside = np.isin(stream.zones.places[stream.slot], places) & (stream.ago < days)
    return Cluster(stream.cause, places, days, int(inside.sum()), float(stream.usual[at]), value, p)
