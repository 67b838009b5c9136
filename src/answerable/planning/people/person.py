"""What all people of the town have in common: a name, a role, a screen that may be stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from answerable.dispatch.views import Board
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command, Event, Recorded
from answerable.kernel.hub import Outcome
from answerable.planning.radio import Told

if TYPE_CHECKING:
    from answerable.planning.world import World


Value = Any
"""The value of a command's field, or a room's state as its pages read it."""


class Person:
    """Somebody who looks at a screen and sends commands by radio."""

    role = ""
    hears_of: tuple[str, ...] = ()
    """The kinds of events that make this person look up when they are published."""

    def __init__(self, world: World, name: str, unit: str = "") -> None:
        self.world = world
        self.dice = world.dice
        self.actor = Actor(name=name, role=self.role, unit=unit)

    @property
    def board(self) -> Board | None:
        """The board as it stands, None while the centre is away."""
        hub = self.world.server.hub
        return hub.state["board"] if hub is not None else None

    def state(self, room: str) -> Value:
        """Return what a room's pages read, None while the centre is away."""
        hub = self.world.server.hub
        return hub.state[room] if hub is not None else None

    def new_key(self) -> str:
        """Return a key that no command has had."""
        self.world.keys += 1
        return f"town-{self.world.keys}"

    def send(
        self, command: type[Command], told: Told | None = None, key: str = "", **fields: Value
    ) -> None:
        """Send a command, under a key of its own unless one is given.

        Some are entered late, with their true time.
        """
        world = self.world
        key = key or self.new_key()
        if "at" not in fields and self.dice.random() < world.late_entries:
            fields["at"] = world.server.clock.now_us() - int(self.dice.random() ** 2 * 600e6)
        world.post.send(command(key=key, **fields), self.actor, told)

    def today(self, seconds: float, act: Callable[[], None]) -> None:
        """Plan something so many seconds from now; it falls away where the day ends before."""
        day = self.world.day

        def unless_over() -> None:
            if self.world.day == day and not self.world.mishaps.calm:
                act()

        self.world.timeline.after(seconds, unless_over)

    def soon(self, low_s: float, high_s: float) -> float:
        """Draw a delay in seconds; while the town heals everybody is quick."""
        if self.world.radio.fair:
            return low_s * 0.5
        return low_s + (high_s - low_s) * self.dice.random() ** 2

    def chance(self, share: float) -> bool:
        """Draw whether something unusual is done; nobody does while the town heals."""
        return not self.world.radio.fair and self.dice.random() < share

    def hears(self, one: Recorded) -> None:
        """Hear of an event that was published, as a console does."""

    def begins_day(self) -> None:
        """Begin a day."""

    def looks(self) -> None:
        """Look at the screen, as people do from time to time."""


def event_of(outcome: Outcome, kind: type[Event]) -> Value:
    """Return the first event of a class in an answer, None where there is none."""
    recorded = getattr(outcome, "recorded", ())
    return next((one.event for one in recorded if type(one.event) is kind), None)
