"""The long drills as figures: ``answerable drill …`` with its seeds, as one JSON object.

    python -m benchmarks.drills [--quick]      (``make drill`` keeps it for ``make figures``)

Each part is the command line itself, so the command on the page of figures is the one that ran.
In full it takes about half an hour on two cores.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from benchmarks.__main__ import machine

PARTS: dict[str, tuple[list[str], list[str]]] = {
    "drill_faults": (["faults", "--seeds", "20", "--points", "250"],
                     ["faults", "--seeds", "2", "--points", "10"]),
    "drill_real": (["faults", "--real", "--seeds", "2", "--points", "150"],
                   ["faults", "--real", "--seeds", "1", "--points", "4"]),
    "drill_power": (["power", "--seeds", "2400"], ["power", "--seeds", "2", "--cuts", "50"]),
    "drill_town": (["town", "--seeds", "10000"], ["town", "--seeds", "3"]),
    "drill_plants": (["plants", "--seeds", "40"], ["plants", "--seeds", "2"]),
}  # fmt: skip
"""The parts: in full, and when quick. All begin with seed 1."""
KEPT = ("tried", "distinct", "acknowledged", "failed_seeds", "seconds")


def run(part: str, words: list[str]) -> dict[str, Any]:
    """Run one drill and return its figures."""
    print(f"{part} ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "answerable.console.cli", "drill", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    seeds = words[words.index("--seeds") + 1]
    told: dict[str, Any] = {
        "command": " ".join(["answerable drill", *words]), "seed": f"1 to {seeds}",
    }  # fmt: skip
    if done.returncode == 2:
        return told | {"failed": done.stderr.strip().splitlines()[-1:]}
    found = json.loads(done.stdout)
    if isinstance(found, list):
        shares = {one["plant"]: one["share"] for one in found}
        return told | {"least_share_caught": min(shares.values()), "caught": shares}
    per_s = round(found["tried"] / (found["seconds"] or 1), 1)
    findings = {"findings": found["findings"]} if found["findings"] else {}
    return told | {name: found[name] for name in KEPT} | {"per_s": per_s} | findings


def mutated(quick: bool) -> dict[str, Any]:
    """Mutate records, keys, logs and proofs at random; return what came of it."""
    print("drill_mutations ...", file=sys.stderr, flush=True)
    words = ["-m", "tests.attack.mutations", "--count", "400" if quick else "100000", "--seed", "1"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    told: dict[str, Any] = {"command": " ".join(["python", *words]), "seed": 1}
    if done.returncode:
        return told | {"failed": done.stderr.strip().splitlines()[-1:]}
    return told | json.loads(done.stdout)


def main() -> int:
    """Run the drills and print one JSON object; 1 where a promise did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    known = [*PARTS, "drill_mutations"]
    parser.add_argument("--only", nargs="*", choices=known, default=known)
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine()}
    for part in options.only:
        if part == "drill_mutations":
            result[part] = mutated(options.quick)
            continue
        full, quick = PARTS[part]
        result[part] = run(part, quick if options.quick else full)
    print(json.dumps(result, indent=2))
    parts = [one for name, one in result.items() if name != "machine"]
    return int(any("failed" in one or one.get("failed_seeds") for one in parts))


if __name__ == "__main__":
    sys.exit(main())
