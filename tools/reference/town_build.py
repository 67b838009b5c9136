"""The page of what ``answerable town build`` reads and writes besides the town itself."""

from __future__ import annotations

from answerable.towns.build import names, report, speeds
from tools.reference.plain import join, keys_table, purpose, table
from tools.reference.settings import structs_in

NAME_FILES = (
    ("addresses.csv.gz", names.ADDRESS_COLUMNS, "a house number of the map"),
    ("places.csv.gz", names.PLACE_COLUMNS, "a named place of the map; `alt` is parted by `;`"),
)


def page() -> str:
    """Names for the gazetteer, a country's speeds, the report."""
    files = [(f"`{file}`", f"`{','.join(columns)}`", what) for file, columns, what in NAME_FILES]
    packaged = speeds.read_speeds(None)
    groups = (("class", packaged.classes), ("word", packaged.word), ("zone", packaged.zone))
    rows = [(f"`{g}.{key}`", f"{kmh:g}") for g, told in groups for key, kmh in told.items()]
    parts = [
        "# Files of a town's build",
        "How they come about, rule by rule, is in "
        "[Build a town from OpenStreetMap](../howto/build-a-town.md).",
        "## Names for the gazetteer",
        "Gzipped CSV in UTF-8, a first line of the columns, sorted, positions in degrees (WGS 84).",
        table(("file", "columns", "a line is"), files),
        "## A country's speeds",
        "The file of `--country-speeds`, TOML. What is under `class` must be a class of the "
        "packaged table, what is under `word` a word of it; `zone` takes any code. All in km/h.",
        keys_table(speeds.CountrySpeeds),
        f"The packaged table. Source: {packaged.source}.",
        table(("key", "km/h"), rows),
        "## build.json",
        "What the build read, made and left out. `BUILD.md` says the same in words.",
    ]
    for struct in structs_in(report.Report):
        parts += [f"### {struct.__name__}", purpose(struct), keys_table(struct)]
    return join(*parts)
