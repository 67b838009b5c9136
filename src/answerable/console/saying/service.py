"""What a caller says by themselves: tokens, texts that carry them, and answers that come back.

A token stands for one call's questions, once. Whoever has it may answer them, and is told nothing
else: not where it was, not what about, not what was done. What is said is recorded like what a
caller says on the telephone, by the command of the room.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from answerable.console.contract.hooks import FrontSource
from answerable.console.language import _
from answerable.console.saying import replies
from answerable.console.saying.links import LINKS_FILE, BadLinks, Link, Links, digest_of
from answerable.console.saying.sender import BOOK_FILE, Sender
from answerable.console.serve.check import Check, Found
from answerable.exchange.hooks.book import BadBook, Book
from answerable.exchange.hooks.courier import Times
from answerable.exchange.hooks.post import TIMEOUT_S, NotTaken
from answerable.exchange.texts.adapters import adapter_of, manifests
from answerable.exchange.texts.definition import TextsAt
from answerable.exchange.texts.text import Adapter, Receipt, Reply, Text
from answerable.followup import back_words as b
from answerable.followup.back_arms import CALL_BACK
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from answerable.kernel.event import Command, Recorded, Row
from answerable.kernel.hub import Accepted
from answerable.vault import words as vault

if TYPE_CHECKING:
    from answerable.console.front import Front

ROLE = "link"
CALLER = Actor(name=_("the caller"), role=ROLE)
"""As whom an answer is recorded: nobody is named by it."""
HOUR_US = 3_600_000_000
LOOK_EVERY_S = 2.0
"""How often replies are looked for, while any token is open."""
SWEEP_EVERY_S = 600.0
RECEIPTS_KEPT = 10_000
"""Texts of which it is known that their receipt was counted."""
SETTLED = (b.CallBackAnswered, b.CallBackDeclined, b.CallBackBarred)
GONE = (vault.Erased, vault.Archived, vault.Destroyed)
BY_PAGE = _("You rang us on {day}. How did we do? Four short questions, one minute: {url}")
BY_REPLY = _(
    "You rang us on {day}. How did we do, from 1 (very bad) to 5 (very good)? Reply with four "
    "figures: manner, speed, result, all in all. For example 4534. STOP if you do not want to."
)

log = logging.getLogger("answerable.texts")


class Saying:
    """The tokens of a centre and the texts that carry them. Lives on its event loop."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.texts = TextsAt()
        self.adapter: Adapter | None = None
        self.sender: Sender | None = None
        self.trouble = ""
        """Why tokens or texts are kept in memory only: a file cannot be used."""
        self.answered, self.not_understood = 0, 0
        self._unrecorded: list[Reply] = []
        """Replies that the record could not take; they are tried again at the next look."""
        self.delivered, self.undelivered = 0, 0
        """Texts that reached their caller, and that did not, by what the gateway told."""
        self._told: dict[str, None] = {}
        self.url = ""
        """The address that people reach the centre by."""
        self.links = self._links()
        self._book: Book | None = None
        self._receipts = False
        front.gauges["texts_waiting"] = (
            "Texts to callers that have still to be passed on.",
            lambda: float(self.sender.waiting() if self.sender else 0),
        )
        front.gauges["texts_undelivered"] = (
            "Texts of which the gateway told that they did not reach their caller.",
            lambda: float(self.undelivered),
        )
        front.checks.append(self.check)

    def _beside(self, name: str) -> Path | None:
        record = getattr(self._front.hub.store, "path", None)
        return Path(record).with_name(name) if record else None

    def _links(self) -> Links:
        try:
            return Links.open(self._beside(LINKS_FILE))
        except BadLinks as error:
            log.error("%s", error)
            self.trouble = str(error)
            return Links.open(None)

    def set_up(
        self, texts: TextsAt, url: str, adapter: Adapter | None = None, times: Times | None = None
    ) -> None:
        """Take the texts of the settings, before anything runs."""
        self.texts, self.url = texts, url.rstrip("/")
        self.adapter = adapter or adapter_of(texts, self._front.hooks.inside)
        if self.adapter is None:
            return
        try:
            self._book = Book.open(self._beside(BOOK_FILE))
        except BadBook as error:
            log.error("%s", error)
            self._book, self.trouble = Book.open(None), str(error)
        self._receipts = manifests()[texts.kind].receipts
        source = FrontSource(self._front)
        self.sender = Sender(texts.mark(), self._book, source, self.adapter, self, times or Times())

    @property
    def there(self) -> bool:
        """Whether callers can be sent anything at all."""
        return self.sender is not None

    # -- running -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Pass texts on and take replies for as long as the task lives."""
        if self.sender is None or self.adapter is None:
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.sender.run())
                group.create_task(self._replies(self.adapter))
                group.create_task(self._sweep())
        finally:
            await self.adapter.close()

    def close(self) -> None:
        """Let go of the files, after ``run`` has ended."""
        self.links.close()
        if self._book is not None:
            self._book.close()

    async def _sweep(self) -> None:
        while True:
            self.links.sweep(self._front.now_us())
            await asyncio.sleep(SWEEP_EVERY_S)

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Void tokens nobody may use any more, and wake the courier. Nothing here waits (B9)."""
        for one in recorded:
            event = one.event
            if isinstance(event, SETTLED):
                self.links.settled(event.call)
            elif isinstance(event, GONE):
                self.links.forget(event.incident)
            elif isinstance(event, b.LinkSent) and self.sender is not None:
                self.sender.wake()

    # -- texts -------------------------------------------------------------------------------

    def open_for(self, incident: str, call: str) -> bool:
        """Say whether the caller of a call may still answer by themselves."""
        with self._front.at_hand(incident):
            back = self._front.hub.state["followup"].backs.get(call)
            return (
                back is not None and back.incident == incident
                and CALL_BACK.allows(back.state, b.CallBackAnswered)
            )  # fmt: skip

    def text_of(self, row: Row) -> Text | None:
        """Return the text that a ``LinkSent`` leads to, with a fresh token; None for none."""
        event = self._front.hub.rooms.decode(row)
        until_us = row.recorded_at + self.texts.valid_h * HOUR_US
        if not isinstance(event, b.LinkSent) or until_us <= self._front.now_us():
            return None
        if not self.open_for(event.incident, event.call):
            return None
        number = self._front.gate.number_of(event.call)
        if not number:
            return None
        tag = self._language(event.incident, event.call)
        token = self.links.mint(Link(event.incident, event.call, tag, until_us))
        return Text(id=token, number=number, words=self._words(event, tag, token), lang=tag)

    def _language(self, incident: str, call: str) -> str:
        with self._front.at_hand(incident):
            back = self._front.hub.state["followup"].backs.get(call)
            return (back.language if back else "") or self._front.town.following.language

    def _words(self, event: b.LinkSent, tag: str, token: str) -> str:
        phrases = self._front.phrases(tag)
        day = self.day_of(event.call, tag)
        if event.way == "text":
            return phrases.lang.say(BY_REPLY, day=day)
        return phrases.lang.say(BY_PAGE, day=day, url=f"{self.url}/say/{token}")

    def day_of(self, call: str, tag: str) -> str:
        """Return the day of a call, as people of a language write it."""
        row = next(iter(self._front.hub.store.stream(f"call:{call}")), None)
        return self._front.phrases(tag).day(row.happened_at if row else self._front.now_us())

    def void(self, row: Row) -> None:
        """Void the token of a text that was not passed on."""
        event = self._front.hub.rooms.decode(row)
        if isinstance(event, b.LinkSent):
            self.links.settled(event.call)

    # -- answers -----------------------------------------------------------------------------

    def find(self, token: str) -> Link | None:
        """Return what a token is for; None for one that opens nothing, whatever the reason."""
        link = self.links.find(token, self._front.now_us())
        return link if link and self.open_for(link.incident, link.call) else None

    async def answer(
        self, token: str, marks: Mapping[str, int], words: str, *, wants: bool, way: b.Way
    ) -> bool:
        """Have an answer recorded; False where the token opens nothing. Raises Unavailable."""
        given = {name: marks.get(name, 0) for name in b.QUESTIONS}
        fields: dict[str, Any] = {"words": words, "wants": wants, "way": way, **given}
        return await self._once(token, b.AnswerCallBack, fields)

    async def decline(self, token: str) -> bool:
        """Have it recorded that a caller does not want to be asked. Raises Unavailable."""
        fields = {"outcome": b.Outcome.REFUSED, "way": "text"}
        return await self._once(token, b.TriedCallBack, fields)

    async def _once(self, token: str, command: type[Command], fields: dict[str, Any]) -> bool:
        """Use a token up for one command; it stays good where nothing could be recorded."""
        link = self.links.take(token, self._front.now_us())
        if link is None:
            return False
        done = False
        try:
            key = f"{ROLE}:{digest_of(token)[:40]}"
            asked = command(key=key, incident=link.incident, call=link.call, **fields)  # type: ignore[call-arg]
            outcome = await self._front.desk.ask(asked, CALLER)
            done = isinstance(outcome, Accepted)
        finally:
            if done:
                self.links.used(token)
                self.answered += 1
            else:
                self.links.leave(token)
        return done

    # -- replies -----------------------------------------------------------------------------

    async def _replies(self, adapter: Adapter) -> None:
        while True:
            if self.links.count():
                await self._look(adapter)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self, adapter: Adapter) -> None:
        with contextlib.suppress(TimeoutError, NotTaken):
            async with asyncio.timeout(TIMEOUT_S):
                self._unrecorded += await adapter.replies()
        found, self._unrecorded = self._unrecorded, []
        for reply in found:
            try:
                self.not_understood += not await self.take(reply)
            except Unavailable as refusal:
                log.error("a reply is not recorded yet: %s", refusal)
                self._unrecorded.append(reply)  # the gateway has it no more
        if self._receipts:
            for receipt in await adapter.receipts():
                self.told(receipt)

    async def take(self, reply: Reply) -> bool:
        """Have a reply recorded; False where it says nothing or nobody waits for it."""
        said = replies.read(reply.words)
        if said.declines:
            return await self.decline(reply.id)
        marks = dict(zip(b.QUESTIONS, said.marks, strict=False))
        return await self.answer(reply.id, marks, said.words, wants=False, way="text")

    def told(self, receipt: Receipt) -> None:
        """Count what became of a text, once; the token of one that reached nobody is void."""
        digest = digest_of(receipt.id)
        if digest in self._told or self.links.find(receipt.id, self._front.now_us()) is None:
            return
        self._told[digest] = None
        if len(self._told) > RECEIPTS_KEPT:
            del self._told[next(iter(self._told))]
        if receipt.state == "delivered":
            self.delivered += 1
        else:
            self.undelivered += 1
            self.links.used(receipt.id)

    # -- health ------------------------------------------------------------------------------

    def check(self) -> Check:
        """Return how texts stand; none of it makes the centre unwell: callers are telephoned."""
        if self.trouble:
            return Check(
                name="texts", found=Found.WATCH,
                means=_("A file of the texts to callers cannot be used; it is kept in memory."),
                instead=_("Move {file} away and start again."),
                values={"file": f"{LINKS_FILE}, {BOOK_FILE}"},
            )  # fmt: skip
        if self.sender is not None and self.sender.failures:
            return Check(
                name="texts", found=Found.WATCH, values={"why": self.sender.why},
                means=_("Texts to callers do not get through ({why})."),
                instead=_("Ring these callers; look after the gateway."),
            )  # fmt: skip
        if self.undelivered:
            return Check(
                name="texts", found=Found.WATCH, values={"count": self.undelivered},
                means=_("{count} texts did not reach their callers since the start."),
                instead=_("Ring them as if no text had been sent; look after the gateway."),
            )  # fmt: skip
        return Check(
            name="texts", found=Found.WELL, values={"count": self.links.count()},
            means=_("{count} callers may answer by a text or a link."),
        )  # fmt: skip
