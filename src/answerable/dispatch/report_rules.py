"""The rules of field reports: structured outcomes, what is missing, opening again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from answerable.dispatch.state import State
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.steps import Steps

STEPS: Mapping[str, Steps] = {}
REACTS: Mapping[type[Event], Callable[[State, Event, Row], Sequence[Command]]] = {}
