"""The gazetteer on the addresses of real calls: how far off, how often, how fast. Prints JSON.

    python -m benchmarks.gazetteer [--data ../shared/data] [--quick]

The truth is the position the city published with each call. Blocks are learnt from past calls, so
each period is asked of a gazetteer that was built without that period (`held_out_…`); what the
packaged town answers about the very calls it was built from stands apart, as `packaged`. A call is
one address text; every call counts, also call boxes, and calls outside the city.
"""

from __future__ import annotations

import argparse
import csv
import gc
import gzip
import json
import math
import random
import re
import resource
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from answerable.place.gazetteer.files import BLOCKS_FILE
from answerable.place.gazetteer.gazetteer import Gazetteer
from answerable.place.gazetteer.naming import keys
from answerable.place.gazetteer.streets import Streets
from answerable.place.town_places import Places, load_places
from tools.build_san_francisco_blocks import (
    PERIODS,
    TOWN,
    Call,
    block_of,
    calls_of,
    packed,
    rows_of,
)
from tools.numbering import Numbering

WITHIN_M = 150.0
QUICK = 300
SEED = 20
PLANTED = 2_000
FULL = {"ST": "Street", "AV": "Avenue", "AVE": "Avenue", "BL": "Boulevard", "BLVD": "Boulevard",
        "DR": "Drive", "WY": "Way", "CT": "Court", "PL": "Place", "TR": "Terrace"}  # fmt: skip
SAID = {"1ST": "first", "2ND": "second", "3RD": "third", "4TH": "fourth", "5TH": "fifth",
        "6TH": "sixth", "7TH": "seventh", "8TH": "eighth", "9TH": "ninth", "10TH": "tenth",
        "16TH": "sixteenth", "18TH": "eighteenth", "24TH": "twenty-fourth"}  # fmt: skip
ONES = str.split(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = str.split("zero ten twenty thirty forty fifty")


def sort_of(address: str) -> str:
    """Return the class of an address: block, crossing, call box, or another form."""
    if block_of(address):
        return "block"
    if "/" in address:
        return "crossing"
    return "call box" if address.upper().startswith("CALL BOX") else "other"


def off_m(gazetteer: Gazetteer, text: str, call: Call) -> tuple[float, float]:
    """Return how far the first answer is from the call (infinite without one), and the ms."""
    began = time.perf_counter()
    found = gazetteer.find(text)
    took_ms = (time.perf_counter() - began) * 1000
    if not found:
        return math.inf, took_ms
    return gazetteer.apart_m((found[0].lon, found[0].lat), (call.lon, call.lat)), took_ms


def told(off: list[float]) -> dict[str, object]:
    """Return count, share within 150 m, median and p90 of distances."""
    if not off:
        return {"calls": 0}
    at = np.array(off)
    return {
        "calls": len(off),
        "within_150_m": round(float((at <= WITHIN_M).mean()), 4),
        "median_m": number(float(np.median(at))),
        "p90_m": number(float(np.quantile(at, 0.9, method="lower"))),
        "no_answer": int(np.isinf(at).sum()),
    }


def number(value: float) -> float | None:
    return None if math.isinf(value) else round(value, 1)


def asked(
    gazetteer: Gazetteer,
    calls: Iterable[Call],
    learnt: set[tuple[str, int]] | None,
    pool: dict[str, list[float]] | None = None,
) -> dict[str, object]:
    """Ask for the address of every call; tell the distances by class, and the times.

    `learnt`: the blocks that were seen before; `pool` takes the distances by class.
    """
    off: dict[str, list[float]] = defaultdict(list)
    times: list[float] = []
    missed: dict[str, int] = defaultdict(int)
    outside = 0
    for call in calls:
        sort = sort_of(call.address)
        if sort == "block" and learnt is not None:
            hundred, name = block_of(call.address)
            is_known = any((key.base, hundred) in learnt for key in keys(name)[:1])
            sort = "block, seen before" if is_known else "block, never seen"
        far_m, took_ms = off_m(gazetteer, call.address, call)
        off[sort].append(far_m)
        times.append(took_ms)
        outside += not gazetteer.places.areas.at(call.lon, call.lat).inside
        missed[sort] += far_m > WITHIN_M
    for sort, found in off.items():
        (pool if pool is not None else {}).setdefault(sort, []).extend(found)
    blocks = [m for sort, found in off.items() if sort.startswith("block") for m in found]
    return {
        "all": told([m for found in off.values() for m in found]),
        "block and crossing": told([*blocks, *off["crossing"]]),
        "block": told(blocks),
        **{sort: told(found) for sort, found in sorted(off.items()) if sort != "block"},
        "never_seen_share_of_blocks": round(len(off["block, never seen"]) / max(1, len(blocks)), 4),
        "missed": dict(sorted(missed.items())),
        "outside_the_city": outside,
        "p50_ms": round(float(np.quantile(times, 0.5)), 2),
        "p99_ms": round(float(np.quantile(times, 0.99)), 2),
        "worst_ms": round(max(times), 2),
    }


def built_without(
    period: str, calls: dict[str, list[Call]], numbering: Numbering, to: Path
) -> Places:
    """Return the town as it would be had the period never happened."""
    streets = numbering.streets
    others = [call for name, found in calls.items() if name != period for call in found]
    for file in TOWN.iterdir():
        if file.is_file() and file.name != BLOCKS_FILE:
            shutil.copyfile(file, to / file.name)
    (to / BLOCKS_FILE).write_bytes(packed(rows_of(streets, others, numbering)))
    return load_places(to)


def learnt_of(calls: Iterable[Call]) -> set[tuple[str, int]]:
    """Return the blocks that calls name, by street key and hundred."""
    named = filter(None, (block_of(call.address) for call in calls))
    return {(key.base, hundred) for hundred, name in named for key in keys(name)[:1]}


# -- planted errors ------------------------------------------------------------------------------


def typo(text: str, chance: random.Random) -> str:
    """Change one letter of the longest word: left out, doubled, changed, or two turned round."""
    words = text.split(" ")
    at = max(range(len(words)), key=lambda i: (words[i].isalpha(), len(words[i])))
    word = words[at]
    if len(word) < 5 or not word.isalpha():
        return text
    i = chance.randrange(1, len(word) - 1)
    words[at] = chance.choice(
        (word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:],
         word[:i] + chance.choice("AEIOURSTLN") + word[i + 1 :],
         word[:i] + word[i + 1] + word[i] + word[i + 2 :])
    )  # fmt: skip
    return " ".join(words)


def said_number(number: int) -> str:
    """Say a whole hundred as people do: twelve hundred, twenty-four hundred."""
    hundreds = number // 100
    if hundreds < 20:
        return f"{ONES[hundreds]} hundred"
    tens, ones = divmod(hundreds, 10)
    if tens >= len(TENS):
        return str(number)
    return f"{TENS[tens]}{'-' + ONES[ones] if ones else ''} hundred"


def in_words(street: str) -> str:
    """Write a street out: 5TH ST becomes "fifth Street"."""
    words = street.split()
    return " ".join(SAID.get(w, FULL.get(w, w) if i else w) for i, w in enumerate(words))


def street_parts(address: str) -> tuple[int | None, list[str]]:
    """Return the hundred of an address, if it has one, and its streets."""
    named = block_of(address)
    return (named[0], [named[1]]) if named else (None, address.split("/"))


def joined(hundred: int | None, streets: list[str]) -> str:
    """Write an address as the record writes it."""
    return f"{hundred} Block of {streets[0]}" if hundred is not None else "/".join(streets)


def planted(address: str, error: str, chance: random.Random) -> str:
    """Return an address with one kind of error or another way of saying it."""
    hundred, streets = street_parts(address)
    if error == "typo":
        return joined(hundred, [typo(streets[0], chance), *streets[1:]])
    if error == "typo in both streets":
        return joined(hundred, [typo(street, chance) for street in streets])
    if error == "lower case":
        return address.lower()
    if error == "written out":
        return joined(hundred, [in_words(street) for street in streets])
    bare = [re.sub(r"\s+\w{2,4}$", "", s) if len(s.split()) > 1 else s for s in streets]
    if error == "kind of street left out":
        return f"{hundred} {bare[0]}" if hundred else joined(hundred, bare)
    if error == "crossing turned round":
        return (
            " and ".join(reversed(streets)) if hundred is None else f"{streets[0]}, {hundred} block"
        )
    if error == "as spoken":
        words = [in_words(street).lower() for street in streets]
        if hundred is None:
            return f"i'm at {words[0]} corner {words[-1]}, near the bank"
        return f"at {said_number(hundred)} block of {words[0]}" if hundred else joined(0, words)
    raise AssertionError(error)


ERRORS = (
    "typo", "typo in both streets", "lower case", "written out", "kind of street left out",
    "crossing turned round", "as spoken",
)  # fmt: skip


def with_errors(gazetteer: Gazetteer, calls: list[Call]) -> dict[str, object]:
    """Plant errors in addresses and tell how many still lead to within 150 m."""
    chance = random.Random(SEED)
    asked_of = [c for c in calls if sort_of(c.address) in ("block", "crossing")]
    asked_of = chance.sample(asked_of, min(PLANTED, len(asked_of)))
    result: dict[str, object] = {
        "as written": told([off_m(gazetteer, c.address, c)[0] for c in asked_of])
    }
    for error in ERRORS:
        found = [off_m(gazetteer, planted(c.address, error, chance), c) for c in asked_of]
        times = [ms for _, ms in found]
        result[error] = {
            **told([far_m for far_m, _ in found]),
            "p99_ms": round(float(np.quantile(times, 0.99)), 2),
        }
    return result


def packaged_calls() -> list[Call]:
    """Return the calls that come with the town, each once."""
    with gzip.open(TOWN / "calls.csv.gz", "rt", encoding="utf-8", newline="") as file:
        found = {
            row["call_number"]: Call(row["block_address"], float(row["lon"]), float(row["lat"]))
            for row in csv.DictReader(file)
        }
    return list(found.values())


def peak_mb() -> float:
    """Return the most memory this process has held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    places = load_places(TOWN)
    places.locate(*places.areas.middles()[0][1:])  # roads, areas, stations: read before the clock
    before_mb = peak_mb()
    began = time.perf_counter()
    gazetteer = Gazetteer.of(places)
    result: dict[str, object] = {
        "build_s": round(time.perf_counter() - began, 3),
        "memory_mb": round(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before_mb, 1
        ),
        "names": len(gazetteer.street_names) + len(gazetteer.spot_names),
    }
    gc.freeze()
    if options.quick or not (options.data / "dev").is_dir():
        calls_here = packaged_calls()
        if options.quick:
            calls_here = random.Random(SEED).sample(calls_here, QUICK)
        result["packaged"] = asked(gazetteer, calls_here, None)
        result["held_out"] = "not measured: needs the calls of several periods (--data)"
        print(json.dumps(result, indent=2))
        return 0
    calls = {period: calls_of(options.data, period) for period in PERIODS}
    result["packaged"] = asked(gazetteer, (c for found in calls.values() for c in found), None)
    numbering = Numbering(Streets(places.roads))
    pool: dict[str, list[float]] = {}
    for period in PERIODS:
        with tempfile.TemporaryDirectory() as folder:
            without = Gazetteer.of(built_without(period, calls, numbering, Path(folder)))
            rest = learnt_of(c for name, found in calls.items() if name != period for c in found)
            result[f"held_out_{period.removeprefix('sffd_')}"] = asked(
                without, calls[period], rest, pool
            )
            if period == PERIODS[-1]:
                result["planted"] = with_errors(without, calls[period])
    named = [m for sort, found in pool.items() if sort[:5] in ("block", "cross") for m in found]
    result["held_out_pooled"] = {
        "all": told([m for found in pool.values() for m in found]),
        "block and crossing": told(named),
        **{sort: told(found) for sort, found in sorted(pool.items())},
    }
    print(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
