"""A backup is made beside the one writer, proved by restoring it, and named only then."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from answerable.record import RECORD_FILE
from answerable.record.backup import run
from answerable.record.backup.boxes import Identity, Passphrase
from answerable.record.backup.head import head_of
from answerable.record.backup.refusals import BackupRefused
from answerable.record.backup.restore import restore
from answerable.record.fsck import fsck
from answerable.record.sqlite import SqliteStore
from tests.record.backup.conftest import WORDS


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_full_backup_comes_back_with_the_same_root_and_opens(kept, tmp_path):
    made = kept.back_up()
    assert (made.head.sort, made.head.size, made.head.root) == ("full", 40, kept.root())
    into = tmp_path / "back"
    outcome = kept.restore(into)
    assert outcome.back.root == kept.root()
    assert fsck(into / RECORD_FILE).events == 40
    kept.back_up_keys()
    kept.restore(into, source=kept.keys_to)
    store = SqliteStore.open(into / RECORD_FILE)
    assert list(store.rows()) == list(kept.store.rows())
    assert store.unseal(3, "words") == f"{WORDS} 3"
    store.close()


def test_increments_hold_only_what_came_since_and_the_chain_comes_back_whole(kept, tmp_path):
    kept.add(8_000)
    full = kept.back_up()
    kept.add(30)
    more = kept.back_up()
    kept.add(5)
    again = kept.back_up()
    heads = [one.head for one in (full, more, again)]
    assert [(head.sort, head.seq, head.since, head.size) for head in heads] == [
        ("full", 0, 0, 8_040), ("incremental", 1, 8_040, 8_070), ("incremental", 2, 8_070, 8_075),
    ]  # fmt: skip
    assert len({head.chain for head in heads}) == 1
    assert more.bytes < full.bytes / 5
    assert kept.restore(tmp_path / "back").back.root == kept.root()


def test_what_was_erased_since_the_full_backup_is_not_in_what_comes_back(kept, tmp_path):
    kept.back_up()
    kept.erase("call:c3")
    kept.back_up()
    kept.back_up_keys()
    for source in (kept.to, kept.keys_to):
        kept.restore(tmp_path / "back", source=source)
    store = SqliteStore.open(tmp_path / "back" / RECORD_FILE)
    assert (store.unseal(3, "words"), store.unseal(6, "words")) == (None, f"{WORDS} 6")
    store.close()


def test_a_new_full_backup_begins_after_so_many_and_old_chains_go(kept):
    for _ in range(7):
        kept.add(1)
        made = kept.back_up(full_every=2, keep=2)
    left = sorted((head_of(path) for path in kept.to.iterdir()), key=lambda head: head.made_us)
    assert [head.sort for head in left] == ["full", "incremental", "full"]
    assert len(made.removed) == 2


def test_a_backup_of_nothing_new_is_proved_all_the_same(kept):
    kept.back_up()
    made = kept.back_up()
    assert (made.head.sort, made.head.since, made.head.size) == ("incremental", 40, 40)


def test_the_files_beside_the_record_come_back_as_they_were(kept, tmp_path):
    settings = tmp_path / "serve.toml"
    settings.write_text('town = "liechtenstein"\n')
    kept.back_up(more={"serve.toml": settings})
    outcome = kept.restore(tmp_path / "back")
    assert set(outcome.back.files) == {"keyring.sqlite", "serve.toml"}
    assert (tmp_path / "back" / "serve.toml").read_text() == settings.read_text()


def test_every_file_is_for_its_owner_only(kept, tmp_path):
    kept.back_up()
    kept.back_up_keys()
    kept.restore(tmp_path / "back")
    for folder in (kept.to, kept.keys_to, tmp_path / "back"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE((kept.data / run.BESIDE_FILE).stat().st_mode) == 0o600


def test_nothing_of_a_backup_can_be_read_in_its_file_and_no_key_is_left(kept):
    made = kept.back_up()
    body = made.path.read_bytes()
    assert b"CallRung" not in body
    assert b"call:c7" not in body
    ways = {one.way for one in made.head.wrapped}
    assert ways == {"x25519", "beside"}
    assert {one.way for one in kept.back_up_keys().head.wrapped} == {"x25519"}


def test_a_passphrase_opens_what_was_written_for_it(kept, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("correct horse battery staple\n")
    kept.back_up(writers=(Passphrase.read(secret),))
    run_back = run.put_back  # the same way back, with another reader
    (tmp_path / "b").mkdir()
    [file] = list(kept.to.iterdir())
    assert run_back(tmp_path / "b", [(file, [Passphrase.read(secret)])]).root == kept.root()


def test_another_key_opens_nothing(kept, tmp_path):
    kept.back_up()
    kept.identity = Identity.make()[0]
    with pytest.raises(BackupRefused, match="None of the keys given opens"):
        kept.restore(tmp_path / "back")
    assert names(tmp_path / "back") == []


def test_a_new_passphrase_or_key_begins_a_chain_that_it_opens_from_end_to_end(kept, tmp_path):
    def words(text: str) -> Passphrase:
        (tmp_path / "secret").write_text(text)
        return Passphrase.read(tmp_path / "secret")

    old, new = words("correct horse battery"), words("another one entirely")
    for nth, (writers, sort) in enumerate(
        [((old,), "full"), ((old,), "incremental"), ((new,), "full"), ((new,), "incremental"),
         ((new, kept.identity.recipient), "full"), ((kept.identity.recipient,), "incremental"),
         ((Identity.make()[0].recipient,), "full")]
    ):  # fmt: skip
        kept.add(1)
        assert (nth, kept.back_up(writers=writers).head.sort) == (nth, sort)
        if writers == (new,):
            back = restore(kept.to, tmp_path / f"back-{nth}", [new])
            assert back.head.root == kept.root()


def test_a_lost_key_beside_the_record_begins_a_new_chain(kept, tmp_path):
    kept.back_up()
    (kept.data / run.BESIDE_FILE).unlink()
    kept.add(2)
    assert kept.back_up().head.sort == "full"


def test_a_backup_of_a_record_at_rest_is_the_same(kept, tmp_path):
    kept.store.close()
    kept.back_up()
    assert kept.restore(tmp_path / "back").back.size == 40


def test_the_scratch_place_and_every_partial_file_are_gone(kept):
    (kept.data / f"{run.SCRATCH}left").mkdir()
    kept.to.mkdir(mode=0o700)
    (kept.to / ".20260101T000000Z-0123456789abcdef-0000-full.backup.partial").write_bytes(b"half")
    kept.back_up()
    assert not list(kept.data.glob(".*"))
    assert not list(kept.to.glob(".*"))


def test_writing_goes_on_while_a_backup_is_made(kept, monkeypatch):
    put = run.Source.put

    def busy(source, *args):
        kept.add(10)
        digest = put(source, *args)
        kept.add(10)
        return digest

    monkeypatch.setattr(run.Source, "put", busy)
    assert kept.back_up().head.size == 40
    assert kept.store.head().size == 60


def test_old_backups_of_keys_go_after_days_or_beyond_a_number(kept, monkeypatch):
    first = kept.back_up_keys()
    day_ns = 86_400 * 10**9
    now = run.time.time_ns
    monkeypatch.setattr(run.time, "time_ns", lambda: now() + 8 * day_ns)
    second = kept.back_up_keys()
    assert second.removed == [first.path]
    monkeypatch.setattr(run.time, "time_ns", lambda: now() + 9 * day_ns)
    assert kept.back_up_keys(keep=1).removed == [second.path]
