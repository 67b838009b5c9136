"""The reading gate: the one way to a sealed word. Whoever comes through is in the record before.

While an incident is open its page has the reading recorded by itself, once an hour for each person:
whoever works a call needs its words at once. On a closed one the words are masked until somebody
says what they are wanted for. A reading counts for an hour, for the person who read, for that
incident and its calls. Nothing else in the product calls ``unseal``; a house test sees to that.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from answerable.console.language import Language, _
from answerable.console.phrases import Unseal
from answerable.console.sanity import Refused, new_key, unavailable
from answerable.console.stream import Subscriber
from answerable.intake import line_words as line
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from answerable.kernel.event import Command, Mark, Recorded, Row, sealed_fields
from answerable.kernel.hub import Accepted, Outcome
from answerable.kernel.store import Head, StoreRefusal
from answerable.matters.referral_rules import WITH_THEM
from answerable.matters.referral_words import Referred
from answerable.vault import words as w
from answerable.vault.state import Case

if TYPE_CHECKING:
    from answerable.console.front import Front

HOUR_US = 3_600_000_000
WORKED = ("open", "booked")
"""The states of sealed words in which reading them is the work itself."""
PURPOSES: tuple[tuple[w.Purpose, str], ...] = (
    (w.Purpose.CALL_BACK, _("call-back")), (w.Purpose.COMPLAINT, _("complaint")),
    (w.Purpose.QUALITY, _("quality review")), (w.Purpose.COURT, _("court or authority")),
    (w.Purpose.OTHER, _("other")),
)  # fmt: skip
"""What a person may read a closed incident for, with the words for it."""

FOR_AGENCIES = frozenset({"words", "door"})
"""Sealed fields of a referral that may leave for its agency."""
NUMBERED = (intake.CallRung, intake.CallAnswered)
"""The events that a caller's number is sealed with."""
VALUES = (_("working the incident"), _("two people decided it"))
"""Further values of this room's events that pages show."""

log = logging.getLogger("answerable.reading")


def masked(_position: int, _field: str) -> str | None:
    """Open nothing: what is sealed is shown as sealed."""
    return None


@dataclass(frozen=True)
class Shown:
    """How an incident's sealed words stand on a page: what it says of them, what it asks.

    ``how``: "recorded" (they are shown), "ask" (a purpose is wanted), "archived" (one is wanted to
    look at it at all), "erased", or "" where nothing is to be said.
    """

    how: str
    purposes: Sequence[tuple[str, str]] = ()
    most: int = 240


class Gate:
    """Decides for each person and incident whether sealed words are shown; has it recorded."""

    def __init__(self, front: Front) -> None:
        self._front = front
        front.hub.subscribe(self._committed)

    # -- who may, and who has ----------------------------------------------------------------

    def may(self, role: str, command: type[Command] = w.ReadSealed) -> bool:
        """Say whether a role may ever read sealed words."""
        rights = self._front.hub.rooms.authority
        return rights.may_see(role, Mark.SEALED) and rights.may_do(role, command.tag)

    def case(self, incident: str) -> Case | None:
        """Return how an incident stands in the vault; it must be at hand."""
        case: Case | None = self._front.hub.state["vault"].cases.get(incident)
        return case

    def counts(self, actor: Actor, incident: str) -> bool:
        """Say whether this person's reading of this incident is recorded, and counts now."""
        case = self.case(incident)
        return case is not None and case.reads.get(actor.name, 0) > self._front.now_us()

    def sealed_in(self, rows: Sequence[Row]) -> bool:
        """Say whether any of these events has sealed words."""
        for row in rows:
            event = self._front.hub.rooms.decode(row)
            if any(getattr(event, name) for name in sealed_fields(type(event))):
                return True
        return False

    # -- reach -------------------------------------------------------------------------------

    def check_reach(self, actor: Actor, incident: str) -> None:
        """Refuse an incident that is archived or destroyed. Raises Refused (403, 410)."""
        case = self.case(incident)
        if case is None or case.reach == "in reach":
            return
        if case.reach == "destroyed":
            raise Refused(
                410, "console.Destroyed", "Not shown: incident {incident}.",
                "It was destroyed.", "Nobody can open it; its events stand in the record.",
                incident=incident[:40],
            )  # fmt: skip
        if not self.counts(actor, incident):
            raise Refused(
                403, "console.Archived", "Not shown: incident {incident}.", "It is archived.",
                "Ask a supervisor, who can open it with a purpose.", incident=incident[:40],
            )  # fmt: skip

    def asks_archive(self, actor: Actor, incident: str) -> bool:
        """Say whether an incident is archived, and this person may open it with a purpose."""
        case = self.case(incident)
        return (
            case is not None and case.reach == "archived"
            and self.may(actor.role, w.OpenArchived) and not self.counts(actor, incident)
        )  # fmt: skip

    def in_reach(self, row: Row) -> bool:
        """Say whether an event belongs to no incident that is archived or destroyed."""
        kind, _colon, name = row.stream.partition(":")
        if kind not in ("incident", "call"):
            return True
        hub = self._front.hub
        with hub.at_hand(row.stream):
            if kind == "call":
                call = hub.state["intake"].calls.get(name)
                name = call.incident if call else ""
            case = self.case(name)
            return case is None or case.reach == "in reach"

    # -- the words ---------------------------------------------------------------------------

    def unseal_for(self, actor: Actor, incident: str, lang: Language) -> Unseal:
        """Return what opens an incident's sealed words for a person; nothing without a reading."""
        if self.may(actor.role) and self.counts(actor, incident):
            return self._opening(lang, self._closed(incident, lang))
        return self._closed(incident, lang)

    def unseal_for_role(
        self, role: str, incident: str, lang: Language, opened: Callable[[], None]
    ) -> Unseal:
        """Return what opens the words for all of a role who look on; calls ``opened`` at a word.

        Whoever draws with it sends the result only to those of whom ``counts`` is true.
        """
        if not self.may(role):
            return self._closed(incident, lang)
        opening = self._opening(lang, self._closed(incident, lang))

        def noting(position: int, field: str) -> str | None:
            opened()
            return opening(position, field)

        return noting

    def _opening(self, lang: Language, gone: Unseal | None = None) -> Unseal:
        """Return what opens a word at its place; whoever asks has seen that it may be read.

        ``gone`` says what is told of a word that is there no more: that it is erased, if not given.
        """

        def opening(position: int, field: str) -> str | None:
            try:
                found = self._front.hub.store.unseal(position, field)
            except StoreRefusal as refusal:
                log.error("%s", refusal)
                return lang(_("(cannot be opened)"))
            if found is not None:
                return found
            return lang(_("(erased)")) if gone is None else gone(position, field)

        return opening

    def told_next(self, actor: Actor, position: int, lang: Language) -> str:
        """Return what was left for the next at a desk, "" where nothing was, or the role may not.

        ``handover.views.words_at`` says for whom it lies there; reading it elsewhere is recorded.
        """
        if not position or not self.may(actor.role):
            return ""
        row = next(iter(self._front.hub.store.rows(position - 1, 1)))
        if not self.sealed_in([row]):
            return ""
        return self._opening(lang)(position, "words") or ""

    def _closed(self, incident: str, lang: Language) -> Unseal:
        """Return what opens nothing, and tells what is erased from what is only sealed."""
        case = self.case(incident)
        erased_at = case.erased_at if case else 0
        return lambda position, _field: lang(_("(erased)")) if position < erased_at else None

    # -- coming in ---------------------------------------------------------------------------

    async def enter(self, actor: Actor, incident: str, rows_of: Callable[[], list[Row]]) -> None:
        """Have a reading recorded where somebody opens the page of an incident being worked.

        Nothing is recorded where nothing is sealed, the reading still counts, or the role may not.
        Raises Refused (503); a refused reading leaves the words masked.
        """
        with self._front.at_hand(incident):
            case = self.case(incident)
            wanted = (
                case is not None and case.sealed in WORKED and self.may(actor.role)
                and not self.counts(actor, incident) and self.sealed_in(rows_of())
            )  # fmt: skip
        if wanted:
            key = self._key(actor, incident)
            command = w.ReadSealed(key=key, incident=incident, purpose=w.Purpose.WORKING)
            await self._ask(command, actor)

    def _key(self, actor: Actor, incident: str) -> str:
        """Return the key of a reading: the same for one person, incident and hour of its life."""
        line = self._front.board.line(incident)
        life, hour = line.reopened if line else 0, self._front.now_us() // HOUR_US
        who = hashlib.sha256(f"{actor.name}\0{incident}".encode()).hexdigest()[:24]
        return f"reading:{who}:{life}:{hour}"

    async def state_purpose(
        self, actor: Actor, incident: str, purpose: w.Purpose, note: str, key: str = ""
    ) -> Outcome:
        """Have a reading recorded for a purpose that somebody states. Raises Refused (503)."""
        with self._front.at_hand(incident):
            case = self.case(incident)
            archived = case is not None and case.reach == "archived"
        kind = w.OpenArchived if archived and self.may(actor.role, w.OpenArchived) else w.ReadSealed
        command = kind(key=key or new_key(), incident=incident, purpose=purpose, note=note)
        return await self._ask(command, actor)

    async def _ask(self, command: Command, actor: Actor) -> Outcome:
        try:
            outcome = await self._front.desk.ask(command, actor)
        except Unavailable as refusal:
            raise unavailable(refusal) from refusal
        if not isinstance(outcome, Accepted):
            log.info("a reading was not recorded: %s", command.tag)
        return outcome

    # -- a call that has no incident yet -----------------------------------------------------

    async def enter_call(self, actor: Actor, call: str) -> Outcome | None:
        """Have the reading of a call's number and texts recorded; None where it counts already.

        Raises Refused (503). What the role is not given, or the call's life has no place for, is
        refused by the hub.
        """
        if self._counts_call(actor, call):
            return None
        return await self._ask(line.ReadCall(key=new_key(), call=call), actor)

    def _counts_call(self, actor: Actor, call: str) -> bool:
        known = self._front.hub.state["intake"].calls.get(call)
        return known is not None and known.reads.get(actor.name, 0) > self._front.now_us()

    def unseal_call(self, actor: Actor, call: str, lang: Language) -> Unseal | None:
        """Return what opens a call's number and texts for a person; None without a reading."""
        if not self.may(actor.role, line.ReadCall) or not self._counts_call(actor, call):
            return None
        return self._opening(lang)

    # -- a tracked matter --------------------------------------------------------------------

    async def read_first(self, command: Command, actor: Actor) -> Outcome:
        """Have a reading recorded before anything is shown. Raises Refused (503)."""
        return await self._ask(command, actor)

    def unseal_matter(self, until_us: int, lang: Language) -> Unseal | None:
        """Return what opens a matter's words while a person's reading counts; None after that.

        Whoever asks has seen to it that the matter is theirs: a crew reads those of its unit, and
        of a request for support the words of that request, while it is to give it.
        """
        if until_us <= self._front.now_us():
            return None
        return self._opening(lang)

    def to_send(self, row: Row) -> str | None:
        """Return the words of a text to a caller, for the line that sends them and nobody else."""
        if row.kind != line.CallerTexted.tag:
            return None
        try:
            return self._front.hub.store.unseal(row.position, "words")
        except StoreRefusal as refusal:
            log.error("a text was not sent: %s", refusal)
            return None

    def for_agency(self, referral: str, field: str) -> str:
        """Return words written for an agency, for whatever carries them to it; "" for any others.

        They leave while it has the referral, and only where the rule that sent it names them.
        """
        line = self._front.hub.state["referrals"].open.get(referral)
        named = line is not None and field in line.sees and field in FOR_AGENCIES
        if line is None or not named or line.state not in WITH_THEM:
            return ""
        row = next(iter(self._front.hub.store.rows(line.position - 1, 1)))
        if row.kind != Referred.tag or not self.in_reach(row):
            return ""
        try:
            return self._front.hub.store.unseal(line.position, field) or ""
        except StoreRefusal as refusal:
            log.error("words for an agency did not leave: %s", refusal)
            return ""

    def number_of(self, call: str) -> str:
        """Return a caller's number for what rings or texts that caller, "" where there is none.

        It is shown to nobody by this. Whoever asks has had the reading recorded for its purpose, or
        carries out an event that says so itself (the questions were sent).
        """
        found = ""
        for row in self._front.hub.store.stream(f"call:{call}"):
            event = self._front.hub.rooms.decode(row)
            if isinstance(event, NUMBERED) and event.number:
                try:
                    found = self._front.hub.store.unseal(row.position, "number") or found
                except StoreRefusal as refusal:
                    log.error("a number was not used: %s", refusal)
        return found

    # -- messages to somebody ----------------------------------------------------------------

    def letter_for(self, actor: Actor, incident: str, lang: Language) -> Unseal:
        """Return what opens a message for whom it is addressed to, or for who wrote it.

        Whoever asks has seen to it that it is theirs. A crew reads its messages and nothing else.
        """
        if self._reads(actor) and self.counts(actor, incident):
            return self._opening(lang, self._closed(incident, lang))
        return self._closed(incident, lang)

    async def enter_letters(self, actor: Actor, incident: str) -> None:
        """Have a reading recorded where somebody opens their messages. Raises Refused (503)."""
        with self._front.at_hand(incident):
            case = self.case(incident)
            wanted = case is not None and case.sealed in WORKED and self._reads(actor)
            wanted = wanted and not self.counts(actor, incident)
        if wanted:
            key = self._key(actor, incident)
            command = w.ReadSealed(key=key, incident=incident, purpose=w.Purpose.WORKING)
            await self._ask(command, actor)

    def _reads(self, actor: Actor) -> bool:
        return self._front.hub.rooms.authority.may_do(actor.role, w.ReadSealed.tag)

    # -- what the page says ------------------------------------------------------------------

    def shown(self, actor: Actor, incident: str, rows: Sequence[Row], lang: Language) -> Shown:
        """Return how the sealed words of an incident stand for a person."""
        case = self.case(incident)
        if case is None or not self.may(actor.role) or not self.sealed_in(rows):
            return Shown("")
        if case.sealed == "erased":
            return Shown("erased")
        if self.counts(actor, incident):
            return Shown("recorded")
        return Shown("ask", self.purposes(lang))

    def purposes(self, lang: Language) -> list[tuple[str, str]]:
        """Return what a closed incident may be read for, with the words for it."""
        return [(purpose.value, lang(words)) for purpose, words in PURPOSES]

    # -- those who look on -------------------------------------------------------------------

    def may_go_on(self, incident: str) -> Callable[[Subscriber], bool]:
        """Return what says of a console whether it may be sent the incident's words now."""
        return lambda one: one.actor is not None and self.counts(one.actor, incident)

    def _committed(self, recorded: Sequence[Recorded], head: Head) -> None:
        """Forget what was drawn of an incident whose words are erased, or that is out of reach."""
        for one in recorded:
            if isinstance(one.event, w.Erased | w.Archived | w.Destroyed):
                self._front.channels.forget(f"incident/{one.event.incident}/", head.size)


def purpose_of(form: dict[str, Any]) -> w.Purpose:
    """Return the purpose a form states. Raises Refused (400)."""
    try:
        return w.Purpose(form.get("purpose", ""))
    except ValueError as error:
        raise Refused(
            400, "console.NoPurpose", "Not shown.", "No purpose was chosen.",
            "Choose what the words are read for.",
        ) from error  # fmt: skip
