"""The outsider's verifier: what holds is verified, everything else is named for what it is."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import random
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from answerable.record import tree
from answerable.record.log.levels import Levels
from answerable.record.log.notes import Cosigner, Note, Signer, parse
from answerable.record.log.proofs import View
from answerable.record.verify import ORDER, ed25519_holds, key_of, main
from benchmarks.verify import ORIGIN, SIGNER, lay
from tests.record.verified import KEY, verified

WITNESS = Cosigner("witness.example/w1", bytes(range(1, 33)))


def flip(path: Path, at: int = 0, bit: int = 1) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= bit
    path.write_bytes(data)


# -- Ed25519 -------------------------------------------------------------------------------------

RFC_8032 = [  # section 7.1: public key, message, signature
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
     "6bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6"
     "594a7c15e9716ed28dc027beceea1ec40a"),
    ("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     hashlib.sha512(b"abc").hexdigest(),
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0"
     "303dca179c138ac17ad9bef1177331a704"),
]  # fmt: skip


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_vectors_of_rfc_8032_hold_and_no_changed_one_does(public, message, signature):
    key, text, signed = map(bytes.fromhex, (public, message, signature))
    assert ed25519_holds(key, text, signed)
    assert not ed25519_holds(key, text + b"x", signed)
    for at in (0, 31, 32, 63):
        changed = bytearray(signed)
        changed[at] ^= 1
        assert not ed25519_holds(key, text, bytes(changed))
    assert not ed25519_holds(bytes(32), text, signed)


def test_signatures_of_another_library_hold_and_their_malleable_twins_do_not():
    chance = random.Random(8032)
    for _ in range(20):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public, text = (
            private.public_key().public_bytes_raw(),
            chance.randbytes(chance.randrange(99)),
        )
        signed = private.sign(text)
        assert ed25519_holds(public, text, signed)
        scalar = int.from_bytes(signed[32:], "little") + ORDER
        assert not ed25519_holds(public, text, signed[:32] + scalar.to_bytes(32, "little"))
        flipped = bytearray(signed)
        flipped[chance.randrange(64)] ^= 1 << chance.randrange(8)
        assert not ed25519_holds(public, text, bytes(flipped))


def test_a_point_that_is_none_or_spelt_otherwise_is_refused():
    for octets in (
        b"\xff" * 32,
        (2).to_bytes(32, "little"),
        b"\1" + bytes(30) + b"\x80",
        b"",
        b"x",
    ):
        assert not ed25519_holds(octets, b"", bytes(64))


# -- whole logs ----------------------------------------------------------------------------------


def roots_of(events: int) -> bytes:
    """Return the root of the made-up log, by the code of the record itself."""
    stream = hashlib.shake_256(b"verify").digest(64 * events)
    leaves = [hashlib.sha256(b"\0" + stream[at : at + 64]).digest()
              for at in range(0, len(stream), 64)]  # fmt: skip
    return tree.root(tree.frontier_of(leaves))


@pytest.mark.parametrize("events", [0, 1, 2, 3, 255, 256, 257, 511, 512, 600, 65536, 65537, 66000])
def test_a_log_of_any_size_is_verified_to_the_root_the_record_has(tmp_path, capsys, events):
    lay(tmp_path, events)
    code, told = verified(capsys, tmp_path, "--key", KEY)
    assert (code, told["verified"], told["entries"]) == (0, True, events)
    assert base64.b64decode(told["root"]) == roots_of(events)
    assert told["signed_by"] == [f"{ORIGIN}+{SIGNER.verifier.key_id.hex()}"]


@pytest.fixture
def log(tmp_path) -> Path:
    """A log of 1000 entries in a folder."""
    lay(tmp_path / "log", 1000)
    return tmp_path / "log"


DAMAGE = [  # the file, the byte, the code, what the words must name
    ("tile/entries/001", 2 + 66 * 5, "entry-differs", ["entry 261 (number 5 of tile/entries/001)",
                                                       "that the entry was altered"]),
    ("tile/entries/003.p/232", 70, "entry-differs", ["entry 769", "tile/0/003.p/232"]),
    ("tile/0/002", 32 * 7 + 3, "entry-differs", ["entry 519", "that the hash was altered"]),
    ("tile/1/000.p/3", 40, "tile-differs", ["tile/1/000.p/3"]),
    ("checkpoint", len(ORIGIN) + 2, "bad-signature", ["/checkpoint has a signature", ORIGIN]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "at", "code", "words"), DAMAGE, ids=lambda one: str(one)[:24])
def test_one_changed_bit_is_named_where_it_is(log, capsys, path, at, code, words):
    flip(log / path, at)
    exit_code, told = verified(capsys, log, "--key", KEY)
    assert (exit_code, told["verified"], told["code"]) == (1, False, code)
    assert all(word in told["text"] for word in words), told["text"]
    assert told["text"].startswith("Not verified. ")


def test_any_changed_byte_of_any_file_is_found(log, capsys):
    chance = random.Random(4)
    files = sorted(path for path in log.rglob("*") if path.is_file())
    for _ in range(150):
        path = chance.choice(files)
        before = path.read_bytes()
        at = chance.randrange(len(before))
        change = chance.choice([
            before[:at] + bytes([before[at] ^ 1 << chance.randrange(8)]) + before[at + 1 :],
            before[:at], before + b"\0", before[:at] + before[at + 1 :], b"",
        ])  # fmt: skip
        path.write_bytes(change)
        code, told = verified(capsys, log, "--key", KEY)
        assert code == 1, (path, told)
        path.write_bytes(before)
    assert verified(capsys, log, "--key", KEY)[0] == 0


def test_a_missing_part_is_named(log, capsys):
    (log / "tile/0/001").unlink()
    code, told = verified(capsys, log, "--key", KEY)
    assert (code, told["code"]) == (1, "missing")
    assert "does not have tile/0/001" in told["text"]


def sign(log: Path, size: int, root: bytes, signer: Signer = SIGNER, *more: str) -> bytes:
    text = "\n".join([signer.verifier.name, str(size), base64.b64encode(root).decode(), *more, ""])
    note = signer.sign(text.encode())
    (log / "checkpoint").write_bytes(note)
    return note


def test_a_root_that_was_signed_over_other_entries_is_found(log, capsys):
    sign(log, 1000, roots_of(999))
    code, told = verified(capsys, log, "--key", KEY)
    assert (code, told["code"]) == (1, "root-differs")


def test_an_unknown_key_and_another_log_are_two_things(log, capsys):
    stranger = Signer(ORIGIN, bytes(32))
    code, told = verified(capsys, log, "--key", stranger.verifier.vkey)
    assert (code, told["code"]) == (1, "unknown-key")
    assert SIGNER.verifier.key_id.hex() in told["text"]
    other = Signer("other.example/log", bytes(32))
    code, told = verified(capsys, log, "--key", other.verifier.vkey)
    assert (code, told["code"]) == (1, "other-log")
    assert f"of the log {ORIGIN}" in told["text"]
    assert "of other.example/log" in told["text"]


def test_after_a_change_of_keys_either_key_is_enough(log, capsys):
    newer = Signer(ORIGIN, bytes(32))
    sign(log, 1000, roots_of(1000), newer)
    keys = log.parent / "keys.txt"
    keys.write_text(f"# the keys of the log\n{KEY}\n{newer.verifier.vkey}\n")
    assert verified(capsys, log, "--key", keys)[0] == 0
    assert verified(capsys, log, "--key", KEY)[1]["code"] == "unknown-key"


def test_a_log_that_goes_on_under_another_name_is_another_log_and_says_why(log, capsys):
    second = Signer(f"{ORIGIN}/2", bytes(32))
    sign(log, 1000, roots_of(1000), second, f"follows {ORIGIN} 1200 990")
    code, told = verified(capsys, log, "--key", KEY)
    assert (code, told["code"]) == (1, "other-log")
    assert "went on as a new log after an older copy was restored" in told["text"]
    assert main([str(log), "--key", second.verifier.vkey]) == 0
    assert f"follows the log {ORIGIN}, of which 1200 entries were witnessed and 990 were left" in (
        capsys.readouterr().out
    )


def test_a_key_of_the_log_before_signs_nothing_for_the_one_that_goes_on(log, capsys):
    later = Signer(f"{ORIGIN}/2", bytes(range(3, 35)))
    keys = ("--key", KEY, "--key", later.verifier.vkey)
    text = f"{ORIGIN}/2\n1000\n{base64.b64encode(roots_of(1000)).decode()}\n".encode()
    (log / "checkpoint").write_bytes(Note(text, (SIGNER.signature(text),)).packed)
    assert verified(capsys, log, *keys)[1]["code"] == "unknown-key"
    signatures = (SIGNER.signature(text), later.signature(text))
    (log / "checkpoint").write_bytes(Note(text, signatures).packed)
    code, told = verified(capsys, log, *keys)
    assert (code, told.get("signed_by")) == (0, [f"{ORIGIN}/2+{later.verifier.key_id.hex()}"])


@pytest.mark.parametrize("at_s", [(1 << 63) - 1, 1 << 63])
def test_a_cosignature_from_after_the_end_of_time_counts_for_nothing(log, capsys, at_s):
    note = parse((log / "checkpoint").read_bytes())
    signature = WITNESS.cosignature(note.text, at_s)
    (log / "checkpoint").write_bytes(Note(note.text, (*note.signatures, signature)).packed)
    words = (log, "--key", KEY, "--witness", WITNESS.verifier.vkey)
    _, told = verified(capsys, *words)
    assert told.get("code", "") == ("" if at_s < 1 << 63 else "bad-signature"), told


def test_without_a_key_the_one_the_log_shows_is_used_and_said_to_be(log, capsys):
    code, told = verified(capsys, log)
    assert (code, told["code"]) == (2, "no-key")
    (log / "keys").write_text(KEY + "\n")
    assert main([str(log)]) == 0
    assert "the one the log shows of itself" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["", "x+y", KEY[:-4] + "AAAA", KEY.replace("+", "+0", 1),
                                 WITNESS.verifier.vkey])  # fmt: skip
def test_a_slip_in_a_key_is_told_before_anything_is_read(tmp_path, capsys, key):
    (tmp_path / "checkpoint").write_bytes(lay(tmp_path, 1))
    code, told = verified(capsys, tmp_path, "--key", key or "+")
    assert (code, told["code"]) == (2, "bad-key")


def test_a_witness_that_was_asked_for_must_have_signed(log, capsys):
    both = ("--key", KEY, "--witness", WITNESS.verifier.vkey)
    code, told = verified(capsys, log, *both)
    assert (code, told["code"]) == (1, "not-witnessed")
    note = parse((log / "checkpoint").read_bytes())
    line = WITNESS.cosignature(note.text, 1_700_000_000)
    (log / "checkpoint").write_bytes(Note(note.text, (*note.signatures, line)).packed)
    code, told = verified(capsys, log, *both)
    assert told["witnessed"] == [{"name": WITNESS.verifier.name, "at": "2023-11-14T22:13:20+00:00"}]
    late = line._replace(value=(1_800_000_000).to_bytes(8, "big") + line.value[8:])
    (log / "checkpoint").write_bytes(Note(note.text, (*note.signatures, late)).packed)
    assert verified(capsys, log, *both)[1]["code"] == "bad-signature"


# -- older checkpoints ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 255, 256, 700, 999, 1000])
def test_a_log_that_grew_goes_on_from_the_older_checkpoint(log, capsys, size, tmp_path):
    (tmp_path / "older").mkdir()
    (tmp_path / "old").write_bytes(lay(tmp_path / "older", size))
    code, told = verified(capsys, log, "--key", KEY, "--since", tmp_path / "old")
    assert (code, told["older"]) == (0, [{"place": str(tmp_path / "old"), "size": size}])


@pytest.mark.parametrize("size", [1, 256, 700, 1000])
def test_history_that_was_changed_under_a_checkpoint_is_found(log, capsys, size, tmp_path):
    (tmp_path / "old").write_bytes(lay(tmp_path / "older", size, b"another history"))
    code, told = verified(capsys, log, "--key", KEY, "--since", tmp_path / "old")
    assert (code, told["code"]) == (1, "history-differs")
    assert f"The first {size} entries are not those" in told["text"]


def test_a_log_that_goes_back_is_found_with_what_is_withheld(log, capsys, tmp_path):
    (tmp_path / "old").write_bytes(lay(tmp_path / "older", 1003))
    code, told = verified(capsys, log, "--key", KEY, "--since", tmp_path / "old")
    assert (code, told["code"]) == (1, "went-back")
    assert "shows 1000 entries now" in told["text"]
    assert "Entries 1000 to 1002 are withheld" in told["text"]


def test_an_older_checkpoint_that_is_damaged_or_not_signed_accuses_nobody(log, capsys, tmp_path):
    old = tmp_path / "old"
    since = (log, "--key", KEY, "--since", old)
    old.write_bytes(lay(tmp_path / "older", 1003).replace(b"\n1003\n", b"\n1004\n"))
    assert verified(capsys, *since)[1]["code"] == "bad-signature"
    for data in (b"", b"\xff", b"x\n\n", lay(tmp_path / "older", 3)[:-9]):
        old.write_bytes(data)
        code, told = verified(capsys, *since)
        assert (code, told["code"]) == (1, "damaged")
        assert str(old) in told["text"]
    sign(tmp_path / "older", 3, roots_of(3), Signer("other.example/log", bytes(32)))
    code, told = verified(capsys, log, "--key", KEY, "--since", tmp_path / "older" / "checkpoint")
    assert told["code"] == "other-log"


# -- over the network ----------------------------------------------------------------------------


class Site:
    """A folder, served; ``asked`` are the paths asked for, ``odd`` what is answered instead."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self.odd: dict[str, int] = {}
        self.breaks: dict[str, int] = {}
        self.packed = False
        self.status = 503
        self.none = b"none"
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append(self.path)
                path = folder / self.path.lstrip("/")
                if site.odd.get(self.path, 0) > 0:
                    site.odd[self.path] -= 1
                    status, data = site.status, b"busy"
                else:
                    status, data = (200, path.read_bytes()) if path.is_file() else (404, site.none)
                self.send_response(status)
                if site.packed:
                    data = gzip.compress(data)
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(data)))
                if site.breaks.get(self.path, 0) > 0:
                    site.breaks[self.path] -= 1
                    data, self.close_connection = data[: len(data) // 2], True
                self.send_header("Retry-After", "3")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                assert args

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextlib.contextmanager
def served(folder: Path):
    site = Site(folder)
    thread = threading.Thread(target=site.server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        thread.join()
        site.server.server_close()


@pytest.mark.parametrize("packed", [False, True])
def test_a_log_is_verified_over_the_network_from_its_own_or_its_services_address(
    log, capsys, packed
):
    with served(log.parent) as site:
        site.packed = packed
        for url in (f"{site.url}/log", f"{site.url}/log/", f"{site.url}/log/checkpoint", site.url):
            code, told = verified(capsys, url, "--key", KEY)
            assert (code, told.get("entries")) == (0, 1000), told
        assert {f"/log/tile/{path}" for path in ("entries/003.p/232", "0/000", "1/000.p/3")} < set(
            site.asked
        )


@pytest.mark.parametrize("status", [429, 503, 500])
def test_a_busy_site_is_asked_again_and_one_that_is_not_there_is_told(
    log, capsys, monkeypatch, status
):
    slept: list[float] = []
    monkeypatch.setattr("answerable.record.verify.time.sleep", slept.append)
    with served(log) as site:
        site.status = status
        site.odd = {"/tile/0/001": 2, "/checkpoint": 1}
        assert verified(capsys, site.url, "--key", KEY)[0] == 0
        asked_to = [3, 3, 3] if status != 500 else [0.25, 0.25, 1]
        assert sorted(one for one in slept if one) == asked_to, "as long as it asked for"
        site.odd = {"/tile/0/001": 999}
        code, told = verified(capsys, site.url, "--key", KEY)
        assert (code, told["code"]) == (2, "unreachable")
        assert "tile/0/001 did not answer (it" in told["text"]
        assert sum(slept) < 300
    code, told = verified(capsys, site.url, "--key", KEY)
    assert (code, told["code"]) == (2, "unreachable")


def test_a_partial_tile_that_has_become_a_full_one_meanwhile_is_cut_out_of_it(
    log, capsys, tmp_path
):
    checkpoint = (log / "checkpoint").read_bytes()
    lay(tmp_path / "longer", 1100)  # and the log dropped its partial tiles since
    (tmp_path / "longer" / "checkpoint").write_bytes(checkpoint)
    (tmp_path / "longer/tile/1/000.p/4").rename(tmp_path / "longer/tile/1/000.p/3")
    above = tmp_path / "longer/tile/1/000.p/3"
    above.write_bytes(above.read_bytes()[:96])
    code, told = verified(capsys, tmp_path / "longer", "--key", KEY)
    assert (code, told.get("entries")) == (0, 1000), told


def test_however_much_a_site_says_where_a_part_is_not_that_part_is_only_not_there(
    log, capsys, tmp_path
):
    checkpoint = (log / "checkpoint").read_bytes()
    lay(tmp_path / "longer", 1024)  # as a mirror that was copied later, on a host of files
    (tmp_path / "longer" / "checkpoint").write_bytes(checkpoint)
    partial = tmp_path / "longer/tile/1/000.p/3"
    partial.write_bytes((log / "tile/1/000.p/3").read_bytes())
    with served(tmp_path / "longer") as site:
        site.none = b"<html>" + bytes(20_000)
        code, told = verified(capsys, site.url, "--key", KEY)
        assert (code, told.get("entries")) == (0, 1000), told
        partial.unlink()
        assert verified(capsys, site.url, "--key", KEY)[1]["code"] == "missing"
    with served(log) as site:
        site.none = bytes(100_000)  # the service's own address: its page for what is not there
        code, told = verified(capsys, site.url + "/elsewhere", "--key", KEY)
        assert (code, told["code"]) == (2, "not-there")


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b""])
def test_an_answer_that_never_ends_ends_the_look(capsys, monkeypatch, begin):
    monkeypatch.setattr("answerable.record.verify.ANSWER_S", 0.2)
    monkeypatch.setattr("answerable.record.verify.TRIES", 2)
    over = threading.Event()

    def drip(line: socket.socket) -> None:
        with contextlib.suppress(OSError):
            line.sendall(begin)
            while not over.wait(0.02):
                line.sendall(b"x" if begin else b"HTTP/1.1 100 Continue\r\n\r\n")

    def let_in() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(door.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=let_in, daemon=True).start()
        try:
            url = f"http://127.0.0.1:{door.getsockname()[1]}"
            code, told = verified(capsys, url, "--key", KEY)
        finally:
            over.set()
            door.shutdown(socket.SHUT_RDWR)
    assert (code, told["code"]) == (2, "unreachable")


def test_an_answer_that_breaks_off_is_asked_for_again_and_is_no_damage(log, capsys, monkeypatch):
    monkeypatch.setattr("answerable.record.verify.time.sleep", lambda _s: None)
    with served(log) as site:
        site.breaks = {"/tile/0/001": 2, "/checkpoint": 1, "/tile/entries/002": 1}
        assert verified(capsys, site.url, "--key", KEY)[0] == 0
        site.breaks = {"/tile/0/001": 99}
        code, told = verified(capsys, site.url, "--key", KEY)
    assert (code, told["code"]) == (2, "unreachable")
    assert "broke off" in told["text"]


@pytest.mark.parametrize("url", ["http://[bad", "http://[::1", "https://", "http://x:y/log"])
def test_what_is_no_address_is_said_to_be_none(capsys, monkeypatch, url):
    monkeypatch.setattr("answerable.record.verify.TRIES", 1)
    code, told = verified(capsys, url, "--key", KEY)
    assert (code, told["code"]) in ((2, "not-there"), (2, "unreachable"))


def test_a_remembered_checkpoint_that_was_damaged_here_accuses_nobody(log, capsys, tmp_path):
    cache = tmp_path / "cache"
    words = (log, "--key", KEY, "--cache", cache)
    assert verified(capsys, *words)[0] == 0
    kept = (cache / "checkpoint").read_bytes()
    (cache / "checkpoint").write_bytes(kept.replace(b"\n1000\n", b"\n1001\n"))
    code, told = verified(capsys, *words)
    assert (code, told["code"]) == (1, "bad-signature")
    assert str(cache / "checkpoint") in told["text"]


def test_what_was_read_is_kept_and_only_the_rest_is_asked_for(log, capsys, tmp_path):
    cache = tmp_path / "cache"
    with served(log) as site:
        words = (site.url, "--key", KEY, "--cache", cache)
        assert verified(capsys, *words)[0] == 0
        site.asked.clear()
        lay(log, 1300)
        code, told = verified(capsys, *words)
        assert (code, told["entries"], told["older"][0]["size"]) == (0, 1300, 1000)
        asked = [path for path in site.asked if "entries" in path]
        assert sorted(asked) == ["/tile/entries/003", "/tile/entries/004", "/tile/entries/005.p/20"]
        flip(cache / "tile/entries/000", 9)  # what is kept is trusted for nothing
        assert verified(capsys, *words)[0] == 0
        assert (cache / "tile/entries/000").read_bytes() == (log / "tile/entries/000").read_bytes()
        lay(log, 1200)
        code, told = verified(capsys, *words)
        assert (code, told["code"]) == (1, "went-back"), "the older one was remembered"
    assert verified(capsys, cache, "--key", KEY)[0] == 0, "what is kept is a mirror"


# -- paths, words and notes ----------------------------------------------------------------------


def test_paths_of_every_leaf_of_every_small_tree_hold_and_of_no_other(capsys):
    from answerable.record.verify import included

    leaves = [hashlib.sha256(bytes([n])).digest() for n in range(20)]
    for size in range(1, 20):
        view = View(Levels(b"".join(leaves[:size])), size)
        for index in range(size):
            path = view.inclusion(index)
            assert included(leaves[index], index, size, path, view.root)
            assert not included(leaves[index], index + 1, size, path, view.root)
            assert not included(leaves[index], index, size, [*path, leaves[0]], view.root)
            assert not included(leaves[index + 1], index, size, path, view.root)
            if path:
                assert not included(leaves[index], index, size, path[:-1], view.root)


def test_nothing_a_log_says_can_steer_a_terminal(log, capsys):
    text = f"{ORIGIN}\n0\n{base64.b64encode(hashlib.sha256(b'').digest()).decode()}\n\x9b31mowned\n"
    (log / "checkpoint").write_bytes(SIGNER.sign(text.encode()).replace(
        ORIGIN.encode(), "\x9b31m".encode() + ORIGIN.encode()))  # fmt: skip
    assert main([str(log), "--key", KEY]) == 1
    assert "\x9b" not in capsys.readouterr().err


def test_a_note_signed_by_another_program_is_believed():
    """The example of the Go package golang.org/x/mod/sumdb/note (BSD-3-Clause)."""
    key = key_of("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        b"If you think cryptography is the answer to your problem,\n"
        b"then you don't know what your problem is.\n"
    )
    signed = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert signed[:4] == key.id
    assert ed25519_holds(key.public, text, signed[4:])
    assert not ed25519_holds(key.public, text + b" ", signed[4:])
