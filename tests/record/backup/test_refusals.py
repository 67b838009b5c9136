"""Where no backup may go, and what is never put over: each refused in three sentences."""

from __future__ import annotations

import os

import pytest

from answerable.record import RECORD_FILE
from answerable.record.backup.boxes import Identity, Passphrase, Recipient
from answerable.record.backup.refusals import BackupRefused, hollow
from answerable.record.backup.restore import read_note
from answerable.record.mark import mark_of
from tests.record.backup.test_faults import files


def test_record_and_keys_never_lie_in_one_folder_or_one_in_the_other(kept):
    kept.back_up()
    kept.back_up_keys()
    for to in (kept.to, kept.to / "keys", kept.to.parent):
        with pytest.raises(BackupRefused, match=r"Backups of the record lie there|data folder"):
            kept.back_up_keys(to=to)
    for to in (kept.keys_to, kept.keys_to / "record"):
        with pytest.raises(BackupRefused, match="Backups of the keys lie there"):
            kept.back_up(to=to)


def test_no_backup_lies_in_or_around_the_data_or_anything_that_is_served(kept, tmp_path):
    town = tmp_path / "town"
    for to in (kept.data, kept.data / "backups", tmp_path, town / "x", town):
        with pytest.raises(BackupRefused, match="lies in or around"):
            kept.back_up(to=to, forbidden=((town, "the town's folder, which is served"),))


def test_a_folder_that_everybody_may_write_is_refused(kept):
    kept.to.mkdir()
    kept.to.chmod(0o777)
    with pytest.raises(BackupRefused, match="Everybody on this machine may write there"):
        kept.back_up()


def test_a_folder_that_cannot_be_used_is_refused(kept):
    kept.to.write_text("a file")
    with pytest.raises(BackupRefused, match="cannot be used"):
        kept.back_up()


def test_a_place_without_a_record_or_keys_is_refused(kept, tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(BackupRefused, match="There is no record in it"):
        kept.back_up(data=tmp_path / "nothing")
    (kept.data / "log.keys").unlink()
    kept.store.close()
    (kept.data / "vault.db").unlink()
    with pytest.raises(BackupRefused, match="There are none yet"):
        kept.back_up_keys()


def test_an_empty_record_is_no_record_to_back_up(kept, tmp_path):
    from answerable.record.sqlite import SqliteStore

    SqliteStore.open(tmp_path / "new" / RECORD_FILE).close()
    with pytest.raises(BackupRefused, match="There is nothing in it yet"):
        kept.back_up(data=tmp_path / "new")


def test_nothing_is_ever_put_over_a_record_or_keys(kept, tmp_path):
    kept.back_up()
    kept.back_up_keys()
    into = tmp_path / "back"
    into.mkdir()
    (into / f"{RECORD_FILE}-wal").touch()
    with pytest.raises(BackupRefused, match="nothing is ever put over it"):
        kept.restore(into)
    (into / "vault.db").write_bytes(b"newer")
    with pytest.raises(BackupRefused, match=r"vault\.db is there already"):
        kept.restore(into, source=kept.keys_to)
    assert (into / "vault.db").read_bytes() == b"newer"
    assert not list(into.glob(".*"))


def test_a_folder_without_backups_is_refused(kept, tmp_path):
    with pytest.raises(BackupRefused, match="It is no folder"):
        kept.restore(tmp_path / "back", source=tmp_path / "none")
    with pytest.raises(BackupRefused, match="There is none"):
        kept.restore(tmp_path / "back", source=tmp_path)
    kept.back_up()
    (tmp_path / "file").touch()
    with pytest.raises(BackupRefused, match="cannot be written"):
        kept.restore(tmp_path / "file" / "back")


def test_what_is_no_file_among_backups_is_passed_over_and_not_waited_for(kept, tmp_path):
    kept.add(5)
    kept.back_up()
    odd = [kept.to / f"20990101T00000{n}Z-{n:016x}-0000-full.backup" for n in range(3)]
    os.mkfifo(odd[0])
    odd[1].symlink_to("/dev/zero")
    odd[2].mkdir()
    outcome = kept.restore(tmp_path / "back")
    assert outcome.passed_over == [f"{one.name}: it is no file" for one in odd]
    kept.add(5)
    kept.back_up()  # and the next one is made all the same


def test_a_position_gives_the_record_as_it_stood_after_the_last_whole_batch(kept, tmp_path):
    kept.back_up()
    root = kept.root()
    kept.add(10)
    kept.back_up()
    for at, size in ((40, 40), (45, 40), (50, 50)):
        outcome = kept.restore(tmp_path / f"back-{at}", at=at)
        assert outcome.back.size == size
        assert (outcome.back.root == root) is (size == 40)
    with pytest.raises(BackupRefused, match="The backups hold positions 1 to 50"):
        kept.restore(tmp_path / "back", at=51)


def test_what_the_mark_knows_beyond_a_backup_is_said_and_kept(kept, tmp_path):
    kept.back_up()
    kept.add(7)
    into = tmp_path / "back"
    into.mkdir()
    mark = mark_of(kept.data / RECORD_FILE)
    mark_of(into / RECORD_FILE).write_bytes(mark.read_bytes())
    outcome = kept.restore(into)
    assert outcome.note == read_note(into)
    assert (outcome.note.size, outcome.note.known, outcome.note.known_by) == (40, 47, "the mark")
    assert (into / f"{RECORD_FILE}.mark.before-restore").read_bytes() == mark.read_bytes()


# -- keys ------------------------------------------------------------------------------------


def test_a_key_is_told_by_its_line_and_a_slip_in_it_is_found(tmp_path):
    identity, line = Identity.make()
    file = tmp_path / "backup.key"
    file.write_text(f"# kept in the safe\n{line}\n")
    assert Identity.read(file).recipient.public == identity.recipient.public
    text = str(identity.recipient)
    assert str(Recipient.parse(text)) == text
    slip = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]
    for wrong in (slip, text[:-1], "backup-key:", line):
        with pytest.raises(BackupRefused, match="It is not whole"):
            Recipient.parse(wrong)


def test_files_of_keys_and_passphrases_that_cannot_be_used_are_told(tmp_path):
    short = tmp_path / "short"
    short.write_text("hunter2\n")
    with pytest.raises(BackupRefused, match="has 7 characters"):
        Passphrase.read(short)
    with pytest.raises(BackupRefused, match="No line of it begins"):
        Identity.read(short)
    with pytest.raises(BackupRefused, match="cannot be read"):
        Passphrase.read(tmp_path / "none")


@pytest.mark.parametrize(
    ("error", "told"),
    [(OSError(28, "No space"), "the disk is full"), (OSError(5, "Input/output error"), "Input"),
     (UnicodeEncodeError("utf-8", "\udc80", 0, 1, "no"), "text of the record is damaged"),
     (ValueError(""), "ValueError")],
)  # fmt: skip
def test_whatever_ends_a_backup_is_told_with_what_to_do(error, told):
    assert told in hollow(error).why


def test_restoring_twice_into_one_folder_leaves_the_first(kept, tmp_path):
    kept.back_up()
    kept.restore(tmp_path / "back")
    before = files(tmp_path / "back")
    with pytest.raises(BackupRefused):
        kept.restore(tmp_path / "back")
    assert files(tmp_path / "back") == before
