"""Blocks that no call names are worked out from those that are: on a made-up grid, exactly."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from answerable.place.gazetteer.streets import Streets
from answerable.place.roads import Segment, graph_of
from tools.numbering import Known, Numbering

STEP = 0.001  # about 111 m
SIDE = 8


def grid() -> Streets:
    """A grid of streets: Row 0 to 7 go east, Column 0 to 7 go north, a hundred numbers a block."""
    segments = []
    for line in range(SIDE):
        for step in range(SIDE - 1):
            for name, a, b in (
                (f"Row {chr(65 + line)} St", (step, line), (step + 1, line)),
                (f"Column {chr(65 + line)} Ave", (line, step), (line, step + 1)),
            ):
                told = {
                    "id": len(segments), "from": a[0] * 100 + a[1], "to": b[0] * 100 + b[1],
                    "name": name, "class": "street", "mph": 25.0, "m": 111.0,
                }  # fmt: skip
                coordinates = [[x * STEP, y * STEP] for x, y in (a, b)]
                segments.append(
                    {"type": "Feature", "properties": told,
                     "geometry": {"type": "LineString", "coordinates": coordinates}}
                )  # fmt: skip
    return Streets(graph_of(msgspec.convert(segments, list[Segment]), "grid"))


@pytest.fixture(scope="module")
def streets() -> Streets:
    return grid()


def block(streets: Streets, name: str, hundred: int) -> Known:
    """Return where a block really is: in the middle of its segment."""
    street = streets.by_name[name][0]
    along = (hundred / 100 + 0.5) * STEP
    across = (ord(name.split()[1]) - 65) * STEP
    at = (along, across) if name.startswith("Row") else (across, along)
    return Known(street.id, hundred, *at)


def found(streets: Streets, known: list[Known]) -> dict[tuple[str, int], tuple[float, float]]:
    worked_out = Numbering(streets).blocks(known)
    return {(streets.all[k.street].name, k.hundred): (k.lon, k.lat) for k in worked_out}


def off_m(streets: Streets, got: tuple[float, float], true: Known) -> float:
    plane = streets.plane
    return float(np.hypot(*np.subtract(plane.xy(*got), plane.xy(true.lon, true.lat))))


def test_the_blocks_between_known_ones_of_a_street_are_found(streets):
    known = [block(streets, "Row C St", 0), block(streets, "Row C St", 600)]
    got = found(streets, known)
    for hundred in (100, 200, 300, 400, 500):
        true = block(streets, "Row C St", hundred)
        assert off_m(streets, got["Row C St", hundred], true) < 20


def test_a_street_gains_numbers_between_two_crossings_as_its_neighbours_do(streets):
    """Its neighbours skip a hundred after the second block: so does it, though nobody said so."""
    skipped = {0: 0, 100: 100, 200: 300, 300: 400, 400: 500, 500: 600}
    known = [block(streets, "Row D St", 0)]
    for name in ("Row B St", "Row C St", "Row E St", "Row F St"):
        for place, hundred in skipped.items():
            known.append(block(streets, name, place)._replace(hundred=hundred))
    got = found(streets, known)
    for place, hundred in list(skipped.items())[2:]:
        true = block(streets, "Row D St", place)
        assert off_m(streets, got["Row D St", hundred], true) < 20


def test_a_known_block_is_not_answered_again_and_nothing_known_still_answers(streets):
    known = [block(streets, "Row A St", 100)]
    assert ("Row A St", 100) not in found(streets, known)
    assert found(streets, [])
