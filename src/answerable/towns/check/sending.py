"""Checks of what decides beside the run cards: areas and levels of cards, crews, rest, cover, aid.

What a rule names must be in the town, and a rule of cover must have a place to hold for: one about
battalions holds nowhere in a town whose stations belong to none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

from answerable.place.areas import AreaClass
from answerable.towns import files as f
from answerable.towns.check.alike import alike
from answerable.towns.check.finding import Finding, Place, finding
from answerable.towns.check.given import Given, Table, tables, text_of, texts

Path = tuple[str | int, ...]


def check_sending(given: Given) -> Iterator[Finding]:
    """Find areas, stations and types that cards and rules name and the town does not have."""
    if not given.town:
        return
    yield from _card_areas(given)
    yield from _alarm_types(given)
    yield from _rule_types(given)
    yield from _rule_places(given)


def _types(given: Given) -> list[str]:
    return [text_of(item, "code") for _i, item in tables(given.town.get("unit_types"))]


def _areas(given: Given) -> list[str]:
    """Return the names of the neighbourhoods, each once."""
    named = [text_of(shape["properties"], "name") for _at, shape in given.polygons]
    return list(dict.fromkeys(name for name in named if name))


def _battalions(given: Given) -> list[str]:
    told = [text_of(station["properties"], "battalion") for _at, station in given.stations]
    return list(dict.fromkeys(name for name in told if name))


def _stations(given: Given) -> list[str]:
    return [text_of(station["properties"], "id") for _at, station in given.stations]


def _sending(given: Given) -> Table:
    found = given.town.get("sending")
    return found if isinstance(found, dict) else {}


def _card_areas(given: Given) -> Iterator[Finding]:
    known = [*_areas(given), *_battalions(given), *get_args(AreaClass)]
    if given.doubtful(f.POLYGONS) or given.doubtful(f.STATIONS):
        return
    for index, card in tables(given.town.get("run_cards")):
        for place, name in texts(card.get("areas")):
            if name not in known:
                at = given.place(f.TOWN, "run_cards", index, "areas", place)
                values = {"card": text_of(card, "code"), "area": name, "like": alike(name, known)}
                yield finding("unknown-area-of-card", f.TOWN.name, at, **values)


def _alarm_types(given: Given) -> Iterator[Finding]:
    types = _types(given)
    for index, card in tables(given.town.get("run_cards")):
        for level, alarm in tables(card.get("alarms")):
            for number, need in tables(alarm.get("adds")):
                for _place, wanted in texts(need.get("types")):
                    if wanted not in types:
                        path = ("run_cards", index, "alarms", level, "adds", number)
                        values = {"card": text_of(card, "code"), "code": wanted}
                        like = alike(wanted, types)
                        at = given.place(f.TOWN, *path)
                        yield finding("unknown-type", f.TOWN.name, at, **values, like=like)


def _named(sending: Table) -> Iterator[tuple[str, Path]]:
    """Yield every type of unit that the rules name, with its path below ``sending``."""
    for index, crew in tables(sending.get("staffing")):
        if code := text_of(crew, "unit_type"):
            yield code, ("staffing", index, "unit_type")
    for key in ("rest", "cover", "mutual_aid"):
        for index, rule in tables(sending.get(key)):
            for place, code in texts(rule.get("types")):
                yield code, (key, index, "types", place)
    expected = sending.get("expected")
    for place, code in texts(expected.get("types")) if isinstance(expected, dict) else ():
        yield code, ("expected", "types", place)


def _rule_types(given: Given) -> Iterator[Finding]:
    types = _types(given)
    for code, path in _named(_sending(given)):
        if code not in types:
            at = given.place(f.TOWN, "sending", *path)
            values = {"code": code, "like": alike(code, types)}
            yield finding("unknown-type-of-rule", f.TOWN.name, at, **values)


def _rule_places(given: Given) -> Iterator[Finding]:
    """Find rules of cover for places there are not, and those that hold nowhere."""
    if given.doubtful(f.POLYGONS) or given.doubtful(f.STATIONS):
        return
    sending = _sending(given)
    areas = _areas(given)
    known_by = {
        "station": _stations(given), "battalion": _battalions(given), "neighborhood": areas,
    }  # fmt: skip
    for index, rule in tables(sending.get("cover")):
        each = text_of(rule, "each") or "battalion"
        known, code = known_by.get(each, []), text_of(rule, "code")
        at = given.place(f.TOWN, "sending", "cover", index)
        if not known:
            yield finding("rule-without-place", f.TOWN.name, at, rule=code, each=each)
        for place, name in texts(rule.get("only")) if known else ():
            if name not in known:
                spot = given.place(f.TOWN, "sending", "cover", index, "only", place)
                yield _place(code, each, name, known, spot)
    expected = sending.get("expected")
    demand = expected.get("demand") if isinstance(expected, dict) else None
    for name in demand if isinstance(demand, dict) else ():
        if name not in areas:
            spot = given.place(f.TOWN, "sending", "expected", "demand", name)
            yield _place("expected", "neighborhood", name, areas, spot)


def _place(rule: str, each: str, name: str, known: Iterable[str], spot: Place) -> Finding:
    values = {"rule": rule, "each": each, "name": name, "like": alike(name, list(known))}
    return finding("unknown-place-of-rule", f.TOWN.name, spot, **values)
