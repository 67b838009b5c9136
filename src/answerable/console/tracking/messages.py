"""Reminders by message: what a channel carries of a matter, and what is recorded of it.

A reminder goes over the owner's first channel, and over the next one where that does not get
through, as an alert does. Nothing sealed leaves by it: kind, number and date, never the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from answerable.console.language import _, language
from answerable.exchange.channels.page import Page, cut
from answerable.exchange.channels.switchboard import Switchboard
from answerable.kernel.event import Event, Row
from answerable.matters import matter_words as w
from answerable.matters.matter_state import OPEN, Matter

if TYPE_CHECKING:
    from answerable.console.front import Front

KINDS = (w.MatterReminded, w.MatterMessaged)
"""The events that may lead to a message."""
SAID = _("Matter {matter} ({kind}): to be done by {norm}, and by law by {term}. {owner}")


def _matter(front: Front, event: Event) -> Matter | None:
    """Return the matter of an event that may lead to a message, where it still has to be done."""
    if not isinstance(event, KINDS):
        return None
    matter: Matter | None = front.hub.state["matters"].tracked.open.get(event.matter)
    return matter if matter is not None and matter.state == OPEN else None


def wants(front: Front, board: Switchboard, event: Event, channel: str) -> bool:
    """Say whether a channel has to carry what an event is about, as things stand now."""
    matter = _matter(front, event)
    if matter is None:
        return False
    if isinstance(event, w.MatterReminded):
        order = board.alerts.of(event.owner)
        return event.way is w.Way.MESSAGE and bool(order) and order[0] == channel
    assert isinstance(event, w.MatterMessaged)
    return not event.carried and board.next_after(matter.owner, event.channel) == channel


def page_of(front: Front, board: Switchboard, row: Row, event: Event, channel: str) -> Page | None:
    """Return the message a row leads to on a channel, None where nobody needs it any more."""
    matter = _matter(front, event)
    if matter is None or not wants(front, board, event, channel):
        return None
    assert isinstance(event, KINDS)
    phrases = front.phrases(language(board.alerts.lang).tag)
    kind = phrases.of_matter("matter_kind", matter.sort)
    text = phrases.lang.say(
        SAID, matter=event.matter, kind=kind, norm=phrases.day(matter.norm_us),
        term=phrases.day(matter.term_us), owner=matter.owner,
    )  # fmt: skip
    return Page(
        sort="reminder", id=f"{channel}-{row.position}", position=row.position,
        incident=matter.incident, unit=matter.owner, kind=kind, priority="", address="",
        text=cut(text), happened_at=row.happened_at, opened_at=matter.opened_us, channel=channel,
        matter=event.matter,
    )  # fmt: skip


def noted(page: Page, why: str = "") -> w.NoteMessage:
    """Return the command that records what became of a message."""
    outcome = "missed" if why else "heard"
    return w.NoteMessage(
        key=f"{outcome}:{page.channel}:{page.position}", matter=page.matter, channel=page.channel,
        carried=not why, why=why[:240],
    )  # fmt: skip
