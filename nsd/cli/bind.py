"""`nsdctl bind export`: files for BIND9."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import track

from nsd.cli import store
from nsd.cli.options import ConfigOption, DataOption, load_settings
from nsd.errors import Invalid
from nsd.secondary.bind_export import BindExport, Outcome
from nsd.settings.value import Server
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
    servers = tuple(map(_short_name, server)) if server else settings.bind.servers

    def work(connection: sqlite3.Connection) -> Outcome:
        return BindExport(directory, servers, settings.bind.placed_in).everything(
            connection, _with_progress
        )

    outcome = store.read(settings, work)
    typer.echo(f"{outcome.written} zone files written, {outcome.removed} removed, in {directory}")


def _short_name(text: str) -> str:
    try:
        return TypeAdapter(Server).validate_python(text)
    except ValidationError as error:
        raise Invalid(f"--server: '{text}' is not a server's short name") from error


def _with_progress(rows: list[ZoneRow]) -> Iterable[ZoneRow]:
    console = Console(stderr=True)
    if len(rows) < 100 or not console.is_terminal:
        return rows
    return track(rows, description="Exporting", console=console)
