"""The telephone line: callers ring about matters, some twice, some hang up."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from answerable.intake import words as w
from answerable.kernel.event import Recorded
from answerable.kernel.hub import Outcome, Refused
from answerable.kernel.refusals import NotYet
from answerable.planning.ground import KINDS, Place
from answerable.planning.people.person import Person, Value, event_of

if TYPE_CHECKING:
    from answerable.planning.world import World

HOURS = (
    6, 4, 3, 3, 3, 4, 6, 9, 11, 11, 11, 12, 13, 12, 12, 12, 13, 15, 16, 15, 13, 12, 10, 8,
)  # fmt: skip
"""How busy each hour is, relative to the others."""
COUNT_S = 86_400 + 9_000
"""When the counter of a day is told, in seconds from its beginning."""
AGAIN = 0.2
"""The share of calls about a matter that somebody rang about shortly before."""


class Matter:
    """What a caller rings about, whether the centre knows it already or not."""

    __slots__ = ("group", "incident", "kind", "place", "priority")

    def __init__(self, place: Place, kind: str, group: str, priority: str) -> None:
        self.place = place
        self.kind = kind
        self.group = group
        self.priority = priority
        self.incident = ""


class Line(Person):
    """The line adapter. It counts what rang by itself, beside the record (I8)."""

    role = "line"
    hears_of = (w.CallRung.tag,)

    def __init__(self, world: World) -> None:
        super().__init__(world, "line")
        self.rung = 0
        self._told = 0
        self._rung_on: dict[str, int] = {}
        self.about: dict[str, Matter] = {}
        self._told_under: dict[str, Matter] = {}
        self._names_calls = self.dice.random() < 0.5
        self._matters: list[Matter] = []

    def begins_day(self) -> None:
        """Plan the calls of the day by its busy hours."""
        count = round(self.world.ground.per_day * (1 + AGAIN) * self.dice.uniform(0.8, 1.2))
        self.world.timeline.after(COUNT_S, self._count)
        for hour in self.dice.choices(range(24), HOURS, k=max(count, 1)):
            second = (hour + self.dice.random()) * 3600
            self.today(second, self._ring)

    def new_matter(self) -> Matter:
        """Let something happen in the town."""
        kind, group, priority, _ = KINDS[int(self.dice.random() ** 1.5 * len(KINDS))]
        return Matter(self.world.ground.grid.place(self.dice), kind, group, priority)

    def _ring(self) -> None:
        recent = self._matters[-4:]
        again = recent and self.dice.random() < AGAIN
        matter = self.dice.choice(recent) if again else self.new_matter()
        if not again:
            self._matters.append(matter)
        self.rung += 1
        today = self._day()
        self._rung_on[today] = self._rung_on.get(today, 0) + 1
        self._tell(matter, self.new_key())

    def _tell(self, matter: Matter, key: str, **fields: Value) -> None:
        """Tell of a ring. One ring has one key, however often and in whatever words it is told."""
        self._told += 1
        self._told_under[key] = matter
        self.send(
            w.RingCall,
            partial(self._known, matter, key),
            key,
            call=f"L{self._told:05d}" if self._names_calls else None,
            line="main",
            number=self.world.secret("number"),
            **fields,
        )

    def _day(self) -> str:
        """Return the day on the town's wall."""
        return f"{self.world.ground.town.local(self.world.timeline.wall_us):%Y-%m-%d}"

    def _count(self) -> None:
        """Tell the counter of every day that is over; the record lays its own beside it (I8)."""
        today = self._day()
        for day, rung in self._rung_on.items():
            if day < today:
                self.send(w.CountLine, day=day, line="main", rung=rung)

    def hears(self, one: Recorded) -> None:
        """Learn the number of a call also where the answer to the ring never came."""
        if isinstance(one.event, w.CallRung) and one.row.key in self._told_under:
            self.about[one.event.call] = self._told_under.pop(one.row.key)

    def _known(self, matter: Matter, key: str, outcome: Outcome) -> None:
        if isinstance(outcome, Refused) and isinstance(outcome.refusal, NotYet):
            # The clock was set back since the line read it: told again without a time of its own,
            # under the same key, for a copy of the first letter may still be on its way.
            self._tell(matter, key, at=None)
            return
        if (rung := event_of(outcome, w.CallRung)) is None:
            return
        self.about[rung.call] = matter
        if self.chance(0.08):
            self.world.timeline.after(self.soon(3, 90), partial(self._hang_up, rung.call))

    def _hang_up(self, call: str) -> None:
        self.send(w.AbandonCall, call=call)
