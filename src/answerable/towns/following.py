"""What a town has said about asking its callers afterwards: ``following.toml``. Pure data.

Who is not asked, in which hours people may be rung and how often, and what they are asked, in every
language it is asked in. ``next_open`` says when somebody may be rung; all times are UTC
microseconds, the hours are those of the clock on the town's wall.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec

from answerable.towns.narrative import Said
from answerable.towns.titles import Tag, Title, Titles, need_english

if TYPE_CHECKING:
    from answerable.towns.model import Town

Hour = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Codes = Annotated[tuple[Code, ...], msgspec.Meta(max_length=200)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=10_080)]
ABOUT = ("manner", "speed", "result", "overall")
"""What is asked about, in this order."""
US = 1_000_000
MINUTE_US = 60 * US
AGAIN_MIN = 60
"""Minutes to the next attempt after an outcome for which the town says nothing."""
SEARCH_DAYS_MAX = 40
"""A table in which nobody may be rung for so many days is a mistake."""


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """From when until when people may be rung on a day."""

    since: Hour = "09:00"
    until: Hour = "20:00"

    def __post_init__(self) -> None:
        """Refuse hours that end before they begin (ValueError)."""
        if self.since >= self.until:
            raise ValueError(f"nobody can be rung from {self.since} until {self.until}")


class Ringing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When, how often and for how long.

    ``free_days`` are the hours of days on which nobody works. ``again_min``: by what came of an
    attempt, how long until the next; ``final``: after which outcomes there is none. ``claim_min``:
    how long a caller is left to whoever said that they ring them.
    """

    hours: Hours = Hours()
    free_days: Hours = Hours("10:00", "18:00")
    tries: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3
    again_min: dict[Code, Minutes] = msgspec.field(default_factory=dict)
    final: Codes = ("not in service",)
    claim_min: Minutes = 15
    defer_days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 14


class Barred(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is not rung: ``kinds`` of incidents that are too delicate, and what no person calls by.

    ``alarms`` are kinds that machines report, ``lines`` the lines on which machines call.
    """

    kinds: Codes = ()
    alarms: Codes = ()
    lines: Codes = ()


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the four questions, and what the best and the worst mark are called."""

    about: Code
    ask: Said

    def __post_init__(self) -> None:
        """Refuse one that is about nothing known, or cannot be asked in English (ValueError)."""
        need_english(self.ask)
        if self.about not in ABOUT:
            raise ValueError(f"a question is about one of {', '.join(ABOUT)}")


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said to a caller: ``hello``, then the questions, then ``words``, then ``goodbye``.

    ``marks`` are what 1 to 5 are called, the worst first; ``unknown`` is what is said to anybody
    else who answers, and gives nothing away.
    """

    hello: Said
    words: Said
    goodbye: Said
    unknown: Said
    marks: Annotated[tuple[Titles, ...], msgspec.Meta(min_length=5, max_length=5)]
    questions: tuple[Question, ...] = msgspec.field(name="question")

    def __post_init__(self) -> None:
        """Refuse a script that does not ask the four questions, each once (ValueError)."""
        for said in (self.hello, self.words, self.goodbye, self.unknown, *self.marks):
            need_english(said)
        if tuple(one.about for one in self.questions) != ABOUT:
            raise ValueError(f"the questions are about {', '.join(ABOUT)}, in that order")


class FollowingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``following.toml`` holds. ``languages`` are those asked in, the usual one first."""

    languages: Annotated[dict[Tag, Code], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: {"en": "English"}
    )
    ringing: Ringing = Ringing()
    barred: Barred = Barred()
    script: Script | None = None

    def __post_init__(self) -> None:
        """Refuse a language in which something of the script is not said (ValueError)."""
        for what, said in self.said().items():
            for tag in self.languages:
                if not Title(said).tag_for(tag):
                    raise ValueError(f"{what} is not said in {tag}")

    @property
    def language(self) -> str:
        """Return the language callers are asked in where nobody said another."""
        return next(iter(self.languages))

    def said(self) -> Mapping[str, Mapping[str, str]]:
        """Return every sentence of the script by what it is; {} without a script."""
        script = self.script
        if script is None:
            return {}
        parts = {"hello": script.hello, "words": script.words, "goodbye": script.goodbye,
                 "unknown": script.unknown}  # fmt: skip
        asked = {f"the question about {one.about}": one.ask for one in script.questions}
        marks = {f"the mark {nth}": mark for nth, mark in enumerate(script.marks, 1)}
        return parts | asked | marks


AS_USUAL = FollowingFile()
"""Without a file callers are asked all the same; what comes with the product says how."""


class Window(NamedTuple):
    """When people may be rung on one day (UTC microseconds)."""

    from_us: int
    until_us: int


@functools.lru_cache(maxsize=256)
def window(town: Town, day: date) -> Window:
    """Return when people may be rung on a day of the town."""
    ringing = town.following.ringing
    hours = ringing.hours if town.holidays.working_day(day) else ringing.free_days
    return Window(_at(town, day, hours.since), _at(town, day, hours.until))


def _at(town: Town, day: date, hour: str) -> int:
    moment = datetime.combine(day, time.fromisoformat(hour), town.zone)
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * US


def next_open(town: Town, at_us: int) -> int:
    """Return the first moment at or after ``at_us`` at which people may be rung."""
    day = town.local(at_us).date()
    for _nth in range(SEARCH_DAYS_MAX):
        found = window(town, day)
        if at_us < found.until_us:
            return max(at_us, found.from_us)
        day += timedelta(days=1)
    raise AssertionError("every day has hours in which people may be rung")


def again_us(town: Town, outcome: str, at_us: int) -> int:
    """Return when a caller may be rung again after an attempt; 0 where never."""
    ringing = town.following.ringing
    if outcome in ringing.final:
        return 0
    return next_open(town, at_us + ringing.again_min.get(outcome, AGAIN_MIN) * MINUTE_US)
