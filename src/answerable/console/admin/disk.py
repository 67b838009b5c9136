"""The town's folder as it lies on the disk now: read in a thread, checked in a process of its own.

Nothing here changes what holds. Checking decodes whole street files, which would keep the event
loop waiting even from a thread, so it runs as a process and hands its findings back as JSON.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from pathlib import Path

import msgspec

from answerable.console.beside import working
from answerable.console.language import _
from answerable.console.sanity import Refused
from answerable.towns.adopting import digests_of
from answerable.towns.check import Finding, check_town
from answerable.towns.load import TOWN_FILE
from answerable.towns.model import RunCard, TownFile
from answerable.towns.sending import NOTHING_MORE, Sending
from answerable.towns.words import FileDigest

CHECK_S_MAX = 120.0
"""A town that takes longer to check is told so."""
NICE = 10


class OnDisk(msgspec.Struct, frozen=True):
    """What lies in the folder: digests, and the run cards of its file or why there are none.

    ``sending`` are the rules beside the cards.
    """

    files: tuple[FileDigest, ...]
    cards: tuple[RunCard, ...] | None
    problem: str = ""
    sending: Sending = NOTHING_MORE


def read_folder(folder: Path) -> OnDisk:
    """Read the folder; what cannot be read is told in ``problem``, never raised."""
    try:
        files = digests_of(folder)
    except OSError as error:
        return OnDisk((), None, str(error))
    try:
        file = msgspec.toml.decode((folder / TOWN_FILE).read_bytes(), type=TownFile)
    except (OSError, msgspec.DecodeError, ValueError) as error:
        return OnDisk(files, None, f"{TOWN_FILE}: {error}")
    return OnDisk(files, file.run_cards, sending=file.sending)


class Checker:
    """Checks a town's folder when asked, once for the same files. One per process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turn = asyncio.Lock()
        self._known: tuple[tuple[FileDigest, ...], list[Finding]] | None = None

    async def read(self) -> OnDisk:
        """Return the folder as it is now."""
        return await asyncio.to_thread(read_folder, self.folder)

    async def findings(self) -> list[Finding]:
        """Return what is wrong with the folder as it is now. Raises Refused (503)."""
        async with self._turn:
            files = (await self.read()).files
            if self._known is None or self._known[0] != files:
                self._known = (files, await in_a_process(self.folder))
            return self._known[1]


async def in_a_process(folder: Path, most_s: float = CHECK_S_MAX) -> list[Finding]:
    """Check a folder in a process of low rank. Raises Refused (503) where it does not end well."""
    words = (sys.executable, "-m", __name__, str(folder))
    try:
        async with working(*words, stdout=PIPE) as worker:
            told, _nothing = await asyncio.wait_for(worker.communicate(), most_s)
        return msgspec.json.decode(told, type=list[Finding])
    except (TimeoutError, msgspec.DecodeError) as error:
        raise Refused(
            503, "console.NotChecked", _("Not checked: the town's files."),
            _("The check did not end within {most_s} s, or failed."),
            _("Run 'answerable town check' on this machine; it says more."),
            most_s=f"{most_s:.0f}",
        ) from error  # fmt: skip


def main(words: Sequence[str]) -> int:
    """Check the folder named and print its findings as JSON: what ``Checker`` starts."""
    os.nice(NICE)
    sys.stdout.buffer.write(msgspec.json.encode(check_town(Path(words[0]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
