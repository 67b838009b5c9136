"""The command ``answerable repeats``. Heavy imports happen inside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(repeats)


def repeats(
    file: Annotated[Path, typer.Argument(help="Call records, CSV (also .gz) or Parquet.")],
    town: Annotated[
        str, typer.Option(help="A packaged town, or the path of a town folder.")
    ] = "san_francisco",
    mapping: Annotated[
        Path | None, typer.Option(help="Use this mapping instead of the town's own.")
    ] = None,
    on: Annotated[
        str,
        typer.Option(help="As it stood at the end of this day, as 2018-05-14; else the last one."),
    ] = "",
    weekly: Annotated[
        bool, typer.Option("--weekly", help="As it stood at the end of every week of the record.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the shuffled records.")] = 1,
    keep: Annotated[
        Path | None,
        typer.Option(help="Also write the incidents here, as a town's past_calls.csv.gz."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say which places keep calling, of what, how often is usual there, and why it is said."""
    from answerable.console.repeating.command import Asked, run_repeats

    asked = Asked(file, town, mapping, on, weekly, seed, keep)
    raise typer.Exit(run_repeats(asked, as_json=as_json))
