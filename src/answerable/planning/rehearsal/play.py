"""Playing a day: the board's own fold, the desk's own proposal, sent as proposed.

What a dispatcher sees at the opening of each incident is worked out by the very code of the desk,
from a board that holds what would have happened until then. Everything proposed is sent at once.
Units that lack are asked for again whenever a unit of their types is free, until the incident
would be over. Every unit stays as long as units of its type really did there. Not played: alarm
levels above the first, move-ups, units that are cancelled on their way, turn-out times of a unit.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import msgspec

from answerable.dispatch import views
from answerable.dispatch import words as w
from answerable.dispatch.cover import Cover
from answerable.dispatch.fleet import Fleet
from answerable.dispatch.recommend import Pick, Reason, Recommendation
from answerable.intake import words as intake
from answerable.kernel.event import Event, Recorded, Row
from answerable.place.town_places import Places
from answerable.planning.rehearsal.past import US, Answer, Day, Past, Played, Rules, Shift, Went
from answerable.towns.model import Town
from answerable.towns.sending import Sending

Progress = Callable[[int, int], None]
CLEARED, OFF, ON, OPENED = range(4)
"""What happens first of things at one instant: who is free can be sent, who has left cannot."""


class _Waiting(msgspec.Struct):
    """An incident that lacks units: how many, and of which types."""

    past: Past
    answer: Answer
    lacks: int
    types: frozenset[str]


class Play:
    """One day under one set of rules."""

    def __init__(self, town: Town, places: Places, rules: Rules, watched: Sending) -> None:
        """``watched`` holds the rules of cover by which broken minutes are counted."""
        self.rules = rules
        self.board = views.Board()
        self.fleet = Fleet(self.board, town, places, rules.card_for, rules.sending_for)
        self.cover = Cover(watched, places)
        self.watched = watched
        self.played = Played()
        self._things: list[tuple[int, int, int, object]] = []
        self._waiting: list[_Waiting] = []
        self._leaving: dict[str, int] = {}
        self._position = 0
        self._now_us = 0
        self._rank = {priority: n for n, priority in enumerate(town.file.priorities)}

    def run(self, day: Day, progress: Progress = lambda done, total: None) -> Played:
        """Play a day to its end; ``progress`` is told how many incidents were opened of all."""
        for shift in day.shifts:
            self._later(shift.from_us, ON, shift)
            self._later(shift.until_us, OFF, shift)
        for past in day.incidents:
            self._later(past.opened_us, OPENED, past)
        self._now_us = day.incidents[0].opened_us if day.incidents else 0
        begin_us, total, done = self._now_us, len(day.incidents), 0
        end_us = day.incidents[-1].opened_us if day.incidents else 0
        while self._things:
            at_us, what, _order, thing = heapq.heappop(self._things)
            self._watch(min(max(at_us, begin_us), end_us))
            if at_us > end_us and what != CLEARED:
                continue
            self._do(at_us, what, thing)
            if what == OPENED:
                done += 1
                progress(done, total)
        self.played.span_us = end_us - begin_us
        for waiting in self._waiting:
            waiting.answer.never = waiting.lacks
        return self.played

    def _later(self, at_us: int, what: int, thing: object) -> None:
        self._position += 1
        heapq.heappush(self._things, (at_us, what, self._position, thing))

    def _watch(self, at_us: int) -> None:
        """Count how long each place had too few units, up to an instant."""
        span_us = at_us - self._now_us
        if span_us > 0:
            broken = self.cover.broken()
            for gap in broken:
                name = f"{gap.rule}: {gap.place}"
                self.played.broken_us[name] = self.played.broken_us.get(name, 0) + span_us
            self.played.any_broken_us += span_us if broken else 0
            self._now_us = at_us

    def _do(self, at_us: int, what: int, thing: object) -> None:
        if isinstance(thing, Past):
            self._open(at_us, thing)
        elif isinstance(thing, Shift):
            self._change(at_us, what, thing)
        elif isinstance(thing, tuple):
            self._clear(at_us, *thing)

    def _happen(self, at_us: int, event: Event) -> None:
        """Let an event have happened: on the board, in the fleet, for the cover."""
        self._position += 1
        kind, version = type(event).tag, type(event).version
        row = Row(self._position, "", kind, version, at_us, at_us, "played", "", 1, b"")
        views.evolve.table[kind](self.board, event, row)
        self.fleet.committed([Recorded(row, event)])
        unit = self.board.units.get(getattr(event, "unit", ""))
        if unit is None:
            return
        if unit.status == "free":
            self.cover.put(unit.unit, unit.unit_type, self.fleet.home(unit))
        else:
            self.cover.drop(unit.unit)

    # -- units -------------------------------------------------------------------------------

    def _change(self, at_us: int, what: int, shift: Shift) -> None:
        """Let a unit come on duty, or go; one on a job goes when it is clear."""
        unit = self.board.units.get(shift.unit)
        if what == ON:
            if unit is None or unit.duty == "off duty":
                self._happen(
                    at_us,
                    w.UnitOnDuty(
                        unit=shift.unit, unit_type=shift.unit_type, station=shift.station,
                        skills=shift.skills,
                    ),
                )  # fmt: skip
                self._again(at_us, shift.unit_type)
            else:
                self._leaving.pop(shift.unit, None)
        elif unit is not None and unit.status == "free":
            self._happen(at_us, w.UnitOffDuty(unit=shift.unit))
        else:
            self._leaving[shift.unit] = at_us

    def _clear(self, at_us: int, incident: str, unit: str) -> None:
        self._happen(at_us, w.UnitCleared(incident=incident, unit=unit))
        line = self.board.incidents[incident]
        if not line.under_way():
            self._happen(at_us, w.IncidentClosed(incident=incident, outcome="played"))
            self._give_up(incident)
        if self._leaving.pop(unit, None) is not None:
            self._happen(at_us, w.UnitOffDuty(unit=unit))
        else:
            self._again(at_us, self.board.units[unit].unit_type)

    # -- incidents ---------------------------------------------------------------------------

    def _open(self, at_us: int, past: Past) -> None:
        self._happen(
            at_us,
            intake.IncidentOpened(
                incident=past.incident, kind=past.kind, priority=past.priority,
                address=past.address, lon=past.lon, lat=past.lat, neighborhood=past.neighborhood,
                battalion=past.battalion, area_class=past.area_class,
            ),
        )  # fmt: skip
        answer = Answer(past.incident, "")
        self.played.answers.append(answer)
        found = self._send(at_us, past, answer)
        answer.card, answer.missing = found.card, sum(one.missing for one in found.shortfalls)
        if found.shortfalls:
            types = (kind for one in found.shortfalls for kind in one.need.types)
            self._waiting.append(_Waiting(past, answer, answer.missing, frozenset(types)))
            self._waiting.sort(
                key=lambda one: (-self._rank.get(one.past.priority, 0), one.past.opened_us)
            )

    def _send(self, at_us: int, past: Past, answer: Answer) -> Recommendation:
        """Send everybody who is proposed, and return the proposal."""
        found = self.fleet.recommend(self.board.incidents[past.incident], at_us)
        for pick in found.chosen:
            if pick.reason is not Reason.ALREADY_ON_IT:
                self._go(at_us, past, answer, pick)
        return found

    def _go(self, at_us: int, past: Past, answer: Answer, pick: Pick) -> None:
        after_s = (at_us - past.opened_us) / US
        answer.went.append(
            Went(pick.unit, pick.unit_type, after_s, pick.time_s, pick.reason.value, len(pick.gaps))
        )
        event = w.UnitSent(incident=past.incident, unit=pick.unit, unit_type=pick.unit_type)
        self._happen(at_us, event)
        busy_s = (pick.time_s or 0.0) + past.stays_s(pick.unit_type)
        self._later(at_us + int(busy_s * US), CLEARED, (past.incident, pick.unit))

    def _again(self, at_us: int, unit_type: str) -> None:
        """Ask again for the incidents that lack a unit of this type, the most urgent first."""
        for waiting in list(self._waiting):
            if unit_type not in waiting.types:
                continue
            found = self._send(at_us, waiting.past, waiting.answer)
            if not found.shortfalls:
                self._waiting.remove(waiting)
                continue
            waiting.types = frozenset(kind for o in found.shortfalls for kind in o.need.types)
            waiting.lacks = sum(one.missing for one in found.shortfalls)

    def _give_up(self, incident: str) -> None:
        """Nobody is there any more: what still lacks never came."""
        for waiting in self._waiting:
            if waiting.past.incident == incident:
                waiting.answer.never = waiting.lacks
                self._waiting.remove(waiting)
                return
