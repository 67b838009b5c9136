"""Replies by mail: each file of a folder becomes an answer and is removed, or is set aside.

The mail server lays them there; nothing of them stays behind but what was recorded, sealed. What
cannot be used is moved to the folder ``aside`` with its reason, for a person to look at.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from answerable.exchange import spool
from answerable.exchange.mail import reply
from answerable.exchange.mail.out import code_of
from answerable.exchange.mail.reply import NotAReply, Reply
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from answerable.kernel.hub import Accepted
from answerable.kernel.hub import Refused as HubRefused
from answerable.matters import referral_words as w
from answerable.matters.referral_rules import RECEIVED
from answerable.matters.referral_views import Referrals

if TYPE_CHECKING:
    from answerable.console.front import Front

LOOK_S = 5.0
LOOK_MAX = 100
"""Files read at one look; more are read by the next."""
NO_SUCH = "No open referral has this number and this code."
FAULT = "The program failed while reading it."
COMMANDS: dict[str, type[w._OnReferral]] = {
    "receive": w.ReceiveReferral, "accept": w.AcceptReferral, "decline": w.DeclineReferral,
    "return": w.ReturnReferral,
}  # fmt: skip
VALUES = {"decline": "why", "return": "result", "receive": "receipt"}

log = logging.getLogger("answerable.referring")


class Replies:
    """Takes in the replies that lie in one folder."""

    def __init__(self, front: Front, folder: Path) -> None:
        self._front = front
        self._folder = folder

    async def run(self) -> None:
        """Look for replies for as long as the task lives."""
        while True:
            try:
                await self.once()
            except OSError as error:
                log.warning("the folder of replies cannot be read: %s", error.strerror)
            await asyncio.sleep(LOOK_S)

    async def once(self) -> int:
        """Take in what lies there now; returns how many answers were recorded. Raises OSError."""
        taken = 0
        for path, body in await asyncio.to_thread(found, self._folder):
            try:
                if body is None:
                    raise NotAReply("It is no plain file, or too long.")
                recorded = await self._take(reply.read(body))
            except NotAReply as why:
                log.warning("a reply was set aside: %s", why)
                await asyncio.to_thread(spool.set_aside, path, str(why))
            except Unavailable:
                break  # it is taken in once the record takes anything again
            except Exception as fault:  # one mail must not stop those that come after it
                log.error("fault while reading a reply: %s", type(fault).__name__)
                await asyncio.to_thread(spool.set_aside, path, FAULT)
            else:
                await asyncio.to_thread(path.unlink, missing_ok=True)
                taken += recorded
        return taken

    async def _take(self, one: Reply) -> bool:
        """Have an answer recorded; False for one that says nothing new.

        The relay's receipt is recorded when it takes the letter: RECEIVED alone, for which the
        letter asks, finds it so and is no mail for a person to look at. Raises NotAReply,
        Unavailable.
        """
        view: Referrals = self._front.hub.state["referrals"]
        line = view.open.get(one.referral)
        code = code_of(self._front.centre.receipt_secret, one.referral)
        if not hmac.compare_digest(code, one.code) or line is None:
            raise NotAReply(NO_SUCH)
        if one.does == "receive" and line.state == RECEIVED and not one.words:
            return False
        command = COMMANDS[one.does]
        key = f"mail:{hashlib.sha256(repr(one).encode()).hexdigest()[:40]}"
        body: dict[str, object] = {"key": key, "way": "mail",
                                   "referral": one.referral}  # fmt: skip
        if one.value:
            body[VALUES[one.does]] = one.value
        if "words" in command.__struct_fields__:
            body["words"] = one.words
        try:
            asked = msgspec.convert(body | {"type": command.tag}, command)
        except msgspec.ValidationError as error:
            raise NotAReply("Its name, or what it says, cannot be recorded.") from error
        outcome = await self._front.desk.ask(asked, Actor(f"mail/{line.agency}", "portal"))
        if isinstance(outcome, HubRefused):
            raise NotAReply(outcome.refusal.text())
        if not isinstance(outcome, Accepted):
            raise NotAReply("The program failed while recording it.")
        return True


def found(folder: Path) -> list[tuple[Path, bytes | None]]:
    """Return the files of a folder that end in ``.eml``, by name; None for what is not read.

    Raises OSError where the folder cannot be read.
    """
    paths = sorted(path for path in folder.iterdir() if path.name.endswith(".eml"))
    return [(path, _read(path)) for path in paths[:LOOK_MAX]]


def _read(path: Path) -> bytes | None:
    """Return a plain file that is not too long; a link, a pipe or a folder is not read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        body = file.read(reply.MAIL_BYTES_MAX + 1)
    return body if len(body) <= reply.MAIL_BYTES_MAX else None
