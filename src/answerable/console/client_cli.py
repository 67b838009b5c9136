"""``answerable send`` and ``answerable follow``: a running centre from the command line.

Exit codes: 0 done, 1 something was refused, 2 it could not begin or the centre did not answer.
"""

from __future__ import annotations

from typing import Annotated

import typer

Url = Annotated[
    str,
    typer.Option(envvar="ANSWERABLE_URL", help="The centre's address (or ANSWERABLE_URL)."),
]
Token = Annotated[
    str,
    typer.Option(
        envvar="ANSWERABLE_TOKEN",
        show_envvar=False,
        show_default=False,
        help="The token (better in ANSWERABLE_TOKEN, where nobody reads it off the screen).",
    ),
]
Plain = Annotated[
    bool,
    typer.Option("--plain", help="Let the token travel over HTTP: the way there is safe."),
]
Patience = Annotated[
    float, typer.Option(min=0, max=86_400, help="Seconds to try again while nothing answers.")
]
HERE = "http://127.0.0.1:8110"


def send(
    file: Annotated[str, typer.Argument(help="JSON commands, one a line; - is standard input.")],
    url: Url = HERE,
    token: Token = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print answers as JSON lines.")] = False,
    plain: Plain = False,
    patience: Patience = 30.0,
) -> None:
    """Send commands to a running centre and say what became of each.

    A command without a key gets one. While no answer comes it is sent again with the same key, so
    it is recorded once. Refused commands are told and passed over.
    """
    from answerable.console.run_client import Way, run_send

    way = Way(url=url, token=token, plain=plain, patience_s=patience)
    raise typer.Exit(run_send(file, way, as_json=as_json))


def follow(
    after: Annotated[
        int | None, typer.Option(min=0, help="Begin after this position; else with what comes.")
    ] = None,
    kinds: Annotated[
        str, typer.Option(help="Only these kinds of events: dispatch.UnitSent,intake.CallRung.")
    ] = "",
    to_end: Annotated[
        bool, typer.Option("--to-end", help="Stop where the record ends now.")
    ] = False,
    url: Url = HERE,
    token: Token = "",
    plain: Plain = False,
    patience: Patience = 600.0,
) -> None:
    """Print the events of a running centre as JSON lines, as they come.

    A broken connection is taken up again where it broke: nothing is left out, nothing comes twice.
    """
    from answerable.console.run_client import Way, run_follow

    way = Way(url=url, token=token, plain=plain, patience_s=patience)
    raise typer.Exit(run_follow(way, after, kinds, to_end=to_end))


def add_to(app: typer.Typer) -> None:
    """Add both commands."""
    app.command()(send)
    app.command()(follow)
