"""Every field has one mark, and what is sealed is in no state, view, index, stream or log (I7)."""

from __future__ import annotations

import logging
import sqlite3
import typing
from contextlib import closing

import msgspec
import pytest

from answerable.kernel.clock import SetClock
from answerable.kernel.event import Event, Mark, Row, marks_of, sealed_fields
from answerable.kernel.hub import Hub
from answerable.kernel.ids import SeededIds
from answerable.kernel.refusals import KERNEL_REFUSALS
from answerable.kernel.room import Rooms
from answerable.record.memory import MemoryStore
from answerable.record.sqlite import SqliteStore
from answerable.rooms import product
from tests.house.sealed import MARK, a_day, sealed_in, sealed_names
from tests.kernel.toy import rules as toy
from tests.kernel.toy import words as w
from tests.kernel.toy_centre import AUTHORITY
from tests.story import T0, toy_town

ROOMS = product()
WORDS = [*ROOMS.events.values(), *KERNEL_REFUSALS, *ROOMS.refusals.values()]
FREE_TEXT = frozenset({"words", "number", "door", "caller", "person", "phone", "narrative"})
"""Names under which a person's words, number or door would come; they must be sealed."""


@pytest.mark.parametrize("cls", WORDS, ids=lambda cls: cls.__name__)
def test_every_field_has_exactly_one_mark(cls):
    assert marks_of(cls).keys() == set(cls.__struct_fields__)


@pytest.mark.parametrize("event", ROOMS.events.values(), ids=lambda cls: cls.tag)
def test_what_a_person_says_or_is_reached_at_is_sealed(event):
    named = FREE_TEXT & set(event.__struct_fields__)
    assert named <= set(sealed_fields(event))


@pytest.mark.parametrize("event", ROOMS.events.values(), ids=lambda cls: cls.tag)
def test_no_event_is_identified_by_a_sealed_field(event):
    assert not set(event.ids) & set(sealed_fields(event))


def a_hub(rooms: Rooms, store, town: object = None) -> Hub:
    hub = Hub(rooms, store, clock=SetClock(T0), ids=SeededIds(3), town=town)
    hub.start()
    return hub


def found_in(hub: Hub, recorded, log: str) -> list[str]:
    """Return where the mark of the sealed words can be read, besides the vault."""
    raw: dict[str, msgspec.Raw] = msgspec.msgpack.decode(
        hub.rooms.pack(hub.state), type=dict[str, msgspec.Raw]
    )
    needle = MARK.encode()
    places = [f"the state {name}" for name, body in raw.items() if needle in bytes(body)]
    rows: list[Row] = list(hub.store.rows())
    places += [f"row {row.position} ({row.kind})" for row in rows if MARK in repr(row)]
    places += [f"what was published of {one.row.kind}" for one in recorded if MARK in repr(one)]
    return places + (["the log"] if MARK in log else [])


def sealed_and_reachable(rooms: Rooms) -> set[tuple[type[Event], str]]:
    return {(event, name) for event in rooms.events.values() for name in sealed_fields(event)}


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """One random day on a real file, with everything that was logged meanwhile."""
    path = tmp_path_factory.mktemp("sealed") / "record.sqlite"
    store = SqliteStore.open(path)
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    hub = a_hub(ROOMS, store, toy_town())
    roles = [role for role in ROOMS.authority.roles if role != "system"]
    recorded = a_day(hub, 119, 5000, roles)
    yield hub, recorded, "\n".join(lines)
    logging.getLogger().removeHandler(handler)
    store.close()


def test_the_random_day_fills_every_sealed_field_there_is(day):
    _, recorded, _ = day
    assert sealed_in(recorded) == sealed_and_reachable(ROOMS)


def test_i7_no_sealed_word_is_in_a_state_a_row_a_stream_or_a_log(day):
    assert found_in(*day) == []


def test_the_vault_has_every_sealed_word_of_the_day(day):
    hub, recorded, _ = day
    for one in recorded:
        for name in sealed_fields(type(one.event)):
            if getattr(one.event, name):
                assert MARK in (hub.store.unseal(one.row.position, name) or "")


def test_i7_no_sealed_word_is_in_any_file_of_the_record(day):
    hub, _, _ = day
    files = [one for one in hub.store.path.parent.iterdir() if one.is_file()]
    assert {one.name for one in files} >= {"record.sqlite", "vault.db"}
    assert [one.name for one in files if MARK.encode() in one.read_bytes()] == []


def test_i7_no_sql_index_is_over_a_sealed_value(day):
    hub, _, _ = day
    hub.store.close()
    with closing(sqlite3.connect(hub.store.path)) as file:
        names = [
            row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        assert columns(file, "sealed") == ["position", "field", "key", "nonce", "box"]
        for table in names:
            assert not indexed(file, table) & {"box", "nonce", "body", "words"}


def columns(file: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in file.execute(f'PRAGMA table_info("{table}")')]


def indexed(file: sqlite3.Connection, table: str) -> set[str]:
    """Return the columns of a table that are in an index or in its primary key."""
    keys = {row[1] for row in file.execute(f'PRAGMA table_info("{table}")') if row[5]}
    for index in file.execute(f'PRAGMA index_list("{table}")').fetchall():
        keys |= {row[2] for row in file.execute(f'PRAGMA index_info("{index[1]}")')}
    return keys


def test_no_state_or_view_has_a_field_named_like_a_sealed_one():
    secret = (sealed_names(ROOMS) | FREE_TEXT) - {"number"}  # a clock has a number too
    for fold in ROOMS.folds:
        for struct in nested(fold.state):
            assert not secret & set(struct.__struct_fields__), struct


def nested(cls: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """Return a struct and all structs inside it."""
    found: list[type[msgspec.Struct]] = []
    edge: list[typing.Any] = [cls]
    while edge:
        hint = edge.pop()
        edge += typing.get_args(hint)
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct) and hint not in found:
            found.append(hint)
            edge += typing.get_type_hints(hint, include_extras=True).values()
    return found


# -- the rules are shown to catch ------------------------------------------------------------


class Gossip(msgspec.Struct):
    heard: dict[str, str] = {}


def test_a_decision_that_writes_a_secret_into_an_open_field_is_caught(monkeypatch):
    monkeypatch.setitem(
        toy.decide.table, w.MakeBox, lambda state, command, ctx: [w.BoxMade(box=command.secret)]
    )
    hub, recorded = a_toy_day()
    assert found_in(hub, recorded, "")[0] == "the state toy"
    assert any(place.startswith("row ") for place in found_in(hub, recorded, ""))


def test_a_rule_that_logs_a_secret_is_caught(monkeypatch, caplog):
    make = toy.decide.table[w.MakeBox]

    def chatty(state, command, ctx):
        logging.getLogger("toy").warning("making a box with %s", command.secret)
        return make(state, command, ctx)

    monkeypatch.setitem(toy.decide.table, w.MakeBox, chatty)
    hub, recorded = a_toy_day()
    assert found_in(hub, recorded, caplog.text) == ["the log"]


def test_the_toys_own_day_is_clean(caplog):
    hub, recorded = a_toy_day()
    assert sealed_in(recorded) == {(w.BoxMade, "secret")}
    assert found_in(hub, recorded, caplog.text) == []


def a_toy_day():
    hub = a_hub(Rooms((toy.ROOM,), _keepers_only()), MemoryStore())
    return hub, a_day(hub, 1, 60, ["keeper"])


def _keepers_only():
    return type(AUTHORITY)(roles={"keeper": AUTHORITY.roles["keeper"]})


def test_a_state_that_would_keep_a_secret_is_named():
    class Nosy(msgspec.Struct):
        kept: dict[str, Gossip] = {}

    assert Gossip in nested(Nosy)
    assert Mark.SEALED in marks_of(w.BoxMade).values()
