"""Checks of ``town.toml``: codes that mean nothing, kinds nobody is sent to, names that lack."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Collection, Iterator

import msgspec

from answerable.towns import files as f
from answerable.towns.check.alike import alike
from answerable.towns.check.finding import Finding, Place, finding
from answerable.towns.check.given import Given, Table, tables, text_of, texts
from answerable.towns.holidays import WEEKDAYS, HolidayRule
from answerable.towns.titles import ENGLISH, Title

OTHER = "Other"
"""The kind that calls of an unknown kind are recorded as."""


def _at(given: Given, *path: str | int) -> Place:
    return given.place(f.TOWN, *path)


def _codes(given: Given, key: str) -> list[str]:
    return [code for _i, item in tables(given.town.get(key)) if (code := text_of(item, "code"))]


def check_zone(given: Given) -> Iterator[Finding]:
    """Find a time zone that the tz database does not have."""
    zone = text_of(given.town, "zone")
    if zone and zone not in (known := zoneinfo.available_timezones()):
        like = alike(zone, known)
        yield finding("unknown-zone", f.TOWN.name, _at(given, "zone"), zone=zone, like=like)


def check_standards(given: Given, shelf: Collection[str]) -> Iterator[Finding]:
    """Find standards that are not in the catalogue."""
    for index, name in texts(given.town.get("standards")):
        if name not in shelf:
            values = {"name": name, "like": alike(name, shelf), "known": ", ".join(sorted(shelf))}
            yield finding("unknown-standard", f.TOWN.name, _at(given, "standards", index), **values)


LISTED = {"kinds": "Kind", "unit_types": "Type", "run_cards": "Run card"}


def check_codes(given: Given) -> Iterator[Finding]:
    """Find codes given twice, and a town without the kind that unknown ones become."""
    for key, what in LISTED.items():
        first: dict[str, int] = {}
        for index, item in tables(given.town.get(key)):
            code, at = text_of(item, "code"), _at(given, key, index)
            if code and first.setdefault(code, at.line) != at.line:
                values = {"what": what, "code": code, "first": first[code]}
                yield finding("double-code", f.TOWN.name, at, **values)
    if _codes(given, "kinds") and OTHER not in _codes(given, "kinds"):
        yield finding("no-other-kind", f.TOWN.name, _at(given, "kinds"))


def check_priorities(given: Given) -> Iterator[Finding]:
    """Find priorities that are named and not listed, where the town lists them."""
    listed = [code for _i, code in texts(given.town.get("priorities"))]
    if not listed:
        return

    def unknown(what: str, code: str, priority: str, *path: str | int) -> Iterator[Finding]:
        if priority and priority not in listed:
            values = {"code": code, "priority": priority, "like": alike(priority, listed)}
            at = _at(given, *path)
            yield finding("unknown-priority", f.TOWN.name, at, what=what, **values)

    for index, kind in tables(given.town.get("kinds")):
        path = ("kinds", index, "priority")
        yield from unknown("Kind", text_of(kind, "code"), text_of(kind, "priority"), *path)
    for index, card in tables(given.town.get("run_cards")):
        for place, priority in texts(card.get("priorities")):
            path2 = ("run_cards", index, "priorities", place)
            yield from unknown("Run card", text_of(card, "code"), priority, *path2)
    for index, priority in texts(given.town.get("urgent")):
        if priority not in listed:
            values = {"priority": priority, "like": alike(priority, listed)}
            yield finding("urgent-unlisted", f.TOWN.name, _at(given, "urgent", index), **values)


# -- run cards -------------------------------------------------------------------------------


def check_cards(given: Given) -> Iterator[Finding]:
    """Find kinds and types in run cards that the town does not have."""
    kinds, types = _codes(given, "kinds"), _codes(given, "unit_types")
    for index, card in tables(given.town.get("run_cards")):
        code = text_of(card, "code")
        for place, kind in texts(card.get("kinds")):
            if kind not in kinds:
                at = _at(given, "run_cards", index, "kinds", place)
                values = {"card": code, "code": kind, "like": alike(kind, kinds)}
                yield finding("unknown-kind", f.TOWN.name, at, **values)
        for number, need in tables(card.get("needs")):
            for place, wanted in texts(need.get("types")):
                if wanted not in types:
                    at = _at(given, "run_cards", index, "needs", number, "types", place)
                    values = {"card": code, "code": wanted, "like": alike(wanted, types)}
                    yield finding("unknown-type", f.TOWN.name, at, **values)


def _fits(card: Table, kind: str, priority: str) -> bool:
    """Say whether a card fits everywhere; one for some areas leaves the others without."""
    if any(True for _found in texts(card.get("areas"))):
        return False
    kinds = [text for _i, text in texts(card.get("kinds"))]
    priorities = [text for _i, text in texts(card.get("priorities"))]
    return (not kinds or kind in kinds) and (not priorities or priority in priorities)


def check_kinds_have_cards(given: Given) -> Iterator[Finding]:
    """Find kinds that no run card fits at their usual priority."""
    cards = [card for _i, card in tables(given.town.get("run_cards"))]
    for index, kind in tables(given.town.get("kinds")):
        code = text_of(kind, "code")
        usual = text_of(kind, "priority")
        if code and not any(_fits(card, code, usual) for card in cards):
            anywhere = any(_fits(card | {"priorities": []}, code, usual) for card in cards)
            values = {"code": code, "priority": usual if anywhere else ""}
            yield finding("kind-without-card", f.TOWN.name, _at(given, "kinds", index), **values)


def check_cards_are_used(given: Given) -> Iterator[Finding]:
    """Find run cards behind one that takes everything they are for."""
    before: list[Table] = []
    for index, card in tables(given.town.get("run_cards")):
        if hides := next((other for other in before if _covers(other, card)), None):
            values = {"card": text_of(card, "code"), "by": text_of(hides, "code")}
            at = _at(given, "run_cards", index)
            yield finding("card-never-used", f.TOWN.name, at, **values)
        before.append(card)


def _covers(first: Table, second: Table) -> bool:
    """Say whether everything ``second`` fits is fitted by ``first``."""
    for key in ("kinds", "priorities", "areas"):
        wide = {text for _i, text in texts(first.get(key))}
        narrow = {text for _i, text in texts(second.get(key))}
        if wide and (not narrow or not narrow <= wide):
            return False
    return True


# -- units -----------------------------------------------------------------------------------


def check_fleet(given: Given) -> Iterator[Finding]:
    """Find units of one name or of no known type, and run cards they cannot fill."""
    types, first = _codes(given, "unit_types"), dict[str, int]()
    for line in given.units if given.town else ():
        unit, code = line.values["unit"], line.values["unit_type"]
        if first.setdefault(unit, line.number) != line.number:
            values = {"unit": unit, "first": first[unit]}
            yield finding("double-unit", f.UNITS.name, line.place, **values)
        if code not in types:
            values = {"unit": unit, "code": code, "like": alike(code, types)}
            yield finding("unknown-unit-type", f.UNITS.name, line.place, **values)
    if given.has(f.UNITS) and not given.units and not any(
        found.file == f.UNITS.name for found in given.found
    ):  # fmt: skip
        yield finding("no-units", f.UNITS.name, Place(1))
    yield from _idle_types(given)
    yield from _unmet_needs(given)


def _idle_types(given: Given) -> Iterator[Finding]:
    manned = {line.values["unit_type"] for line in given.units}
    for index, item in tables(given.town.get("unit_types")):
        code = text_of(item, "code")
        if code and manned and code not in manned:
            at = _at(given, "unit_types", index)
            yield finding("type-without-unit", f.TOWN.name, at, code=code)


def _unmet_needs(given: Given) -> Iterator[Finding]:
    known = set(_codes(given, "unit_types"))
    for index, card in tables(given.town.get("run_cards")):
        for number, need in tables(card.get("needs")):
            types = {text for _i, text in texts(need.get("types"))}
            skills = {text for _i, text in texts(need.get("skills"))}
            count = need.get("count", 1)
            if not given.units or not isinstance(count, int) or not types <= known:
                continue
            have = sum(
                line.values["unit_type"] in types and skills <= set(line.values["skills"].split())
                for line in given.units
            )
            if have < count:
                values = {
                    "card": text_of(card, "code"), "count": count, "have": have or "none",
                    "types": " or ".join(sorted(types)), "skills": " and ".join(sorted(skills)),
                }  # fmt: skip
                at = _at(given, "run_cards", index, "needs", number)
                yield finding("need-unmet", f.TOWN.name, at, **values)


# -- languages -------------------------------------------------------------------------------


def check_languages(given: Given) -> Iterator[Finding]:
    """Find names that lack a language the town lists, or have one it does not."""
    listed = [tag for _i, tag in texts(given.town.get("languages", ["en", "zh-CN"]))]
    if not given.town:
        return  # told already: nothing of it could be read
    if ENGLISH not in listed:
        yield finding("english-unlisted", f.TOWN.name, _at(given, "languages"))
    for part, what, code, titles, at in _titled(given):
        said = Title({tag: name for tag, name in titles.items() if isinstance(name, str)})
        for language in listed:
            if not said.tag_for(language) and language != ENGLISH:
                values = {"what": what, "code": code, "language": language}
                yield finding("missing-title", part.name, at(), **values)
        for tag in said:
            if not any(said.tag_for(language) == tag for language in [*listed, ENGLISH]):
                like = alike(tag, listed)
                values = {"what": what, "code": code, "language": tag, "like": like}
                yield finding("unlisted-language", part.name, at(tag), **values)


_Titled = tuple[f.TownPart, str, str, Table, Callable[..., Place]]


def _titled(given: Given) -> Iterator[_Titled]:
    """Yield everything that has names: file, what it is, its code, its names, where they stand."""

    def placed(part: f.TownPart, *path: str | int) -> Callable[..., Place]:
        return lambda *more: given.place(part, *path, *more)

    named = given.town.get("title")
    if isinstance(named, dict):
        yield f.TOWN, "The town", text_of(given.town, "name"), named, placed(f.TOWN, "title")
    for key in ("kinds", "unit_types"):
        for index, item in tables(given.town.get(key)):
            if isinstance(names := item.get("title"), dict):
                at = placed(f.TOWN, key, index, "title")
                yield f.TOWN, LISTED[key], text_of(item, "code"), names, at
    for index, item in tables(given.holidays.get("holiday")):
        if isinstance(names := item.get("name"), dict):
            at = placed(f.HOLIDAYS, "holiday", index, "name")
            yield f.HOLIDAYS, "The holiday", text_of(names, ENGLISH), names, at


# -- holidays --------------------------------------------------------------------------------


def check_holidays(given: Given, year: int | None = None) -> Iterator[Finding]:
    """Find holidays that never come, and a week without a day to work on."""
    now = year or datetime.datetime.now(datetime.UTC).year
    if set(WEEKDAYS) <= {day for _i, day in texts(given.holidays.get("weekend"))}:
        at = given.place(f.HOLIDAYS, "weekend")
        yield finding("never-working", f.HOLIDAYS.name, at)
    for index, item in tables(given.holidays.get("holiday")):
        try:
            rule = msgspec.convert(item, HolidayRule)
        except msgspec.ValidationError:
            continue  # told already, with its shape
        at, name = given.place(f.HOLIDAYS, "holiday", index), rule.titles[ENGLISH]
        first, last = (rule.from_year or 1900), (rule.until_year or 2200)
        days = [day for y in range(max(first, 1900), min(last, 2200) + 1) if (day := rule.on(y))]
        if not days:
            because = (
                f"from_year {first} lies after until_year {last}"
                if first > last
                else "there is no such day in any of its years"
            )
            yield finding("holiday-never", f.HOLIDAYS.name, at, name=name, because=because)
        elif days[-1].year < now:
            yield finding("holiday-past", f.HOLIDAYS.name, at, name=name, year=days[-1].year)
