"""How long the scan for repeat places takes, and how often its rules are wrong where nothing is.

    python -m benchmarks.repeats [--runs 200] [--looks 2000]

*scan*: the incidents of six months of San Francisco that are packaged (18,050 of 37,869 unit rows),
through the exact rule and the space-time scan with its 999 shuffled records; the times are of the
processor. *false alarms*: the same record with the days shuffled among the events of a cause and
weekday, so that nothing is left to be found, scanned ``--runs`` times; the share of scans that find
something all the same, beside the rate the scan states (alpha), and how likely so many are if that
rate is kept: only a small number there speaks against it. The scans here use 99 shuffled records
and alpha 0.05, so that a run is affordable and a share visible.
*stopped*: places that go on as before, tested once after six weeks and tested every day from the
28th to the 90th. *places*: what the view of places costs an incident. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time

import msgspec
import numpy as np

from answerable.console.repeating.kept import read_past
from answerable.dispatch import words as dispatch
from answerable.intake import words as intake
from answerable.kernel.event import Row
from answerable.matters.place_views import Places, calls_of, evolve
from answerable.matters.repeats.calls import Calls, day_of
from answerable.matters.repeats.events import Events, at_least, events_of
from answerable.matters.repeats.find import found
from answerable.matters.repeats.scan import scanned, streams_of
from answerable.matters.repeats.stopped import stopped
from answerable.matters.repeats.zones import zones_of
from answerable.towns.load import load_town, town_folder
from answerable.towns.repeating import RepeatsFile, Scan

QUICK = {"runs": 99, "alpha": 0.05}
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


def false_alarms(calls: Calls, rules: RepeatsFile, runs: int) -> dict[str, object]:
    """Scan records in which nothing is to be found."""
    scan: Scan = msgspec.structs.replace(rules.scan, **QUICK)
    today = day_of(int(calls.at_us[-1]), calls.zone)
    events = events_of(calls, rules)
    wrong, began = 0, time.process_time()
    for seed in range(runs):
        record = without_clusters(events, np.random.default_rng([7, seed]))
        streams = streams_of(
            record, lambda at: zones_of(at, calls.spots, scan.radius_m, scan.places), today, scan
        )
        wrong += bool(scanned(streams, scan, seed))
    return {
        "records": runs, "with_a_finding": wrong, "share": round(wrong / runs, 4),
        "stated": scan.alpha,
        "chance_of_so_many_at_the_stated_rate": round(at_least(wrong, runs, scan.alpha), 3),
        "cpu_s_each": round((time.process_time() - began) / runs, 2),
    }  # fmt: skip


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
    return {"wrong_once": round(once / looks, 4), "wrong_daily": round(daily / looks, 4),
            "stated": 0.05}  # fmt: skip


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
    options = parser.parse_args()
    folder = town_folder("san_francisco")
    town = load_town(folder)
    calls = read_past(folder / "past_calls.csv.gz", town.zone)
    result = {
        "scan": whole(calls, town.repeats),
        "false_alarms": false_alarms(calls, town.repeats, options.runs),
        "stopped": stopping(options.looks),
        "places": places(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
