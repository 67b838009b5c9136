"""The command group ``answerable rules``: what decides who is proposed, tried before it holds.

Exit codes as everywhere: 0 done, 2 it could not begin. Heavy imports happen inside the command.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

rules_app = typer.Typer(
    name="rules",
    help="Run cards, crews, rest and cover, tried before they hold.",
    no_args_is_help=True,
    add_completion=False,
)


@rules_app.callback()
def _group() -> None:
    """Stand before the commands, so that one command is still a group."""


@rules_app.command("try")
def try_rules(
    file: Annotated[
        Path, typer.Argument(help="The rules: TOML with run_cards, sending, or a whole town.toml.")
    ],
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
    against: Annotated[
        Path | None, typer.Option(help="Rules to compare with. Left out: those of the town's file.")
    ] = None,
    day: Annotated[
        list[str] | None, typer.Option(help="Only this day of the town, as 2020-04-02; repeatable.")
    ] = None,
    changes: Annotated[
        int, typer.Option(min=0, help="How many of the incidents that change are listed.")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Play past calls again under other rules of sending: who would have gone where."""
    from answerable.console.trying.command import Asked, run_try

    asked = Asked(file, on, town, mapping, against, tuple(day or ()))
    raise typer.Exit(run_try(asked, as_json=as_json, most=changes))
