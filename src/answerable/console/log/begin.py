"""Beginning a log: its keys are made at the first start, and every key is noted in the record.

Before anybody is served, the record has to go on from what was signed before; where it does not,
the centre does not start, and says why. A log that went on deliberately without events that a
witness had seen (``keeping.GoOn``) has another name from then on, and a key of its own.
"""

from __future__ import annotations

import time
from pathlib import Path

from answerable.console.centre import Centre
from answerable.console.control import OPERATOR
from answerable.console.sanity import new_key
from answerable.keeping import words as k
from answerable.kernel.event import Command
from answerable.kernel.hub import Hub
from answerable.record.log.kept import Kept
from answerable.record.log.keys import (
    KEYS_FILE,
    LogKeys,
    keys_at_start,
    make_keys,
    open_keys,
    origin_in,
)
from answerable.record.log.notes import Verifier
from answerable.record.log.publisher import Publisher
from answerable.record.log.source import StoreSource


def usual_origin(town: str) -> str:
    """Return the name of a town's log where the settings give none."""
    return f"{town}.answerable.local/log"


def begin_log(centre: Centre, data: Path, origin: str = "") -> Publisher:
    """Open the log of a centre, sign its head, and note the key where it is new.

    Raises a StoreRefusal: keys that cannot be used, or a record that goes back or is another.
    """
    origin = origin or usual_origin(centre.town.name)
    record: Path | None = getattr(centre.store, "path", None)
    if record is None:
        keys = keys_at_start(data / KEYS_FILE, origin, _now_us())
        publisher = Publisher(StoreSource(centre.store), keys)
    else:
        generation: int = centre.hub.state["keeping"].generation
        keys = keys_of(data / KEYS_FILE, origin, generation, record)
        publisher = Publisher.open(record, keys)
        publisher.extensions = follows(centre, origin, generation)
    try:
        publisher.publish(centre.head)
        note_keys(centre.hub, keys)
        publisher.publish(centre.head)
    except BaseException:
        publisher.close()
        raise
    return publisher


def begun(centre: Centre, data: Path, origin: str = "") -> Publisher:
    """Begin the log of a centre, and let go of the centre where it cannot. As ``begin_log``."""
    try:
        return begin_log(centre, data, origin)
    except BaseException:
        centre.close()
        raise


def keys_of(path: Path, origin: str, generation: int, record: Path) -> LogKeys:
    """Return the keys of a generation of a log, made where they are missing.

    Raises a LogRefusal.
    """
    named = origin_in(origin, generation)
    if not path.exists():
        return make_keys(path, named, _now_us())
    keys = open_keys(path)
    before = {origin_in(origin, one): one for one in range(1, generation)}
    if keys.origin in before:
        Kept(record).set_aside(f"generation-{before[keys.origin]}")
        return keys.begun_again(named, _now_us())
    return open_keys(path, named)


def follows(centre: Centre, origin: str, generation: int) -> tuple[str, ...]:
    """Return the line by which checkpoints of a later generation name the log they go on from.

    It has that log's name, how many entries of it were witnessed, and how many the record had left.
    """
    if generation <= 1:
        return ()
    decode = centre.hub.rooms.decode
    went = [event for row in centre.store.stream("keeping")
            if isinstance(event := decode(row), k.WentOn)]  # fmt: skip
    assert went[-1].generation == generation, "a generation begins with its event"
    return (f"follows {origin_in(origin, generation - 1)} {went[-1].size} {went[-1].have}",)


def note_keys(hub: Hub, keys: LogKeys) -> None:
    """Note in the record which key signs, where it does not say so already."""
    for command in unnoted(hub, keys):
        hub.do(command, OPERATOR)
    hub.commit()


def unnoted(hub: Hub, keys: LogKeys) -> list[Command]:
    """Return what the record does not yet say about the keys of its log."""
    noted = {one.key_id: one for one in hub.state["keeping"].log_keys.values() if one.in_use}
    now = keys.signer.verifier
    found: list[Command] = []
    if now.key_id.hex() not in noted:
        change = k.KeyChange.MADE if len(keys.keys) == 1 else k.KeyChange.ROTATED
        found.append(noting(now, change))
    for key_id, one in noted.items():
        if key_id != now.key_id.hex():
            found.append(noting(Verifier.parse(one.public), k.KeyChange.WITHDRAWN))
    return found


def noting(key: Verifier, change: k.KeyChange) -> k.NoteLogKey:
    """Return the command that notes what became of a key."""
    return k.NoteLogKey(
        key=new_key("log-key"), name=key.name, key_id=key.key_id.hex(), change=change,
        public=key.vkey,
    )  # fmt: skip


def _now_us() -> int:
    return time.time_ns() // 1000
