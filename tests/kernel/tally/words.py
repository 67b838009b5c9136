"""The words of a second toy room, which counts what happens in the first by reacting to it."""

from __future__ import annotations

from answerable.kernel.event import Command, Event, Name, Open, tagged
from answerable.kernel.refusals import Refusal


class _Command(Command, tag=tagged("tally"), frozen=True, kw_only=True):
    """A command of the tally."""


class CountOpening(_Command, frozen=True, kw_only=True):
    """Count one opening of a box."""

    box: Name


COMMANDS: tuple[type[Command], ...] = (CountOpening,)


class OpeningCounted(Event, frozen=True, kw_only=True):
    """An opening was counted."""

    said = "Box {box} has been opened {times} times."
    ids = ("box",)
    box: Open[Name]
    times: Open[int]


EVENTS: tuple[type[Event], ...] = (OpeningCounted,)


class CountedOut(Refusal, frozen=True, kw_only=True):
    """Openings are counted up to three."""

    not_done = "Not counted: an opening of box {box}."
    because = "It has been opened three times."
    instead = "Make a new box."
    box: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (CountedOut,)
