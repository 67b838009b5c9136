"""The log's keys: made once, private to their owner, rotated without losing the old ones."""

from __future__ import annotations

import json
import os

import pytest

from answerable.record.log.keys import (
    KEYS_FILE,
    keys_at_start,
    make_keys,
    open_keys,
    origin_in,
    write_whole,
)
from answerable.record.log.notes import verify
from answerable.record.log.refusals import (
    KeysDamaged,
    KeysNotWritten,
    KeysOfAnotherLog,
    KeysOpen,
    KeysThere,
    NoKeys,
)

ORIGIN = "town.example/log"


@pytest.fixture
def path(tmp_path):
    return tmp_path / KEYS_FILE


def test_keys_are_made_at_the_first_start_and_kept_from_then_on(path):
    made = keys_at_start(path, ORIGIN, 5)
    assert made.origin == ORIGIN
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys_at_start(path, ORIGIN, 6).vkey == made.vkey
    assert made.keys[0].made_us == 5
    with pytest.raises(KeysThere, match="not overwritten"):
        make_keys(path, ORIGIN, 7)


def test_a_rotated_key_signs_and_the_old_one_still_verifies(path):
    first = make_keys(path, ORIGIN, 1)
    note = first.signer.sign(b"text\n")
    second = first.rotated(2, "it was time")
    assert second.vkey != first.vkey
    assert [one.vkey for one in second.keys] == [first.vkey, second.vkey]
    assert (second.keys[0].retired_us, second.keys[0].reason) == (2, "it was time")
    assert verify(note, open_keys(path).verifiers) == b"text\n"
    seed = json.loads(path.read_text())["seed"]
    assert path.read_text().count(seed) == 1
    assert first._file.seed not in path.read_text(), "the old seed is gone"


def test_a_log_that_goes_on_under_another_name_has_a_key_of_its_own(path):
    first = make_keys(path, ORIGIN, 1)
    assert (origin_in(ORIGIN, 1), origin_in(ORIGIN, 2)) == (ORIGIN, f"{ORIGIN}/2")
    again = first.begun_again(origin_in(ORIGIN, 2), 2)
    assert again.origin == again.signer.verifier.name == f"{ORIGIN}/2"
    assert [one.name for one in again.verifiers] == [ORIGIN, f"{ORIGIN}/2"]
    assert open_keys(path, f"{ORIGIN}/2").vkey == again.vkey


def test_a_backup_is_whole_private_and_never_over_another(path, tmp_path):
    keys = make_keys(path, ORIGIN, 1)
    safe = tmp_path / "safe"
    safe.mkdir()
    copy = keys.backed_up(safe)
    assert copy == safe / KEYS_FILE
    assert copy.read_bytes() == path.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert open_keys(copy).vkey == keys.vkey
    with pytest.raises(KeysThere):
        keys.backed_up(safe)
    with pytest.raises(KeysNotWritten, match="was not written"):
        keys.backed_up(tmp_path / "nowhere" / "copy")


def test_a_key_file_that_is_missing_or_of_another_log_is_named(path):
    with pytest.raises(NoKeys, match="no such file"):
        open_keys(path)
    make_keys(path, ORIGIN, 1)
    with pytest.raises(KeysOfAnotherLog, match=f'origin = "{ORIGIN}"'):
        open_keys(path, "other/log")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_that_others_may_read_is_refused(path, mode):
    make_keys(path, ORIGIN, 1)
    path.chmod(mode)
    with pytest.raises(KeysOpen, match=f"mode {mode:o}"):
        open_keys(path)


def test_every_changed_byte_of_a_key_file_is_noticed_or_changes_only_words(path):
    keys = make_keys(path, ORIGIN, 1).rotated(2, "reason")
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            found = open_keys(path)
        except KeysDamaged:
            continue
        assert (found.vkey, found.verifiers) == (keys.vkey, keys.verifiers), data[at - 9 : at + 9]


def test_a_folder_in_the_place_of_the_file_is_named(path):
    path.mkdir(mode=0o700)
    with pytest.raises(KeysDamaged, match="cannot be read"):
        open_keys(path)


def test_a_file_is_replaced_whole_or_not_at_all(path, monkeypatch):
    write_whole(path, b"before")

    def fails(_descriptor):
        raise OSError(5, "the disk failed")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="the disk failed"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert [one.name for one in path.parent.iterdir()] == [KEYS_FILE]
