"""Reading a promise: TOML becomes a ``Standard``, or one sentence saying which key is wrong.

Everything is checked here, once, at adoption: unknown keys, unknown events, limits, which fields a
``where`` can look at and what a clock is about (``by``). What passes is stored in the event
``StandardAdopted`` with every default filled in, so the engine never has to guess again.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from answerable.kernel.event import Event, Mark, marks_of
from answerable.standards.words import Clock, Standard

OF_INCIDENT = ("kind", "group", "priority", "area_class", "neighborhood", "battalion")
"""What the engine remembers of every incident; a ``where`` may look at it."""
OF_UNIT = ("unit_type",)
"""What the engine remembers of every unit."""
OWN_ROOM = "standards"


class BadStandard(ValueError):
    """A definition that cannot be used: which file, where in it, what is wrong, what to do."""

    def __init__(self, file: str, where: str, problem: str, remedy: str) -> None:
        self.file, self.where, self.problem, self.remedy = file, where, problem, remedy
        super().__init__(f"{file}: {where}: {problem}. {remedy}")


class _Fault(Exception):
    """A fault inside one definition, before the file it came from is known."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        self.where, self.problem, self.remedy = where, problem, remedy
        super().__init__(problem)


def known_events() -> dict[str, type[Event]]:
    """Return every event of every room that is loaded: the classes in its modules of words."""

    def below(cls: type[Event]) -> Iterator[type[Event]]:
        for sub in cls.__subclasses__():
            yield sub
            yield from below(sub)

    return {
        cls.tag: cls
        for cls in below(Event)
        if _holds_words(cls.__module__.rpartition(".")[2]) and not cls.__name__.startswith("_")
    }


def _holds_words(module: str) -> bool:
    """Say whether a module holds words of a room: ``words``, or those of a subject of it."""
    return module == "words" or (module.endswith("_words") and not module.startswith("test_"))


def digest_of(standard: Standard) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of a standard."""
    body = msgspec.json.encode(standard, order="deterministic")
    return hashlib.sha256(body).hexdigest()


def read_standard(text: str | bytes, file: str = "the text") -> Standard:
    """Read and check a standard in TOML; raises BadStandard. Examples in it are left aside."""
    try:
        return checked(_from_toml(text))
    except _Fault as fault:
        raise BadStandard(file, fault.where, fault.problem, fault.remedy) from None


def check_standard(standard: Standard, file: str = "the definition") -> Standard:
    """Check a decoded standard and fill in its defaults; raises BadStandard."""
    try:
        return checked(standard)
    except _Fault as fault:
        raise BadStandard(file, fault.where, fault.problem, fault.remedy) from None


# -- from TOML -------------------------------------------------------------------------------


def _from_toml(text: str | bytes) -> Standard:
    try:
        raw = msgspec.toml.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _Fault("the TOML", str(error), "Correct that line; compare 'catalogue/'.") from None
    except RecursionError:
        raise _Fault("the TOML", "it is nested too deeply", "Compare 'catalogue/'.") from None
    values = {key: value for key, value in raw.items() if key != "example"}
    clocks = values.pop("clock", [])
    if "clocks" in values:
        raise _Fault("key clocks", "it is written [[clock]]", "Give each promise a [[clock]].")
    if not isinstance(clocks, list) or not clocks:
        raise _Fault("[[clock]]", "there is no promise", "Add at least one [[clock]] table.")
    values["clocks"] = [_plain(clock) for clock in clocks]
    try:
        return msgspec.convert(values, Standard)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), values) from None


def _plain(clock: object) -> object:
    """Return a clock table with the short forms written out: one string for a list of one."""
    if not isinstance(clock, dict):
        return clock
    full = dict(clock)
    for key in ("stops", "voids", "by"):
        if isinstance(full.get(key), str):
            full[key] = [full[key]]
    if isinstance(full.get("rings"), list):
        full["rings"] = [{"do": r} if isinstance(r, str) else r for r in full["rings"]]
    if isinstance(full.get("where"), dict):
        full["where"] = {
            key: [value] if isinstance(value, str) else value
            for key, value in full["where"].items()
        }
    return full


_REMEDIES = (
    ("unknown field", "Remove it or correct its spelling; the keys are listed in the reference."),
    ("missing required field", "Add it."),
    ("limit_s", "Give the limit in seconds, more than 0."),
    ("target", "Give a share between 0 and 1, for example 0.9."),
    ("percentile", "Give a number between 0 and 100, for example 90."),
    ("where", "Give a text in quotes, or a list of them."),
    ("", "Correct the value; the keys and their types are listed in the reference."),
)


def _misfit(message: str, values: Mapping[str, Any]) -> _Fault:
    """Turn msgspec's message, which ends in a path, into a place in the file and a remedy."""
    problem, _, path = message.partition(" - at `$")
    path = path.rstrip("`").removeprefix(".")
    field = re.search(r"field `(\w+)`", problem)
    key = path
    if match := re.match(r"clocks\[(\d+)\]\.?(.*)", path):
        number = int(match[1])
        clock = values["clocks"][number]
        name = clock.get("name", "") if isinstance(clock, dict) else ""
        key = f"clock {number + 1}" + (f" ({name})" if name else "")
        key += f", key {match[2]}" if match[2] else ""
    elif path:
        key = f"key {path}"
    if field:
        key = f"{key}, key {field[1]}" if key else f"key {field[1]}"
    remedy = next(text for sign, text in _REMEDIES if sign in f"{problem} {key}")
    return _Fault(key or "the file", problem[:1].lower() + problem[1:], remedy)


# -- checks ----------------------------------------------------------------------------------


def checked(standard: Standard) -> Standard:
    """Return the standard with ``by`` and ``again`` filled in; raises for what cannot work."""
    events = known_events()
    clocks = tuple(_checked_clock(clock, events) for clock in standard.clocks)
    names = [clock.name for clock in clocks]
    for name in names:
        if names.count(name) > 1:
            raise _Fault(f"clock {name}", "two clocks have this name", "Name each of them apart.")
    return msgspec.structs.replace(standard, clocks=clocks)


def _checked_clock(clock: Clock, events: Mapping[str, type[Event]]) -> Clock:
    place = f"clock {clock.name}"
    start = _event(events, clock.starts, f"{place}, key starts")
    if not clock.stops:
        raise _Fault(f"{place}, key stops", "it names no event", "Name the event that stops it.")
    stops = [_event(events, kind, f"{place}, key stops") for kind in clock.stops]
    voids = [_event(events, kind, f"{place}, key voids") for kind in clock.voids]
    revives = [_event(events, kind, f"{place}, key revives") for kind in clock.revives]
    _check_roles(clock, place)
    _check_revives(clock, place)
    _check_rings(clock, place)
    _check_limit(clock, start, place)
    by = clock.by or _common(start, stops)
    if not by:
        raise _Fault(
            f"{place}, key by",
            "its start and its stops have no identity in common",
            "Name start and stop events that share an incident, a unit or a call.",
        )
    _check_identity(by, start, stops, [*voids, *revives], place)
    _check_where(clock, start, f"{place}, key where")
    by = tuple(sorted(by, key=lambda name: start.ids.index(name) if name in start.ids else 9))
    own = set(_identities(start)) <= set(by)
    again = clock.again if clock.again is not None else own
    return msgspec.structs.replace(clock, by=by, again=again)


def _event(events: Mapping[str, type[Event]], kind: str, where: str) -> type[Event]:
    if kind not in events:
        near = sorted(k for k in events if k.lower().rpartition(".")[2] == _last(kind))
        known = near or sorted(
            k for k in events if k.startswith(kind.partition(".")[0] + ".")
        )  # fmt: skip
        remedy = f"Known are: {', '.join(known)}." if known else "Is that room part of this centre?"
        raise _Fault(where, f"there is no event {kind}", remedy)
    if kind.partition(".")[0] == OWN_ROOM:
        raise _Fault(where, f"{kind} is made by the clocks themselves",
                     "Name an event of another room.")  # fmt: skip
    return events[kind]


def _last(kind: str) -> str:
    return kind.lower().rpartition(".")[2]


def _check_roles(clock: Clock, place: str) -> None:
    """Refuse an event with two roles in one clock."""
    if clock.starts in clock.stops:
        raise _Fault(f"{place}, key stops", f"{clock.starts} starts the clock and stops it",
                     "Name another event that stops it.")  # fmt: skip
    if clock.starts in clock.voids:
        raise _Fault(f"{place}, key voids", f"{clock.starts} starts the clock and voids it",
                     "Leave it out of voids.")  # fmt: skip
    if both := set(clock.stops) & set(clock.voids):
        raise _Fault(f"{place}, key voids", f"{min(both)} stops the clock and voids it",
                     "Leave it in one of the two lists.")  # fmt: skip


def _check_revives(clock: Clock, place: str) -> None:
    """Refuse to take back what is no void, or by an event with another role in the clock."""
    where = f"{place}, key revives"
    for kind, void in clock.revives.items():
        if void not in clock.voids:
            raise _Fault(where, f"{void} does not void the clock", "Name one of its voids.")
        if kind in (clock.starts, *clock.stops, *clock.voids):
            raise _Fault(where, f"{kind} has another role in the clock",
                         "Name an event that only takes a void back.")  # fmt: skip


def _check_rings(clock: Clock, place: str) -> None:
    delays = [ring.after_s for ring in clock.rings]
    if delays != sorted(delays):
        raise _Fault(f"{place}, key rings", "a later consequence comes earlier than one before it",
                     "List them in the order of after_s.")  # fmt: skip


def _check_limit(clock: Clock, start: type[Event], place: str) -> None:
    """Refuse a promise without a limit, with two, or with a date its start does not say."""
    if clock.limit_s is None and not clock.due:
        raise _Fault(f"{place}, key limit_s", "it has no limit",
                     'Add limit_s (seconds), or due (a date of the start event).')  # fmt: skip
    if clock.limit_s is not None and clock.due:
        raise _Fault(f"{place}, key due", "it has two limits, limit_s and due",
                     "Leave one of the two.")  # fmt: skip
    dates = [name for name, mark in marks_of(start).items()
             if name.endswith("_us") and mark is Mark.OPEN]  # fmt: skip
    if clock.due and clock.due not in dates:
        remedy = "Give limit_s instead, or start at an event that says a date."
        if dates:
            remedy = f"Possible here: {', '.join(dates)}."
        raise _Fault(f"{place}, key due", f"{start.tag} says no open {clock.due}", remedy)


def _identities(cls: type[Event]) -> tuple[str, ...]:
    """Return the identity fields an event always has: its ``ids`` without a default."""
    optional = _optional(cls)
    return tuple(name for name in cls.ids if name not in optional)


@functools.cache
def _optional(cls: type[Event]) -> frozenset[str]:
    return frozenset(f.name for f in msgspec.structs.fields(cls) if not f.required)


def _common(start: type[Event], stops: list[type[Event]]) -> tuple[str, ...]:
    """Return the identities of the start that every stop has, or the call, through its incident."""
    common = tuple(n for n in start.ids if all(n in stop.ids for stop in stops))
    sure = tuple(n for n in common if n in _identities(start))
    if sure or common:
        return (sure or common)[:2]
    linked = all("call" in stop.ids or "incident" in stop.ids for stop in stops)
    return ("call",) if "call" in start.ids and linked else ()


def _carries(cls: type[Event], name: str) -> bool:
    """Say whether an event names an identity, itself or (for a call) through its incident."""
    fields = cls.__struct_fields__
    return name in fields or (name == "call" and "incident" in fields)


def _check_identity(
    by: tuple[str, ...],
    start: type[Event],
    stops: list[type[Event]],
    voids: list[type[Event]],
    place: str,
) -> None:
    """Every start and stop names the whole subject; a void at least its first part."""
    wanted = [(start, by, "starts"), *((s, by, "stops") for s in stops)]
    wanted += [(v, by[:1], "voids") for v in voids]
    for cls, names, key in wanted:
        for name in names:
            if name in cls.__struct_fields__ and marks_of(cls)[name] is Mark.SEALED:
                raise _Fault(f"{place}, key by", f"{name} of {cls.tag} is sealed",
                             "No clock is about a person; use incident, unit, call.")  # fmt: skip
            if not (name in cls.__struct_fields__ if cls is start else _carries(cls, name)):
                raise _Fault(f"{place}, key {key}", f"{cls.tag} does not say which {name} it is",
                             f"Leave {name} out of by, or name another event.")  # fmt: skip


def _check_where(clock: Clock, start: type[Event], where: str) -> None:
    fields = start.__struct_fields__
    possible = [name for name, mark in marks_of(start).items() if mark is not Mark.SEALED]
    possible += OF_INCIDENT if "incident" in fields else ()
    possible += OF_UNIT if "unit" in fields else ()
    for name, values in clock.where.items():
        if name not in possible:
            raise _Fault(f"{where}.{name}", f"{start.tag} and its incident have no such open field",
                         f"Possible here: {', '.join(dict.fromkeys(possible))}.")  # fmt: skip
        if not values:
            raise _Fault(f"{where}.{name}", "the list is empty", "Name at least one value.")
