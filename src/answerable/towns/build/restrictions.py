"""Turn restrictions: counted by type, and not honoured. The page that shows times says so.

A crew with lights and sirens is exempt from them in most countries, and the map cannot say which
ones stand for a kerb or a wall; the times are those of a crew that may turn anywhere. What the
count is good for: how far that is from the truth in this town.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from answerable.towns.build.source import OsmData, Relation, Tags
from answerable.towns.build.tags import Drive

FOR_CREWS = ("emergency", "motor_vehicle", "vehicle")
OTHERS = ("hgv", "bus", "bicycle", "caravan", "coach", "agricultural", "hazmat", "psv", "foot")


class Restrictions(msgspec.Struct):
    """What the map says about turning. The counts by type are of all relations of the kind."""

    in_map: int = 0
    by_type: dict[str, int] = msgspec.field(default_factory=Counter)
    on_driven_streets: int = 0
    """Those whose ways are all driven: what a car driver would have to keep here."""
    via_way: int = 0
    conditional: int = 0
    not_for_crews: int = 0
    """Those that except emergency vehicles, or are for other vehicles only (buses, lorries)."""
    broken: int = 0
    """Those without a way to come from, to go to, or a place to turn at."""


def restrictions_of(data: OsmData, drives: dict[int, Drive]) -> Restrictions:
    """Count the turn restrictions of a map."""
    found = Restrictions()
    for number in sorted(data.relations):
        relation = data.relations[number]
        if relation.tags.get("type", "").startswith("restriction"):
            _count(relation, found, drives)
    return found


def kind_of(tags: Tags) -> str:
    """Return the type: ``no_left_turn``, …; with ``(conditional)`` or the vehicle it is for."""
    if "restriction" in tags:
        return tags["restriction"]
    for key in sorted(tags):
        if key.startswith("restriction:"):
            what = key.removeprefix("restriction:")
            value = tags[key].split("@")[0].strip()
            return f"{value} ({what})"
    return "no type"


def _count(relation: Relation, found: Restrictions, drives: dict[int, Drive]) -> None:
    tags = relation.tags
    found.in_map += 1
    found.by_type[kind_of(tags)] += 1
    roles = {
        role: [m for m in relation.members if m.role == role] for role in ("from", "via", "to")
    }
    found.via_way += any(m.type == "w" for m in roles["via"])
    conditional = any(key.startswith("restriction") and "conditional" in key for key in tags)
    found.conditional += conditional or "day_on" in tags or "hour_on" in tags
    excepted = {word.strip() for word in tags.get("except", "").split(";")}
    for_others = "restriction" not in tags and any(f"restriction:{who}" in tags for who in OTHERS)
    found.not_for_crews += bool(excepted & set(FOR_CREWS)) or for_others
    if not all(roles.values()):
        found.broken += 1
        return
    ways = [m.ref for m in relation.members if m.type == "w" and m.role in roles]
    found.on_driven_streets += all(ref in drives for ref in ways)
