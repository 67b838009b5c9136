"""Authority: roles x commands x field marks x pages in one table, denied by default.

The table is data (``authority.toml`` beside ``rooms.py``). A role has exactly what its own lines
say: there are no aliases, no inheritance and no wildcard, so nothing can be reached through them
(B11).
"""

from __future__ import annotations

import msgspec

from answerable.kernel.event import Mark
from answerable.kernel.refusals import NotAllowed


class Actor(msgspec.Struct, frozen=True):
    """Who asks: an account and the one role it acts in."""

    name: str
    role: str


IMPORTER = Actor(name="importer", role="importer")
"""Who brings old records in: what the source said is recorded, not judged by today's lists."""

SYSTEM = Actor(name="system", role="system")
"""Reactions and alarms: they may do what the service itself has promised, nothing else."""


class Rights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one role is given."""

    commands: frozenset[str] = frozenset()
    sees: frozenset[Mark] = frozenset()
    pages: frozenset[str] = frozenset()


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
