"""``answerable referrals try``: which rule past calls would have fired, and which were passed over.

Nothing is referred. Exit codes: 0 done, 2 the rules, the town, the mapping or the record cannot be
used.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

import msgspec

from answerable.console import tongue
from answerable.console.language import Language, _, language
from answerable.console.referring.sheet import LACKS
from answerable.console.trying.past_calls import source_of
from answerable.console.trying.refusals import NotTried
from answerable.exchange.calls.plan import OTHER
from answerable.exchange.calls.problems import SourceRefused
from answerable.exchange.calls.rows import SourceFile, SourceRow
from answerable.place.errors import PlaceError
from answerable.place.town_places import load_places
from answerable.towns.load import TownRefused, load_town, town_folder
from answerable.towns.model import Town
from answerable.towns.referring import Facts, ReferralFile

BYTES_MAX = 1_000_000
SHOWN_MAX = 3


class Asked(NamedTuple):
    """What is to be tried on what. None: the town's own."""

    file: Path
    on: Path | None = None
    town: str = "san_francisco"
    mapping: Path | None = None


class Tried(msgspec.Struct, frozen=True):
    """What came of one rule: how often it fired, and what did not fit where it was passed over."""

    rule: str
    agency: str
    fired: int
    passed: dict[str, int]
    first: tuple[str, ...]
    """Some of the incidents it fired for."""


class Trial(msgspec.Struct, frozen=True):
    """What came of all rules over a record."""

    incidents: int
    days: float
    referred: int
    rules: tuple[Tried, ...]


def run_try(
    asked: Asked, *, as_json: bool, out: TextIO | None = None, err: TextIO | None = None
) -> int:
    """Try rules on a record and print what came of it; returns the exit code."""
    out, err = out or sys.stdout, err or sys.stderr
    try:
        found = tried(asked)
    except (NotTried, SourceRefused, TownRefused, PlaceError) as refusal:
        print(str(refusal), file=err)
        return 2
    if as_json:
        out.write(msgspec.json.encode(found).decode() + "\n")
    else:
        out.write("\n".join(told(found, language(tongue.tag()))) + "\n")
    return 0


def tried(asked: Asked) -> Trial:
    """Read everything and try the rules. Raises NotTried and what a town or a record raises."""
    folder = town_folder(asked.town)
    town = load_town(folder)
    file = read_rules(asked.file)
    town.places = load_places(folder)
    source = source_of(asked.on, asked.mapping, asked.town)
    return trial(file, source, town)


def read_rules(path: Path) -> ReferralFile:
    """Read a file of rules. Raises NotTried."""
    try:
        with path.open("rb") as file:
            body = file.read(BYTES_MAX + 1)
        if len(body) > BYTES_MAX:
            raise ValueError(f"it has more than {BYTES_MAX:,} bytes")
        return msgspec.toml.decode(body, type=ReferralFile)
    except OSError as error:
        why = error.strerror or str(error)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        why = str(error)
    raise NotTried(
        f"Not tried: the rules in {path}.", f"They cannot be used: {why}.",
        "Correct the file; the reference page of referral.toml lists its keys.",
    )  # fmt: skip


def trial(file: ReferralFile, source: SourceFile, town: Town) -> Trial:
    """Ask the rules about every incident of a record, once each."""
    fired: dict[str, list[str]] = {rule.code: [] for rule in file.rules}
    passed: dict[str, Counter[str]] = {rule.code: Counter() for rule in file.rules}
    incidents, moments = 0, []
    for row in once(source.rows):
        incidents += 1
        moments += [at for at in row.at if at is not None][:1]
        found = file.fires(facts_of(row, town))
        for code, lack in found.passed:
            passed[code][lack] += 1
        if found.rule is not None:
            fired[found.rule.code].append(row.incident)
    days = (max(moments) - min(moments)) / 86_400_000_000 if moments else 0.0
    rules = tuple(
        Tried(rule.code, rule.agency, len(fired[rule.code]), dict(passed[rule.code]),
              tuple(fired[rule.code][:SHOWN_MAX]))
        for rule in file.rules
    )  # fmt: skip
    return Trial(incidents, round(days, 2), sum(one.fired for one in rules), rules)


def once(rows: Iterable[SourceRow]) -> Iterator[SourceRow]:
    """Yield the first row of every incident."""
    seen: set[str] = set()
    for row in rows:
        name = row.incident or row.call
        if name not in seen:
            seen.add(name)
            yield row


def facts_of(row: SourceRow, town: Town) -> Facts:
    """Return what the rules look at of a recorded incident; its areas are found by its position."""
    here = town.places.locate(*row.point) if row.point and town.places else None
    named = (here.neighborhood, here.battalion, here.area_class) if here else (row.area,)
    kind = row.kind if row.kind in town.kinds else OTHER
    return Facts(kind, row.group, row.priority, tuple(filter(None, named)), row.disposition)


# -- in words --------------------------------------------------------------------------------


def told(found: Trial, lang: Language) -> Iterator[str]:
    """Yield the report for people, line by line."""
    yield lang.say(
        _("{incidents} incidents, {days} days: {referred} would be referred, {rest} fit no rule."),
        incidents=lang.number(found.incidents), days=lang.number(round(found.days, 1)),
        referred=lang.number(found.referred),
        rest=lang.number(found.incidents - found.referred),
    )  # fmt: skip
    for one in found.rules:
        yield ""
        yield lang.say(
            _("{rule} → {agency}: {fired}"), rule=one.rule, agency=one.agency,
            fired=lang.number(one.fired),
        )  # fmt: skip
        lacks = [f"{lang(LACKS.get(lack, lack))} {lang.number(count)}"
                 for lack, count in sorted(one.passed.items())]  # fmt: skip
        if lacks:
            yield "  " + lang.say(_("passed over: {lacks}"), lacks=lang.join(lacks))
        if one.first:
            yield "  " + lang.say(_("for example {incidents}"), incidents=lang.join(one.first))
