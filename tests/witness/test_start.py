"""Before a record is opened: an older copy, and an altered one, are told from one that goes on."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from answerable.record import tree
from answerable.record.log.checkpoint import Checkpoint
from answerable.record.log.levels import Levels
from answerable.record.log.notes import parse
from answerable.record.log.proofs import View
from answerable.record.sqlite import SqliteStore
from answerable.witness.book import Book, trust
from answerable.witness.client import Witness
from answerable.witness.letters import letter
from answerable.witness.server import Server
from answerable.witness.start import Past, Seen, WentOn, asked, judged, last_of
from tests.record.receipts import row_of
from tests.witness.growing import NAME, ORIGIN, SIGNER


def grow(path: Path, to: int, stream: str = "") -> bytes:
    """Append rows one by one up to a position; returns the root then."""
    store = SqliteStore.open(path)
    for position in range(store.head().size + 1, to + 1):
        row = row_of(position)._replace(epoch=store.epoch)
        store.append([row._replace(stream=stream) if stream else row])
    root = store.head().root
    store.close()
    return root


class Near(Witness):
    """A witness in this process; ``plain`` is one of another program, which only C2SP knows."""

    def __init__(self, folder: Path, *, plain: bool = False) -> None:
        self.server = Server(Book.open(folder, NAME))
        super().__init__(self.server.book.cosigner.verifier, "http://near")
        self.plain = plain
        trust(folder, SIGNER.verifier.vkey)

    async def _asked(self, method: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        if method == "GET":
            hashed = "" if self.plain else path.removeprefix("/latest/")
            verdict = self.server.latest(hashed)
        else:
            verdict = await self.server.submit(body)
        return verdict.status, verdict.kind, verdict.body

    def cosigned(self, path: Path, before: int = 0) -> None:
        """Have the record as it is now cosigned."""
        past = Past(path)
        note = SIGNER.sign(Checkpoint(ORIGIN, past.size, past.root).text)
        store = SqliteStore.open(path)
        leaves = b"".join(tree_leaves(store))
        store.close()
        proof = View(Levels(leaves), past.size).consistency(before)
        past.close()
        verdict = asyncio.run(self.server.submit(letter(before, proof, note)))
        assert verdict.status == 200, verdict.body


def tree_leaves(store: SqliteStore) -> list[bytes]:
    from answerable.record.entry import leaf_of

    return [leaf_of(row) for row in store.rows()]


@pytest.fixture(params=[False, True], ids=["ours", "another program's"])
def witness(request, tmp_path):
    made = Near(tmp_path / "witness", plain=request.param)
    yield made
    made.server.book.close()


def told(path: Path, witness: Witness, signer=SIGNER) -> tuple[list[Seen], list]:
    past = Past(path)
    try:
        return asyncio.run(asked(past, ORIGIN, signer, [witness]))
    finally:
        past.close()


def test_a_record_that_was_never_witnessed_or_goes_on_is_agreed_to(tmp_path, witness):
    path = tmp_path / "record.db"
    grow(path, 9)
    seen, failed = told(path, witness)
    assert (failed, [one.agrees for one in seen]) == ([], [True])
    grow(path, 30)
    seen, failed = told(path, witness)
    assert (failed, [one.agrees for one in seen]) == ([], [True])


def test_an_older_copy_is_told_by_its_size(tmp_path, witness):
    path = tmp_path / "record.db"
    grow(path, 9)
    shutil.copy(path, tmp_path / "old.db")
    grow(path, 30)
    witness.cosigned(path)
    seen, _ = told(tmp_path / "old.db", witness)
    assert [(one.by, one.size, one.agrees) for one in seen] == [(NAME, 30, False)]
    seen, _ = told(tmp_path / "none.db", witness)
    assert [(one.size, one.agrees) for one in seen] == [(30, False)]
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("to", [30, 44])
def test_a_record_of_another_history_is_told_by_its_root(tmp_path, witness, to):
    path, other = tmp_path / "record.db", tmp_path / "other.db"
    grow(path, 9)
    shutil.copy(path, other)
    grow(path, 30)
    witness.cosigned(path)
    grow(other, to, stream="call:altered")
    seen, _ = told(other, witness)
    assert [(one.size, one.agrees) for one in seen] == [(30, False)]


def test_nothing_is_cosigned_by_looking_that_was_not_before(tmp_path, witness):
    path = tmp_path / "record.db"
    grow(path, 9)
    witness.cosigned(path)
    grow(path, 30)
    told(path, witness)
    assert witness.server.book.get(ORIGIN).size == 9


def test_without_the_logs_keys_a_witness_of_ours_can_still_say(tmp_path):
    path, witness = tmp_path / "record.db", Near(tmp_path / "witness")
    grow(path, 30)
    witness.cosigned(path)
    seen, failed = told(tmp_path / "none.db", witness, None)
    assert ([(one.size, one.agrees) for one in seen], failed) == ([(30, False)], [])
    witness.server.book.close()


def test_a_witness_that_does_not_answer_is_told_and_stops_nobody(tmp_path):
    path = tmp_path / "record.db"
    grow(path, 3)
    away = Witness(SIGNER.verifier, "http://127.0.0.1:9", 0.2)
    seen, failed = told(path, away)
    assert (seen, [one.code for one in failed]) == ([], ["witness.NotReached"])


def test_a_witness_that_does_not_know_the_log_or_the_key_is_told(tmp_path):
    path = tmp_path / "record.db"
    grow(path, 3)
    strange = Near(tmp_path / "witness")
    shutil.rmtree(next(strange.server.book.folder.glob("logs/*")))
    assert [one.code for one in told(path, strange)[1]] == ["witness.UnknownLog"]
    strange.server.book.close()


def test_the_root_of_any_beginning_is_known_also_between_two_commits(tmp_path):
    path = tmp_path / "record.db"
    store = SqliteStore.open(path)
    rows = [row_of(position)._replace(epoch=store.epoch) for position in range(1, 31)]
    store.append(rows)
    leaves = tree_leaves(store)
    store.close()
    past = Past(path)
    for size in (0, 1, 7, 16, 29, 30):
        assert past.root_at(size) == tree.root(tree.frontier_of(leaves[:size]))
    assert judged(past, Seen("w", 7, past.root_at(7).hex())).agrees
    assert not judged(past, Seen("w", 7, past.root_at(8).hex())).agrees
    assert not judged(past, Seen("w", 31)).agrees
    past.close()


def test_a_record_is_found_by_a_relative_path_too(tmp_path, monkeypatch):
    grow(tmp_path / "record.db", 3)
    monkeypatch.chdir(tmp_path)
    past = Past(Path("record.db"))
    assert past.size == 3
    past.close()


def test_going_on_is_read_from_the_record_itself():
    body = b'{"size":40,"root":"","have":30,"generation":2}'
    rows = [("keeping.BackupMade", b"{}"), ("keeping.WentOn", body)]
    assert last_of(rows) == WentOn(2, 40, 30)
    assert last_of(rows[:1]) == WentOn(1, 0, 0)


def test_a_note_of_the_witness_names_the_log(tmp_path):
    path, witness = tmp_path / "record.db", Near(tmp_path / "witness")
    grow(path, 4)
    witness.cosigned(path)
    note = parse(witness.server.book.get(ORIGIN).note)
    assert Checkpoint.parse(note.text).origin == ORIGIN
    witness.server.book.close()
