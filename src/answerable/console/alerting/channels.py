"""The alerting channels over a running centre: what they carry, and what is recorded of it."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from answerable.console.contract.hooks import FrontSource
from answerable.console.language import _, language
from answerable.console.phrases import place
from answerable.console.serve.check import Check, Found
from answerable.console.tracking import messages
from answerable.dispatch import alert_words as a
from answerable.dispatch import words as w
from answerable.dispatch.report_words import ReportReminded
from answerable.dispatch.state import OWING, UNDER_WAY
from answerable.dispatch.views import IncidentLine, JobLine
from answerable.exchange.channels.caller import Wanted
from answerable.exchange.channels.definition import Alerts, ChannelAt
from answerable.exchange.channels.page import Page, Sort, cut
from answerable.exchange.channels.switchboard import BOOK_FILE, ROLE, Switchboard
from answerable.exchange.hooks.addresses import Network
from answerable.exchange.hooks.book import BadBook, Book
from answerable.exchange.hooks.courier import Times
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from answerable.kernel.event import Command, Row

if TYPE_CHECKING:
    from answerable.console.front import Front

CALLED_OFF_US = 600_000_000
"""A crew is not told any more that it was called off so long ago."""
SORTS: dict[str, Sort] = {
    w.UnitSent.tag: "sent", a.AlertMissed.tag: "sent", a.UnitReminded.tag: "reminder",
    ReportReminded.tag: "reminder", w.UnitCancelled.tag: "called off",
}  # fmt: skip
HEADS: dict[Sort, str] = {
    "sent": _("{unit}: {what}"), "reminder": _("Reminder, {unit}: {what}"),
    "called off": _("Called off, {unit}: {what}"),
}  # fmt: skip
OF_REPORT = _("Report missing, {unit}: {what}")
SAID = _("{kind}, priority {priority}. {address}[ ({doubt})]. {incident}, {time}.")

log = logging.getLogger("answerable.channels")


class FrontCentre:
    """The centre as callers ask it. Nothing here waits for a caller."""

    def __init__(self, front: Front) -> None:
        self._front = front

    @property
    def _board(self) -> Switchboard:
        return self._front.alerting.switchboard

    def _about(self, row: Row) -> tuple[w.JobEvent, IncidentLine, JobLine] | None:
        """Return the event of a row with its incident and job, None where they are gone."""
        event = self._front.hub.rooms.decode(row)
        if not isinstance(event, w.JobEvent):
            return None
        line = self._front.board.line(event.incident)
        job = line.jobs.get(event.unit) if line is not None else None
        return (event, line, job) if line is not None and job is not None else None

    def wants(self, row: Row, channel: str) -> bool:
        """Say whether a channel has to carry what a row is about, as things stand now."""
        about = self._about(row)
        if about is None:
            event = self._front.hub.rooms.decode(row)
            return messages.wants(self._front, self._board, event, channel)
        event, _line, job = about
        order = self._board.alerts.of(event.unit)
        if channel not in order:
            return False
        if isinstance(event, a.UnitReminded):
            return job.state in UNDER_WAY
        if isinstance(event, ReportReminded):
            return job.report in OWING
        if isinstance(event, w.UnitCancelled):
            age_us = self._front.now_us() - row.recorded_at
            return job.state == "cancelled" and age_us < CALLED_OFF_US
        if job.state != "sent":
            return False
        if isinstance(event, a.AlertMissed):
            after = self._board.next_after(event.unit, event.channel)
            return not event.reminder and after == channel
        return order[0] == channel

    def page_of(self, row: Row, channel: str) -> Wanted | None:
        """Return the alert a row leads to on a channel, None where nobody needs it any more."""
        about = self._about(row) if self.wants(row, channel) else None
        if about is None:
            return self._reminder(row, channel)
        event, line, _job = about
        sort = SORTS[row.kind]
        last = sort == "sent" and not self._board.next_after(event.unit, channel)
        page = Page(
            sort=sort, id=f"{channel}-{row.position}", position=row.position,
            incident=line.incident, unit=event.unit, kind=line.kind, priority=line.priority,
            address=line.address, text=self._text(event, line, row),
            happened_at=row.happened_at, opened_at=line.opened_us, lon=line.lon, lat=line.lat,
            unverified=bool(line.unverified), channel=channel,
        )  # fmt: skip
        return Wanted(page, last)

    def _reminder(self, row: Row, channel: str) -> Wanted | None:
        """Return the message that reminds the owner of a matter, None where there is none."""
        event = self._front.hub.rooms.decode(row)
        page = messages.page_of(self._front, self._board, row, event, channel)
        last = page is not None and not self._board.next_after(page.unit, channel)
        return Wanted(page, last) if page is not None else None

    def _text(self, event: w.JobEvent, line: IncidentLine, row: Row) -> str:
        phrases = self._front.phrases(language(self._board.alerts.lang).tag)
        lang = phrases.lang
        what = lang.say(
            SAID, kind=phrases.kind(line.kind), priority=line.priority,
            address=place(line.address), doubt=lang(_("unverified")) if line.unverified else "",
            incident=line.incident, time=phrases.clock(row.happened_at),
        )  # fmt: skip
        head = OF_REPORT if isinstance(event, ReportReminded) else HEADS[SORTS[row.kind]]
        return cut(lang.say(head, unit=event.unit, what=what))

    # -- what is recorded ----------------------------------------------------------------------

    async def heard(self, page: Page) -> None:
        """Have it recorded that the crew's device was reached."""
        if page.matter:
            await self._ask(page, messages.noted(page))
        elif page.sort != "called off":
            await self._ask(page, a.HearAlert(
                key=f"heard:{page.channel}:{page.position}", incident=page.incident,
                unit=page.unit, channel=page.channel,
            ))  # fmt: skip

    async def missed(self, page: Page, why: str, *, last: bool) -> None:
        """Have it recorded that an alert could not be passed on."""
        if page.matter:
            await self._ask(page, messages.noted(page, why))
        elif page.sort != "called off":
            await self._ask(page, a.MissAlert(
                key=f"missed:{page.channel}:{page.position}", incident=page.incident,
                unit=page.unit, channel=page.channel, why=why[:240], last=last,
                reminder=page.sort == "reminder",
            ))  # fmt: skip

    async def _ask(self, page: Page, command: Command) -> None:
        """Ask; one that is refused (the crew has signed meanwhile) is none the worse."""
        actor = Actor(name=f"{ROLE}/{page.channel}", role=ROLE)
        try:
            await self._front.desk.ask(command, actor)
        except Unavailable as refusal:
            log.error("not recorded of channel %s: %s", page.channel, refusal)


def switchboard_of(
    front: Front,
    channels: Collection[ChannelAt] = (),
    alerts: Alerts | None = None,
    *,
    inside: Iterable[Network] = (),
    times: Times | None = None,
) -> Switchboard:
    """Return the channels of a centre; ones whose book cannot be used keep it in memory."""
    record = getattr(front.hub.store, "path", None) if channels else None
    trouble = ""
    try:
        book = Book.open(Path(record).with_name(BOOK_FILE) if record else None)
    except BadBook as error:
        log.error("%s", error)
        book, trouble = Book.open(None), str(error)
    made = Switchboard(
        channels, alerts or Alerts(), book, FrontSource(front), FrontCentre(front), inside=inside,
        times=times,
    )  # fmt: skip
    made.trouble = trouble
    return made


def watched(front: Front) -> None:
    """Put the numbers and the check of the channels where metrics and health find them."""
    front.gauges["alerts_waiting"] = (
        "Alerts that channels have still to carry, all channels together.",
        lambda: float(sum(one.waiting for one in front.alerting.switchboard.standing())),
    )
    front.gauges["channels_failing"] = (
        "Alerting channels whose last try failed.",
        lambda: float(sum(1 for one in front.alerting.switchboard.standing() if one.failures)),
    )
    front.checks.append(lambda: check(front))


def check(front: Front) -> Check:
    """Return how the channels stand; none of it makes the centre unwell: nobody waits for them."""
    standing = front.alerting.switchboard.standing()
    if front.alerting.switchboard.trouble:
        return Check(
            name="channels", found=Found.WATCH, values={"file": BOOK_FILE},
            means=_("The book of the alerting channels cannot be used; it is kept in memory."),
            instead=_("Move {file} away and start again."),
        )  # fmt: skip
    if failing := [one for one in standing if one.failures]:
        return Check(
            name="channels", found=Found.WATCH,
            values={
                "channels": ", ".join(one.name for one in failing),
                "why": "; ".join(dict.fromkeys(one.why for one in failing)),
            },
            means=_("Alerts do not get through over: {channels} ({why})."),
            instead=_("Call the crews by radio; units with a further channel are reached over it."),
        )  # fmt: skip
    return Check(
        name="channels", found=Found.WELL, values={"count": len(standing)},
        means=_("{count} alerting channels carry what is sent."),
    )  # fmt: skip
