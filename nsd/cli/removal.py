"""`nsdctl zone move|delete`, `nsdctl user remove`: what an administrator does for good."""

import sqlite3
import sys
from functools import partial
from typing import Annotated

import typer

from nsd.change import suspension
from nsd.change.changes import Changes
from nsd.change.removal import remove_account
from nsd.change.suspension import Holding
from nsd.cli import store
from nsd.cli.operator import operator
from nsd.cli.options import ConfigOption, DataOption, load_settings
from nsd.cli.suspension import UserArgument, ZoneArgument, content_text, perform, zone_named
from nsd.errors import Invalid
from nsd.store import users, zones
from nsd.zone.name import to_text

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def move_zone(
    zone: ZoneArgument,
    user: Annotated[str, typer.Option("--user", help="The account that gets it.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a zone to another account, within the limits of its plan."""
    settings = load_settings(data, config)
    finder = partial(zone_named, zone)
    moved = perform(
        settings, "zone move", partial(suspension.move_zone, finder, user, settings.plans)
    )
    typer.echo(f"{to_text(moved.apex)} belongs to {user}, {content_text(moved)}")


def delete_zone(
    *,
    zone: ZoneArgument,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Delete a zone with all its records."""
    settings = load_settings(data, config)
    finder = partial(zone_named, zone)
    row = suspension.visible(store.read(settings, finder))
    said = f"{to_text(row.apex)}, {content_text(row)}"
    confirm(f"Delete {said}?", yes=yes)

    async def work(changes: Changes) -> None:
        await changes.delete_zone(operator("zone delete"), finder)

    store.with_changes(settings, work)
    typer.echo(f"deleted {said}")


def remove_user(
    *,
    user: UserArgument,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Remove an account with its zones and its credentials."""
    settings = load_settings(data, config)
    confirm(f"Remove {_text(store.read(settings, partial(_holding, user)))}?", yes=yes)

    async def work(changes: Changes) -> Holding:
        return (await remove_account(changes, operator("user remove"), user)).result

    typer.echo(f"removed {_text(store.with_changes(settings, work))}")


def confirm(question: str, *, yes: bool) -> None:
    """Ask whether something is to be done, unless that is said already. Raises Invalid."""
    if yes:
        return
    typer.echo(f"{question} [y/N] ", err=True, nl=False)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):  # nobody is there to end the line
        typer.echo("", err=True)
    if answer.strip().lower() not in ("y", "yes"):
        raise Invalid("nothing was done: it was not confirmed, and --yes was not given")


def _holding(name: str, connection: sqlite3.Connection) -> Holding:
    user = users.by_name(connection, name)
    return Holding(user, tuple(zones.of_user(connection, user.id)))


def _text(holding: Holding) -> str:
    return f"{holding.user.name}, zones: {len(holding.zones)}, records: {holding.records}"
