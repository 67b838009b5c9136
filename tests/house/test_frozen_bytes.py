"""Every version of every event has frozen bytes, which decode and encode to themselves."""

from __future__ import annotations

import msgspec
import pytest

from answerable.rooms import product
from tests.kernel.toy import words as toy
from tests.kernel.toy_centre import rooms
from tools.golden import GOLDEN, files_of, freeze, thaw, unfrozen, version_of

ROOMS = product()
FILES = [(event, path) for event in ROOMS.events.values() for path in files_of(event)]
HOW = "Run: python -m tools.golden"


@pytest.mark.parametrize("event", ROOMS.events.values(), ids=lambda cls: cls.tag)
def test_every_version_of_every_event_has_frozen_bytes(event):
    versions = {version_of(path) for path in files_of(event)}
    assert versions == set(range(1, event.version + 1)), HOW
    assert unfrozen(ROOMS, event) == [], HOW


@pytest.mark.parametrize(("event", "path"), FILES, ids=[path.stem for _, path in FILES])
def test_frozen_bytes_decode_and_encode_to_themselves(event, path):
    thawed = thaw(ROOMS, event, path)
    if version_of(path) == event.version:
        assert msgspec.json.encode(thawed) == path.read_bytes()
    else:
        assert type(thawed) is event


def test_every_frozen_file_belongs_to_an_event():
    known = {path for event in ROOMS.events.values() for path in files_of(event)}
    assert {path for path in GOLDEN.rglob("*") if path.is_file()} == known


# -- the rules are shown to catch ------------------------------------------------------------


def test_freezing_writes_what_is_missing_once_and_overwrites_nothing(tmp_path):
    first = freeze(rooms(), tmp_path)
    assert {path.name for path in first} >= {"BoxMade.v1.json", "BoxScrapped.v2.json"}
    before = {path: path.read_bytes() for path in first}
    assert freeze(rooms(), tmp_path) == []
    assert {path: path.read_bytes() for path in first} == before


def test_a_field_added_later_gets_a_further_file_and_the_old_one_stays(tmp_path):
    old = tmp_path / "toy" / "BoxMade.v1.json"
    old.parent.mkdir()
    old.write_bytes(b'{"box":"b1"}')
    assert unfrozen(rooms(), toy.BoxMade, tmp_path) == ["secret"]
    assert old.with_name("BoxMade.v1.2.json") in freeze(rooms(), tmp_path)
    assert old.read_bytes() == b'{"box":"b1"}'
    assert unfrozen(rooms(), toy.BoxMade, tmp_path) == []


@pytest.mark.parametrize(
    "body",
    [b'{"case":"b1"}', b'{"box":1}', b'{"box": "b1"}', b'{"box":"b1","colour":"red"}'],
    ids=["renamed", "another type", "another spelling", "a field lost"],
)
def test_bytes_the_program_no_longer_keeps_are_caught(tmp_path, body):
    path = tmp_path / "BoxMade.v1.json"
    path.write_bytes(body)
    try:
        again = msgspec.json.encode(thaw(rooms(), toy.BoxMade, path))
    except msgspec.DecodeError:
        again = b""
    assert again != body


def test_an_old_version_is_read_through_its_upcast(tmp_path):
    path = tmp_path / "BoxScrapped.v1.json"
    path.write_bytes(b'{"box":"b1","note":"worn out"}')
    assert thaw(rooms(), toy.BoxScrapped, path) == toy.BoxScrapped(box="b1", why="worn out")
