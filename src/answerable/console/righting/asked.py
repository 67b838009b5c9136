"""What a unit is asked to account for: on its crew's page, by when, and nothing of who asks."""

from __future__ import annotations

from typing import Any

from answerable.console.front import Front
from answerable.console.phrases import Phrases, place
from answerable.console.righting import told
from answerable.console.righting.listing import rights
from answerable.followup import right_words as w

ACCOUNTS_MAX = 12
"""Accounts one page asks for, those due first."""


def accounts(front: Front, phrases: Phrases, role: str, unit: str) -> list[dict[str, Any]]:
    """Return what a unit owes an account of, the soonest first; nothing in it is sealed."""
    if not unit or not front.hub.rooms.authority.may_do(role, w.GiveAccount.tag):
        return []
    now_us = front.now_us()
    owed = [(r.asked[unit], name, r) for name, r in rights(front).items() if unit in r.asked]
    made = []
    for due_us, name, right in sorted(owed, key=lambda one: one[:2])[:ACCOUNTS_MAX]:
        line = front.board.line(right.incident)
        made.append({
            "right": name,
            "incident": right.incident,
            "title": phrases.lang(told.TITLES.get(right.reason, right.reason)),
            "kind": phrases.kind(line.kind) if line else "",
            "where": place(line.address) if line else "",
            "due": phrases.moment(due_us, now_us),
            "late": now_us > due_us,
        })  # fmt: skip
    return made
