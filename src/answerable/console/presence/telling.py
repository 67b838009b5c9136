"""Telling the consoles who is on what: only changes, gathered, as data without a language.

The words are in the page. A message names things and desks; it is the same bytes for every board,
and an incident's page is told of that incident alone. It has no position and is not kept: a console
that comes back is told the whole of it anew.
"""

from __future__ import annotations

import asyncio
import json

from answerable.console.presence.here import Desks, Presence, about
from answerable.console.stream import Channels, Subscriber, framed, message
from answerable.kernel.authority import Authority
from answerable.kernel.event import Mark

PACE_S = 0.25
"""So long is gathered: whoever only passes by is never told of."""
EVERYTHING = ("board", "calls", "take", "hand-over")
"""The pages that list many things, and so are told of all."""


def told(desks: dict[str, Desks], *, whole: bool = False) -> bytes:
    """Return the message that says who is on what; ``whole``: nobody is on anything else."""
    on = {subject: [list(one) for one in found] for subject, found in desks.items()}
    body = {"whole": whole, "on": on}
    return message(json.dumps(body, ensure_ascii=False, separators=(",", ":")), event="presence")


class Telling:
    """Sends what changed to whoever looks on. One per process."""

    def __init__(self, presence: Presence, channels: Channels, authority: Authority) -> None:
        self._presence = presence
        self._channels = channels
        self._authority = authority
        self._planned: asyncio.TimerHandle | None = None
        self._due_s = 0.0
        presence.on_change = self.plan

    def may(self, subscriber: Subscriber) -> bool:
        """Say whether a console may know: its role sees what is inside the service."""
        actor = subscriber.actor
        return actor is not None and self._authority.may_see(actor.role, Mark.INSIDE)

    def plan(self, wait_s: float = PACE_S) -> None:
        """Have the changes told in a moment; an earlier moment stands."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # no loop, so nobody is connected
        due_s = loop.time() + wait_s
        if self._planned is not None:
            if self._due_s <= due_s and not self._planned.cancelled():
                return
            self._planned.cancel()
        self._due_s = due_s
        self._planned = loop.call_at(due_s, self.tell)

    def tell(self) -> None:
        """Send what has changed, and come back when the next thing runs out."""
        self._planned = None
        next_s = self._presence.sweep()
        if changed := self._presence.changes():
            self._send(changed)
        if next_s:
            self.plan(next_s)

    def _send(self, changed: dict[str, Desks]) -> None:
        everything = framed(whole := told(changed))
        for name, channel in self._channels.live().items():
            page, *rest = name.split("/")
            if page in EVERYTHING:
                data, frame = whole, everything
            elif page == "incident" and (subject := about(rest[0])) in changed:
                data = told({subject: changed[subject]})
                frame = framed(data)
            else:
                continue
            for subscriber in channel.subscribers:
                if self.may(subscriber):
                    subscriber.push(data, frame)

    def greet(self, channel: str, subscriber: Subscriber) -> None:
        """Tell a console that has just come who is on what."""
        page, *rest = channel.split("/")
        if not self.may(subscriber):
            return
        if page in EVERYTHING:
            subscriber.push(told(self._presence.whole(), whole=True))
        elif page == "incident":
            subject = about(rest[0])
            desks = self._presence.on(subject)
            subscriber.push(told({subject: desks} if desks else {}, whole=True))
