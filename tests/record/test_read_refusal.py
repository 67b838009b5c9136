"""A disk that does not give the record's bytes is not a damaged record, and is told apart."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from answerable.record.refusals import NotReadable, RecordDamaged, read_refusal


def error_of(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SQLITE_IOERR_READ", NotReadable),
        ("SQLITE_NOMEM", NotReadable),
        ("SQLITE_CORRUPT_VTAB", RecordDamaged),
        ("SQLITE_NOTADB", RecordDamaged),
        ("SQLITE_IOERR_SHORT_READ", RecordDamaged),
    ],
)
def test_a_disk_that_fails_and_a_record_that_is_damaged_are_told_apart(name, kind):
    refusal = read_refusal(error_of(name), Path("town.record"), "row 7")
    assert type(refusal) is kind
    assert "town.record" in str(refusal)
    assert "row 7" in str(refusal)
