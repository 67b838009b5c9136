"""The room matters, put together from its subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from answerable.kernel.event import Command, Event, Row
from answerable.kernel.room import Room
from answerable.matters import matter_rules as matter
from answerable.matters import matter_words, problem_words, referral_words, support_words
from answerable.matters import problem_rules as problem
from answerable.matters import referral_rules as referral
from answerable.matters import support_rules as support
from answerable.matters.state import State, decide, evolve, rings

React = Callable[[State, Any, Row], Sequence[Command]]


def _together(*tables: Mapping[type[Event], React]) -> dict[type[Event], React]:
    """Return the reactions of all subjects; where several wait for one event, all of them act."""
    found: dict[type[Event], list[React]] = {}
    for table in tables:
        for event, act in table.items():
            found.setdefault(event, []).append(act)
    return {event: acts[0] if len(acts) == 1 else _all_of(acts) for event, acts in found.items()}


def _all_of(acts: Sequence[React]) -> React:
    return lambda state, event, row: [c for act in acts for c in act(state, event, row)]


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
    ring=rings,
    steps={**problem.STEPS, **matter.STEPS, **referral.STEPS, **support.STEPS},
    reacts=_together(problem.REACTS, matter.REACTS, referral.REACTS, support.REACTS),
)
