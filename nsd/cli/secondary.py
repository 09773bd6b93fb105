"""`nsdctl secondary …`: the servers that fetch zones from here."""

import sqlite3
import time
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from nsd.account.tsig_key import read_name
from nsd.change.changes import Changes
from nsd.cli import store
from nsd.cli.operator import operator
from nsd.cli.options import ConfigOption, DataOption, JsonOption, load_settings
from nsd.cli.table import as_table, show
from nsd.cli.token import time_text
from nsd.cli.tsig import keys
from nsd.secondary.config import FORMATS, Config
from nsd.secondary.declaration import (
    DEFAULT_GROUP,
    Declaration,
    Declarations,
    read_address,
    usual_key,
)
from nsd.settings import Endpoint, Settings
from nsd.store import catalogs, secondaries
from nsd.store.secondaries import Secondary
from nsd.store.tsig_keys import TsigKey
from nsd.zone import name
from nsd.zone.name import WireName, lower, to_text

app = typer.Typer(help="Servers that fetch zones from here.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The secondary's short name.")]
_STATUS = ("name", "zones", "current", "behind", "seconds_behind", "last_seen", "last_error")
_ZONE_STATUS = ("name", "zone", "serial", "seen", "seconds_behind", "error")


class Format(StrEnum):
    """The programs for which files are written."""

    bind = "bind"
    knot = "knot"
    nsd = "nsd"


@app.command("add")
def add(
    secondary: NameArgument,
    address: Annotated[str, typer.Argument(metavar="ADDR[:PORT]", help="Where it answers.")],
    key: Annotated[
        str | None, typer.Option("--key", help="Its key; made if missing. Usually NAME-key.")
    ] = None,
    no_key: Annotated[  # noqa: FBT002
        bool, typer.Option("--no-key", help="Know it by its address alone.")
    ] = False,
    group: Annotated[str, typer.Option("--group", help="The group that it is of.")] = DEFAULT_GROUP,
    control: Annotated[
        str, typer.Option("--control", help="An nsd-control command that adds its zones.")
    ] = "",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Declare a secondary, and make its key and its group's catalog if they are missing."""
    settings = load_settings(data, config)
    endpoint = read_address(address)
    key_name = None if no_key else usual_key(secondary) if key is None else read_name(key)
    declared = Declaration(secondary, endpoint.host, endpoint.port, key_name, group, control)

    async def work(changes: Changes) -> None:
        await declarations(settings, changes).add(operator("secondary add"), declared)

    store.with_changes(settings, work)
    typer.echo(f"added {secondary} at {endpoint}; next: nsdctl secondary config {secondary}")


def declarations(settings: Settings, changes: Changes) -> Declarations:
    """Give what adds and removes secondaries."""
    suffix = lower(name.from_text(settings.transfer.catalog_suffix))
    return Declarations(changes, keys(settings), suffix, time.time)


@app.command("remove")
def remove(secondary: NameArgument, data: DataOption = None, config: ConfigOption = None) -> None:
    """Remove a secondary; its transfers are refused within a second."""
    settings = load_settings(data, config)

    async def work(changes: Changes) -> None:
        await declarations(settings, changes).remove(operator("secondary remove"), secondary)

    store.with_changes(settings, work)
    typer.echo(f"removed {secondary}")


@app.command("list")
def list_(
    *, json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List the secondaries."""
    settings = load_settings(data, config)

    def work(connection: sqlite3.Connection) -> list[dict[str, object]]:
        names = {key.id: to_text(key.name) for key in keys(settings).everything(connection)}
        known = {catalog.zone_id: catalog for catalog in catalogs.everything(connection)}
        return [
            {
                "name": one.name,
                "address": str(Endpoint(one.host, one.port)),
                "group": known[one.catalog_id].group,
                "catalog": to_text(known[one.catalog_id].apex),
                "key": None if one.key_id is None else names[one.key_id],
                "control": one.control or None,
            }
            for one in secondaries.everything(connection)
        ]

    columns = ("name", "address", "group", "catalog", "key", "control")
    show(store.read(settings, work), columns, as_json=json)


@app.command("status")
def status(
    *,
    zone: Annotated[str | None, typer.Option("--zone", help="Show this zone alone.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Print once, also on a terminal.")] = False,
    json: JsonOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Show who serves what: on a terminal as a live table, until Ctrl-C."""
    settings = load_settings(data, config)
    apex = None if zone is None else lower(name.from_text(zone))
    columns = _STATUS if apex is None else _ZONE_STATUS

    def read() -> list[dict[str, object]]:
        return store.read(settings, lambda connection: _status(connection, apex))

    console = Console()
    if json or once or not console.is_terminal:
        show(read(), columns, as_json=json)
        return
    with Live(as_table(read(), columns), console=console, auto_refresh=False) as live:
        while True:
            time.sleep(1)
            live.update(as_table(read(), columns), refresh=True)


def _status(connection: sqlite3.Connection, apex: WireName | None) -> list[dict[str, object]]:
    now = store.now()
    row = _summary if apex is None else _of_zone
    return [
        shown
        for secondary in secondaries.everything(connection)
        for shown in row(connection, secondary, apex, now)
    ]


def _summary(
    connection: sqlite3.Connection, secondary: Secondary, _apex: WireName | None, now: int
) -> list[dict[str, object]]:
    (catalog, _), *_ = zones_of = list(catalogs.zones_of(connection, secondary.catalog_id))
    zones = dict(zones_of)
    if secondary.control:  # it reads no catalogs
        del zones[catalog]
    seen = dict(secondaries.seen_by(connection, secondary.id))
    behind = [one for apex, one in seen.items() if one.behind_since is not None and apex in zones]
    current = sum(apex in seen and seen[apex].serial == zones[apex] for apex in zones)
    times = [one.seen_at for one in seen.values() if one.seen_at is not None]
    errors = [one.error for one in seen.values() if one.error]
    return [
        {
            "name": secondary.name,
            "zones": len(zones),
            "current": current,
            "behind": len(behind),
            "seconds_behind": max((now - (one.behind_since or now) for one in behind), default=0),
            "last_seen": time_text(max(times, default=None)),
            "last_error": errors[0] if errors else None,
        }
    ]


def _of_zone(
    connection: sqlite3.Connection, secondary: Secondary, apex: WireName | None, now: int
) -> list[dict[str, object]]:
    return [
        {
            "name": secondary.name,
            "zone": to_text(at),
            "serial": one.serial,
            "seen": time_text(one.seen_at),
            "seconds_behind": 0 if one.behind_since is None else now - one.behind_since,
            "error": one.error or None,
        }
        for at, one in secondaries.seen_by(connection, secondary.id)
        if at == apex
    ]


@app.command("config")
def config_(
    secondary: NameArgument,
    form: Annotated[Format, typer.Option("--format", help="The server's program.")] = Format.bind,
    primary: Annotated[
        str | None, typer.Option("--primary", help="ADDR[:PORT] at which it reaches this server.")
    ] = None,
    folder: Annotated[
        str | None, typer.Option("--folder", help="Where the server keeps its zones.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Print a complete configuration file for a secondary, its secret included."""
    settings = load_settings(data, config)
    address = primary_address(settings, primary)

    def work(connection: sqlite3.Connection) -> Config:
        one = secondaries.by_name(connection, secondary)
        usual = {"bind": "/var/cache/bind", "knot": "/var/lib/knot", "nsd": "/var/lib/nsd"}
        return config_of(connection, settings, one, address, folder=folder or usual[form.value])

    typer.echo(FORMATS[form.value](store.read(settings, work)), nl=False)


def primary_address(settings: Settings, said: str | None) -> Endpoint:
    """Find the address at which secondaries reach this server."""
    if said is not None:
        return read_address(said)
    return settings.transfer.address or settings.dns.listen[0]


def config_of(
    connection: sqlite3.Connection,
    settings: Settings,
    secondary: Secondary,
    primary: Endpoint,
    *,
    folder: str,
) -> Config:
    """Gather what a secondary's file says."""
    known = {key.id: key for key in keys(settings).everything(connection)}
    key: TsigKey | None = None if secondary.key_id is None else known[secondary.key_id]
    (catalog, _), *members = catalogs.zones_of(connection, secondary.catalog_id)
    return Config(
        secondary.name,
        Endpoint(secondary.host, secondary.port),
        folder,
        primary,
        key,
        WireName(catalog),
        [WireName(apex) for apex, _ in members],
    )
