"""The referrals of a demonstration: made up, sent by the town's rules, and answered by nobody real.

Of the closed incidents that a rule sends somewhere some are referred, the others are left for
people under "proposed by the rules". A simulated agency receives, accepts, declines, is late, gives
back; what each does is drawn from the referral's number, so a demonstration plays it the same.
Nothing leaves the machine: no mail, no request, no link.

How often agencies decline or are late is published by nobody known to us. The shares here are this
module's own, but for one: nine in ten are answered within their term, as requests to public bodies
are (Cabinet Office, Freedom of Information Statistics 2015, section 3.7).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from answerable.dispatch.views import Board, IncidentLine
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Hub
from answerable.matters import referral_words as w
from answerable.matters.referral_views import ReferralLine, Referrals
from answerable.towns.model import Town
from answerable.towns.referring import Facts

Ask = Callable[[Command, Actor], Any]
DESK = Actor(name="simulated referral desk", role="dispatcher")
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
EVERY_US = 10 * MINUTE_US
LOOKED_MAX = 60
"""Closed incidents, the newest ones, that are looked at each time."""
OPEN_MAX = 40
THOUSAND = 1_000
REFERRED = 400
"""Of a thousand incidents that a rule fits those the simulated desk refers."""
IN_TIME, DECLINES, FAILS, SETTLES = 900, 90, 30, 600
"""Of a thousand: answered in time, declined, not brought there, looked at by the simulated desk."""
WORDS = ("Please see to it; the crew has made the place safe.", "Please look at the cause of it.")
RESULTS = (w.Result.DONE, w.Result.DONE, w.Result.DONE, w.Result.PARTLY, w.Result.NOT_FOUND)
WHYS = (w.Why.NOT_OURS, w.Why.KNOWN, w.Why.NOT_ENOUGH)


def drawn(name: str, what: str) -> int:
    """Return a number from 0 to 999 that is always the same for the same name and question."""
    return zlib.crc32(f"{what}:{name}".encode()) % THOUSAND


class MadeUpReferrals:
    """Refers some incidents and answers as their agencies. Lives beside the feed of the calls."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._next_us = 0

    @property
    def _view(self) -> Referrals:
        view: Referrals = self._hub.state["referrals"]
        return view

    def run(self, now_us: int, ask: Ask) -> None:
        """Let incidents be referred and answered, up to a moment (UTC microseconds)."""
        town = self._hub.town
        if now_us < self._next_us or not isinstance(town, Town) or not town.referring.rules:
            return
        self._next_us = now_us + EVERY_US
        for command in [*self._refers(town), *self._answers(now_us)]:
            ask(command, actor_of(command, self._view))

    # -- referring ---------------------------------------------------------------------------

    def _refers(self, town: Town) -> Iterator[Command]:
        board: Board = self._hub.state["board"]
        known = {one.incident for one in self._view.all()}
        room = OPEN_MAX - len(self._view.open)
        for line in islice(reversed(board.closed.values()), LOOKED_MAX):
            if room <= 0:
                return
            if line.incident in known or drawn(line.incident, "refer") >= REFERRED:
                continue
            if (command := referring(town, line)) is not None:
                room -= 1
                yield command

    # -- answering ---------------------------------------------------------------------------

    def _answers(self, now_us: int) -> Iterator[Command]:
        for one in list(self._view.open.values()):
            if (command := self._next(one, now_us)) is not None:
                yield command

    def _next(self, one: ReferralLine, now_us: int) -> Command | None:
        """Return what happens next to a referral, once its time has come."""
        name = one.referral
        key = f"demo-referral:{name}:{one.state}:{one.sendings}"
        waited_us = now_us - one.changed_us
        term_us = one.answer_due_us - one.referred_us
        if one.state == "on its way" and waited_us > 2 * MINUTE_US:
            if drawn(name, f"fails{one.sendings}") < FAILS:
                why = "nothing answers there"
                return w.FailReferral(key=key, referral=name, way=one.way, why=why)
            return w.ReceiveReferral(
                key=key, referral=name, way=one.way, receipt=f"EX-{drawn(name, 'receipt'):03d}"
            )
        if one.state == "received" and now_us > one.referred_us + answers_after(name, term_us):
            if drawn(name, "declines") < DECLINES:
                why = WHYS[drawn(name, "why") % len(WHYS)]
                return w.DeclineReferral(key=key, referral=name, way=one.way, why=why)
            return w.AcceptReferral(key=key, referral=name, way=one.way)
        if one.state == "accepted" and waited_us > HOUR_US * (1 + drawn(name, "works") % 6):
            result = RESULTS[drawn(name, "result") % len(RESULTS)]
            return w.ReturnReferral(key=key, referral=name, way=one.way, result=result)
        looked = drawn(name, "settles") < SETTLES and waited_us > HOUR_US
        if one.state == "returned" and looked:
            return w.SettleReferral(key=key, referral=name, remark="looked at on the spot")
        return None


def answers_after(name: str, term_us: int) -> int:
    """Return how long an agency takes to answer, of its term: nine in ten keep it."""
    part = drawn(name, "part")
    share = part / THOUSAND * 0.6 if drawn(name, "in time") < IN_TIME else 1.1 + part / THOUSAND
    return int(term_us * share)


def referring(town: Town, line: IncidentLine) -> w.ReferIncident | None:
    """Return the command by which a rule's agency gets an incident, None where no rule fits."""
    areas = tuple(filter(None, (line.neighborhood, line.battalion, line.area_class)))
    facts = Facts(line.kind, line.group, line.priority, areas, line.outcome)
    rule = town.referring.fires(facts).rule
    partner = town.referring.agency(rule.agency) if rule else None
    if rule is None or partner is None:
        return None
    station = ""
    if partner.direction == "down":
        homes = [
            town.units[job.unit].station for job in line.jobs.values() if job.unit in town.units
        ]
        station = next((one for one in homes if one in town.stations), "")
        if not station:
            return None
    words = WORDS[drawn(line.incident, "words") % len(WORDS)] if "words" in rule.sees else ""
    return w.ReferIncident(
        key=f"demo-refer:{line.incident}", incident=line.incident, agency=partner.code,
        kind=line.kind, group=line.group, priority=line.priority, address=line.address,
        lon=line.lon, lat=line.lat, areas=areas, opened_us=line.opened_us, outcome=line.outcome,
        words=words, station=station,
    )  # fmt: skip


def actor_of(command: Command, view: Referrals) -> Actor:
    """Return who gives a command: the simulated desk, or the agency that has the referral."""
    if isinstance(command, w.ReferIncident | w.SettleReferral):
        return DESK
    line = view.line(getattr(command, "referral", ""))
    return Actor(name=f"simulated/{line.agency if line else ''}", role="portal")
