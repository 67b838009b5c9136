"""What the page of one call-back offers besides ringing by hand: the dialler, and sending."""

from __future__ import annotations

from typing import Any

from answerable.console.dialling.routes import shown
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.session import Session
from answerable.followup.back_arms import CALL_BACK
from answerable.followup.back_words import LinkSent, SendLink
from answerable.followup.views import Entry

SENDS = (("link", _("Send a link to the questions")), ("text", _("Ask by text, to reply to")))


def offer(front: Front, session: Session, entry: Entry | None, lang: Language) -> dict[str, Any]:
    """Return what may be done about a call-back by machine; nothing where nothing is set up."""
    if entry is None:
        return {"dial": False, "state": "", "sends": []}
    attempt = front.dialling.attempt(entry.call, session.actor.name)
    going = attempt is not None and not attempt.over
    mine = entry.by == session.actor.name and entry.until_us > front.now_us()
    may_send = front.hub.rooms.authority.may_do(session.actor.role, SendLink.tag)
    sends = front.saying.there and may_send and CALL_BACK.allows(entry.state, LinkSent)
    return {
        "dial": front.dialling.switch.there and mine and not going,
        "state": shown(attempt, session, lang) if mine else "",
        "sends": [(way, lang(words)) for way, words in SENDS] if sends else [],
        "type": SendLink.tag,
    }
