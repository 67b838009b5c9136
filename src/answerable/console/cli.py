"""The command line: ``answerable demo``, ``replay``, ``fsck``.

Exit codes: 0 done, 1 refused or damage found, 2 it could not begin (bad input, port in use). Heavy
imports happen inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.main import get_command

from answerable import __version__
from answerable.console import tongue, vault_cli, witness_cli
from answerable.console.access_cli import account_app, token_app
from answerable.console.bench.command import bench
from answerable.console.client_cli import add_to
from answerable.console.drill_cli import drill_app
from answerable.console.keep import command as keeping
from answerable.console.log.key_cli import key_app
from answerable.console.referring.cli import referrals_app
from answerable.console.repeating import cli as repeating
from answerable.console.said import cli as said
from answerable.console.town_cli import town_app
from answerable.console.trying.rules_cli import rules_app

app = typer.Typer(
    name="answerable",
    help="The whole life of an emergency call, every step timed and verifiable.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(town_app)
app.add_typer(rules_app)
app.add_typer(referrals_app)
app.add_typer(drill_app)
app.add_typer(bench)
app.add_typer(account_app)
app.add_typer(token_app)
app.add_typer(key_app)

Town = Annotated[str, typer.Option(help="A packaged town, or the path of a town folder.")]


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"answerable {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which version this is.", callback=_say_version, is_eager=True
        ),
    ] = False,
    lang: Annotated[
        str,
        typer.Option(
            help="The language of help and answers, as zh-CN; else that of LC_ALL or LANG.",
            callback=tongue.check,
        ),
    ] = "",
) -> None:
    """Stand before every command."""


@app.command()
def demo(
    town: Town = "san_francisco",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0: a free one.")
    ] = 8110,
    speed: Annotated[
        float, typer.Option(min=1, max=600, help="Simulated seconds per second.")
    ] = 60.0,
    at: Annotated[
        str | None,
        typer.Option(
            help="Begin at this local time, as 2020-04-02T14:00; made-up calls also at: now. "
            "Left out: the afternoon of the first day."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the demo's record. Left out: data/demo, or data/demo-TOWN."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin a new record.")] = False,
    per_day: Annotated[
        float | None,
        typer.Option(
            min=1, max=5000, help="Made-up calls a day, for a town without recorded ones."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of made-up calls.")] = 1,
) -> None:
    """Run a town's recorded days, or made-up ones, in a live console in the browser."""
    from answerable.console.run_demo import DemoOptions, run_demo

    _log_to_stderr()
    options = DemoOptions(
        town=town, port=port, speed=speed, at=at, data=data, fresh=fresh, per_day=per_day, seed=seed
    )
    raise typer.Exit(run_demo(options))


@app.command()
def serve(
    settings: Annotated[
        Path | None, typer.Option(help="The settings, a serve.toml; options stand above it.")
    ] = None,
    town: Annotated[
        str | None, typer.Option(help="A packaged town, or the path of a town folder.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the record.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; 0: a free one.")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="A name it answers to, besides the loopback's.")
    ] = None,
    public_url: Annotated[str | None, typer.Option(help="The address people reach it by.")] = None,
    log_format: Annotated[str | None, typer.Option(help="The log: plain or json.")] = None,
    go_on: Annotated[
        str,
        typer.Option(
            help="Why to go on without witnessed events that are missing: the record says it, and "
            "its public log begins anew."
        ),
    ] = "",
) -> None:
    """Run a centre for real: accounts, its own record, until it is told to stop."""
    from answerable.console.serve.command import serve_command

    given: dict[str, object] = {
        "town": town,
        "data": str(data) if data else None,
        "host": host,
        "port": port,
    }
    more: dict[str, object] = {
        "names": tuple(name or ()),
        "public_url": public_url,
        "log_format": log_format,
    }
    raise typer.Exit(serve_command(settings, given | more, go_on))


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="Call records, CSV (also .gz) or Parquet.")],
    town: Town = "san_francisco",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    data: Annotated[
        Path | None, typer.Option(help="Keep the record in this folder (it must have none yet).")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the rows that were not recorded here (CSV, JSON).")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="Use this mapping instead of the town's own.")
    ] = None,
) -> None:
    """Send recorded calls through the real hub into a fresh record; print a service report."""
    from answerable.console.run_replay import run_replay

    raise typer.Exit(
        run_replay(file, town, as_json=as_json, data=data, report=report, mapping=mapping)
    )


@app.command()
def fsck(
    record: Annotated[Path, typer.Argument(help="A record file, or the folder that holds one.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read a whole record again, recompute everything, and compare. Changes nothing."""
    from answerable.console.run_fsck import run_fsck

    raise typer.Exit(run_fsck(record, as_json=as_json))


add_to(app)
keeping.add_to(app)
vault_cli.add_to(app)
witness_cli.add_to(app)
repeating.add_to(app)
said.add_to(app)


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )


def main() -> None:
    """Run the command line in the caller's language; the entry point of the package."""
    tongue.speak(tongue.asked(sys.argv[1:], os.environ))
    tongue.translated(get_command(app))()


if __name__ == "__main__":
    main()
