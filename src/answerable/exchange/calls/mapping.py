"""How one source's columns become the steps of a call: one TOML file per source.

The file says which column is what, in which zone the clocks ran, in which order the stages stand,
how times are written, which codes mean what, and what the source does not know at all.
Reference page: docs/reference/call-mapping.md.
"""

from __future__ import annotations

import datetime
import functools
import tomllib
import zoneinfo
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from answerable.exchange.calls.problems import SourceRefused
from answerable.exchange.calls.stamps import compile_format

Step = Literal[
    "rung",
    "answered",
    "opened",
    "sent",
    "acknowledged",
    "en_route",
    "arrived",
    "transporting",
    "at_hospital",
    "cleared",
]
"""The steps of a call and of a unit's job, in the order of a call's life."""

Text = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")
]
"""A word of ours that the record takes as a name."""

STEPS: tuple[Step, ...] = Step.__args__  # type: ignore[attr-defined]
CALL_STEPS: frozenset[Step] = frozenset({"rung", "answered", "opened"})


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the mapping file; a key it does not know is refused."""


class Source(_Strict, frozen=True, kw_only=True):
    """Where the records come from and how their clocks ran.

    ``marks`` are said of every call and incident of the source, such as "made up".
    """

    name: str
    zone: str
    licence: str = ""
    attribution: tuple[str, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    missing: tuple[str, ...] = ()
    precision_s: float = 1.0
    marks: Annotated[tuple[Text, ...], msgspec.Meta(max_length=4)] = ()


class Columns(_Strict, frozen=True, kw_only=True):
    """Which column is what. Rows with the same ``call`` are one call; ``unit`` may hold several."""

    call: str
    incident: str = ""
    unit: str = ""
    unit_separator: str = ""
    unit_type: str = ""
    kind: str = ""
    group: str = ""
    priority: str = ""
    disposition: str = ""
    lon: str = ""
    lat: str = ""
    place: str = ""
    area: str = ""

    def named(self) -> dict[str, str]:
        """Return the columns this mapping names: what it is for us -> what it is there."""
        names = {f: getattr(self, f) for f in self.__struct_fields__ if f != "unit_separator"}
        return {ours: theirs for ours, theirs in names.items() if theirs}


class Times(_Strict, frozen=True, kw_only=True):
    """How times are written and which of them can be true.

    ``formats`` are tried in turn; "iso" is year-month-day, T or a space, time of day.
    A time earlier than ``before_call_s`` before the call or later than ``after_call_s`` after it
    is absurd. With ``rollover = "repair"`` a stage that stands so far before the former that one
    day more brings it within ``rollover_within_s`` after it is moved by that day, and marked.
    """

    formats: tuple[str, ...] = ("iso",)
    earliest: datetime.date = datetime.date(1970, 1, 2)
    latest: datetime.date = datetime.date(2099, 12, 31)
    before_call_s: int = 86_400
    after_call_s: int = 7 * 86_400
    rollover: Literal["repair", "mark"] = "mark"
    rollover_within_s: int = 43_200


class Place(_Strict, frozen=True, kw_only=True):
    """Points that mean "no position" in this source, as [lon, lat]."""

    missing: tuple[tuple[float, float], ...] = ()


class Stage(_Strict, frozen=True, kw_only=True):
    """One column of times: the steps it stands for, and the column of its date if it has one."""

    column: str
    steps: tuple[Step, ...]
    date: str = ""
    required: bool = False


class Codes(_Strict, frozen=True, kw_only=True):
    """Crosswalks: the source's code -> the word recorded. A code not listed is kept as it is."""

    kind: dict[str, Text] = {}
    group: dict[str, Text] = {}
    priority: dict[str, Text] = {}
    disposition: dict[str, Text] = {}


class Defaults(_Strict, frozen=True, kw_only=True):
    """What is recorded where a row leaves the column empty, or the source has no such column."""

    kind: Text = "Other"
    group: Text = "(none)"
    priority: Text = "(none)"
    disposition: Text = "not given by the source"


class Mapping(_Strict, frozen=True, kw_only=True):
    """One source, whole."""

    source: Source
    columns: Columns
    stage: tuple[Stage, ...]
    time: Times = Times()
    place: Place = Place()
    codes: Codes = Codes()
    defaults: Defaults = Defaults()

    def lacks(self) -> tuple[Step, ...]:
        """Return the steps this source has no time for."""
        given = {step for stage in self.stage for step in stage.steps}
        return tuple(step for step in STEPS if step not in given)

    def required_columns(self) -> tuple[str, ...]:
        """Return every column of the file that this mapping names, each once."""
        stages = [name for s in self.stage for name in (s.date, s.column) if name]
        return tuple(dict.fromkeys([*self.columns.named().values(), *stages]))


def parse_mapping(text: str, name: str) -> Mapping:
    """Return the mapping written in ``text``; ``name`` is the file's name, for messages.

    Raises SourceRefused with the file, the key and the remedy.
    """
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _refused(name, _plain(str(error))) from error
    except RecursionError as error:
        raise _refused(name, "It is nested too deeply.") from error
    if fault := _fault(mapping):
        raise _refused(name, fault)
    return mapping


@functools.lru_cache(maxsize=32)
def load_mapping(path: Path) -> Mapping:
    """Return the mapping in the file ``path``. Raises SourceRefused."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise _refused(path.name, f"The file cannot be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise _refused(path.name, "The file is not UTF-8 text.") from error
    return parse_mapping(text, path.name)


def _refused(name: str, because: str) -> SourceRefused:
    return SourceRefused(
        f"The mapping {name} was not used.",
        because,
        "Correct that key; docs/reference/call-mapping.md lists every key.",
    )


def _plain(message: str) -> str:
    """Put msgspec's and tomllib's words for a fault into a sentence that names the key."""
    message = message.replace("Object contains unknown field", "There is no key")
    message = message.replace("Object missing required field", "A key is missing:")
    message = message.replace(" - at `$.", " in `").replace(" - at `$`", " at the top")
    return message.rstrip(".") + "."


def _fault(mapping: Mapping) -> str:
    """Return what is wrong with a well-formed mapping, or "" (checked in this order)."""
    try:
        zoneinfo.ZoneInfo(mapping.source.zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"`source.zone` {mapping.source.zone!r} is not a zone such as America/Los_Angeles."
    try:
        "".encode(mapping.source.encoding)
    except LookupError:
        return f"`source.encoding` {mapping.source.encoding!r} is not a text encoding."
    if len(mapping.source.delimiter) != 1:
        return "`source.delimiter` must be one character."
    if bool(mapping.columns.lon) != bool(mapping.columns.lat):
        return "`columns.lon` and `columns.lat` must be given together."
    return _stage_fault(mapping) or _time_fault(mapping.time)


def _stage_fault(mapping: Mapping) -> str:
    steps = [step for stage in mapping.stage for step in stage.steps]
    places = [STEPS.index(step) for step in steps]
    if any(not stage.steps for stage in mapping.stage):
        return "`stage.steps` of a stage is empty."
    if places != sorted(set(places)):
        return f"`stage` must list the steps in the order of a call's life: {', '.join(STEPS)}."
    if "rung" not in steps or not mapping.stage[0].required:
        return "The first `stage` must hold the step rung and be `required = true`."
    return ""


def _time_fault(times: Times) -> str:
    if not times.formats:
        return "`time.formats` is empty."
    for form in times.formats:
        try:
            compile_format(form)
        except ValueError as error:
            return f"`time.formats` {form!r}: {error}."
    if times.earliest > times.latest:
        return "`time.earliest` lies after `time.latest`."
    if min(times.before_call_s, times.after_call_s, times.rollover_within_s) < 0:
        return "A limit in `time` is negative."
    if times.earliest.year < 1970 or times.latest.year > 2099:
        return "`time.earliest` and `time.latest` must lie in the years 1970 to 2099."
    if times.rollover_within_s >= 86_400:
        return "`time.rollover_within_s` must be less than a day."
    return ""
