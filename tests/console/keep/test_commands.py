"""The commands: what they say, what they hand to the record, and what they never do."""

from __future__ import annotations

import json
import os
import stat

import pytest

from answerable.console.control import reached
from answerable.console.keep import run_backup as module
from answerable.console.keep import run_restore
from answerable.console.keep.run_backup import Asked, order_of, run_backup
from answerable.console.keep.run_restore import run_key
from answerable.console.running import CannotBegin
from answerable.console.serve.settings import read_settings
from answerable.kernel.store import CannotRecord
from answerable.record import RECORD_FILE
from answerable.record.backup import run
from answerable.record.backup.refusals import BackupRefused
from answerable.record.backup.restore import RESTORED_FILE
from answerable.record.reading import connect_reader


@pytest.fixture(autouse=True)
def in_front(monkeypatch):
    """Keep the test's own process at its rank."""
    monkeypatch.setattr(module, "stand_back", lambda: None)


@pytest.fixture
def place(tmp_path, capsys):
    """A record at rest, and a key."""
    with reached(tmp_path / "data") as centre:
        for name in ("ada", "bo"):
            centre.ask({"command": {"type": "access.OpenAccount", "key": f"open-{name}",
                                    "account": name, "role": "dispatcher"}})  # fmt: skip
    assert run_key(tmp_path / "backup.key", as_json=True) == 0
    return tmp_path


def asked(place, public: str, **more) -> Asked:
    given = {"to": place / "to", "recipient": public, "data": place / "data", "as_json": True}
    return Asked(**(given | more))


@pytest.fixture
def public(place, capsys) -> str:
    return json.loads(capsys.readouterr().out)["recipient"]


def events(data) -> list[tuple[str, dict]]:
    db = connect_reader(data / RECORD_FILE)
    rows = db.execute(
        "SELECT kind, body FROM events WHERE kind LIKE 'keeping.%' ORDER BY position"
    ).fetchall()
    db.close()
    return [(kind.partition(".")[2], json.loads(body)) for kind, body in rows]


def test_a_proven_backup_is_told_and_recorded(place, public, capsys):
    assert run_backup(asked(place, public)) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sort"], told["size"], told["recorded"]) == ("full", 2, True)
    [(kind, body)] = events(place / "data")
    assert kind == "BackupMade"
    assert (body["size"], body["root"], body["digest"]) == (2, told["root"], told["sha256"])
    assert body["where"] == str(place / "to")
    assert run_backup(asked(place, public, as_json=False)) == 0
    assert "Proved: a backup (incremental) of 3 events, 1 of them new" in capsys.readouterr().out


def test_a_hollow_backup_is_told_recorded_and_exits_with_1(place, public, capsys, monkeypatch):
    written = run._written

    def nothing(path, *rest):
        size, digest = written(path, *rest)
        os.truncate(path, 0)
        return size, digest

    monkeypatch.setattr(run, "_written", nothing)
    assert run_backup(asked(place, public)) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["failed"] == "empty"
    assert "what was made would have restored nothing" in err
    [(kind, body)] = events(place / "data")
    assert (kind, body["sort"], body["found"]) == ("BackupFailed", "incremental", "empty")


def test_a_broken_chain_is_recorded_before_the_full_backup_that_takes_its_place(
    place, public, capsys
):
    run_backup(asked(place, public))
    [file] = (place / "to").iterdir()
    body = bytearray(file.read_bytes())
    body[-30] ^= 1
    file.write_bytes(body)
    capsys.readouterr()
    assert run_backup(asked(place, public)) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["sort"] == "full"
    assert "The chain before it is worth nothing" in err
    assert [kind for kind, _ in events(place / "data")] == [
        "BackupMade", "BackupFailed", "BackupMade",
    ]  # fmt: skip


def test_a_backup_that_cannot_be_recorded_says_so_and_exits_with_1(
    place, public, capsys, monkeypatch
):
    def full(data):
        raise CannotRecord("Nothing was recorded. The disk is full. Free some space.")

    monkeypatch.setattr(module, "reached", full)
    assert run_backup(asked(place, public)) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["recorded"] is False
    assert "goes on waiting for a backup: Nothing was recorded" in err


def test_what_cannot_begin_says_so_and_exits_with_2(place, public, capsys, tmp_path):
    for said, changes in {
        "No folder is named": {"to": None},
        "Nobody is named who may read it": {"recipient": ""},
        "It is not whole": {"recipient": public[:-3]},
        "There is no record in it": {"data": tmp_path / "none"},
        "serve.toml": {"settings": tmp_path / "serve.toml"},
    }.items():
        assert run_backup(asked(place, public, **changes)) == 2
        assert said in capsys.readouterr().err
    assert events(place / "data") == []


def test_the_recipient_may_be_a_file_and_the_settings_give_the_rest(place, public, tmp_path):
    (tmp_path / "pub").write_text(public + "\n")
    (tmp_path / "serve.toml").write_text(
        f'town = "liechtenstein"\ndata = "data"\n[backup]\nto = "there"\nkeys_to = "apart"\n'
        f'recipient = "{public}"\nkeep = 3\nkeys_keep = 2\nkeys_days = 5\nfull_every = 9\n'
    )
    order = order_of(Asked(settings=tmp_path / "serve.toml"))
    assert (order.data, order.to) == (place / "data", tmp_path / "there")
    assert (order.keep, order.full_every) == (3, 9)
    assert set(order.more) == {"town.json", "serve.toml.backed-up"}
    keys = order_of(Asked(settings=tmp_path / "serve.toml", keys=True))
    assert (keys.to, keys.keep, keys.keys_days) == (tmp_path / "apart", 2, 5)
    given = order_of(asked(place, str(tmp_path / "pub"), keep=8))
    assert str(given.writers[0]) == public
    assert given.keep == 8


def test_a_town_that_is_served_takes_no_backup(place, public, tmp_path):
    from answerable.towns.load import town_folder

    (tmp_path / "serve.toml").write_text('town = "liechtenstein"\ndata = "data"\n')
    for to in (town_folder("liechtenstein") / "x", town_folder("liechtenstein").parent):
        code = run_backup(asked(place, public, to=to, settings=tmp_path / "serve.toml"))
        assert code == 2
        assert not (to / "x").exists()


def test_settings_of_backups_that_cannot_be_kept_are_refused(tmp_path):
    for text, said in {
        'to = "a"': "Backups are encrypted for somebody",
        'to = "a"\nkeys_to = "a"\nrecipient = "backup-key:' + "A" * 48 + '"': "never go into one",
        'at = "25:00"': "$.backup.at",
        'recipient = "nobody"': "$.backup.recipient",
    }.items():
        (tmp_path / "serve.toml").write_text(f'town = "liechtenstein"\n[backup]\n{text}\n')
        with pytest.raises(CannotBegin) as refusal:
            read_settings(tmp_path / "serve.toml")
        assert said in str(refusal.value)


# -- restoring -------------------------------------------------------------------------------


def restored(place, source: str, **more) -> int:
    given = {"at": None, "key": place / "backup.key", "passphrase": None} | more
    return run_restore.run_restore(
        place / source, place / "new", given["at"], given["key"], given["passphrase"],
        as_json=True,
    )  # fmt: skip


def test_a_restored_record_says_so_at_its_first_start_and_only_once(place, public, capsys):
    run_backup(asked(place, public))
    run_backup(asked(place, public, to=place / "keys-to", keys=True))
    capsys.readouterr()
    assert restored(place, "to") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["size"], told["known"], told["passed_over"]) == (2, 0, [])
    assert restored(place, "keys-to") == 0
    assert (place / "new" / RESTORED_FILE).exists()
    for _ in range(2):
        with reached(place / "new") as centre:
            names = [one["account"] for one in centre.ask({"do": "accounts"})["accounts"]]
        assert names == ["ada", "bo"]
    [(kind, body)] = events(place / "new")
    assert (kind, body["size"], body["root"]) == ("RecordRestored", 2, told["root"])
    assert not (place / "new" / RESTORED_FILE).exists()


def test_a_crash_between_the_event_and_the_note_records_nothing_twice(place, public):
    run_backup(asked(place, public))
    restored(place, "to")
    note = (place / "new" / RESTORED_FILE).read_bytes()
    for _ in range(2):
        (place / "new" / RESTORED_FILE).write_bytes(note)
        with reached(place / "new"):
            pass
    assert [kind for kind, _ in events(place / "new")] == ["RecordRestored"]


def test_a_note_that_is_damaged_keeps_nobody_from_starting(place, public, caplog):
    run_backup(asked(place, public))
    restored(place, "to")
    (place / "new" / RESTORED_FILE).write_bytes(b"{")
    with reached(place / "new"):
        pass
    assert "cannot be read" in caplog.text


def test_a_restore_that_is_refused_or_finds_nothing_whole_says_so(place, public, capsys):
    run_backup(asked(place, public))
    capsys.readouterr()
    assert restored(place, "to", key=None) == 2
    assert "no key is given" in capsys.readouterr().err
    assert restored(place, "to", at=9) == 2
    assert "positions 1 to 2" in capsys.readouterr().err
    [file] = (place / "to").iterdir()
    body = bytearray(file.read_bytes())
    body[-1] ^= 1
    file.write_bytes(body)
    assert restored(place, "to") == 1
    assert "Nothing was put there" in capsys.readouterr().err
    assert not (place / "new" / RECORD_FILE).exists()


def test_a_key_is_for_its_owner_only_and_never_written_over_another(place, capsys):
    file = place / "backup.key"
    before = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run_key(file, as_json=False) == 2
    assert "Name one that is not there yet" in capsys.readouterr().err
    assert file.read_bytes() == before
    assert run_key(place / "other.key", as_json=False) == 0
    out, err = capsys.readouterr()
    assert out.startswith("backup-key:")
    assert "twice" in err


def test_the_order_needs_a_recipient_even_where_settings_name_a_folder(place):
    with pytest.raises(BackupRefused, match="Nobody is named"):
        order_of(Asked(to=place / "to", data=place / "data"))
