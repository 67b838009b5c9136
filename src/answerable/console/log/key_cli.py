"""``answerable key …``: the keys by which the public log signs, for the operator on the machine.

A running centre takes up a new key by itself, within a second. Exit codes: 0 done, 1 refused, 2 it
could not begin.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.console import tongue
from answerable.console.access_cli import HERE, when
from answerable.console.tongue import said

if TYPE_CHECKING:
    from answerable.record.log.keys import LogKeys

key_app = typer.Typer(
    name="key",
    help="The keys of the public log: show, make, rotate, back up.",
    no_args_is_help=True,
)

Data = Annotated[Path, typer.Option(help="The data folder of the centre.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@contextmanager
def _refusing() -> Iterator[None]:
    """End the command with the three sentences of a refusal, and its exit code."""
    from answerable.console.control import NotReached
    from answerable.kernel.store import StoreRefusal
    from answerable.record.log.refusals import LogRefusal

    try:
        yield
    except LogRefusal as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from refusal
    except (NotReached, StoreRefusal) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from refusal


def _path(data: Path) -> Path:
    from answerable.record.log.keys import KEYS_FILE

    return data / KEYS_FILE


def _now_us() -> int:
    return time.time_ns() // 1000


@key_app.command("show")
def show(data: Data = HERE, as_json: Json = False) -> None:
    """Print the verifier keys that outsiders check this log with, the one in use first."""
    from answerable.record.log.keys import open_keys

    with _refusing():
        keys = open_keys(_path(data))
    if as_json:
        typer.echo(json.dumps(_told(keys), ensure_ascii=False))
        return
    for one in reversed(keys.keys):
        typer.echo(one.vkey)
        typer.echo(f"  {_life(one.made_us, one.retired_us, one.reason)}")


def _life(made_us: int, retired_us: int, reason: str) -> str:
    if not retired_us:
        return said("signs since {made}", made=when(made_us))
    return said("signed from {made} to {retired} ({reason})", made=when(made_us),
                retired=when(retired_us), reason=reason)  # fmt: skip


def _told(keys: LogKeys) -> dict[str, Any]:
    """Return the public half of the keys: the seed is never printed."""
    return {
        "origin": keys.origin, "vkey": keys.vkey,
        "keys": [
            {"vkey": one.vkey, "made_us": one.made_us, "retired_us": one.retired_us,
             "reason": one.reason}
            for one in reversed(keys.keys)
        ],
    }  # fmt: skip


@key_app.command("make")
def make(
    origin: Annotated[str, typer.Option(help="The log's name for ever, as in the settings.")],
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Make the log's first key before the first start, which else makes it by itself."""
    from answerable.record.log.keys import make_keys
    from answerable.record.log.notes import is_name

    if not is_name(origin) or len(origin) > 160:
        raise typer.BadParameter(
            said(
                "'{name}' cannot be the name of a log. It has up to 160 characters, no spaces and "
                "no plus. Choose one like dispatch.example.org/log.",
                name=origin,
            )
        )
    data.mkdir(parents=True, exist_ok=True)
    with _refusing():
        keys = make_keys(_path(data), origin, _now_us())
    typer.echo(json.dumps(_told(keys), ensure_ascii=False) if as_json else keys.vkey)


@key_app.command("rotate")
def rotate(
    reason: Annotated[str, typer.Option(help="Why; it stands beside the key.")],
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Put a new key in the place of the one that signs; the old one stays listed."""
    from answerable.record import RECORD_FILE
    from answerable.record.log.keys import open_keys

    with _refusing():
        keys = open_keys(_path(data)).rotated(_now_us(), reason)
        if (data / RECORD_FILE).exists():
            _note(data, keys)
    typer.echo(json.dumps(_told(keys), ensure_ascii=False) if as_json else keys.vkey)
    if not as_json:
        typer.echo(
            said("Tell everybody who checks this log; checkpoints signed before still verify."),
            err=True,
        )


def _note(data: Path, keys: LogKeys) -> None:
    """Note the change in the record. The next start would do it, if this does not come to it."""
    import msgspec

    from answerable.console.control import reached
    from answerable.console.log.begin import noting
    from answerable.keeping.words import KeyChange

    changes = ((keys.verifiers[-1], KeyChange.ROTATED), (keys.verifiers[-2], KeyChange.WITHDRAWN))
    with reached(data) as centre:
        for key, change in changes:
            command = msgspec.to_builtins(noting(key, change))
            centre.ask({"command": command, "lang": tongue.tag()})


@key_app.command("backup")
def backup(
    to: Annotated[Path, typer.Argument(help="A folder, or the path of the copy.")],
    data: Data = HERE,
) -> None:
    """Copy the key file, and read the copy back; it holds the key that signs, so keep it safe."""
    from answerable.record.log.keys import open_keys

    with _refusing():
        target = open_keys(_path(data)).backed_up(to)
    typer.echo(
        said("The keys are copied to {path}. Whoever has it can sign for this log: keep it apart "
             "from the machine, where nobody else can read it.", path=target)
    )  # fmt: skip
