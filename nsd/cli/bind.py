"""`nsdctl bind export`: files for BIND9."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from nsd.cli import store
from nsd.cli.options import ConfigOption, DataOption, load_settings
from nsd.secondary.bind_export import BindExport, Outcome
from nsd.store.zones import ZoneRow

app = typer.Typer(help="Files for BIND9 secondaries.", no_args_is_help=True)


@app.callback()
def bind() -> None:
    """Files for BIND9 secondaries."""


@app.command("export")
def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the folders go.")],
    server: Annotated[
        list[str] | None, typer.Option("--server", help="A server's name; may be repeated.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a folder for each server: zone files, and a named.conf to include."""
    settings = load_settings(data, config)
    servers = tuple(server) if server else settings.bind.servers

    def work(connection: sqlite3.Connection) -> Outcome:
        return BindExport(directory, servers).everything(connection, _with_progress)

    outcome = store.read(settings, work)
    typer.echo(f"{outcome.written} zone files written, {outcome.removed} removed, in {directory}")


def _with_progress(rows: list[ZoneRow]) -> Iterable[ZoneRow]:
    console = Console(stderr=True)
    if len(rows) < 100 or not console.is_terminal:
        return rows
    return track(rows, description="Exporting", console=console)
