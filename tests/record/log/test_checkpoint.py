"""Checkpoints: read strictly, compared by name, and named precisely where they are wrong."""

from __future__ import annotations

import pytest

from answerable.record.log.checkpoint import SIZE_MAX, Checkpoint, check_goes_on, opened
from answerable.record.log.notes import Signer
from answerable.record.log.refusals import (
    Forked,
    GoesBack,
    NotACheckpoint,
    NotANote,
    OtherLog,
    UnknownKey,
    WrongSignature,
)
from answerable.record.tree import EMPTY_ROOT

ROOT = bytes(range(32))
OURS = Signer("town.example/log", bytes(32))
OTHER = Signer("town.example/log", bytes(31) + b"1")
GOOD = Checkpoint("town.example/log", 20_852_163, ROOT)


def test_a_checkpoint_is_three_lines_and_back():
    assert GOOD.text == (
        b"town.example/log\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    )
    assert Checkpoint.parse(GOOD.text) == GOOD
    more = GOOD._replace(extensions=("follows a 1 2", "another"))
    assert Checkpoint.parse(more.text) == more
    empty = Checkpoint("a", 0, EMPTY_ROOT)
    assert Checkpoint.parse(empty.text) == empty


@pytest.mark.parametrize(
    "text",
    [
        b"", b"a\n", b"a\n1\n", GOOD.text[:-1], GOOD.text + b"\n", b"\n" + GOOD.text,
        GOOD.text.replace(b"20852163", b"020852163"), GOOD.text.replace(b"20852163", b"-1"),
        GOOD.text.replace(b"20852163", b"+1"), GOOD.text.replace(b"20852163", b"1_0"),
        GOOD.text.replace(b"20852163", b"%d" % (SIZE_MAX + 1)),
        GOOD.text.replace(b"20852163", "１２".encode()),
        GOOD.text.replace(b"20852163", b"0"), GOOD.text.replace(b"Hh8=", b"Hh9="),
        GOOD.text.replace(b"AAEC", b""), GOOD.text.replace(b"AAEC", b"AA C"),
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_is_named_as_such(text):
    with pytest.raises(NotACheckpoint, match="the note is no checkpoint"):
        Checkpoint.parse(text)


def test_every_changed_byte_of_a_signed_checkpoint_is_noticed():
    note = OURS.sign(GOOD.text)
    wrong = (NotANote, NotACheckpoint, OtherLog, UnknownKey, WrongSignature)
    seen = set()
    for at in range(len(note)):
        for bit in range(8):
            changed = bytearray(note)
            changed[at] ^= 1 << bit
            with pytest.raises(wrong) as refusal:
                opened(bytes(changed), [OURS.verifier], GOOD.origin)
            seen.add(refusal.type)
    assert seen == set(wrong), "each is named for what it is"


def test_a_key_of_the_log_before_signs_nothing_for_the_one_that_goes_on():
    later = GOOD._replace(origin=f"{GOOD.origin}/2")
    with pytest.raises(UnknownKey):
        opened(OURS.sign(later.text), [OURS.verifier], later.origin)


def test_a_checkpoint_of_another_log_or_by_another_key_is_named():
    note = OURS.sign(GOOD.text)
    assert opened(note, [OURS.verifier], GOOD.origin).checkpoint == GOOD
    with pytest.raises(OtherLog, match="other/log was asked for"):
        opened(note, [OURS.verifier], "other/log")
    with pytest.raises(UnknownKey, match="nobody known signed"):
        opened(note, [OTHER.verifier], GOOD.origin)
    with pytest.raises(UnknownKey):
        opened(note, [], GOOD.origin)


def test_a_checkpoint_that_goes_back_or_says_another_thing_is_named():
    check_goes_on(GOOD, GOOD)
    check_goes_on(GOOD, GOOD._replace(size=GOOD.size + 1, root=EMPTY_ROOT))
    with pytest.raises(GoesBack, match=f"{GOOD.size - 1} entries; it had signed {GOOD.size}"):
        check_goes_on(GOOD, GOOD._replace(size=GOOD.size - 1))
    with pytest.raises(Forked, match="Two roots"):
        check_goes_on(GOOD, GOOD._replace(root=EMPTY_ROOT))
    with pytest.raises(OtherLog, match="two logs"):
        check_goes_on(GOOD, GOOD._replace(origin="other/log"))
