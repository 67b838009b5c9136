"""From an OpenStreetMap file to a town's folder: the steps of ``answerable town build``, in order.

Nothing appears in the town's place before every file is written and the whole has been loaded as
the service loads it. The same input gives the same bytes.
"""

from __future__ import annotations

import zoneinfo
from collections import Counter
from pathlib import Path

import msgspec

from answerable.place.areas import AREAS_FILE, NEIGHBORHOODS_FILE
from answerable.place.errors import PlaceError
from answerable.place.hublabels import LABELS_FILE, build_labels, write_labels
from answerable.place.roads import STREETS_FILE, RoadGraph, load_roads
from answerable.place.snap import Snapper
from answerable.place.town_places import STATIONS_FILE, UNIT_HOMES_FILE, load_places
from answerable.towns.basemap.report import BasemapRefused, Progress
from answerable.towns.build import areas, files, names, report
from answerable.towns.build.defaults import Defaults, read_defaults, read_scripts, units_of
from answerable.towns.build.folder import REPORT_FILE, Made, building, made, move_in, target_of
from answerable.towns.build.options import BuildOptions, BuildRefused, Say
from answerable.towns.build.pieces import Pieces, pieces_of
from answerable.towns.build.restrictions import Restrictions, restrictions_of
from answerable.towns.build.source import OsmData, read_osm
from answerable.towns.build.speeds import Speeds, read_speeds
from answerable.towns.build.stations import Found, stations_of_file, stations_of_map
from answerable.towns.build.streets import Streets, streets_of
from answerable.towns.load import TOWN_FILE, UNITS_FILE, TownRefused, load_town
from answerable.towns.model import UnitSpec


class _Work(msgspec.Struct, kw_only=True):
    """What a build has gathered so far."""

    options: BuildOptions
    folder: Path
    say: Say
    title: str
    data: OsmData
    speeds: Speeds
    streets: Streets
    roads: RoadGraph
    snapper: Snapper
    defaults: Defaults
    pieces: Pieces
    turns: Restrictions
    found: Found
    units: tuple[UnitSpec, ...]

    def write(self, name: str, content: str | bytes) -> None:
        """Write one file of the folder."""
        raw = content if isinstance(content, bytes) else content.encode()
        (self.folder / name).write_bytes(raw)


def build_town(options: BuildOptions, say: Say) -> tuple[Path, report.Report]:
    """Build a town; returns its folder and the report. Raises BuildRefused, and leaves nothing."""
    target = target_of(options.name, options.into, replace=options.replace)
    _check_zone(options.zone)
    speeds = read_speeds(options.country_speeds)
    try:
        with building(target) as folder:
            say(f"reading {options.roads.name}")
            work = _begin(options, folder, speeds, say)
            told = _finish(work)
            move_in(folder, target, say)
    except (PlaceError, TownRefused) as error:
        raise BuildRefused(
            f"the town that came out cannot be used ({error})", "Give a map of a whole town"
        ) from error
    return target, told


def _check_zone(zone: str) -> None:
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BuildRefused(
            f"there is no time zone '{zone}'",
            "Give one of the time zone database, as Europe/Vaduz or Asia/Shanghai",
        ) from error


def _begin(options: BuildOptions, folder: Path, speeds: Speeds, say: Say) -> _Work:
    """Read the inputs and write the streets."""
    data = read_osm(options.roads, say)
    streets = streets_of(data, speeds)
    if not streets.segments:
        why = ", ".join(f"{n} {reason}" for reason, n in streets.tally.left_out.most_common(3))
        raise BuildRefused(
            f"no street in {options.roads.name} can be driven ({why or 'it has no highway'})",
            "Give an extract that holds the town's roads",
        )
    say(f"{streets.tally.ways:,} ways driven, {len(streets.segments):,} street segments")
    path = folder / STREETS_FILE
    path.write_bytes(files.streets_file(streets.segments))
    roads = load_roads(path)
    snapper = Snapper(roads)
    found = stations_of_file(options.stations) if options.stations else stations_of_map(data)
    _check_stations(found, options, snapper, say)
    defaults = read_defaults()
    return _Work(
        options=options,
        folder=folder,
        say=say,
        title=options.title or options.name.replace("_", " ").title(),
        data=data,
        speeds=speeds,
        streets=streets,
        roads=roads,
        snapper=snapper,
        defaults=defaults,
        pieces=pieces_of(roads),
        turns=restrictions_of(data, streets.drives),
        found=found,
        units=units_of(found.stations, defaults),
    )


def _check_stations(found: Found, options: BuildOptions, snapper: Snapper, say: Say) -> None:
    """Refuse given stations that all lie elsewhere; say what to do where there are none."""
    say(f"{len(found.stations)} stations from {found.source}")
    if not found.stations:
        say(
            "no stations: the town starts without units. Build it again with --stations, or add "
            "them to stations.geojson and units.csv"
        )
    elif options.stations and all(snapper.snap(s.lon, s.lat).far for s in found.stations):
        raise BuildRefused(
            f"every station of {options.stations.name} is more than 500 m from any street of "
            f"{options.roads.name}",
            "Give the stations and the roads of the same town, longitude first",
        )


def _finish(work: _Work) -> report.Report:
    """Write the other files; returns the report, which is the last of them."""
    pieces, roads = work.pieces, work.roads
    work.say(f"{pieces.in_largest:,} of {pieces.junctions:,} junctions reach each other")
    for piece in pieces.torn:
        work.say(
            f"the roads are in pieces: {piece.junctions:,} junctions around {piece.lat}, "
            f"{piece.lon} ({piece.street or 'no name'}) cannot be driven to"
        )
    divided = _divide(work)
    dense = areas.densities(divided, roads)
    work.write(AREAS_FILE, files.areas_toml(dense))
    work.write(NEIGHBORHOODS_FILE, files.areas_geojson(divided))
    work.write(STATIONS_FILE, files.stations_geojson(work.found.stations))
    work.write(UNITS_FILE, files.units_csv(work.units))
    work.write(UNIT_HOMES_FILE, files.homes_csv(work.units))
    notes = report.notes_of(work.turns, pieces, len(work.units))
    work.write(TOWN_FILE, _town_text(work, notes))
    for name, content in read_scripts().items():
        work.write(name, content)
    told_names = _write_names(work)
    labels = build_labels(roads.out)
    write_labels(labels, work.folder / LABELS_FILE)
    entries = len(labels.forward.hub) + len(labels.backward.hub)
    work.say(f"{entries:,} hub label entries")
    drawn = _draw(work)
    _check_loads(work.folder)
    told = _report(work, divided, dense, told_names, entries, drawn)
    work.write("ATTRIBUTION.md", report.attribution_of(told, work.title))
    told = msgspec.structs.replace(told, files=_files(work.folder))
    work.write("BUILD.md", report.as_markdown(told, notes, work.title))
    work.write(REPORT_FILE, msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    return told


def _divide(work: _Work) -> areas.Divided:
    given = work.options.areas
    divided = (
        areas.areas_of_file(given, work.roads)
        if given
        else areas.areas_of_map(work.data, work.roads, work.title)
    )
    work.say(f"{len(divided.areas)} areas from {divided.source}")
    return divided


def _town_text(work: _Work, notes: tuple[report.Note, ...]) -> str:
    options = work.options
    centre, zoom = files.view_of(work.roads)
    current = f", {work.data.taken_at[:10]}" if work.data.taken_at else ""
    zh = {"zh": options.title_zh} if options.title_zh else {}
    text = files.TownText(
        name=options.name,
        title={"en": work.title, **zh},
        zone=options.zone,
        centre=centre,
        zoom=zoom,
        attribution=(f"{files.ODBL}{current}",),
        notes=notes,
        hospitals=tuple(s.name for s in work.found.stations if s.type == "hospital"),
    )
    return files.town_toml(text, work.defaults)


def _write_names(work: _Work) -> report.NamesReport:
    addresses, places = names.addresses_of(work.data), names.places_of(work.data)
    work.say(f"{len(addresses.rows):,} house numbers, {len(places):,} named places")
    work.write(names.ADDRESSES_FILE, names.packed(names.ADDRESS_COLUMNS, addresses.rows))
    work.write(names.PLACES_FILE, names.packed(names.PLACE_COLUMNS, places))
    return report.NamesReport(
        named_streets=len({segment.told.name for segment in work.streets.segments} - {""}),
        addresses=len(addresses.rows),
        addresses_interpolated=addresses.interpolated,
        addresses_without_street=addresses.without_street,
        interpolations_left_out=addresses.lines_left_out,
        places=len(places),
    )


def _draw(work: _Work) -> str:
    """Make the base map; a town is whole without one, and the report says why it has none."""
    from answerable.towns.basemap.make import write_basemap

    if not work.options.basemap:
        return "none, as asked"
    lon, lat = work.roads.lon, work.roads.lat
    bounds = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    try:
        drawn = write_basemap(
            work.options.roads,
            work.folder,
            bounds=bounds,
            progress=_stages(work.say),
        )
    except BasemapRefused as refusal:
        work.say(str(refusal))
        return "none"
    return f"{drawn.tiles:,} tiles by {drawn.way}" + "".join(f". {note}" for note in drawn.notes)


def _stages(say: Say) -> Progress:
    """Return a listener that says each stage once, however often it is told of it."""
    last = [""]

    def told(doing: str, share: float) -> None:
        if doing != last[0]:
            last[0] = doing
            say(f"base map: {doing}")

    return told


def _check_loads(folder: Path) -> None:
    """Load the town as the service does; PlaceError or TownRefused where it cannot."""
    load_town(folder)
    places = load_places(folder)
    places.locate(*_first_usable(places.roads))
    assert len(places.travel.labels.forward.start) == places.roads.nodes + 1


def _first_usable(roads: RoadGraph) -> tuple[float, float]:
    node = int(roads.usable.argmax())
    return float(roads.lon[node]), float(roads.lat[node])


def _files(folder: Path) -> dict[str, Made]:
    return {path.name: made(path) for path in sorted(folder.iterdir())}


def _report(
    work: _Work,
    divided: areas.Divided,
    dense: dict[str, float],
    told_names: report.NamesReport,
    entries: int,
    drawn: str,
) -> report.Report:
    data, found = work.data, work.found
    off = tuple(s.id for s in found.stations if work.snapper.snap(s.lon, s.lat).far)
    classes = Counter(areas.class_of_density(one) for one in dense.values())
    return report.Report(
        town=work.options.name,
        command=report.command_of(work.options),
        inputs=report.inputs_of(work.options),
        map=report.MapReport(
            nodes=data.node_count,
            ways=len(data.ways),
            relations=len(data.relations),
            repeated=data.repeated,
            current_at=data.taken_at,
            current_at_from=data.taken_from,
        ),
        streets=report.streets_report(
            work.streets.tally, len(work.streets.segments), work.speeds.source
        ),
        pieces=work.pieces,
        turn_restrictions=work.turns,
        turn_restrictions_kept=False,
        stations=report.StationsReport(
            source=found.source,
            by_type=report.sorted_counts(Counter(s.type for s in found.stations)),
            same=found.same,
            off_roads=off,
            units_made_up=report.sorted_counts(Counter(u.unit_type for u in work.units)),
        ),
        areas=report.AreasReport(
            source=divided.source,
            incomplete=divided.incomplete,
            density=dense,
            classes=report.sorted_counts(Counter({str(k): n for k, n in classes.items()})),
        ),
        names=told_names,
        hub_label_entries=entries,
        basemap=drawn,
    )
