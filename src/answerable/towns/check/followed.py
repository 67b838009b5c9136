"""Checks of what follows a call: ``following.toml`` and ``support.toml`` name what there is."""

from __future__ import annotations

from collections.abc import Iterator

from answerable.towns import files as f
from answerable.towns.check.alike import alike
from answerable.towns.check.finding import Finding, finding
from answerable.towns.check.given import Given, tables, text_of, texts
from answerable.towns.load import read_matters

BARS = ("kinds", "alarms")
"""The keys of [barred] that name kinds of incident."""


def check_following(given: Given) -> Iterator[Finding]:
    """Find kinds whose callers are not to be rung and that the town does not have.

    A name written wrong would have those people rung after all, so it is told with its line.
    """
    barred = given.following.get("barred")
    if not given.has(f.FOLLOWING) or not given.town or not isinstance(barred, dict):
        return
    kinds = [
        code for _i, kind in tables(given.town.get("kinds")) if (code := text_of(kind, "code"))
    ]
    for key in BARS:
        for index, kind in texts(barred.get(key)):
            if kind not in kinds:
                at = given.place(f.FOLLOWING, "barred", key, index)
                like = alike(kind, kinds)
                yield finding("following-kind", f.FOLLOWING.name, at, kind=kind, like=like)


def check_support(given: Given) -> Iterator[Finding]:
    """Find helpers that there are not, and a complaint of a kind that no matter has."""
    if not given.has(f.SUPPORT) or not given.town or given.doubtful(f.SUPPORT):
        return
    known = _helpers(given)
    for index, kind in tables(given.support.get("kind")):
        for place, name in texts(kind.get("by")):
            if name not in known:
                at = given.place(f.SUPPORT, "kind", index, "by", place)
                values = {"code": text_of(kind, "code"), "name": name, "like": alike(name, known)}
                yield finding("support-unknown", f.SUPPORT.name, at, **values)
    wanted, kinds = text_of(given.support, "complaint_kind"), _matters(given)
    if wanted and wanted not in kinds:
        at = given.place(f.SUPPORT, "complaint_kind")
        values = {"kind": wanted, "like": alike(wanted, kinds)}
        yield finding("support-complaint", f.SUPPORT.name, at, **values)


def _helpers(given: Given) -> list[str]:
    """Return who can be named to give support: units, their types, stations, agencies."""
    stations = [text_of(one.get("properties", {}), "id") for _at, one in given.stations]
    listed = [*tables(given.town.get("unit_types")), *tables(given.support.get("agency"))]
    units = [line.values["unit"] for line in given.units]
    return sorted({*stations, *units, *(text_of(one, "code") for _i, one in listed)})


def _matters(given: Given) -> list[str]:
    """Return the kinds of tracked matters: the town's, or those that come with the product."""
    if given.has(f.MATTERS):
        return [text_of(one, "code") for _i, one in tables(given.matters.get("kind"))]
    return [one.code for one in read_matters(given.folder / f.MATTERS.name).kinds]
