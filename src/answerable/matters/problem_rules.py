"""The rules of places that keep calling, and the problem made of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from answerable.kernel.event import Command, Event, Row
from answerable.kernel.steps import Steps
from answerable.matters.state import State

STEPS: Mapping[str, Steps] = {}
REACTS: Mapping[type[Event], Callable[[State, Event, Row], Sequence[Command]]] = {}
