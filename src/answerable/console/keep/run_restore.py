"""``answerable restore``, and the key that opens backups."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from answerable.console.access_cli import when
from answerable.console.tongue import said
from answerable.kernel.store import StoreRefusal
from answerable.record.backup.boxes import Identity, Passphrase, Reader
from answerable.record.backup.refusals import BackupRefused, Hollow
from answerable.record.backup.restore import Outcome, restore


def run_restore(
    source: Path, into: Path, at: int | None, key: Path | None, passphrase: Path | None,
    *, as_json: bool,
) -> int:  # fmt: skip
    """Put a record or its keys back, as fast as the machine can; returns the exit code."""
    try:
        outcome = restore(source, into, _readers(key, passphrase), at)
    except (BackupRefused, StoreRefusal) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    except Hollow as hollow:
        print(
            said("Not restored. {why}. Nothing was put there; try another folder of backups.",
                 why=hollow.why),
            file=sys.stderr,
        )  # fmt: skip
        return 1
    for one in outcome.passed_over:
        print(said("Passed over: {what}", what=one), file=sys.stderr)
    print(_json(into, outcome) if as_json else _text(into, outcome))
    return 0


def _readers(key: Path | None, passphrase: Path | None) -> list[Reader]:
    """Return who can read. Raises BackupRefused."""
    readers: list[Reader] = []
    if key is not None:
        readers.append(Identity.read(key))
    if passphrase is not None:
        readers.append(Passphrase.read(passphrase))
    if not readers:
        raise BackupRefused(
            said("Not restored. Backups are encrypted and no key is given. Give the file that "
                 "'answerable backup key' made with --key, or the passphrase with "
                 "--passphrase-file.")
        )  # fmt: skip
    return readers


def _json(into: Path, outcome: Outcome) -> str:
    note = outcome.note
    return json.dumps({
        "into": str(into), "sort": outcome.head.sort, "size": outcome.back.size,
        "root": outcome.back.root, "sealed": outcome.back.sealed,
        "files": sorted(outcome.back.files), "made_us": outcome.head.made_us,
        "known": note.known if note else 0, "known_by": note.known_by if note else "",
        "passed_over": outcome.passed_over,
    }, ensure_ascii=False)  # fmt: skip


def _text(into: Path, outcome: Outcome) -> str:
    """Return what came back as a person reads it."""
    back, note = outcome.back, outcome.note
    made = when(outcome.head.made_us)
    if note is None:
        return said("Restored and proved: the keys as they were at {made} ({files}), in {into}.",
                    made=made, files=", ".join(sorted(back.files)), into=into)  # fmt: skip
    lines = [
        said(
            "Restored and proved: {size} events and {sealed} sealed values as they were at {made}, "
            "in {into}.",
            size=back.size, sealed=back.sealed, made=made, into=into,
        ),
        f"root {back.root}",
    ]  # fmt: skip
    if note.known:
        lines.append(
            said("Acknowledged and lost: events {first} to {last}, as {who} knows.",
                 first=back.size + 1, last=note.known, who=said(note.known_by))
        )  # fmt: skip
    lines.append(
        said("Compare size and root with what a witness or the public log says. The first start "
             "records that the record was restored. Before it, restore the keys into the same "
             "folder.")
    )  # fmt: skip
    return "\n".join(lines)


def run_key(file: Path, *, as_json: bool) -> int:
    """Make a backup key, never over a file that is there; returns the exit code."""
    identity, line = Identity.make()
    public = str(identity.recipient)
    now = f"{datetime.now(UTC):%Y-%m-%d}"
    text = f"# A backup key of Answerable, made {now}. Whoever has it reads the backups.\n"
    text += f"# public: {public}\n{line}\n"
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
            written.write(text)
            written.flush()
            os.fsync(written.fileno())
    except OSError as error:
        print(
            said("Not made: the key {file}. The file cannot be written ({why}). Name one that is "
                 "not there yet.", file=file, why=error.strerror),
            file=sys.stderr,
        )  # fmt: skip
        return 2
    if as_json:
        print(json.dumps({"file": str(file), "recipient": public}))
        return 0
    print(public)
    print(
        said("Keep {file} away from this machine, twice: without it no backup opens.", file=file),
        file=sys.stderr,
    )
    return 0
