"""The words of a toy room: boxes that are made, opened, shut and scrapped, with something inside.

It knows no service, and has one of everything a room can have: sealed words, a life as a table,
an alarm, a decision that fails, a command that changes nothing.
"""

from __future__ import annotations

from answerable.kernel.event import Command, Event, Inside, Line, Micros, Name, Open, Sealed, tagged
from answerable.kernel.refusals import Refusal


class _Command(Command, tag=tagged("toy"), frozen=True, kw_only=True):
    """A command of the toy room."""


class MakeBox(_Command, frozen=True, kw_only=True):
    """Make a box with a secret in it."""

    box: Name
    secret: str = ""


class OpenBox(_Command, frozen=True, kw_only=True):
    """Open it; with ``shut_at`` it is shut again by an alarm."""

    box: Name
    shut_at: Micros | None = None


class ShutBox(_Command, frozen=True, kw_only=True):
    """Shut it."""

    box: Name


class ScrapBox(_Command, frozen=True, kw_only=True):
    """Throw it away, with everything said about it."""

    box: Name
    why: Line = ""


class TouchBox(_Command, frozen=True, kw_only=True):
    """Touch it: allowed, and nothing happens."""

    box: Name


class DropBox(_Command, frozen=True, kw_only=True):
    """Set off the fault named: the toy's way of having a fault in a rule."""

    box: Name
    fault: Name


COMMANDS: tuple[type[Command], ...] = (MakeBox, OpenBox, ShutBox, ScrapBox, TouchBox, DropBox)


class BoxEvent(Event, frozen=True, kw_only=True):
    """Something about a box."""

    ids = ("box",)
    box: Open[Name]


class BoxMade(BoxEvent, frozen=True, kw_only=True):
    """A box was made."""

    said = "Box {box} was made[: {secret}]."
    secret: Sealed[str] = ""


class BoxOpened(BoxEvent, frozen=True, kw_only=True):
    """A box was opened."""

    said = "Box {box} was opened."
    shut_us: Open[int | None] = None


class BoxShut(BoxEvent, frozen=True, kw_only=True):
    """A box was shut."""

    said = "Box {box} was shut."


class BoxScrapped(BoxEvent, frozen=True, kw_only=True):
    """A box was thrown away. Version 1 called the reason ``note``."""

    version = 2
    said = "Box {box} was scrapped[: {why}]."
    why: Inside[Line] = ""


class BoxDropped(BoxEvent, frozen=True, kw_only=True):
    """What the toy's faults try to record."""

    said = "Box {box} fell: {fault}."
    fault: Open[Name]


EVENTS: tuple[type[Event], ...] = (BoxMade, BoxOpened, BoxShut, BoxScrapped, BoxDropped)


class BoxExists(Refusal, frozen=True, kw_only=True):
    """There is a box of that name."""

    not_done = "Not made: box {box}."
    because = "There is one already."
    instead = "Choose another name."
    box: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (BoxExists,)
