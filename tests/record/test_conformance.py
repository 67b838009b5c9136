"""What every store must do, asked of each of them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.kernel.event import Row, SealedValue
from answerable.kernel.hub import commitment_of
from answerable.kernel.store import CannotRecord, Head, Snapshot, Store
from answerable.record import tree
from answerable.record.entry import leaf_of
from answerable.record.memory import MemoryStore
from answerable.record.sqlite import SqliteStore


class InMemory:
    """A memory record that can be closed and opened again."""

    def __init__(self, tmp_path):
        self.store: Store = MemoryStore()

    def reopen(self) -> Store:
        self.store = self.store.reopen()
        return self.store


class InSqlite:
    """An SQLite record that can be closed and opened again."""

    def __init__(self, tmp_path):
        self.path = tmp_path / "record.db"
        self.store: Store = SqliteStore.open(self.path)

    def reopen(self) -> Store:
        self.store.close()
        self.store = SqliteStore.open(self.path, create=False)
        return self.store


@pytest.fixture(params=[InMemory, InSqlite], ids=["memory", "sqlite"])
def box(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    made.store.close()


def row(store: Store, at: int, **changes) -> Row:
    base = Row(
        at, f"incident:{at % 3}", "intake.CallRung", 1, 1_000 + at, 2_000 + at, "lee",
        f"key-{at}", store.epoch, b'{"call":"%d"}' % at,
    )  # fmt: skip
    return base._replace(**changes)


def filled(store: Store, count: int, after: int = 0) -> list[Row]:
    rows = [row(store, after + n) for n in range(1, count + 1)]
    store.append(rows)
    return rows


def test_a_new_record_is_empty(box):
    assert list(box.store.rows()) == []
    assert box.store.head() == Head(0, tree.EMPTY_ROOT)


def test_what_was_appended_is_read_back_exactly(box):
    rows = filled(box.store, 5)
    read = list(box.store.rows())
    assert read == rows
    assert all(type(one) is Row for one in read)


def test_rows_start_after_a_position_and_stop_at_a_limit(box):
    rows = filled(box.store, 9)
    assert list(box.store.rows(4)) == rows[4:]
    assert list(box.store.rows(4, 2)) == rows[4:6]
    assert list(box.store.rows(4, 0)) == []
    assert list(box.store.rows(9)) == []


def test_a_reader_may_be_half_way_while_more_is_appended(box):
    rows = filled(box.store, 3)
    reading = box.store.rows()
    assert next(reading) == rows[0]
    filled(box.store, 2, after=3)
    assert next(reading) == rows[1]


def test_the_head_is_the_rfc_6962_root_of_the_leaves(box):
    rows = filled(box.store, 7)
    leaves = [leaf_of(one) for one in rows]
    assert box.store.head() == Head(7, tree.root(tree.frontier_of(leaves)))


def test_append_returns_the_head_after_the_batch(box):
    rows = [row(box.store, 1), row(box.store, 2)]
    assert box.store.append(rows) == box.store.head()
    assert box.store.append([]) == box.store.head()


def test_a_stream_is_its_own_rows_in_order(box):
    rows = filled(box.store, 9)
    assert list(box.store.stream("incident:1")) == [one for one in rows if one.position % 3 == 1]
    assert list(box.store.stream("incident:nowhere")) == []


def test_a_key_finds_the_rows_recorded_under_it(box):
    rows = [row(box.store, n, key="same") for n in (1, 2)] + [row(box.store, 3)]
    box.store.append(rows)
    assert box.store.with_key("same") == rows[:2]
    assert box.store.with_key("other") == []


def test_sealed_values_are_kept_apart_from_the_rows(box):
    salt, words = b"s" * 16, "help, 救命\0!"
    commitment = commitment_of("words", salt, words)
    sealed = SealedValue(1, "incident:1", "words", commitment, salt, words)
    body = msgspec.json.encode({"words": commitment})
    box.store.append([row(box.store, 1, body=body)], [sealed])
    assert box.store.unseal(1, "words") == "help, 救命\0!"
    assert box.store.unseal(1, "name") is None
    assert box.store.unseal(2, "words") is None
    assert box.reopen().unseal(1, "words") == "help, 救命\0!"


@pytest.mark.parametrize(
    "change",
    [
        {"position": 3},
        {"position": 1},
        {"epoch": 99},
        {"recorded_at": 1},
        {"body": b'"%b"' % (b"x" * 66_000)},
        {"stream": "x" * 66_000},
        {"stream": "\ud800"},
    ],
    ids=["gap", "again", "epoch", "time", "body", "stream", "surrogate"],
)
def test_a_row_that_does_not_fit_is_refused_and_nothing_is_written(box, change):
    rows = filled(box.store, 1)
    head = box.store.head()
    with pytest.raises(CannotRecord) as refused:
        box.store.append([row(box.store, 2, **change)])
    assert str(refused.value).count(". ") >= 2, "three sentences"
    assert box.store.head() == head
    assert list(box.store.rows()) == rows
    rows += filled(box.store, 1, after=1)
    assert list(box.reopen().rows()) == rows


def test_a_bad_row_in_the_middle_keeps_the_whole_batch_out(box):
    batch = [row(box.store, 1), row(box.store, 2), row(box.store, 4)]
    with pytest.raises(CannotRecord):
        box.store.append(batch)
    assert list(box.store.rows()) == []
    assert box.store.with_key("key-1") == []


def test_a_sealed_value_outside_the_batch_is_refused(box):
    filled(box.store, 1)
    stray = SealedValue(1, "incident:1", "words", "sealed:x", b"s" * 16, "late")
    with pytest.raises(CannotRecord):
        box.store.append([row(box.store, 2)], [stray])
    assert box.store.unseal(1, "words") is None


def test_opening_again_keeps_everything_and_begins_the_next_epoch(box):
    rows, head, epoch = filled(box.store, 5), box.store.head(), box.store.epoch
    again = box.reopen()
    assert (list(again.rows()), again.head(), again.epoch) == (rows, head, epoch + 1)
    more = filled(again, 3, after=5)
    assert list(box.reopen().rows()) == rows + more


def test_the_newest_snapshot_with_the_fingerprint_is_loaded(box):
    filled(box.store, 4)
    assert box.store.load_snapshot("a") is None
    for position in (2, 3, 4):
        box.store.save_snapshot("a", Snapshot(position, b"state %d " % position * 999))
    assert box.store.load_snapshot("a") == Snapshot(4, b"state 4 " * 999)
    assert box.store.load_snapshot("b") is None
    box.store.save_snapshot("b", Snapshot(4, b""))
    assert box.store.load_snapshot("b") == Snapshot(4, b"")
    assert box.reopen().load_snapshot("a") == Snapshot(4, b"state 4 " * 999)


TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT, TEXT), min_size=1, max_size=6))
def test_any_text_comes_back_as_it_went_in(box, texts):
    first = box.store.head().size + 1
    rows = [
        row(
            box.store, first + n, stream=stream, kind=kind, actor=actor, key=key,
            body=msgspec.json.encode(words),
        )
        for n, (stream, kind, actor, key, words) in enumerate(texts)
    ]  # fmt: skip
    box.store.append(rows)
    assert list(box.store.rows(first - 1)) == rows
    assert rows[0] in list(box.store.stream(rows[0].stream))
    assert rows[0] in box.store.with_key(rows[0].key)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(sizes=st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_however_rows_are_batched_the_head_is_the_same(sizes, tmp_path_factory):
    sqlite = SqliteStore.open(tmp_path_factory.mktemp("batched") / "record.db")
    memory = MemoryStore()
    everything = [row(memory, n) for n in range(1, sum(sizes) + 1)]
    done = 0
    for size in sizes:
        sqlite.append(everything[done : done + size])
        done += size
    memory.append(everything)
    assert sqlite.head() == memory.head()
    sqlite.close()
    again = SqliteStore.open(sqlite.path)
    assert again.head() == memory.head()
    again.close()
