"""A whole service in this process with every route there is, and somebody in every role.

``ask`` speaks ASGI itself: it can send what no browser and no HTTP library would, and it leaves a
stream after its first bytes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from litestar import Litestar
from litestar.routes import ASGIRoute, HTTPRoute

from answerable.access import words as access
from answerable.access.keys import new_word, token_text
from answerable.console import app as app_module
from answerable.console.serve.run_serve import Running
from answerable.console.session import COOKIE, HOST_COOKIE
from answerable.dispatch import words as dispatch
from answerable.intake import words as intake
from answerable.kernel.authority import SYSTEM, Actor, Holder
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from tests.console.contract.served import make_world
from tests.console.serve.scene import Scene

AWAY = ("203.0.113.9", 40_000)
"""An address of documentation (RFC 5737): nobody's own machine."""
SAME = (("sec-fetch-site", "same-origin"),)
SEALED_WORDS = ("zeppelin-number-555", "zeppelin-door-4b", "zeppelin-note")
INSIDE_WORDS = ("zeppelin-inside-line", "zeppelin-inside-reason")
PLACE = {"lon": -122.4177, "lat": 37.7816}
DIGEST = re.compile(r"/[0-9a-f]{16}/")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")


class Answer(NamedTuple):
    """What came back: of a stream, its beginning."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str:
        """Return a header that may be there once, "" where it is not there at all."""
        found = self.all(name)
        assert len(found) < 2, (name, found)
        return found[0] if found else ""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def code(self) -> str:
        """The code of a refusal told as JSON, "" for anything else."""
        try:
            return str(msgspec.json.decode(self.body).get("code", ""))
        except (msgspec.DecodeError, AttributeError):
            return ""


Asgi = Callable[..., Awaitable[None]]


async def ask(
    asgi: Asgi,
    method: str,
    path: str,
    *,
    query: str = "",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes | Iterable[bytes] = b"",
    scheme: str = "http",
    client: tuple[str, int] = AWAY,
    host: str = "127.0.0.1",
) -> Answer:
    """Send one request and return the answer; of one without end, what came first."""
    given = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if host and not any(name == b"host" for name, _ in given):
        given.insert(0, (b"host", host.encode("latin-1")))
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": scheme, "path": path, "raw_path": path.encode("utf-8", "surrogateescape"),
        "query_string": query.encode("latin-1"), "root_path": "", "headers": given,
        "client": client, "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    parts = [body] if isinstance(body, bytes) else list(body)
    sent: list[Any] = []
    begun, gone = asyncio.Event(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        if parts:
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts)}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "http.response.body":
            begun.set()

    working = asyncio.ensure_future(asgi(scope, receive, send))
    starting = asyncio.ensure_future(begun.wait())
    await asyncio.wait({working, starting}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    if sent and b"text/event-stream" in dict(sent[0]["headers"]).get(b"content-type", b""):
        gone.set()
    starting.cancel()
    await asyncio.wait_for(working, 20)
    told = tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in sent[0]["headers"])
    whole = b"".join(m["body"] for m in sent[1:] if m["type"] == "http.response.body")
    return Answer(sent[0]["status"], told, whole)


class Route(NamedTuple):
    """One address of the service, as its table has it."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Besieged:
    """A running service, and everybody who may try something with it."""

    def __init__(self, folder: Path, *, demonstration: bool = False) -> None:
        self.seen: list[Litestar] = []
        built = app_module.Litestar
        app_module.Litestar = self._remembering(built)  # type: ignore[misc, assignment]
        try:
            if demonstration:
                world = make_world(folder)
                self.asgi, self.centre, self.front = world.asgi, world.centre, world.app.front
            else:
                self._serve(folder)
        finally:
            app_module.Litestar = built  # type: ignore[misc]
        self.front.door.tries.take = lambda address: None  # type: ignore[method-assign]
        self.front.pace.take = lambda name: None  # type: ignore[method-assign]
        self.rights = self.front.hub.rooms.authority
        self.keys = 0
        self._identifiers: dict[str, str] = {}
        self._tokens: dict[str, str] = {}

    def _serve(self, folder: Path) -> None:
        provider = {"issuer": "https://127.0.0.1:9", "client_id": "x", "secret_file": "x"}
        scene = Scene(folder, public_url="https://dispatch.example.org", provider=provider)
        running: Running = scene.made("a secret of the client")
        self.asgi, self.centre, self.front = running.asgi, scene.centre, running.service.front

    def _remembering(self, built: type[Litestar]) -> Callable[..., Litestar]:
        def made(*args: Any, **named: Any) -> Litestar:
            self.seen.append(built(*args, **named))
            return self.seen[-1]

        return made

    # -- what there is -----------------------------------------------------------------------

    def routes(self) -> list[Route]:
        """Return every address with each method it takes, in order; OPTIONS is everybody's."""
        found: set[Route] = set()
        for route in self.seen[-1].routes:
            path = DIGEST.sub("/{digest}/", route.path_format or route.path)
            if isinstance(route, HTTPRoute):
                methods = {str(m) for m in route.methods} - {"OPTIONS"}
                found |= {Route(method, path) for method in methods}
            elif isinstance(route, ASGIRoute):
                found.add(Route("*", path))
        return sorted(found, key=lambda one: (one.path, one.method))

    # -- who there is ------------------------------------------------------------------------

    def do(self, command: type[Command], actor: Actor = SYSTEM, **fields: Any) -> Any:
        """Have a command done that must be accepted; returns its first event."""
        self.keys += 1
        outcome = self.centre.hub.do(command(key=f"scene-{self.keys:05}", **fields), actor)
        assert isinstance(outcome, Accepted), outcome
        self.centre.hub.commit()
        return outcome.recorded[0].event

    def holders(self, role: str) -> frozenset[Holder]:
        """Return who may hold a role."""
        return self.rights.roles[role].held_by

    def identifier(self, role: str, areas: tuple[str, ...] = ()) -> str:
        """Return a session of somebody in a role: for one that no account holds, a forced one."""
        key = f"{role} {areas}"
        if self.front.sessions.find(self._identifiers.get(key, "")) is None:  # also one signed out
            begin = self.front.sessions.begin
            self._identifiers[key] = begin(Actor(f"a.{role.replace('_', '.')}", role, areas))
        return self._identifiers[key]

    def cookie(self, role: str, scheme: str = "http") -> tuple[tuple[str, str], ...]:
        """Return the headers that a browser of somebody in a role sends."""
        name = HOST_COOKIE if scheme == "https" else COOKIE
        return (("cookie", f"{name}={self.identifier(role)}"),)

    def form_token(self, role: str) -> str:
        """Return the token that this person's forms carry."""
        session = self.front.sessions.find(self.identifier(role))
        assert session is not None
        return session.token

    def bearer(self, role: str) -> tuple[tuple[str, str], ...]:
        """Return the header of a program in a role that a token may hold."""
        if role not in self._tokens:
            word, name = new_word(), f"siege-{role.replace('_', '-')}"
            root = Actor("root.admin", "administrator")
            self.do(access.IssueToken, root, token=name, label="a siege", role=role,
                    digest=word.digest, until=self.centre.now_us() + 3_600_000_000)  # fmt: skip
            self._tokens[role] = token_text(name, word.text)
        return (("authorization", f"Bearer {self._tokens[role]}"),)

    # -- what happened -----------------------------------------------------------------------

    def day(self) -> str:
        """Let a call come in whose every field carries words to look for; returns the incident."""
        desk = Actor("a.dispatcher", "dispatcher")
        number, door, note = SEALED_WORDS
        line, reason = INSIDE_WORDS
        call = self.do(intake.AnswerCall, desk, number=number, line=line).call
        where = {"address": "GOLDEN GATE AV/LARKIN ST", "door": door, **PLACE}
        what = {"kind": "Medical Incident", "priority": "3"}
        opened = self.do(intake.OpenIncident, desk, call=call, **what, **where)
        incident: str = opened.incident
        self.do(intake.AddNote, desk, incident=incident, words=note)
        self.do(intake.StrikeNote, desk, incident=incident, note=1, reason=reason)
        if "E03" not in self.centre.board.units:
            self.do(dispatch.PutOnDuty, desk, unit="E03", unit_type="ENGINE", station="3")
        self.do(dispatch.SendUnit, desk, incident=incident, unit="E03", why=line)
        self.front.recorded = self.centre.hub.position
        return incident

    @property
    def position(self) -> int:
        """How much has been recorded."""
        position: int = self.centre.hub.position
        return position

    def ask(self, method: str, path: str, **more: Any) -> Awaitable[Answer]:
        """Send one request."""
        return ask(self.asgi, method, path, **more)

    def run(self, scene: Callable[[], Awaitable[Any]]) -> Any:
        """Run a scene to its end."""

        async def play() -> Any:
            return await scene()

        return asyncio.run(play())


def form(**fields: str) -> dict[str, Any]:
    """Return the body and headers of a form as a page of the centre sends it."""
    kind = ("content-type", "application/x-www-form-urlencoded")
    return {"body": urlencode(fields).encode(), "headers": (kind, *SAME)}


def concrete(path: str, incident: str = "1") -> str:
    """Return an address that a route's template stands for."""
    given = {"incident": incident, "call": "C1", "word": "x" * 43, "role": "dispatcher",
             "tag": "en", "account": "ada", "position": "1", "rest": "0/000", "trial": "1",
             "unit": "E03", "resource": "requests.json", "name": "1.json", "right": "100R1",
             "found": "discovery.json"}  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda hole: given.get(hole[1], "1"), path)
