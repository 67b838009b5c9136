"""The toy room: every command is believed, nothing is remembered."""

from __future__ import annotations

import msgspec

from answerable.kernel.room import Arms, Deciders, Room
from tests.standards.toyroom import words


class State(msgspec.Struct):
    """Nothing."""


decide: Deciders[State, object] = Deciders()
KINDS = {event.__name__: event for event in words.EVENTS}


@decide.on(words.Tell)
def _tell(state, command, context):
    cls = KINDS[command.what]
    fields = {name: getattr(command, name) for name in cls.__struct_fields__
              if hasattr(command, name)}  # fmt: skip
    if "priority" in cls.__struct_fields__:
        fields["priority"] = "1"
    return [cls(**fields)]


ROOM: Room[State] = Room(
    name="toyroom", state=State, arms=Arms(), commands=(words.Tell,), events=words.EVENTS,
    deciders=decide,
)  # fmt: skip
