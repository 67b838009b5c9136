"""The command group ``answerable bench``."""

from __future__ import annotations

from typing import Annotated

import typer

bench = typer.Typer(
    name="bench", help="Measure the real server under load.", no_args_is_help=True,
    pretty_exceptions_enable=False,
)  # fmt: skip


@bench.command()
def serve(
    town: Annotated[
        str, typer.Option(help="A packaged town, or the path of a town folder.")
    ] = "san_francisco",
    seconds: Annotated[float, typer.Option(min=0.2, help="Length of each part.")] = 10.0,
    clients: Annotated[int, typer.Option(min=1, max=256, help="Clients at once.")] = 16,
    consoles: Annotated[
        list[int] | None, typer.Option(help="Consoles that look on; may be given again.")
    ] = None,
    changes: Annotated[int, typer.Option(min=1, help="Changes the consoles wait for.")] = 100,
    pages: Annotated[int, typer.Option(min=1, help="How often each page is asked for.")] = 200,
    soak_minutes: Annotated[
        float, typer.Option(min=0, help="Instead: a steady load for so long.")
    ] = 0.0,
    soak_per_s: Annotated[float, typer.Option(min=1, help="Commands a second of it.")] = 200.0,
    url: Annotated[str, typer.Option(help="Drive a server that runs, as http://HOST:PORT.")] = "",
    token: Annotated[
        str, typer.Option(help="Its token, of a supervisor.", envvar="ANSWERABLE_TOKEN")
    ] = "",
) -> None:
    """Drive a real server with signed-in clients and consoles; print what it carries as JSON."""
    from answerable.console.bench.run import BenchOptions, run_bench

    counts = tuple(consoles or (100, 1000))
    options = BenchOptions(
        town=town, seconds=seconds, clients=clients, consoles=counts, changes=changes,
        page_times=pages, soak_minutes=soak_minutes, soak_per_s=soak_per_s,
        soak_consoles=counts[0], url=url, token=token,
    )  # fmt: skip
    raise typer.Exit(run_bench(options))
