"""Signed notes: the reference vector of other programs, and every changed byte is noticed."""

from __future__ import annotations

import base64

import pytest

from answerable.record.log import notes
from answerable.record.log.notes import (
    NOTE_BYTES_MAX,
    SIGNATURES_MAX,
    Cosigner,
    Note,
    Signature,
    Signer,
    Verifier,
)
from answerable.record.log.refusals import NotANote, NotAVerifierKey, UnknownKey, WrongSignature

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = (
    b"If you think cryptography is the answer to your problem,\n"
    b"then you don't know what your problem is.\n"
)
NOTE = (
    TEXT.decode() + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
    "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
"""The key and note of golang.org/x/mod/sumdb/note's tests (BSD-3-Clause, The Go Authors)."""
WITNESS = Cosigner("witness.example/w1", bytes(range(32)))


def test_a_note_is_byte_for_byte_that_of_the_reference_implementation():
    signer = Signer("PeterNeumann", SEED)
    assert signer.verifier.vkey == PETER
    assert signer.sign(TEXT) == NOTE
    assert notes.verify(NOTE, [Verifier.parse(PETER)]) == TEXT
    assert notes.parse(NOTE).packed == NOTE


def test_every_changed_byte_of_a_note_is_noticed():
    known = [Verifier.parse(PETER)]
    for at in range(len(NOTE)):
        for bit in range(8):
            changed = bytearray(NOTE)
            changed[at] ^= 1 << bit
            with pytest.raises((NotANote, UnknownKey, WrongSignature)):
                notes.verify(bytes(changed), known)


def test_a_byte_more_or_less_is_noticed():
    known = [Verifier.parse(PETER)]
    for at in range(len(NOTE)):
        for changed in (NOTE[:at] + NOTE[at + 1 :], NOTE[:at] + b"x" + NOTE[at:], NOTE[:at]):
            with pytest.raises((NotANote, UnknownKey, WrongSignature)):
                notes.verify(changed, known)


def test_base64_has_one_spelling():
    with pytest.raises(ValueError, match="one spelling"):
        notes.decoded(b"AB==")  # two bits that stand for nothing are set
    with pytest.raises(ValueError, match="base64"):
        notes.decoded(b"AA=\n=")
    assert notes.decoded(b"AA==") == b"\0"


def test_signatures_of_strangers_are_passed_over_and_those_of_known_keys_must_fit():
    ours, other = Signer("a/log", bytes(32)), Signer("b/log", bytes(31) + b"1")
    both = Note(TEXT, (other.signature(TEXT), ours.signature(TEXT)))
    assert [one.verifier for one in notes.checked(both, [ours.verifier])] == [ours.verifier]
    broken = Note(TEXT, (ours.signature(TEXT), other.signature(b"another\n")))
    notes.checked(broken, [ours.verifier])
    with pytest.raises(WrongSignature, match="b/log"):
        notes.checked(broken, [ours.verifier, other.verifier])
    with pytest.raises(UnknownKey, match="a/log"):
        notes.checked(Note(TEXT, (ours.signature(TEXT),)), [other.verifier])


def test_a_signature_with_the_name_and_id_of_a_known_key_and_another_length_is_wrong():
    ours = Signer("a/log", bytes(32))
    short = ours.signature(TEXT)._replace(value=b"short")
    with pytest.raises(WrongSignature):
        notes.checked(Note(TEXT, (short,)), [ours.verifier])


def test_a_cosignature_says_when_it_was_made_and_cannot_be_dated_otherwise():
    signature = WITNESS.cosignature(TEXT, 1_679_315_147)
    assert WITNESS.verifier.check(TEXT, signature).at_s == 1_679_315_147
    later = signature._replace(value=(1_679_315_148).to_bytes(8, "big") + signature.value[8:])
    with pytest.raises(WrongSignature):
        WITNESS.verifier.check(TEXT, later)
    assert WITNESS.verifier.check(TEXT, WITNESS.cosignature(TEXT, (1 << 63) - 1))
    with pytest.raises(WrongSignature):  # C2SP: no time is after that
        WITNESS.verifier.check(TEXT, WITNESS.cosignature(TEXT, 1 << 63))
    plain = Signer("witness.example/w1", bytes(range(32)))
    assert plain.verifier.key_id != WITNESS.verifier.key_id, "one key, two kinds, two ids"
    with pytest.raises(TypeError):
        WITNESS.sign(TEXT)


@pytest.mark.parametrize(
    "changed",
    [
        NOTE[:-1], TEXT, b"", b"\n\n", NOTE.replace(b"\n\n", b"\n"), NOTE + b"more\n",
        NOTE.replace("— ".encode(), b"- "), NOTE.replace(b"If", b"I\x07"),
        NOTE.replace(b"If", b"\xff\xfe"), NOTE.replace(b"PeterNeumann", b"Peter+Neumann"),
        NOTE.replace("— PeterNeumann".encode(), "— ".encode()), NOTE.replace(b"x08g", b"x 8g"),
        b"a" * NOTE_BYTES_MAX + NOTE, NOTE + (SIGNATURES_MAX * NOTE[NOTE.rfind(b"\n\n") + 2 :]),
        TEXT + "\n— PeterNeumann AAAA\n".encode(),
    ],
)  # fmt: skip
def test_what_is_no_note_is_named_as_such(changed):
    with pytest.raises(NotANote, match="no signed note"):
        notes.parse(changed)


@pytest.mark.parametrize(
    "text",
    [
        "", "PeterNeumann", PETER[:-1], PETER[:-4], PETER.replace("c7", "c8"), "+" + PETER,
        PETER.replace("PeterNeumann", "Peter Neumann"), PETER.replace("PeterNeumann", ""),
        PETER.replace("+AR", "+ZR"), PETER + "=", "é" + PETER,
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)  # fmt: skip
def test_what_is_no_verifier_key_is_refused(text):
    with pytest.raises(NotAVerifierKey, match="no verifier key"):
        Verifier.parse(text)


def test_every_changed_letter_of_a_verifier_key_is_noticed():
    for at in range(len(PETER)):
        changed = PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :]
        with pytest.raises(NotAVerifierKey):
            Verifier.parse(changed)


def test_a_name_that_cannot_stand_in_a_note_signs_nothing():
    for name in ("", "a b", "a+b", "a\nb"):
        with pytest.raises(ValueError, match="cannot be the name"):
            Signer(name, bytes(32))


def test_a_line_is_a_signature_and_back():
    signature = WITNESS.cosignature(TEXT, 7)
    assert notes.signature_in(signature.line.rstrip(b"\n")) == signature
    assert isinstance(signature, Signature)
