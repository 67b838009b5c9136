"""What the tags of a way say about driving on it: which class, which way, or why not at all.

Each rule is a plain table or a short function; ``docs/howto/build-a-town.md`` tells them in words.
They are for emergency crews, so some are wider than a car driver's: streets for residents only are
driven, because people live there. What a crew might do beyond the rules of the road (against a
one-way street, through a bollard that folds) is never assumed.
"""

from __future__ import annotations

import msgspec

from answerable.place.roads import RoadClass
from answerable.towns.build.source import Tags

CLASSES: dict[str, RoadClass] = {
    "motorway": "freeway",
    "motorway_link": "ramp",
    "trunk": "main",
    "trunk_link": "ramp",
    "primary": "main",
    "primary_link": "ramp",
    "secondary": "main",
    "secondary_link": "ramp",
    "tertiary": "main",
    "tertiary_link": "ramp",
    "unclassified": "street",
    "residential": "street",
    "living_street": "street",
    "road": "street",
    "service": "lane",
    "track": "lane",
}
"""The class in ``streets.geojson.gz`` of each ``highway`` that motor vehicles drive on."""

OPENED = ("pedestrian", "footway", "cycleway", "path", "bridleway", "busway", "bus_guideway")
"""Driven only where a tag opens them to emergency vehicles, or (pedestrian) to motor vehicles."""

YES = ("yes", "designated", "official", "permissive", "destination")
SERVICE_OUT = ("driveway", "parking_aisle", "drive-through", "slipway", "spur", "siding", "yard")
TRACKS = ("grade1", "grade2")
MOTOR_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
"""From the most to the least telling: the first one that is there decides."""

ONEWAY_KEYS = ("oneway:emergency", "oneway:motor_vehicle", "oneway")
FORWARD = ("yes", "true", "1")
BACKWARD = ("-1", "reverse")
BOTH = ("no", "false", "0", "alternating")


class Drive(msgspec.Struct, frozen=True):
    """A way that is driven: its ``highway``, class, and the way in which it may be driven."""

    highway: str
    road_class: RoadClass
    way: str
    private: bool = False
    """Marked private, and driven all the same."""
    conditional: bool = False
    """Something about it depends on the hour, the load or the day, which is not modelled."""


class Left(msgspec.Struct, frozen=True):
    """A way that is not driven, and why."""

    why: str


def motor_access(tags: Tags) -> str:
    """Return what is said about motor vehicles, "" where nothing is."""
    return next((tags[key] for key in MOTOR_KEYS if key in tags), "")


def judged(tags: Tags) -> Drive | Left | None:
    """Say whether and how a way is driven; None where it is no way for people at all."""
    highway = tags.get("highway", "")
    if not highway:
        return Left("ferry") if tags.get("route") == "ferry" else None
    why = _why_not(tags, highway)
    if why:
        return Left(why)
    if oneway(tags) == "reversible":
        return Left("oneway=reversible: which way depends on the hour")
    way = direction(tags)
    if not way:
        return Left("closed to motor vehicles")
    kind = CLASSES.get(highway, "lane")
    if highway == "trunk" and tags.get("motorroad") == "yes":
        kind = "freeway"
    return Drive(
        highway, kind, way, motor_access(tags) == "private",
        any(key.endswith(":conditional") for key in tags),
    )  # fmt: skip


def _why_not(tags: Tags, highway: str) -> str:
    """Return why a way is not driven, "" where it is. The first reason that fits counts."""
    for_crews = tags.get("emergency", "")
    if tags.get("area") == "yes":
        return "an area, not a line"
    if for_crews == "no":
        return "emergency=no"
    if highway not in CLASSES and highway not in OPENED:
        return f"highway={highway}"
    if for_crews in YES or tags.get("service") == "emergency_access":
        return ""
    motor = motor_access(tags)
    if highway in OPENED:
        opened = highway == "pedestrian" and motor in YES
        return "" if opened else f"highway={highway}"
    if motor == "no":
        return "closed to motor vehicles"
    return _why_not_small(tags, highway, motor)


def _why_not_small(tags: Tags, highway: str, motor: str) -> str:
    """Return why a service way or a track is not driven."""
    if highway == "service":
        if tags.get("service", "") in SERVICE_OUT:
            return f"service={tags['service']}"
        if tags.get("service") == "busway":
            return "service=busway"
    if highway == "track" and tags.get("tracktype", "") not in TRACKS:
        return "a track that is not grade1 or grade2"
    if highway in ("service", "track") and motor in ("private", "military"):
        return f"a private {highway}"
    return ""


def oneway(tags: Tags) -> str:
    """Return what counts of the marks for one-way streets: that for crews, for motors, for all."""
    return next((tags[key] for key in ONEWAY_KEYS if key in tags), "")


def direction(tags: Tags) -> str:
    """Return "both", "forward" or "backward"; "" where neither direction is open.

    A motorway and a roundabout are one-way without being marked; a motorway's link is not. A
    direction that is closed to vehicles (``motor_vehicle:backward=no``) is not driven.
    """
    told = oneway(tags)
    open_ways = ["forward", "backward"]
    if told in FORWARD or (told not in (*BACKWARD, *BOTH) and implied_forward(tags)):
        open_ways.remove("backward")
    elif told in BACKWARD:
        open_ways.remove("forward")
    open_ways = [way for way in open_ways if not _closed(tags, way)]
    return "both" if len(open_ways) == 2 else "".join(open_ways)


def implied_forward(tags: Tags) -> bool:
    """Say whether a way is one-way by what it is."""
    return tags.get("highway") == "motorway" or tags.get("junction") in ("roundabout", "circular")


def _closed(tags: Tags, way: str) -> bool:
    """Say whether one direction is closed to vehicles, by the most telling tag that is there."""
    return next((tags[f"{key}:{way}"] for key in MOTOR_KEYS if f"{key}:{way}" in tags), "") == "no"


BARRIERS_PASSED = (
    "gate", "lift_gate", "swing_gate", "sliding_gate", "hampshire_gate", "bump_gate", "entrance",
    "cattle_grid", "toll_booth", "border_control", "sally_port", "checkpoint", "kerb",
    "traffic_island",
)  # fmt: skip
"""Barriers at a node of a street that a crew is taken to pass; all others stop it."""


def barrier(tags: Tags) -> str:
    """Return "" where a node has no barrier, else "passed" or "stopped".

    A barrier opened to emergency or motor vehicles is passed, whatever it is; one that is closed
    to them, or locked, or rigid, is not.
    """
    kind = tags.get("barrier", "")
    if not kind or kind == "no":
        return ""
    if tags.get("emergency", "") in YES:
        return "passed"
    motor = motor_access(tags)
    if motor == "no" or tags.get("locked") == "yes" or tags.get("emergency") == "no":
        return "stopped"
    return "passed" if kind in BARRIERS_PASSED or motor in YES else "stopped"
