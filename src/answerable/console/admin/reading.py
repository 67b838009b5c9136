"""Reading the forms of administration: lists of areas, terms in days, times on the town's wall."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from litestar import Request

from answerable.console import api
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.sanity import BODY_BYTES_MAX, Refused, check_origin, header, too_large
from answerable.console.session import Session

Req = Request[Any, Any, Any]
FIELDS_MAX = 160
"""An area is one field each, and a town has many."""
TEXT_BYTES_MAX = 262_144
"""A standard's text in a form: 60,000 characters, each at most three times as long when encoded."""
DAY_US = 86_400_000_000
AREA = "area"


class Posted:
    """A form that was sent by the session it belongs to, from a page its role is given."""

    def __init__(self, session: Session, values: Mapping[str, str], areas: tuple[str, ...]) -> None:
        self.session = session
        self.values = values
        self.areas = areas

    def text(self, name: str) -> str:
        """Return a field without the white space around it, "" where it was left empty."""
        return self.values.get(name, "").strip()

    def days(self, name: str, now_us: int) -> int:
        """Return the instant (UTC us) so many days from now. Raises Refused (400)."""
        text = self.text(name)
        if not text.isdecimal() or not 1 <= int(text[:6]) <= 9_999:
            raise Refused(
                400, "console.BadDays", _("Nothing was recorded."),
                _("{text} is not a number of days."), _("Give a whole number from 1 on."),
                text=text[:40] or "–",
            )  # fmt: skip
        return now_us + int(text) * DAY_US


async def posted(front: Front, request: Req, page: str, most: int = BODY_BYTES_MAX) -> Posted:
    """Read a form of a page that the sender's role is given. Raises Refused (400 to 413)."""
    check_origin(request.scope)
    session = api.signed_in(front, request.scope)
    api.may_open(front, session, page)
    declared = header(request.scope, b"content-length")
    if declared.isdecimal() and int(declared) > most:
        raise too_large(most)
    pairs = _pairs(await request.body())
    values = {name: value for name, value in pairs if name != AREA}
    api.checked_token(session, request.scope, values)
    return Posted(session, values, tuple(value for name, value in pairs if name == AREA))


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body),
            max_num_fields=FIELDS_MAX, errors="strict",
        )  # fmt: skip
    except ValueError as error:
        raise Refused(
            400, "console.BadForm", "Not read.", "The form is malformed: {error}.",
            "Load the page again and repeat it.", error=error,
        ) from error  # fmt: skip


def moment(text: str, zone: ZoneInfo) -> int | None:
    """Return an instant (UTC us) from the town's wall, None for an empty field.

    ``2026-03-01T06:00`` and ``2026-03-01 06:00`` are times; one that the clocks skip or show twice
    is the first of the two. Raises Refused (400).
    """
    if not text:
        return None
    try:
        at = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            400, "console.BadMoment", _("Nothing was recorded."), _("{text} is not a time."),
            _("Write it as 2026-03-01 06:00, in the town's time; leave it empty for at once."),
            text=text[:40],
        ) from error  # fmt: skip
    aware = at if at.tzinfo is not None else at.replace(tzinfo=zone)
    return int(aware.timestamp() * 1_000_000)
