"""What stands after the question mark, and ``Last-Event-ID``: known, once, and in its limits.

A parameter nobody knows is refused rather than ignored: whoever writes ``form=5`` for ``from=5``
must not be answered as if they had asked for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl

from litestar.types import Scope

from answerable.console.sanity import Refused, header

PARAMETERS_MAX = 16
POSITION_MAX = 10**16
"""Above any position a record will have, below what a double holds exactly."""
LIMIT_MAX = 1_000
LIMIT = 200
"""Events told at once where nobody says how many."""
SHOWN_MAX = 60


def asked(scope: Scope, known: Collection[str]) -> dict[str, str]:
    """Return the query of a request. Raises Refused (400) for what is unknown, twice or broken."""
    text = scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )  # fmt: skip
    except ValueError as error:
        raise Refused(
            400, "console.BadQuery", "Not read.", "The query is malformed: {error}.",
            "Correct it and send it again.", error=error,
        ) from error  # fmt: skip
    told: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise _unknown(name, known)
        if name in told:
            raise Refused(
                400, "console.BadQuery", "Not read.", "{name} is given twice.",
                "Give it once.", name=name,
            )  # fmt: skip
        told[name] = value
    return told


def _unknown(name: str, known: Collection[str]) -> Refused:
    if not known:
        return Refused(
            400, "console.UnknownQuery", "Not read.", "There is no query parameter {name} here.",
            "Leave it out; this address takes none.", name=name[:SHOWN_MAX],
        )  # fmt: skip
    return Refused(
        400, "console.UnknownQuery", "Not read.", "There is no query parameter {name} here.",
        "Known are: {known}.", name=name[:SHOWN_MAX], known=", ".join(known),
    )  # fmt: skip


def whole(
    told: Mapping[str, str], name: str, default: int, least: int = 0, most: int = POSITION_MAX
) -> int:
    """Return a whole number of the query. Raises Refused (400) outside ``least`` to ``most``."""
    text = told.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 17):
        raise Refused(
            400, "console.BadQuery", "Not read.", "{name} is not a whole number.",
            "Correct it and send it again.", name=name,
        )  # fmt: skip
    if not least <= int(text) <= most:
        raise Refused(
            400, "console.BadQuery", "Not read.", "{name} lies outside {least} to {most}.",
            "Correct it and send it again.", name=name, least=least, most=most,
        )  # fmt: skip
    return int(text)


def kinds(told: Mapping[str, str], known: Collection[str]) -> frozenset[str]:
    """Return the kinds of events asked for; none: all. Raises Refused (400) for an unknown one."""
    text = told.get("kinds")
    if text is None:
        return frozenset()
    wanted = text.split(",")
    for kind in wanted:
        if kind not in known:
            raise Refused(
                400, "console.UnknownKind", "Not read.", "There is no event {kind}.",
                "Give kinds as dispatch.UnitSent,intake.CallRung; the reference lists them.",
                kind=kind[:SHOWN_MAX] or '""',
            )  # fmt: skip
    return frozenset(wanted)


def after(scope: Scope, told: Mapping[str, str], recorded: int) -> int:
    """Return the position from which to follow: ``Last-Event-ID``, ``after``, or the end.

    The header wins: a reader that comes back sends its first address again. Raises Refused (400)
    for what is no position, (409) for one beyond the end: that is another record, or an older copy.
    """
    position = whole(told, "after", recorded)
    if seen := header(scope, b"last-event-id"):
        position = whole({"Last-Event-ID": seen}, "Last-Event-ID", recorded)
    return within(position, recorded)


def within(position: int, recorded: int) -> int:
    """Return a position that the record has reached. Raises Refused (409)."""
    if position > recorded:
        raise Refused(
            409, "console.BeyondEnd", "Not told.",
            "The record ends at {recorded}, before position {position}.",
            "Check that this is the record you followed; if it is, begin again after 0.",
            recorded=recorded, position=position,
        )  # fmt: skip
    return position
