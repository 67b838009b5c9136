"""The room followup, put together from its subjects."""

from __future__ import annotations

from answerable.followup import back_rules as back
from answerable.followup import back_words, right_words
from answerable.followup import right_rules as right
from answerable.followup.state import State, decide, evolve, rings
from answerable.kernel.room import Room

ROOM: Room[State] = Room(
    name="followup",
    state=State,
    arms=evolve,
    commands=back_words.COMMANDS + right_words.COMMANDS,
    events=back_words.EVENTS + right_words.EVENTS,
    refusals=back_words.REFUSALS + right_words.REFUSALS,
    deciders=decide,
    alarms=lambda state: state.alarms,
    ring=rings,
    steps={**back.STEPS, **right.STEPS},
    reacts={**back.REACTS, **right.REACTS},
)
