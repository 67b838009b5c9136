"""The publisher: only what is durable is signed, nothing is taken back, nothing altered served."""

from __future__ import annotations

import sqlite3

import pytest

from answerable.kernel.store import Head
from answerable.record.log import publisher as publisher_module
from answerable.record.log.checkpoint import check_goes_on, opened
from answerable.record.log.kept import Kept
from answerable.record.log.levels import Levels
from answerable.record.log.notes import Cosigner, Verifier
from answerable.record.log.proofs import View, check_consistency, check_inclusion
from answerable.record.log.publisher import Publisher
from answerable.record.log.refusals import (
    CheckpointDamaged,
    Forked,
    GoesBack,
    NotANote,
    NotSealed,
    WrongSignature,
)
from answerable.record.log.tiles import Tile, tiles_of
from answerable.record.log.tlog_proof import TlogProof
from answerable.record.refusals import RecordDamaged
from tests.record.log.scene import ORIGIN, Log

WITNESS = Cosigner("witness.example/w1", bytes(range(32)))


def checkpoint(log: Log, note: bytes = b""):
    return opened(note or log.publisher.checkpoint, log.keys.verifiers, ORIGIN).checkpoint


def test_a_checkpoint_is_signed_over_the_head_and_only_when_there_is_news(log):
    assert log.publisher.checkpoint == b""
    log.grow(300)
    told = checkpoint(log)
    assert (told.size, told.root) == log.store.head()
    assert not log.publisher.publish(log.store.head())
    log.grow(1)
    check_goes_on(told, checkpoint(log))


def test_every_event_has_a_proof_and_every_checkpoint_goes_on_from_the_one_before(log):
    notes = []
    for count in (1, 2, 252, 1, 1, 300, 512):
        log.grow(count)
        notes.append(checkpoint(log))
    latest = log.publisher.latest
    for before in notes:
        path = log.publisher.consistency(before.size, latest)
        check_consistency(before.size, latest.checkpoint.size, path, before.root, notes[-1].root)
    for position in (1, 2, 255, 256, 257, 600, log.publisher.size):
        proof = TlogProof.parse(log.publisher.proof(position, b"what for"))
        assert (proof.index, proof.extra) == (position - 1, b"what for")
        assert proof.check(log.leaf(position), log.keys.verifiers, ORIGIN).checkpoint == notes[-1]


def test_the_tiles_of_a_checkpoint_give_its_root(log):
    for _ in range(70):
        log.add(1_000)
    log.publisher.publish(log.store.head())
    hashes = {tile: log.publisher.tile(tile) for tile in tiles_of(70_000)}
    assert [tile.path for tile in hashes][-4:] == [
        "0/273.p/112",
        "1/000",
        "1/001.p/17",
        "2/000.p/1",
    ]
    leaves = b"".join(data for tile, data in hashes.items() if tile.level == 0)
    nodes = Levels(leaves)
    assert View(nodes, 70_000).root == checkpoint(log).root
    for tile, data in hashes.items():
        first = tile.index * 256
        assert data == b"".join(nodes.node(8 * tile.level, first + n) for n in range(tile.width)), (
            tile
        )


@pytest.mark.parametrize(
    "tile", [Tile(0, 1), Tile(0, 1, 45), Tile(1, 0, 2), Tile(2, 0, 1), Tile(None, 1, 45)]
)
def test_what_no_checkpoint_covers_is_not_served(log, tile):
    log.grow(300)
    log.add(900)
    with pytest.raises(NotSealed, match="300 entries"):
        log.publisher.tile(tile)


def test_an_event_is_proved_only_once_it_is_sealed(log):
    with pytest.raises(NotSealed):
        log.publisher.proof(1)
    log.grow(3)
    log.add(1)
    for position in (0, -1, 4):
        with pytest.raises(NotSealed, match="3 are sealed"):
            log.publisher.proof(position)


# -- crashes ---------------------------------------------------------------------------------


def test_after_a_crash_the_same_checkpoint_is_served_and_nothing_is_signed_anew(log):
    log.grow(700)
    note = log.publisher.checkpoint
    log.restart()
    assert log.publisher.publish(log.store.head())
    assert log.publisher.checkpoint == note
    log.grow(1)
    assert checkpoint(log).size == 701


def test_what_is_signed_is_kept_before_anybody_sees_it(log, monkeypatch):
    log.grow(5)
    before = log.publisher.checkpoint
    monkeypatch.setattr(Kept, "keep", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OSError, match="full"):
        log.publisher.publish(log.add(5))
    assert log.publisher.checkpoint == before
    assert checkpoint(log).size == 5


def test_a_crash_between_keeping_and_serving_leaves_no_smaller_promise(log, monkeypatch):
    log.grow(5)
    real = publisher_module.Published

    def dies(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(publisher_module, "Published", dies)
    with pytest.raises(KeyboardInterrupt):
        log.publisher.publish(log.add(5))
    monkeypatch.setattr(publisher_module, "Published", real)
    log.restart()
    assert checkpoint(log, Kept(log.record).checkpoint.read_bytes()).size == 10
    assert log.publisher.publish(log.store.head())
    assert checkpoint(log).size == 10


def test_an_older_copy_of_the_record_is_refused_in_words(log, tmp_path):
    log.grow(10)
    log.older_copy(tmp_path / "copy")
    log.grow(5)
    log.put_back(tmp_path / "copy")
    log.publisher = Publisher.open(log.record, log.keys)
    with pytest.raises(GoesBack, match="has 10 events, and a checkpoint over 15 was signed"):
        log.publisher.publish(log.store.head())
    assert log.publisher.checkpoint == b""


def test_an_older_copy_that_grew_again_is_refused_in_words(log, tmp_path):
    log.grow(10)
    log.older_copy(tmp_path / "copy")
    log.grow(5)
    log.put_back(tmp_path / "copy")
    log.publisher = Publisher.open(log.record, log.keys)
    with pytest.raises(Forked, match="first 15 events are not those"):
        log.publisher.publish(log.add(600, said=" otherwise"))
    with pytest.raises(Forked):
        log.publisher.publish(log.store.head())
    assert log.publisher.checkpoint == b""


def test_planted_a_publisher_that_forgets_what_it_signed_would_sign_a_fork(log, tmp_path):
    log.grow(10)
    log.older_copy(tmp_path / "copy")
    log.grow(5)
    had = checkpoint(log)
    log.put_back(tmp_path / "copy")
    Kept(log.record).checkpoint.unlink()
    log.publisher = Publisher.open(log.record, log.keys)
    log.publisher.publish(log.add(5, said=" otherwise"))
    with pytest.raises(Forked, match="Two roots are signed"):
        check_goes_on(had, checkpoint(log))


def test_a_head_that_the_leaves_do_not_give_is_never_signed(log):
    head = log.add(300)
    with pytest.raises(RecordDamaged, match="do not give its head"):
        log.publisher.publish(Head(head.size, bytes(32)))
    with pytest.raises(RecordDamaged):
        log.publisher.publish(Head(head.size + 1, head.root))
    assert log.publisher.publish(head)


@pytest.mark.parametrize("data", [b"", b"x", b"a\n1\nAAAA\n\n"])
def test_a_kept_checkpoint_that_is_damaged_lets_nothing_be_signed(log, data):
    log.grow(5)
    Kept(log.record).checkpoint.write_bytes(data)
    with pytest.raises(CheckpointDamaged, match="cannot be used"):
        Publisher.open(log.record, log.keys)


@pytest.mark.parametrize("damage", ["gone", "cut", "changed", "longer"])
def test_kept_hashes_are_trusted_for_nothing(log, damage):
    log.grow(3000)
    root, levels = checkpoint(log).root, Kept(log.record).levels
    data = levels.read_bytes()
    assert len(data) == 11 * 32
    changed = {"gone": None, "cut": data[:45], "changed": bytes([data[0] ^ 1]) + data[1:],
               "longer": data + bytes(40 * 32)}[damage]  # fmt: skip
    levels.unlink() if changed is None else levels.write_bytes(changed)
    log.restart()
    log.grow(1)
    assert check_inclusion_of_all(log, (1, 300, 3001))
    assert levels.read_bytes() == data
    path = log.publisher.consistency(3000, log.publisher.latest)
    check_consistency(3000, 3001, path, root, checkpoint(log).root)


def check_inclusion_of_all(log: Log, positions) -> bool:
    for position in positions:
        proof = TlogProof.parse(log.publisher.proof(position))
        told = checkpoint(log)
        check_inclusion(log.leaf(position), proof.index, told.size, proof.path, told.root)
    return True


# -- altered records -------------------------------------------------------------------------


def alter(log: Log, statement: str) -> None:
    with sqlite3.connect(log.record) as other:
        other.execute(statement)
    other.close()


def test_an_altered_row_is_not_served(log):
    log.grow(600)
    alter(log, "UPDATE events SET actor = 'nobody' WHERE position = 300")
    assert log.publisher.tile(Tile(None, 0))
    with pytest.raises(RecordDamaged, match="position 300"):
        log.publisher.tile(Tile(None, 1))


def test_a_leaf_that_was_altered_with_its_row_is_not_served(log):
    log.grow(600)
    log.restart()
    log.publisher.publish(log.store.head())
    alter(log, "UPDATE events SET leaf = (SELECT leaf FROM events WHERE position = 9) "
               "WHERE position = 300")  # fmt: skip
    for tile in (Tile(0, 1), Tile(None, 1)):
        with pytest.raises(RecordDamaged):
            log.publisher.tile(tile)


def test_a_row_that_was_taken_away_is_missed(log):
    log.grow(600)
    alter(log, "DELETE FROM events WHERE position = 300")
    with pytest.raises(RecordDamaged):
        log.publisher.tile(Tile(None, 1))


# -- keys and witnesses ----------------------------------------------------------------------


def test_a_rotated_key_signs_the_same_head_anew_and_old_checkpoints_still_verify(log):
    log.grow(5)
    old = log.publisher.checkpoint
    log.keys.rotated(2, "it was time")
    assert log.publisher.renew_keys()
    assert log.publisher.publish(log.store.head())
    new = opened(log.publisher.checkpoint, [log.publisher.keys.signer.verifier], ORIGIN)
    assert new.checkpoint == opened(old, log.publisher.keys.verifiers, ORIGIN).checkpoint
    assert not log.publisher.renew_keys()
    log.keys = log.publisher.keys
    log.restart()
    assert log.publisher.publish(log.store.head())


def cosign(log: Log, published, at_s: int = 7) -> bytes:
    return WITNESS.cosignature(published.checkpoint.text, at_s).line


def test_a_cosignature_is_served_with_the_checkpoint_and_makes_it_witnessed(log):
    log.grow(5)
    published = log.publisher.latest
    log.publisher.cosigned(published, cosign(log, published), WITNESS.verifier)
    assert log.publisher.witnessed_size == 5
    assert log.publisher.latest.cosigners == (WITNESS.verifier.name,)
    found = opened(log.publisher.checkpoint, [*log.keys.verifiers, WITNESS.verifier], ORIGIN)
    assert [one.at_s for one in found.signed] == [0, 7]
    log.publisher.cosigned(published, cosign(log, published, 8), WITNESS.verifier)
    found = opened(log.publisher.checkpoint, [*log.keys.verifiers, WITNESS.verifier], ORIGIN)
    assert [one.at_s for one in found.signed] == [0, 8], "a witness signs a checkpoint once"


def test_a_late_cosignature_counts_for_its_own_checkpoint_and_proofs_prefer_it(log):
    log.grow(5)
    published = log.publisher.latest
    log.grow(5)
    log.publisher.cosigned(published, cosign(log, published), WITNESS.verifier)
    assert (log.publisher.size, log.publisher.witnessed_size) == (10, 5)
    known = [WITNESS.verifier]
    for position, size in ((5, 5), (6, 10)):
        proof = TlogProof.parse(log.publisher.proof(position))
        told = proof.check(log.leaf(position), log.keys.verifiers, ORIGIN).checkpoint
        assert told.size == size
    TlogProof.parse(log.publisher.proof(5)).check(log.leaf(5), known, ORIGIN)
    latest = log.publisher.latest
    log.publisher.cosigned(latest, cosign(log, latest), WITNESS.verifier)
    log.publisher.cosigned(published, cosign(log, published), WITNESS.verifier)
    assert log.publisher.witnessed_size == 10, "an older one does not come before it"


def test_a_second_witness_adds_to_the_first_also_late(log):
    other = Cosigner("witness.example/w2", bytes(31) + b"2")
    log.grow(5)
    published = log.publisher.latest
    log.grow(1)
    for witness in (WITNESS, other):
        line = witness.cosignature(published.checkpoint.text, 7).line
        log.publisher.cosigned(published, line, witness.verifier)
    assert log.publisher.witnessed.cosigners == ("witness.example/w1", "witness.example/w2")


def test_what_is_no_cosignature_of_this_checkpoint_is_refused(log):
    log.grow(5)
    published = log.publisher.latest
    wrong = WITNESS.cosignature(b"another\n1\nAAAA\n", 7).line
    strange: Verifier = Cosigner("witness.example/w2", bytes(32)).verifier
    with pytest.raises(WrongSignature):
        log.publisher.cosigned(published, wrong, WITNESS.verifier)
    with pytest.raises(WrongSignature):
        log.publisher.cosigned(published, cosign(log, published), strange)
    with pytest.raises(NotANote):
        log.publisher.cosigned(published, b"<html>", WITNESS.verifier)
    assert log.publisher.witnessed_size == 0


def test_only_what_the_store_acknowledged_can_be_read_beside_it(log):
    log.grow(5)
    seen = []
    real = log.store._commit

    def looked() -> None:  # everything is inserted, and not yet committed
        seen.append(log.publisher._source.leaves(5, 1))
        real()

    log.store._commit = looked
    head = log.add(1)
    assert seen == [b""]
    assert len(log.publisher._source.leaves(5, 1)) == 32
    assert log.publisher.publish(head)
