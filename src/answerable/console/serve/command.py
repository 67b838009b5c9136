"""From the command line to a running service: settings first, so that a slip in them is told."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from answerable.console.running import CannotBegin
from answerable.console.serve.settings import read_settings


def serve_command(file: Path | None, options: Mapping[str, object], go_on: str = "") -> int:
    """Serve with a file's settings and the options given over them; returns the exit code."""
    try:
        settings = read_settings(file, **options)
    except CannotBegin as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    from answerable.console.serve.run_serve import run_serve

    return run_serve(settings, go_on)
