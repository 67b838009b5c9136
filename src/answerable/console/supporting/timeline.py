"""One request as its steps: what happened when, by when it was due, and what is still to come.

It is read from the incident's own rows, so that it says what the thread says (B3), and can be drawn
of a request that has ended, of which the room keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from answerable.console.language import _
from answerable.console.phrases import Phrases
from answerable.kernel.event import Event, Row
from answerable.matters import support_words as w
from answerable.matters.support_state import (
    ACCEPTED,
    APPROVED,
    ASKED,
    ASSIGNED,
    BEGUN,
    REPORTED,
    SUPPORT,
    Request,
)

Rows = list[tuple[Row, w.SupportEvent]]
ORDER: tuple[tuple[str, str], ...] = (
    (ASKED, _("Asked for")), (APPROVED, _("Approved")), (ASSIGNED, _("Assigned")),
    (ACCEPTED, _("Accepted")), (BEGUN, _("Begun")), (REPORTED, _("Reported")), ("end", _("Ended")),
)  # fmt: skip
"""The states a request passes through, as the steps of the drawing."""


@dataclass
class Story:
    """A request as its events tell it; times are UTC microseconds.

    ``reached`` is when each state was reached last, ``due`` by when it was to be reached; ``late``
    are the states that came after their time, or have not come though their time is over.
    """

    request: Request
    state: str
    reached: dict[str, int] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)

    @property
    def ended(self) -> bool:
        """Say whether it has ended."""
        return self.state in SUPPORT.last


NEXT = {ASKED: APPROVED, APPROVED: ASSIGNED, ASSIGNED: ACCEPTED, ACCEPTED: BEGUN,
        BEGUN: REPORTED, REPORTED: "end"}  # fmt: skip


def story_of(rows: Iterable[tuple[Row, w.SupportEvent]]) -> Story:
    """Return the story of one request from its events, in their order. There is at least one."""
    story: Story | None = None
    for row, event in rows:
        if isinstance(event, w.SupportAsked):
            story = Story(_asked(row, event), SUPPORT.after(SUPPORT.first, event))
        assert story is not None, "a request begins when it is asked for"
        _take(story, row, event)
    assert story is not None
    return story


def _asked(row: Row, event: w.SupportAsked) -> Request:
    return Request(
        incident=event.incident, unit=event.unit, sort=event.support_kind, asked_by=row.actor,
        asked_us=row.happened_at, position=row.position, urgent=event.urgent, grade=event.grade,
    )  # fmt: skip


def _take(story: Story, row: Row, event: w.SupportEvent) -> None:
    known, at_us = story.request, row.happened_at
    if isinstance(event, w.SupportLate):
        story.late.add(NEXT[story.state])
        known.due_us = 0
        return
    if not isinstance(event, w.SupportAsked):
        story.state = SUPPORT.after(story.state, event)
    state = "end" if story.ended else story.state
    for later in _after(state):  # a step that was given back is to be done anew
        story.reached.pop(later, None)
        story.due.pop(later, None)
        story.late.discard(later)
    story.reached[state] = at_us
    known.state, known.since_us = story.state, at_us
    known.due_us = getattr(event, "due_us", 0)
    if known.due_us and state in NEXT:
        story.due[NEXT[state]] = known.due_us
    known.to = "" if isinstance(event, w.SupportRefused) else getattr(event, "to", known.to)
    known.result = getattr(event, "result", known.result)


def _after(state: str) -> list[str]:
    names = [name for name, _title in ORDER]
    return names[names.index(state) + 1 :]


def drawn(story: Story, phrases: Phrases, now_us: int) -> list[dict[str, Any]]:
    """Return the steps as they are drawn: done, waited for, late, to come, left out."""
    made = []
    for name, title in ORDER:
        at_us, due_us = story.reached.get(name, 0), story.due.get(name, 0)
        waited = not story.ended and NEXT.get(story.state) == name
        late = name in story.late or bool(due_us and not at_us and waited and due_us <= now_us)
        made.append({
            "title": phrases.lang(title),
            "at": phrases.moment(at_us, now_us) if at_us else "",
            "due": phrases.moment(due_us, now_us) if due_us and name != "end" else "",
            "state": "done" if at_us else "waits" if waited else "left" if story.ended else "to",
            "late": late and name != "end",
        })  # fmt: skip
    return made


def of_request(events: Iterable[tuple[Row, Event]], number: str) -> Rows:
    """Return those events of an incident that are about one request."""
    return [
        (row, event)
        for row, event in events
        if isinstance(event, w.SupportEvent) and event.support == number
    ]
