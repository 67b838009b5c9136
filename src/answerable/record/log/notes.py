"""Signed notes: a text, a blank line, and a line for every signature under it.

A signature line is ``— <key name> <base64 of key id and signature>``. A verifier key, as people
hand it on, is ``<key name>+<key id in hex>+<base64 of kind and public key>``. Two kinds are known:
Ed25519 over the text (1), and the timestamped cosignature of a witness (4).
Sources: C2SP signed-note and tlog-cosignature; RFC 8032.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from answerable.record.log.refusals import NotANote, NotAVerifierKey, UnknownKey, WrongSignature

ED25519, COSIGNATURE = 1, 4
"""The kinds of signature: over the text itself, and a witness's with the time it was made."""
NOTE_BYTES_MAX = 262_144
SIGNATURES_MAX = 64
KEY_ID_BYTES = 4
PUBLIC_BYTES = SEED_BYTES = 32
SIGNATURE_BYTES = 64
TIME_BYTES = 8
TIME_MAX_S = (1 << 63) - 1
DASH = "\u2014 ".encode()
LENGTHS = {ED25519: SIGNATURE_BYTES, COSIGNATURE: TIME_BYTES + SIGNATURE_BYTES}


class Signature(NamedTuple):
    """One line under a note: whose key (name and id), and the bytes it made."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> bytes:
        """The line as it stands in a note, with its end."""
        return b"%b%b %b\n" % (DASH, self.name.encode(), encoded(self.key_id + self.value))


class Note(NamedTuple):
    """A text, ending with a line feed, and the signatures under it, none of them checked yet."""

    text: bytes
    signatures: tuple[Signature, ...]

    @property
    def packed(self) -> bytes:
        """The bytes of the note."""
        return b"%b\n%b" % (self.text, b"".join(one.line for one in self.signatures))


class Signed(NamedTuple):
    """A signature that was checked: whose, and for a cosignature when (seconds since 1970)."""

    verifier: Verifier
    at_s: int


def encoded(data: bytes) -> bytes:
    """Return bytes in standard base64."""
    return base64.b64encode(data)


def decoded(text: bytes) -> bytes:
    """Return what base64 stands for. Raises ValueError for every other spelling of it.

    One value has one spelling: bits that decode to nothing must be zero, or a changed byte of a
    note could go unnoticed.
    """
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data) != text:
        raise ValueError("base64 that is not in its one spelling")
    return data


def parse(note: bytes) -> Note:
    """Take a note apart; nothing of it may be believed yet. Raises NotANote."""
    if len(note) > NOTE_BYTES_MAX:
        raise _no_note(f"It has {len(note)} bytes; {NOTE_BYTES_MAX} are the most.")
    try:
        told = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _no_note("It is not UTF-8.") from error
    if any(char < " " and char != "\n" for char in told):
        raise _no_note("It holds a control character.")
    at = note.rfind(b"\n\n")
    if at < 1 or not note.endswith(b"\n"):
        raise _no_note("It has no blank line between a text and signatures, or no last line end.")
    lines = note[at + 2 : -1].split(b"\n")
    if len(lines) > SIGNATURES_MAX:
        raise _no_note(f"It has {len(lines)} signatures; {SIGNATURES_MAX} are the most.")
    return Note(note[: at + 1], tuple(map(signature_in, lines)))


def signature_in(line: bytes) -> Signature:
    """Return the signature of one line, without its line end. Raises NotANote."""
    try:
        if not line.startswith(DASH):
            raise ValueError
        name, _, value = line[len(DASH) :].partition(b" ")
        data = decoded(value)
        told = name.decode("utf-8")
    except (ValueError, binascii.Error) as error:
        raise _no_note("A line under it is no signature.") from error
    if not is_name(told) or len(data) <= KEY_ID_BYTES:
        raise _no_note("A line under it is no signature.")
    return Signature(told, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def is_name(name: str) -> bool:
    """Say whether a text can be the name of a key: no spaces, no plus, no control characters."""
    return bool(name) and not any(
        char.isspace() or char == "+" or not char.isprintable() for char in name
    )


def _no_note(because: str) -> NotANote:
    return NotANote(
        "Not read: this is no signed note.", because, "Fetch it again, whole and unchanged."
    )


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the first four bytes of the hash by which a key is recognised in a note."""
    told = b"%b\n%b%b" % (name.encode(), bytes([kind]), public)
    return hashlib.sha256(told).digest()[:KEY_ID_BYTES]


def cosigned_text(text: bytes, at_s: int) -> bytes:
    """Return what a witness signs: its own first line, the time, and the text of the checkpoint."""
    return b"cosignature/v1\ntime %d\n%b" % (at_s, text)


class Verifier(NamedTuple):
    """A public key that is believed: its name, kind and 32 bytes."""

    name: str
    kind: int
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Return the key of a verifier key's text. Raises NotAVerifierKey."""
        name, _, rest = vkey.partition("+")
        told_id, _, data64 = rest.partition("+")
        try:
            data = decoded(data64.encode("ascii"))
            made = cls(name, data[0], data[1:])
            if len(made.public) != PUBLIC_BYTES or made.kind not in LENGTHS or not is_name(name):
                raise ValueError
            if made.key_id.hex() != told_id:
                raise ValueError
            Ed25519PublicKey.from_public_bytes(made.public)
        except (ValueError, IndexError, binascii.Error) as error:
            raise NotAVerifierKey(
                "Not read: this is no verifier key.",
                "It is not of the form name+id+key with an Ed25519 key, or its id does not fit.",
                "Copy it whole, as 'answerable key show' prints it.",
            ) from error
        return made

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand for it in a note."""
        return key_id(self.name, self.kind, self.public)

    @property
    def vkey(self) -> str:
        """The key as people hand it on."""
        data = encoded(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{data}"

    def check(self, text: bytes, signature: Signature) -> Signed:
        """Return a signature of this key as checked. Raises WrongSignature."""
        value, at_s = signature.value, 0
        if len(value) != LENGTHS[self.kind]:
            raise self.wrong()
        if self.kind == COSIGNATURE:
            at_s = int.from_bytes(value[:TIME_BYTES], "big")
            if at_s > TIME_MAX_S:
                raise self.wrong()
            text, value = cosigned_text(text, at_s), value[TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, text)
        except InvalidSignature as error:
            raise self.wrong() from error
        return Signed(self, at_s)

    def wrong(self) -> WrongSignature:
        """Return the refusal of a signature that is not this key's."""
        return WrongSignature(
            "Not believed: the note is not what was signed.",
            f"The signature of {self.name} ({self.key_id.hex()}) does not fit the text.",
            "Fetch it again; if it stays so, keep both copies and tell the log's keeper.",
        )


def holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature of a public key is right, by OpenSSL."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def checked(note: Note, verifiers: Iterable[Verifier]) -> tuple[Signed, ...]:
    """Check every signature of a known key; those of others are passed over.

    Raises WrongSignature where one does not fit, UnknownKey where no known key signed.
    """
    known = {(one.name, one.key_id): one for one in verifiers}
    found = tuple(
        known[one.name, one.key_id].check(note.text, one)
        for one in note.signatures
        if (one.name, one.key_id) in known
    )
    if not found:
        signers = ", ".join(f"{one.name} ({one.key_id.hex()})" for one in note.signatures)
        raise UnknownKey(
            "Not believed: nobody known signed this note.",
            f"It is signed by {signers}.",
            "Ask the log's keeper, by another way than this one, which keys are theirs.",
        )
    return found


def verify(note: bytes, verifiers: Iterable[Verifier]) -> bytes:
    """Return the text of a note that a known key signed. Raises NotANote and as ``checked``."""
    taken = parse(note)
    checked(taken, verifiers)
    return taken.text


class Signer:
    """A private key that signs notes by its name."""

    kind = ED25519

    def __init__(self, name: str, key: bytes | Ed25519PrivateKey) -> None:
        """``key`` is a private key, or the 32 bytes of its seed. Raises ValueError for others."""
        if not is_name(name):
            raise ValueError(f"{name!r} cannot be the name of a key")
        self._key = Ed25519PrivateKey.from_private_bytes(key) if isinstance(key, bytes) else key
        public = self._key.public_key().public_bytes_raw()
        self.verifier = Verifier(name, self.kind, public)

    def signature(self, text: bytes) -> Signature:
        """Return the signature over a text that ends with a line feed."""
        assert text.endswith(b"\n"), "the text of a note ends with a line feed"
        return Signature(self.verifier.name, self.verifier.key_id, self._key.sign(text))

    def sign(self, text: bytes) -> bytes:
        """Return the text as a signed note."""
        return Note(text, (self.signature(text),)).packed


class Cosigner(Signer):
    """The private key of a witness: its signatures say when they were made."""

    kind = COSIGNATURE

    def cosignature(self, text: bytes, at_s: int) -> Signature:
        """Return the cosignature over a checkpoint's text, made at ``at_s`` (s since 1970)."""
        value = at_s.to_bytes(TIME_BYTES, "big") + self._key.sign(cosigned_text(text, at_s))
        return Signature(self.verifier.name, self.verifier.key_id, value)

    def signature(self, text: bytes) -> Signature:
        """Refuse: a cosignature needs a time. Raises TypeError."""
        raise TypeError("a witness cosigns; use cosignature(text, at_s)")
