"""The dialler over a running centre: who may have a caller rung, and with what number.

The number comes through the vault's gate, after the reading is in the record with its purpose, and
goes to the dialler and nowhere else: no page and no event of it shows it. What came of an attempt
is told to the desk; that it counts as one is for the person there to say, by one press.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from answerable.console.language import _
from answerable.console.sanity import Refused
from answerable.console.serve.check import Check, Found
from answerable.console.session import Session
from answerable.exchange.dialler.adapters import adapter_of
from answerable.exchange.dialler.definition import DiallerAt
from answerable.exchange.dialler.protocol import Adapter
from answerable.exchange.dialler.switch import Attempt, CannotDial, Switch
from answerable.followup.back_arms import DUE
from answerable.kernel.hub import Accepted
from answerable.vault.words import Purpose

if TYPE_CHECKING:
    from answerable.console.front import Front

CANNOT: dict[str, tuple[str, str]] = {
    "none": (_("This centre has no dialler."), _("Dial the number by hand.")),
    "call": (_("This caller is being rung already."), _("Wait until it is over.")),
    "desk": (_("Your desk is ringing another caller."), _("Wait until that is over.")),
    "full": (_("Too many callers are being rung."), _("Try again in a minute.")),
    "down": (_("The dialler does not answer."),
             _("Dial the number by hand; it is tried again soon.")),
    "unread": (_("The number may not be read."), _("Look at the thread for the reason.")),
    "number": (_("There is no number, or it is erased."), _("Bar this call-back.")),
    "not due": (_("This caller is not to be rung."), _("Choose another one of the queue.")),
    "not taken": (_("You have not taken this caller."), _("Take it first; then dial.")),
}  # fmt: skip
"""Why an attempt is not taken, and what to do instead, by its code (``CannotDial`` has some)."""
WHYS = (
    _("it does not answer"), _("this caller is not to be rung any more"),
    _("the program failed while dialling"), _("it said no end"), _("it could not try"),
)  # fmt: skip
"""Why an attempt failed, in words of the product; an adapter may have its own."""


def refused(code: str) -> Refused:
    """Return the refusal of an attempt."""
    because, instead = CANNOT[code]
    return Refused(409, "console.NotDialled", _("Not dialled."), because, instead)


class Dialling:
    """The dialler of a centre. Lives on its event loop."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.switch = Switch(DiallerAt(), None, self._heard, wanted=self._wanted)
        front.gauges["dialler_waiting"] = (
            "Callers that the dialler is ringing, or has still to ring.",
            lambda: float(self.switch.standing().waiting),
        )
        front.checks.append(self.check)

    def set_up(self, dialler: DiallerAt, adapter: Adapter | None = None) -> None:
        """Take the dialler of the settings, before anything runs."""
        adapter = adapter or adapter_of(dialler)
        self.switch = Switch(dialler, adapter, self._heard, wanted=self._wanted)

    async def _heard(self, attempt: Attempt) -> None:
        """Do nothing further: whoever looks at the attempt asks how it stands."""

    async def run(self) -> None:
        """Dial for as long as the task lives."""
        await self.switch.run()

    async def connect(self, session: Session, incident: str, call: str) -> Attempt:
        """Have a caller rung for a desk. Raises Refused (403, 404, 409, 503)."""
        self._check(session, incident, call)
        gate, actor = self._front.gate, session.actor
        with self._front.at_hand(incident):
            counts = gate.counts(actor, incident)
        if not counts:
            outcome = await gate.state_purpose(actor, incident, Purpose.CALL_BACK, "")
            if not isinstance(outcome, Accepted):
                raise refused("unread")
        number = gate.number_of(call)
        if not number:
            raise refused("number")
        try:
            return self.switch.ask(incident, call, session.desk, number, actor.name)
        except CannotDial as error:
            raise refused(error.code) from error

    def _check(self, session: Session, incident: str, call: str) -> None:
        """Refuse what could not be dialled before anything is read for it."""
        if code := self.switch.refused(call, session.desk):
            raise refused(code)
        if code := self._not_theirs(incident, call, session.actor.name):
            raise refused(code)

    def _not_theirs(self, incident: str, call: str, by: str) -> str:
        """Return why somebody may not have a caller rung, as a code; "" where they may."""
        with self._front.at_hand(incident):
            back = self._front.hub.state["followup"].backs.get(call)
            if back is None or back.incident != incident or back.state != DUE:
                return "not due"
            taken = back.by == by and back.until_us > self._front.now_us()
            return "" if taken else "not taken"

    def _wanted(self, attempt: Attempt) -> bool:
        return not self._not_theirs(attempt.incident, attempt.call, attempt.by)

    def attempt(self, call: str, by: str) -> Attempt | None:
        """Return the newest attempt of a call by somebody, None where there is none."""
        found = self.switch.attempts.get(call)
        return found if found is not None and found.by == by else None

    def check(self) -> Check:
        """Return how the dialler stands; none of it makes the centre unwell: one dials by hand."""
        standing = self.switch.standing()
        if standing.failures:
            return Check(
                name="dialler", found=Found.WATCH, values={"why": standing.why},
                means=_("The dialler does not dial ({why})."),
                instead=_("Dial by hand; look after the dialler."),
            )  # fmt: skip
        return Check(
            name="dialler", found=Found.WELL, values={"count": standing.done},
            means=_("{count} callers were rung by the dialler since the start."),
        )  # fmt: skip
