"""``answerable backup`` and ``answerable restore``: the options, and nothing that is slow to load.

Exit codes: 0 done and proved, 1 no backup was made, or it was not recorded; 2 it could not begin.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from answerable.console.access_cli import HERE, Json

backup_app = typer.Typer(
    name="backup", help="Back a record up, prove it by restoring it; make the key for it.",
    invoke_without_command=True,
)  # fmt: skip

Settings = Annotated[
    Path | None, typer.Option(help="A serve.toml, for whatever is not given here.")
]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="A file with a passphrase in its first line.")
]


@backup_app.callback()
def backup(
    ctx: typer.Context,
    to: Annotated[Path | None, typer.Option(help="The folder for the backups.")] = None,
    recipient: Annotated[
        str, typer.Option(help="For whom: the public line of a backup key, or a file with it.")
    ] = "",
    passphrase_file: PassphraseFile = None,
    keys: Annotated[
        bool, typer.Option("--keys", help="Back up the keys, which have a folder of their own.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Everything, not only what is new.")] = False,
    full_every: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Files in a chain; then a full one.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Chains kept, or backups of the keys.")
    ] = None,
    keys_days: Annotated[
        int | None, typer.Option(min=1, max=400, help="Days that backups of the keys are kept.")
    ] = None,
    scratch: Annotated[
        Path | None, typer.Option(help="Where it is restored to be proved. Else the data folder.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder of the centre.")] = None,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Back a record up beside its running centre, or at rest, and prove it by restoring it.

    A backup is called one only once it was restored into a scratch place and gave the same root.
    """
    if ctx.invoked_subcommand is not None:
        return
    from answerable.console.keep.run_backup import Asked, run_backup

    asked = Asked(
        to=to, recipient=recipient, passphrase_file=passphrase_file, keys=keys, full=full,
        full_every=full_every, keep=keep, keys_days=keys_days, scratch=scratch, data=data,
        settings=settings, as_json=as_json,
    )  # fmt: skip
    raise typer.Exit(run_backup(asked))


@backup_app.command("key")
def backup_key(
    file: Annotated[Path, typer.Argument(help="Where to write it; kept away from the machine.")],
    as_json: Json = False,
) -> None:
    """Make the key that opens backups, and print the public line that writes them."""
    from answerable.console.keep.run_restore import run_key

    raise typer.Exit(run_key(file, as_json=as_json))


def restore(
    source: Annotated[Path, typer.Argument(help="The folder of the backups.")],
    into: Annotated[Path, typer.Option(help="The data folder to put it into.")] = HERE,
    at: Annotated[
        int | None, typer.Option(min=1, help="As the record stood at this position.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="The file that 'answerable backup key' made.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Put a record, or its keys, back from backups, never over one that is there."""
    from answerable.console.keep.run_restore import run_restore

    raise typer.Exit(run_restore(source, into, at, key, passphrase_file, as_json=as_json))


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(backup_app)
    app.command()(restore)
