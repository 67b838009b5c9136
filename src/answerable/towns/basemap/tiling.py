"""From shapes to vector tiles: scaled, joined, simplified, cut, rounded, written.

Everything is done for many shapes at a time by shapely and numpy; what is the same in every run is
in the same order in every run, so that the same map gives the same bytes.
"""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry as Shape

from answerable.towns.basemap import kinds
from answerable.towns.basemap.reading import Sheet

EXTENT = 4096
"""Steps of a tile's side; at zoom 14 a step is about half a metre."""
MARGIN = 64
"""Steps a tile reaches into its neighbours, so that no seam is seen."""
TOLERANCE = 5.0
"""Steps a line may move where it is simplified: less than a pixel. At the last zoom 1.2."""
TOLERANCE_LAST = 1.2
SPECK = 400.0
"""Areas below so many square steps are not drawn before the last zoom: 20 by 20."""
SPECK_LAST = 12.0
LEVEL = 9
"""How hard gzip tries; with no time in its head, so that equal tiles are equal bytes."""

Tile = tuple[int, int]
Piece = tuple[kinds.Attributes, Shape]
Shapes: TypeAlias = npt.NDArray[np.object_]
Points: TypeAlias = npt.NDArray[np.float64]


def world(points: Points) -> Points:
    """Return WGS84 degrees as places in the square of the Web Mercator world, 0 to 1, y down."""
    lat = np.radians(np.clip(points[:, 1], -85.05, 85.05))
    x = points[:, 0] / 360 + 0.5
    y = 0.5 - np.log(np.tan(np.pi / 4 + lat / 2)) / (2 * np.pi)
    return np.column_stack((x, y))


def tile_range(box: tuple[float, float, float, float], zoom: int) -> tuple[int, int, int, int]:
    """Return the first and last column and the first and last row a box covers at a zoom."""
    corners = world(np.array([[box[0], box[3]], [box[2], box[1]]])) * 2**zoom
    (x0, y0), (x1, y1) = np.clip(np.floor(corners).astype(int), 0, 2**zoom - 1).tolist()
    return x0, x1, y0, y1


class Level:
    """All layers at one zoom, cut into tiles."""

    def __init__(self, sheets: dict[str, Sheet], zoom: int) -> None:
        """Take what is drawn at ``zoom``; shapes are in world places (see ``world``)."""
        self.zoom = zoom
        self.tiles: dict[Tile, dict[str, list[Piece]]] = {}
        for name, sheet in sheets.items():
            self._spread(name, *self._prepared(name, sheet))

    def _prepared(self, name: str, sheet: Sheet) -> tuple[list[kinds.Attributes], Shapes]:
        """Return what is said and the shapes in steps of this zoom, joined and simplified."""
        taken = [i for i, zoom in enumerate(sheet.zooms) if zoom <= self.zoom]
        said = [kinds.shown(name, sheet.attributes[i], self.zoom) for i in taken]
        shapes = np.array([sheet.shapes[i] for i in taken], dtype=object)
        shapes = shapely.transform(shapes, lambda points: points * (EXTENT * 2**self.zoom))
        if not len(shapes) or shapes[0].geom_type == "Point":
            return said, shapes
        last = self.zoom == kinds.ZOOM_MAX
        if shapely.get_dimensions(shapes[0]) == 1:
            said, shapes = joined(said, shapes)
            return said, shapely.simplify(shapes, TOLERANCE_LAST if last else TOLERANCE,
                                          preserve_topology=False)  # fmt: skip
        large = shapely.area(shapes) >= (SPECK_LAST if last else SPECK)
        said = list(itertools.compress(said, large))
        simple = shapely.simplify(shapes[large], TOLERANCE_LAST if last else TOLERANCE)
        return said, shapely.make_valid(simple)

    def _spread(self, name: str, said: list[kinds.Attributes], shapes: Shapes) -> None:
        """Cut the shapes of a layer by tile."""
        for tile, members in by_tile(shapes):
            origin = np.array(tile, dtype=float) * EXTENT
            low, high = origin - MARGIN, origin + EXTENT + MARGIN
            cut = shapely.clip_by_rect(shapes[members], *low, *high)
            if shapes[members[0]].geom_type == "Point":
                cut = shapes[members]
            cut = rounded(shapely.transform(cut, lambda points, at=origin: points - at))
            pieces = gathered([said[i] for i in members], cut)
            if pieces:
                self.tiles.setdefault(tile, {})[name] = pieces

    def encoded(self) -> Iterator[tuple[Tile, bytes]]:
        """Yield each tile with its bytes, compressed; in no order that means anything."""
        for tile, layers in self.tiles.items():
            yield tile, encode(layers)


def joined(said: list[kinds.Attributes], lines: Shapes) -> tuple[list[kinds.Attributes], Shapes]:
    """Join lines that are said to be the same into the longest there are."""
    groups: dict[kinds.Attributes, list[int]] = {}
    for i, attributes in enumerate(said):
        groups.setdefault(attributes, []).append(i)
    words: list[kinds.Attributes] = []
    shapes: list[Shape] = []
    for attributes, members in groups.items():
        parts = shapely.get_parts(lines[members])
        whole = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))
        words += [attributes] * len(whole)
        shapes += list(whole)
    return words, np.array(shapes, dtype=object)


def by_tile(shapes: Shapes) -> Iterator[tuple[Tile, list[int]]]:
    """Yield every tile that a shape may touch, with the numbers of the shapes, in order."""
    if not len(shapes):
        return
    bounds = shapely.bounds(shapes)
    edges = MARGIN if shapes[0].geom_type != "Point" else 0
    low = np.floor((bounds[:, :2] - edges) / EXTENT)
    high = np.floor((bounds[:, 2:] + edges) / EXTENT)
    held: dict[Tile, list[int]] = {}
    for i, ((x0, y0), (x1, y1)) in enumerate(zip(low, high, strict=True)):
        if np.isnan(x0):  # nothing was left of it
            continue
        for x in range(int(x0), int(x1) + 1):
            for y in range(int(y0), int(y1) + 1):
                held.setdefault((x, y), []).append(i)
    yield from held.items()


def rounded(shapes: Shapes) -> Shapes:
    """Round shapes to whole steps; areas stay areas that do not cross themselves."""
    if shapely.get_dimensions(shapes).max(initial=-1) == 2:
        even: Shapes = shapely.set_precision(shapes, 1.0)
    else:
        even = shapely.remove_repeated_points(shapely.transform(shapes, np.round))
    return even


def gathered(said: list[kinds.Attributes], shapes: Shapes) -> list[Piece]:
    """Put all shapes of which the same is said into one piece, in order of first appearance."""
    held: dict[kinds.Attributes, list[Shape]] = {}
    for attributes, shape in zip(said, shapes, strict=True):
        if not shape.is_empty:
            held.setdefault(attributes, []).append(shape)
    return [(words, whole) for words, some in held.items() if (whole := one_shape(some))]


def one_shape(shapes: list[Shape]) -> Shape | None:
    """Return many shapes as one of several parts, without what shrank to nothing; None if all."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    parts = parts[shapely.get_dimensions(parts) == shapely.get_dimensions(parts).max(initial=-1)]
    dimension = shapely.get_dimensions(parts).max(initial=-1)
    if dimension == 2:
        parts = parts[shapely.area(parts) >= 1]
        return shapely.orient_polygons(shapely.multipolygons(parts)) if len(parts) else None
    if dimension == 1:
        parts = parts[shapely.length(parts) >= 1]
        return shapely.multilinestrings(parts) if len(parts) else None
    return shapely.multipoints(parts) if dimension == 0 else None


def encode(layers: dict[str, list[Piece]]) -> bytes:
    """Return a tile as the browser reads it."""
    import mapbox_vector_tile

    told = [
        {
            "name": name,
            "features": [
                {"geometry": shape, "properties": dict(words)} for words, shape in layers[name]
            ],
        }
        for name in kinds.LAYERS
        if name in layers
    ]
    options = {"extents": EXTENT, "y_coord_down": True, "check_winding_order": False}
    raw: bytes = mapbox_vector_tile.encode(told, default_options=options)
    return gzip.compress(raw, LEVEL, mtime=0)
