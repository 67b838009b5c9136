"""The operator's way in: whoever may read a centre's data folder on its machine.

A running centre listens on ``control.sock`` in that folder (mode 0600) for one JSON object a line:
a command of the room ``access``, or a list. When none runs, the same questions are answered by the
record itself, opened for as long as that takes. Either way the act is done as ``operator``, a role
that nobody holds, and is an event like every other.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec

from answerable.access import words as w
from answerable.access.keyring import KEYRING_FILE, Keyring
from answerable.access.keys import new_word
from answerable.access.rules import administrators
from answerable.access.state import State
from answerable.console import erasing
from answerable.console.admin.labels import COMMANDS
from answerable.console.front import Front
from answerable.console.keep.note import note_restored
from answerable.console.language import _, language
from answerable.console.sanity import new_key
from answerable.console.tongue import said
from answerable.kernel.authority import Actor
from answerable.kernel.clock import SystemClock
from answerable.kernel.desk import Unavailable
from answerable.kernel.event import Command, fill
from answerable.kernel.hub import Accepted, Hub, Outcome
from answerable.kernel.hub import Refused as HubRefused
from answerable.kernel.ids import SecretIds
from answerable.kernel.refusals import Refusal
from answerable.record import RECORD_FILE
from answerable.record.sqlite import SqliteStore
from answerable.rooms import product
from answerable.towns.load import load_town, town_folder
from answerable.vault.carrying import carry_out

SOCKET = "control.sock"
OPERATOR = Actor(name="operator", role="operator")
LINE_MAX = 65_536
PATIENCE_S = 10.0
LINK_DAYS = 3
DAY_US = 86_400_000_000
FIRST = "administrator"

Answer = dict[str, Any]
encode = msgspec.json.Encoder().encode


Lang = Callable[[str], str]
WORDS = ("state", "duty", "what", "role")
"""The fields of refusals whose values are words of the product."""
FAULTED = _(
    "Not done. The program failed while deciding; nothing was recorded. "
    "Tell whoever keeps this centre; the log has the details."
)


class NotReached(Exception):
    """The centre was not reached; the three sentences say why and what to do."""


# -- what is asked, and how it is answered ---------------------------------------------------


def accounts(state: State, keyring: Keyring) -> list[Answer]:
    """Return every account as the operator sees it; ``secrets`` says what the keyring lacks."""
    held = state.accounts.values()
    named = {one for a in held for one in (a.credential, a.second) if one}
    missing = keyring.missing(named)
    return [
        {
            "account": a.account, "role": a.role, "areas": a.areas, "state": a.state,
            "provider": a.provider, "second_factor": bool(a.second), "sessions": len(a.sessions),
            "invited_until_us": a.invited_until_us, "locked_until_us": a.locked_until_us,
            "seen_us": a.seen_us,
            "missing": [
                what
                for what, credential in (("password", a.credential), ("second factor", a.second))
                if credential in missing
            ],
        }
        for a in held
    ]  # fmt: skip


def tokens(state: State, now_us: int) -> list[Answer]:
    """Return every token as the operator sees it: never its word, which nobody has."""
    return [
        {
            "token": t.token, "label": t.label, "role": t.role, "areas": t.areas,
            "state": "ended" if t.state == "valid" and t.until_us <= now_us else t.state,
            "issued_us": t.issued_us, "until_us": t.until_us,
        }
        for t in state.tokens.values()
    ]  # fmt: skip


def told(outcome: Outcome, lang: Lang = str) -> Answer:
    """Return an outcome as an answer, a refusal in the asker's language."""
    if isinstance(outcome, Accepted):
        return {"recorded": [one.row.position for one in outcome.recorded]}
    if isinstance(outcome, HubRefused):
        return not_done(outcome.refusal, lang)
    return {
        "code": "console.Faulted",
        "text": lang(FAULTED),
    }


def not_done(refusal: Refusal, lang: Lang = str) -> Answer:
    """Return a refusal as an answer: its three sentences, and the words of the product in them."""
    values = {name: _word(name, getattr(refusal, name), lang) for name in refusal.__struct_fields__}
    parts = (refusal.not_done, refusal.because, refusal.instead)
    text = " ".join(fill(lang(part), values) for part in parts if part)
    return {"code": refusal.code, "text": text}


def _word(name: str, value: Any, lang: Lang) -> Any:  # noqa: ANN401 - any field of a refusal
    """Return a value as people read it: a word of the product, never a name somebody chose."""
    if name == "command" and lang is not str:
        return lang(COMMANDS.get(value, value))
    return lang(value) if name in WORDS else value


def asked_in(question: dict[str, Any]) -> Lang:
    """Return the language a question was asked in."""
    return language(str(question.get("lang", "")))


class Centre(Protocol):
    """A centre that the operator asks: a running one, or its record."""

    def ask(self, question: Answer) -> Answer:
        """Answer one question. Raises NotReached."""
        ...


def listed(question: Answer, hub: Hub, keyring: Keyring, url: str) -> Answer | None:
    """Answer a question that is no command, or return None."""
    state: State = hub.state["access"]
    match question.get("do"):
        case "accounts":
            return {"accounts": accounts(state, keyring)}
        case "tokens":
            return {"tokens": tokens(state, hub.clock.now_us())}
        case "about":
            return {"url": url, "now_us": hub.clock.now_us()}
    return erasing.answer_to(question, hub)


def command_in(question: Answer, hub: Hub) -> Command:
    """Return the command of a question. Raises msgspec.DecodeError."""
    return hub.rooms.command(encode(question.get("command")))


# -- a running centre ------------------------------------------------------------------------


class Control:
    """The open socket of a running centre."""

    def __init__(self, server: asyncio.Server, path: Path) -> None:
        self._server = server
        self.path = path

    async def close(self) -> None:
        """Stop listening and take the socket away."""
        self._server.close()
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def reachable(folder: Path) -> Iterator[str]:
    """Yield a short path of the socket in a folder: the system takes only 107 bytes of one."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)


async def start_control(front: Front, data: Path, url: str = "") -> Control:
    """Listen in a data folder for its operator; ``url`` is where people reach the centre.

    A socket that an earlier process left is replaced: the record's lock says that it is over.
    Raises OSError where the folder cannot be written.
    """
    path = data / SOCKET
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with reachable(data) as short:
            listener.bind(short)
    except OSError:
        listener.close()
        raise
    finally:
        os.umask(before)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, ValueError):
            async for line in lines(reader):
                answer = await answered(front, url, line)
                writer.write(encode(answer) + b"\n")
                await writer.drain()
        writer.close()

    listener.setblocking(False)
    server = await asyncio.start_unix_server(serve, sock=listener, limit=LINE_MAX)
    return Control(server, path)


async def lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield what is asked, a line at a time, until the asker leaves."""
    while line := await asyncio.wait_for(reader.readline(), PATIENCE_S):
        yield line


async def answered(front: Front, url: str, line: bytes) -> Answer:
    """Answer one line of the operator's."""
    try:
        question = msgspec.json.decode(line, type=dict[str, Any])
        if (answer := listed(question, front.hub, front.door.keyring, url)) is not None:
            return answer
        command, lang = command_in(question, front.hub), asked_in(question)
        actor = await erasing.proved_by(question, front) if question.get("account") else OPERATOR
        if isinstance(actor, str) or (actor is not OPERATOR and not erasing.by_a_person(command)):
            return as_nobody(actor, lang)
        return told(await front.desk.ask(command, actor), lang)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return unread(str(error))
    except RecursionError:  # its own words are about the program's stack
        return unread("It is nested too deeply")
    except Unavailable as refusal:
        return {"code": "console.Unavailable", "text": str(refusal)}


def as_nobody(actor: Actor | str, lang: Lang) -> Answer:
    """Return the answer to a command of somebody who proved nothing, or may not give it here."""
    why = actor if isinstance(actor, str) else erasing.NOT_BY_PEOPLE
    return {"code": "console.NotProved", "text": lang(why)}


def unread(why: str) -> Answer:
    """Return the answer to a question that is none."""
    return {
        "code": "console.BadCommand",
        "text": f"Not read. {why}. Correct that; the commands are in the reference.",
    }


class Running:
    """A running centre, asked over its socket."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def ask(self, question: Answer) -> Answer:
        """Answer one question. Raises NotReached."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PATIENCE_S)
            try:
                with reachable(self._data) as short:
                    line.connect(short)
                line.sendall(encode(question) + b"\n")
                with line.makefile("rb") as answer:
                    text = answer.readline()
                    return msgspec.json.decode(text, type=Answer)
            except (OSError, msgspec.DecodeError) as error:
                raise NotReached(
                    said(
                        "Not done: the centre in {data} did not answer ({why}). "
                        "It may be stopping or starting. Try again in a moment.",
                        data=self._data,
                        why=error,
                    )
                ) from error


# -- a centre that does not run --------------------------------------------------------------


class Alone:
    """A record that no centre has open, asked directly."""

    def __init__(self, data: Path, town: str = "") -> None:
        """Open it, or begin it; ``town`` where it is needed. Raises StoreRefusal, TownRefused."""
        known = load_town(town_folder(town)) if town else None
        self._store = SqliteStore.open(data / RECORD_FILE)
        try:
            self._keyring = Keyring.open(data / KEYRING_FILE)
            self._hub = Hub(
                product(), self._store, clock=SystemClock(), ids=SecretIds(), town=known
            )
            self._hub.start()
            note_restored(self._hub, data)
        except BaseException:
            self._store.close()
            raise

    def ask(self, question: Answer) -> Answer:
        """Answer one question. Raises StoreRefusal where the record cannot take it."""
        if (answer := listed(question, self._hub, self._keyring, "")) is not None:
            return answer
        try:
            command = command_in(question, self._hub)
        except msgspec.DecodeError as error:
            return unread(str(error))
        actor: Actor | str = OPERATOR
        if question.get("account"):
            actor = erasing.proved_at_rest(question, self._hub, self._keyring)
        if isinstance(actor, str) or (actor is not OPERATOR and not erasing.by_a_person(command)):
            return as_nobody(actor, asked_in(question))
        outcome = self._hub.do(command, actor)
        self._hub.commit()
        carry_out(self._hub)
        return told(outcome, asked_in(question))

    def close(self) -> None:
        """Let go of the record."""
        self._store.close()
        self._keyring.close()


@contextlib.contextmanager
def reached(data: Path, town: str = "") -> Iterator[Centre]:
    """Yield the centre of a data folder, running or not; ``town`` is for one that does not.

    Raises NotReached, StoreRefusal or TownRefused.
    """
    if _listens(data):
        yield Running(data)
        return
    alone = Alone(data, town)
    try:
        yield alone
    finally:
        alone.close()


def _listens(data: Path) -> bool:
    """Say whether a process listens on the folder's socket; one left behind by a crash does not."""
    if not (data / SOCKET).exists():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, reachable(data) as short:
        try:
            line.connect(short)
        except ConnectionRefusedError:
            return False
        except OSError as error:
            raise NotReached(
                said(
                    "Not done: the socket {socket} cannot be used ({why}). "
                    "It belongs to the user the centre runs as. Give the command as that user.",
                    socket=data / SOCKET,
                    why=error.strerror,
                )
            ) from error
    return True


# -- the first administrator -----------------------------------------------------------------


def link_path(word: str) -> str:
    """Return where a one-time link leads, without the centre's address."""
    return f"/link/{word}"


def first_link(front: Front, base_url: str) -> str | None:
    """Return a one-time link for the first administrator, or None where somebody can open accounts.

    Makes the account where there is none; an earlier link of it is worth nothing then. Raises
    CannotRecord where the record does not take it.
    """
    hub = front.hub
    state: State = hub.state["access"]
    if administrators(state.accounts.values(), hub.rooms.authority):
        return None
    name = _first_name(state)
    if name not in state.accounts:
        opened = w.OpenAccount(key=new_key("first"), account=name, role=FIRST)
        hub.do(opened, OPERATOR)
    word = new_word()
    until_us = hub.clock.now_us() + LINK_DAYS * DAY_US
    invited = w.InviteAccount(
        key=new_key("first"), account=name, digest=word.digest, until=until_us
    )
    outcome = hub.do(invited, OPERATOR)
    hub.commit()
    assert isinstance(outcome, Accepted), "an account that waits can be invited"
    return base_url.rstrip("/") + link_path(word.text)


def _first_name(state: State) -> str:
    """Return the name of the first administrator: one that waits, or one that is free."""
    nth = 1
    while True:
        name = FIRST if nth == 1 else f"{FIRST}-{nth}"
        known = state.accounts.get(name)
        if known is None or (known.state == "waiting" and known.role == FIRST):
            return name
        nth += 1
