"""What was last done at each desk, so that it can be taken back.

In memory only, a few deeds a session, gone with it: the record has who did what, this is only the
way back. It holds events as they were recorded, in which sealed words are commitments.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence

from answerable.console.session import Session
from answerable.kernel.event import Recorded

DEEDS_MAX = 16
SESSIONS_MAX = 2_000


class Memory:
    """The last deeds of each session, the newest last. A deed is what one line or form recorded."""

    def __init__(self) -> None:
        self._deeds: OrderedDict[str, deque[tuple[Recorded, ...]]] = OrderedDict()

    def did(self, session: Session, recorded: Sequence[Recorded]) -> None:
        """Remember what a session had recorded."""
        if not recorded or not session.token:
            return
        deeds = self._deeds.setdefault(session.token, deque(maxlen=DEEDS_MAX))
        deeds.append(tuple(recorded))
        self._deeds.move_to_end(session.token)
        while len(self._deeds) > SESSIONS_MAX:
            self._deeds.popitem(last=False)

    def join(self, session: Session, count: int) -> None:
        """Make one deed of the last ``count``: what one line did is taken back as a whole."""
        deeds = self._deeds.get(session.token)
        if not deeds or count < 2:
            return
        last = [deeds.pop() for _number in range(min(count, len(deeds)))]
        deeds.append(tuple(one for deed in reversed(last) for one in deed))

    def last(self, session: Session) -> tuple[Recorded, ...]:
        """Return the last deed of a session that was not taken back; () where there is none."""
        deeds = self._deeds.get(session.token)
        return deeds[-1] if deeds else ()

    def undone(self, session: Session, deed: tuple[Recorded, ...]) -> None:
        """Forget a deed that was taken back, so that the one before it is next."""
        deeds = self._deeds.get(session.token)
        if deeds and deeds[-1] == deed:
            deeds.pop()
