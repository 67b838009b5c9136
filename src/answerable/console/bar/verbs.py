"""The table of verbs, and which of them somebody is offered.

A verb is offered to whoever is given its command; one whose command no room has is offered to
nobody.
"""

from __future__ import annotations

from collections.abc import Collection

from answerable.console.bar import (
    verbs_backs,
    verbs_desk,
    verbs_incidents,
    verbs_matters,
    verbs_support,
    verbs_units,
)
from answerable.console.bar.grammar import Verb

VERBS: tuple[Verb, ...] = (
    *verbs_incidents.VERBS, *verbs_units.VERBS, *verbs_desk.CALLS, *verbs_desk.DESKS,
    *verbs_desk.LEADS, *verbs_backs.VERBS, *verbs_support.VERBS, *verbs_matters.VERBS,
)  # fmt: skip
BY_WORD: dict[str, Verb] = {word.casefold(): verb for verb in VERBS for word in verb.called}


def offered(commands: Collection[str], given: Collection[str]) -> tuple[Verb, ...]:
    """Return the verbs for a role: ``commands`` are the tags there are, ``given`` the role's."""
    may = set(commands) & set(given)
    return tuple(verb for verb in VERBS if verb.lead or may.intersection(verb.commands))
