"""The name of a desk: a place in the room, in the session of whoever sits there.

A person may choose it when they sign in, and the browser there keeps it; otherwise one is given,
"Desk 3". A name must have a number in it and must not be an account's, so that it stays the name of
a place. It belongs to whoever has a page open there: a session that was left without a page loses
it to the one that is there now.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from litestar import Response

from answerable.access.state import Account
from answerable.console.sanity import Refused, kept_name
from answerable.console.session import Session
from answerable.handover.words import Desk

COOKIE = "desk"
KEPT_S = 31_536_000
GIVEN = "Desk {number}"
NAME_MAX = 24


def desk_named(text: str, accounts: Iterable[Account] = ()) -> str:
    """Return a desk's name as a person wrote it. Raises Refused (400)."""
    name = " ".join(text.split())
    try:
        found: str = msgspec.convert(name, Desk)
    except msgspec.ValidationError as error:
        raise Refused(
            400, "console.NoDeskName", "Not taken: {desk}.",
            "A desk is named by a place with a number, in at most {most} letters and figures.",
            "Write it as Desk 3.", desk=name[:40], most=NAME_MAX,
        ) from error  # fmt: skip
    if any(name.lower() == account.account.lower() for account in accounts):
        raise Refused(
            400, "console.DeskIsAPerson", "Not taken: {desk}.",
            "That is the name of an account; a desk is a place and nobody in particular.",
            "Write it as Desk 3.", desk=name,
        )  # fmt: skip
    return found


def remembered(cookie: str) -> str:
    """Return the desk that a browser remembers, "" where it is none."""
    try:
        return desk_named(unquote(cookie, errors="strict")) if cookie else ""
    except (Refused, UnicodeDecodeError):
        return ""


def remember(answer: Response[Any], desk: str, *, secure: bool) -> Response[Any]:
    """Have the browser that is answered remember its desk."""
    answer.set_cookie(
        kept_name(COOKIE, secure=secure), quote(desk, safe=""), max_age=KEPT_S, path="/",
        secure=secure, httponly=True, samesite="strict",
    )  # fmt: skip
    return answer


def seat(session: Session, wanted: str, others: Iterable[Session]) -> str:
    """Give a session its desk: the one it wants where nobody is, else the first that is free."""
    taken = {one.desk: one for one in others if one.desk and one is not session}
    if wanted and wanted in taken and not taken[wanted].streams:
        taken.pop(wanted).desk = ""
    session.desk = wanted if wanted and wanted not in taken else first_free(taken)
    return session.desk


def first_free(taken: Iterable[str]) -> str:
    """Return the first name in the row of given ones that is not taken."""
    held = set(taken)
    return next(name for n in count(1) if (name := GIVEN.format(number=n)) not in held)
