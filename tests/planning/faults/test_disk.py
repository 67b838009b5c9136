"""The imagined disk: what a cut may take, and what it may not."""

from __future__ import annotations

import errno
import random

import pytest

from answerable.planning.faults.disk import (
    LOSSES,
    Disk,
    Fault,
    Killed,
    Kind,
    Loss,
    Op,
    Platter,
    whole_sectors,
)


@pytest.fixture
def disk():
    return Disk({"a": b"old" * 1000})


def left(disk: Disk, loss: Loss, seed: int = 1) -> dict[str, bytes]:
    platter = Platter(disk.began_with)
    for op in disk.trace:
        platter.take(op)
    return platter.after_a_cut(loss, random.Random(seed))


def test_what_was_synced_is_there_whatever_the_cut_does(disk):
    disk.write("a", disk.names["a"], b"new" * 1000, 0)
    disk.sync("a", disk.names["a"])
    for loss in LOSSES:
        for seed in range(20):
            assert left(disk, loss, seed) == {"a": b"new" * 1000}


def test_what_was_not_synced_may_be_there_or_not(disk):
    disk.write("a", disk.names["a"], b"new", 0)
    assert left(disk, Loss.LOST)["a"].startswith(b"old")
    assert left(disk, Loss.KEPT)["a"].startswith(b"new")
    both = {left(disk, Loss.SOME, seed)["a"][:3] for seed in range(20)}
    assert both == {b"old", b"new"}


def test_a_write_is_torn_at_sectors_only(disk):
    inode = disk.open("b", create=True)
    disk.sync_folder()
    disk.write("b", inode, b"x" * 8192, 0)
    torn = set()
    for seed in range(60):
        content = left(disk, Loss.TORN, seed).get("b", b"")
        sectors = [content[at : at + 512] for at in range(0, len(content), 512)]
        assert all(one in (b"x" * 512, bytes(512)) for one in sectors)
        torn.add(content)
    assert len(torn) > 10


def test_writes_change_their_order_only_where_nothing_was_synced_between(disk):
    inode = disk.names["a"]
    disk.write("a", inode, b"1", 0)
    disk.write("a", inode, b"2", 0)
    assert {left(disk, Loss.REORDERED, seed)["a"][:1] for seed in range(60)} == {b"o", b"1", b"2"}
    disk.sync("a", inode)
    disk.write("a", inode, b"3", 0)
    assert {left(disk, Loss.REORDERED, seed)["a"][:1] for seed in range(60)} == {b"2", b"3"}


def test_a_name_is_sure_only_after_the_folder_is_synced(disk):
    inode = disk.open("new", create=True)
    disk.write("new", inode, b"x", 0)
    disk.sync("new", inode)
    assert "new" not in left(disk, Loss.LOST)
    disk.sync_folder()
    assert left(disk, Loss.LOST)["new"] == b"x"
    disk.unlink("new")
    assert left(disk, Loss.LOST)["new"] == b"x"
    assert "new" not in left(disk, Loss.KEPT)
    disk.rename("a", "new")
    disk.sync_folder()
    assert set(left(disk, Loss.LOST)) == {"new"}


def test_a_file_made_again_under_an_old_name_has_nothing_of_the_old_one(disk):
    disk.unlink("a")
    inode = disk.open("a", create=True)
    disk.sync_folder()
    assert left(disk, Loss.LOST) == {"a": b""}
    disk.write("a", inode, b"y", 1)
    disk.sync("a", inode)
    assert left(disk, Loss.LOST) == {"a": b"\0y"}


def test_a_sync_that_drops_its_writes_shows_them_on_and_keeps_none(disk):
    inode = disk.names["a"]
    disk.write("a", inode, b"new", 0)
    disk.fault = lambda number, op: Fault.DROPPED if op.kind is Kind.SYNC else None
    with pytest.raises(OSError, match="Input/output"):
        disk.sync("a", inode)
    disk.fault = None
    disk.sync("a", inode)
    assert disk.files()["a"].startswith(b"new")
    assert left(disk, Loss.KEPT)["a"].startswith(b"old")


@pytest.mark.parametrize(
    ("fault", "number", "there"),
    [
        (Fault.EIO, errno.EIO, 0),
        (Fault.EIO_DONE, errno.EIO, 2048),
        (Fault.NO_SPACE, errno.ENOSPC, 0),
        (Fault.SHORT, errno.ENOSPC, 1024),
        (Fault.DEAD, errno.EIO, 0),
    ],
)
def test_a_fault_fails_and_leaves_what_it_says(disk, fault, number, there):
    inode = disk.open("b", create=True)
    disk.fault = lambda _, op: fault
    with pytest.raises(OSError) as failed:  # noqa: PT011 - the number is looked at
        disk.write("b", inode, b"x" * 2048, 0)
    assert failed.value.errno == number
    assert len(disk.files()["b"]) == there
    disk.fault = None
    if fault is Fault.DEAD:
        with pytest.raises(OSError, match="Input/output"):
            disk.sync("b", inode)
        disk.start_again()
    disk.sync("b", inode)


def test_a_killed_process_does_nothing_more(disk):
    inode = disk.names["a"]
    disk.fault = lambda _, op: Fault.KILL_AFTER
    with pytest.raises(Killed):
        disk.write("a", inode, b"new", 0)
    disk.fault = None
    with pytest.raises(Killed):
        disk.write("a", inode, b"more", 0)
    disk.start_again()
    assert disk.files()["a"].startswith(b"newold")


def test_a_write_that_breaks_off_ends_at_a_sector():
    assert whole_sectors(Op(Kind.WRITE, "a", 1, 0, bytes(86))) == 0
    assert whole_sectors(Op(Kind.WRITE, "a", 1, 24, bytes(4096))) == 2024
    assert (whole_sectors(Op(Kind.WRITE, "a", 1, 24, bytes(4096))) + 24) % 512 == 0
