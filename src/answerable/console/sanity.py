"""Checks at the door: how much may be sent, from where, and in what form.

Bad bytes are a 400 with a reason, too many are a 413, a request that another site made is a 403.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from litestar.types import Receive, Scope

from answerable.kernel.event import fill

BODY_BYTES_MAX = 65_536
FIELDS_MAX = 40


class Refused(Exception):
    """The request cannot be taken: a status, a code, and the three sentences of a refusal.

    ``headers`` go with the answer: which methods are taken, when to try again.
    """

    def __init__(
        self, status: int, code: str, not_done: str, because: str, instead: str, **values: object
    ) -> None:
        """Keep them; the sentences are templates over ``values``."""
        self.status = status
        self.code = code
        self.templates = (not_done, because, instead)
        self.values = values
        self.headers: dict[str, str] = {}
        super().__init__(" ".join(self.parts))

    @property
    def parts(self) -> tuple[str, str, str]:
        """The three sentences in English."""
        return self.said(str)

    def said(self, lang: Callable[[str], str]) -> tuple[str, str, str]:
        """Return the three sentences in a language."""
        not_done, because, instead = (fill(lang(t), self.values) for t in self.templates)
        return not_done, because, instead


def header(scope: Scope, name: bytes) -> str:
    """Return a request header, "" where it is absent."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def cookies(scope: Scope) -> dict[str, str]:
    """Return the cookies of a request; a malformed part is left out."""
    pairs = (part.strip().partition("=") for part in header(scope, b"cookie").split(";"))
    return {name: value for name, sign, value in pairs if sign}


def kept_name(name: str, *, secure: bool) -> str:
    """Return the name of a cookie that keeps how pages look: over https it is this host's alone."""
    return f"__Host-{name}" if secure else name


def kept(scope: Scope, name: str) -> str:
    """Return what a person chose about the look of pages, "" where they chose nothing."""
    return cookies(scope).get(kept_name(name, secure=scope.get("scheme") == "https"), "")


async def read_body(scope: Scope, receive: Receive, most: int = BODY_BYTES_MAX) -> bytes:
    """Read a request body of at most ``most`` bytes. Raises Refused (413)."""
    declared = header(scope, b"content-length")
    if declared.isdecimal() and int(declared) > most:
        raise too_large(most)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Refused(
                400, "console.Broken", "Not read.", "The connection ended early.", "Send it again."
            )
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise too_large(most)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


WAITING = re.compile(r"(\d+) (commands are already waiting)")


def unavailable(cause: Exception) -> Refused:
    """Return the refusal of a command that the record cannot take now."""
    not_done, _, rest = str(cause).partition(". ")
    because, _, instead = rest.partition(". ")
    if waiting := WAITING.fullmatch(because):
        return Refused(
            503, "console.Unavailable", "Not recorded.", "{count} commands are already waiting.",
            "Send it again with the same key in a moment.", count=waiting[1],
        )  # fmt: skip
    return Refused(
        503, "console.Unavailable", f"{not_done}.", f"{because}.", instead or "Try again."
    )


def no_such_act() -> Refused:
    """Return the refusal of a form that asks for what its page does not do."""
    return Refused(
        400, "console.NoSuchAct", "Not done.", "The page has no such act.",
        "Load the page again and repeat it.",
    )  # fmt: skip


def too_large(most: int) -> Refused:
    """Return the refusal of a body that is too long."""
    return Refused(
        413,
        "console.TooLarge",
        "Not read.",
        "The request is longer than {most} bytes.",
        "Send less at a time.",
        most=most,
    )


def host_named(origin: str) -> str:
    """Return the host and port of an origin; none where it is no address at all."""
    try:
        return urlsplit(origin).netloc
    except ValueError:  # an opened bracket that is never closed
        return ""


def check_origin(scope: Scope) -> None:
    """Refuse a change that another site's page asks for. Raises Refused (403)."""
    site = header(scope, b"sec-fetch-site")
    origin = header(scope, b"origin")
    own = header(scope, b"host")
    foreign = site not in ("", "same-origin", "none") or (
        origin not in ("", "null") and host_named(origin) != own
    )
    if foreign or origin == "null":
        raise Refused(
            403,
            "console.OtherSite",
            "Not done.",
            "The request comes from another site.",
            "Do it on a page of this centre.",
        )


def fields(body: bytes) -> dict[str, str]:
    """Decode a form. Raises Refused (400)."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            max_num_fields=FIELDS_MAX,
            errors="strict",
        )
    except ValueError as error:
        raise Refused(
            400,
            "console.BadForm",
            "Not read.",
            "The form is malformed: {error}.",
            "Load the page again and repeat it.",
            error=error,
        ) from error
    return dict(pairs)


def new_key(prefix: str = "srv") -> str:
    """Return a fresh idempotency key for a form that came without one.

    The time comes first, so that the record's index of keys grows at its end.
    """
    return f"{prefix}-{time.time_ns():x}-{secrets.token_hex(16)}"
