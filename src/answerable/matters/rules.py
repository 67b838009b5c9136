"""The room matters, put together from its subjects."""

from __future__ import annotations

from answerable.kernel.room import Room
from answerable.matters import matter_rules as matter
from answerable.matters import matter_words, problem_words, referral_words, support_words
from answerable.matters import problem_rules as problem
from answerable.matters import referral_rules as referral
from answerable.matters import support_rules as support
from answerable.matters.state import State, decide, evolve, ring

ROOM: Room[State] = Room(
    name="matters",
    state=State,
    arms=evolve,
    commands=(
        *problem_words.COMMANDS,
        *matter_words.COMMANDS,
        *referral_words.COMMANDS,
        *support_words.COMMANDS,
    ),
    events=(
        *problem_words.EVENTS,
        *matter_words.EVENTS,
        *referral_words.EVENTS,
        *support_words.EVENTS,
    ),
    refusals=(
        *problem_words.REFUSALS,
        *matter_words.REFUSALS,
        *referral_words.REFUSALS,
        *support_words.REFUSALS,
    ),
    deciders=decide,
    alarms=lambda state: state.alarms,
    ring=ring,
    steps={**problem.STEPS, **matter.STEPS, **referral.STEPS, **support.STEPS},
    reacts={**problem.REACTS, **matter.REACTS, **referral.REACTS, **support.REACTS},
)
