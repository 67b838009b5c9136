"""Places on the town's streets, for a load that is spread over it."""

from __future__ import annotations

import random
from pathlib import Path

from answerable.place.town_places import load_places

PLACES = 400


def street_places(folder: Path, seed: int = 1) -> tuple[tuple[float, float], ...]:
    """Return positions of junctions (WGS84 degrees) drawn from the town's streets."""
    roads = load_places(folder).roads
    usable = roads.usable.nonzero()[0].tolist()
    chance = random.Random(seed)  # noqa: S311 - places of a load, not a secret
    chosen = chance.sample(usable, min(PLACES, len(usable)))
    return tuple((float(roads.lon[node]), float(roads.lat[node])) for node in chosen)
