"""``answerable fsck``: read a whole record again, recompute everything, and compare.

It changes nothing and works beside a running centre: it reads one consistent moment. Every row is
hashed from its own columns; every tree head is computed from the leaves; gaps, order, epochs and
times are checked; sealed values are compared with their commitments; SQLite's own structures are
checked; and, given a ``Rebuild``, the state is built again and compared with the snapshots.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

from answerable.kernel.store import Head, StoreRefusal
from answerable.record import opening, snapshots
from answerable.record.findings import FsckReport
from answerable.record.mark import read_mark
from answerable.record.reading import connect_reader
from answerable.record.rebuild import Rebuild
from answerable.record.refusals import open_refusal
from answerable.record.seals import RESTORE
from answerable.record.walk import Walk

INTEGRITY_LINES_MAX = 20
SQL = opening.SQL
Progress = Callable[[int, int], None]


def fsck(
    path: Path | str,
    *,
    rebuild: Callable[[], Rebuild] | None = None,
    progress: Progress | None = None,
) -> FsckReport:
    """Check a whole record. ``progress`` is told (events done, events in all).

    Raises a StoreRefusal where it cannot look: no file, not a record, a newer format.
    """
    path = Path(path).absolute()
    begun = time.perf_counter()
    report = FsckReport(path=str(path))
    mark = read_mark(path)  # before the reading begins, so that it cannot be ahead of it
    connection = connect_reader(path)
    try:
        if opening.look_before_writing(connection, path):
            if mark is None or not mark.size:
                raise opening.no_record(path)
            report.find("the file", f"it is empty; {mark.size} events are missing", RESTORE)
        else:
            connection.execute("BEGIN")
            _look(connection, report, mark, rebuild, progress)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "SQLITE_CORRUPT").startswith("SQLITE_CORRUPT"):
            report.find("the file", f"it cannot be read ({error})", RESTORE)
        else:
            raise open_refusal(error, path) from error
    except UnicodeDecodeError:  # SQLite's own words, about a name that was damaged
        report.find("the file", "it cannot be read: a name in it is damaged", RESTORE)
    finally:
        connection.close()
    report.seconds = round(time.perf_counter() - begun, 3)
    return report


def _look(
    connection: sqlite3.Connection,
    report: FsckReport,
    mark: Head | None,
    rebuild: Callable[[], Rebuild] | None,
    progress: Progress | None,
) -> None:
    report.format = connection.execute("PRAGMA user_version").fetchone()[0]
    epoch = connection.execute(SQL["epoch"]).fetchone()
    if epoch is None:
        report.find("the file", "it has no epoch", RESTORE)
    else:
        report.epoch = epoch[0]
    _check_structure(connection, report)
    _check_aside(connection, report)
    Walk(connection, report, rebuild() if rebuild else None, progress).run()
    _check_mark(connection, report, mark)


def _check_structure(connection: sqlite3.Connection, report: FsckReport) -> None:
    """Have SQLite check its pages and indexes."""
    try:
        found = connection.execute(f"PRAGMA integrity_check({INTEGRITY_LINES_MAX})").fetchall()
    except sqlite3.DatabaseError as error:
        found = [(error,)]
    for (line,) in found:
        if line != "ok":
            report.find("the database", str(line).strip(), RESTORE)


AGAIN = "Nothing recorded is lost: once it is asked for, the next start makes it again."


def _check_aside(connection: sqlite3.Connection, report: FsckReport) -> None:
    """Check what was laid aside against its checksums."""
    if not connection.execute(SQL["aside_table"]).fetchone():
        return
    for one in connection.execute(SQL["all_aside"]):
        if snapshots.unpacked_aside(*one) is None:
            report.find(f"what was laid aside of {one[1]}", "it was altered", AGAIN)


def _check_mark(connection: sqlite3.Connection, report: FsckReport, mark: Head | None) -> None:
    """Compare with what was last acknowledged from this place."""
    if mark is None:
        report.notes.append("there is no mark of what was acknowledged; a lost end would not show")
    elif mark.size > report.events:
        what = f"they were acknowledged and are missing (the record ends at {report.events})"
        where = f"positions {report.events + 1} to {mark.size}"
        report.find(where, what, RESTORE, report.events + 1)
    elif mark.size:
        found = connection.execute(SQL["head_at"], (mark.size,)).fetchone()
        if found is None or found[0] != mark.root:
            what = "it is not the one that was acknowledged from this place"
            report.find(f"the tree head of {mark.size} events", what, RESTORE)


def fsck_command(
    path: Path | str,
    json: bool = False,
    *,
    rebuild: Callable[[], Rebuild] | None = None,
) -> int:
    """Print a report; return 0 where all is sound, 1 where damage was found, 2 where none can look.

    Progress goes to standard error while that is a terminal.
    """
    try:
        report = fsck(path, rebuild=rebuild, progress=_bar if sys.stderr.isatty() else None)
    except StoreRefusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print(report.json().decode() if json else report.text())
    return 0 if report.sound else 1


def _bar(done: int, of: int) -> None:
    end = "\n" if done >= of else ""
    print(f"\r{done:,} of {of:,} events", end=end, file=sys.stderr, flush=True)
