"""A witness cosigns what extends what it has seen, and nothing else."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import httpx
import pytest

from answerable.record.log import notes
from answerable.record.log.checkpoint import opened
from answerable.record.log.notes import Signer, Verifier
from answerable.witness import book as book_module
from answerable.witness.book import Book, trust
from answerable.witness.letters import LETTER_BYTES_MAX, letter, read
from answerable.witness.refusals import WitnessRefused
from answerable.witness.server import Server, application
from tests.witness.growing import NAME, ORIGIN, SIGNER, Growing

NOW_S = 1_700_000_000
LOG = Growing()


class Witnessing:
    """A witness of one log, asked without a network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.book = Book.open(folder, NAME)
        self.server = Server(self.book, lambda: NOW_S)
        trust(folder, SIGNER.verifier.vkey)

    def ask(self, body: bytes, method: str = "POST", path: str = "/add-checkpoint"):
        async def asked() -> httpx.Response:
            way = httpx.ASGITransport(application(self.server))
            async with httpx.AsyncClient(transport=way, base_url="http://w") as client:
                return await client.request(method, path, content=body)

        return asyncio.run(asked())

    def again(self) -> Witnessing:
        self.book.close()
        return Witnessing(self.folder)


@pytest.fixture
def witness(tmp_path):
    made = Witnessing(tmp_path / "witness")
    yield made
    made.book.close()


def test_what_extends_is_cosigned_step_by_step(witness):
    before = 0
    for size in (0, 1, 7, 7, 8, 33, 40):
        answer = witness.ask(LOG.letter(before, size))
        assert answer.status_code == 200, answer.text
        note = LOG.note(size) + answer.content
        signed = notes.checked(notes.parse(note), [witness.book.cosigner.verifier])
        assert signed[0].at_s == NOW_S
        assert opened(witness.book.get(ORIGIN).note, [SIGNER.verifier], ORIGIN).checkpoint.size == (
            size
        )
        before = size


def test_a_wrong_old_size_is_answered_with_the_known_one(witness):
    assert witness.ask(LOG.letter(0, 7)).status_code == 200
    for before, size in ((0, 9), (3, 9), (8, 9), (0, 0), (3, 3), (9, 9)):
        answer = witness.ask(LOG.letter(before, size))
        assert (answer.status_code, answer.content) == (409, b"7\n")
        assert answer.headers["content-type"] == "text/x.tlog.size"
    assert witness.book.get(ORIGIN).size == 7


def test_an_unknown_log_an_unknown_key_and_a_size_that_goes_back(witness):
    other = Growing(signer=Signer("other.example/log", bytes(32)))
    assert witness.ask(other.letter(0, 3)).status_code == 404
    stranger = Growing(signer=Signer(ORIGIN, bytes(32)))
    answer = witness.ask(stranger.letter(0, 3))
    assert answer.status_code == 403
    assert "nobody known" in answer.text or "none" in answer.text or "signed by" in answer.text
    assert witness.ask(letter(5, [], LOG.note(3))).status_code == 400
    assert witness.book.get(ORIGIN).size == 0


def test_a_wrong_proof_is_refused_and_nothing_is_kept_of_it(witness):
    assert witness.ask(LOG.letter(0, 7)).status_code == 200
    rewritten = Growing(seed="b")
    right = LOG.proof(7, 20)
    for proof, note in (
        (right[:-1], LOG.note(20)), ([], LOG.note(20)), ([*right, right[0]], LOG.note(20)),
        (right, rewritten.note(20)), (rewritten.proof(7, 20), rewritten.note(20)),
    ):  # fmt: skip
        answer = witness.ask(letter(7, proof, note))
        assert answer.status_code == 422, answer.text
    same = witness.ask(letter(7, [], rewritten.note(7)))
    assert (same.status_code, same.content) == (409, b"7\n")
    assert witness.ask(letter(7, right, LOG.note(7))).status_code == 422
    assert witness.book.get(ORIGIN).size == 7
    assert witness.again().ask(LOG.letter(7, 20)).status_code == 200


def test_a_first_checkpoint_needs_no_proof_and_takes_none(witness):
    assert witness.ask(letter(0, [bytes(32)], LOG.note(5))).status_code == 422
    assert witness.ask(letter(0, [], LOG.note(5))).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"old 1", b"old x\n\nfoo", b"new 1\n\n" + LOG.note(1), b"old 01\n\n" + LOG.note(1),
     b"old 0\nnope\n\n" + LOG.note(1), b"old 0\nAAAA\n\n" + LOG.note(1), b"old 0\n\nno note",
     b"old -1\n\n" + LOG.note(1), b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n" + LOG.note(1),
     b"old 0\n\n" + SIGNER.sign(b"x\n")],
)  # fmt: skip
def test_what_cannot_be_read_is_a_400(witness, body):
    assert witness.ask(body).status_code == 400


def test_what_is_too_long_is_not_read_and_other_addresses_are_not_there(witness):
    assert witness.ask(b"x" * (LETTER_BYTES_MAX + 1)).status_code == 413
    assert witness.ask(b"", "GET", "/nothing").status_code == 404
    assert witness.ask(b"", "DELETE").status_code == 404
    assert witness.ask(b"", "GET", "/").text == witness.book.cosigner.verifier.vkey + "\n"


def test_a_request_that_never_comes_whole_is_given_up_and_no_fault(witness, monkeypatch, caplog):
    monkeypatch.setattr("answerable.witness.server.PATIENCE_S", 0.01)
    sent: list[dict] = []

    async def never() -> dict:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/add-checkpoint", "headers": []}
    asyncio.run(application(witness.server)(scope, never, send))
    assert sent[0]["status"] == 408
    assert b"did not come within" in sent[1]["body"]
    assert not caplog.records


def test_letters_are_read_as_they_were_written():
    found = read(LOG.letter(7, 20))
    assert (found.old_size, list(found.proof), found.note) == (7, LOG.proof(7, 20), LOG.note(20))


def test_a_new_key_of_a_log_is_taken_while_the_witness_runs(witness):
    assert witness.ask(LOG.letter(0, 3)).status_code == 200
    newer = Growing(signer=Signer(ORIGIN, bytes(32)))
    assert witness.ask(newer.letter(3, 5)).status_code == 403
    trust(witness.folder, newer.signer.verifier.vkey)
    assert witness.ask(newer.letter(3, 5)).status_code == 200


# -- what is kept --------------------------------------------------------------------------------


def test_what_was_cosigned_is_remembered_by_the_next_process(witness):
    assert witness.ask(LOG.letter(0, 9)).status_code == 200
    after = witness.again()
    assert after.ask(LOG.letter(0, 9)).content == b"9\n"
    assert after.ask(Growing(seed="b").letter(9, 20)).status_code == 422
    after.book.close()


def test_it_is_on_the_disk_before_the_answer(witness, monkeypatch):
    order = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        order.append("synced")
        fsync(descriptor)

    def replaced(path: Path, target: Path) -> None:
        order.append(f"in place: {target.name}")
        replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    answer = witness.ask(LOG.letter(0, 9))
    assert answer.status_code == 200
    assert order == ["synced", "in place: checkpoint", "synced"]


def test_a_disk_that_fails_gives_no_signature_and_takes_nothing_back(witness, monkeypatch):
    assert witness.ask(LOG.letter(0, 9)).status_code == 200

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = witness.ask(LOG.letter(9, 20))
    assert (answer.status_code, "—" in answer.text) == (503, False)
    monkeypatch.undo()
    assert witness.ask(LOG.letter(9, 20)).status_code == 200
    assert sorted(path.name for path in witness.folder.glob("logs/*/*")) == ["checkpoint", "keys"]


def test_submissions_for_one_log_are_judged_one_after_the_other(witness, monkeypatch):
    """Planted: without turns, both are checked against 7, and the smaller one rolls back."""
    assert witness.ask(LOG.letter(0, 7)).status_code == 200
    inside, most, write = [0], [0], book_module.write_synced

    def slow(path: Path, data: bytes, mode: int = 0o644) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.05)
        write(path, data, mode)
        inside[0] -= 1

    monkeypatch.setattr(book_module, "write_synced", slow)

    async def all_at_once() -> list[int]:
        sizes = (30, 20, 25, 12)
        asked = (witness.server.submit(LOG.letter(7, size)) for size in sizes)
        return [verdict.status for verdict in await asyncio.gather(*asked)]

    assert asyncio.run(all_at_once()) == [200, 409, 409, 409]
    assert most == [1]
    assert witness.book.get(ORIGIN).size == 30


# -- what it does not begin with -----------------------------------------------------------------


def test_two_processes_do_not_sign_from_one_folder(witness):
    with pytest.raises(WitnessRefused, match="two at once could sign two histories"):
        Book.open(witness.folder)


def test_a_damaged_folder_is_refused_by_the_file(witness):
    assert witness.ask(LOG.letter(0, 9)).status_code == 200
    witness.book.close()
    place = next(witness.folder.glob("logs/*"))
    for name, data, words in (
        ("checkpoint", b"x", "checkpoint cannot be used: It has no blank line"),
        ("checkpoint", Growing(signer=Signer(ORIGIN, bytes(32))).note(3), "signed by"),
        ("keys", b"", "holds no keys"),
        ("keys", b"\xff", "holds no keys"),
    ):
        before = (place / name).read_bytes()
        (place / name).write_bytes(data)
        with pytest.raises(WitnessRefused, match=words):
            Book.open(witness.folder)
        (place / name).write_bytes(before)
    (witness.folder / "witness.key").chmod(0o644)
    with pytest.raises(WitnessRefused, match="others than its owner"):
        Book.open(witness.folder)
    (witness.folder / "witness.key").unlink()
    with pytest.raises(WitnessRefused, match="it is missing, and logs were signed for"):
        Book.open(witness.folder, NAME)


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_witness_needs_a_name_that_can_be_one(tmp_path, name):
    with pytest.raises(WitnessRefused, match="cannot be its name"):
        Book.open(tmp_path / "new", name)


def test_a_witness_keeps_its_name_and_its_key(tmp_path):
    first = Book.open(tmp_path, "w1")
    key = first.cosigner.verifier
    first.close()
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(WitnessRefused, match="Its key is of w1, not of w2"):
        Book.open(tmp_path, "w2")
    again = Book.open(tmp_path)
    assert again.cosigner.verifier == key
    assert Book.look(tmp_path) == (key, [])
    again.close()
    with pytest.raises(WitnessRefused, match="There is none"):
        Book.look(tmp_path / "other")


@pytest.mark.parametrize("text", ["", "nonsense", Verifier("w", 4, bytes(range(32))).vkey])
def test_only_a_logs_key_is_taken(tmp_path, text):
    Book.open(tmp_path, "w1").close()
    with pytest.raises(WitnessRefused, match="Not taken"):
        trust(tmp_path, text)
