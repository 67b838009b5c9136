"""Taking back what a desk did last: what it would do in words, the button, the key, the address.

Which deed is the last one is the desk's own memory (``forms.deeds``): nobody takes back another's
doing, and what was shown on a button is taken back only while it still is the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from litestar import Request, Response, post

from answerable.console import api
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases, place
from answerable.console.sanity import Refused, header, new_key
from answerable.console.session import Session
from answerable.console.undo import NoWay, Way, inverse
from answerable.kernel.event import Event, Recorded
from answerable.kernel.hub import Accepted, Outcome
from answerable.kernel.hub import Refused as HubRefused

Req = Request[Any, Any, Any]
Deed = tuple[Recorded, ...]
BACK_US = 30 * 60 * 1_000_000
"""What was done longer ago is done by hand: nobody remembers any more what a key would undo."""
NOT_DONE = _("Not taken back.")


class Deeds(Protocol):
    """The last deeds of each session."""

    def last(self, session: Session) -> Deed:
        """Return the last deed that was not taken back, () where there is none."""
        ...

    def undone(self, session: Session, deed: Deed) -> None:
        """Forget a deed that was taken back."""
        ...


class Asking(Protocol):
    """What the forms do for it."""

    front: Front

    @property
    def deeds(self) -> Deeds:
        """What was done last at each desk."""
        ...

    async def checked(self, request: Req) -> tuple[Session, dict[str, str]]:
        """Return who sends a form, and the form. Raises Refused."""
        ...

    async def ask(self, session: Session, body: dict[str, Any], lang: Language) -> Outcome:
        """Have one command done. Raises Refused."""
        ...


class Offer(NamedTuple):
    """What would be taken back now: the position it stands at, what it would do in words."""

    of: int
    says: str
    ways: Sequence[Way]
    deed: Deed


# -- in words --------------------------------------------------------------------------------


def words_of(way: Way | NoWay, template: str, phrases: Phrases) -> str:
    """Return a sentence of a way back, with kinds and places as people call them."""
    values = dict(way.values)
    if "kind" in values:
        values["kind"] = phrases.kind(values["kind"])
    if "address" in values:
        values["address"] = place(values["address"])
    return phrases.lang.say(template, **values)


def parts_of(found: NoWay, phrases: Phrases) -> tuple[str, str, str]:
    """Return the three sentences of why something is not taken back."""
    said = (words_of(found, one, phrases) for one in (found.because, found.instead))
    because, instead = said
    return phrases.lang(NOT_DONE), because, instead


def offer(front: Front, deed: Deed, phrases: Phrases) -> Offer | NoWay:
    """Return what would take a deed back now, or why nothing can."""
    if deed and front.now_us() - deed[-1].row.recorded_at > BACK_US:
        return NoWay(
            _("What this desk did last was done at {time}, more than half an hour ago."),
            _("Look at the thread of the incident, and do the opposite there."),
            {"time": phrases.clock(deed[-1].row.recorded_at)},
        )
    ways = inverse(deed, front.hub.state, past_of(front))
    if isinstance(ways, NoWay):
        return ways
    says = " ".join(words_of(way, way.says, phrases) for way in ways)
    return Offer(deed[-1].row.position, says, ways, deed)


def past_of(front: Front) -> Callable[[str, int], Iterator[Event]]:
    """Return what gives the earlier events of a stream, the newest first."""

    def past(stream: str, position: int) -> Iterator[Event]:
        rows = [row for row in front.hub.store.stream(stream) if row.position < position]
        return (front.hub.rooms.decode(row) for row in reversed(rows))

    return past


def button(forms: Asking, session: Session, outcome: Outcome, phrases: Phrases) -> Offer | None:
    """Return what the button beside an answer takes back, None where there is none to offer."""
    if not isinstance(outcome, Accepted) or outcome.again:
        return None
    deed = forms.deeds.last(session)
    if not deed or deed[-1] not in outcome.recorded:
        return None
    found = offer(forms.front, deed, phrases)
    if isinstance(found, NoWay) or not may_all(forms.front, session, found.ways):
        return None
    return found


def may_all(front: Front, session: Session, ways: Sequence[Way]) -> bool:
    """Say whether the role is given every command that is needed."""
    rights = front.hub.rooms.authority
    return all(rights.may_do(session.actor.role, way.command.tag) for way in ways)


# -- doing it --------------------------------------------------------------------------------


async def take_back(
    forms: Asking, session: Session, lang: Language, key: str, of: int = 0
) -> tuple[int, str]:
    """Take back what a desk did last; return the status and what came of it in words.

    ``of`` is the position of the deed that was shown, 0 for whichever is the last. Raises Refused
    (409 where it cannot be taken back, and what the commands themselves are refused with).
    """
    front, phrases = forms.front, forms.front.phrases(lang.tag)
    rows = front.hub.store.with_key(f"{key}.1")
    if rows and rows[0].actor == session.actor.name:
        return 201, lang(_("Taken back already."))
    deed = forms.deeds.last(session)
    if of and (not deed or deed[-1].row.position != of):
        raise refused(
            NoWay(
                _("It is not what this desk did last, or it was taken back already."),
                _("Look at the thread of the incident, and do the opposite there."), {},
            )
        )  # fmt: skip
    found = offer(front, deed, phrases)
    if isinstance(found, NoWay):
        raise refused(found)
    for number, way in enumerate(found.ways, 1):
        outcome = await forms.ask(session, way.body(f"{key}.{number}"), lang)
        if not isinstance(outcome, Accepted):
            return api.status_of(outcome), failed(outcome, phrases)
        forms.deeds.undone(session, tuple(outcome.recorded))  # it is no deed of its own
    forms.deeds.undone(session, deed)
    return 201, lang.say(_("Taken back. {says}"), says=found.says)


def refused(found: NoWay) -> Refused:
    """Return the refusal of what cannot be taken back."""
    return Refused(
        409, "console.NotTakenBack", NOT_DONE, found.because, found.instead, **found.values
    )


def failed(outcome: Outcome, phrases: Phrases) -> str:
    """Return why a command that was to take something back was not done."""
    if isinstance(outcome, HubRefused):
        return " ".join(phrases.refusal(outcome.refusal).values())
    return phrases.lang(_("Not taken back. The program failed while deciding; tell who keeps it."))


class Behind(Protocol):
    """What the address needs of the application."""

    front: Front

    @property
    def forms(self) -> Asking:
        """The forms."""
        ...

    def look(self, request: Req) -> tuple[Language, str]:
        """Return the language and the theme of a request."""
        ...


def routes(app: Behind) -> list[Any]:
    """Return the address that takes back what a desk did last."""

    @post("/undo", status_code=201)
    async def undo(request: Req) -> Response[Any]:
        """Take it back, and say what that did."""
        session, form = await app.forms.checked(request)
        api.may_open(app.front, session, "incident")
        lang, _theme = app.look(request)
        of = form.get("of", "")
        position = int(of) if of.isascii() and of.isdecimal() and len(of) < 16 else 0
        key = form.get("key", "") or new_key()
        try:
            status, said = await take_back(app.forms, session, lang, key, position)
        except Refused as found:
            status, said = found.status, " ".join(found.said(lang))
        if header(request.scope, b"hx-request") != "true" and status == 201:
            return Response(b"", status_code=303, headers={"location": "/board"})
        kind = "done" if status == 201 else "no"
        html = lang.render("parts/hint.html", hint=said, hint_kind=kind)
        return Response(html, status_code=status, media_type="text/html")

    return [undo]
