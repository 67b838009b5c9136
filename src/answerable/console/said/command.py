"""``answerable satisfaction``: read a record through and say what callers said, and how sure it is.

It changes nothing and works beside a running centre: it reads one consistent moment. No share is
told without callers, reached and answered beside it, and none at all where too few answered.

Exit codes: 0 done, 2 the record or what was asked for cannot be used.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TextIO, get_args

import msgspec

from answerable.console import tongue
from answerable.console.access_cli import width
from answerable.console.language import Language, _, language
from answerable.console.said.figures import HEADS, REASONS, WAYS, counted, facts, share_words
from answerable.console.saying.page import TITLES
from answerable.followup.back_words import QUESTIONS
from answerable.kernel.event import Recorded, Row
from answerable.kernel.store import StoreRefusal
from answerable.measure import asked as a
from answerable.measure import daily as d
from answerable.measure.satisfaction import By, Group, Report, Share
from answerable.record import RECORD_FILE
from answerable.record.entry import COLUMNS
from answerable.record.opening import SQL, look_before_writing, no_record
from answerable.record.reading import connect_reader
from answerable.record.refusals import open_refusal
from answerable.rooms import product
from answerable.towns.load import TownRefused, load_town, town_folder
from answerable.towns.model import Town

CHUNK = 4_096
PROGRESS_S = 0.2
NOT_SAID = _("Nothing was added up.")


class Asked(msgspec.Struct, frozen=True):
    """What is asked: of which record, from and to which day, in groups by what, which question."""

    record: Path
    first: str = ""
    last: str = ""
    by: str = "unit"
    about: str = "overall"
    town: str = ""


class Wrong(Exception):
    """What was asked for makes no sense; its text has the three parts."""


def run_satisfaction(
    asked: Asked, *, as_json: bool, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Add up and print; returns the exit code."""
    out, err = out or sys.stdout, err or sys.stderr
    lang = language(tongue.tag())
    try:
        by = checked(asked, lang)
        town = load_town(town_folder(asked.town)) if asked.town else None
        daily = read_through(asked, lang, err)
        _not_too_long(*d.span(daily), lang)
    except (StoreRefusal, TownRefused, Wrong) as refusal:
        print(refusal, file=err)
        return 2
    found = d.report(daily, by)
    if as_json:
        out.write(msgspec.json.encode(as_data(found, d.span(daily))).decode() + "\n")
    else:
        lines = in_words(found, d.span(daily), asked.about, town, lang)
        out.write("\n".join(lines) + "\n")
    return 0


# -- what is asked for -----------------------------------------------------------------------


def checked(asked: Asked, lang: Language) -> By:
    """Return by what the groups are. Raises Wrong for what makes no sense."""
    first, last = (_day(one, lang) for one in (asked.first, asked.last))
    if first and last and first > last:
        raise Wrong(_three(lang, _("{first} is after {last}."), _("Give the earlier day first."),
                           first=asked.first, last=asked.last))  # fmt: skip
    _not_too_long(asked.first, asked.last, lang)
    by: By | None = next((one for one in get_args(By) if one == asked.by), None)
    for given, known in ((asked.by, get_args(By)), (asked.about, QUESTIONS)):
        if given not in known:
            raise Wrong(_three(lang, _("There is no {given} here."), _("Give one of: {known}."),
                               given=given[:20], known=", ".join(known)))  # fmt: skip
    assert by is not None
    return by


def _not_too_long(first: str, last: str, lang: Language) -> None:
    """Raise Wrong for more days than are kept: those forgotten would be missing in silence."""
    if not first or not last:
        return
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    if days > d.SPAN_MAX:
        raise Wrong(_three(lang, _("{first} to {last} is more than {most} days."),
                           _("Give --from and --to, and ask for longer times in parts."),
                           first=first, last=last, most=d.SPAN_MAX))  # fmt: skip


def _day(text: str, lang: Language) -> date | None:
    """Return a day. Raises Wrong, also for 20200402 and 2020-W14-4: days are compared as text."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        found = date.min
    if found is not None and found.isoformat() != text:
        told = _three(lang, _("{text} is not a day."), _("Write it as 2020-04-02."), text=text[:20])
        raise Wrong(told)
    return found


def _three(lang: Language, because: str, instead: str, **values: object) -> str:
    parts = (lang(NOT_SAID), lang.say(because, **values), lang.say(instead, **values))
    return " ".join(parts)


# -- reading ---------------------------------------------------------------------------------


def read_through(asked: Asked, lang: Language, err: TextIO) -> d.Daily:
    """Fold a whole record as it stands now. Raises StoreRefusal where it cannot be read."""
    path = asked.record / RECORD_FILE if asked.record.is_dir() else asked.record
    path = path.absolute()
    connection = connect_reader(path)
    # An empty string sorts before every day: without a first day all of them are counted.
    daily = d.Daily(first=asked.first, last=asked.last)
    try:
        if look_before_writing(connection, path):
            raise no_record(path)
        connection.execute("BEGIN")
        d.add(daily, _counting(connection, lang, err))
    except sqlite3.Error as error:
        raise open_refusal(error, path) from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreRefusal(_three(lang, _("An event of {path} cannot be read."),
                                  _("Look at the record with answerable fsck."),
                                  path=path)) from error  # fmt: skip
    finally:
        connection.close()
    return daily


def _counting(connection: sqlite3.Connection, lang: Language, err: TextIO) -> Iterator[Recorded]:
    """Yield the events that count; the others are not even decoded."""
    rooms, last_s = product(), 0.0
    of = connection.execute(SQL["last_position"]).fetchone()[0] or 0
    after = 0
    while values := connection.execute(SQL["rows"], (after, CHUNK)).fetchall():
        for one in values:
            if one[2] in a.evolve.table:
                row = Row._make(one[:COLUMNS])
                yield Recorded(row, rooms.decode(row))
        after = values[-1][0]
        now_s = time.monotonic()
        if err.isatty() and (after >= of or now_s - last_s >= PROGRESS_S):
            last_s = now_s
            _shown(after, of, lang, err)


def _shown(done: int, of: int, lang: Language, err: TextIO) -> None:
    """Show how far it has come, on a line that renews itself."""
    words = _("{done} of {of} events read")
    told = lang.say(words, done=lang.number(done), of=lang.number(of))
    err.write(f"\r{told}{chr(10) if done >= of else ''}")
    err.flush()


# -- as data ---------------------------------------------------------------------------------


def as_data(found: Report, span: tuple[str, str]) -> dict[str, Any]:
    """Return the report as JSON has it; of what is too few, nothing but how many answered."""
    return {
        "first": span[0], "last": span[1], "by": found.by, "few": found.few,
        "barred": found.barred, "ways": found.ways,
        "whole": _group(found.whole), "groups": [_group(one) for one in found.groups],
    }  # fmt: skip


def _group(one: Group) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(one)
    told["shares"] = [_share(share) for share in one.shares]
    return told


def _share(share: Share) -> dict[str, Any]:
    if share.share is None:
        return {"question": share.question, "given": share.given}
    told: dict[str, Any] = msgspec.to_builtins(share)
    return told


# -- in words --------------------------------------------------------------------------------


def in_words(
    found: Report, span: tuple[str, str], about: str, town: Town | None, lang: Language
) -> Iterator[str]:
    """Yield the report for a person."""
    if not found.whole.callers:
        yield lang(_("No caller was to be asked in this time. Choose other days."))
        return
    first, last = (lang.day(date.fromisoformat(one or span[1])) for one in span)
    yield lang.say(_("What callers said, {first} to {last}"), first=first, last=last)
    for what, count, more in facts(found, lang):
        yield f"  {what}: {count}{f' ({more})' if more else ''}"
    for words, counts, names in (
        (_("barred"), found.barred, REASONS), (_("gave answers"), found.ways, WAYS),
    ):  # fmt: skip
        if counts:
            yield f"  {lang(words)}: {' · '.join(counted(counts, names, lang))}"
    yield ""
    yield from _table(found, about, town, lang)
    yield ""
    yield lang.say(
        _("A share is of those who answered, with its interval of {sure}: it is about chance "
          "alone. Below {few} answers none is told."), sure=lang.percent(0.95), few=found.few,
    )  # fmt: skip


def _table(found: Report, about: str, town: Town | None, lang: Language) -> Iterator[str]:
    counted_as = (_("Callers"), _("Barred"), _("Were reached"), _("Gave answers"))
    heads = (HEADS[found.by], *counted_as, TITLES[about])
    named = [(_name(one.name, found.by, town, lang), one) for one in found.groups]
    rows = [tuple(lang(head) for head in heads)]
    for name, one in [(lang(_("All together")), found.whole), *named]:
        counts = map(lang.number, (one.callers, one.barred, one.reached, one.answered))
        rows.append((name, *counts, share_words(one.share(about), lang)))
    widths = [max(width(row[at]) for row in rows) for at in range(len(heads) - 1)]
    for row in rows:
        yield "  ".join(_cells(row, widths)).rstrip()


def _cells(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """Yield the cells of a row, names to the left and counts to the right."""
    for at, (cell, most) in enumerate(zip(row, widths, strict=False)):
        room = " " * (most - width(cell))
        yield room + cell if at else cell + room
    yield row[-1]


def _name(name: str, by: str, town: Town | None, lang: Language) -> str:
    if by == "week":
        return lang.day(date.fromisoformat(name))
    if by == "kind" and town is not None and (kind := town.kinds.get(name)) is not None:
        return kind.title.of(lang.tag)
    return name or lang(_("(not known)"))
