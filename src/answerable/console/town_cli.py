"""The command group ``answerable town``: make a town's folder, and look it over.

Exit codes as everywhere: 0 done, 1 refused, 2 it could not begin. Heavy imports (shapely, osmium)
happen inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

town_app = typer.Typer(
    name="town",
    help="Make a town from OpenStreetMap, and look a town's files over.",
    no_args_is_help=True,
    add_completion=False,
)


@town_app.command("build")
def build(
    name: Annotated[str, typer.Argument(help="The town's name: a to z, 0 to 9 and _.")],
    roads: Annotated[
        Path, typer.Option(help="OpenStreetMap data: .osm.pbf, .osm, .osm.gz or .osm.bz2.")
    ],
    zone: Annotated[str, typer.Option(help="The town's time zone, as Europe/Vaduz.")],
    stations: Annotated[
        Path | None, typer.Option(help="GeoJSON of stations (id, name, type) instead of the map's.")
    ] = None,
    areas: Annotated[
        Path | None, typer.Option(help="GeoJSON polygons with a name instead of the map's.")
    ] = None,
    into: Annotated[Path, typer.Option(help="The folder in which the town's is made.")] = Path(
        "towns"
    ),
    title: Annotated[str, typer.Option(help="The town's name as it is shown.")] = "",
    title_zh: Annotated[str, typer.Option(help="The same in Chinese.")] = "",
    country_speeds: Annotated[
        Path | None, typer.Option(help="TOML with the country's own speeds, over the table's.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the town's folder if there is one.")
    ] = False,
    basemap: Annotated[
        bool, typer.Option("--basemap/--no-basemap", help="Draw the base map too.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Make a town's folder from an OpenStreetMap extract: streets, stations, areas, base map."""
    from answerable.towns.build.command import run_build
    from answerable.towns.build.options import BuildOptions

    options = BuildOptions(
        name=name,
        roads=roads,
        zone=zone,
        stations=stations,
        areas=areas,
        into=into,
        title=title,
        title_zh=title_zh,
        country_speeds=country_speeds,
        replace=replace,
        basemap=basemap,
    )
    raise typer.Exit(run_build(options, as_json=as_json))


@town_app.command("check")
def check(
    town: Annotated[str, typer.Argument(help="A town's folder, or the name of a packaged town.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Go through a town's files: every fault with its file, line and remedy."""
    from answerable.console.town_checks import run_check

    raise typer.Exit(run_check(town, as_json=as_json))


@town_app.command("schema")
def schema(
    file: Annotated[str, typer.Argument(help="A file's name, as town.toml; none for all.")] = "",
) -> None:
    """Print the JSON Schema of a town's files, for editors that complete and check."""
    from answerable.console.town_checks import run_schema

    raise typer.Exit(run_schema(file))


@town_app.command("calls")
def calls(
    town: Annotated[str, typer.Argument(help="A town's folder, or the name of a packaged town.")],
    out: Annotated[
        Path, typer.Option(help="The file of calls; mapping.toml is written beside it.")
    ] = Path("made-up/calls.csv.gz"),
    days: Annotated[float, typer.Option(min=0.1, max=366, help="How many days.")] = 3.0,
    per_day: Annotated[
        float | None, typer.Option(min=1, max=5000, help="Calls a day; else by the population.")
    ] = None,
    population: Annotated[
        int | None, typer.Option(min=1, help="People the service is for, if town.toml says none.")
    ] = None,
    begin: Annotated[
        str, typer.Option(help="The first day, in the town's zone, as 2026-03-01; else DAYS ago.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same calls.")] = 1,
) -> None:
    """Make calls up on a town's own streets, shaped on real rates; every one is marked so."""
    from answerable.console.town_calls import CallsOptions, run_calls

    options = CallsOptions(town, out, days, per_day, population, begin, seed)
    raise typer.Exit(run_calls(options))
