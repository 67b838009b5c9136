"""Terms of tracked matters: a town's ``matters.toml``. Pure.

Shaped on the case types of Open Zaak (VNG catalogue, ``zaaktype``): a statutory term
(``doorlooptijd_behandeling``), a shorter service norm (``servicenorm_behandeling``), whether the
clocks may stand still (``opschorting_en_aanhouding_mogelijk``) and whether, and by how much, the
term is extended (``verlenging_mogelijk``, ``verlengingstermijn``).

Days are the town's own. The day on which a term begins does not count; it ends with its last day,
and a term of calendar days that would end on a free day ends on the next working day (Dutch General
Terms Act, 1964, article 1; United States Federal Rules of Civil Procedure, rule 6(a)(1)).
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from answerable.towns.holidays import DAY, Calendar
from answerable.towns.titles import Title, Titles, need_english

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]
Grade = Annotated[int, msgspec.Meta(ge=0, le=9)]
Source = Annotated[str, msgspec.Meta(min_length=2, max_length=400)]
KINDS_MAX = 200
REMINDERS_MAX = 8
REMIND_AT = datetime.time(9, 0)
"""When on its day a reminder comes: as the office opens."""
MIDNIGHT = datetime.time()
WORKING_SHARE = 7 / 5
"""Calendar days to a working day, in a week without holidays."""


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many days, counted as working days of the town or as they come."""

    days: Days
    count: Literal["calendar", "working"] = "calendar"

    @property
    def about_days(self) -> float:
        """About how many calendar days it is; good for comparing two, not for a date."""
        return self.days * (WORKING_SHARE if self.count == "working" else 1)


class Reminder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An owner is reminded so many calendar days before the norm or the term (after: below 0)."""

    before_days: Annotated[int, msgspec.Meta(ge=-365, le=365)]
    of: Literal["norm", "term"] = "norm"
    way: Literal["page", "message", "telephone"] = "page"


class _Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something with a code and names."""

    code: Code
    titles: Titles = msgspec.field(name="title")

    def __post_init__(self) -> None:
        """Refuse one without an English name (ValueError)."""
        need_english(self.titles)

    @property
    def title(self) -> Title:
        """Return the names, ready to be asked for a language."""
        return Title(self.titles)


class Result(_Named, frozen=True, kw_only=True):
    """What a matter can come to."""


class MatterKind(_Named, frozen=True, kw_only=True):
    """A kind of matter: its terms, where they come from, and what its clocks allow.

    ``suspend_days`` is the longest standstill, 0 for none; ``grade`` the least grade of the role
    that signs it off, ``sign`` how soon after it was done.
    """

    source: Source
    term: Span
    norm: Span
    suspend_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 0
    extend: Span | None = None
    extensions: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1
    reminders: Annotated[tuple[Reminder, ...], msgspec.Meta(max_length=REMINDERS_MAX)] = (
        msgspec.field(name="remind", default=())
    )
    grade: Grade = 0
    sign: Span = Span(5, "working")

    def __post_init__(self) -> None:
        """Refuse a kind without an English name, or with a norm longer than the term."""
        need_english(self.titles)
        if self.norm.about_days > self.term.about_days:
            raise ValueError(f"the norm of {self.code} is longer than its term")

    @property
    def extensions_max(self) -> int:
        """How many times the term is extended at most."""
        return self.extensions if self.extend else 0


class MattersFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``matters.toml`` holds. ``grades`` gives each role its grade; one not named has 0."""

    kinds: Annotated[tuple[MatterKind, ...], msgspec.Meta(max_length=KINDS_MAX)] = msgspec.field(
        name="kind", default=()
    )
    results: Annotated[tuple[Result, ...], msgspec.Meta(max_length=KINDS_MAX)] = msgspec.field(
        name="result", default=()
    )
    grades: dict[Code, Grade] = {}

    def __post_init__(self) -> None:
        """Refuse a code that is given twice (ValueError)."""
        for named in (self.kinds, self.results):
            codes = [one.code for one in named]
            if twice := next((code for code in codes if codes.count(code) > 1), ""):
                raise ValueError(f"{twice} is given twice")

    def kind(self, code: str) -> MatterKind | None:
        """Return a kind of matter by its code."""
        return next((one for one in self.kinds if one.code == code), None)

    def result(self, code: str) -> Result | None:
        """Return a result by its code."""
        return next((one for one in self.results if one.code == code), None)

    def grade(self, role: str) -> int:
        """Return the grade of a role."""
        return self.grades.get(role, 0)


NO_MATTERS = MattersFile()
"""A town without kinds of matters tracks none."""


class Counting(msgspec.Struct, frozen=True):
    """A town's way of counting days: its zone, and its working days."""

    zone: ZoneInfo
    calendar: Calendar

    def date(self, at_us: int) -> datetime.date:
        """Return the town's date of an instant (UTC microseconds)."""
        return datetime.datetime.fromtimestamp(at_us // 1_000_000, self.zone).date()

    def at(self, date: datetime.date, time: datetime.time) -> int:
        """Return the instant of a time of day in the town, UTC microseconds."""
        local = datetime.datetime.combine(date, time, self.zone)
        return int(local.timestamp()) * 1_000_000

    def end(self, date: datetime.date) -> int:
        """Return the last second of a day, UTC microseconds.

        It is the second before the next day begins: where clocks go back at midnight the last
        hour comes twice, and 23:59:59 is the end of the day the second time only.
        """
        return self.at(date + DAY, MIDNIGHT) - 1_000_000

    def after(self, date: datetime.date, days: int, count: str) -> datetime.date:
        """Return the last day of ``days`` (0 or more) after a date; never a free one."""
        if count == "working" and days:
            return self.calendar.working_days_after(date + DAY, days - 1)
        return self.calendar.working_days_after(date + days * DAY, 0)

    def due_us(self, span: Span, from_us: int) -> int:
        """Return when a term that begins at an instant ends, UTC microseconds."""
        return self.end(self.after(self.date(from_us), span.days, span.count))

    def later_us(self, due_us: int, span: Span) -> int:
        """Return a due instant put off by a span, UTC microseconds."""
        return self.end(self.after(self.date(due_us), span.days, span.count))

    def moved_us(self, due_us: int, count: str, from_us: int, to_us: int) -> int:
        """Return a due instant put off by the days on which the clock stood still.

        The day on which it came to stand counts as run; the day on which it runs on does not.
        """
        first, last = self.date(from_us), self.date(to_us)
        days = (first + n * DAY for n in range(1, (last - first).days + 1))
        stood = sum(1 for day in days if count != "working" or self.calendar.working_day(day))
        return self.end(self.after(self.date(due_us), stood, count)) if stood else due_us

    def reminders(
        self, kind: MatterKind, norm_us: int, term_us: int, now_us: int
    ) -> list[tuple[int, Reminder]]:
        """Return the reminders still to come, the next one first."""
        found = []
        for one in kind.reminders:
            date = self.date(norm_us if one.of == "norm" else term_us) - one.before_days * DAY
            if (at_us := self.at(date, REMIND_AT)) > now_us:
                found.append((at_us, one))
        return sorted(found, key=lambda pair: pair[0])
