"""How long the scan for repeat places takes, and how often its rules are wrong where nothing is.

    python -m benchmarks.repeats [--runs 200] [--looks 2000] [--record FILE --mapping FILE]

*scan*: the incidents of six months of San Francisco that are packaged (18,050 of 37,869 unit rows),
through the exact rule and the space-time scan with its 999 shuffled records; the times are of the
processor. *false alarms*: the same record with the days shuffled among the events of a cause and
weekday, so that nothing is left to be found, scanned ``--runs`` times as the product scans: 999
shuffled records, alpha 0.01. Told are the share of scans that find something all the same, beside
the rate the scan states, between which shares the true one lies (95 %, Clopper and Pearson), and
how likely so many are if the stated rate is kept: only a small number there speaks against it.
``--record`` shuffles another record of calls, ``mapping`` saying what its columns are; only counts
are printed.
*nearing*: the record taken as if it had begun in each of its weeks; how many places were said to be
nearing a rule, and how many of them met it before its days were over. *stopped*: places that go on
as before, tested once after six weeks and tested every day from the 28th to the 90th. *places*:
what the view of places costs an incident. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from answerable.console.repeating.command import LATEST_US
from answerable.console.repeating.kept import read_past
from answerable.console.repeating.past import calls_of as calls_of_record
from answerable.dispatch import words as dispatch
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.rows import read_calls
from answerable.intake import words as intake
from answerable.kernel.event import Row
from answerable.matters.place_views import Places, calls_of, evolve
from answerable.matters.problem_looks import LOOK_DAYS, level
from answerable.matters.repeats.calls import Calls, day_of
from answerable.matters.repeats.events import Events, events_of
from answerable.matters.repeats.exact import enough
from answerable.matters.repeats.find import found
from answerable.matters.repeats.scan import (
    Stream,
    counted,
    observed,
    shuffled,
    streams_of,
    strongest_of,
)
from answerable.matters.repeats.stopped import stopped
from answerable.matters.repeats.zones import zones_of
from answerable.towns.load import load_town, town_folder
from answerable.towns.repeating import RepeatsFile, Scan, packaged_repeats

DAY_US = 86_400_000_000


def whole(calls: Calls, rules: RepeatsFile) -> dict[str, object]:
    """Find everything once, as the page and the command do."""
    now_us = int(calls.at_us[-1])
    began, wall = time.process_time(), time.perf_counter()
    answer = found(calls, now_us, rules)
    return {
        "incidents": answer.incidents, "places": answer.places, "findings": len(answer.repeats),
        "of_the_scan": sum(one.p is not None for one in answer.repeats),
        "cpu_s": round(time.process_time() - began, 2),
        "wall_s": round(time.perf_counter() - wall, 2),
    }  # fmt: skip


def without_clusters(events: Events, rng: np.random.Generator) -> Events:
    """Return a record whose days were shuffled among the events of a cause and weekday."""
    day = events.day.copy()
    for cause in np.unique(events.cause):
        for weekday in range(7):
            of = np.flatnonzero((events.cause == cause) & (events.day % 7 == weekday))
            day[of] = day[rng.permutation(of)]
    order = np.argsort(day, kind="stable")
    shuffled = Events(
        events.place, events.cause, events.at_us, events.over_us, day, events.reports,
        events.incidents, events.again,
    )  # fmt: skip
    return shuffled.taken(order)


def finds_any(streams: list[Stream], scan: Scan, seed: int) -> bool:
    """Say whether a scan finds anything: what ``scanned`` says, as soon as it is certain.

    The same shuffled records are compared in the same order. Once so many of them are as strong as
    the strongest candidate that its probability is above alpha, the others cannot bring it down.
    """
    best = max((value for stream in streams for value, _at in observed(stream, scan)), default=0.0)
    if not best:
        return False
    most = int(scan.alpha * (scan.runs + 1) + 1e-9) - 1
    stronger = 0
    rngs = [np.random.default_rng([seed, stream.cause]) for stream in streams]
    records = [shuffled(stream, scan.runs, rng) for stream, rng in zip(streams, rngs, strict=True)]
    for batch in zip(*records, strict=True):
        strongest = np.zeros(batch[0][3])
        for stream, (slot, ago, run, many) in zip(streams, batch, strict=True):
            values = strongest_of(counted(stream, slot, ago, run, many), stream, scan)
            strongest = np.maximum(strongest, values)
        stronger += int(np.count_nonzero(strongest >= best - 1e-9))
        if stronger > most:
            return False
    return True


def false_alarms(calls: Calls, rules: RepeatsFile, runs: int) -> dict[str, object]:
    """Scan records in which nothing is to be found."""
    scan = rules.scan
    today = day_of(int(calls.at_us[-1]), calls.zone)
    events = events_of(calls, rules)
    wrong, began = 0, time.process_time()
    for seed in range(runs):
        record = without_clusters(events, np.random.default_rng([7, seed]))
        streams = streams_of(
            record, lambda at: zones_of(at, calls.spots, scan.radius_m, scan.places), today, scan
        )
        wrong += finds_any(streams, scan, seed)
    low, high = between(wrong, runs)
    return {
        "events": len(events), "records": runs, "with_a_finding": wrong,
        "share": round(wrong / runs, 4), "at_least": round(low, 4), "at_most": round(high, 4),
        "stated": scan.alpha,
        "chance_of_so_many_at_the_stated_rate": round(or_more(wrong, runs, scan.alpha), 3),
        "cpu_s_each": round((time.process_time() - began) / runs, 2),
    }  # fmt: skip


def between(count: int, of: int, sure: float = 0.95) -> tuple[float, float]:
    """Return the shares between which the true one lies (C. Clopper, E. Pearson, 1934)."""
    tail = (1 - sure) / 2
    least = _share(lambda share: or_more(count, of, share) < tail) if count else 0.0
    most = _share(lambda share: 1 - or_more(count + 1, of, share) > tail) if count < of else 1.0
    return least, most


def _share(below: Callable[[float], bool]) -> float:
    """Return the share up to which something holds, by halving."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return low


def or_more(count: int, of: int, share: float) -> float:
    """Return the probability of ``count`` or more successes in ``of``, also in thousands."""
    if not 0 < share < 1:
        return float(count <= share * of)
    fewer = (
        math.exp(
            math.lgamma(of + 1) - math.lgamma(i + 1) - math.lgamma(of - i + 1)
            + i * math.log(share) + (of - i) * math.log1p(-share)
        )
        for i in range(count)
    )  # fmt: skip
    return max(0.0, 1 - math.fsum(fewer))


def of_record(file: Path, mapping: Path, runs: int) -> dict[str, object]:
    """Shuffle and scan another record, by the rules that come with the product."""
    calls, _nowhere = calls_of_record(read_calls(file, load_mapping(mapping), LATEST_US))
    return false_alarms(calls, packaged_repeats(), runs)


def nearing(calls: Calls, rules: RepeatsFile) -> dict[str, int]:
    """Count the places said to be nearing a rule in a young record, and those that then met it."""
    events = events_of(calls, rules)
    first, last = int(events.day.min()), int(events.day.max())
    longest = max(cause.days for cause in rules.causes)
    told = met = 0
    for begin in range(first, last - longest, 7):
        young = events.taken((events.day >= begin) & (events.day < begin + longest))
        for place, number in set(zip(young.place.tolist(), young.cause.tolist(), strict=True)):
            rule = rules.causes[number]
            here = (young.place == place) & (young.cause == number)
            days = young.day[here & (young.day < begin + rule.days)] - begin
            seen = np.cumsum(np.bincount(days, minlength=rule.days)).tolist()
            early = next(
                (count for held, count in enumerate(seen, 1) if count >= enough(rule, held, rules)),
                rule.calls,
            )
            told += early < rule.calls
            met += early < rule.calls <= seen[-1]
    return {"said_to_be_nearing": told, "met_the_rule": met}


def stopping(looks: int) -> dict[str, float]:
    """Test places that go on as before: once, and every day."""
    rng = np.random.default_rng(8)
    once = daily = 0
    for _place in range(looks):
        rate = rng.uniform(0.1, 0.8)
        learnt = int(rng.poisson(rate, 120).sum())
        after = rng.poisson(rate, 90).tolist()
        expected = [learnt / 120] * 90
        states = [
            stopped(expected[:day], after[:day], learnt=learnt).state for day in range(28, 91)
        ]
        once += states[42 - 28] == "stopped"
        daily += "stopped" in states
    return {
        "wrong_once": round(once / looks, 4), "wrong_daily": round(daily / looks, 4),
        "wrong_in_two_years_of_looks": life(looks),
        "found_when_calls_fell_to_a_tenth": life(looks // 4, 100, 0.1), "stated": 0.05,
    }  # fmt: skip


def life(places: int, days: int = 730, drop: float = 1.0) -> float:
    """Return the share of places that some look of their life says stopped, by shared levels.

    A step is done every 100 days, begins the days again, and the looks are counted on.
    """
    rng, found = np.random.default_rng(9), 0
    for _place in range(places):
        rate, nth, said = rng.uniform(0.1, 0.8), 0, False
        learnt = int(rng.poisson(rate, 120).sum())
        after = rng.poisson(rate * drop, days).tolist()
        for begun in range(0, days, 100):
            for held in range(LOOK_DAYS, min(100, days - begun) + 1, LOOK_DAYS):
                nth += 1
                seen = after[begun : begun + held]
                verdict = stopped([learnt / 120] * held, seen, level(nth), learnt=learnt)
                said = said or verdict.state == "stopped"
        found += said
    return round(found / places, 4)


def places(count: int = 100_000) -> dict[str, float]:
    """Fold incidents into the view of places, and read it as columns."""
    view = Places()
    opened, closed = (evolve.table[one.tag] for one in (intake.IncidentOpened,
                                                        dispatch.IncidentClosed))  # fmt: skip
    pairs = [
        (intake.IncidentOpened(incident=f"I{n}", kind="Alarms", priority="3", lon=-122.4, lat=37.7,
                               address=f"{n % 3_000}00 Block of HYDE ST"),
         dispatch.IncidentClosed(incident=f"I{n}", outcome="x"),
         Row(n + 1, "s", "k", 1, n * DAY_US // 500, 0, "a", "k", 1, b""))
        for n in range(count)
    ]  # fmt: skip
    began = time.process_time()
    for one, other, row in pairs:
        opened(view, one, row)
        closed(view, other, row)
    folded = time.process_time() - began
    zone = load_town(town_folder("san_francisco")).zone
    began = time.process_time()
    calls_of(view, zone)
    return {
        "us_an_incident": round(folded / count * 1e6, 2),
        "columns_ms": round((time.process_time() - began) * 1000, 1),
        "bytes_an_incident": round(len(msgspec.msgpack.encode(view)) / count, 1),
    }  # fmt: skip


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--looks", type=int, default=2_000)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--mapping", type=Path)
    options = parser.parse_args()
    if options.record:
        print(
            json.dumps({"false_alarms": of_record(options.record, options.mapping, options.runs)})
        )
        return
    folder = town_folder("san_francisco")
    town = load_town(folder)
    calls = read_past(folder / "past_calls.csv.gz", town.zone)
    result = {
        "scan": whole(calls, town.repeats),
        "false_alarms": false_alarms(calls, town.repeats, options.runs),
        "nearing": nearing(calls, town.repeats),
        "stopped": stopping(options.looks),
        "places": places(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
