"""The power goes at any moment: whatever the disk had not been told to keep may be gone.

A writer runs under ``strace``; its writes and syncs are played back onto an imagined disk that is
stopped at random points. There, what was synced is kept; each later write is kept, dropped or torn
at a sector by the dice. From every such disk the record must start with all that was acknowledged.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from answerable.kernel.store import Head
from tests.drills import harness
from tests.drills.harness import ROOT, ROUNDS, SEED, Broken, Killed

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120 + 5 * ROUNDS)]

BATCHES = 70
SECTOR = 512
GONE = "unlink"
OPENING_CALLS = 60
OURS = ("record.db", "vault.db")
"""The files of a record begin so."""
CALLS = "pwrite64,write,ftruncate,fdatasync,fsync,unlink"
LINE = re.compile(r"^\d+ +(\w+)\((\d+)<([^>]*)>(?:, (.*))?\) += (-?\d+)")
UNLINK = re.compile(r'^\d+ +unlink\("([^"]*)"\) += 0')


class Call(NamedTuple):
    """One thing the writer asked of the system; an empty file name means the folder."""

    name: str
    file: str
    at: int
    data: bytes | None


class Disk:
    """An imagined disk: what each file surely holds, and the writes not yet synced."""

    def __init__(self) -> None:
        self.sure: dict[str, bytearray] = {}
        self.pending: dict[str, list[Call]] = {}

    def take(self, call: Call) -> None:
        """Take one call."""
        waiting = self.pending.setdefault(call.file, [])
        if call.name == "fsync" and not call.file:
            self._sync_folder()
        elif call.name in ("fsync", "fdatasync"):
            image = self.sure.setdefault(call.file, bytearray())
            for one in waiting:
                apply(image, one)
            waiting.clear()
        else:
            waiting.append(call)

    def _sync_folder(self) -> None:
        """What was removed before the folder was synced is surely gone."""
        for file in [f for f, calls in self.pending.items() if calls and calls[-1].name == GONE]:
            del self.pending[file]
            self.sure.pop(file, None)

    def after_a_power_cut(self, folder: Path, dice: random.Random) -> None:
        """Write the files as they might be found."""
        for file in sorted({*self.sure, *self.pending} - {""}):
            image = bytearray(self.sure.get(file, b""))
            for one in self.pending.get(file, ()):
                fate = dice.random()
                if fate < 0.4:
                    apply(image, one)
                elif fate < 0.6 and one.data:
                    torn = dice.randrange(0, len(one.data), SECTOR)
                    apply(image, one._replace(data=one.data[:torn]))
                if one.name == GONE and fate < 0.5:
                    break
            else:
                (folder / file).write_bytes(image)


def apply(image: bytearray, call: Call) -> None:
    """Carry out a write or a truncation."""
    if call.name == GONE:
        return
    if call.data is None:
        del image[call.at :]
        return
    image.extend(bytes(max(0, call.at - len(image))))
    image[call.at : call.at + len(call.data)] = call.data


def trace(path: Path, seed: int, mode: str) -> Path:
    """Run a writer under strace for some batches; return the log."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: apt-get install strace")
    log = path.with_suffix(".strace")
    traced = ["strace", "-f", "-y", "-xx", "-s", "99999", "-e", f"trace={CALLS}", "-o", str(log)]
    ran = subprocess.run(
        [*traced, *harness.command(path, seed, mode), str(BATCHES)],
        capture_output=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    if ran.returncode or not log.exists():
        pytest.skip(f"strace does not work here: {ran.stderr.decode()[:200]}")
    return log


def calls(log: Path, record: Path) -> Iterator[Call]:
    """Yield the calls that concern the record, and the acknowledgements."""
    for line in log.read_text().splitlines():
        if (gone := UNLINK.match(line)) is not None:
            removed = Path(unhex(gone[1]).decode())
            if removed.parent == record.parent:
                yield Call(GONE, removed.name, 0, None)
            continue
        if (match := LINE.match(line)) is None or int(match[5]) < 0:
            continue
        name, descriptor, file, rest = match[1], match[2], unhex(match[3]).decode(), match[4] or ""
        if name == "write" and descriptor == "1":
            yield Call("said", "", 0, unhex(rest.split('"')[1]))
        elif Path(file) == record.parent:
            yield Call(name, "", 0, None)
        elif Path(file).parent == record.parent and Path(file).name.startswith(OURS):
            yield call_on(name, Path(file).name, rest)


def call_on(name: str, file: str, rest: str) -> Call:
    """Return a call on one of the record's files."""
    if name == "ftruncate":
        return Call(name, file, int(rest), None)
    if name in ("fsync", "fdatasync"):
        return Call(name, file, 0, None)
    data = unhex(rest.split('"')[1])
    return Call(name, file, int(rest.rsplit(", ", 1)[1]), data)


def unhex(text: str) -> bytes:
    """Return the bytes of a string that strace wrote as hexadecimal escapes."""
    return bytes.fromhex(text.replace("\\x", "")) if text.startswith("\\x") else text.encode()


def cut_the_power(tmp_path: Path, mode: str, cuts: int) -> int:
    """Trace a writer, cut at random points; raises Broken. Returns the acknowledgements seen."""
    record = tmp_path / "record.db"
    everything = list(calls(trace(record, SEED, mode), record))
    dice = random.Random(SEED)
    points = set(dice.sample(range(len(everything)), min(cuts, len(everything))))
    points |= set(
        dice.sample(range(OPENING_CALLS), min(cuts // 4, OPENING_CALLS))
    )  # and while the record is made
    disk, said = Disk(), b""
    for n, call in enumerate(everything):
        if n in points:
            folder = tmp_path / f"cut-{n}"
            folder.mkdir()
            disk.after_a_power_cut(folder, dice)
            store = harness.check_after(folder / record.name, Killed(harness.heads_in(said), True))
            assert harness.check_content(store), f"sealed words are missing (seed {SEED})"
            store.close()
            shutil.rmtree(folder)
        if call.name == "said":
            said += call.data or b""
        elif not call.file.endswith("-shm"):
            disk.take(call)
    return len(harness.heads_in(said))


def test_nothing_acknowledged_is_lost_when_the_power_goes(tmp_path):
    assert cut_the_power(tmp_path, "power", 4 * ROUNDS) > BATCHES, f"seed {SEED}"


def test_the_harness_catches_commits_that_are_not_synced(tmp_path):
    with pytest.raises(Broken):
        cut_the_power(tmp_path, "unsynced", 4 * ROUNDS)


def test_the_imagined_disk_keeps_what_was_synced_and_only_that():
    disk = Disk()
    disk.take(Call("pwrite64", "a", 2, b"xy"))
    disk.take(Call("fdatasync", "a", 0, None))
    disk.take(Call("pwrite64", "a", 0, b"no"))
    assert disk.sure["a"] == b"\0\0xy"
    assert len(disk.pending["a"]) == 1
    image = bytearray(b"abcdef")
    apply(image, Call("ftruncate", "a", 2, None))
    assert image == b"ab"
    assert Head(1, b"x") in harness.heads_in(b"1 78\n2 7")
