"""``answerable backup``: make one, prove it, have the centre record it, say what came of it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

import answerable
from answerable.console import tongue
from answerable.console.access_cli import HERE
from answerable.console.control import NotReached, reached
from answerable.console.running import CannotBegin
from answerable.console.serve.settings import Settings, read_settings
from answerable.console.tongue import said
from answerable.kernel.store import StoreRefusal
from answerable.record import RECORD_FILE
from answerable.record.backup.boxes import Passphrase, Recipient, Writer
from answerable.record.backup.refusals import BackupRefused, Hollow
from answerable.record.backup.run import SERVED_FILE, Made, Order, back_up
from answerable.towns.adopting import digests_of
from answerable.towns.load import TownRefused, town_folder

NICE = 15
"""Dispatch comes first: a backup takes what is left of the machine."""
WHY_MAX = 240
WHERE_MAX = 240


class Asked(NamedTuple):
    """The options of the command line; what is not given comes from the settings."""

    to: Path | None = None
    recipient: str = ""
    passphrase_file: Path | None = None
    keys: bool = False
    full: bool = False
    full_every: int | None = None
    keep: int | None = None
    keys_days: int | None = None
    scratch: Path | None = None
    data: Path | None = None
    settings: Path | None = None
    as_json: bool = False


def run_backup(asked: Asked) -> int:
    """Make a backup; returns the exit code."""
    stand_back()
    try:
        order = order_of(asked)
        made = back_up(order)
    except (BackupRefused, CannotBegin, TownRefused, StoreRefusal) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    except Hollow as hollow:
        return _hollow(asked, order, hollow)
    return _made(asked, order, made)


def stand_back() -> None:
    """Let everything else on the machine go first, as far as the system lets it."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


# -- what is asked for -----------------------------------------------------------------------


def order_of(asked: Asked) -> Order:
    """Return the order for a backup. Raises BackupRefused, CannotBegin or TownRefused."""
    settings = settings_of(asked)
    backup = settings.backup
    to = asked.to or Path(backup.keys_to if asked.keys else backup.to)
    if not str(to).strip(".") and asked.to is None:
        raise BackupRefused(
            said("Not backed up. No folder is named for it. Give one with --to, or name it under "
                 "[backup] in serve.toml.")
        )  # fmt: skip
    scratch = asked.scratch or (Path(backup.scratch) if backup.scratch else None)
    keep = asked.keep or (backup.keys_keep if asked.keys else backup.keep)
    return Order(
        data=asked.data or (Path(settings.data) if asked.settings else HERE), to=to,
        writers=(_writer(asked, backup.recipient),), keys=asked.keys, full=asked.full,
        full_every=asked.full_every or backup.full_every, keep=keep,
        keys_days=asked.keys_days or backup.keys_days,
        scratch=scratch, more=_more(asked, settings), forbidden=_served(settings),
    )  # fmt: skip


def settings_of(asked: Asked) -> Settings:
    """Return the settings that are given, else those the centre was last served with.

    Raises CannotBegin.
    """
    if asked.settings is not None:
        return read_settings(asked.settings)
    data = asked.data or HERE
    try:
        return msgspec.json.decode((data / SERVED_FILE).read_bytes(), type=Settings)
    except (OSError, msgspec.DecodeError):
        return Settings(data=str(data))


def _writer(asked: Asked, recipient: str) -> Writer:
    """Return for whom it is written. Raises BackupRefused where nobody is named."""
    if asked.passphrase_file is not None:
        return Passphrase.read(asked.passphrase_file)
    text = asked.recipient or recipient
    if text and Path(text).is_file():
        text = Path(text).read_text("utf-8", "replace")
    if not text:
        raise BackupRefused(
            said("Not backed up. Nobody is named who may read it, and a backup is always "
                 "encrypted. Make a key with 'answerable backup key FILE' and give its public line "
                 "with --recipient, or give --passphrase-file.")
        )  # fmt: skip
    return Recipient.parse(text)


def _more(asked: Asked, settings: Settings) -> dict[str, Path | bytes]:
    """Return what goes with a record: its settings, and which files of the town were in force."""
    if asked.keys or not settings.town:
        return {}
    files = digests_of(town_folder(settings.town))
    whole = hashlib.sha256(repr(files).encode()).hexdigest()
    told = {
        "town": settings.town,
        "sha256": whole,
        "files": {one.path: one.digest for one in files},
    }
    more: dict[str, Path | bytes] = {"town.json": json.dumps(told, indent=1).encode()}
    if asked.settings is not None:
        more["serve.toml.backed-up"] = asked.settings
    return more


def _served(settings: Settings) -> tuple[tuple[Path, str], ...]:
    """Return the folders that are served to whoever asks: no backup may lie in or around them."""
    found = [(Path(answerable.__file__).parent, said("the program's own folder"))]
    if settings.town:
        found.append((town_folder(settings.town), said("the town's folder, which is served")))
    return tuple(found)


# -- what came of it -------------------------------------------------------------------------


def _made(asked: Asked, order: Order, made: Made) -> int:
    told = {
        "file": str(made.path), "sort": made.head.sort, "since": made.head.since,
        "size": made.head.size, "root": made.head.root, "bytes": made.bytes,
        "sha256": made.digest, "sealed": made.sealed, "files": sorted(made.files),
        "removed": [path.name for path in made.removed], "seconds": made.seconds,
    }  # fmt: skip
    broken = ""
    if made.broken is not None:
        broken = said(
            "The chain before it is worth nothing from here on: {why}. A full backup was made.",
            why=made.broken.why,
        )
        told["broken"] = made.broken.why
        refused = record(order.data, _failing(order, made.broken))
    else:
        refused = ""
    refused = refused or record(order.data, _noting(order, made))
    told["recorded"] = not refused
    if asked.as_json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(_text(made))
    for line in filter(None, (broken, refused)):
        print(line, file=sys.stderr)
    return 1 if refused else 0


def _text(made: Made) -> str:
    """Return what was made as a person reads it."""
    head = made.head
    if head.sort == "keys-only":
        what = said(
            "Proved: a backup of the keys ({files}), {bytes} bytes, in {seconds} s.",
            files=", ".join(sorted(made.files)), bytes=made.bytes, seconds=made.seconds,
        )  # fmt: skip
    else:
        what = said(
            "Proved: a backup ({sort}) of {size} events, {new} of them new, {sealed} sealed values "
            "and {files} files, {bytes} bytes, in {seconds} s.",
            sort=said(head.sort), size=head.size, new=head.size - head.since, sealed=made.sealed,
            files=len(made.files), bytes=made.bytes, seconds=made.seconds,
        )  # fmt: skip
    lines = [what, f"{made.path}", f"root {head.root}"]
    if made.removed:
        lines.append(said("Older ones were removed: {count}.", count=len(made.removed)))
    return "\n".join(lines)


def _hollow(asked: Asked, order: Order, hollow: Hollow) -> int:
    """Tell that no backup was made, and have the centre alarm its supervisors."""
    refused = record(order.data, _failing(order, hollow))
    text = said(
        "Not backed up: what was made would have restored nothing. {why}. Older backups are as "
        "they were; put that right and make it again.",
        why=hollow.why,
    )
    if asked.as_json:
        print(json.dumps({"failed": hollow.found, "why": hollow.why, "recorded": not refused}))
    print(text, file=sys.stderr)
    if refused:
        print(refused, file=sys.stderr)
    return 1


def _noting(order: Order, made: Made) -> dict[str, Any]:
    head = made.head
    return {
        "type": "keeping.NoteBackup", "key": f"backup:{made.digest[:32]}", "sort": head.sort,
        "size": head.size, "root": head.root, "bytes": made.bytes, "digest": made.digest,
        "since": head.since, "sealed": made.sealed, "where": _where(order),
    }  # fmt: skip


def _failing(order: Order, hollow: Hollow) -> dict[str, Any]:
    sort = "keys-only" if order.keys else "full" if order.full else "incremental"
    return failing(sort, hollow.found, hollow.why, _where(order))


def failing(sort: str, found: str, why: str, where: str) -> dict[str, Any]:
    """Return the command that a backup was not made, or would have restored nothing."""
    return {
        "type": "keeping.FailBackup", "key": f"failed:{secrets.token_hex(16)}", "sort": sort,
        "found": found, "why": why[:WHY_MAX], "where": where[-WHERE_MAX:],
    }  # fmt: skip


def _where(order: Order) -> str:
    return str(order.to)[-WHERE_MAX:]


def record(data: Path, command: dict[str, Any]) -> str:
    """Have the centre record an act, running or not; return "" or why it did not."""
    try:
        if not (data / RECORD_FILE).is_file():
            raise NotReached(said("There is no record in {data}.", data=data))
        with reached(data) as centre:
            answer = centre.ask({"command": command, "lang": tongue.tag()})
    except (NotReached, StoreRefusal, msgspec.DecodeError) as refusal:
        return said("Not recorded in the centre, which goes on waiting for a backup: {why}",
                    why=refusal)  # fmt: skip
    return str(answer.get("text", ""))
