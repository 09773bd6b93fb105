"""`nsdctl bind export`: files for BIND9."""

import sqlite3
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from nsd.bind.export import CONFIG, BindExport, Outcome, write_private
from nsd.cli import store
from nsd.cli.options import ConfigOption, DataOption, load_settings
from nsd.cli.secondary import config_of, primary_address
from nsd.errors import Invalid, StoreError
from nsd.secondary.config import Config, bind_zones
from nsd.settings import Settings
from nsd.settings.value import is_short_name
from nsd.store import secondaries
from nsd.store.secondaries import by_name
from nsd.store.zones import ZoneRow

app = typer.Typer(help="Files for BIND9 secondaries.", no_args_is_help=True)


class Mode(StrEnum):
    """How a server gets its zones."""

    files = "files"
    transfer = "transfer"


@app.callback()
def bind() -> None:
    """Files for BIND9 secondaries."""


@app.command("export")
def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the folders go.")],
    server: Annotated[
        list[str] | None, typer.Option("--server", help="A server's name; may be repeated.")
    ] = None,
    mode: Annotated[
        Mode, typer.Option("--mode", help="Zone files, or zones that the server transfers.")
    ] = Mode.files,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a folder for each server: zone files, and a named.conf to include."""
    settings = load_settings(data, config)
    servers = tuple(map(_short_name, server or ()))
    if mode is Mode.transfer:
        for line in _export_transfers(settings, directory, servers):
            typer.echo(line)
        return
    servers = servers or settings.bind.servers

    def work(connection: sqlite3.Connection) -> Outcome:
        return BindExport(directory, servers, settings.bind.placed_in).everything(
            connection, _with_progress
        )

    outcome = store.read(settings, work)
    typer.echo(f"{outcome.written} zone files written, {outcome.removed} removed, in {directory}")


def _short_name(text: str) -> str:
    if not is_short_name(text):
        raise Invalid(f"--server: '{text}' is not a server's short name")
    return text


def _export_transfers(settings: Settings, directory: Path, servers: tuple[str, ...]) -> list[str]:
    """Write for secondaries, all or these, a named.conf in which each zone is transferred."""
    primary = primary_address(settings, None)

    def work(connection: sqlite3.Connection) -> list[Config]:
        named = [by_name(connection, server) for server in servers]
        return [
            config_of(connection, settings, secondary, primary, folder="")
            for secondary in named or secondaries.everything(connection)
        ]

    configs = store.read(settings, work)
    if not configs:
        raise Invalid("no secondary is declared; 'nsdctl secondary add NAME ADDR' declares one")
    lines = []
    for config in configs:
        file = directory / config.name / CONFIG
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            write_private(file, bind_zones(config))
        except OSError as error:
            raise StoreError(f"cannot export to '{file}': {error.strerror}") from error
        lines.append(f"{len(config.zones)} zones to transfer written to {file}")
    return lines


def _with_progress(rows: list[ZoneRow]) -> Iterable[ZoneRow]:
    console = Console(stderr=True)
    if len(rows) < 100 or not console.is_terminal:
        return rows
    return track(rows, description="Exporting", console=console)
