"""Making a town's basemap from an OpenStreetMap file.

``write_basemap`` writes ``basemap.pmtiles`` (PMTiles 3, vector tiles, gzip) into the town's folder.
"""

from __future__ import annotations

from pathlib import Path

from answerable.towns.basemap.report import BasemapRefused, Progress, Report, Way, quiet

Box = tuple[float, float, float, float]


def write_basemap(
    source: Path,
    folder: Path,
    *,
    way: Way = "auto",
    buildings: bool = True,
    bounds: Box | None = None,
    progress: Progress = quiet,
) -> Report:
    """Write ``basemap.pmtiles`` into ``folder`` from ``source`` (.osm.pbf, .osm, .osm.gz).

    ``bounds`` (west, south, east, north, WGS84 degrees) cuts the map to the town; None takes what
    the file says, or else where its streets are. Without ``buildings`` the file is about half.
    Raises BasemapRefused, whose three sentences say what to do; then nothing is left behind and
    an older basemap stays as it was.
    """
    raise BasemapRefused("Not made: the basemap. It is being written. Leave it out.")
