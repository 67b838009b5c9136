"""The service's own GeoReport v2 address, ``/open311/v2``: what agencies ask, and how it stands.

A token of the role ``agency`` is the ``api_key`` (or an ``Authorization`` header); it sees what it
asked for itself and what was referred to its agency, cut to what the rule lets that agency see.
Every error is told in the standard's own form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.contract.methods import wrong_method
from answerable.console.forms import read_form
from answerable.console.front import Front
from answerable.console.sanity import Refused, header, unavailable
from answerable.console.session import Session
from answerable.exchange.open311 import asking, georeport
from answerable.exchange.open311.asking import Wrong
from answerable.exchange.open311.georeport import FORMS, MEDIA, Form, Told
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from answerable.kernel.hub import Accepted
from answerable.kernel.hub import Refused as HubRefused
from answerable.matters.referral_rules import REFERRAL
from answerable.matters.referral_views import ASKED_BY, ASKED_US, AskedLine, ReferralLine, Referrals

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
PAGE = "open311"
ROLE = "portal"
UNDER = "/open311"
HERE = f"{UNDER}/v2"
TWICE_S = 600
"""The same request of the same agency within this time is one request that was sent again."""
NOTICE = "It is recorded and waits for a unit. This address tells how it stands."
PRIVATE = {"cache-control": "no-store"}
NO_ADDRESS = (
    "The standard has no such address: services and requests are at /open311/v2, and "
    "/open311/discovery.json says where."
)
CHANGESET = "2026-11-22"
"""When the list of addresses last changed."""


class Asks(NamedTuple):
    """What an address asks for: list or thing, which one, and in which form."""

    resource: str
    name: str
    form: Form


def asks(*parts: str) -> Asks:
    """Read an address. Raises Wrong (404) for one that the standard does not have."""
    stem, _dot, form = parts[-1].rpartition(".")
    if form not in FORMS:
        raise Wrong(404, "The address ends in .json or .xml.")
    shown: Form = "json" if form == "json" else "xml"
    return Asks(parts[0], stem, shown) if len(parts) == 2 else Asks(stem, "", shown)


class GeoReport:
    """The handlers of the address."""

    def __init__(self, app: Application) -> None:
        self.front = app.front

    async def answer(self, request: Req, *parts: str) -> Response[Any]:
        """Answer a request, errors too, in the form that its address asks for."""
        form = form_of(request)
        try:
            asked = asks(*parts)
            query = {name: value[:4_000] for name, value in request.query_params.items()}
            if request.method == "POST":
                if asked != Asks("requests", "", asked.form):
                    raise wrong_method("GET")
                return told(asked.form, 201, "service_requests", await self.take(request, query))
            return self.look(request, asked, query)
        except Wrong as wrong:
            return wrong_of(form, wrong.status, wrong.description)
        except Refused as refusal:
            return refused(request, refusal)

    def look(self, request: Req, asked: Asks, query: Mapping[str, str]) -> Response[Any]:
        """Answer a GET. Raises Wrong, Refused."""
        self._jurisdiction(query)
        town, form = self.front.town, asked.form
        if asked.resource == "services" and not asked.name:
            return told(form, 200, "services", georeport.services(town))
        if asked.resource == "services":
            if asked.name not in georeport.offered(town):
                raise Wrong(404, "service_code was not found.")
            return told(form, 200, "service_definition", georeport.definition(asked.name))
        if asked.resource == "tokens" and asked.name:
            raise Wrong(404, "There are no tokens: every request has its number at once.")
        if asked.resource != "requests":
            raise Wrong(404, NO_ADDRESS)
        session = self._key(request, query)
        if asked.name:
            found = [one for one in self._told(session) if one.service_request_id == asked.name]
            if not found:
                raise Wrong(404, "service_request_id was not found.")
            return told(form, 200, "service_requests", self._items(found))
        wish = asking.wanted(query)
        listed = islice((one for one in self._told(session) if wish.has(one)), asking.TOLD_MAX)
        return told(form, 200, "service_requests", self._items(listed))

    def _jurisdiction(self, given: Mapping[str, str]) -> None:
        own = self.front.town.referring.jurisdiction
        if own and given.get("jurisdiction_id", own) not in ("", own):
            raise Wrong(404, "jurisdiction_id was not found.")

    def _key(self, request: Req, given: Mapping[str, str]) -> Session:
        """Return whose key it is. Raises Refused (401, 403)."""
        told_by = header(request.scope, b"authorization") or f"Bearer {given.get('api_key', '')}"
        session = self.front.door.bearers.find(told_by)
        api.may_open(self.front, session, "open311")
        self.front.pace.take(session.actor.name)
        return session

    # -- a new request -----------------------------------------------------------------------

    async def take(self, request: Req, query: Mapping[str, str]) -> list[georeport.Item]:
        """Open an incident for a request. Raises Wrong, Refused."""
        form = dict(query) | await read_form(request)
        session = self._key(request, form)
        self._jurisdiction(form)
        asked = asking.new_request(form, georeport.offered(self.front.town))
        digest = self._digest(session, asked)
        opened = await self._ask(session, {
            "type": intake.OpenIncident.tag, "key": f"open311:{digest}", "kind": asked.kind.code,
            "priority": asked.kind.priority, "address": asked.address, "lon": asked.lon,
            "lat": asked.lat, "unverified": "" if asked.lat is not None else "told over Open311",
            "reference": f"{ASKED_BY}{agency(session)}",
        })  # fmt: skip
        number = str(opened.recorded[0].event.incident)  # type: ignore[attr-defined]
        if asked.description:
            await self._ask(session, {
                "type": intake.AddNote.tag, "key": f"open311:{digest}:note", "incident": number,
                "words": asked.description,
            })  # fmt: skip
        return georeport.receipt(number, NOTICE)

    def _digest(self, session: Session, asked: asking.Asked) -> str:
        """Return what a request is known by: its own, or that of the one it is again."""
        now_us = self.front.now_us()
        slot = now_us // 1_000_000 // TWICE_S
        own, before = (
            hashlib.sha256(repr((session.actor.name, one, asked)).encode()).hexdigest()[:40]
            for one in (slot, slot - 1)
        )
        found = self.front.hub.store.with_key(f"open311:{before}")
        again = found and found[0].recorded_at > now_us - TWICE_S * 1_000_000
        return before if again else own

    async def _ask(self, session: Session, body: dict[str, Any]) -> Accepted:
        """Have it done for the agency, whose token may not do it by itself. Raises Wrong, Refused.

        So no token opens another kind than those offered, or notes anything on another incident.
        """
        command = api.command_of(self.front, msgspec.json.encode(body))
        try:
            outcome = await self.front.desk.ask(command, Actor(session.actor.name, ROLE))
        except Unavailable as error:
            raise unavailable(error) from error
        if isinstance(outcome, Accepted):
            return outcome
        words = outcome.refusal.text() if isinstance(outcome, HubRefused) else "It failed here."
        raise Wrong(400, words)

    # -- what is told ------------------------------------------------------------------------

    def _items(self, listed: Iterable[Told]) -> list[georeport.Item]:
        """Return requests as they are told; only the words of these are opened."""
        gate = self.front.gate
        worded = (
            msgspec.structs.replace(
                one, description=gate.for_agency(one.service_request_id, "words")
            )
            for one in listed
        )
        return georeport.items(worded)

    def _told(self, session: Session) -> Iterator[Told]:
        """Yield what an agency is told of, without its words, the newest of 90 days first."""
        name, view = agency(session).casefold(), view_of(self.front)
        since_us = self.front.now_us() - ASKED_US
        asked = [one for one in view.asked.values() if one.agency.casefold() == name]
        referred = [one for one in view.all() if one.agency.casefold() == name]
        found = [*map(self._asked, asked), *map(self._referred, referred)]
        found.sort(key=lambda one: one.asked_us, reverse=True)
        return (one for one in found if one.asked_us >= since_us)

    def _asked(self, one: AskedLine) -> Told:
        kind = self.front.town.kinds.get(one.kind)
        return Told(
            service_request_id=one.incident, open=not one.closed,
            status_notes="The response is closed." if one.closed else "",
            service_name=kind.title.en if kind else one.kind,
            service_code=georeport.code_of(kind) if kind else "kind",
            agency_responsible=self.front.town.file.title.en,
            asked_us=one.asked_us, changed_us=one.changed_us, address=one.address,
            lat=one.lat, long=one.lon,
        )  # fmt: skip

    def _referred(self, one: ReferralLine) -> Told:
        rule = self.front.town.referring.rule(one.rule)  # its name is ours: their code, or none
        return Told(
            service_request_id=one.referral,
            open=one.state not in REFERRAL.last and one.state not in ("declined", "returned"),
            status_notes=one.state, service_name=one.kind,
            service_code=(rule.service if rule else "") or "referral",
            agency_responsible=one.agency, asked_us=one.referred_us,
            changed_us=one.changed_us, expected_us=one.expected_us or one.due_us,
            address=one.address, lat=one.lat, long=one.lon,
        )  # fmt: skip


def agency(session: Session) -> str:
    """Return the agency whose token it is."""
    return session.actor.name.removeprefix("token/")


def view_of(front: Front) -> Referrals:
    """Return the fold of referrals."""
    view: Referrals = front.hub.state["referrals"]
    return view


def told(
    form: Form, status: int, name: str, body: list[georeport.Item] | georeport.Item
) -> Response[Any]:
    """Return an answer of the standard."""
    written = georeport.written(form, name, body)
    return Response(written, status_code=status, media_type=MEDIA[form], headers=PRIVATE)


def wrong_of(form: Form, status: int, description: str) -> Response[Any]:
    """Return an error as the standard tells it."""
    body = georeport.errors(form, status, description)
    return Response(body, status_code=status, media_type=MEDIA[form], headers=dict(PRIVATE))


def is_under(path: str) -> bool:
    """Say whether an address is one of this service, also one that it does not have."""
    return path == UNDER or path.startswith(f"{UNDER}/")


def form_of(request: Req) -> Form:
    """Return the form a request asks for: by its address's ending, or else by what it accepts."""
    ending = request.url.path.rstrip("/").rpartition(".")[2]
    if ending in FORMS:
        return "xml" if ending == "xml" else "json"
    accepted = header(request.scope, b"accept")
    only_xml = "xml" in accepted and not any(one in accepted for one in ("json", "html"))
    return "xml" if only_xml else "json"


def refused(request: Req, refusal: Refused) -> Response[Any]:
    """Tell any refusal under this address as the standard tells errors, in the form asked for."""
    # 401 is the console's; the standard says 403 where the key is missing or wrong
    status = 403 if refusal.status == 401 else refusal.status
    words = NO_ADDRESS if refusal.code == "console.NoPage" else " ".join(refusal.parts)
    answer = wrong_of(form_of(request), status, words)
    answer.headers.update(refusal.headers)
    return answer


def routes(app: Application) -> list[Any]:
    """Return the routes of the address."""
    service = GeoReport(app)
    answer: Callable[..., Any] = service.answer

    @get("/open311/{found:str}", sync_to_thread=False)
    def discover(request: Req) -> Response[Any]:
        """Tell a program where the service is, and by which standard it speaks."""
        stem, _dot, form = request.path_params["found"].partition(".")
        if stem != "discovery" or form not in FORMS:
            return wrong_of(form_of(request), 404, NO_ADDRESS)
        town, url = app.front.town, f"{str(request.base_url).rstrip('/')}{HERE}"
        shown: Form = "json" if form == "json" else "xml"
        return told(shown, 200, "discovery", georeport.discovery(town, url, CHANGESET))

    @get("/open311/v2/{resource:str}")
    async def listed(request: Req) -> Response[Any]:
        """Tell the services, or the requests."""
        found: Response[Any] = await answer(request, request.path_params["resource"])
        return found

    @get("/open311/v2/{resource:str}/{name:str}")
    async def one(request: Req) -> Response[Any]:
        """Tell one service's definition, or one request."""
        parts = request.path_params
        found: Response[Any] = await answer(request, parts["resource"], parts["name"])
        return found

    @post("/open311/v2/{resource:str}", status_code=201)
    async def take(request: Req) -> Response[Any]:
        """Take a new request."""
        found: Response[Any] = await answer(request, request.path_params["resource"])
        return found

    return [discover, listed, one, take]
