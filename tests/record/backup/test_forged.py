"""Anybody with the public key can write a file: whatever it says, it is refused in words."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.record.backup.boxes import Sealer
from answerable.record.backup.frames import Frames, frames
from answerable.record.backup.head import FULL, KEYS, Head, head_bytes
from answerable.record.backup.refusals import BackupRefused, Hollow
from answerable.record.backup.shelf import Folder

VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.binary(max_size=9)
    | st.sampled_from(["events", "heads", "sealed", "meta", "", "../x", "keyring.sqlite"]),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
NAME = st.sampled_from(["table", "empty", "block", "rows", "file", "part", "end", "sing"])
FRAME = st.builds(lambda name, rest: [name, *rest], NAME, st.lists(VALUE, max_size=4))


def forge(kept, told: list[list[object]], sort=FULL) -> None:
    """Write a file of frames as a backup for the key of ``kept``."""
    key = secrets.token_bytes(32)
    head = Head(
        sort=sort, record="ab", chain=secrets.token_hex(8), seq=0, prev="", since=0,
        since_root="", size=3, root="cd", made_us=1,
        wrapped=[kept.identity.recipient.wrap(key)],
    )  # fmt: skip
    folder = Folder(kept.to, keys=sort == KEYS)
    kept.to.mkdir(exist_ok=True)
    for old in kept.to.iterdir():
        old.unlink()
    with folder.path_for(head).open("wb") as file:
        sealer = Frames(Sealer(file, key, head_bytes(head)))
        for one in told:
            sealer.put(*one)
        sealer.end()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=st.lists(FRAME, min_size=1, max_size=6), sort=st.sampled_from([FULL, KEYS]))
def test_whatever_frames_a_file_holds_it_is_refused_and_leaves_nothing(kept, tmp_path, told, sort):
    into = tmp_path / "back"
    forge(kept, told, sort)
    with pytest.raises((Hollow, BackupRefused)):
        kept.restore(into)
    assert not list(into.iterdir())


@pytest.mark.parametrize(
    ("name", "sort"),
    [("record.sqlite", FULL), ("record.sqlite-wal", KEYS), ("vault.db", FULL), ("log.keys", FULL),
     ("restored.json", FULL), ("../../x", KEYS), (".hidden", KEYS), ("a/b", KEYS)],
)  # fmt: skip
def test_no_file_is_put_where_it_has_no_place(kept, tmp_path, name, sort):
    forge(kept, [["file", name, "00"], ["part", b"x"], ["end", {}, {}]], sort)
    with pytest.raises(Hollow, match=r"no plain name|no place in it"):
        kept.restore(tmp_path / "back")
    assert not list((tmp_path / "back").iterdir())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_any_bytes_in_the_place_of_a_stream_are_refused(chunks):
    with pytest.raises(Hollow):
        list(frames(chunks))
