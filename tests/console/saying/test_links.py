"""A token opens one call's questions once, and nothing of it is kept but a digest."""

from __future__ import annotations

import sqlite3
import stat

import pytest

from answerable.console.saying.links import LINKS_FILE, BadLinks, Link, Links, digest_of

NOW_US = 1_585_854_000_000_000
LINK = Link("I1", "C1", "en", NOW_US + 1_000)


def test_a_token_finds_its_call_until_it_is_used():
    links = Links.open(None)
    token = links.mint(LINK)
    assert links.find(token, NOW_US) == LINK
    assert links.find(token, NOW_US) == LINK  # looking uses nothing up
    assert links.take(token, NOW_US) == LINK
    links.used(token)
    assert links.find(token, NOW_US) is None
    assert links.count() == 0


def test_a_token_that_somebody_is_using_is_nobody_elses_until_it_is_left():
    links = Links.open(None)
    token = links.mint(LINK)
    assert links.take(token, NOW_US) == LINK
    assert links.take(token, NOW_US) is None
    links.leave(token)
    assert links.take(token, NOW_US) == LINK


@pytest.mark.parametrize("token", ["", "x" * 22, "../../etc/passwd", "A" * 4_000, "ü" * 22])
def test_a_wrong_token_finds_nothing(token):
    links = Links.open(None)
    links.mint(LINK)
    assert links.find(token, NOW_US) is None


def test_a_token_that_ran_out_finds_nothing_and_is_swept():
    links = Links.open(None)
    token = links.mint(LINK)
    assert links.find(token, LINK.until_us) is None
    links.sweep(LINK.until_us)
    assert links.count() == 0


def test_a_new_token_of_a_call_voids_the_earlier_one():
    links = Links.open(None)
    first, second = links.mint(LINK), links.mint(LINK)
    assert links.find(first, NOW_US) is None
    assert links.find(second, NOW_US) == LINK


def test_tokens_of_an_erased_incident_and_of_a_settled_call_are_void():
    links = Links.open(None)
    tokens = [links.mint(LINK._replace(call=f"C{n}", incident=f"I{n}")) for n in range(3)]
    links.forget("I0")
    links.settled("C1")
    assert [links.find(token, NOW_US) is None for token in tokens] == [True, True, False]


def test_only_a_digest_is_on_the_disk_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / LINKS_FILE
    links = Links.open(path)
    token = links.mint(LINK)
    files = list(tmp_path.iterdir())
    assert all(token.encode() not in file.read_bytes() for file in files)
    assert any(digest_of(token).encode() in file.read_bytes() for file in files)
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in files} == {
        LINKS_FILE: 0o600, f"{LINKS_FILE}-wal": 0o600, f"{LINKS_FILE}-shm": 0o600,
    }  # fmt: skip
    links.close()
    again = Links.open(path)
    assert again.find(token, NOW_US) == LINK
    again.close()


def test_tokens_are_long_and_never_the_same():
    links = Links.open(None)
    tokens = {links.mint(LINK._replace(call=f"C{n}")) for n in range(500)}
    assert len(tokens) == 500
    assert {len(token) for token in tokens} == {22}


def test_a_file_that_is_another_one_is_refused_and_left_alone(tmp_path):
    path = tmp_path / LINKS_FILE
    other = sqlite3.connect(path)
    other.execute("PRAGMA application_id = 7")
    other.execute("CREATE TABLE t (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(BadLinks, match="no file of this program"):
        Links.open(path)
    assert path.read_bytes() == before
