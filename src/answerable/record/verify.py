#!/usr/bin/env python3
"""Check a service's public log from outside: one file, any Python from 3.9 on, nothing installed.

    python verify.py https://the.service/log --key KEY     the whole log, from its own server
    python verify.py FOLDER --key KEY                      the same, from a mirrored folder
    python verify.py receipt.json --key KEY                one receipt, or one .tlog-proof, offline

KEY is the log's public key (``name+12345678+base64``), which you should have from somewhere else
than the log itself. The exit code is 0 where everything holds, 1 where something does not, 2 where
it could not be looked at. Nothing is believed that was not computed here: every entry is hashed
again, every tile compared, the root compared with the one that was signed. Read this file: it is
meant to be read. Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles and
tlog-proof; RFC 6962 (the tree), RFC 8032 (Ed25519). Licence: Apache-2.0.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import concurrent.futures
import contextlib
import datetime
import hashlib
import http.client
import json
import os
import re
import socket
import sys
import threading
import time
import urllib.parse
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

WIDTH = 256
HASH = 32
NOTE_BYTES_MAX = 64 * 1024
BUNDLE_BYTES_MAX = WIDTH * (2 + 65535)
FILE_BYTES_MAX = 16 * 1024 * 1024
SIGNATURES_MAX = 64
PATH_HASHES_MAX = 63
AHEAD, THREADS = 64, 8  # bundles asked for at once, and by how many connections
TRIES = 4
TIMEOUT_S = 30
PATIENCE_S = 120
ANSWER_S = 60  # an answer that drips is cut off after so long
EMPTY_ROOT = hashlib.sha256(b"").digest()
PROOF_HEAD = "c2sp.org/tlog-proof@v1"
RECEIPT = "answerable-receipt"
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
FOLLOWS = re.compile(r"follows (\S+) ([0-9]+) ([0-9]+)")
"""The extension line of a log that goes on after another: its origin, what of it was witnessed, and
how many events were left when the record went on."""
LIBRARY: list[Callable[[bytes, bytes, bytes], bool]] = []  # checks signatures where one is at hand
UNFIT = (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError)
"""What reading somebody's JSON raises where a value is of another kind than it should be."""
KEYS_FILE = "keys"
"""Where an Answerable log shows its own public keys; good for a first look only."""


class Failed(Exception):
    """Something does not hold (``exit_code`` 1) or could not be looked at (2), in sentences."""

    def __init__(self, code: str, because: str, instead: str, exit_code: int = 1) -> None:
        begin = "Not verified." if exit_code == 1 else "Not checked."
        super().__init__(f"{begin} {because} {instead}")
        self.code, self.exit_code = code, exit_code


def damaged(place: str, why: str) -> Failed:
    """Return the failure for a file that cannot be read as what it should be."""
    return Failed(
        "damaged", f"{place} is damaged: {why}.", "Get it again from where it came; if it comes "
        "damaged again, keep it and tell whoever keeps the log.",
    )  # fmt: skip


# -- Ed25519 (RFC 8032): verification only -------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]  # (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z


def _added(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _decoded(octets: bytes) -> Point | None:
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def _encoded(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE: Point = _decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))  # type: ignore[assignment]


def ed25519_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether an Ed25519 signature (64 bytes) of a public key (32 bytes) is right."""
    key = _decoded(public) if len(public) == 32 and len(signature) == 64 else None
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    hashed = int.from_bytes(digest, "little") % ORDER
    negated = (P - key[0], key[1], key[2], P - key[3])
    both, result = _added(BASE, negated), (0, 1, 1, 0)
    for bit in range(252, -1, -1):  # scalar * BASE - hashed * key, both at once
        result = _added(result, result)
        chosen = (scalar >> bit & 1, hashed >> bit & 1)
        if any(chosen):
            result = _added(result, {(1, 0): BASE, (0, 1): negated, (1, 1): both}[chosen])
    return _encoded(result) == signature[:32]


# -- keys, notes, checkpoints --------------------------------------------------------------------


def unbase64(text: str) -> bytes:
    """Return what standard base64 stands for; raises ValueError for any other spelling of it."""
    data = base64.b64decode(text.encode("ascii"), validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 that is not the usual spelling")
    return data


class Key(NamedTuple):
    """A public key: whose it is, its four-byte id, 1 for a log's and 4 for a witness's."""

    name: str
    id: bytes
    kind: int
    public: bytes


def key_of(text: str) -> Key:
    """Read a verifier key, ``name+hex id+base64``. Raises Failed (2)."""
    try:
        name, number, packed = text.strip().split("+", 2)
        data = unbase64(packed)
        hashed = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    except ValueError:
        name, number, data, hashed = "", "", b"", b""
    if not name or hashed.hex() != number.lower() or len(data) != 33 or data[0] not in (1, 4):
        raise Failed(
            "bad-key", f"'{text[:80]}' is no public key of a log or a witness, or a slip is in it.",
            "Copy the whole of it, as example.org/log+1a2b3c4d+AbCd...", 2,
        )  # fmt: skip
    return Key(name, hashed, data[0], data[1:])


def keys_of(texts: Sequence[str], kind: int, what: str) -> list[Key]:
    """Read keys, or files of one key a line, all of one kind. Raises Failed (2)."""
    lines: list[str] = []
    for text in texts:
        lines += _file(text).decode("utf-8", "replace").split("\n") if "+" not in text else [text]
    keys = [key_of(line) for line in lines if line.strip() and not line.startswith("#")]
    if any(key.kind != kind for key in keys):
        raise Failed(
            "bad-key", f"A key given with {what} is not of that kind.",
            "Give the log's key with --key and the witness's with --witness.", 2,
        )  # fmt: skip
    return keys


class Checkpoint(NamedTuple):
    """A signed tree head: what was signed (``text``), what it says, and by whom it is signed."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...]
    text: bytes
    signatures: list[tuple[str, bytes, bytes]]
    place: str


def checkpoint_of(data: bytes, place: str) -> Checkpoint:
    """Read a checkpoint; nothing is believed of it before ``signers``. Raises Failed."""
    try:
        note = data.decode("utf-8")
        text, gap, tail = note.rpartition("\n\n")
        if not gap or not tail.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
            raise ValueError("it is no signed note")
        origin, size, root, *extensions = text.split("\n")
        if not origin or not SIZE.fullmatch(size) or "" in extensions:
            raise ValueError("it is no checkpoint")
        hashed, signatures = unbase64(root), [_signature(x) for x in tail[:-1].split("\n")]
        if len(hashed) != HASH or len(signatures) > SIGNATURES_MAX:
            raise ValueError("its root has another length, or it has too many signatures")
    except (ValueError, binascii.Error) as error:
        raise damaged(place, f"as a checkpoint it cannot be read ({error})") from error
    body = (text + "\n").encode()
    return Checkpoint(origin, int(size), hashed, tuple(extensions), body, signatures, place)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    found = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
    data = unbase64(found[2]) if found else b""
    if found is None or len(data) < 5:
        raise ValueError("a signature line is malformed")
    return found[1], data[:4], data[4:]


def signers(checkpoint: Checkpoint, keys: Sequence[Key]) -> dict[Key, int]:
    """Return which keys signed, with the time a witness gave (0: none). Raises Failed."""
    found: dict[Key, int] = {}
    for name, number, data in checkpoint.signatures:
        for key in keys:
            if (key.name, key.id) != (name, number):
                continue
            if key.kind == 1 and name != checkpoint.origin:
                continue  # the key of a log before this one signs nothing for it
            message, at_s = checkpoint.text, 0
            if key.kind == 4:
                at_s, data = int.from_bytes(data[:8], "big"), data[8:]
                message = b"cosignature/v1\ntime %d\n" % at_s + message
            holds = (LIBRARY or [ed25519_holds])[0]
            if at_s >= 1 << 63 or not holds(key.public, message, data):
                raise Failed(
                    "bad-signature", f"{checkpoint.place} has a signature of {name} that is wrong: "
                    "what it says is not what was signed.",
                    "Do not believe it; get it again, and keep this one as it is.",
                )  # fmt: skip
            found[key] = at_s
    return found


def believed(checkpoint: Checkpoint, keys: Sequence[Key], witnesses: Sequence[Key] = ()) -> None:
    """Check whose log a checkpoint is of, its signature and its witnesses. Raises Failed."""
    place, origin = checkpoint.place, checkpoint.origin
    if origin not in [key.name for key in keys]:
        wanted = " or ".join(sorted({key.name for key in keys}))
        later = any(re.fullmatch(re.escape(key.name) + r"/[0-9]+", origin) for key in keys)
        raise Failed(
            "other-log", f"{place} is of the log {origin}, and the key you gave is of {wanted}.",
            "That record went on as a new log after an older copy was restored: ask the service "
            "for the new key, and why." if later else "Give the key of that log, or ask for the "
            "proof from the right one.",
        )  # fmt: skip
    found = signers(checkpoint, [*keys, *witnesses])
    if not any(key in found for key in keys):
        who = ", ".join(f"{name}+{number.hex()}" for name, number, _ in checkpoint.signatures)
        raise Failed(
            "unknown-key", f"{place} is signed by {who}: none of these is a key you gave.",
            "If the service changed its key, get the new one from where you had the old one.",
        )  # fmt: skip
    if lacking := [key.name for key in witnesses if key not in found]:
        raise Failed(
            "not-witnessed", f"{place} has no signature of the witness {', '.join(lacking)}.",
            "Look again in a minute; if it stays so, ask the witness what it last saw.",
        )  # fmt: skip


# -- the tree (RFC 6962) -------------------------------------------------------------------------


def leaf_of(entry: bytes) -> bytes:
    """Return the leaf hash of an entry."""
    return hashlib.sha256(b"\0" + entry).digest()


def subtree(nodes: list[bytes]) -> bytes:
    """Return the root over nodes of one level, the last of which may be an incomplete subtree."""
    sha256 = hashlib.sha256
    while len(nodes) > 1:
        odd = nodes[-1:] if len(nodes) & 1 else []
        pairs = range(0, len(nodes) - 1, 2)
        nodes = [sha256(b"\1" + nodes[at] + nodes[at + 1]).digest() for at in pairs] + odd
    return nodes[0]


def included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Say whether a path proves a leaf at an index of a tree (RFC 9162, 2.1.3.2)."""
    at, last, here = index, size - 1, leaf
    for other in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            here = hashlib.sha256(b"\1" + other + here).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            here = hashlib.sha256(b"\1" + here + other).digest()
        at, last = at >> 1, last >> 1
    return index < size and last == 0 and here == root


# -- openings, proofs, receipts ------------------------------------------------------------------


class Proof(NamedTuple):
    """A .tlog-proof: that an entry stands at an index of a signed tree."""

    at: int
    path: list[bytes]
    extra: bytes
    checkpoint: Checkpoint


def proof_of(data: bytes, place: str) -> Proof:
    """Read a .tlog-proof. Raises Failed."""
    head, _, note = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        extra = unbase64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else b""
        index = lines.pop(0) if lines else ""
        if first != PROOF_HEAD or not re.fullmatch(f"index ({SIZE.pattern})", index):
            raise ValueError("it does not begin as one")
        path = [unbase64(line) for line in lines]
        if len(path) > PATH_HASHES_MAX or any(len(one) != HASH for one in path):
            raise ValueError("its hashes are not those of a path")
    except (ValueError, binascii.Error) as error:
        raise damaged(place, f"as a .tlog-proof it cannot be read ({error})") from error
    return Proof(int(index[6:]), path, extra, checkpoint_of(note, f"the checkpoint in {place}"))


class Opening(NamedTuple):
    """What was handed over of one event: its salt and text, the back's hash, the proof."""

    position: int
    salt: bytes
    text: str
    back: bytes
    proof: bytes
    place: str

    @property
    def commitment(self) -> bytes:
        """The first half of the entry that this opening opens."""
        return hashlib.sha256(self.salt + self.text.encode()).digest()


def openings_of(data: bytes, place: str) -> list[Opening]:
    """Read a receipt, or a list of openings, or one of them. Raises Failed."""
    try:
        told = json.loads(data)
        if isinstance(told, dict) and "openings" in told:
            if told.get("format") != RECEIPT or told.get("version") != 1:
                raise ValueError("its format is not answerable-receipt, version 1")
            told = told["openings"]
        found = [_opening(one, place) for one in (told if isinstance(told, list) else [told])]
        if not found:
            raise ValueError("it opens nothing")
    except UNFIT as error:
        raise damaged(place, f"as a receipt it cannot be read ({error})") from error
    return found


def _opening(told: dict[str, Any], place: str) -> Opening:
    position, text = told["position"], told["opening"]
    salt, back = unbase64(told["salt"]), unbase64(told.get("back", ""))
    if type(position) is not int or type(text) is not str or len(back) not in (0, HASH):
        raise ValueError("an opening has a field of a wrong kind")
    text.encode()  # half a character of two has no bytes: a ValueError
    header = json.loads(text.partition("\n")[0])
    if header[0] != position or len(salt) != 16:
        raise ValueError(f"the opening of position {position} is not of that position")
    proof = told.get("proof", "").encode()
    return Opening(position, salt, text, back, proof, f"{place}, position {position}")


def closed_of(data: bytes, place: str) -> list[tuple[int, Proof, str]]:
    """Return the closed events of a receipt: proved to be there, and not opened. Raises Failed."""
    try:
        told = json.loads(data)
        rows = told.get("closed", []) if isinstance(told, dict) else []
        found = [(int(one["position"]), one["proof"].encode()) for one in rows]
    except UNFIT as error:
        raise damaged(place, f"its closed events cannot be read ({error})") from error
    named = [(at, proof, f"{place}, closed position {at}") for at, proof in found]
    return [(at, proof_of(proof, where), where) for at, proof, where in named]


def check_opening(opening: Opening, entry: bytes) -> None:
    """Check that an opening is what an entry of the log was made of. Raises Failed."""
    if entry != opening.commitment + (opening.back or entry[HASH:]):
        raise Failed(
            "opening-differs", f"What {opening.place} says is not what was recorded: the log's "
            f"entry {opening.position - 1} commits to something else.",
            "Do not believe this text; ask the service for the opening again.",
        )  # fmt: skip


def check_proof(proof: Proof, openings: Sequence[Opening], place: str) -> None:
    """Check that a proof proves its entry, and the openings it. Raises Failed."""
    entry, checkpoint = proof.extra, proof.checkpoint
    mine = [one for one in openings if one.position == proof.at + 1]
    if not mine and openings:
        raise Failed(
            "other-entry", f"{place} is about position {proof.at + 1}, and nothing you gave "
            "opens that one.", "Give the opening that belongs to it.",
        )  # fmt: skip
    if not entry and mine and mine[0].back:
        entry = mine[0].commitment + mine[0].back
    if not entry:
        raise Failed("no-entry", f"{place} does not hold the entry that it is about.",
                     "Give the receipt it came with: --opening receipt.json.", 2)  # fmt: skip
    for opening in mine:
        check_opening(opening, entry)
    if not included(leaf_of(entry), proof.at, checkpoint.size, proof.path, checkpoint.root):
        raise Failed(
            "not-included", f"{place} does not lead from entry {proof.at} to the root that was "
            f"signed for {checkpoint.size} entries.",
            "The event is not proved to be in the record. Ask for the proof again, and keep this.",
        )  # fmt: skip


# -- where a log is read from --------------------------------------------------------------------


def _file(path: str, most: int = FILE_BYTES_MAX) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Failed(
            "not-there", f"{path} cannot be read ({error.strerror}).",
            "Give the address of a log, its folder, or a proof file.", 2,
        ) from error  # fmt: skip
    if len(data) > most:
        raise damaged(path, f"it is longer than {most} bytes")
    return data


class Busy(Exception):
    """A site asks to be left alone for ``wait_s``: it gives so much at a time to one address."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class Folder:
    """A log in a folder, laid out as its addresses are: a mirror, or the memory of this program."""

    def __init__(self, place: str) -> None:
        self.place = place

    def get(self, path: str, most: int) -> bytes | None:
        """Return a file, None where there is none. Raises Failed."""
        whole = os.path.join(self.place, *path.split("/"))
        return _file(whole, most) if os.path.isfile(whole) else None

    def put(self, path: str, data: bytes) -> None:
        """Keep a file, whole or not at all."""
        whole = os.path.join(self.place, *path.split("/"))
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole + ".new", "wb") as file:
            file.write(data)
        os.replace(whole + ".new", whole)


class Site:
    """A log at an address, over a few connections that stay open."""

    def __init__(self, url: str) -> None:
        self.place = re.sub(r"(/checkpoint)?/*$", "", url)
        try:
            self._parts = urllib.parse.urlsplit(self.place)
        except ValueError as error:
            raise Failed("not-there", f"'{url[:80]}' is no address ({error}).",
                         "Give it as https://the.service/log", 2) from error  # fmt: skip
        self._own = threading.local()

    def get(self, path: str, most: int) -> bytes | None:
        """Return what lies at a path, None where there is nothing. Raises Failed."""
        why, failures, waited_s = "", 0, 0.0
        while failures < TRIES and waited_s < PATIENCE_S:
            try:
                return self._ask(path, most)
            except Busy as busy:
                pause_s, why = busy.wait_s, "it has too much to do"
                waited_s += pause_s
            except (OSError, ValueError, zlib.error, http.client.HTTPException) as error:
                self._own.connection, why = None, str(error) or type(error).__name__
                pause_s, failures = 0.25 * 4**failures, failures + 1
            time.sleep(pause_s if failures < TRIES else 0)
        raise Failed(
            "unreachable", f"{self.place}/{path} did not answer ({why}).",
            "Try again later, with --cache FOLDER to go on where this ended.", 2,
        )  # fmt: skip

    def _connection(self) -> http.client.HTTPConnection:
        kept: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if kept is None:
            https = self._parts.scheme == "https"
            make = http.client.HTTPSConnection if https else http.client.HTTPConnection
            kept = self._own.connection = make(self._parts.netloc, timeout=TIMEOUT_S)
        return kept

    def _ask(self, path: str, most: int) -> bytes | None:
        connection = self._connection()
        cut = threading.Event()
        late = threading.Timer(ANSWER_S, _cut_off, (connection, cut))
        late.daemon = True
        late.start()
        try:
            data = self._answer(connection, path, most)
            if cut.is_set():
                raise TimeoutError(f"it was not through after {ANSWER_S} s")
            return data
        except BaseException:
            connection.close()
            raise
        finally:
            late.cancel()

    def _answer(self, connection: http.client.HTTPConnection, path: str, most: int) -> bytes | None:
        headers = {"Accept-Encoding": "gzip, identity", "User-Agent": "answerable-verify"}
        connection.request("GET", f"{self._parts.path}/{path}", headers=headers)
        answer = connection.getresponse()
        packed = answer.headers.get("Content-Encoding", "") == "gzip"
        wanted = most + (1024 if packed else 1)
        data = answer.read(wanted)
        if answer.length and len(data) < wanted:
            raise ConnectionError(f"it broke off {answer.length} bytes before its end")
        if not answer.isclosed():
            connection.close()  # more would come, and the next answer behind it
        if answer.status in (404, 410):
            return None
        if answer.status in (429, 503):
            asked = answer.headers.get("Retry-After", "")
            raise Busy(min(int(asked), 10) if asked.isdecimal() and len(asked) < 6 else 1)
        if answer.status != 200:
            raise ConnectionError(f"it answered {answer.status} {answer.reason}")
        if packed:
            data = zlib.decompressobj(31).decompress(data, most + 1)
        if len(data) > most:
            raise damaged(f"{self.place}/{path}", f"it is longer than {most} bytes")
        return data


def _cut_off(connection: http.client.HTTPConnection, cut: threading.Event) -> None:
    """End a connection that another thread waits for: its next byte never comes."""
    cut.set()
    with contextlib.suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def path_of(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile, or of a bundle of entries (level ``entries``)."""
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(parts)}" + (f".p/{width}" if width < WIDTH else "")


def _cut(data: bytes, level: int | str, width: int) -> bytes:
    """Return the beginning of a full tile or bundle, as long as the partial one that is gone."""
    if level != "entries":
        return data[: width * HASH]
    end = 0
    for _ in range(width):
        end += 2 + int.from_bytes(data[end : end + 2], "big")
    return data[:end]


def entries_in(data: bytes, width: int, path: str) -> list[bytes]:
    """Return the entries of a bundle, each with its length before it. Raises Failed."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < width and at + 2 <= len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) < width or at != len(data):
        raise damaged(path, f"it does not hold {width} whole entries")
    return entries


class Log:
    """A whole log, read from its first entry to its last and computed again."""

    def __init__(self, source: Folder | Site, cache: Folder | None = None) -> None:
        self.source, self.cache = source, cache
        self.size = 0
        self.levels: list[list[bytes]] = []
        self.tails: dict[int, list[bytes]] = {}

    def _take(self, level: int | str, index: int, width: int, fresh: bool) -> bytes:
        """Return a tile or a bundle; where only the full one is left, that. Raises Failed."""
        most = BUNDLE_BYTES_MAX if level == "entries" else WIDTH * HASH
        places: list[Folder | Site] = [self.source]
        if self.cache and not fresh:
            places.insert(0, self.cache)
        for place in places:
            for wide in sorted({width, WIDTH}):
                data = place.get(path_of(level, index, wide), most)
                if data is not None:
                    return data if wide == width else _cut(data, level, width)
        raise Failed(
            "missing", f"{self.source.place} does not have {path_of(level, index, width)}, which "
            "its checkpoint needs.", "Ask for it again; a log that keeps lacking it hides a part.",
        )  # fmt: skip

    def _leaves(self, index: int, width: int, found: tuple[bytes, bytes]) -> list[bytes]:
        """Return the leaves of a bundle that agree with their tile. Raises Failed."""
        entries, tile = found
        path = path_of("entries", index, width)
        leaves = [leaf_of(entry) for entry in entries_in(entries, width, path)]
        if b"".join(leaves) == tile:
            return leaves
        for at, leaf in enumerate(leaves):
            if tile[at * HASH : at * HASH + HASH] != leaf:
                where = f"entry {index * WIDTH + at} (number {at} of {path})"
                raise Failed(
                    "entry-differs", f"In {self.source.place}, {where} does not give the hash that "
                    f"{path_of(0, index, width)} has for it{self._blame(index, width, leaves)}.",
                    "What stands there is not what was recorded. Keep a copy, and tell others.",
                )  # fmt: skip
        raise damaged(path_of(0, index, width), f"it does not hold {width} hashes")

    def _blame(self, index: int, width: int, leaves: list[bytes]) -> str:
        """Say which of an entry and its hash was altered, where the next level can tell."""
        if width < WIDTH:
            return ""
        with contextlib.suppress(Failed):
            wide = min(WIDTH, self.size // WIDTH - index // WIDTH * WIDTH)
            above = path_of(1, index // WIDTH, wide)
            tile = self.source.get(above, WIDTH * HASH) or b""
            told = tile[index % WIDTH * HASH :][:HASH]
            if told:
                which = "the hash" if told == subtree(leaves) else "the entry"
                return f" ({above} shows that {which} was altered)"
        return ""

    def _bundle(self, index: int, size: int, fresh: bool = False) -> tuple[bytes, bytes]:
        width = min(WIDTH, size - index * WIDTH)
        return self._take("entries", index, width, fresh), self._take(0, index, width, fresh)

    def _bundles(self, size: int) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
        """Yield every bundle with its tile, in order, a few of them fetched ahead."""
        count = -(-size // WIDTH)
        if isinstance(self.source, Folder):
            yield from ((index, self._bundle(index, size)) for index in range(count))
            return
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            for begin in range(0, count, AHEAD):
                some = range(begin, min(begin + AHEAD, count))
                found = list(pool.map(lambda index: self._bundle(index, size), some))
                yield from ((begin + at, one) for at, one in enumerate(found))

    def _keep(self, level: int | str, index: int, width: int, data: bytes) -> None:
        path = path_of(level, index, width)
        if self.cache and self.cache.get(path, BUNDLE_BYTES_MAX) != data:
            self.cache.put(path, data)

    def read(self, size: int, cuts: Sequence[int], opened: Sequence[Opening],
             progress: Callable[[int, int], None]) -> None:  # fmt: skip
        """Read and compute everything up to a size; ``cuts`` are sizes whose roots are wanted."""
        self.size, full = size, []
        wanted: dict[int, list[Opening]] = {}
        for opening in opened:
            wanted.setdefault((opening.position - 1) // WIDTH, []).append(opening)
        for index, found in self._bundles(size):
            width = min(WIDTH, size - index * WIDTH)
            try:
                leaves = self._leaves(index, width, found)
            except Failed:  # what was kept may have been damaged here: ask the log itself, once
                if self.cache is None:
                    raise
                found = self._bundle(index, size, fresh=True)
                leaves = self._leaves(index, width, found)
            self._keep("entries", index, width, found[0])
            self._keep(0, index, width, found[1])
            for opening in wanted.get(index, ()):
                entries = entries_in(found[0], width, "")
                if opening.position - 1 - index * WIDTH < width:
                    check_opening(opening, entries[opening.position - 1 - index * WIDTH])
            for cut in cuts:
                if cut // WIDTH == index:
                    self.tails[cut] = leaves[: cut % WIDTH]
            if width == WIDTH:
                full.append(subtree(leaves))
            progress(min(size, (index + 1) * WIDTH), size)
        self._climb(full)

    def _climb(self, level: list[bytes]) -> None:
        """Compute the levels above the leaves, and compare the tiles of each. Raises Failed."""
        while level:
            self.levels.append(level)
            for index in range(-(-len(level) // WIDTH)):
                mine = level[index * WIDTH : (index + 1) * WIDTH]
                theirs = self._take(len(self.levels), index, len(mine), fresh=True)
                if theirs != b"".join(mine):
                    path = path_of(len(self.levels), index, len(mine))
                    raise Failed(
                        "tile-differs", f"In {self.source.place}, {path} is not what the entries "
                        "below it give.", "The tile was altered or damaged: get it again.",
                    )  # fmt: skip
                self._keep(len(self.levels), index, len(mine), theirs)
            groups = range(0, len(level) // WIDTH * WIDTH, WIDTH)
            level = [subtree(level[at : at + WIDTH]) for at in groups]

    def root_at(self, size: int) -> bytes:
        """Return the root at a size that was read with ``cuts``."""
        nodes, below = self.tails.get(size, []), size // WIDTH
        right = [subtree(nodes)] if nodes else []
        for level in self.levels:
            nodes = level[below // WIDTH * WIDTH : below] + right
            right = [subtree(nodes)] if nodes else []
            below //= WIDTH
        return right[0] if right else EMPTY_ROOT


# -- what is asked -------------------------------------------------------------------------------


def _older(texts: Sequence[str], keys: Sequence[Key], cache: Folder | None) -> list[Checkpoint]:
    """Return the older checkpoints to compare with: those given, and the remembered one."""
    given = [checkpoint_of(_file(text, NOTE_BYTES_MAX), text) for text in texts]
    for one in given:
        believed(one, keys)
    kept = cache.get("checkpoint", NOTE_BYTES_MAX) if cache else None
    if cache and kept is not None:
        given.append(checkpoint_of(kept, os.path.join(cache.place, "checkpoint")))
        signers(given[-1], keys)  # it was believed once; a key of then may be lacking now
    return given


def _not_back(older: Checkpoint, now: Checkpoint) -> None:
    if older.origin != now.origin:
        raise Failed("other-log", f"{older.place} is of the log {older.origin}, and this is "
                     f"{now.origin}.", "Give a checkpoint, or a cache, of this log.")  # fmt: skip
    if older.size > now.size:
        raise Failed(
            "went-back", f"The log goes back: it shows {now.size} entries now, and {older.place} "
            f"has {older.size}, signed. Entries {now.size} to {older.size - 1} are withheld.",
            "Keep both checkpoints: together they prove it. Tell the service, and others.",
        )  # fmt: skip


def check_log(source: Folder | Site, args: argparse.Namespace,
              progress: Callable[[int, int], None]) -> dict[str, Any]:  # fmt: skip
    """Check a whole log; returns what was found. Raises Failed."""
    cache = Folder(args.cache) if args.cache else None
    data = source.get("checkpoint", NOTE_BYTES_MAX)
    if data is None and isinstance(source, Site):  # the service's own address was given
        source = Site(source.place + "/log")
        data = source.get("checkpoint", NOTE_BYTES_MAX)
    if data is None:
        raise Failed("not-there", f"{source.place} has no checkpoint: no log is there.",
                     "Give the address or the folder that holds 'checkpoint'.", 2)  # fmt: skip
    now = checkpoint_of(data, f"{source.place}/checkpoint")
    keys = keys_of(args.key, 1, "--key") or _shown(source)
    witnesses = keys_of(args.witness, 4, "--witness")
    believed(now, keys, witnesses)
    older = _older(args.since, keys, cache)
    for one in older:
        _not_back(one, now)
    opened = [one for path in args.opening for one in openings_of(_file(path), path)]
    for opening in opened:
        if not 0 < opening.position <= now.size:
            raise Failed("not-included", f"{opening.place} is not in the log, which has {now.size} "
                         "entries.", "Look again in a minute, or ask the service.")  # fmt: skip
    log = Log(source, cache)
    log.read(now.size, [now.size, *(one.size for one in older)], opened, progress)
    if log.root_at(now.size) != now.root:
        raise Failed("root-differs", f"All entries of {source.place} together do not give the root "
                     "that was signed.", "The log shows other entries than it signed for: keep "
                     "the checkpoint, and tell others.")  # fmt: skip
    for one in older:
        if log.root_at(one.size) != one.root:
            raise Failed("history-differs", f"The first {one.size} entries are not those that "
                         f"{one.place} was signed for: history was changed.",
                         "Keep both checkpoints: together they prove it. Tell others.")  # fmt: skip
    if cache:
        cache.put("checkpoint", data)
    told = _told(now, keys, witnesses, opened)
    told["older"] = [{"place": one.place, "size": one.size} for one in older]
    return {**told, "key_given": bool(args.key), "entries": now.size}


def _shown(source: Folder | Site) -> list[Key]:
    """Return the keys that a log shows of itself. Raises Failed where it shows none."""
    data = source.get(KEYS_FILE, NOTE_BYTES_MAX)
    lines = (data or b"").decode("utf-8", "replace").split("\n")
    keys = [key_of(line) for line in lines if line.strip() and not line.startswith("#")]
    if keys := [key for key in keys if key.kind == 1]:
        return keys
    raise Failed("no-key", "Without a key nobody knows whose log this is.",
                 "Give it with --key; the service publishes it.", 2)  # fmt: skip


def check_file(path: str, args: argparse.Namespace) -> dict[str, Any]:
    """Check a proof or a receipt; returns what was found. Raises Failed."""
    keys, witnesses = keys_of(args.key, 1, "--key"), keys_of(args.witness, 4, "--witness")
    data = _file(path)
    if not keys or args.since:
        what = "A proof is compared with no older checkpoint." if keys else "No key was given."
        raise Failed("no-key", what, "Check a proof with --key alone; --since is for logs.", 2)
    if data.lstrip()[:1] in (b"{", b"["):
        mine = openings_of(data, path)
        if lacking := [one.place for one in mine if not one.proof]:
            raise damaged(lacking[0], "it has no proof")
        proofs = [(proof_of(one.proof, one.place), one.place, [one]) for one in mine]
        for position, proof, place in closed_of(data, path):
            if proof.at + 1 != position:
                raise damaged(place, f"its proof is about position {proof.at + 1}")
            proofs.append((proof, place, []))
    else:
        given = [one for name in args.opening for one in openings_of(_file(name), name)]
        proofs = [(proof_of(data, path), path, given)]
    for proof, place, openings in proofs:
        believed(proof.checkpoint, keys, witnesses)
        check_proof(proof, openings, place)
    opened = [
        one for proof, _, openings in proofs for one in openings if one.position == proof.at + 1
    ]
    newest = max((proof.checkpoint for proof, _, _ in proofs), key=lambda one: one.size)
    told = _told(newest, keys, witnesses, opened)
    return {**told, "key_given": True, "proved": [proof.at + 1 for proof, _, _ in proofs]}


def _told(now: Checkpoint, keys: Sequence[Key], witnesses: Sequence[Key],
          opened: Sequence[Opening]) -> dict[str, Any]:  # fmt: skip
    found = signers(now, [*keys, *witnesses])
    follows = [match for line in now.extensions if (match := FOLLOWS.fullmatch(line))]
    return {
        "verified": True, "origin": now.origin, "size": now.size,
        "root": base64.b64encode(now.root).decode(),
        "signed_by": [f"{key.name}+{key.id.hex()}" for key in found if key.kind == 1],
        "witnessed": [{"name": key.name, "at": _utc(at_s)} for key, at_s in found.items() if at_s],
        "opened": [{"position": one.position, "opening": one.text} for one in opened],
        "follows": [dict(zip(("origin", "witnessed", "kept"), one.groups())) for one in follows],  # noqa: B905 - Python 3.9
    }  # fmt: skip


def _utc(at_s: int) -> str:
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return datetime.datetime.fromtimestamp(at_s, datetime.timezone.utc).isoformat()  # noqa: UP017 - Python 3.9
    return f"{at_s} s"


def report(told: dict[str, Any]) -> str:
    """Return what was found in lines for a person."""
    lines = [f"Verified: {told['origin']}, {told['size']} entries, root {told['root']}."]
    lines.append(f"Signed by {', '.join(told['signed_by'])}.")
    if not told["key_given"]:
        lines.append("This key is the one the log shows of itself: compare it with one you have "
                     "from elsewhere, and give it with --key.")  # fmt: skip
    lines += [f"Witnessed by {one['name']} at {one['at']}." for one in told["witnessed"]]
    if "entries" in told:
        lines.append("Every entry gives its leaf, every tile its nodes, all of them the root.")
    lines += [f"It goes on from {one['place']} ({one['size']} entries): all of that stands as it "
              "was." for one in told.get("older", ())]  # fmt: skip
    lines += [f"It follows the log {one['origin']}, of which {one['witnessed']} entries were "
              f"witnessed and {one['kept']} were left: an older copy was restored. Ask the service "
              "why." for one in told["follows"]]  # fmt: skip
    if "proved" in told:
        lines.append(f"In the record: position {', '.join(map(str, told['proved']))}.")
    lines += [f"Recorded at position {one['position']}, word for word:\n  "
              + one["opening"].replace("\n", "\n  ") for one in told["opened"]]  # fmt: skip
    return "\n".join(lines)


def _progress(args: argparse.Namespace) -> Callable[[int, int], None]:
    shown_s = [0.0]

    def show(done: int, of: int) -> None:
        if time.monotonic() - shown_s[0] > 0.2 or done == of:
            shown_s[0] = time.monotonic()
            end = "\n" if done == of else ""
            print(f"\r{done:,} of {of:,} entries", end=end, file=sys.stderr, flush=True)

    return show if sys.stderr.isatty() and not args.json else lambda done, of: None


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Check a service's public log, a mirror of it, or a proof.",
        epilog="Exit codes: 0 everything holds, 1 something does not, 2 it could not be looked at.",
    )  # fmt: skip
    parser.add_argument("what", metavar="URL|DIR|PROOF")
    for name, hole, says in (
        ("--key", "KEY", "the log's public key, or a file of them; repeat after a change of keys"),
        ("--witness", "KEY", "a witness whose signature must be there; repeat for more"),
        ("--opening", "FILE", "a receipt, or openings, to find in the log or in the proof"),
        ("--since", "FILE", "an older checkpoint that the log must go on from"),
    ):
        parser.add_argument(name, metavar=hole, action="append", default=[], help=says)
    parser.add_argument("--cache", metavar="FOLDER", help="keep what was read, and go on from it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Check what the command line names; prints what was found and returns the exit code."""
    args = arguments().parse_args(words)
    begun_s = time.monotonic()
    try:
        if re.match(r"https?://", args.what):
            told = check_log(Site(args.what), args, _progress(args))
        elif os.path.isdir(args.what):
            told = check_log(Folder(args.what), args, _progress(args))
        else:
            told = check_file(args.what, args)
        text, code = report(told), 0
    except Failed as failure:
        text, code = str(failure), failure.exit_code
        told = {"verified": False, "code": failure.code, "text": text}
    except KeyboardInterrupt:
        text, code = "Not checked. It was stopped. Go on with --cache FOLDER, if you had one.", 2
        told = {"verified": False, "code": "stopped", "text": text}
    except OSError as error:
        text, code = f"Not checked. A file cannot be written ({error}). Make room, or leave.", 2
        told = {"verified": False, "code": "not-written", "text": text}
    told["seconds"] = round(time.monotonic() - begun_s, 2)
    shown = json.dumps(told) if args.json else text
    safe = "".join(one if one.isprintable() or one == "\n" else "?" for one in shown)
    print(safe, file=sys.stdout if args.json or code == 0 else sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
