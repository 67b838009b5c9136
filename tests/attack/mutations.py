"""Random mutations of a record at rest: of its bytes, its rows, its write-ahead log and its mark.

What must hold: a mutated record is **refused** at opening, or a reading of it is **not served**
(each by a named refusal), or everything it serves is exactly what was recorded: **whole**, the
mutation had no effect. One more outcome is allowed: **found** - something recorded is not shown
any more, nothing wrong is shown, and ``fsck`` says so. Anything else is ``Wrong``.

What is served: every row in order, by stream and by key, every sealed value, the tree head, what a
snapshot holds. A snapshot itself is a convenience and may be passed over.

    python -m tests.attack.mutations --count 100000 --seed 1      # prints one JSON object
"""

from __future__ import annotations

import argparse
import io
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from answerable.kernel.event import Row, sealed_fields
from answerable.kernel.store import Head, Snapshot, StoreRefusal
from answerable.record import sqlite as store_module
from answerable.record import verify
from answerable.record.fsck import fsck
from answerable.record.log.notes import Signer
from answerable.record.rebuild import RoomsRebuild
from answerable.record.sqlite import SqliteStore
from answerable.rooms import product
from tests.record.receipts import Receipts
from tests.story import Centre, dispatch, intake

RECORD = "record.db"
VAULT = "vault.db"
EVENTS = 300
"""In the log that an outsider holds: more than one tile of it."""
PAGE = 4096
ROOMS = product()
FINGERPRINT = "mutations"
SIDE = ("call:nobody", "key-of-nobody")
OUTCOMES = ("refused", "not served", "found", "whole")


class Wrong(AssertionError):
    """Something was served that is not what was recorded, or was lost without a word."""


class Truth(NamedTuple):
    """What was recorded, read once from the record as it was made."""

    rows: list[Row]
    streams: dict[str, list[Row]]
    keys: dict[str, list[Row]]
    sealed: dict[tuple[int, str], str]
    head: Head
    snapshot: Snapshot | None


class Made(NamedTuple):
    """A record in its folder, as files and as what it says."""

    files: dict[str, bytes]
    truth: Truth


def scratch() -> Path | None:
    """Return a folder in memory where there is one: 100,000 mutations are not worth a disk."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


# -- a record worth attacking ----------------------------------------------------------------


def fill(centre: Centre) -> None:
    """Let a short day happen: calls with numbers and doors, notes, units, closings."""
    centre.adopt().duty()
    for number in range(6):
        if number == 3 and isinstance(centre.store, SqliteStore):  # half lies in the file itself
            centre.store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        call = centre.done(intake.AnswerCall, number=f"555 01{number:02}")[0].call
        opened = centre.done(
            intake.OpenIncident, kind="Fire", priority="3", address="Main St", lon=-122.43,
            lat=37.76, call=call, door=f"door {number}",
        )[0]  # fmt: skip
        incident = opened.incident
        centre.done(intake.AddNote, incident=incident, words=f"note {number} " + "x" * 99 * number)
        unit = ("E1", "E2", "E3", "T1", "M1", "M2")[number]
        centre.done(dispatch.SendUnit, incident=incident, unit=unit)
        for step in (dispatch.Acknowledge, dispatch.GoEnRoute, dispatch.Arrive):
            centre.tick(7).done(step, incident=incident, unit=unit, role="dispatcher")
        if number % 2:
            centre.done(dispatch.ClearUnit, incident=incident, unit=unit, outcome="done")
            centre.done(dispatch.CloseIncident, incident=incident, outcome="done")


def made(folder: Path, *, crashed: bool) -> Made:
    """Make a record in an empty folder, closed or as a crash leaves it; return it as files."""
    kept = store_module.PEAKS_EVERY
    store_module.PEAKS_EVERY = 32  # so that a small record has frontiers to go on from, too
    try:
        store = SqliteStore.open(folder / RECORD)
        centre = Centre(store)
        fill(centre)
        store.save_snapshot(FINGERPRINT, Snapshot(store.head().size, b"a state " * 300))
    finally:
        store_module.PEAKS_EVERY = kept
    truth = truth_of(centre)
    if not crashed:
        store.close()
    left = (p for p in folder.iterdir() if not p.name.endswith(("-shm", ".lock")))
    files = {path.name: path.read_bytes() for path in left if path.is_file()}
    store.close()
    return Made(files, truth)


def truth_of(centre: Centre) -> Truth:
    """Read everything a record says."""
    store = centre.store
    rows = list(store.rows())
    sealed = {}
    for row in rows:
        for field in sealed_fields(centre.hub.rooms.events[row.kind]):
            if (value := store.unseal(row.position, field)) is not None:
                sealed[row.position, field] = value
    assert len(rows) > 50
    assert len(sealed) >= 18
    streams = {name: [r for r in rows if r.stream == name] for name in {r.stream for r in rows}}
    keys = {key: [r for r in rows if r.key == key] for key in {r.key for r in rows}}
    return Truth(rows, streams, keys, sealed, store.head(), store.load_snapshot(FINGERPRINT))


# -- mutations -------------------------------------------------------------------------------


def strike(dice: random.Random, files: dict[str, bytes], name: str) -> str:
    """Change the bytes of one file; returns what was done."""
    content = bytearray(files[name])
    at, sort = dice.randrange(len(content)), dice.choice(BLOWS)
    page, other = (dice.randrange(len(content)) // PAGE * PAGE for _ in range(2))
    if sort == "bit":
        content[at] ^= 1 << dice.randrange(8)
    elif sort == "byte":
        content[at] = dice.randrange(256)
    elif sort == "few":
        for _ in range(dice.randint(2, 9)):
            content[dice.randrange(len(content))] = dice.randrange(256)
    elif sort == "zeros":
        content[at : at + 512] = bytes(len(content[at : at + 512]))
    elif sort == "noise":
        content[at : at + 64] = dice.randbytes(len(content[at : at + 64]))
    elif sort == "cut":
        del content[at:]
    elif sort == "hole":
        del content[at : at + dice.randint(1, 64)]
    elif sort == "swell":
        content[at:at] = dice.randbytes(dice.randint(1, 64))
    elif sort == "swap":
        one, two = content[page : page + PAGE], content[other : other + PAGE]
        content[page : page + PAGE], content[other : other + PAGE] = two, one
    elif sort == "repeat":
        content[page : page + PAGE] = content[other : other + PAGE]
    files[name] = bytes(content)
    return f"{sort} at {at} of {name}"


BLOWS = ("bit", "bit", "bit", "byte", "few", "zeros", "noise", "cut", "hole", "swell", "swap",
         "repeat")  # fmt: skip


def column(dice: random.Random, database: sqlite3.Connection) -> str:
    """Change one column of one event, in its own type."""
    name = dice.choice(
        ("stream", "kind", "version", "happened_at", "recorded_at", "actor", "key", "epoch", "body",
         "cut", "veil", "leaf", "position")
    )  # fmt: skip
    position, value = database.execute(
        f"SELECT position, {name} FROM events ORDER BY random() LIMIT 1"
    ).fetchone()
    if isinstance(value, int):
        new: Any = value + dice.choice((-1, 1, 7, 10**6, -(10**6)))
    elif isinstance(value, str):
        new = dice.choice((value + "x", value[:-1], value.upper() + " ", "", value[::-1] + "é"))
    else:
        bytes_ = bytearray(value or b"x")
        bytes_[dice.randrange(len(bytes_))] ^= 1 + dice.randrange(255)
        new = dice.choice((bytes(bytes_), bytes(bytes_[:-1]), bytes(bytes_) + b"x", b""))
    database.execute(f"UPDATE events SET {name} = ? WHERE position = ?", (new, position))
    return f"{name} of position {position}"


def exchange(dice: random.Random, database: sqlite3.Connection) -> str:
    """Exchange two events, or their bodies, with or without their leaves."""
    one, two = (
        r[0] for r in database.execute("SELECT position FROM events ORDER BY random() LIMIT 2")
    )
    if dice.random() < 0.5:
        database.execute("UPDATE events SET position = -1 WHERE position = ?", (one,))
        database.execute("UPDATE events SET position = ? WHERE position = ?", (one, two))
        database.execute("UPDATE events SET position = ? WHERE position = -1", (two,))
        return f"positions {one} and {two} exchanged"
    names = dice.choice((("body",), ("body", "leaf"), ("actor",), ("veil", "leaf"), ("key",)))
    for name in names:
        sql = f"SELECT position, {name} FROM events WHERE position IN (?, ?)"
        rows = dict(database.execute(sql, (one, two)).fetchall())
        database.execute(f"UPDATE events SET {name} = ? WHERE position = ?", (rows[one], two))
        database.execute(f"UPDATE events SET {name} = ? WHERE position = ?", (rows[two], one))
    return f"{names} of {one} and {two} exchanged"


def removal(dice: random.Random, database: sqlite3.Connection) -> str:
    """Remove rows of a table; or events with all their heads, so that the rest is consistent."""
    size = database.execute("SELECT max(size) FROM heads").fetchone()[0]
    if dice.random() < 0.4:
        sizes = [r[0] for r in database.execute("SELECT size FROM heads WHERE size < ?", (size,))]
        back = dice.choice(sizes)
        for table, name in (("events", "position"), ("heads", "size"), ("sealed", "position")):
            if name in columns_of(database, table):
                database.execute(f"DELETE FROM {table} WHERE {name} > ?", (back,))
        return f"cut back to {back}"
    table = dice.choice(("events", "events", "heads", "sealed", "meta", "snapshots"))
    key = "position, field" if table == "sealed" else "rowid"
    chosen = f"SELECT {key} FROM {table} ORDER BY random() LIMIT ?"
    database.execute(f"DELETE FROM {table} WHERE ({key}) IN ({chosen})", (dice.randint(1, 3),))
    return f"rows of {table} removed"


def columns_of(database: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns of a table."""
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


def addition(dice: random.Random, database: sqlite3.Connection) -> str:
    """Add an event that was never recorded: a copy of another, in a gap or behind the end."""
    names = [one for one in columns_of(database, "events") if one != "position"]
    last, other = database.execute(
        "SELECT max(position), (SELECT position FROM events ORDER BY random() LIMIT 1) FROM events"
    ).fetchone()
    at = dice.choice((last + 1, last + 5, 0, -3))
    listed = ", ".join(names)
    database.execute(
        f"INSERT INTO events (position, {listed}) SELECT ?, {listed} FROM events "
        "WHERE position = ?",
        (at, other),
    )
    return f"a copy of {other} as {at}"


def beside(dice: random.Random, database: sqlite3.Connection) -> str:
    """Change what stands beside the events: heads, sealed values, snapshots, the epoch."""
    table = dice.choice(("heads", "sealed", "snapshots", "meta"))
    names = columns_of(database, table)
    name = dice.choice(names)
    value = database.execute(f"SELECT {name} FROM {table} LIMIT 1").fetchone()
    key = names[:2] if table == "sealed" else names[:1]
    where = " AND ".join(f"{one} = ?" for one in key)
    which = database.execute(
        f"SELECT {', '.join(key)} FROM {table} ORDER BY random() LIMIT 1"
    ).fetchone()
    new: Any = dice.randbytes(32)
    if isinstance(value[0], int):
        new = value[0] + dice.choice((-1, 1, 99))
    elif isinstance(value[0], str):
        new = value[0] + dice.choice(("x", " ", "é"))
    database.execute(f"UPDATE {table} SET {name} = ? WHERE {where}", (new, *which))
    return f"{name} of {table}"


def schema(dice: random.Random, database: sqlite3.Connection) -> str:
    """Change the tables themselves: drop, rename, a view in place of a table, a trigger."""
    text = dice.choice(
        (
            "DROP INDEX events_stream", "DROP INDEX events_key", "DROP TABLE heads",
            "DROP TABLE sealed", "DROP TABLE snapshots", "DROP TABLE meta", "DROP TABLE aside",
            "ALTER TABLE events RENAME TO others; CREATE VIEW events AS SELECT * FROM others "
            "WHERE position < 40",
            "ALTER TABLE events RENAME TO others; CREATE VIEW events AS SELECT position, room, "
            "stream, kind, version, happened_at, recorded_at, 'eve' AS actor, key, epoch, body, "
            "cut, veil, leaf FROM others",
            "ALTER TABLE heads RENAME TO others; CREATE VIEW heads AS SELECT * FROM others",
            "CREATE TRIGGER eve AFTER UPDATE ON meta BEGIN DELETE FROM sealed; END",
            "CREATE TRIGGER eve AFTER UPDATE ON meta BEGIN DELETE FROM events WHERE position > 30; "
            "DELETE FROM heads WHERE size > 30; END",
            "PRAGMA user_version = 1", "PRAGMA user_version = 99", "PRAGMA application_id = 7",
            "UPDATE events SET rowid = rowid + 1000",
        )
    )  # fmt: skip
    database.executescript(text)
    return text


TAMPERS: tuple[Callable[[random.Random, sqlite3.Connection], str], ...] = (
    column, column, column, exchange, removal, addition, beside, schema,
)  # fmt: skip


def tamper(dice: random.Random, folder: Path) -> str:
    """Change the record by SQL, as somebody who may write the file would; returns what was done."""
    act = dice.choice(TAMPERS)
    with closing(sqlite3.connect(folder / RECORD, isolation_level=None)) as database:
        try:
            return f"{act.__name__}: {act(dice, database)}"
        except sqlite3.IntegrityError as error:  # the tables' own rules refused it
            return f"{act.__name__}: not possible ({error})"


# -- what comes of them ----------------------------------------------------------------------


def serve(store: SqliteStore, truth: Truth) -> bool:
    """Ask for everything; say whether all of it is there. Raises Wrong, or a StoreRefusal."""
    if store.head() != truth.head:
        raise Wrong(f"another tree head: {store.head().size}")
    if list(store.rows()) != truth.rows:
        raise Wrong("other rows, without a refusal")
    whole = True
    for ways, ask in ((truth.streams, store.stream), (truth.keys, store.with_key)):
        for name, rows in ways.items():
            found = list(ask(name))
            if any(row not in rows for row in found):
                raise Wrong(f"{name} has rows of another")
            whole = whole and found == rows
    if any(list(ask(name)) for ask, name in zip((store.stream, store.with_key), SIDE, strict=True)):
        raise Wrong("nobody's stream or key has rows")
    for (position, field), value in truth.sealed.items():
        told = store.unseal(position, field)
        if told not in (value, None):
            raise Wrong(f"another {field} at {position}")
        whole = whole and told is not None
    if store.load_snapshot(FINGERPRINT) not in (truth.snapshot, None):
        raise Wrong("another snapshot")
    return whole


def look(path: Path, truth: Truth) -> str:
    """Open and read everything; return one of OUTCOMES but "found", or "incomplete"."""
    try:
        store = SqliteStore.open(path)
    except StoreRefusal:
        return "refused"
    try:
        return "whole" if serve(store, truth) else "incomplete"
    except StoreRefusal:
        return "not served"
    finally:
        store.close()


def sound(path: Path) -> bool:
    """Say whether ``answerable fsck`` finds nothing; that it cannot look counts as finding."""
    try:
        return fsck(path, rebuild=lambda: RoomsRebuild(ROOMS)).sound
    except StoreRefusal:
        return False


class Yard:
    """A folder in memory in which a record is mutated again and again."""

    def __init__(self, folder: Path, made: Made) -> None:
        self.folder, self.made = folder, made

    def lay(self, files: dict[str, bytes]) -> None:
        """Put files in the place of whatever is there."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for name, content in files.items():
            (self.folder / name).write_bytes(content)

    def once(self, dice: random.Random, where: str) -> tuple[str, str]:
        """Mutate once; return what was done and what came of it. Raises Wrong."""
        files = dict(self.made.files)
        if where == "rows":
            self.lay(files)
            done = tamper(dice, self.folder)
            files = {p.name: p.read_bytes() for p in self.folder.iterdir() if p.is_file()
                     and not p.name.endswith("-shm")}  # fmt: skip
        else:
            done = strike(dice, files, where)
            self.lay(files)
        try:
            came = look(self.folder / RECORD, self.made.truth)
        except Wrong as wrong:
            raise Wrong(f"{done}: {wrong}") from wrong
        if came == "incomplete":
            self.lay(files)
            if sound(self.folder / RECORD):
                raise Wrong(f"{done}: something is missing, and fsck is content")
            came = "found"
        return done, came


class Outside:
    """What an outsider holds: the log's tiles and checkpoint, proofs, a receipt. Mutated alike."""

    def __init__(self, folder: Path) -> None:
        signer = Signer("town.example/log", b"m" * 32)
        keeper = Receipts(folder, EVENTS, signer)
        self.key = signer.verifier.vkey
        self.folder = keeper.lay()
        self.files = {
            "tiles": sorted(path for path in self.folder.rglob("*") if path.is_file()
                            and path.name != "checkpoint"),
            "checkpoint": [self.folder / "checkpoint"],
            "proofs": [*(keeper.proof(n, extra=True) for n in (1, 150, EVENTS)),
                       keeper.write([7, 299])],
        }  # fmt: skip
        self.whole = {path: path.read_bytes() for paths in self.files.values() for path in paths}
        self.truth = {place: self.told(place) for place in {self._asked(p) for p in self.whole}}
        assert all(code == 0 for code, _ in self.truth.values()), self.truth

    def _asked(self, path: Path) -> Path:
        """Return what an outsider gives the verifier to have a file looked at."""
        return self.folder if path.is_relative_to(self.folder) else path

    def told(self, place: Path) -> tuple[int, Any]:
        """Return what the outsider's verifier says of a log, a proof or a receipt."""
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = verify.main([str(place), "--key", self.key, "--json"])
        found = json.loads(said.getvalue())
        return code, {name: value for name, value in found.items() if name != "seconds"}

    def once(self, dice: random.Random, where: str) -> tuple[str, str]:
        """Mutate a file once; return what was done and what came of it. Raises Wrong."""
        path = dice.choice(self.files[where])
        files = {path.name: self.whole[path]}
        done = strike(dice, files, path.name)
        path.write_bytes(files[path.name])
        try:
            code, told = self.told(self._asked(path))
        finally:
            path.write_bytes(self.whole[path])
        if code != 0:
            return done, "refused"
        if told != self.truth[self._asked(path)][1]:
            raise Wrong(f"{done}: verified, and says other things: {told}")
        return done, "whole"


TARGETS = (
    ("record.db", "closed", RECORD), ("rows", "closed", "rows"),
    ("wal", "crashed", f"{RECORD}-wal"), ("record.db under a wal", "crashed", RECORD),
    ("mark", "closed", f"{RECORD}.mark"), ("vault", "closed", VAULT), ("tiles", "outside", "tiles"),
    ("checkpoint", "outside", "checkpoint"), ("proofs", "outside", "proofs"),
)  # fmt: skip
SHARES = {"record.db": 12, "rows": 10, "wal": 5, "record.db under a wal": 2, "mark": 1, "vault": 5,
          "tiles": 2, "checkpoint": 2, "proofs": 1}  # fmt: skip
"""How many of forty mutations each target gets."""


def rounds(count: int) -> Iterator[tuple[str, str, str]]:
    """Yield the target of each of ``count`` mutations."""
    wheel = [one for one in TARGETS for _ in range(SHARES[one[0]])]
    for number in range(count):
        yield wheel[number % len(wheel)]


def attack(count: int, seed: int) -> dict[str, Any]:
    """Mutate ``count`` times; return how often what came of it. Raises Wrong with the seed."""
    seen: dict[str, Counter[str]] = {name: Counter() for name, _, _ in TARGETS}
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=scratch()) as name:
        folder = Path(name)
        outside = folder / "outside"
        outside.mkdir()
        yards: dict[str, Any] = {"outside": Outside(outside)}
        for kind in ("closed", "crashed"):
            place = folder / f"made-{kind}"
            place.mkdir()
            yards[kind] = Yard(folder / kind, made(place, crashed=kind == "crashed"))
            yards[kind].lay(yards[kind].made.files)
            assert look(folder / kind / RECORD, yards[kind].made.truth) == "whole"
        for number, (target, kind, where) in enumerate(rounds(count)):
            try:
                _done, came = yards[kind].once(random.Random(f"{seed} {number}"), where)
            except Exception as error:
                raise Wrong(f"mutation {number} of seed {seed}, {target}: {error!r}") from error
            seen[target][came] += 1
    return {
        "count": count, "seed": seed, "seconds": round(time.monotonic() - begun, 1),
        "undetected": 0, "outcomes": {name: dict(told) for name, told in seen.items()},
    }  # fmt: skip


def main() -> int:
    """Run from the command line; the exit code is 1 where a mutation went undetected."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack.mutations")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    try:
        print(json.dumps(attack(given.count, given.seed), indent=1))
    except Wrong as wrong:
        print(f"Undetected. {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
