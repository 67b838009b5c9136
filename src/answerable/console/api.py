"""The programs' door: commands in, events out. Raw ASGI, because this is the hot path.

Every answer that is not a success has a code and the three sentences of a refusal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import msgspec
from litestar.types import Receive, Scope, Send

from answerable.console.contract.answers import BoardNow, board_now, incident_line
from answerable.console.front import Front
from answerable.console.language import preferred
from answerable.console.phrases import Phrases, may_see
from answerable.console.presence.desks import COOKIE, remembered, seat
from answerable.console.sanity import (
    Refused,
    check_origin,
    cookies,
    header,
    kept,
    read_body,
    unavailable,
)
from answerable.console.session import Session, cookie_name, token_fits
from answerable.console.stream import Subscriber, TooMany, direct_of
from answerable.console.thread import rows_of
from answerable.kernel.desk import Unavailable
from answerable.kernel.event import Command, Mark, Recorded, Row, marks_of
from answerable.kernel.hub import Accepted, Faulted, Outcome
from answerable.kernel.hub import Refused as HubRefused
from answerable.kernel.refusals import NotAllowed, NotYourArea, NotYourUnit, Unknown
from answerable.matters.referral_words import ReferIncident
from answerable.matters.support_words import AskSupport

BEAT_S = 15.0
"""How often a follower hears that the line lives: well within the patience of any proxy."""
FOLLOWERS_MAX = 1_000
"""Programs that may follow the events in one role."""
JSON = b"application/json"
AFTERWARDS = (AskSupport, ReferIncident)
"""Commands about an incident whose own room cannot say that there is no such incident."""
RETRY_AFTER_S = "1"
"""When to come again after a 503: a start takes a few seconds, a full queue less than one."""
encode = msgspec.json.Encoder().encode


async def send_json(
    send: Send, status: int, body: object, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Send one JSON answer."""
    data = body if isinstance(body, bytes) else encode(body)
    start = [(b"content-type", JSON), (b"content-length", str(len(data)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": data, "more_body": False})


def problem(code: str, not_done: str, because: str, instead: str) -> dict[str, str]:
    """Return a refusal as JSON has it."""
    return {"code": code, "not_done": not_done, "because": because, "instead": instead}


def refusal_headers(refusal: Refused) -> dict[str, str]:
    """Return what an answer's headers say of a refusal: how to sign in, when to come again."""
    if refusal.status == 401:
        return {"www-authenticate": 'Bearer realm="answerable"'} | refusal.headers
    if refusal.status == 503:
        return {"retry-after": RETRY_AFTER_S} | refusal.headers
    return refusal.headers


async def send_refusal(front: Front, scope: Scope, send: Send, refusal: Refused) -> None:
    """Send a refusal as JSON, in the language asked for."""
    body = problem(refusal.code, *refusal.said(phrases_of(front, scope).lang))
    headers = refusal_headers(refusal).items()
    encoded = [(name.encode(), value.encode()) for name, value in headers]
    await send_json(send, refusal.status, body, encoded)


WITHOUT_FACTOR = ("/account", "/session")
"""What is open before a second factor is set up, where the centre asks for one: to set it up."""


def session_of(front: Front, scope: Scope) -> Session | None:
    """Return the session of a request's cookie, if it has one."""
    session = front.sessions.find(cookie_of(scope))
    if session is not None and not session.desk:
        sit(front, session, scope)
    return session


def leave_desk(front: Front, scope: Scope) -> None:
    """Let go of the desk of whoever was signed in at this browser: another person sits down."""
    before = front.sessions.find(cookie_of(scope))
    if before is not None:
        before.desk = ""


def sit(front: Front, session: Session, scope: Scope) -> None:
    """Give a session that works calls its desk: the one its browser remembers, or a free one."""
    if front.hub.rooms.authority.may_open(session.actor.role, "hand-over"):
        seat(session, remembered(kept(scope, COOKIE)), front.sessions.every())
        session.since = front.recorded


def cookie_of(scope: Scope) -> str:
    """Return the identifier of a session that a request carries, "" where there is none."""
    return cookies(scope).get(cookie_name(secure=scope.get("scheme") == "https"), "")


def signed_in(front: Front, scope: Scope) -> Session:
    """Return who asks: a program by its token, or else a person's session. Raises Refused (401)."""
    if authorization := header(scope, b"authorization"):
        return front.door.bearers.find(authorization)
    session = session_of(front, scope)
    if session is None:
        raise Refused(
            401, "console.NotSignedIn", "Not done.", "Nobody is signed in.", "Sign in first."
        )
    if not scope["path"].startswith(WITHOUT_FACTOR):
        front.door.check_factor(session)
    return session


def may_open(front: Front, session: Session, page: str) -> None:
    """Refuse a page that the role is not given. Raises Refused (403)."""
    if not front.hub.rooms.authority.may_open(session.actor.role, page):
        raise Refused(
            403,
            "console.NotGiven",
            "Not shown.",
            "The role {role} is not given this page.",
            "Sign in at another desk, or ask a supervisor.",
            role=session.actor.role,
        )


def phrases_of(front: Front, scope: Scope) -> Phrases:
    """Return the words in the language of a request."""
    chosen = preferred(kept(scope, "lang"), header(scope, b"accept-language"))
    return front.phrases(chosen.tag)


def command_of(front: Front, body: bytes) -> Command:
    """Decode one tagged command. Raises Refused (400)."""
    try:
        return front.hub.rooms.command(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)  # its own words are about the program's stack
        raise Refused(
            400,
            "console.BadCommand",
            "Not read.",
            "{error}.",
            "Correct that field; the commands are in the reference.",
            error="It is nested too deeply" if deep else error,
        ) from error


def unheard(front: Front, session: Session, command: Command) -> Unknown | None:
    """Return that a command is about an incident nobody has heard of.

    The rules of what comes after an incident know only what still goes on there; the board, and
    what was laid aside, know every one. Whoever is not given the command is told that first.
    """
    rights, role = front.hub.rooms.authority, session.actor.role
    if not isinstance(command, AFTERWARDS) or not rights.may_do(role, command.tag):
        return None
    if rights.bound_to_unit(role):  # the rules let a crew ask where its unit is sent, nowhere else
        return None
    with front.at_hand(command.incident):
        if front.board.line(command.incident):
            return None
    return Unknown(command=command.tag, what="incident", name=command.incident)


async def ask(front: Front, session: Session, body: bytes) -> Outcome:
    """Decode one tagged command and have it done. Raises Refused (400, 503)."""
    command = command_of(front, body)
    if unknown := unheard(front, session, command):
        return HubRefused(unknown)
    try:
        return await front.desk.ask(command, session.actor)
    except Unavailable as refusal:
        raise unavailable(refusal) from refusal


def status_of(outcome: Outcome) -> int:
    """Return the HTTP status of an outcome."""
    if isinstance(outcome, Accepted):
        return 201
    if isinstance(outcome, Faulted):
        return 500
    return 403 if isinstance(outcome.refusal, (NotAllowed, NotYourArea, NotYourUnit)) else 409


def answer_of(outcome: Outcome, front: Front, session: Session, phrases: Phrases) -> object:
    """Return an outcome as JSON has it."""
    if isinstance(outcome, Accepted):
        rights = may_see(front.hub.rooms.authority, session.actor.role)
        told = [event_json(one.row, one, rights) for one in outcome.recorded]
        return {"recorded": told, "again": outcome.again}
    if isinstance(outcome, HubRefused):
        return {"code": outcome.refusal.code, **phrases.refusal(outcome.refusal)}
    return problem(
        "console.Faulted",
        "Not done.",
        "The program failed while deciding; nothing was recorded.",
        "Tell whoever keeps this centre; the log has the details.",
    )


def event_json(row: Row, one: Recorded, rights: Callable[[Mark], bool]) -> dict[str, Any]:
    """Return an event with the fields a role may see. Sealed ones are commitments, not words."""
    marks = marks_of(type(one.event))
    raw: dict[str, Any] = msgspec.json.decode(row.body)
    return {
        "position": row.position,
        "type": row.kind,
        "version": row.version,
        "stream": row.stream,
        "happened_at": row.happened_at,
        "recorded_at": row.recorded_at,
        "actor": row.actor,
        "key": row.key,
        "event": {name: value for name, value in raw.items() if rights(marks[name])},
    }


def chosen(messages: Iterable[tuple[str, bytes]], kinds: Collection[str]) -> bytes:
    """Return the messages of some kinds of events; none named: all."""
    return b"".join(data for kind, data in messages if not kinds or kind in kinds)


class Api:
    """The raw handlers."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._followers: dict[tuple[str, frozenset[str]], set[Subscriber]] = {}
        self.closing = False

    async def commands(self, scope: Scope, receive: Receive, send: Send) -> None:
        """``POST /api/commands``: one tagged command; 201 with what was recorded."""
        front = self.front
        try:
            session = signed_in(front, scope)
            front.pace.take(session.actor.name)
            if not session.bearer:  # no browser sends a token by itself
                check_origin(scope)
            if not header(scope, b"content-type").startswith("application/json"):
                raise Refused(
                    400, "console.NotJson", "Not read.", "The request is not JSON.",
                    "Send one command as application/json.",
                )  # fmt: skip
            outcome = await ask(front, session, await read_body(scope, receive))
        except Refused as refusal:
            await send_refusal(front, scope, send, refusal)
            return
        phrases = phrases_of(front, scope)
        answer = answer_of(outcome, front, session, phrases)
        await send_json(send, status_of(outcome), answer)

    def events(
        self, session: Session, after: int, limit: int, kinds: Collection[str] = ()
    ) -> dict[str, Any]:
        """``GET /api/events``: what was recorded after a position, ``limit`` positions of it."""
        front = self.front
        rights = may_see(front.hub.rooms.authority, session.actor.role)
        rows = list(front.hub.store.rows(after, limit))
        told = [self._told(row, rights) for row in rows if not kinds or row.kind in kinds]
        return {
            "events": told,
            "after": rows[-1].position if rows else after,
            "recorded": front.recorded,
            "sealed_up_to": front.sealed,
            "witnessed_up_to": front.witnessed,
        }

    def _told(self, row: Row, rights: Callable[[Mark], bool]) -> dict[str, Any]:
        rights = self._within(row, rights)
        return event_json(row, Recorded(row, self.front.hub.rooms.decode(row)), rights)

    def _within(self, row: Row, rights: Callable[[Mark], bool]) -> Callable[[Mark], bool]:
        """Return what may be seen of an event of the past: of what is archived the open fields."""
        if self.front.gate.in_reach(row):
            return rights
        return lambda mark: mark is Mark.OPEN and rights(mark)

    def board(self, session: Session) -> BoardNow:
        """``GET /api/board``: open incidents, units and running clocks, as a role may see them."""
        rights = may_see(self.front.hub.rooms.authority, session.actor.role)
        return board_now(self.front, rights)

    def incident(self, session: Session, incident: str) -> dict[str, Any]:
        """``GET /api/incidents/{id}``: the incident and its events. Raises Refused (403, 404, 410).

        There, as everywhere in the API, sealed fields are commitments: no program reads words.
        """
        with self.front.at_hand(incident):
            return self._incident(session, incident)

    def _incident(self, session: Session, incident: str) -> dict[str, Any]:
        front = self.front
        line = front.board.line(incident)
        if line is None:
            raise Refused(
                404, "console.NoIncident", "Not shown.", "There is no incident {incident}.",
                "Check the number, or look it up on the board.", incident=incident[:40],
            )  # fmt: skip
        front.gate.check_reach(session.actor, incident)
        rights = may_see(front.hub.rooms.authority, session.actor.role)
        return {
            "position": front.recorded,
            "incident": incident_line(line, rights),
            "clocks": front.clocks.of(incident),
            "events": [self._told(row, rights) for row in rows_of(front, line)],
        }

    # -- the stream of events ----------------------------------------------------------------

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Pass on what was recorded, encoded once a role."""
        by_role: dict[str, list[tuple[str, bytes]]] = {}
        for (role, kinds), followers in self._followers.items():
            if role not in by_role:
                by_role[role] = self._messages(recorded, role)
            if data := chosen(by_role[role], kinds):
                for follower in followers:
                    follower.push(data)

    def _messages(self, recorded: Iterable[Recorded], role: str) -> list[tuple[str, bytes]]:
        rights = may_see(self.front.hub.rooms.authority, role)
        return [(one.row.kind, self._message(one.row, one, rights)) for one in recorded]

    def _past(self, rows: Iterable[Row], role: str) -> list[tuple[str, bytes]]:
        rights = may_see(self.front.hub.rooms.authority, role)
        decode = self.front.hub.rooms.decode
        return [
            (row.kind, self._message(row, Recorded(row, decode(row)), self._within(row, rights)))
            for row in rows
        ]

    def beat(self) -> None:
        """Tell every follower that the line lives, and how far the record has come.

        The position lets one who follows a rare kind come back without a long search.
        """
        data = b": beat\nid: %d\n\n" % self.front.recorded
        for followers in self._followers.values():
            for follower in followers:
                follower.push(data)

    async def beating(self) -> None:
        """Send the beat for as long as the task lives."""
        while True:
            await asyncio.sleep(BEAT_S)
            self.beat()

    def _message(self, row: Row, one: Recorded, rights: Callable[[Mark], bool]) -> bytes:
        # JSON has no line feed of its own; what else some take for a line's end stays in the text
        return b"id: %d\ndata: %s\n\n" % (row.position, encode(event_json(row, one, rights)))

    async def stream(
        self, scope: Scope, receive: Receive, send: Send, session: Session, after: int,
        kinds: frozenset[str],
    ) -> None:  # fmt: skip
        """``GET /api/stream``: every event after a position, then as they come."""
        if sum(map(len, self._followers.values())) >= FOLLOWERS_MAX or self.closing:
            raise TooMany
        role = session.actor.role
        follower = Subscriber(4096, strict=True)
        session.streams.add(follower)
        try:
            await start_stream(send)
            while after < self.front.recorded and not follower.ended:
                rows = list(self.front.hub.store.rows(after, 200))
                data = chosen(self._past(rows, role), kinds)
                after = rows[-1].position
                if after >= self.front.recorded:  # nothing is awaited between this and joining
                    self._join(role, kinds, follower)
                if data:
                    await send({"type": "http.response.body", "body": data, "more_body": True})
            self._join(role, kinds, follower)
            follower.direct = direct_of(scope)
            await pump(follower, receive, send)
        finally:
            self._leave(role, kinds, follower)
            session.streams.discard(follower)

    def _join(self, role: str, kinds: frozenset[str], follower: Subscriber) -> None:
        self._followers.setdefault((role, kinds), set()).add(follower)
        if self.closing:  # it was still being told of the past when the streams were ended
            follower.end()

    def _leave(self, role: str, kinds: frozenset[str], follower: Subscriber) -> None:
        followers = self._followers.get((role, kinds), set())
        followers.discard(follower)
        if not followers:
            self._followers.pop((role, kinds), None)

    def close(self) -> None:
        """End every stream of events."""
        self.closing = True
        for followers in self._followers.values():
            for follower in followers:
                follower.end()


def last_event_id(scope: Scope, default: int) -> int:
    """Return the position a reader has seen: ``Last-Event-ID``, or ``?after=``, or the head."""
    told = header(scope, b"last-event-id")
    if not told:
        query = scope["query_string"].decode("latin-1")
        told = next((p[6:] for p in query.split("&") if p.startswith("after=")), "")
    return int(told) if told.isdecimal() and len(told) < 18 else default


async def start_stream(send: Send) -> None:
    """Begin a stream of server-sent events."""
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 1000\n\n", "more_body": True})


async def pump(subscriber: Subscriber, receive: Receive, send: Send) -> None:
    """Send what comes until the reader leaves or the centre stops."""

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        subscriber.end()

    watching = asyncio.create_task(watch())
    try:
        while data := await subscriber.take():
            subscriber.sending = True  # nothing may overtake what waits for the reader
            await send({"type": "http.response.body", "body": data, "more_body": True})
            subscriber.sending = False
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        watching.cancel()


def checked_token(session: Session, scope: Scope, form: dict[str, str]) -> None:
    """Refuse a form without its session's token; a bearer needs none. Raises Refused (403)."""
    if session.bearer:
        return
    token = form.get("token", "") or header(scope, b"x-token")
    if not token_fits(session, token):
        raise Refused(
            403,
            "console.NoToken",
            "Not done.",
            "The form does not belong to this session.",
            "Load the page again and repeat it.",
        )
