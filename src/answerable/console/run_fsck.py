"""``answerable fsck``: the product's rooms given to ``record.fsck``."""

from __future__ import annotations

from pathlib import Path

from answerable.record import RECORD_FILE
from answerable.record.fsck import fsck_command
from answerable.record.rebuild import RoomsRebuild
from answerable.rooms import product


def run_fsck(record: Path, *, as_json: bool) -> int:
    """Check a record file, or the one in a folder; returns the exit code."""
    path = record / RECORD_FILE if record.is_dir() else record
    return fsck_command(path, as_json, rebuild=lambda: RoomsRebuild(product()))
