"""From a filled form to the record: the call is answered and has its outcome, in one go.

Several commands, each under a key that follows from the form's own: a form that is sent again
after a lost answer is recorded once. Nothing is recorded of a form with a slip in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from answerable.console.acts import FIELDS
from answerable.console.bar import dry
from answerable.console.forms import Forms
from answerable.console.language import Language, _
from answerable.console.sanity import Refused, new_key
from answerable.console.session import Session
from answerable.console.taking.later import NoSuchMoment, due_us
from answerable.intake import join_words as join
from answerable.intake import script_words as script
from answerable.intake import words as intake
from answerable.kernel.event import Event, Recorded
from answerable.kernel.hub import Accepted, Outcome
from answerable.kernel.hub import Refused as HubRefused
from answerable.kernel.refusals import Refusal, Unknown
from answerable.towns.titles import Title

BOOKED = _("booked for later")
"""Why a call ends that led to a booking."""
BACK = _("attached by mistake")
"""Why a call is taken off an incident again, and its note struck."""
CALLS, MANY = "C", "I"
"""What stands for a number that is not known yet while a form is checked."""
PLACE = ("address", "lon", "lat")
BOOKING = ("kind", "priority", *PLACE, "unverified")
"""What stands in a booking beside its time."""
NOTE_MAX = 4000
"""Signs that a note may have."""
Body = dict[str, Any]


class Taken(NamedTuple):
    """What became of a form: the call, its incident, and how.

    ``how`` is opened, booked or attached; ``refused`` is the outcome of what was refused, or
    failed: nothing of the form is lost, and it may be sent again. ``note`` is the number of the
    note that holds the caller's words, 0 for none.
    """

    call: str = ""
    incident: str = ""
    how: str = ""
    note: int = 0
    refused: Outcome | None = None


class Recording:
    """Records the forms of one process."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms
        self.front = forms.front

    async def take(self, session: Session, form: Mapping[str, str], lang: Language) -> Taken:
        """Answer the call, open, book or attach its incident, keep what was said and asked.

        Raises Refused (400, 503).
        """
        key = form.get("key") or new_key()
        main, beside = self.bodies(form, lang)
        call = form.get("call", "")
        booked = main["type"] == intake.BookIncident.tag
        self._readable([main if booked else main | {"call": CALLS}, *beside], lang)
        if not call:
            if stopped := self._foreseen(session, main, lang):
                return Taken(refused=stopped)
            number = form.get("number", "")
            body = {"type": intake.AnswerCall.tag, "key": f"{key}.a", "number": number}
            answered = await self.forms.ask(session, body, lang)
            if (event := _first(answered, intake.CallAnswered)) is None:
                return Taken(refused=answered)
            call = event.call
        main = main | {"key": f"{key}.b"} | ({} if booked else {"call": call})
        outcome = self._booked(session, main) or await self.forms.ask(session, main, lang)
        if not isinstance(outcome, Accepted):
            return Taken(call, refused=outcome)
        incident = next(i for one in outcome.recorded if (i := getattr(one.event, "incident", "")))
        if booked:
            end = {"type": intake.EndCall.tag, "call": call, "reason": BOOKED}
            beside = [*beside, end]
        rest = await self._all(session, [_about(one, incident) for one in beside], key, lang)
        notes = (event for one in rest if (event := _first(one, intake.NoteAdded)))
        return Taken(
            call, incident, "booked" if booked else "attached" if _attaches(form) else "opened",
            note=next((event.note for event in notes), 0),
            refused=next((one for one in rest if not isinstance(one, Accepted)), None),
        )  # fmt: skip

    def _booked(self, session: Session, main: Body) -> Accepted | None:
        """Return what the same booking had recorded when it was sent before.

        Said as "+90" it is due at another instant each time it is sent, and so not the same.
        """
        rows = self.front.hub.store.with_key(main["key"])
        done = tuple(Recorded(row, self.front.hub.rooms.decode(row)) for row in rows)
        event = done[0].event if done else None
        if not isinstance(event, intake.IncidentBooked) or rows[0].actor != session.actor.name:
            return None
        same = main["type"] == intake.BookIncident.tag and all(
            (main.get(name) or None) == (getattr(event, name) or None) for name in BOOKING
        )
        return Accepted(done, again=True) if same else None

    def _foreseen(self, session: Session, main: Body, lang: Language) -> HubRefused | None:
        """Return what the outcome of a call would be refused with, before the call is answered.

        An answered call would wait for its outcome, and the key of its answer could not be used
        with another number once the form is put right.
        """
        attaches = main["type"] == intake.AttachCall.tag
        whole = main | {"call": CALLS} if attaches else main
        found = dry.foreseen(self.front, session.actor, whole, lang)
        if not isinstance(found, Refusal) or (isinstance(found, Unknown) and found.what == "call"):
            return None
        return HubRefused(found)

    def bodies(self, form: Mapping[str, str], lang: Language) -> tuple[Body, list[Body]]:
        """Return the command that gives the call its outcome, and those that go with it."""
        beside: list[Body] = []
        for words in self._words(form, lang):
            beside.append({"type": intake.AddNote.tag, "incident": MANY, "words": words})
        for name, value in form.items():
            sort, _dot, code = name.partition(".")
            if sort == "answer" and value:
                beside.append(self.answer(MANY, code, value, lang))
            elif sort == "told" and value:
                told = {"incident": MANY, "instruction": code}
                beside.append({"type": script.GiveInstruction.tag, **told})
        if _attaches(form):
            main: Body = {"type": intake.AttachCall.tag, "incident": form["incident"]}
        elif later := form.get("later", "").strip():
            main = {"type": intake.BookIncident.tag, "due": self._due(later)}
            main |= self._fields(form, BOOKING, lang)
        else:
            main = {"type": intake.OpenIncident.tag}
            main |= self._fields(form, ("kind", "priority", *PLACE, "door", "unverified"), lang)
        return main, beside

    def answer(self, incident: str, question: str, choice: str, lang: Language) -> Body:
        """Return the command of an answer chosen by its digit; its words are recorded."""
        asked = self.front.town.script.question(question)
        at = int(choice) - 1 if choice.isdecimal() and len(choice) < 3 else -1
        known = asked is not None and 0 <= at < len(asked.answers)
        words = Title(asked.answers[at].say).of(lang.tag) if asked and known else choice
        told = {"incident": incident, "question": question, "answer": words}
        return {"type": script.AnswerQuestion.tag, **told}

    async def correct(
        self, session: Session, form: Mapping[str, str], lang: Language
    ) -> list[Outcome]:
        """Record an answer given after the incident was, and what it changes of it.

        ``keep`` names what the call-taker chose: an answer does not change it.
        """
        incident, key = form.get("incident", ""), form.get("key") or new_key()
        question, choice = form.get("question", ""), form.get("choice", "")
        body = self.answer(incident, question, choice, lang) | {"key": f"{key}.q"}
        outcomes = [await self.forms.ask(session, body, lang)]
        asked = self.front.town.script.question(question)
        known = self.front.hub.state["intake"].incidents.get(incident)
        if not isinstance(outcomes[0], Accepted) or asked is None or known is None:
            return outcomes
        at = int(choice) - 1 if choice.isdecimal() and len(choice) < 3 else -1
        if not 0 <= at < len(asked.answers):
            return outcomes
        answer, keep = asked.answers[at], form.get("keep", "").split()
        kind = answer.kind if answer.kind and "kind" not in keep else known.kind
        priority = known.priority
        if answer.priority and "priority" not in keep:
            priority = answer.priority
        if (kind, priority) != (known.kind, known.priority):
            told = {"kind": kind, "priority": priority, "reason": Title(asked.ask).of(lang.tag)}
            change = {"type": intake.ChangeKind.tag, "incident": incident, "key": f"{key}.k"}
            outcomes.append(await self.forms.ask(session, change | told, lang))
        return outcomes

    async def undo(self, session: Session, form: Mapping[str, str], lang: Language) -> Outcome:
        """Take the call off its incident again, and strike the note that came with it."""
        key, reason = form.get("key") or new_key(), {"reason": BACK}
        body = {"type": join.DetachCall.tag, "call": form.get("call", ""), "key": f"{key}.d"}
        outcome = await self.forms.ask(session, body | reason, lang)
        note = form.get("note", "")
        if isinstance(outcome, Accepted) and note.isdecimal() and 0 < int(note) < 100_000:
            strike: Body = {"type": intake.StrikeNote.tag, "incident": form.get("incident", "")}
            strike |= {"note": int(note), "key": f"{key}.s"}
            await self.forms.ask(session, strike | reason, lang)
        return outcome

    # -- parts -------------------------------------------------------------------------------

    def _words(self, form: Mapping[str, str], lang: Language) -> list[str]:
        """Return the notes of a form: what was said, with the exact door where nothing else has it.

        An incident that is opened has a field for it. A booking, and a call about an incident that
        is known already, have none; what was typed is kept all the same.
        """
        words, door = form.get("words", "").strip(), form.get("door", "").strip()
        if not door or not (_attaches(form) or form.get("later", "").strip()):
            return [words] if words else []
        told = lang.say(_("Exact door: {door}"), door=door)
        both = f"{words}\n{told}".strip()
        return [both] if len(both) <= NOTE_MAX else [words, told]

    def _fields(self, form: Mapping[str, str], names: tuple[str, ...], lang: Language) -> Body:
        return self.forms.body({name: form.get(name, "") for name in names}, lang)

    def _due(self, text: str) -> int:
        try:
            return due_us(text, self.front.town, self.front.now_us())
        except NoSuchMoment as error:
            raise Refused(
                400, "console.NoSuchMoment", "Nothing was recorded.",
                "“{text}” is no time to book for.",
                "Write +90 (minutes), +2h, 14:30, or 2026-11-23 14:30, in the town's time.",
                text=text[:40],
            ) from error  # fmt: skip

    def _readable(self, bodies: list[Body], lang: Language) -> None:
        for body in bodies:
            self.forms.readable({"key": "check", **body}, lang)

    async def _all(
        self, session: Session, bodies: list[Body], key: str, lang: Language
    ) -> list[Outcome]:
        """Have what goes with an incident recorded, in one batch of the hub."""
        asks = [
            self.forms.ask(session, body | {"key": f"{key}.{number}"}, lang)
            for number, body in enumerate(bodies)
        ]
        return list(await asyncio.gather(*asks))


def _attaches(form: Mapping[str, str]) -> bool:
    return bool(form.get("incident"))


def _about(body: Body, incident: str) -> Body:
    return body | {"incident": incident} if "incident" in body else body


def _first(outcome: Outcome, event: type[Event]) -> Any:  # noqa: ANN401 - an event of that class
    """Return the first event of a class that an outcome recorded; None where there is none."""
    recorded = outcome.recorded if isinstance(outcome, Accepted) else ()
    return next((one.event for one in recorded if isinstance(one.event, event)), None)


assert set(PLACE) <= set(FIELDS), "the form asks for fields that have no name"
