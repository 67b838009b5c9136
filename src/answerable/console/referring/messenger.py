"""What carries referrals to agencies, and asks how they stand: beside the work, one task an agency.

The record is the queue: a referral that is on its way is carried until a receipt is recorded, or
until the tries are used up and that is recorded. A crash between the two carries it once more,
under the same number. An agency that is slow or gone delays nobody else, and no dispatch (B9).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from answerable.console.language import _
from answerable.console.portal.page import seen, when
from answerable.console.referring.definition import Referring
from answerable.console.referring.replies import Replies
from answerable.console.sanity import new_key
from answerable.exchange.hooks.courier import Times
from answerable.exchange.letters import Carrier, Heard, Letter, NotCarried
from answerable.exchange.mail.out import Relay
from answerable.exchange.open311.client import TOKEN, Service
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from answerable.kernel.event import Recorded
from answerable.matters import referral_words as w
from answerable.matters.referral_views import ReferralLine, Referrals
from answerable.towns.referring import Partner

if TYPE_CHECKING:
    from answerable.console.front import Front

TRIES_MAX = 6
FIRST_PAUSE_S = 5.0
GROWTH = 4.0
PAUSE_S_MAX = 3_600.0
CARRIED = ("mail", "open311")
WAKES = (w.Referred, w.ReferralSentAgain, w.ReferralReceived)
RECEIPT_MAX = 240

TOLD = (
    _("no mail relay is set up"), _("the key of its service cannot be read"),
    _("the password of the mail relay cannot be read"), _("nothing answers there"),
    _("no answer came in time"), _("the relay cannot be reached"),
    _("the relay does not take its address"), _("its answer cannot be read"),
    _("its answer is too long"), _("it took the request and gave no number for it"),
    _("it gave a number that cannot be kept"), _("the program failed while sending it"),
    _("its number makes no subject"),
)  # fmt: skip
"""Why a letter was not carried, as pages tell it; what an outside service answered is a number."""

log = logging.getLogger("answerable.referring")


class Round:
    """One agency's round: what is on its way to it, and what it is asked about."""

    def __init__(
        self, front: Front, partner: Partner, carrier: Carrier | None, why_not: str,
        ask_every_s: float, times: Times,
    ) -> None:  # fmt: skip
        self._front = front
        self.partner = partner
        self._carrier = carrier
        self._why_not = why_not
        self._ask_every_s = ask_every_s
        self._times = times
        self._tries: dict[str, tuple[int, float]] = {}
        self._asked_s = 0.0
        self.woken = asyncio.Event()
        self.actor = Actor(name=f"{partner.way}/{partner.code}", role="portal")

    @property
    def _lines(self) -> list[ReferralLine]:
        view: Referrals = self._front.hub.state["referrals"]
        return [one for one in view.open.values() if one.agency == self.partner.code]

    async def run(self) -> None:
        """Carry and ask for as long as the task lives."""
        try:
            while True:
                self.woken.clear()
                await self.once()
                await self._times.wait(self.woken, self._wait_s())
        finally:
            if self._carrier is not None:
                await self._carrier.close()

    def _wait_s(self) -> float:
        """Return how long nothing is to be done."""
        now_s = self._times.now_s()
        due = [next_s - now_s for _tries, next_s in self._tries.values()]
        return max(0.05, min([self._ask_every_s, *due]))

    async def once(self) -> None:
        """Carry what is due now, and ask if it is time to."""
        lines = self._lines
        waiting = [one for one in lines if one.state == "on its way"]
        self._tries = {one.referral: self._tries.get(one.referral, (0, 0.0)) for one in waiting}
        for line in waiting:
            tries, next_s = self._tries[line.referral]
            if next_s <= self._times.now_s():
                await self._carry(line, tries + 1)
        if self._carrier is not None and self._asked_s <= self._times.now_s():
            self._asked_s = self._times.now_s() + self._ask_every_s
            await self._ask(lines)

    async def _carry(self, line: ReferralLine, tries: int) -> None:
        if self._carrier is None:
            await self._done(w.FailReferral, line, why=self._why_not)
            return
        try:
            receipt = await self._carrier.carry(self._letter(line))
        except NotCarried as error:
            await self._missed(line, tries, error.why, for_good=error.for_good)
        except Exception as fault:  # a fault of ours must not stop what comes after it
            log.error("fault while carrying a referral: %s", type(fault).__name__)
            await self._missed(line, tries, "the program failed while sending it")
        else:
            self._tries.pop(line.referral, None)
            await self._done(w.ReceiveReferral, line, receipt=receipt[:RECEIPT_MAX])

    async def _missed(
        self, line: ReferralLine, tries: int, why: str, *, for_good: bool = False
    ) -> None:
        log.warning("%s was not carried to %s: %s", line.referral, line.agency, why)
        if for_good or tries >= TRIES_MAX:
            self._tries.pop(line.referral, None)
            await self._done(w.FailReferral, line, why=why)
            return
        pause_s = min(FIRST_PAUSE_S * GROWTH ** (tries - 1), PAUSE_S_MAX)
        pause_s *= 0.75 + self._times.chance() / 2
        self._tries[line.referral] = (tries, self._times.now_s() + pause_s)

    def _letter(self, line: ReferralLine) -> Letter:
        """Return a referral as it is carried: what its event holds, and no more."""
        phrases = self._front.phrases(self.partner.lang)
        lang = phrases.lang
        rule = self._front.town.referring.rule(line.rule)
        lines = [lang.say(_("Referral {number}"), number=line.referral)]
        lines += [f"{name}: {value}" for name, value in seen(self._front, line, phrases)]
        lines.append(f"{lang(_('Answer by'))}: {when(phrases, line.answer_due_us)}")
        lines.append(f"{lang(_('Done by'))}: {when(phrases, line.due_us)}")
        return Letter(
            referral=line.referral, agency=line.agency, sending=line.sendings, lines=tuple(lines),
            lang=lang.tag, service=(rule.service if rule else "") or "referral",
            address=line.address, lon=line.lon, lat=line.lat,
        )  # fmt: skip

    # -- how they stand ----------------------------------------------------------------------

    async def _ask(self, lines: list[ReferralLine]) -> None:
        assert self._carrier is not None, "nobody is asked where there is no way"
        known: dict[str, list[ReferralLine]] = {}  # a service may give two letters one number
        for line in lines:
            if line.receipt and line.state in ("received", "accepted"):
                known.setdefault(line.receipt, []).append(line)
        if not known:
            return
        try:
            heard = await self._carrier.ask(list(known))
        except NotCarried as error:
            log.warning("%s was not asked: %s", self.partner.code, error.why)
            return
        except Exception as fault:
            log.error("fault while asking an agency: %s", type(fault).__name__)
            return
        for one in heard:
            for line in known[one.receipt]:
                await self._heard(line, one)

    async def _heard(self, line: ReferralLine, one: Heard) -> None:
        if one.closed:
            await self._done(w.ReturnReferral, line, result=w.Result.CLOSED, words=one.notes)
        elif line.state == "received" and one.expected_us and not one.receipt.startswith(TOKEN):
            await self._done(w.AcceptReferral, line, expected_us=one.expected_us, words=one.notes)

    async def _done(
        self, command: type[w._OnReferral], line: ReferralLine, **fields: object
    ) -> None:
        """Have what came of it recorded; where it cannot be now, the next round does it again."""
        told: dict[str, Any] = {"referral": line.referral, "way": self.partner.way, **fields}
        asked = command(key=new_key("refer"), **told)
        with contextlib.suppress(Unavailable):
            await self._front.desk.ask(asked, self.actor)


class Messenger:
    """All rounds, and the replies that come in by mail. One per process."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.rounds: dict[str, Round] = {}
        self.replies: Replies | None = None

    def set_up(
        self, settings: Referring, times: Times | None = None,
        carrier: Callable[[Partner], Carrier | None] | None = None,
    ) -> None:  # fmt: skip
        """Take the settings, before anything runs; a demonstration never does, and sends nothing.

        ``carrier`` is for tests: it gives what carries to an agency.
        """
        for partner in self._front.town.referring.agencies:
            if partner.way in CARRIED:
                made, why_not = self._carrier(partner, settings)
                made = carrier(partner) if carrier else made
                self.rounds[partner.code] = Round(
                    self._front, partner, made, why_not, settings.ask_every_s, times or Times()
                )
        if settings.mail is not None and settings.mail.replies:
            self.replies = Replies(self._front, Path(settings.mail.replies))

    def _carrier(self, partner: Partner, settings: Referring) -> tuple[Carrier | None, str]:
        """Return what carries to an agency, or why nothing does."""
        if partner.way == "open311":
            place = settings.keys.get(partner.code, "")
            key = _secret(place)
            if key is None:
                return None, "the key of its service cannot be read"
            return Service(partner, key), ""
        if settings.mail is None:
            return None, "no mail relay is set up"
        password = _secret(settings.mail.password_file) if settings.mail.password_file else ""
        if password is None:
            return None, "the password of the mail relay cannot be read"
        secret = self._front.centre.receipt_secret
        town = self._front.town.file.title.en
        return Relay(partner.address, settings.mail, secret, town, password), ""

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Wake the round that something was recorded for; costs a look at each event."""
        if not self.rounds:
            return
        for one in recorded:
            if isinstance(one.event, WAKES) and (found := self.rounds.get(one.event.agency)):
                found.woken.set()

    async def run(self) -> None:
        """Carry for as long as the task lives."""
        tasks = list(self._tasks())
        try:
            await asyncio.Event().wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _tasks(self) -> Iterator[asyncio.Task[None]]:
        for code, one in self.rounds.items():
            yield asyncio.create_task(one.run(), name=f"referrals to {code}")
        if self.replies is not None:
            yield asyncio.create_task(self.replies.run(), name="referral replies")


def _secret(place: str) -> str | None:
    """Return what a file of one secret holds, None where it cannot be read."""
    try:
        return Path(place).read_text("utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
