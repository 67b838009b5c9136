"""The supervisor and the office: shifts, corrections, clocks, standards, run cards, accounts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from answerable.access import words as access
from answerable.dispatch import report_words as r
from answerable.dispatch import words as w
from answerable.intake import words as intake
from answerable.planning.people.person import Person
from answerable.standards import words as standards
from answerable.towns import words as towns

if TYPE_CHECKING:
    from answerable.planning.world import World

SHIFTS = (7, 15, 23)
"""The hours at which shifts change."""
US = 1_000_000


class Supervisor(Person):
    """The duty supervisor: whatever is out of the ordinary."""

    role = "supervisor"

    def begins_day(self) -> None:
        """Plan the acts of the day, and the changes of shift."""
        acts: tuple[tuple[Callable[[], None], float], ...] = (
            (self._correct_time, 0.10), (self._correct_opening, 0.05), (self._suspend, 0.08),
            (self._extend, 0.08), (self._old_matter, 0.06), (self._adopt, 0.01),
            (self._decide, 0.2),
        )  # fmt: skip
        for act, share in acts:
            for _ in range(round(self.world.ground.per_day * share + self.dice.random())):
                self.today(self.dice.random() * 86_400, act)
        for hour in SHIFTS:
            self.today(hour * 3600 + self.dice.random() * 600, partial(self._shift, hour))

    # -- corrections -------------------------------------------------------------------------

    def _some(self, names: list[str]) -> str:
        """Return an incident, mostly a recent one; "" where there is none."""
        if not names:
            return ""
        return self.dice.choice(names[-8:] if self.dice.random() < 0.6 else names)

    def _correct_time(self) -> None:
        incident, board = self._some(self.world.incidents), self.board
        line = board.line(incident) if board is not None else None
        if line is None or not line.jobs:
            return
        job = self.dice.choice(list(line.jobs.values()))
        if not job.reached:
            return
        step = self.dice.choice(list(job.reached))
        to = job.reached[step] + int(self.dice.uniform(-300, 60) * US)
        self.send(
            w.CorrectTime, incident=incident, unit=job.unit, step=step, to=max(to, 0),
            reason="read from the recorder",
        )  # fmt: skip

    def _correct_opening(self) -> None:
        if incident := self._some(self.world.incidents):
            now_us = self.world.server.clock.now_us()
            to = now_us - int(self.dice.random() * 3_600 * US)
            self.send(
                intake.CorrectCallTime, incident=incident, step="IncidentOpened", to=to,
                reason="the clock at the desk was wrong",
            )  # fmt: skip

    def _old_matter(self) -> None:
        """Do something about an incident that may have been laid aside long ago."""
        if not (incident := self._some(self.world.incidents[:-8] or self.world.incidents)):
            return
        if self.dice.random() < 0.5:
            self.send(intake.AddNote, incident=incident, words=self.world.secret("late note"))
        else:
            self.send(w.ReopenIncident, incident=incident, reason="looked at again")

    def _decide(self) -> None:
        """Answer what is asked for: most openings are granted."""
        view = self.state("reports")
        for incident in list(view.asked) if view is not None else ():
            grants = self.dice.random() < 0.7
            asked = r.GrantReopening if grants else r.DeclineReopening
            self.send(asked, incident=incident, reason="looked at again")

    # -- clocks and standards ----------------------------------------------------------------

    def _clock(self) -> str:
        state = self.state("standards")
        runs = list(state.runs()) if state is not None else []
        return self.dice.choice(runs[-6:]) if runs else ""

    def _suspend(self) -> None:
        if clock := self._clock():
            self.send(standards.SuspendClock, clock=clock, reason="the road is closed")
            resume = partial(self.send, standards.ResumeClock, clock=clock)
            self.world.timeline.after(self.soon(60, 3_000), resume)

    def _extend(self) -> None:
        if clock := self._clock():
            by_s = round(self.dice.uniform(1, 900), 1)
            self.send(standards.ExtendClock, clock=clock, by_s=by_s, reason="heavy traffic")

    def _adopt(self) -> None:
        """Put another edition of a standard in force, with one limit changed."""
        old = self.dice.choice(self.world.standards).definition
        assert old is not None, "the town's standards come as definitions"
        limit_s = float(self.dice.randrange(5, 600))
        clocks = list(old.clocks)
        nth = next((n for n, clock in enumerate(clocks) if not clock.due), None)
        if nth is None:
            return
        clocks[nth] = msgspec.structs.replace(clocks[nth], limit_s=limit_s)
        definition = msgspec.structs.replace(old, clocks=tuple(clocks))
        self.send(standards.AdoptStandard, definition=definition)

    # -- shifts ------------------------------------------------------------------------------

    def _shift(self, hour: int) -> None:
        """Relieve some of the units; those that are busy go when they are free."""
        for unit in self.world.ground.posts:
            drawn = self.dice.random()
            if drawn < 0.2:
                self._leave(unit)
            elif drawn < 0.25:
                self.send(w.TakeOutOfService, unit=unit, reason="a flat tyre")
                back = partial(self.send, w.ReturnToService, unit=unit)
                self.world.timeline.after(self.soon(600, 9_000), back)

    def _leave(self, unit: str) -> None:
        self.send(w.TakeOffDuty, unit=unit)
        self.world.timeline.after(self.soon(300, 3_600), partial(self.come, unit))

    def come(self, unit: str) -> None:
        """Put a unit on duty."""
        spec = self.world.ground.town.units[unit]
        self.send(
            w.PutOnDuty, unit=unit, unit_type=spec.unit_type, station=spec.station,
            skills=spec.skills,
        )  # fmt: skip

    def looks(self) -> None:
        """Put on duty who should be there and is not: a command may have been refused."""
        board = self.board
        if board is None:
            return
        for unit in self.world.ground.posts:
            known = board.units.get(unit)
            if known is None or (known.duty == "off duty" and self.dice.random() < 0.3):
                self.come(unit)
            elif known.duty == "out of service" and self.dice.random() < 0.1:
                self.send(w.ReturnToService, unit=unit)


class Administrator(Person):
    """The office: run cards."""

    role = "administrator"

    def begins_day(self) -> None:
        """Plan the acts of the day."""
        for _ in range(self.dice.randrange(3)):
            self.today(self.dice.random() * 86_400, self._cards)
        for _ in range(1 + self.dice.randrange(3)):
            self.today(self.dice.random() * 86_400, self._account)

    def _cards(self) -> None:
        cards = list(self.world.ground.town.file.run_cards)
        self.dice.shuffle(cards)
        ahead = self.dice.random() < 0.5
        now_us = self.world.server.clock.now_us()
        self.send(
            towns.AdoptRunCards, cards=tuple(cards), reason="a new agreement",
            from_us=now_us + self.dice.randrange(1, 7_200) * US if ahead else None,
        )  # fmt: skip

    def _account(self) -> None:
        self.world.keys += 1
        self.send(access.OpenAccount, account=f"desk{self.world.keys}", role="dispatcher")


class Door(Person):
    """The door, in whose name people come in, miss, are locked out and are let in again."""

    role = "system"

    def __init__(self, world: World) -> None:
        super().__init__(world, "system")

    def begins_day(self) -> None:
        """Plan who comes in when."""
        for _ in range(2 + self.dice.randrange(4)):
            self.today(self.dice.random() * 86_400, self._somebody)

    def _somebody(self) -> None:
        state = self.state("access")
        names = list(state.accounts) if state is not None else []
        if not names:
            return
        name = self.dice.choice(names)
        session = f"{self.dice.randrange(16**12):012x}"
        self.send(access.SignIn, account=name, session=session, way=access.Way.PROVIDER)
        drawn = self.dice.random()
        if drawn < 0.3:
            for _ in range(9):
                self.send(access.MissSignIn, account=name, missed=access.Missed.PASSWORD)
        elif drawn < 0.7:
            out = partial(self.send, access.SignOut, account=name, session=session)
            self.world.timeline.after(self.soon(600, 30_000), out)
