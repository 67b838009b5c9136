"""A dialler behind a folder: requests are laid into it as files, results are read from it.

    <folder>/requests/<id>.json   {"id": …, "desk": …, "number": …, "rings_s": …}    we write
    <folder>/results/<any>.json   {"id": …, "state": "ringing"}                      we read
    <folder>/results/aside/       what could not be used, with the reason

Both sides write under another name and rename. A request is removed once its attempt is over, and
what an earlier run left is removed at the beginning: no number lies there longer than it rings.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from answerable.exchange import spool
from answerable.exchange.dialler.protocol import OVER, Dial, NotDialled, Told, encode, read_told

LOOK_EVERY_S = 0.25
"""How often results are looked for, while something is waited for."""
NOBODY_WAITS = "Nobody waits for this id: the attempt is over, or it never was."

log = logging.getLogger("answerable.dialler")

CLOSE_S = 2.0
"""What a folder that hangs may take of the service's end."""


class FileDialler:
    """Requests and results as files. Everything that touches the disk has a thread of its own."""

    def __init__(self, folder: Path, every_s: float = LOOK_EVERY_S) -> None:
        self._requests, self._results = folder / "requests", folder / "results"
        self._every_s = every_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dialler")
        self._waiting: dict[str, asyncio.Queue[Told]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._begun = False

    async def dial(self, asked: Dial) -> AsyncGenerator[Told, None]:
        """Lay the request down, and tell what is found about it. Raises NotDialled."""
        heard: asyncio.Queue[Told] = asyncio.Queue()
        self._waiting[asked.id] = heard
        try:
            await self._apart(self._lay, asked)
            self._look_on()
            while True:
                told = await heard.get()
                yield told
                if told.state in OVER:
                    return
        finally:
            del self._waiting[asked.id]
            self._thread.submit(self._take_back, asked.id)

    async def _apart(self, act: object, *given: object) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, act, *given)  # type: ignore[arg-type]
        except OSError as error:
            raise NotDialled(f"its folder cannot be used ({error.strerror})") from error

    def _lay(self, asked: Dial) -> None:
        if not self._begun:
            spool.folder_of(self._results)
            spool.emptied(spool.folder_of(self._requests))
            self._begun = True
        spool.lay(self._requests, f"{asked.id}.json", encode(asked))

    def _take_back(self, id_: str) -> None:
        with contextlib.suppress(OSError):
            (self._requests / f"{id_}.json").unlink(missing_ok=True)

    # -- results -----------------------------------------------------------------------------

    def _look_on(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="results of the dialler")

    async def _look(self) -> None:
        """Look for results while something is waited for."""
        loop, failed = asyncio.get_running_loop(), False
        while self._waiting:
            try:
                for told in await loop.run_in_executor(self._thread, self._read):
                    if (heard := self._waiting.get(told.id)) is not None:
                        heard.put_nowait(told)
                failed = False
            except OSError as error:  # whoever waits is told by the clock; it is looked again
                if not failed:
                    log.warning("results of the dialler cannot be read (%s)", error.strerror)
                failed = True
            await asyncio.sleep(self._every_s)

    def _read(self) -> list[Told]:
        """Take the results that lie there; what cannot be used is set aside."""
        taken: list[Told] = []
        for laid in spool.found(self._results):
            told, why = _understood(laid)
            if told is not None and told.id in self._waiting:
                laid.path.unlink(missing_ok=True)
                taken.append(told)
            else:
                spool.set_aside(laid.path, why or NOBODY_WAITS)
        return taken

    async def close(self) -> None:
        """Stop looking; requests that are out are taken back, as far as the disk lets us."""
        if self._looking is not None:
            self._looking.cancel()
        for id_ in list(self._waiting):
            self._thread.submit(self._take_back, id_)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(self._thread.shutdown), CLOSE_S)


def _understood(laid: spool.Laid) -> tuple[Told | None, str]:
    if laid.why:
        return None, laid.why
    try:
        return read_told(laid.body), ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, f"It cannot be understood: {error}."
