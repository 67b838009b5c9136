"""Before a record is opened: whether it goes on from what was signed, here and by outsiders.

An older copy that was put back looks whole to itself. What gives it away is what others saw of it:
the last checkpoint kept beside the record, and what each witness cosigned last. Nothing is written
to the record here, and nothing is signed but beginnings of it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from answerable.record import tree
from answerable.record.entry import COLUMNS
from answerable.record.log.checkpoint import Checkpoint
from answerable.record.log.notes import Signer
from answerable.record.reading import connect_reader
from answerable.record.refusals import open_refusal
from answerable.record.statements import load
from answerable.witness.client import Witness
from answerable.witness.refusals import Disagrees, KnowsAnother, NotCosigned

STREAM, WENT_ON = "keeping", "keeping.WentOn"
BODY = 9
KIND = 2
SQL = load("sqlite")
PAGE = 4096


class Seen(NamedTuple):
    """What somebody saw of a log: the size, the root where they tell it (else ""), and when."""

    by: str
    size: int
    root: str = ""
    at_s: int = 0
    agrees: bool = True


class WentOn(NamedTuple):
    """The last time a service went on without what was witnessed: how much, and what was left."""

    generation: int
    size: int
    have: int


class Past:
    """A record as it lies on the disk, read before anybody opens it to write."""

    def __init__(self, record: Path) -> None:
        """Read its head; a record that is not there is empty. Raises StoreRefusal."""
        self._path = record = record.absolute()
        self._db = connect_reader(record) if record.is_file() else None
        head = self._fetch("last_head")
        self.size: int = head[0][0] if head else 0
        self.root: bytes = head[0][1] if head else tree.EMPTY_ROOT

    def root_at(self, size: int) -> bytes:
        """Return the root over the first events: the head of then, or computed again."""
        if found := self._fetch("head_at", size):
            return bytes(found[0][0])
        frontier, after = tree.EMPTY, 0
        while rows := self._fetch("rows", after, min(PAGE, size - after)):
            frontier = tree.extend(frontier, [row[COLUMNS] for row in rows])
            after = rows[-1][0]
        return tree.root(frontier)

    def went_on(self) -> WentOn:
        """Return when this record last went on without something; generation 1 for never."""
        rows: list[tuple[Any, ...]] = []
        after = 0
        while page := self._fetch("stream", STREAM, after, PAGE):
            rows += page
            after = page[-1][0]
        return last_of((row[KIND], row[BODY]) for row in rows)

    def _fetch(self, name: str, *values: object) -> list[tuple[Any, ...]]:
        if self._db is None:
            return []
        try:
            return self._db.execute(SQL[name], values).fetchall()
        except sqlite3.Error as error:
            raise open_refusal(error, self._path) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            self._db.close()


def last_of(rows: Iterable[tuple[str, bytes]]) -> WentOn:
    """Return the last going on among rows of the room keeping, each its kind and its body."""
    found = WentOn(1, 0, 0)
    for kind, body in rows:
        if kind == WENT_ON:
            told = json.loads(body)
            found = WentOn(told["generation"], told["size"], told["have"])
    return found


def judged(past: Past, seen: Seen) -> Seen:
    """Return what was seen, with whether the record still goes on from it."""
    if not seen.agrees or seen.size > past.size:
        return seen._replace(agrees=False)
    return seen._replace(agrees=not seen.root or past.root_at(seen.size).hex() == seen.root)


async def asked(
    past: Past, origin: str, signer: Signer | None, witnesses: Sequence[Witness]
) -> tuple[list[Seen], list[NotCosigned]]:
    """Ask every witness at once; returns what they saw, and why others could not say.

    Without a ``signer``, where the log's keys are lost, only witnesses of this program can say.
    """
    found = await asyncio.gather(
        *(_seen(past, origin, signer, one) for one in witnesses), return_exceptions=True
    )
    told: list[Seen] = []
    failed: list[NotCosigned] = []
    for one in found:
        if isinstance(one, NotCosigned):
            failed.append(one)
        elif isinstance(one, BaseException):
            raise one
        else:
            told.append(judged(past, one))
    return told, failed


async def _seen(past: Past, origin: str, signer: Signer | None, witness: Witness) -> Seen:
    """Return what a witness cosigned last of a log. Raises a NotCosigned where it does not say."""
    name = witness.verifier.name
    try:
        if (found := await witness.last(origin)) is not None:
            checkpoint, signed = found
            return Seen(name, checkpoint.size, checkpoint.root.hex(), signed.at_s)
        if signer is None:
            return Seen(name, 0)
        return await _size_seen(past, signer, witness)
    finally:
        await witness.close()


async def _size_seen(past: Past, signer: Signer, witness: Witness) -> Seen:
    """Find out by submitting beginnings of the record, as every witness can be asked."""
    name, origin = witness.verifier.name, signer.verifier.name
    note = signer.sign(Checkpoint(origin, past.size, past.root).text)
    try:
        await witness.cosign(note, 0, ())
        return Seen(name, past.size, past.root.hex())
    except KnowsAnother as known:
        size = known.size or 0
    if size > past.size:
        return Seen(name, size, agrees=False)
    root = past.root_at(size)
    try:
        await witness.cosign(signer.sign(Checkpoint(origin, size, root).text), size, ())
    except Disagrees:
        return Seen(name, size, agrees=False)
    return Seen(name, size, root.hex())
