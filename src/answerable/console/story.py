"""What happened to one thing: a sentence an event, in order, each day named once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from answerable.console.front import Front
from answerable.console.phrases import Phrases, Unseal, may_see
from answerable.kernel.event import Event, Row


def told(
    front: Front, role: str, rows: Iterable[tuple[Row, Event]], phrases: Phrases, unseal: Unseal
) -> list[dict[str, Any]]:
    """Return the entries as ``role`` sees them; before those of a day stands its name."""
    sees = may_see(front.hub.rooms.authority, role)
    made: list[dict[str, Any]] = []
    day = ""
    for row, event in rows:
        if (today := phrases.day(row.happened_at)) != day:
            day = today
            made.append({"day": day})
        made.append(
            {"day": "", "time": phrases.clock(row.happened_at)[:5],
             "by": phrases.lang(row.actor), "position": row.position,
             "said": phrases.event(event, row, sees, unseal)}
        )  # fmt: skip
    return made
