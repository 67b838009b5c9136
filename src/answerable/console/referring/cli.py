"""The command group ``answerable referrals``. Heavy imports happen inside the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

referrals_app = typer.Typer(
    name="referrals",
    help="The rules by which a town refers to other agencies.",
    no_args_is_help=True,
    add_completion=False,
)


@referrals_app.callback()
def _group() -> None:
    """Stand before the commands, so that one command is still a group."""


@referrals_app.command("try")
def try_referrals(
    file: Annotated[Path, typer.Argument(help="The rules: a referral.toml.")],
    on: Annotated[
        Path | None,
        typer.Option("--on", help="A record of past calls. Left out: the town's own."),
    ] = None,
    town: Annotated[
        str, typer.Option(help="A packaged town, or the path of a town folder.")
    ] = "san_francisco",
    mapping: Annotated[
        Path | None, typer.Option(help="What the record's columns mean, if not as the town's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask the rules about past calls: which rule fires, which were passed over, and why."""
    from answerable.console.referring.trial import Asked, run_try

    raise typer.Exit(run_try(Asked(file, on, town, mapping), as_json=as_json))
