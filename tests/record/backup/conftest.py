"""A small record with sealed values and companions, and a folder its backups go to."""

from __future__ import annotations

import json
import secrets
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from answerable.kernel.event import Row, SealedValue
from answerable.kernel.hub import commitment_of
from answerable.record import RECORD_FILE
from answerable.record.backup.boxes import Identity, Reader, Writer
from answerable.record.backup.restore import Outcome, restore
from answerable.record.backup.run import Made, Order, back_up
from answerable.record.sqlite import SqliteStore

WORDS = "somebody said this"


@dataclass
class Kept:
    """A record with its data folder, two targets, and the key that opens what is there."""

    data: Path
    to: Path
    keys_to: Path
    identity: Identity
    store: SqliteStore
    given: dict = field(default_factory=dict)

    def add(self, count: int) -> None:
        """Record some events, every third with a sealed word."""
        first = self.store.head().size + 1
        rows, sealed = [], []
        for at in range(first, first + count):
            body: dict[str, str] = {"call": f"c{at}"}
            if at % 3 == 0:
                salt = bytes([at % 251] * 16)
                stream, value = f"call:c{at}", f"{WORDS} {at}"
                body["words"] = commitment_of("words", salt, value)
                sealed.append(SealedValue(at, stream, "words", body["words"], salt, value))
            encoded = json.dumps(body, separators=(",", ":")).encode()
            rows.append(
                Row(at, f"call:c{at}", "intake.CallRung", 1, at, at, "lee", f"key-{at}",
                    self.store.epoch, encoded, len(encoded) - 1, secrets.token_bytes(32))
            )  # fmt: skip
        self.store.append(rows, sealed)

    def erase(self, stream: str) -> None:
        """Order an erasure by an event, and carry it out."""
        at = self.store.head().size + 1
        body = json.dumps({"streams": [stream]}, separators=(",", ":")).encode()
        self.store.append(
            [Row(at, "vault", "vault.Erased", 1, at, at, "lee", f"key-{at}", self.store.epoch,
                 body, len(body) - 1, secrets.token_bytes(32))]
        )  # fmt: skip
        self.store.destroy_keys({at: [stream]})

    def order(self, **changes) -> Order:
        writers: tuple[Writer, ...] = (self.identity.recipient,)
        return Order(**({"data": self.data, "to": self.to, "writers": writers} | changes))

    def back_up(self, **changes) -> Made:
        return back_up(self.order(**changes))

    def back_up_keys(self, **changes) -> Made:
        return back_up(self.order(**({"to": self.keys_to, "keys": True} | changes)))

    def restore(self, into: Path, *, source: Path | None = None, **changes) -> Outcome:
        readers: list[Reader] = [self.identity]
        return restore(source or self.to, into, readers, **changes)

    def root(self) -> str:
        return self.store.head().root.hex()


def database(path: Path, rows: int) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE secrets (name TEXT PRIMARY KEY, word TEXT)")
        db.executemany("INSERT INTO secrets VALUES (?, ?)", [(f"n{n}", "w") for n in range(rows)])
    db.close()


@pytest.fixture
def kept(tmp_path):
    data = tmp_path / "data"
    store = SqliteStore.open(data / RECORD_FILE)
    made = Kept(data, tmp_path / "to", tmp_path / "keys-to", Identity.make()[0], store)
    made.add(40)
    database(data / "keyring.sqlite", 7)
    (data / "log.keys").write_bytes(b'{"seed":"of the log"}')
    yield made
    store.close()
