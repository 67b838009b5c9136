"""A folder of two programs: files whole or not at all, bad ones aside with the reason."""

from __future__ import annotations

import os
import stat

from answerable.exchange import spool


def test_a_file_is_laid_whole_and_for_its_owner_alone(tmp_path):
    folder = spool.folder_of(tmp_path / "out")
    path = spool.lay(folder, "a.json", b"{}")
    assert path.read_bytes() == b"{}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [one.name for one in folder.iterdir()] == ["a.json"]


def test_nothing_is_seen_of_a_file_that_is_still_written(tmp_path):
    (tmp_path / ".b.json.part").write_bytes(b'{"half"')
    (tmp_path / "c.part").write_bytes(b"")
    spool.lay(tmp_path, "d.json", b"1")
    assert [one.path.name for one in spool.found(tmp_path)] == ["d.json"]


def test_the_oldest_file_comes_first(tmp_path):
    for name, at in (("z.json", 1), ("a.json", 3), ("m.json", 2)):
        spool.lay(tmp_path, name, b"")
        os.utime(tmp_path / name, (at, at))
    assert [one.path.name for one in spool.found(tmp_path)] == ["z.json", "m.json", "a.json"]


def test_a_link_a_folder_a_pipe_and_a_long_file_are_not_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("keep out")
    (tmp_path / "link.json").symlink_to(secret)
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "long.json").write_bytes(b"x" * (spool.FILE_BYTES_MAX + 1))
    told = {one.path.name: (one.body, bool(one.why)) for one in spool.found(tmp_path)}
    names = ("link.json", "folder.json", "pipe.json", "long.json")
    assert told == dict.fromkeys(names, (b"", True))


def test_what_is_set_aside_lies_there_with_its_reason_and_takes_no_others_place(tmp_path):
    for body in (b"one", b"two"):
        spool.set_aside(spool.lay(tmp_path, "a.json", body), "It is no JSON.")
    aside = tmp_path / spool.ASIDE
    bodies = {p.read_bytes() for p in aside.glob("*.json")}
    assert bodies == {b"one", b"two"}
    assert {p.read_text() for p in aside.glob(f"*{spool.WHY}")} == {"It is no JSON.\n"}
    assert not list(spool.found(tmp_path))


def test_the_oldest_of_too_many_set_aside_give_way(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "ASIDE_MAX", 2)
    for n in range(4):
        path = spool.lay(tmp_path, f"f{n}.json", b"")
        os.utime(path, (n, n))
        spool.set_aside(path, "No.")
    kept = {p.name for p in (tmp_path / spool.ASIDE).iterdir()}
    assert kept == {"f2.json", "f3.json", f"f2.json{spool.WHY}", f"f3.json{spool.WHY}"}


def test_a_folder_is_emptied_of_whole_and_half_files(tmp_path):
    spool.lay(tmp_path, "a.json", b"")
    (tmp_path / ".b.json.part").write_bytes(b"")
    assert spool.emptied(tmp_path) == 2
    assert not list(tmp_path.iterdir())
