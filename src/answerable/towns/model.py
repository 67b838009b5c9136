"""A town: zone, languages, kinds of incident, run cards, units and the standards it has adopted.

Everything here is read from ``town.toml`` and the files beside it; nothing is Python. The structs
are strict: an unknown key, a missing one or a wrong type is refused with its path. Names are tables
from a language tag to text, so that one more language is only data.
"""

from __future__ import annotations

import functools
from collections.abc import Container
from datetime import UTC, datetime
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

import msgspec

from answerable.towns import sending as rules
from answerable.towns.following import AS_USUAL, FollowingFile
from answerable.towns.holidays import NO_HOLIDAYS, Calendar
from answerable.towns.narrative import NOTHING_ASKED, NOTHING_HEARD, NarrativeFile, QuestionsFile
from answerable.towns.outcomes import NOTHING_OWED, OutcomesFile
from answerable.towns.referring import NOTHING_REFERRED, ReferralFile
from answerable.towns.repeating import RepeatsFile, packaged_repeats
from answerable.towns.retention import NOTHING_DUE, RetentionFile
from answerable.towns.sending import NOTHING_MORE, Sending
from answerable.towns.supporting import NO_SUPPORT, SupportFile
from answerable.towns.terms import NO_MATTERS, MattersFile
from answerable.towns.titles import Tag, Title, Titles, need_english

Code = rules.Code
Notes = Annotated[
    dict[Tag, Annotated[str, msgspec.Meta(min_length=1, max_length=400)]],
    msgspec.Meta(min_length=1),
]
"""A sentence in the town's languages."""
QUARTER_US = 900_000_000
"""A quarter of an hour: every zone's midnight falls on one."""


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of incident: its code in the record, its names, its usual priority.

    ``discipline`` is the service it belongs to, such as fire, medical or police.
    """

    code: Code
    titles: Titles = msgspec.field(name="title")
    priority: Code
    discipline: Code

    def __post_init__(self) -> None:
        """Refuse a kind without an English name (ValueError)."""
        need_english(self.titles)

    @property
    def title(self) -> Title:
        """Return the names, ready to be asked for a language."""
        return Title(self.titles)


class Need(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of one of these types, with these skills."""

    types: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1)]
    count: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1
    skills: tuple[Code, ...] = ()


class Alarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a higher alarm level of a run card sends besides all that the levels below it send."""

    level: Annotated[int, msgspec.Meta(ge=2, le=9)]
    adds: Annotated[tuple[Need, ...], msgspec.Meta(min_length=1)]


class RunCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is sent to what: the first card whose kinds, priorities and areas fit is used.

    ``areas`` are names of neighbourhoods, battalions or classes of place (core, near, outer).
    """

    code: Code
    needs: tuple[Need, ...]
    kinds: tuple[Code, ...] = ()
    priorities: tuple[Code, ...] = ()
    areas: tuple[Code, ...] = ()
    alarms: tuple[Alarm, ...] = ()

    def __post_init__(self) -> None:
        """Refuse alarm levels that do not stand in their order, each once (ValueError)."""
        levels = [alarm.level for alarm in self.alarms]
        if levels != sorted(set(levels)):
            raise ValueError(f"the alarm levels of card {self.code} are not in order, each once")

    def fits(self, kind: str, priority: str, where: Container[str] = ()) -> bool:
        """Say whether the card is for this kind, priority and place; an empty list fits any.

        ``where`` holds the names of the areas the place lies in.
        """
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.priorities or priority in self.priorities)
            and (not self.areas or any(area in where for area in self.areas))
        )

    def needs_at(self, level: int) -> tuple[Need, ...]:
        """Return what is needed at an alarm level: the card's needs, and what each level adds."""
        added = (need for alarm in self.alarms if alarm.level <= level for need in alarm.adds)
        return (*self.needs, *added)


class UnitSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit of the town: its type, home station ("" = none) and skills."""

    unit: Code
    unit_type: Code
    station: str = ""
    skills: tuple[Code, ...] = ()


class UnitType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A type of unit and its names."""

    code: Code
    titles: Titles = msgspec.field(name="title")

    def __post_init__(self) -> None:
        """Refuse a type without an English name (ValueError)."""
        need_english(self.titles)

    @property
    def title(self) -> Title:
        """Return the names, ready to be asked for a language."""
        return Title(self.titles)


class Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another service that a call for elsewhere is handed to, and how it is reached.

    ``channel`` is for whoever hands it over: a telephone extension, a radio group, an address.
    """

    code: Code
    titles: Titles = msgspec.field(name="title")
    channel: Annotated[str, msgspec.Meta(max_length=120)] = ""

    def __post_init__(self) -> None:
        """Refuse an agency without an English name (ValueError)."""
        need_english(self.titles)

    @property
    def title(self) -> Title:
        """Return the names, ready to be asked for a language."""
        return Title(self.titles)


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to ask about this town's service: an office, never a person. All of it may be shown."""

    service: Annotated[str, msgspec.Meta(max_length=120)] = ""
    telephone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    mail: Annotated[str, msgspec.Meta(max_length=120)] = ""
    web: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Accepted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A warning of the checker that the town lives with: which check, of what, and why.

    ``of`` is the unit, station, area or code the warning is about. An error cannot be accepted.
    """

    check: Code
    of: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    because: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class TownFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``town.toml`` holds.

    ``zone`` is a name of the time zone database, ``centre`` longitude and latitude of the middle of
    the map (WGS 84 degrees), ``zoom`` how close it begins.
    """

    name: Code
    titles: Titles = msgspec.field(name="title")
    zone: Code
    centre: tuple[float, float]
    kinds: tuple[Kind, ...]
    unit_types: tuple[UnitType, ...]
    run_cards: tuple[RunCard, ...]
    standards: tuple[Code, ...]
    zoom: float = 11.5
    attribution: tuple[str, ...] = ()
    notes: tuple[Notes, ...] = ()
    """What must be known about the town's figures: pages say it beside the road times."""
    hospitals: tuple[str, ...] = ()
    priorities: tuple[Code, ...] = ()
    """The priorities there are, the most urgent last; none listed: any is taken."""
    urgent: tuple[Code, ...] = ()
    """The priorities that are driven to with lights and sirens; pages make them stand out."""
    languages: tuple[Code, ...] = ("en", "zh-CN")
    """The languages the town's names are given in, as tags; ``en`` is always one of them."""
    contact: Contact = Contact()
    """Whom to ask about the service."""
    population: Annotated[int, msgspec.Meta(ge=0)] = 0
    """How many people the service is for; 0 where nobody says. Made-up calls are scaled by it."""
    accepted: tuple[Accepted, ...] = ()
    """Warnings of ``answerable town check`` that the town lives with."""
    counts_by: Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")] = (
        "06:00"
    )
    """By when on the next day the lines have told how often they rang: hours and minutes here."""
    agencies: tuple[Agency, ...] = ()
    """To whom a call for elsewhere may be transferred."""
    sending: Sending = NOTHING_MORE
    """Crews, rest, cover and mutual aid: what decides beside the run cards who is proposed."""

    def __post_init__(self) -> None:
        """Refuse a town without an English name (ValueError)."""
        need_english(self.titles)
        for note in self.notes:
            need_english(note)

    @property
    def title(self) -> Title:
        """Return the town's names, ready to be asked for a language."""
        return Title(self.titles)


class Located(Protocol):
    """Where a position lies: areas by name, and the distance to the nearest road in metres."""

    @property
    def neighborhood(self) -> str:
        """The neighbourhood, "" outside the town."""
        ...

    @property
    def battalion(self) -> str:
        """The battalion (or its like) that answers there."""
        ...

    @property
    def area_class(self) -> str:
        """The 1-3-5 class of place: core, near or outer."""
        ...

    @property
    def distance_m(self) -> float:
        """The distance to the nearest road."""
        ...


class Locator(Protocol):
    """Something that knows the town's areas: ``answerable.place`` gives one."""

    def locate(self, lon: float, lat: float) -> Located:
        """Return where a position (WGS84 degrees) lies."""
        ...


class Town:
    """A town as the rooms see it. Pure data and pure functions over it."""

    def __init__(
        self,
        file: TownFile,
        units: tuple[UnitSpec, ...],
        places: Locator | None = None,
        holidays: Calendar = NO_HOLIDAYS,
        retention: RetentionFile = NOTHING_DUE,
        narrative: NarrativeFile = NOTHING_HEARD,
        script: QuestionsFile = NOTHING_ASKED,
        outcomes: OutcomesFile = NOTHING_OWED,
        referring: ReferralFile = NOTHING_REFERRED,
        following: FollowingFile = AS_USUAL,
        matters: MattersFile = NO_MATTERS,
        repeats: RepeatsFile | None = None,
        supporting: SupportFile = NO_SUPPORT,
    ) -> None:
        """Index the data; raises KeyError for an unknown time zone."""
        self.places = places
        self.holidays = holidays
        self.retention = retention
        self.narrative = narrative
        self.script = script
        self.outcomes = outcomes
        self.referring = referring
        self.following = following
        self.matters = matters
        self.supporting = supporting
        self.repeats = repeats or packaged_repeats()
        self.file = file
        self.name = file.name
        self.units = {unit.unit: unit for unit in units}
        self.kinds = {kind.code: kind for kind in file.kinds}
        self.unit_types = {t.code: t for t in file.unit_types}
        self.zone = ZoneInfo(file.zone)
        self.day = functools.lru_cache(maxsize=4096)(self._day)

    @property
    def areas(self) -> tuple[str, ...]:
        """The names of its neighbourhoods, battalions and classes; () where it knows no places."""
        named: tuple[str, ...] = getattr(self.places, "area_names", ())
        return named

    @property
    def stations(self) -> tuple[str, ...]:
        """The ids of its stations; () where it knows none."""
        named: tuple[str, ...] = getattr(self.places, "station_ids", ())
        return named

    def local(self, at_us: int) -> datetime:
        """Return an instant (UTC microseconds) as local time of the town."""
        seconds, micros = divmod(at_us, 1_000_000)
        return (
            datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros).astimezone(self.zone)
        )

    def clock(self, at_us: int) -> str:
        """Return an instant as the clock on the town's wall: 14:03:09."""
        return f"{self.local(at_us):%H:%M:%S}"

    def _day(self, quarter: int) -> str:
        return f"{self.local(quarter * QUARTER_US):%y%j}"

    def day_code(self, at_us: int) -> str:
        """Return the town's day as YYDDD: 20093 is 2 April 2020."""
        return self.day(at_us // QUARTER_US)

    def run_card(self, kind: str, priority: str, where: Container[str] = ()) -> RunCard | None:
        """Return the first run card that fits, or None."""
        return next(
            (card for card in self.file.run_cards if card.fits(kind, priority, where)), None
        )
