"""Prepare a town's travel times: build the hub labels of its streets and keep them beside them.

    python -m answerable.place.prepare FOLDER

Needed once after `streets.geojson.gz` has changed. Without it every start builds the labels anew
in memory: right, but ten seconds slower or more where the compiler has not run before.
"""

import argparse
import sys
from pathlib import Path

from answerable.place.errors import PlaceError
from answerable.place.hublabels import LABELS_FILE, HubLabels, build_labels, write_labels
from answerable.place.roads import STREETS_FILE, load_roads


def prepare(folder: Path) -> HubLabels:
    """Build and keep the labels of a town's folder; PlaceError where it cannot be done."""
    roads = load_roads(folder / STREETS_FILE)
    labels = build_labels(roads.out)
    try:
        write_labels(labels, folder / LABELS_FILE)
    except OSError as error:
        raise PlaceError(
            f"Hub labels not kept in {folder}",
            str(error),
            "Make the folder writable, or prepare a copy of it",
        ) from error
    return labels


def main(arguments: list[str] | None = None) -> int:
    """Prepare the folder named on the command line; exit code 2 where it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m answerable.place.prepare")
    parser.add_argument("folder", type=Path, help="the town's folder")
    folder: Path = parser.parse_args(arguments).folder
    try:
        labels = prepare(folder)
    except PlaceError as error:
        print(error, file=sys.stderr)
        return 2
    entries = len(labels.forward.hub) + len(labels.backward.hub)
    print(f"{labels.nodes} junctions, {entries} label entries: {folder / LABELS_FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
