"""Authority: roles x commands x field marks x pages in one table, denied by default.

The table is data (``authority.toml`` beside ``rooms.py``). A role has exactly what its own lines
say: there are no aliases, no inheritance and no wildcard, so nothing can be reached through them
(B11).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec

from answerable.kernel.event import Mark
from answerable.kernel.refusals import NotAllowed, NotYourArea, NotYourUnit


class Holder(enum.StrEnum):
    """Who may hold a role. A role that names nobody is only the program's own."""

    ACCOUNT = "account"
    TOKEN = "token"  # noqa: S105 - a sort of holder, not a token
    HOOK = "hook"


class Actor(msgspec.Struct, frozen=True):
    """Who asks: an account, the one role it acts in, and the areas it acts in (none: all).

    ``unit`` is the unit somebody acts for, where their role acts for one only.
    """

    name: str
    role: str
    areas: tuple[str, ...] = ()
    unit: str = ""


IMPORTER = Actor(name="importer", role="importer")
"""Who brings old records in: what the source said is recorded, not judged by today's lists."""

SYSTEM = Actor(name="system", role="system")
"""Reactions and alarms: they may do what the service itself has promised, nothing else."""


class Rights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one role is given. ``own_unit``: about units, only for the one it acts for."""

    own_unit: bool = False
    commands: frozenset[str] = frozenset()
    sees: frozenset[Mark] = frozenset()
    pages: frozenset[str] = frozenset()
    held_by: frozenset[Holder] = frozenset()


class Authority(msgspec.Struct, frozen=True):
    """The whole table. Anything it does not name is denied."""

    roles: dict[str, Rights]

    @classmethod
    def read(cls, toml: bytes) -> Authority:
        """Decode the table; raises msgspec.ValidationError with the path of what is wrong."""
        return cls(roles=msgspec.toml.decode(toml, type=dict[str, Rights]))

    def refuse(self, actor: Actor, command: str) -> NotAllowed | None:
        """Return the refusal of ``command`` for ``actor``, or None where it is given."""
        rights = self.roles.get(actor.role)
        if rights is not None and command in rights.commands:
            return None
        return NotAllowed(command=command, role=actor.role)

    def may_see(self, role: str, mark: Mark) -> bool:
        """Say whether a role may see fields of a mark."""
        rights = self.roles.get(role)
        return rights is not None and mark in rights.sees

    def may_open(self, role: str, page: str) -> bool:
        """Say whether a role may open a page."""
        rights = self.roles.get(role)
        return rights is not None and page in rights.pages

    def bound_to_unit(self, role: str) -> bool:
        """Say whether a role may act for its own unit only."""
        rights = self.roles.get(role)
        return rights is not None and rights.own_unit

    def refuse_unit(self, actor: Actor, command: str, unit: str) -> NotYourUnit | None:
        """Return the refusal of a command about a unit that is not the actor's own."""
        if not unit or not self.bound_to_unit(actor.role) or unit == actor.unit:
            return None
        return NotYourUnit(command=command, unit=unit, yours=actor.unit)

    def roles_for(self, holder: Holder) -> tuple[str, ...]:
        """Return the roles that a sort of holder may be given, in the table's order."""
        return tuple(role for role, rights in self.roles.items() if holder in rights.held_by)

    def may_do(self, role: str, command: str) -> bool:
        """Say whether a role is given a command."""
        rights = self.roles.get(role)
        return rights is not None and command in rights.commands


def refuse_area(
    actor: Actor, command: str, incident: str, areas: Iterable[str]
) -> NotYourArea | None:
    """Return the refusal of a command about an incident that lies in none of the actor's areas.

    ``areas`` are the names of the areas it lies in. Where none is known nobody is kept away: help
    does not wait for a place to be verified.
    """
    lies_in = tuple(area for area in areas if area)
    if not actor.areas or not lies_in or set(actor.areas) & set(lies_in):
        return None
    return NotYourArea(
        command=command, incident=incident, area=lies_in[0], yours=", ".join(actor.areas)
    )
