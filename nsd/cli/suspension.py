"""`nsdctl user suspend|resume`, `nsdctl zone suspend|resume`: what stops an abuser."""

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

import typer

from nsd.account.act import Act
from nsd.change import suspension
from nsd.change.effect import Committed
from nsd.change.suspension import Holding
from nsd.cli import store
from nsd.cli.operator import operator
from nsd.cli.options import ConfigOption, DataOption, load_settings
from nsd.errors import NotFound
from nsd.settings import Settings
from nsd.store import zones
from nsd.store.defaults import Defaults
from nsd.store.zones import ZoneRow
from nsd.zone import name
from nsd.zone.name import lower, to_text

T = TypeVar("T")

UserArgument = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
ZoneArgument = Annotated[str, typer.Argument(metavar="ZONE", help="The zone's name.")]


def suspend_user(user: UserArgument, data: DataOption = None, config: ConfigOption = None) -> None:
    """Refuse an account's tokens and sessions, and serve its zones no longer."""
    work = partial(suspension.suspend_account, user)
    typer.echo(_user_text(perform(load_settings(data, config), "user suspend", work)))


def resume_user(user: UserArgument, data: DataOption = None, config: ConfigOption = None) -> None:
    """Let a suspended account be as it was, with its zones."""
    work = partial(suspension.resume_account, user)
    typer.echo(_user_text(perform(load_settings(data, config), "user resume", work)))


def suspend_zone(zone: ZoneArgument, data: DataOption = None, config: ConfigOption = None) -> None:
    """Serve a zone no longer, to anyone; it keeps all that it holds."""
    work = partial(suspension.suspend_zone, partial(zone_named, zone))
    typer.echo(zone_text(perform(load_settings(data, config), "zone suspend", work)))


def resume_zone(zone: ZoneArgument, data: DataOption = None, config: ConfigOption = None) -> None:
    """Serve a suspended zone again, as it was."""
    work = partial(suspension.resume_zone, partial(zone_named, zone))
    typer.echo(zone_text(perform(load_settings(data, config), "zone resume", work)))


def perform(settings: Settings, command: str, work: Callable[[Act, Defaults], Committed[T]]) -> T:
    """Do something with whole zones or accounts; give what came of it."""
    principal = operator(command)
    return store.with_changes(settings, lambda changes: changes.perform(principal, work)).result


def zone_named(text: str, connection: sqlite3.Connection) -> ZoneRow:
    """Find a zone by its name as a person writes it. Raises NotFound, Invalid."""
    apex = lower(name.from_text(text))
    try:
        return zones.by_apex(connection, apex)
    except NotFound:
        raise NotFound(f"there is no zone {to_text(apex)}") from None


def zone_text(zone: ZoneRow) -> str:
    """Say how a zone stands: whether it is served, its records, its serial."""
    return f"{to_text(zone.apex)} is {_STANDING[zone.suspended_by]}, {content_text(zone)}"


def content_text(zone: ZoneRow) -> str:
    """Say what a zone holds."""
    return f"records: {zone.record_count}, serial: {zone.serial}"


def _user_text(holding: Holding) -> str:
    user = holding.user
    standing = "suspended" if user.is_suspended else "active"
    return f"{user.name} is {standing}, zones: {len(holding.zones)}, records: {holding.records}"


_STANDING = {
    "": "served",
    "zone": "suspended",
    "account": "suspended with its account",
}
