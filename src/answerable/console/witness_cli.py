"""``answerable verify`` and ``answerable witness …``: the outsider's commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

witness_app = typer.Typer(
    name="witness", help="Sign for other services' logs, as an outsider; look at what was signed.",
    no_args_is_help=True,
)  # fmt: skip

Data = Annotated[Path, typer.Option(help="The folder of the witness.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
HERE = Path("data/witness")


def verify(
    what: Annotated[
        str, typer.Argument(help="A log's address, a folder with one, a proof, or a receipt.")
    ],
    key: Annotated[
        list[str] | None, typer.Option(help="The log's public key, or a file of them.")
    ] = None,
    witness: Annotated[
        list[str] | None, typer.Option(help="The key of a witness that must have signed.")
    ] = None,
    opening: Annotated[
        list[Path] | None, typer.Option(help="A receipt or openings to find in the log.")
    ] = None,
    since: Annotated[
        list[Path] | None, typer.Option(help="An older checkpoint the log must go on from.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Keep what was read here, and go on from it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a public log from outside, a mirror of it, or a proof of one event."""
    from answerable.record import verify as verifier
    from answerable.record.log import notes

    verifier.LIBRARY[:] = [notes.holds]  # here there is OpenSSL; the file by itself has none
    words = [what, *(["--json"] if as_json else [])]
    for name, values in (
        ("--key", key), ("--witness", witness), ("--opening", opening), ("--since", since),
        ("--cache", [cache] if cache else None),
    ):  # fmt: skip
        words += [f"{name}={value}" for value in values or ()]
    raise typer.Exit(verifier.main(words))


@witness_app.command("serve")
def serve(
    data: Data = HERE,
    listen: Annotated[str, typer.Option(help="Where to listen, host:port.")] = "127.0.0.1:8120",
    name: Annotated[
        str, typer.Option(help="The name of a new witness, as witness.example.org/w1.")
    ] = "",
) -> None:
    """Run a witness: it signs only what goes on from what it has signed before."""
    from answerable.console.run_witness import run_witness

    raise typer.Exit(run_witness(data, listen, name))


@witness_app.command("add")
def add(
    key: Annotated[str, typer.Argument(help="The log's public key, as its service shows it.")],
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Sign for a log from now on, or take its new key; a running witness takes notice."""
    from answerable.console.run_witness import run_add

    raise typer.Exit(run_add(data, key, as_json=as_json))


@witness_app.command("show")
def show(
    data: Data = HERE,
    settings: Annotated[
        Path | None, typer.Option(help="Ask the witnesses of these settings, a serve.toml.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a witness has signed; with settings, ask each of a centre's witnesses."""
    from answerable.console.run_witness import run_ask, run_show

    code = run_ask(settings, as_json=as_json) if settings else run_show(data, as_json=as_json)
    raise typer.Exit(code)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(verify)
    app.add_typer(witness_app)
