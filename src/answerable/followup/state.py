"""What followup decides on: call-backs that wait, and what is being put right."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from answerable.kernel.alarms import Alarms
from answerable.kernel.event import Command
from answerable.kernel.room import Arms, Context, Deciders
from answerable.towns.model import Town


class State(msgspec.Struct):
    """Everything this room decides on. An alarm's name is a sort, a colon, and what it is about."""

    alarms: Alarms = msgspec.field(default_factory=Alarms)


decide: Deciders[State, Town] = Deciders()
evolve: Arms[State] = Arms()
Ctx = Context[Town]
rings: dict[str, Callable[[State, str, int], Command]] = {}
"""What an alarm asks for, by its sort: given the state, what it is about, and when it was due."""


def ring(state: State, name: str, due_us: int) -> Command:
    """Return the command of an alarm that is due."""
    sort, _, about = name.partition(":")
    return rings[sort](state, about, due_us)
