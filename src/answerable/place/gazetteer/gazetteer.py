"""The door of the gazetteer: from words to positions, ranked, with reasons. Offline and pure.

`Gazetteer.of(places)` is built once (San Francisco: well under a second); `find(text)` then reads
the text in every way it can be read (`reading.py`), asks the names (`matching.py`), the streets
(`streets.py`) and the numbers (`house_numbers.py`), and ranks what it finds. The same text gives
the same answer. Nothing of a query is kept: it is a caller's words.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from answerable.place.gazetteer import files
from answerable.place.gazetteer.answers import ENOUGH, Answer, Answers
from answerable.place.gazetteer.coordinates import Position, read_position
from answerable.place.gazetteer.files import OtherName, Place
from answerable.place.gazetteer.folding import parts
from answerable.place.gazetteer.found import Found, Reason, Why
from answerable.place.gazetteer.house_numbers import StreetNumbers
from answerable.place.gazetteer.matching import Name, Names, Source
from answerable.place.gazetteer.naming import keys
from answerable.place.gazetteer.reading import Query, read
from answerable.place.gazetteer.streets import Streets
from answerable.place.town_places import Places, load_places

LIMIT_MAX = 20
NEAR_M = 1_000.0
NEAR_BONUS = 0.05
SAME_M = 30.0
AREA_BONUS, AREA_WORDS = 0.03, 4


class Gazetteer:
    """The names of one town, ready to be asked. Make it with `Gazetteer.of`."""

    def __init__(self, places: Places) -> None:
        """Read the town's names; PlaceError where a file of them is wrong."""
        self.places = places
        self.streets = Streets(places.roads)
        self.numbers: dict[int, StreetNumbers] = defaultdict(StreetNumbers)
        self.loose: list[tuple[str, StreetNumbers]] = []
        """Streets that are not on the map, but whose numbers are known."""
        self._read_numbers()
        self.spots: list[Place] = list(self._all_places())
        others = [n for n in files.read_names(places.folder) if isinstance(n, OtherName)]
        self.street_names = Names(self._street_names(others))
        self.spot_names = Names(self._spot_names(others), streets=False)
        self.area_names = {_folded(name): name for name in places.areas.names if name}
        roads = places.roads
        self.box = (
            float(roads.lon.min()), float(roads.lat.min()),
            float(roads.lon.max()), float(roads.lat.max()),
        )  # fmt: skip

    @classmethod
    def of(cls, town: Places | Path) -> Gazetteer:
        """Return the gazetteer of a town's places or folder; PlaceError where it has none."""
        return cls(load_places(town) if isinstance(town, Path) else town)

    # -- building ----------------------------------------------------------------------------

    def _read_numbers(self) -> None:
        """Give every listed number and block to its street."""
        by_key = defaultdict(list)
        for street in self.streets.all:
            for key in keys(street.name):
                by_key[key].append(street.id)
        homes: dict[str, list[int]] = {}
        loose: dict[str, StreetNumbers] = {}

        def home(name: str, lon: float, lat: float) -> StreetNumbers:
            if name not in homes:
                homes[name] = next((by_key[key] for key in keys(name) if key in by_key), [])
            near = self._nearest(homes[name], lon, lat)
            return loose.setdefault(name, StreetNumbers()) if near is None else self.numbers[near]

        for name, number, lon, lat in files.read_addresses(self.places.folder):
            home(name, lon, lat).add(number, lon, lat)
        for name, hundred, lon, lat, learnt in files.read_blocks(self.places.folder):
            home(name, lon, lat).add_block(hundred, lon, lat, learnt)
        self.loose = sorted(loose.items(), key=lambda item: item[0])

    def _nearest(self, streets: Sequence[int], lon: float, lat: float) -> int | None:
        """Return the street nearest to a position; one is taken without measuring."""
        if len(streets) < 2:
            return streets[0] if streets else None
        at = np.array(self.streets.plane.xy(lon, lat))
        apart = {
            street: float(np.hypot(*(self.streets.corners_of(street) - at).T).min())
            for street in streets
        }  # fmt: skip
        return min(apart, key=lambda street: (apart[street], street))

    def _street_names(self, others: Iterable[OtherName]) -> Iterator[Name]:
        """Yield the names of streets; those not on the map are numbered after those that are."""
        told = {names.name: names for names in files.read_street_names(self.places.folder)}
        said: dict[str, list[str]] = defaultdict(list)
        for other in others:
            said[_folded(other.means)].append(other.name)
        for street in self.streets.all:
            names = told.get(street.name)
            yield Name(street.id, street.name, Source.MAP)
            if names:
                yield from _other_names(street.id, names.zh, names.en, names.alt)
            for own in said.get(_folded(street.name), ()):
                yield Name(street.id, own, Source.LOCAL)
        for at, (name, _) in enumerate(self.loose, len(self.streets.all)):
            yield Name(at, name, Source.OTHER)

    def _spot_names(self, others: Iterable[OtherName]) -> Iterator[Name]:
        said: dict[str, list[str]] = defaultdict(list)
        for other in others:
            said[_folded(other.means)].append(other.name)
        for at, spot in enumerate(self.spots):
            yield Name(at, spot.name, Source.LOCAL if spot.local else Source.MAP)
            yield from _other_names(at, spot.zh, spot.en, spot.alt)
            for own in said.get(_folded(spot.name), ()):
                yield Name(at, own, Source.LOCAL)

    def _all_places(self) -> Iterator[Place]:
        """Yield a clerk's own places, the map's, the stations and the areas of the town."""
        for named in files.read_names(self.places.folder):
            if isinstance(named, Place):
                yield named
        yield from files.read_places(self.places.folder)
        for station in self.places.stations.values():
            yield Place(station.name, "", "", (), "station", station.lon, station.lat)
        for name, lon, lat in self.places.areas.middles():
            yield Place(name, "", "", (), files.AREA, lon, lat)

    # -- asking ------------------------------------------------------------------------------

    def find(
        self,
        text: str,
        near: tuple[float, float] | None = None,
        limit: int = 8,
        languages: Sequence[str] = (),
    ) -> list[Found]:
        """Return what a text may mean, the best first; nothing where it means nothing here.

        `near` (longitude, latitude) prefers what lies near it. `languages` are tags: a name in
        one of them is shown beside the map's. Any text is taken; only its beginning is read.
        """
        limit = max(0, min(limit, LIMIT_MAX))
        at = read_position(text, self.box)
        if at is not None:
            return [self._of_position(at)][:limit]
        query = read(text)
        answers = Answers(self, languages)
        found = list(answers.of(query))
        found += self._in_area(query, found, answers)
        return [self._told(a) for a in self._ranked(found, near, query, answers)[:limit]]

    def _in_area(self, query: Query, found: list[Answer], answers: Answers) -> list[Answer]:
        """Return the answers to a text that ends in the name of an area: "Landstrasse 3, Schaan".

        A comma says that it is one; without it, it is tried only where nothing else fits.
        """
        comma = query.text.rfind(",")
        named = self._area_at_end(query.text)
        if named is None or (comma < 0 and max((a.score for a in found), default=0.0) >= ENOUGH):
            return []
        area, rest = named
        inside = []
        for answer in answers.of(read(rest)):
            lies_in = self.places.areas.at(answer.lon, answer.lat).neighborhood
            if answer.kind != "area" and lies_in == area:
                inside.append(answer.raised(AREA_BONUS, None))
        return inside

    def _area_at_end(self, text: str) -> tuple[str, str] | None:
        """Return the area whose name ends a text, and what stands before it."""
        words = text.replace(",", " , ").split()
        for at in range(max(1, len(words) - AREA_WORDS), len(words)):
            area = self.area_names.get(_folded(" ".join(words[at:])))
            if area and parts(" ".join(words[:at])):
                return area, " ".join(words[:at]).strip(" ,")
        return None

    def _of_position(self, at: Position) -> Found:
        reasons = [Reason(Why.PLUS_CODE if at.plus else Why.COORDINATES)]
        reasons += [Reason(Why.TURNED)] if at.swapped else []
        address = f"{at.lat:.5f}, {at.lon:.5f}"
        return self._told(
            Answer("coordinates", address, at.lon, at.lat, "point", 1.0, tuple(reasons))
        )

    def _ranked(
        self,
        found: list[Answer],
        near: tuple[float, float] | None,
        query: Query,
        answers: Answers,
    ) -> list[Answer]:
        """Order answers by how well they fit, then by how near they are; each place once."""
        hint = answers.hinted(query)
        pulled = [self._pulled(answer, near, hint) for answer in found]
        pulled.sort(key=lambda a: (-a.score, a.address, a.lon, a.lat))
        kept: list[Answer] = []
        for answer in pulled:
            if not any(self._same(answer, other) for other in kept):
                kept.append(answer)
            if len(kept) == LIMIT_MAX:
                break
        return kept

    def _pulled(
        self,
        answer: Answer,
        near: tuple[float, float] | None,
        hint: tuple[str, float, float] | None,
    ) -> Answer:
        """Raise an answer that lies near the incident, or near what was named beside it."""
        if near is not None:
            apart_m = self.apart_m((answer.lon, answer.lat), near)
            answer = answer.raised(
                NEAR_BONUS / (1 + apart_m / NEAR_M),
                Reason(Why.NEAR) if apart_m < NEAR_M else None,
            )
        if hint is not None:
            apart_m = self.apart_m((answer.lon, answer.lat), hint[1:])
            if 1 < apart_m < NEAR_M:
                answer = answer.raised(
                    NEAR_BONUS / (1 + apart_m / NEAR_M), Reason(Why.HINT, {"hint": hint[0]})
                )
        return answer

    def apart_m(self, one: tuple[float, float], other: tuple[float, float]) -> float:
        """Return the distance of two positions in metres."""
        plane = self.streets.plane
        return math.dist(plane.xy(*one), plane.xy(*other))

    def _same(self, one: Answer, other: Answer) -> bool:
        if one.address != other.address and one.precision != other.precision:
            return False
        return self.apart_m((one.lon, one.lat), (other.lon, other.lat)) <= SAME_M

    def _told(self, answer: Answer) -> Found:
        """Return an answer with what the town says of its position."""
        where = self.places.locate(answer.lon, answer.lat)
        reasons = list(answer.reasons)
        if where.neighborhood and where.neighborhood != answer.address:
            reasons.append(Reason(Why.IN_AREA, {"area": where.neighborhood}))
        if not where.inside:
            reasons.append(Reason(Why.OUTSIDE))
        if where.far:
            reasons.append(Reason(Why.FAR, {"metres": f"{where.distance_m:.0f}"}))
        return Found(
            kind=answer.kind,
            address=answer.address,
            door=answer.door,
            lon=round(float(answer.lon), 6),
            lat=round(float(answer.lat), 6),
            precision=answer.precision,
            confidence=round(max(0.0, min(1.0, answer.score)), 2),
            reasons=tuple(reasons),
            area=where.neighborhood,
            inside=where.inside,
            junction=where.node,
            street_m=round(where.distance_m, 1),
        )


def _folded(text: str) -> str:
    return "|".join(f"{key.base}.{key.kind}" for key in keys(text)[:1])


def _other_names(thing: int, zh: str, en: str, alt: Iterable[str]) -> Iterator[Name]:
    if zh:
        yield Name(thing, zh, Source.CHINESE)
    if en:
        yield Name(thing, en, Source.ENGLISH)
    for other in alt:
        yield Name(thing, other, Source.OTHER)
