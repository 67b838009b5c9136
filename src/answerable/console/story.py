"""What happened to one thing: a sentence an event, in order, each day named once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from answerable.console.front import Front
from answerable.console.phrases import Phrases, Unseal, may_see
from answerable.kernel.event import Event, Mark, Row


def told(
    front: Front, role: str, rows: Iterable[tuple[Row, Event]], phrases: Phrases, unseal: Unseal,
    *, own: bool = False,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the entries as ``role`` sees them; before those of a day stands its name.

    ``own``: its sealed words were opened to one who else sees none, by a reading of their own.
    """
    rights = may_see(front.hub.rooms.authority, role)

    def sees(mark: Mark) -> bool:
        return rights(mark) or (own and mark is Mark.SEALED)

    made: list[dict[str, Any]] = []
    day = ""
    for row, event in rows:
        if (today := phrases.day(row.happened_at)) != day:
            day = today
            made.append({"day": day})
        made.append(
            {"day": "", "time": phrases.clock(row.happened_at)[:5],
             "by": phrases.who(row.actor), "position": row.position,
             "said": phrases.event(event, row, sees, unseal)}
        )  # fmt: skip
    return made
