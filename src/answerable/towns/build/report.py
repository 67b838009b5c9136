"""The report of a build: ``build.json`` for programs, ``BUILD.md`` and notes for people.

It holds no time of day and no path, only what was read and what came of it, so that the same input
gives the same bytes.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import msgspec

from answerable.towns.build.folder import Made, made
from answerable.towns.build.options import BuildOptions
from answerable.towns.build.pieces import Pieces
from answerable.towns.build.restrictions import Restrictions
from answerable.towns.build.streets import Tally

Note = dict[str, str]
Counts = dict[str, int]


class Input(msgspec.Struct, frozen=True):
    """A file that was read."""

    file: str
    sha256: str
    bytes: int


class MapReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the map file held."""

    nodes: int
    ways: int
    relations: int
    repeated: int
    current_at: str
    current_at_from: str


class StreetsReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the ways."""

    ways_driven: int
    segments: int
    one_way_ways: int
    private_driven: int
    conditional_not_modelled: int
    limits_not_modelled: int
    zero_length_dropped: int
    repeated_dropped: int
    nodes_missing: int
    by_highway: Counts
    left_out: Counts
    barriers: Counts
    speeds: Counts
    speeds_not_understood: Counts
    speed_source: str


class StationsReport(msgspec.Struct, frozen=True, kw_only=True):
    """The stations and the units made of them."""

    source: str
    by_type: Counts
    same: int
    off_roads: tuple[str, ...]
    units_made_up: Counts


class AreasReport(msgspec.Struct, frozen=True, kw_only=True):
    """The areas: the density of junctions by name, and how many are of which class."""

    source: str
    incomplete: int
    density: dict[str, float]
    classes: Counts


class NamesReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the gazetteer can find."""

    named_streets: int
    addresses: int
    addresses_interpolated: int
    addresses_without_street: int
    interpolations_left_out: int
    places: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a build read, made and left out."""

    town: str
    command: str
    inputs: dict[str, Input]
    map: MapReport
    streets: StreetsReport
    pieces: Pieces
    turn_restrictions: Restrictions
    turn_restrictions_kept: bool
    stations: StationsReport
    areas: AreasReport
    names: NamesReport
    hub_label_entries: int
    basemap: str
    files: dict[str, Made] = {}


def sorted_counts(counts: Mapping[str, int]) -> Counts:
    """Return counts, the largest first, of equals by name."""
    return dict(sorted(counts.items(), key=lambda row: (-row[1], row[0])))


def command_of(options: BuildOptions) -> str:
    """Return the command that makes this town, with file names and without their folders."""
    words = ["answerable", "town", "build", options.name, "--roads", options.roads.name]
    for option, path in (
        ("--stations", options.stations),
        ("--areas", options.areas),
        ("--country-speeds", options.country_speeds),
    ):
        words += [option, path.name] if path else []
    words += ["--zone", options.zone]
    for option, text in (("--title", options.title), ("--title-zh", options.title_zh)):
        words += [option, text] if text else []
    words += [] if options.basemap else ["--no-basemap"]
    return shlex.join(words)


def inputs_of(options: BuildOptions) -> dict[str, Input]:
    """Return the files that were read, with their checksums."""
    given = {
        "roads": options.roads,
        "stations": options.stations,
        "areas": options.areas,
        "country_speeds": options.country_speeds,
    }
    return {key: _input(path) for key, path in given.items() if path}


def _input(path: Path) -> Input:
    of = made(path)
    return Input(path.name, of.sha256, of.bytes)


def streets_report(tally: Tally, segments: int, source: str) -> StreetsReport:
    """Return what became of the ways."""
    return StreetsReport(
        ways_driven=tally.ways,
        segments=segments,
        one_way_ways=tally.one_way,
        private_driven=tally.private,
        conditional_not_modelled=tally.conditional,
        limits_not_modelled=tally.limits,
        zero_length_dropped=tally.zero_length,
        repeated_dropped=tally.repeated,
        nodes_missing=tally.nodes_missing,
        by_highway=sorted_counts(tally.highways),
        left_out=sorted_counts(tally.left_out),
        barriers=sorted_counts(tally.barriers),
        speeds=sorted_counts(tally.speeds),
        speeds_not_understood=sorted_counts(tally.not_understood),
        speed_source=source,
    )


def notes_of(restrictions: Restrictions, pieces: Pieces, units: int) -> tuple[Note, ...]:
    """Return what everybody who sees road times in this town must know, in both languages.

    That times are free flow where nothing was measured, the page says itself.
    """
    notes: list[Note] = []
    if restrictions.in_map:
        notes.append({
            "en": f"The map has {restrictions.in_map} turn restrictions; road times do not keep "
            "them.",
            "zh": f"地图中有 {restrictions.in_map} 条转向限制；道路时间未计入这些限制。",
        })  # fmt: skip
    for piece in pieces.torn:
        notes.append({
            "en": f"The roads are not in one piece: {piece.junctions} junctions around "
            f"{piece.lat}, {piece.lon} cannot be driven to and have no road time.",
            "zh": f"道路不连通：{piece.lat}, {piece.lon} 一带的 {piece.junctions} "
            "个路口无法驶达，没有道路时间。",
        })  # fmt: skip
    made_up = {
        "en": "Units, kinds and run cards are made up for a start; the map holds no list of them.",
        "zh": "处警单元、警情类别和出动方案均为初始虚拟设定；地图中没有这些资料。",
    }
    nobody = {
        "en": "There are no stations and no units yet: add them to stations.geojson and units.csv.",
        "zh": "尚无站点和处警单元：请在 stations.geojson 和 units.csv 中添加。",
    }
    return (*notes, made_up if units else nobody)


def as_markdown(report: Report, notes: tuple[Note, ...], title: str) -> str:
    """Return ``BUILD.md``."""
    current = report.map.current_at or "the file does not say"
    lines = [
        f"# How {title} was built", "",
        f"    {report.command}", "",
        *(f"- {note['en']}" for note in notes), "",
        "Road times are free flow from the speeds below, until past runs are measured: "
        "docs/howto/calibrate-travel-times.md.", "",
        "| read | SHA-256 | bytes |", "| --- | --- | ---: |",
        *(f"| `{one.file}` | `{one.sha256}` | {one.bytes:,} |" for one in report.inputs.values()),
        "",
        f"The map was current at: {current} ({report.map.current_at_from or 'unknown'}). "
        f"It holds {report.map.nodes:,} nodes, {report.map.ways:,} ways and "
        f"{report.map.relations:,} relations.", "",
        *_streets_lines(report), *_pieces_lines(report), *_turn_lines(report), *_rest_lines(report),
    ]  # fmt: skip
    return "\n".join(lines).rstrip() + "\n"


def _counted(title: str, counts: Counts) -> list[str]:
    """Return a table of counts; nothing where there are none."""
    if not counts:
        return []
    rows = [f"| {name} | {count:,} |" for name, count in counts.items()]
    return [f"| {title} | |", "| --- | ---: |", *rows, ""]


def _streets_lines(report: Report) -> list[str]:
    told = report.streets
    return [
        "## Streets", "",
        f"{told.ways_driven:,} ways became {told.segments:,} segments between "
        f"{report.pieces.junctions:,} junctions, {report.pieces.km:,} km. One-way: "
        f"{told.one_way_ways:,} ways. Private streets that are driven all the same: "
        f"{told.private_driven:,}. Not modelled: {told.conditional_not_modelled:,} ways with rules "
        f"for certain hours or loads, {told.limits_not_modelled:,} with a limit of height, width "
        f"or weight. Dropped: {told.zero_length_dropped:,} segments without length, "
        f"{told.repeated_dropped:,} that lay on another. Nodes that the file lacks: "
        f"{told.nodes_missing:,}.", "",
        *_counted("driven, by highway", told.by_highway),
        *_counted("left out, because", told.left_out),
        *_counted("barriers on driven streets", told.barriers),
        *_counted("speeds from", told.speeds),
        *_counted("speeds not understood, so the class's default", told.speeds_not_understood),
        f"Speeds: {told.speed_source}.", "",
    ]  # fmt: skip


def _pieces_lines(report: Report) -> list[str]:
    told = report.pieces
    rows = [
        f"| {p.junctions:,} | {p.km:,} | {p.lat}, {p.lon} | {p.street or '(no name)'} |"
        for p in told.largest_apart
    ]
    table = ["| junctions | km | around | street |", "| ---: | ---: | --- | --- |", *rows, ""]
    return [
        "## In one piece?", "",
        f"{told.in_largest:,} of {told.junctions:,} junctions can all be driven to from each "
        f"other. {told.one_way_only:,} more can only be reached or only be left, and "
        f"{told.apart:,} pieces are not joined to the rest. Nothing is timed to or from those "
        f"junctions; {told.km_outside:,} km of road lie there.", "",
        *(table if rows else []),
    ]  # fmt: skip


def _turn_lines(report: Report) -> list[str]:
    told = report.turn_restrictions
    return [
        "## Turn restrictions", "",
        f"{told.in_map:,} in the map, none kept in road times. On driven streets: "
        f"{told.on_driven_streets:,}; by way of a street: {told.via_way:,}; for certain hours: "
        f"{told.conditional:,}; not for emergency vehicles: {told.not_for_crews:,}; incomplete: "
        f"{told.broken:,}.", "",
        *_counted("type", sorted_counts(told.by_type)),
    ]  # fmt: skip


def _rest_lines(report: Report) -> list[str]:
    stations, areas, names = report.stations, report.areas, report.names
    off = f" Farther than 500 m from any street: {', '.join(stations.off_roads)}."
    return [
        "## Stations and units", "",
        f"From {stations.source}; {stations.same:,} further things of the map were the same "
        f"stations.{off if stations.off_roads else ''}", "",
        *_counted("stations", stations.by_type),
        *_counted("units, made up", stations.units_made_up),
        "## Areas", "",
        f"From {areas.source}. Areas that the extract cuts, left out: {areas.incomplete:,}.", "",
        *_counted("class", areas.classes),
        "## Names", "",
        f"{names.named_streets:,} named streets, {names.addresses:,} house numbers "
        f"({names.addresses_interpolated:,} counted between two that are in the map), "
        f"{names.places:,} named places. House numbers without a street, left out: "
        f"{names.addresses_without_street:,}; lines of numbers that could not be counted through: "
        f"{names.interpolations_left_out:,}.", "",
        "## Travel times and base map", "",
        f"{report.hub_label_entries:,} hub label entries. Base map: {report.basemap}.", "",
        "## Files", "",
        "| file | SHA-256 | bytes |", "| --- | --- | ---: |",
        *(f"| `{name}` | `{of.sha256}` | {of.bytes:,} |" for name, of in report.files.items()), "",
    ]  # fmt: skip


def attribution_of(report: Report, title: str) -> str:
    """Return ``ATTRIBUTION.md``: whose the data is, under which licence, and how it was made."""
    roads = report.inputs["roads"]
    given = [one.file for key, one in report.inputs.items() if key in ("stations", "areas")]
    yours = f"\n{' and '.join(f'`{name}`' for name in given)} came from whoever built the town.\n"
    current = report.map.current_at or "a time the file does not say"
    return f"""\
# Where {title}'s places come from

© OpenStreetMap contributors. The data is available under the Open Database Licence (ODbL) 1.0,
https://www.openstreetmap.org/copyright. Whoever passes these files on names the source and keeps
the licence.

Made from `{roads.file}` (SHA-256 `{roads.sha256}`), current at {current}, by:

    {report.command}

`streets.geojson.gz`, `neighborhoods.geojson`, `stations.geojson`, `addresses.csv.gz`,
`places.csv.gz`, `areas.toml`, `hub_labels.npz` and `basemap.pmtiles` are derived from it and are
under the same licence. What was left out and what it means is in `BUILD.md`.
{yours if given else ""}
`units.csv`, `unit_homes.csv` and the kinds, priorities and run cards of `town.toml` are made up for
a start, and are nobody's data.

Words to show beside the map: *© OpenStreetMap contributors (ODbL).*
"""
