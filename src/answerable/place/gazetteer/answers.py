"""From the readings of a text to answers: each reading is asked of the town, each answer weighed.

A score is the product of how well the names fit and how much the reading deserves; it says how
well the words fit, and orders the answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from answerable.place.gazetteer.files import AREA, Place
from answerable.place.gazetteer.found import Precision, Reason, Why
from answerable.place.gazetteer.house_numbers import Spot, StreetNumbers
from answerable.place.gazetteer.matching import How, Match, Source
from answerable.place.gazetteer.reading import Between, Crossing, Named, Numbered, Query
from answerable.place.gazetteer.streets import Corner, Street

if TYPE_CHECKING:
    from answerable.place.gazetteer.gazetteer import Gazetteer

ENOUGH = 0.8
"""Below this the words are looked through for the names of streets, whatever stands between."""
PAIRS = 6
"""Names tried on each side of a crossing."""
NO_MEETING, NO_NUMBER, BESIDE, BETWEEN_KNOWN, WORKED_OUT, NEARLY = 0.55, 0.79, 0.9, 0.96, 0.97, 0.9
SPOTTED = 0.86
LONG_M, LONG_BONUS = 5_000.0, 0.004
"""Of two streets of one name the longer is meant a little more often."""
SPOT_WORDS, SPOT_RUN = 14, 5
LOCAL_BONUS = 0.02

Kind = Literal["coordinates", "house", "block", "crossing", "street", "place", "area"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A position with its score and reasons, before the town says where it lies."""

    kind: Kind
    address: str
    lon: float
    lat: float
    precision: Precision
    score: float
    reasons: tuple[Reason, ...]
    door: str = ""

    def raised(self, by: float, reason: Reason | None) -> Answer:
        """Return it with a higher score, and why."""
        more = () if reason is None or reason in self.reasons else (reason,)
        return replace(self, score=self.score + by, reasons=self.reasons + more)


HOWS = {
    How.EXACT: Why.EXACT, How.KIND: Why.OTHER_KIND, How.SPELT: Why.SPELT, How.BEGUN: Why.BEGUN,
    How.WORDS: Why.WORDS, How.SOUNDS: Why.SOUNDS,
}  # fmt: skip
SOURCES = {
    Source.OTHER: Why.ALSO, Source.ENGLISH: Why.ENGLISH, Source.CHINESE: Why.CHINESE,
    Source.LOCAL: Why.LOCAL,
}  # fmt: skip


class Answers:
    """The answers to one query."""

    def __init__(self, gazetteer: Gazetteer, languages: Sequence[str] = ()) -> None:
        self.g = gazetteer
        self.languages = tuple(languages)
        self._streets: dict[tuple[str, bool], list[Match]] = {}

    def of(self, query: Query) -> Iterator[Answer]:
        """Yield the answers to every reading of a query."""
        found: list[Answer] = []
        for reading in query.readings:
            match reading:
                case Numbered():
                    found += self._numbered(reading)
                case Crossing():
                    found += self._crossing(reading)
                case Between():
                    found += self._between(reading)
                case Named():
                    found += self._named(reading)
        if max((answer.score for answer in found), default=0.0) < ENOUGH:
            found += self._spotted(query)
        yield from found

    def hinted(self, query: Query) -> tuple[str, float, float] | None:
        """Return the place that was named beside the one asked for, where the town has it."""
        for hint in query.hints:
            for match in self.g.spot_names.find(hint, 1):
                if match.score >= ENOUGH:
                    spot = self.g.spots[match.name.thing]
                    return spot.name, spot.lon, spot.lat
        return None

    # -- names -------------------------------------------------------------------------------

    def _matches(self, text: str, wide: bool = False) -> list[Match]:
        """Return the streets a text may name; `wide` also those spelt nearly so."""
        key = (text, wide)
        if key not in self._streets:
            self._streets[key] = self.g.street_names.find(text, wide=wide)
        return self._streets[key]

    def _street(self, match: Match) -> Street | None:
        """Return the street of a match, None for one that is not on the map."""
        at = match.name.thing
        return self.g.streets.all[at] if at < len(self.g.streets.all) else None

    def _name(self, match: Match) -> str:
        at, known = match.name.thing, len(self.g.streets.all)
        return self.g.streets.all[at].name if at < known else self.g.loose[at - known][0]

    def _numbers(self, match: Match) -> StreetNumbers | None:
        at, known = match.name.thing, len(self.g.streets.all)
        return self.g.numbers.get(at) if at < known else self.g.loose[at - known][1]

    def _reasons(self, match: Match, typed: str, name: str) -> tuple[Reason, ...]:
        """Return why a name was taken: how it was recognised, and by which of its names."""
        why = HOWS[match.how]
        holes = {"name": match.name.text}
        if "{typed}" in why.value:
            holes["typed"] = typed
        told = [Reason(why, holes)]
        source = SOURCES.get(match.name.source)
        if source is not None and match.name.text != name:
            told.append(Reason(source, {"name": name, "other": match.name.text}))
        return tuple(told)

    # -- numbers and blocks ------------------------------------------------------------------

    def _numbered(self, asked: Numbered) -> list[Answer]:
        """Return the places of a number; where no sure street has it, of streets spelt so."""
        found = list(self._of_number(asked, wide=False))
        if any(answer.kind in ("house", "block") for answer in found):
            return found
        return found + list(self._of_number(asked, wide=True))

    def _of_number(self, asked: Numbered, wide: bool) -> Iterator[Answer]:
        for match in self._matches(asked.street, wide):
            name, numbers = self._name(match), self._numbers(match)
            why = self._reasons(match, asked.street, name)
            hundred = asked.number - asked.number % 100
            spot = None
            if numbers is not None:
                by_block = asked.block or (not asked.letter and asked.number in numbers.blocks)
                spot = (
                    numbers.block(hundred) if by_block else numbers.find(asked.number, asked.letter)
                )
            if spot is not None:
                yield self._at_number(asked, match, name, numbers, spot, why).raised(
                    self._longer(self._street(match)), None
                )
            elif street := self._street(match):
                lon, lat = self.g.streets.middle(street)
                yield Answer(
                    "street", name, lon, lat, "street", match.score * asked.weight * NO_NUMBER,
                    (*why, Reason(Why.NO_NUMBER)), f"{asked.number}{asked.letter} {name}",
                )  # fmt: skip

    def _longer(self, street: Street | None) -> float:
        if street is None:
            return 0.0
        return LONG_BONUS * min(1.0, self.g.streets.length_m(street) / LONG_M)

    def _at_number(
        self,
        asked: Numbered,
        match: Match,
        name: str,
        numbers: StreetNumbers | None,
        spot: Spot,
        why: tuple[Reason, ...],
    ) -> Answer:
        """Weigh one number of one street: the address names its block, the door the number."""
        number = f"{asked.number}{asked.letter}"
        hundred = asked.number - asked.number % 100
        street = self._street(match)
        lon, lat = spot.lon, spot.lat
        if street and spot.sure in ("between", "beside"):
            lon, lat = self.g.streets.onto(street, lon, lat)
        factor, reason = {
            "listed": (1.0, Reason(Why.HOUSE, {"number": number})),
            "block": (1.0, Reason(Why.BLOCK, {"block": str(hundred)})),
            "between": (BETWEEN_KNOWN, Reason(Why.INTERPOLATED, {"number": number})),
            "beside": (BESIDE, Reason(Why.BESIDE, {"number": number})),
        }[spot.sure]
        if spot.sure == "block" and not spot.learnt:
            factor, reason = WORKED_OUT, Reason(Why.WORKED_OUT, {"block": str(hundred)})
        by_hundreds = numbers is not None and bool(numbers.blocks)
        bounds = self.g.streets.between(street, lon, lat) if street else ("", "")
        told = (*why, reason)
        if all(bounds):
            told += (Reason(Why.BETWEEN, {"one": bounds[0], "other": bounds[1]}),)
        address = (
            f"{hundred} Block of {name}" if asked.block or by_hundreds else _block(name, bounds)
        )
        is_door = not asked.block and asked.number not in (numbers.blocks if numbers else ())
        return Answer(
            "house" if spot.sure == "listed" and not asked.block else "block",
            address, lon, lat,
            "point" if spot.sure == "listed" else "street" if spot.sure == "beside" else "block",
            match.score * asked.weight * factor, told,
            f"{number} {name}" if is_door else "",
        )  # fmt: skip

    # -- crossings ---------------------------------------------------------------------------

    def _crossing(self, asked: Crossing, *, exact: bool = False) -> list[Answer]:
        """Return where two streets meet; where none of their names do, each street by itself."""
        found = list(self._corners(asked, wide=False))
        if not found and not exact:
            found = list(self._corners(asked, wide=True))
        if found or exact:
            return found
        return list(self._apart(asked))

    def _corners(self, asked: Crossing, wide: bool) -> Iterator[Answer]:
        for left in self._matches(asked.one, wide)[:PAIRS]:
            for right in self._matches(asked.other, wide)[:PAIRS]:
                one, other = self._street(left), self._street(right)
                if one is None or other is None or one.id == other.id:
                    continue
                for corner in self.g.streets.corners(one, other):
                    yield self._at_corner(asked, left, right, one, other, corner)

    def _at_corner(
        self,
        asked: Crossing,
        left: Match,
        right: Match,
        one: Street,
        other: Street,
        corner: Corner,
    ) -> Answer:
        names = {"one": one.name, "other": other.name}
        score = left.score * right.score * asked.weight
        reason = Reason(Why.CROSSING, names)
        if corner.apart_m:
            score *= NEARLY
            reason = Reason(Why.NEARLY, {**names, "metres": f"{corner.apart_m:.0f}"})
        told = [reason]
        for match, typed, name in ((left, asked.one, one.name), (right, asked.other, other.name)):
            if match.how is not How.EXACT or match.name.source is not Source.MAP:
                told += self._reasons(match, typed, name)
        return Answer(
            "crossing", f"{one.name} / {other.name}", corner.lon, corner.lat, "point", score,
            tuple(told),
        )  # fmt: skip

    def _apart(self, asked: Crossing) -> Iterator[Answer]:
        left, right = self._matches(asked.one)[:2], self._matches(asked.other)[:2]
        for match, typed in (*((m, asked.one) for m in left), *((m, asked.other) for m in right)):
            street = self._street(match)
            if street is None:
                continue
            told = self._reasons(match, typed, street.name)
            if left and right:
                names = {"one": self._name(left[0]), "other": self._name(right[0])}
                told += (Reason(Why.NO_CROSSING, names),)
            yield self._along(street, match.score * asked.weight * NO_MEETING, told)

    def _between(self, asked: Between) -> Iterator[Answer]:
        """Yield the block of a street between two crossings."""
        ends = [self._crossing(Crossing(asked.street, end), exact=True) for end in asked[1:3]]
        for one, other in ((a, b) for a in ends[0][:2] for b in ends[1][:2]):
            name = one.address.split(" / ")[0]
            if name != other.address.split(" / ")[0]:
                continue
            bounds = (one.address.split(" / ")[1], other.address.split(" / ")[1])
            street = self.g.streets.by_name[name][0]
            middle = ((one.lon + other.lon) / 2, (one.lat + other.lat) / 2)
            reason = Reason(Why.BETWEEN, {"one": bounds[0], "other": bounds[1]})
            yield Answer(
                "block", _block(name, bounds), *self.g.streets.onto(street, *middle), "block",
                min(one.score, other.score), (reason, *one.reasons[1:], *other.reasons[1:]),
            )  # fmt: skip

    # -- names alone -------------------------------------------------------------------------

    def _named(self, asked: Named) -> Iterator[Answer]:
        for match in self._matches(asked.text):
            if street := self._street(match):
                told = self._reasons(match, asked.text, street.name)
                yield self._along(street, match.score * asked.weight, told)
        for match in self.g.spot_names.find(asked.text):
            spot = self.g.spots[match.name.thing]
            is_local = match.name.source is Source.LOCAL
            told = self._reasons(match, asked.text, spot.name)
            if is_local and spot.local:
                told = (*told, Reason(Why.LOCAL, {"other": spot.name}))
            yield self._at_spot(spot, match.score * asked.weight + LOCAL_BONUS * is_local, told)

    def _at_spot(self, spot: Place, score: float, told: tuple[Reason, ...]) -> Answer:
        if spot.kind == AREA:
            told = (*told, Reason(Why.MIDDLE))
            return Answer("area", spot.name, spot.lon, spot.lat, "area", score - 0.01, told)
        shown = spot.zh if "zh" in self._shown() and spot.zh else spot.name
        address = spot.name if shown == spot.name else f"{spot.name} ({shown})"
        return Answer("place", address, spot.lon, spot.lat, "point", score, told)

    def _shown(self) -> set[str]:
        return {tag.split("-")[0] for tag in self.languages}

    def _along(self, street: Street, score: float, told: tuple[Reason, ...]) -> Answer:
        lon, lat = self.g.streets.middle(street)
        return Answer("street", street.name, lon, lat, "street", score + self._longer(street), told)

    # -- words among others ------------------------------------------------------------------

    def _spotted(self, query: Query) -> Iterator[Answer]:
        """Look through the words for names: "there's smoke on mission, I think 16th"."""
        spotted = list(self._runs(list(query.words[:SPOT_WORDS])))
        for (_, one), (_, other) in pairwise(spotted):
            yield from self._crossing(Crossing(one, other, SPOTTED), exact=True)
        for number, text in spotted[:3]:
            if number is not None:
                yield from self._numbered(Numbered(number, "", text, weight=SPOTTED))
            yield from self._named(Named(text, SPOTTED * 0.85 if len(spotted) == 1 else 0.5))

    def _runs(self, words: list[str]) -> Iterator[tuple[int | None, str]]:
        """Yield the longest runs of words that are just a name, with a number before them."""
        at = 0
        while at < len(words):
            for size in range(min(SPOT_RUN, len(words) - at), 0, -1):
                text = " ".join(words[at : at + size])
                if self._is_name(text):
                    before = words[at - 1] if at else ""
                    yield (int(before) if before.isdecimal() else None), text
                    at += size - 1
                    break
            at += 1

    def _is_name(self, text: str) -> bool:
        names = (self.g.street_names, self.g.spot_names)
        return any(m.how is How.EXACT for of in names for m in of.exact(text))


def _block(name: str, bounds: tuple[str, str]) -> str:
    """Name a block by the streets that bound it, where both have names."""
    return f"{name}, {bounds[0]} – {bounds[1]}" if all(bounds) else name
