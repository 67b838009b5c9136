"""The courier of texts: it walks the record for callers who are to be sent the questions.

A token is made at the moment at which its text is passed on, and a fresh one at every further try:
so none lies in a queue, and the book of this courier holds positions only. A text that nobody needs
any more (the caller was reached meanwhile) is put away.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from answerable.exchange.hooks.book import Book
from answerable.exchange.hooks.courier import Courier, Source, Times
from answerable.exchange.hooks.letters import Letter, Target
from answerable.exchange.hooks.post import TIMEOUT_S, NotTaken
from answerable.exchange.texts.text import Adapter, Text
from answerable.followup.back_words import LinkSent
from answerable.kernel.event import Row

BOOK_FILE = "texts.sqlite"
NAME = "texts"
KINDS = frozenset({LinkSent.tag})
TRIES_MAX = 6
"""Tries of one text, within about half an hour; then the caller is telephoned as before."""
PAUSES_S = (5.0, 30.0, 120.0, 600.0, 1_200.0)
SCAN = 500
"""Positions looked through for what still waits."""

log = logging.getLogger("answerable.texts")


class Centre(Protocol):
    """What the courier asks of the centre."""

    def text_of(self, row: Row) -> Text | None:
        """Return the text a row leads to, with a fresh token; None where nobody needs it."""
        ...

    def void(self, row: Row) -> None:
        """Void the token of a text that was not passed on."""
        ...


class _Nothing:
    """A courier's secrets and carrier, which this one has no use for."""

    def secret(self, credential: str) -> str | None:
        return None

    async def carry(self, url: str, headers: object, body: bytes) -> None:
        raise NotTaken("an adapter carries it")

    async def close(self) -> None:
        return


class Sender(Courier):
    """Texts over one adapter. ``why`` is what its last failure was; none while it carries."""

    def __init__(
        self, mark: str, book: Book, source: Source, adapter: Adapter, centre: Centre, times: Times
    ) -> None:
        """``mark`` is a digest of where it leads: one that leads elsewhere begins anew."""
        target = Target(NAME, "", "", mark, KINDS, source.recorded())
        super().__init__(target, book, source, _Nothing(), _Nothing(), times)
        self.adapter = adapter
        self.why, self.carried, self.missed = "", 0, 0
        self._centre = centre

    def waiting(self) -> int:
        """Return how many texts it still has to pass on, of the next ``SCAN`` positions."""
        rows = self._source.rows(self.position, SCAN)
        in_hand = self._book.in_hand(NAME) is not None
        return int(in_hand) + sum(1 for row in rows if row.kind in KINDS)

    def _span(self) -> Letter | None:
        """Return the next text as a letter of its own, or pass over what is none."""
        last = self.position
        for row in self._source.rows(self.position, SCAN):
            last = row.position
            if row.kind in KINDS:
                return Letter(NAME, last, last)
        self.position = last
        self._note()
        return None

    async def _try(self, letter: Letter) -> None:
        row = next(iter(self._source.rows(letter.first - 1, 1)), None)
        text = self._centre.text_of(row) if row is not None else None
        if row is None or text is None:
            self._put_away(letter)
            return
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self.adapter.carry(text)
        except TimeoutError:
            self._not_carried(letter, row, f"no answer came within {TIMEOUT_S:g} s")
        except NotTaken as error:
            self._not_carried(letter, row, error.why, error.wait_s)
        except Exception as fault:  # an adapter's fault must not stop the texts after this one
            log.error("fault while passing a text on: %s", type(fault).__name__)
            self._not_carried(letter, row, "the program failed while passing it on")
        else:
            if self.failures:
                log.warning("texts are passed on again")
            self.failures, self.why = 0, ""
            self.carried += 1
            self._put_away(letter)

    def _put_away(self, letter: Letter) -> None:
        self._book.delivered(letter)
        self._settled(letter)

    def _not_carried(self, letter: Letter, row: Row, why: str, wait_s: float = 0.0) -> None:
        """Try again later, and not before a gateway asked to be left alone for so long."""
        self._centre.void(row)
        if not self.failures:
            log.warning("texts are not passed on: %s", why)
        self.failures, self.why = self.failures + 1, why
        if letter.tries + 1 >= TRIES_MAX:
            self.missed += 1
            self._put_away(letter)
            return
        pause_s = max(wait_s, PAUSES_S[min(letter.tries, len(PAUSES_S) - 1)])
        self._book.failed(letter, why, int((self._times.now_s() + pause_s) * 1e6))
