"""Messages to a unit or a desk: told to whom they are addressed, read by them and by who wrote.

In the thread of the incident everybody sees that a message went, and to whom; its words stay
sealed there. A message to nobody in particular is for all who work the incident, and is read in
the thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.pages import Pages
from answerable.console.session import Session
from answerable.console.stream import message
from answerable.dispatch.move_words import MessageSent
from answerable.dispatch.views import Letter
from answerable.kernel.event import Recorded

SHOWN = 60
"""As many messages as a page shows, the newest first."""
NEWS = message("{}", event="letter")
"""What an addressee's pages are told: that there is something to read, nothing of it."""


def is_for(session: Session, unit: str, desk: str) -> bool:
    """Say whether a message to this unit and this desk is addressed to whoever has the session."""
    to_unit = bool(unit) and unit == session.actor.unit
    return to_unit or (bool(desk) and desk == session.desk)


def may_read(session: Session, letter: Letter) -> bool:
    """Say whether somebody may read a message: it is addressed to them, or they wrote it."""
    return letter.by == session.actor.name or is_for(session, letter.to_unit, letter.to_desk)


def telling(front: Front) -> Callable[[Sequence[Recorded]], None]:
    """Return what tells the pages of an addressee that a message has come."""

    def committed(recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            event = one.event
            if not isinstance(event, MessageSent):
                continue
            for session in front.sessions.every():
                if is_for(session, event.to_unit, event.to_desk):
                    for subscriber in session.streams:
                        subscriber.push(NEWS)

    return committed


def letters(front: Front, session: Session) -> list[Letter]:
    """Return the messages that somebody may read, the newest first."""
    mine = [one for one in reversed(front.board.letters) if may_read(session, one)]
    return mine[:SHOWN]


async def enter(front: Front, session: Session) -> None:
    """Have the readings recorded that showing the messages is. Raises Refused (503)."""
    for incident in dict.fromkeys(one.incident for one in letters(front, session)):
        await front.gate.enter_letters(session.actor, incident)


def page(front: Front, pages: Pages, session: Session, lang: Language, theme: str) -> str:
    """Return the page of messages. Raises Refused (403)."""
    frame = pages.frame("messages", session, lang, theme, "/messages", f"account/{lang.tag}")
    told = [_told(front, one, session, lang) for one in letters(front, session)]
    return lang.render("messages.html", **frame, letters=told)


def _told(front: Front, letter: Letter, session: Session, lang: Language) -> dict[str, Any]:
    phrases = front.phrases(lang.tag)
    with front.at_hand(letter.incident):
        line = front.board.line(letter.incident)
        words = front.gate.letter_for(session.actor, letter.incident, lang)(
            letter.position, "words"
        )
        about = phrases.kind(line.kind) if line else ""
    return {
        "when": f"{phrases.day(letter.at_us)} {phrases.clock(letter.at_us)}",
        "by": lang(letter.by),
        "to": lang.join(name for name in (letter.to_unit, letter.to_desk) if name),
        "incident": letter.incident,
        "about": about,
        "words": lang(_("(sealed)")) if words is None else words,
    }
