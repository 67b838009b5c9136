"""What the real server carries: ``answerable bench serve`` as a part of ``make bench``.

python -m benchmarks.serve [--seconds 10] [--changes 100] [--quick]
"""

from __future__ import annotations

import argparse
import sys

from answerable.console.bench.run import BenchOptions, run_bench


def main() -> int:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.quick:
        return run_bench(
            BenchOptions(seconds=0.5, clients=4, consoles=(20, 50), changes=5, page_times=5)
        )
    return run_bench(BenchOptions(seconds=options.seconds, changes=options.changes))


if __name__ == "__main__":
    sys.exit(main())
