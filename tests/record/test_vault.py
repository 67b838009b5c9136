"""The vault: sealed words lie encrypted, open in their own place only, and can be destroyed."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import stat
import threading
from pathlib import Path

import msgspec
import pytest

from answerable.kernel.event import Row, SealedValue
from answerable.kernel.hub import commitment_of
from answerable.kernel.store import CannotRecord, Head
from answerable.record import keyfile, refusals
from answerable.record.fsck import fsck
from answerable.record.keyfile import BATCH, HeapKeys, KeyFile, journal_of, vault_of
from answerable.record.memory import MemoryStore
from answerable.record.sqlite import SqliteStore
from answerable.record.vault import ERASED, OPEN_MAX, Boxed, Vault, unboxed

SALT = b"0123456789abcdef"
SECRET = "the Zephyrine behind the blue door"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "record.sqlite"


@pytest.fixture
def store(path):
    made = SqliteStore.open(path)
    yield made
    made.close()


def value(at: int, stream: str, words: str = SECRET) -> SealedValue:
    return SealedValue(at, stream, "words", commitment_of("words", SALT, words), SALT, words)


def seal(store, stream: str, words: str = SECRET) -> int:
    """Append one event with sealed words; return its position."""
    at = store.head().size + 1
    sealed = value(at, stream, words)
    body = msgspec.json.encode({"words": sealed.commitment})
    row = Row(at, stream, "intake.NoteAdded", 1, at, at, "lee", f"k-{at}", store.epoch, body)
    store.append([row], [sealed])
    return at


def order(store, *streams: str) -> int:
    """Append the event that orders an erasure; return its position."""
    at = store.head().size + 1
    body = msgspec.json.encode({"streams": streams})
    store.append([Row(at, "vault", ERASED, 1, at, at, "kim", f"k-{at}", store.epoch, body)])
    return at


def key_of(store, stream: str) -> bytes:
    number = store._key_of(stream)
    assert number is not None
    secret = store.vault.keys.get(number)
    assert secret is not None
    return secret


def files(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}


def holding(folder: Path, needle: bytes) -> set[str]:
    """Return the files in which these bytes are found."""
    assert len(needle) >= 8
    return {name for name, content in files(folder).items() if needle in content}


# -- at rest ---------------------------------------------------------------------------------


def test_sealed_words_are_in_no_file_as_they_were_said(store, path):
    seal(store, "incident:1")
    assert store.unseal(1, "words") == SECRET
    assert holding(path.parent, SECRET.encode()) == set()
    assert holding(path.parent, SALT) == set()
    store.close()
    assert holding(path.parent, SECRET.encode()) == set()


def test_the_keys_lie_in_a_file_of_their_own_for_its_owner_only(store, path):
    seal(store, "incident:1")
    assert vault_of(path) == path.with_name("vault.db")
    assert stat.S_IMODE(vault_of(path).stat().st_mode) == 0o600
    assert holding(path.parent, key_of(store, "incident:1")) == {"vault.db"}


def test_a_key_is_on_the_disk_before_anything_is_sealed_under_it(store, path):
    ready = list(store.vault.keys._ready)
    assert len(ready) > BATCH // 2
    with sqlite3.connect(vault_of(path)) as file:
        there = dict(file.execute("SELECT number, secret FROM keys"))
    file.close()
    assert all(there[one.number] == one.secret for one in ready)


def test_every_stream_has_a_key_of_its_own_and_keeps_it(store):
    first = seal(store, "incident:1"), seal(store, "incident:2"), seal(store, "incident:1")
    keys = [store._fetch("unseal", at, "words")[0][2] for at in first]
    assert keys[0] == keys[2] != keys[1]


def test_a_stream_keeps_its_key_over_an_opening(store, path):
    seal(store, "incident:1")
    store.close()
    again = SqliteStore.open(path)
    seal(again, "incident:1")
    numbers = {again._fetch("unseal", at, "words")[0][2] for at in (1, 2)}
    assert len(numbers) == 1
    assert again.unseal(1, "words") == again.unseal(2, "words") == SECRET
    again.close()


def test_a_box_opens_in_its_own_place_only(store):
    seal(store, "incident:1")
    seal(store, "incident:1")
    boxed = Boxed(*store._fetch("unseal", 1, "words")[0])
    cipher = store.vault._cipher(boxed, "incident:1")
    commitment = value(1, "incident:1").commitment
    assert unboxed(cipher, boxed, commitment) == (SALT, SECRET)
    for moved in (boxed._replace(position=2), boxed._replace(field="door")):
        assert unboxed(cipher, moved, commitment) is None
    assert unboxed(cipher, boxed, "sealed:another") is None


def test_two_equal_words_lie_in_boxes_that_differ(store):
    seal(store, "incident:1")
    seal(store, "incident:1")
    one, two = (store._fetch("unseal", at, "words")[0] for at in (1, 2))
    assert one[3:] != two[3:]


def test_so_many_ciphers_are_at_hand_and_no_more():
    vault = Vault(HeapKeys(), lambda stream: None)
    for n in range(OPEN_MAX + 50):
        vault.seal([value(n + 1, f"incident:{n}")])
    assert len(vault._sealing) == OPEN_MAX


@pytest.mark.parametrize("words", ["", "x", "救命\0!", "a" * 4000])
def test_any_words_come_back_as_they_were_said(store, words):
    assert store.unseal(seal(store, "incident:1", words), "words") == words


# -- numbers of keys -------------------------------------------------------------------------


def test_a_batch_that_is_refused_uses_its_key_up_and_the_next_one_is_another(store):
    row = Row(1, "incident:1", "intake.NoteAdded", 1, 1, 1, "lee", "k", store.epoch, b"{}")
    bad = value(1, "incident:1")._replace(value="\ud800")
    with pytest.raises(CannotRecord):
        store.append([row], [value(1, "incident:2"), bad])
    at = seal(store, "incident:1")
    assert store._fetch("unseal", at, "words")[0][2] == 3
    assert store.unseal(at, "words") == SECRET


def test_keys_go_on_when_a_batch_is_used_up_and_none_is_given_twice(store):
    before = threading.active_count()
    for n in range(2 * BATCH):
        seal(store, f"incident:{n}")
    numbers = [one[0] for one in store._fetch("all_sealed_keys")]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 2 * BATCH
    store.vault.keys.close()
    assert threading.active_count() <= before


def test_a_key_that_was_offered_is_never_given_again_after_a_crash(store, path):
    seal(store, "incident:1")
    crashed = Path(shutil.copytree(path.parent, path.parent / "crashed")) / path.name
    again = SqliteStore.open(crashed)
    at = seal(again, "incident:2")
    assert again._fetch("unseal", at, "words")[0][2] > BATCH
    again.close()


def test_numbers_that_were_not_given_out_are_not_lost_by_a_quiet_end(store, path):
    seal(store, "incident:1")
    store.close()
    again = SqliteStore.open(path)
    at = seal(again, "incident:2")
    assert again._fetch("unseal", at, "words")[0][2] == 2
    again.close()


def test_an_older_record_put_back_does_not_use_a_key_again(store, path, tmp_path):
    seal(store, "incident:1")
    store.close()
    older = {name: data for name, data in files(tmp_path).items() if name != "vault.db"}
    store = SqliteStore.open(path)
    at = seal(store, "incident:lost")
    used = store._fetch("unseal", at, "words")[0][2]
    store.close()
    for name, data in older.items():
        (tmp_path / name).write_bytes(data)
    again = SqliteStore.open(path)
    at = seal(again, "incident:other")
    assert again._fetch("unseal", at, "words")[0][2] > used
    assert again.unseal(1, "words") == SECRET
    again.close()


def test_keys_are_made_beside_the_work_and_an_empty_store_of_them_is_waited_for(path, monkeypatch):
    monkeypatch.setattr(keyfile, "BATCH", 4)
    monkeypatch.setattr(keyfile, "LOW", 2)
    keys = KeyFile.open(vault_of(path), b"", 0, in_use=False)
    numbers = [keys.take().number for _ in range(40)]
    assert numbers == list(range(1, 41))
    keys.close()


def test_a_disk_that_takes_no_more_keys_is_a_refusal_and_nothing_is_recorded(store, monkeypatch):
    store.vault.keys._ready.clear()
    monkeypatch.setattr(store.vault.keys, "_add", lambda count: (_ for _ in ()).throw(
        sqlite3.OperationalError("disk full")))  # fmt: skip
    head = store.head()
    with pytest.raises(CannotRecord, match="No further key could be made"):
        seal(store, "incident:1")
    assert store.head() == head


# -- the file is lost, older, damaged, or another's -----------------------------------------


def test_a_record_without_its_keys_does_not_open_and_says_what_to_do(store, path):
    seal(store, "incident:1")
    store.close()
    vault_of(path).unlink()
    with pytest.raises(refusals.VaultLost) as refusal:
        SqliteStore.open(path)
    assert "Put its newest copy back" in str(refusal.value)
    vault_of(path).touch()
    again = SqliteStore.open(path)
    with pytest.raises(refusals.KeyMissing) as missing:
        again.unseal(1, "words")
    assert "Key 1 of incident:1 is not in vault.db" in str(missing.value)
    later = seal(again, "incident:1")
    assert again.unseal(later, "words") == SECRET
    again.close()


def test_a_record_that_never_sealed_anything_makes_its_keys_anew(store, path):
    store.close()
    vault_of(path).unlink()
    SqliteStore.open(path).close()
    assert vault_of(path).exists()


def test_an_older_file_of_keys_is_taken_and_what_it_lacks_is_named(store, path, caplog):
    seal(store, "incident:1")
    older = vault_of(path).read_bytes()
    for n in range(2, 2 * BATCH):
        seal(store, f"incident:{n}")
    store.close()
    vault_of(path).write_bytes(older)
    caplog.set_level(logging.ERROR)
    again = SqliteStore.open(path)
    lacking = 2 * BATCH - 1 - BATCH
    named = f"{lacking} keys of sealed words are missing: key {BATCH + 1} of incident:{BATCH + 1}"
    assert named in caplog.text
    assert again.unseal(1, "words") == SECRET
    with pytest.raises(refusals.KeyMissing):
        again.unseal(2 * BATCH - 1, "words")
    found = fsck(path).damage[0]
    assert found.where == f"the sealed words of position {BATCH + 1}"
    assert found.what.startswith(f"key {BATCH + 1} of incident:{BATCH + 1} is missing")
    at = seal(again, "incident:new")
    assert again._fetch("unseal", at, "words")[0][2] >= 2 * BATCH
    again.close()


def test_keys_of_another_record_are_refused_and_both_files_stay(store, path, tmp_path):
    seal(store, "incident:1")
    store.close()
    other = SqliteStore.open(tmp_path / "other" / "record.sqlite")
    seal(other, "incident:1")
    other.close()
    strange = vault_of(other.path).read_bytes()
    vault_of(path).write_bytes(strange)
    before = path.read_bytes()
    with pytest.raises(refusals.VaultRefused, match="the keys of another record"):
        SqliteStore.open(path)
    assert vault_of(path).read_bytes() == strange
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"notes\n" * 99, b"\0" * 8192])
def test_a_file_that_holds_no_keys_is_refused(store, path, content):
    seal(store, "incident:1")
    store.close()
    vault_of(path).write_bytes(content)
    with pytest.raises(refusals.VaultRefused):
        SqliteStore.open(path)
    assert vault_of(path).read_bytes() == content


def test_another_databases_file_and_a_newer_format_are_refused(store, path):
    store.close()
    for pragma in (f"user_version = {keyfile.FORMAT + 1}", "application_id = 7"):
        with sqlite3.connect(vault_of(path)) as file:
            file.execute(f"PRAGMA {pragma}")
        file.close()
        with pytest.raises(refusals.VaultRefused):
            SqliteStore.open(path)


def test_a_damaged_key_is_named_and_opens_nothing(store, path):
    seal(store, "incident:1")
    store.close()
    with sqlite3.connect(vault_of(path)) as file:
        file.execute("UPDATE keys SET secret = zeroblob(32) WHERE number = 1")
    file.close()
    assert "key 1 of the vault" in [one.where for one in fsck(path).damage]
    again = SqliteStore.open(path)
    with pytest.raises(refusals.VaultRefused, match="Key 1 is damaged"):
        again.unseal(1, "words")
    again.close()


def test_a_key_nothing_was_sealed_with_is_checked_too(store, path):
    store.close()
    with sqlite3.connect(vault_of(path)) as file:
        file.execute("UPDATE keys SET secret = zeroblob(32) WHERE number = 900")
    file.close()
    assert [one.where for one in fsck(path).damage] == ["key 900 of the vault"]
    again = SqliteStore.open(path)
    assert 900 not in [one.number for one in again.vault.keys._ready]
    again.close()


# -- destroying ------------------------------------------------------------------------------


def erased(store, *streams: str) -> Head:
    order(store, *streams)
    head = store.head()
    store.destroy_keys({head.size: streams})
    return head


@pytest.fixture(params=["memory", "sqlite"])
def any_store(request, path):
    made = MemoryStore() if request.param == "memory" else SqliteStore.open(path)
    yield made
    made.close()


def test_what_was_erased_is_gone_and_nothing_else(any_store):
    for stream in ("incident:1", "call:1", "incident:2"):
        seal(any_store, stream)
    head = erased(any_store, "incident:1", "call:1")
    assert [any_store.unseal(at, "words") for at in (1, 2, 3)] == [None, None, SECRET]
    assert any_store.head() == head
    assert len(list(any_store.rows())) == head.size


def test_erasing_again_changes_nothing(any_store):
    seal(any_store, "incident:1")
    erased(any_store, "incident:1")
    assert any_store.destroy_keys({2: ["incident:1", "incident:none"]}) == 0
    assert any_store.unseal(1, "words") is None


def test_what_was_sealed_after_the_order_is_kept(any_store):
    seal(any_store, "incident:1")
    by = order(any_store, "incident:1")
    later = seal(any_store, "incident:1", "afterwards")
    any_store.destroy_keys({by: ["incident:1"]})
    assert any_store.unseal(1, "words") is None
    assert any_store.unseal(later, "words") == "afterwards"
    last = seal(any_store, "incident:1", "and then")
    assert any_store.unseal(last, "words") == "and then"


def test_what_was_sealed_after_the_order_is_under_another_key(store, path):
    seal(store, "incident:1")
    by, old = order(store, "incident:1"), key_of(store, "incident:1")
    later = seal(store, "incident:1", "afterwards")
    store.destroy_keys({by: ["incident:1"]})
    assert key_of(store, "incident:1") != old
    assert fsck(path).damage == []
    store.close()
    again = SqliteStore.open(path)
    assert again.unseal(later, "words") == "afterwards"
    again.close()


def test_a_destroyed_key_leaves_no_bytes_in_any_file(store, path):
    for n in range(20):
        seal(store, f"incident:{n}")
    secret = key_of(store, "incident:7")
    box = store._fetch("unseal", 8, "words")[0][4]
    folder = path.parent
    assert holding(folder, secret) == {"vault.db"}
    assert holding(folder, box) >= {"record.sqlite-wal"}
    head = erased(store, "incident:7")
    assert holding(folder, secret) == set()
    assert holding(folder, box) == set()
    assert journal_of(vault_of(path)).stat().st_size == 0
    assert (store.head(), fsck(path).damage) == (head, [])
    store.close()
    assert holding(folder, secret) == holding(folder, box) == set()


def test_without_the_scrubbing_the_search_finds_the_key(store, path, monkeypatch):
    """The search is shown to hurt: the journal holds the page as it was."""
    seal(store, "incident:7")
    secret = key_of(store, "incident:7")
    monkeypatch.setattr(KeyFile, "_scrub", lambda self: None)
    erased(store, "incident:7")
    assert holding(path.parent, secret) == {"vault.db-journal"}


def test_without_overwriting_the_search_finds_the_key(store, path):
    seal(store, "incident:7")
    secret = key_of(store, "incident:7")
    store.vault.keys._db.execute("PRAGMA secure_delete = OFF")
    erased(store, "incident:7")
    assert holding(path.parent, secret) == {"vault.db"}


def test_a_reader_that_holds_the_log_delays_its_emptying_and_not_the_erasure(store, path):
    seal(store, "incident:1")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    erased(store, "incident:1")
    assert store.unseal(1, "words") is None
    assert not store.emptied
    reader.close()
    assert store.empty_log()
    assert os.path.getsize(f"{path}-wal") == 0


def test_a_crash_between_the_order_and_the_file_of_keys_is_made_good_at_the_start(
    store, path, monkeypatch
):
    seal(store, "incident:1")
    secret = key_of(store, "incident:1")
    monkeypatch.setattr(SqliteStore, "_carry_out", lambda self: None)
    erased(store, "incident:1")
    monkeypatch.undo()
    assert holding(path.parent, secret) == {"vault.db"}
    crashed = Path(shutil.copytree(path.parent, path.parent / "crashed")) / path.name
    assert [one.where for one in fsck(crashed).damage] == ["key 1 of the vault"]
    again = SqliteStore.open(crashed)
    assert holding(crashed.parent, secret) == set()
    assert fsck(crashed).damage == []
    again.close()


def test_an_older_file_of_keys_brings_nothing_back_to_life(store, path):
    seal(store, "incident:1")
    seal(store, "incident:2")
    secret = key_of(store, "incident:1")
    store.close()
    older = vault_of(path).read_bytes()
    store = SqliteStore.open(path)
    erased(store, "incident:1")
    store.close()
    vault_of(path).write_bytes(older)
    assert holding(path.parent, secret) == {"vault.db"}
    again = SqliteStore.open(path)
    assert holding(path.parent, secret) == set()
    assert (again.unseal(1, "words"), again.unseal(2, "words")) == (None, SECRET)
    again.close()


def test_keys_that_went_without_an_order_are_found(store, path):
    at = seal(store, "incident:1")
    store.destroy_keys({at: ["incident:1"]})
    assert [one.what for one in fsck(path).damage] == [
        "they were destroyed, and position 1 does not order it"
    ]


def test_an_order_for_another_stream_does_not_count(store, path):
    seal(store, "incident:1")
    by = order(store, "incident:2")
    store.destroy_keys({by: ["incident:1"]})
    assert [one.where for one in fsck(path).damage] == ["the keys of incident:1"]


def test_the_last_key_is_not_given_again_after_it_was_destroyed(store, path):
    at = seal(store, "incident:1")
    number = store._fetch("unseal", at, "words")[0][2]
    erased(store, "incident:1")
    store.close()
    again = SqliteStore.open(path)
    at = seal(again, "incident:1")
    assert again._fetch("unseal", at, "words")[0][2] > number
    again.close()


def test_without_emptying_the_log_the_search_finds_the_box(store, path, monkeypatch):
    seal(store, "incident:7")
    box = store._fetch("unseal", 1, "words")[0][4]
    monkeypatch.setattr(SqliteStore, "empty_log", lambda self: False)
    erased(store, "incident:7")
    assert holding(path.parent, box) == {"record.sqlite-wal"}
