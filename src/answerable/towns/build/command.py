"""``answerable town build`` as a command: what is told, where, and the exit code."""

from __future__ import annotations

import json
import sys

from answerable.towns.build.options import BuildOptions, BuildRefused


def run_build(options: BuildOptions, *, as_json: bool) -> int:
    """Build the town; progress goes to stderr, the report to stdout. Returns the exit code."""
    try:
        from answerable.towns.build.town import build_town

        report = build_town(options, lambda line: print(line, file=sys.stderr, flush=True))
    except BuildRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print(json.dumps(report, ensure_ascii=False, indent=1) if as_json else str(report))
    return 0
