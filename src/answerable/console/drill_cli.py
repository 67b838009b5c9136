"""The command group ``answerable drill``: faults from a seed, on the real record.

Exit codes: 0 nothing was found, 1 a promise did not hold, 2 it could not begin. What is needed only
here (the extra ``drill``) is imported inside the commands.
"""

from __future__ import annotations

import os
from typing import Annotated

import typer

drill_app = typer.Typer(
    name="drill",
    help="Faults of disk and process on the real record, each from a seed that plays it again.",
    no_args_is_help=True,
    add_completion=False,
)

Seed = Annotated[int, typer.Option(min=0, help="The first seed.")]
Minutes = Annotated[
    float, typer.Option(min=0, help="Go on for so long instead of a number of seeds.")
]
Jobs = Annotated[int, typer.Option(min=0, help="Processes at once; 0: one a core.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def _jobs(asked: int) -> int:
    return asked or os.cpu_count() or 1


@drill_app.command("faults")
def faults(
    seed: Seed = 1,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 4,
    minutes: Minutes = 0.0,
    points: Annotated[
        int, typer.Option(min=0, help="Fault points a seed, drawn from all; 0: every one.")
    ] = 150,
    point: Annotated[
        str, typer.Option(help="Only this point of a seed, as a failure names it.")
    ] = "",
    real: Annotated[
        bool, typer.Option("--real", help="Real system calls by strace, not an imagined disk.")
    ] = False,
    jobs: Jobs = 0,
    as_json: AsJson = False,
) -> None:
    """Let every write, sync, open and unlink of the record fail, or kill the process there."""
    from answerable.console.run_drill import run_faults
    from answerable.planning.faults.run import Extent

    extent = Extent(seed, seeds, minutes, _jobs(jobs))
    raise typer.Exit(run_faults(extent, points, point=point, real=real, as_json=as_json))


@drill_app.command("power")
def power(
    seed: Seed = 1,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 20,
    minutes: Minutes = 0.0,
    cuts: Annotated[int, typer.Option(min=1, help="Power cuts a seed.")] = 400,
    plant: Annotated[
        str, typer.Option(help="Plant a fault that must be found; 'drill plants' names them.")
    ] = "",
    jobs: Jobs = 0,
    as_json: AsJson = False,
) -> None:
    """Cut the power at any moment: what was not synced is lost, kept, torn or reordered."""
    from answerable.console.run_drill import run_power
    from answerable.planning.faults.run import Extent

    extent = Extent(seed, seeds, minutes, _jobs(jobs))
    raise typer.Exit(run_power(extent, cuts, plant, as_json=as_json))


@drill_app.command("town")
def town(
    seed: Seed = 1,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 20,
    minutes: Minutes = 0.0,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days a seed.")] = 1,
    steps: Annotated[
        int, typer.Option(min=0, help="End a day after so many steps; 0: at midnight.")
    ] = 0,
    shorter: Annotated[
        bool, typer.Option("--shorter", help="Look for fewer steps that fail in the same way.")
    ] = False,
    plant: Annotated[
        str, typer.Option(help="Plant a fault that must be found; 'drill plants' names them.")
    ] = "",
    jobs: Jobs = 0,
    as_json: AsJson = False,
) -> None:
    """Let a made-up town live through days of calls, crashes, lost messages and set clocks."""
    from answerable.console.run_drill import run_town
    from answerable.planning.drill import Town
    from answerable.planning.faults.run import Extent

    extent = Extent(seed, seeds, minutes, _jobs(jobs))
    raise typer.Exit(run_town(extent, Town(days, steps or None, plant, shorter), as_json=as_json))


@drill_app.command("plants")
def plants(
    seed: Seed = 1,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds for each.")] = 40,
    jobs: Jobs = 0,
    as_json: AsJson = False,
) -> None:
    """Plant each known fault and say in what share of the seeds the drill catches it."""
    from answerable.console.run_drill import run_plants
    from answerable.planning.faults.run import Extent

    raise typer.Exit(run_plants(Extent(seed, seeds, jobs=_jobs(jobs)), as_json=as_json))
