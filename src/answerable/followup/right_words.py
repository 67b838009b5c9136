"""The words of putting right what a caller was unhappy about."""

from __future__ import annotations

from answerable.kernel.event import Command, Event
from answerable.kernel.refusals import Refusal

COMMANDS: tuple[type[Command], ...] = ()
EVENTS: tuple[type[Event], ...] = ()
REFUSALS: tuple[type[Refusal], ...] = ()
