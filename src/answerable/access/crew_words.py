"""The words of crews: which units an account may act for, and the one it acts for now.

A crew's account, or the tablet in its station, is given the units it may choose from. Whoever signs
in with it chooses one; from then on that session acts for this unit and no other. Both are events,
so that it stands in the record who could act for a unit and who did.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from answerable.access.words import Handle, SessionName
from answerable.kernel.event import Command, Event, Inside, Name, Open, tagged
from answerable.kernel.refusals import Refusal

Units = Annotated[tuple[Name, ...], msgspec.Meta(max_length=64)]
"""The units that an account may act for; none: for no unit."""


class _Command(Command, tag=tagged("access"), frozen=True, kw_only=True):
    """A command of this room."""


class GiveUnits(_Command, frozen=True, kw_only=True):
    """An account may act for these units from now on, and for no others."""

    account: Handle
    units: Units


class TakeUnit(_Command, frozen=True, kw_only=True):
    """One session of an account acts for a unit from now on (the account itself gives this)."""

    account: Handle
    session: SessionName
    on: Name


COMMANDS: tuple[type[Command], ...] = (GiveUnits, TakeUnit)


class UnitsGiven(Event, frozen=True, kw_only=True):
    """An account was given units to act for, in place of those before."""

    said = "The account {account} may act for {units}{none}."
    ids = ("account",)
    account: Inside[str]
    units: Open[tuple[str, ...]] = ()
    none: Open[str] = ""


class UnitTaken(Event, frozen=True, kw_only=True):
    """A session of an account acts for a unit."""

    said = "{account} acts for {on}."
    ids = ("account",)
    account: Inside[str]
    session: Inside[str]
    on: Open[str]


EVENTS: tuple[type[Event], ...] = (UnitsGiven, UnitTaken)


class NotGivenUnit(Refusal, frozen=True, kw_only=True):
    """The account may not act for this unit."""

    not_done = "Not chosen: unit {unit}."
    because = "The account {account} may act for {units}{none}."
    instead = "Choose one of those, or ask an administrator to add it."
    unit: Open[str]
    account: Open[str]
    units: Open[str] = ""
    none: Open[str] = ""


REFUSALS: tuple[type[Refusal], ...] = (NotGivenUnit,)
