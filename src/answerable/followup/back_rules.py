"""The rules of calling back whoever called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from answerable.followup.state import State
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.steps import Steps

STEPS: Mapping[str, Steps] = {}
REACTS: Mapping[type[Event], Callable[[State, Event, Row], Sequence[Command]]] = {}
