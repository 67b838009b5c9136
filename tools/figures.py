"""Write measured numbers into docs/assurance/figures.md: ``python -m tools.figures FILE …``.

Each file holds one JSON object as ``make bench`` or ``make clone-check`` print it. Only what stands
between the two marks of the page is replaced; what is above and below is written by hand.
"""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GOALS: tuple[tuple[str, str, str], ...] = (
    (
        "append → durable at 10,000 events/s offered, p99, ms",
        "append.offered.ordered.p99_ms",
        "≤ 5",
    ),
    ("the same with keys in no order, p99, ms", "append.offered.random.p99_ms", "≤ 5"),
    ("this machine's fdatasync, p50, ms", "append.fdatasync.p50_ms", "-"),
    ("Merkle append, entries/s", "merkle.append_per_s", "≥ 400,000"),
    ("inclusion proofs/s", "merkle.inclusion_per_s", "≥ 40,000"),
    ("what sealing takes of command throughput, share", "sealing.cost", "≤ 0.2"),
    (
        "travel times of 500 units to an incident, p50, µs",
        "roads.serving.all_units_to_an_incident.p50_us",
        "≤ 100",
    ),
    ("a whole recommendation, 500 units, p50, ms", "recommend.recommendation_ms_p50", "≤ 0.5"),
    ("what may be the same incident, among 10,000, p99, ms", "nearby.ms_p99", "≤ 50"),
    ("the same through HTTP with proposal and questions, p99, ms", "taking.heard_ms.p99", "≤ 50"),
    (
        "the day's call-back queue opens at 30,000 calls, p99, ms",
        "call_backs.queue_ms.p99",
        "≤ 200",
    ),
    ("10,000 open matters listed and filtered, p95, ms", "matters.p95_ms", "≤ 200"),
    ("repeat places in six months of San Francisco, processor, s", "repeats.scan.cpu_s", "≤ 5"),
    ("the same, share of shuffled records with a finding", "repeats.false_alarms.share", "≤ 0.05"),
    ("a key of the command bar, server, p99, ms", "bar.wall_ms.p99", "-"),
    (
        "key → wholly displayed, 100 consoles, 10 × the busiest hour, p99, ms",
        "display.all.p99_ms",
        "≤ 100",
    ),
    ("the same, p99.9, ms", "display.all.p999_ms", "≤ 500"),
    ("road preprocessing of the city, compiled, s", "roads.prepare.compiled_s", "≤ 2"),
    ("replay through hub and store, events/s", "replay.events_per_s_p50", "≥ 20,000"),
    ("the April file replayed, s", "replay.seconds_p50", "≤ 5"),
    ("start with 1,000,000 events, from zero, s", "start.zero.start_s", "≤ 10"),
    ("start with 1,000,000 events, from a snapshot, s", "start.snapshot.start_s", "≤ 2"),
    (
        "the gazetteer: blocks and crossings of calls it was not built from, within 150 m",
        "gazetteer.held_out_pooled.block and crossing.within_150_m",
        "≥ 0.95",
    ),
    (
        "the same, the whole city, April 2020",
        "gazetteer.held_out_citywide_2020-04-02_2020-04-13.block and crossing.within_150_m",
        "≥ 0.95",
    ),
    ("the gazetteer, a query, p99, ms", "gazetteer.packaged.p99_ms", "≤ 20"),
    (
        "durable command over HTTP, one client, p50, in fdatasyncs of the same run",
        "serve.one_client.p50_in_fdatasyncs",
        "≤ 5",
    ),
    ("durable commands/s, 16 clients", "serve.clients.per_s", "≥ 2,500"),
    ("a change at 100 consoles, p99, ms", "serve.consoles.1.p99_ms", "≤ 25"),
    ("a change at 1,000 consoles, p99, ms", "serve.consoles.2.p99_ms", "≤ 75"),
    (
        "a log of 1,000,000 events checked by the outsider's one file of Python, s",
        "verify.seconds",
        "≤ 60",
    ),
    ("demo: command typed → units moving, s", "demo.typed_to_moving_units_s", "≤ 15"),
    ("demo: memory of the server, MB", "demo.rss_mb_after_30_s", "≤ 300"),
    ("drilled: fault points of the write path", "drill_faults.distinct", "≥ 2,000"),
    ("the same, seeds in which a promise did not hold", "drill_faults.failed_seeds", "0"),
    ("drilled: real system calls that failed", "drill_real.distinct", "-"),
    ("drilled: power cuts", "drill_power.tried", "≥ 1,000,000"),
    ("the same, seeds in which a promise did not hold", "drill_power.failed_seeds", "0"),
    ("simulated days of a town", "drill_town.tried", "≥ 10,000"),
    ("the same, days on which something was violated", "drill_town.failed_seeds", "0"),
    ("planted faults: the least share caught", "drill_plants.least_share_caught", "≥ 0.95"),
    ("random mutations of log, tiles, checkpoint, keys", "drill_mutations.count", "≥ 100,000"),
    ("the same, undetected", "drill_mutations.undetected", "0"),
)
"""The goals of DESIGN section 8 that this version answers for: what, its path, the goal."""

HEAD = "| what | measured | goal | command | seed |"
PAGE = Path(__file__).resolve().parent.parent / "docs" / "assurance" / "figures.md"
BEGIN = "<!-- figures: begin; written by 'make figures' -->"
END = "<!-- figures: end -->"


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every number and text of a JSON value with its path: ``by_key.ordered.p99_ms``."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, part in enumerate(value, 1):
            yield from leaves(part, f"{path}.{number}" if path else str(number))
    else:
        shown = round(value, 3) if isinstance(value, float) else value
        yield path, f"{shown:,}" if isinstance(shown, int | float) else str(shown)


def against_goals(measured: dict[str, Any]) -> list[str]:
    """Return one table row for every goal that the run measured: with its command and its seed."""
    found = dict(leaves(measured))
    return [
        f"| {what} | {found[path]} | {goal} | {command_of(path.partition('.')[0], found)} "
        f"| {found.get(path.partition('.')[0] + '.seed', '')} |"
        for what, path, goal in GOALS
        if path in found
    ]


def command_of(part: str, found: dict[str, str]) -> str:
    """Return the command that measures a part: its own word for it, or the part of the bench."""
    return f"`{found.get(f'{part}.command', f'python -m benchmarks --only {part}')}`"


def section(measured: dict[str, Any], date: str) -> str:
    """Return the tables of one run, one a part, the machine above them."""
    machine = measured.get("machine", {})
    parts = [f"Measured on {date}: " + ", ".join(f"{k} {v}" for k, v in leaves(machine)) + "."]
    if goals := against_goals(measured):
        parts.append("\n".join([HEAD, "| --- | ---: | ---: | --- | --- |", *goals]))
    for name, found in measured.items():
        if name != "machine":
            rows = [f"| {path or name} | {value} |" for path, value in leaves(found)]
            parts.append(f"### {name}\n\n{command_of(name, dict(leaves(measured)))}")
            parts.append("\n".join(["| figure | value |", "| --- | ---: |", *rows]))
    return "\n\n".join(parts)


def placed(page: str, sections: list[str]) -> str:
    """Return the page with the sections between its marks; raises ValueError without marks."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no marks {BEGIN} … {END}")
    return head + "\n\n".join([BEGIN, *sections, END]) + tail


def main(names: list[str]) -> int:
    """Read the files and write the page; returns the exit code."""
    if not names:
        print("Not written. No file was named. Run: make figures", file=sys.stderr)
        return 2
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    try:
        measured = [json.loads(Path(name).read_text(encoding="utf-8")) for name in names]
    except (OSError, ValueError) as error:
        print(f"Not written. {error}. Measure again: make bench", file=sys.stderr)
        return 2
    sections = [section(one, today) for one in measured]
    PAGE.write_text(placed(PAGE.read_text(encoding="utf-8"), sections), encoding="utf-8")
    print(f"{PAGE.name}: {len(sections)} runs written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
