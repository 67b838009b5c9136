"""Checks of ``outcomes.toml``: names that mean nothing, empty lists, words missing."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from answerable.towns import files as f
from answerable.towns.check.alike import alike
from answerable.towns.check.finding import Finding, finding
from answerable.towns.check.given import Given, Table, tables, text_of, texts
from answerable.towns.outcomes import OutcomesFile
from answerable.towns.titles import ENGLISH, Title

PART = f.OUTCOMES
SORTS = {"agency": "The agency", "outcome": "The outcome", "report": "The report rule"}

SORTS_OF_NAMES = {
    "kinds": "kind", "disciplines": "discipline", "unit_types": "type of unit",
    "agencies": "agency",
}  # fmt: skip
"""What a name is, by the key under which it stands."""


def check_outcomes(given: Given) -> Iterator[Finding]:
    """Find names there are not, codes given twice, crews that owe what they cannot choose."""
    if not given.has(PART) or not given.town:
        return
    known = _known(given)
    for key, what in SORTS.items():
        first: dict[str, int] = {}
        for index, item in tables(given.outcomes.get(key)):
            code = text_of(item, "code") or str(index + 1)
            at = given.place(PART, key, index)
            if key != "report" and first.setdefault(code, at.line) != at.line:
                values = {"what": what, "code": code, "first": first[code]}
                yield finding("double-code", PART.name, at, **values)
            yield from _named(given, what, code, (key, index), item, known)
            yield from _unsaid(given, what, code, (key, index), item)
    if not given.doubtful(PART):
        yield from _nothing_to_choose(given)


def _known(given: Given) -> dict[str, list[str]]:
    """Return which names there are, by the key that names them."""
    kinds = [kind for _i, kind in tables(given.town.get("kinds"))]
    types = tables(given.town.get("unit_types"))
    return {
        "kinds": [text_of(kind, "code") for kind in kinds],
        "disciplines": [text_of(kind, "discipline") for kind in kinds],
        "unit_types": [text_of(one, "code") for _i, one in types],
        "agencies": [text_of(one, "code") for _i, one in tables(given.outcomes.get("agency"))],
    }


def _named(
    given: Given, what: str, code: str, at: tuple[str, int], item: Table,
    known: dict[str, list[str]],
) -> Iterator[Finding]:  # fmt: skip
    for key, names in known.items():
        for index, name in texts(item.get(key)):
            if name not in names:
                place = given.place(PART, *at, key, index)
                values = {"what": what, "code": code, "sort": SORTS_OF_NAMES[key], "name": name}
                like = alike(name, sorted(set(names)))
                yield finding("outcomes-unknown", PART.name, place, like=like, **values)


def _unsaid(
    given: Given, what: str, code: str, at: tuple[str, int], item: Table
) -> Iterator[Finding]:
    for key in ("title", "because"):
        said = item.get(key)
        if not isinstance(said, dict):
            continue
        title = Title({tag: text for tag, text in said.items() if isinstance(text, str)})
        for _i, language in texts(given.town.get("languages", ["en", "zh-CN"])):
            if language != ENGLISH and not title.tag_for(language):
                values = {"what": what, "code": code, "language": language}
                yield finding("script-unsaid", PART.name, given.place(PART, *at, key), **values)


def _nothing_to_choose(given: Given) -> Iterator[Finding]:
    """Yield the agencies whose crews owe a report of a kind for which they are offered nothing."""
    file = msgspec.convert(given.outcomes, OutcomesFile)
    for agency in file.agencies:
        for _i, kind in tables(given.town.get("kinds")):
            about = (text_of(kind, "code"), text_of(kind, "discipline"), agency.code)
            if file.owes(*about) and not file.listed(*about):
                yield finding("outcomes-none", PART.name, agency=agency.code, kind=about[0])
