"""Every message the console can show: what a catalogue must hold, no more and no less."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from babel.messages.extract import extract_from_dir

from answerable.access import crew_rules
from answerable.access import words as access
from answerable.console.language import HERE
from answerable.dispatch import alert_rules as alerting
from answerable.dispatch.recommend import Reason
from answerable.handover import words as handover
from answerable.keeping import rules as keeping_rules
from answerable.keeping import words as keeping
from answerable.kernel.refusals import KERNEL_REFUSALS
from answerable.kernel.room import Rooms
from answerable.kernel.steps import Steps
from answerable.matters import referral_rules, support_rules
from answerable.matters import referral_words as referral
from answerable.matters import support_words as support
from answerable.matters.repeats.events import Sort
from answerable.matters.repeats.said import Finding, Stopping
from answerable.place.gazetteer.found import Why
from answerable.standards.shelf import shelf, shelf_standard
from answerable.towns.check.heard import SORTS
from answerable.towns.check.reported import SORTS as REPORTED
from answerable.towns.check.reported import SORTS_OF_NAMES
from answerable.towns.check.table import CHECKS
from answerable.towns.check.words_of_town import LISTED
from answerable.towns.files import PARTS

METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {
    "_": None, "said": None, "gettext": None, "ngettext": (1, 2), "lang": None,
    "Refused": (3, 4, 5),
}  # fmt: skip
OF_THE_DESK = (
    "Not recorded.", "Not known to be recorded.",
    "The record failed and the centre is starting again.",
    "Send it again with the same key in a few seconds.",
    "Send it again with the same key once the centre is back.",
)  # fmt: skip
"""What the desk says where the record cannot take a command: the kernel knows no catalogue."""
SHOWN_AS_THEY_ARE = ("importer", "system", "core", "near", "outer")
"""Actors and classes of place: data of the product, shown by name."""

MADE_UP_DESKS = (
    "simulated desk", "simulated call-back desk", "simulated matters desk",
    "simulated referral desk", "simulated station desk", "simulated support desk",
    "simulated oversight", "simulated supervisor", "simulated trunk",
)  # fmt: skip
"""Whom the demonstration plays; a test holds that none is missing."""


@functools.cache
def in_pages() -> frozenset[str]:
    """Return the messages marked in the console's templates and modules."""
    found: set[str] = set()
    for _file, _line, message, _comments, _context in extract_from_dir(
        str(HERE), method_map=METHODS, keywords=KEYWORDS
    ):
        found.update([message] if isinstance(message, str) else [m for m in message if m])
    return frozenset(message for message in found if message)


def in_rooms(rooms: Rooms) -> Iterator[str]:
    """Yield the sentences of events and refusals, and the states of every life."""
    for event in rooms.events.values():
        yield event.said
    for refusal in (*KERNEL_REFUSALS, *rooms.refusals.values()):
        yield from (refusal.not_done, refusal.because, refusal.instead)
    for room in rooms.rooms:
        for steps in room.steps.values():
            yield from states(steps)


def states(steps: Steps) -> Iterator[str]:
    """Yield the names of the states of a life."""
    yield from steps.states


def in_standards() -> Iterator[str]:
    """Yield the consequences of ringing, as the shelf's standards name them."""
    for name in shelf():
        for clock in shelf_standard(name).clocks:
            yield from (consequence.do for consequence in clock.rings)


def in_towns() -> Iterator[str]:
    """Yield what the check of a town says, and what each of a town's files is."""
    for check in CHECKS.values():
        yield from (check.what, check.remedy)
    yield from (part.about for part in PARTS)
    yield from LISTED.values()
    yield from (what for _part, _key, what in SORTS)
    yield from (*REPORTED.values(), *SORTS_OF_NAMES.values())


def in_keeping() -> Iterator[str]:
    """Yield the words in which backups, keys, witnesses and alarms are told."""
    sorts = (keeping.Of, keeping.Sort, keeping.Found, keeping.KeyChange, keeping.News)
    yield from (one.value for sort in sorts for one in sort)
    yield from keeping.WHATS
    yield from keeping_rules.ALARMS


def in_repeats() -> Iterator[str]:
    """Yield why a place is found, the three classes, and why a verdict is what it is."""
    yield from (one.value for sort in (Finding, Stopping, Sort) for one in sort)


def in_referrals() -> Iterator[str]:
    """Yield why agencies decline, with what they return, what is late, and what is told of it."""
    for sort in (referral.Why, referral.Result, referral.Late):
        yield from (one.value for one in sort)
    yield from (referral_rules.OVERDUE, referral_rules.NOT_SENT, referral_rules.DECLINED)


def in_support() -> Iterator[str]:
    """Yield what units complain of, what came of their requests, what is late, what is told."""
    for sort in (support.Complaint, support.CameTo, support.Step):
        yield from (one.value for one in sort)
    yield from (support_rules.LATE, support_rules.COMPLAINED, *support_rules.WHATS)


def in_commands() -> Iterator[str]:
    """Yield what the help of every command and option says."""
    from typer.main import get_command

    from answerable.console.cli import app

    asked = [get_command(app)]
    while asked:
        command: Any = asked.pop()
        asked += getattr(command, "commands", {}).values()
        yield command.help or ""
        yield from (getattr(param, "help", None) or "" for param in command.params)


def in_shelf() -> Iterator[str]:
    """Yield the names on the shelf of standards: their files have them in English and Chinese."""
    for name in shelf():
        standard = shelf_standard(name)
        yield standard.name
        yield from (clock.name for clock in standard.clocks)


def in_sources() -> Iterator[str]:
    """Yield where the promises on the shelf come from: a page tells it in its own language."""
    yield from (shelf_standard(name).source for name in shelf())


def wanted(rooms: Rooms, tag: str) -> set[str]:
    """Return what the catalogue of a language must hold, no more and no less."""
    named = () if tag.split("-")[0] == "zh" else in_shelf()
    return all_messages(rooms) | set(named)


def all_messages(rooms: Rooms) -> set[str]:
    """Return every message; one without a letter needs no translation."""
    found = {
        *in_pages(),
        *in_rooms(rooms),
        *in_standards(),
        *in_towns(),
        *in_commands(),
        *SHOWN_AS_THEY_ARE,
        *OF_THE_DESK,
        *(reason.value for reason in Reason),
        *(why.value for why in Why),
        *(one.value for sort in (access.Way, access.Ended, access.Missed) for one in sort),
        *access.WHATS,
        *in_keeping(),
        *in_repeats(),
        *in_referrals(),
        *in_support(),
        *in_sources(),
        *MADE_UP_DESKS,
        *(one.value for one in handover.Left),
        *alerting.WORDS,
        crew_rules.NO_UNIT,
        *(role for role in rooms.authority.roles),
    }
    return {text for text in found if re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", text))}
