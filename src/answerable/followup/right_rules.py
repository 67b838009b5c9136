"""The rules of putting right what a caller was unhappy about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from answerable.followup.state import State
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.steps import Steps

STEPS: Mapping[str, Steps] = {}
REACTS: Mapping[type[Event], Callable[[State, Event, Row], Sequence[Command]]] = {}
