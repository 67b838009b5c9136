"""The command ``answerable satisfaction``. Heavy imports happen inside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(satisfaction)


def satisfaction(
    record: Annotated[Path, typer.Argument(help="A record file, or the folder that holds one.")],
    first: Annotated[
        str, typer.Option("--from", help="The first day, as 2020-04-02; else four weeks in all.")
    ] = "",
    last: Annotated[
        str, typer.Option("--to", help="The last day; else the last one on which a caller counts.")
    ] = "",
    by: Annotated[str, typer.Option(help="In groups by unit, area, kind or week.")] = "unit",
    about: Annotated[
        str, typer.Option(help="The question that is shown: manner, speed, result or overall.")
    ] = "overall",
    town: Annotated[
        str, typer.Option(help="The town whose titles name the kinds; else their codes do.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how many callers were asked and answered, and how satisfied, with how sure that is."""
    from answerable.console.said.command import Asked, run_satisfaction

    asked = Asked(record, first, last, by, about, town)
    raise typer.Exit(run_satisfaction(asked, as_json=as_json))
