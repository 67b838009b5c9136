"""The code that goes with a number: eight characters that can be said on the telephone.

A code follows from a secret of the centre and the number of a call (or of an incident) by HMAC, so
nothing about codes is stored, and nothing about them is in the record. Seven characters carry 35
bits; the eighth is a check, so that a slip of the tongue is a wrong code and never another's.
Alphabet: Crockford's base32, without I, L, O and U, which are misheard or misread.
"""

from __future__ import annotations

import hmac
import os
import secrets
import unicodedata
from pathlib import Path

from answerable.kernel.store import StoreRefusal

SECRET_FILE = "receipts.key"  # noqa: S105 - a file name
SECRET_BYTES = 32
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS = 7
"""Characters of a code before its check: 35 bits."""
GROUP = 4
KINDS = ("call", "incident")
NUMBER_MAX = 64
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SILENT = str.maketrans("", "", " -\u2013\u2010\u00b7.\u3000")


class NoSecret(StoreRefusal):
    """The secret of the codes cannot be read or made; nothing was changed."""


def fresh() -> bytes:
    """Return a new secret."""
    return secrets.token_bytes(SECRET_BYTES)


def open_secret(path: Path) -> tuple[bytes, bool]:
    """Read the secret, or make it where there is none; returns it, and whether it is new.

    Only its owner may read the file. Raises NoSecret with three sentences where it cannot be used.
    """
    try:
        return _read(path), False
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _refused(path, f"It cannot be read ({error.strerror}).") from error
    try:
        return _make(path), True
    except OSError as error:
        raise _refused(path, f"It cannot be made ({error.strerror}).") from error


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        os.fchmod(file.fileno(), 0o600)
        text = file.read(4 * SECRET_BYTES).strip()
    try:
        secret = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise _refused(path, f"It does not hold {SECRET_BYTES} bytes written as hexadecimals.")
    return secret


def _make(path: Path) -> bytes:
    """Write a new secret and see that it is on the disk under its name before it is used."""
    secret, part = fresh(), path.with_name(f"{path.name}.new")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return secret


def _refused(path: Path, why: str) -> NoSecret:
    return NoSecret(
        f"Not started: the secret of the callers' codes in {path} cannot be used. {why} "
        "Put it back from a backup; without it every code given so far is void, and a new one is "
        "made once the file is moved away."
    )


# -- numbers and codes -----------------------------------------------------------------------


def normal_number(text: str) -> str:
    """Return a number as it is kept, however it was typed: without spaces, in capitals."""
    folded = unicodedata.normalize("NFKC", text[: 4 * NUMBER_MAX]).upper()
    return folded.translate(_SILENT)[:NUMBER_MAX]


def normal_code(text: str) -> str:
    """Return a code without its dash, in capitals, letters that are misread put right."""
    folded = unicodedata.normalize("NFKC", text[:NUMBER_MAX]).upper()
    return folded.translate(_SILENT).translate(_MISREAD)[:NUMBER_MAX]


def code_of(secret: bytes, kind: str, number: str) -> str:
    """Return the code of a call or an incident, as it is said: K7MX-2P9Q."""
    plain = _plain(secret, kind, number)
    return f"{plain[:GROUP]}-{plain[GROUP:]}"


def _plain(secret: bytes, kind: str, number: str) -> str:
    digest = hmac.digest(secret, f"receipt {kind} {normal_number(number)}".encode(), "sha256")
    bits = int.from_bytes(digest[:5], "big") >> (40 - 5 * DIGITS)
    digits = [bits >> 5 * place & 31 for place in reversed(range(DIGITS))]
    return "".join(ALPHABET[digit] for digit in (*digits, check_of(digits)))


def fitting(secret: bytes, number: str, code: str) -> str:
    """Return what a number and a code are of, "call" or "incident"; "" where they do not fit.

    The work is the same whatever is given, and nothing is looked up for it.
    """
    given, fits = normal_code(code).encode(), ""
    for kind in KINDS:
        if hmac.compare_digest(_plain(secret, kind, number).encode(), given):
            fits = kind
    return fits


def check_of(digits: list[int]) -> int:
    """Return the check of some digits: a weighted sum in the field of 32 elements.

    Every weight is another power of the field's generator, so one wrong character, or any two
    changed for each other, always give another check.
    """
    check, weight = 0, 1
    for digit in digits:
        weight = _times(weight, 2)
        check ^= _times(digit, weight)
    return check


def _times(a: int, b: int) -> int:
    """Multiply in GF(32), modulo x^5 + x^2 + 1."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = (a << 1) ^ (0b100101 if a & 16 else 0)
        b >>= 1
    return product
