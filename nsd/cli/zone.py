"""`nsdctl zone …`: import, export, list."""

import asyncio
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from nsd.account.ownership import owns
from nsd.change.changes import Changes
from nsd.cli import store
from nsd.cli.operator import operator
from nsd.cli.options import ConfigOption, DataOption, JsonOption, load_settings
from nsd.cli.table import show
from nsd.errors import Fault, Invalid, MasterFileInvalid, NotFound, NsdError
from nsd.store import defaults, users, zones
from nsd.store.served import View
from nsd.zone import masterfile, name
from nsd.zone.masterfile import MasterFile
from nsd.zone.name import WireName, lower, to_text

app = typer.Typer(help="Zones as master files.", no_args_is_help=True)

TOGETHER = 64  # zones on their way into the database at once


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Master files.")],
    user: Annotated[str, typer.Option("--user", help="The account that gets the zones.")] = "admin",
    origin: Annotated[
        str | None, typer.Option("--origin", help="The origin where a file does not say it.")
    ] = None,
    replace: Annotated[  # noqa: FBT002
        bool, typer.Option("--replace", help="Replace the content of zones that exist.")
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Import master files: one transaction a zone; a zone with errors is left as it was."""
    settings = load_settings(data, config)
    start = None if origin is None else lower(name.from_text(origin))

    async def work(changes: Changes) -> int:
        owner = await changes.database.read(lambda connection: users.by_name(connection, user))
        imports = _Imports(changes, owner, start, replace=replace)
        return await imports.run(files)

    if store.with_changes(settings, work):
        raise typer.Exit(1)


class _Imports:
    """The import of many files, several on their way at once."""

    def __init__(
        self, changes: Changes, owner: users.User, origin: WireName | None, *, replace: bool
    ) -> None:
        self._changes = changes
        self._owner = owner
        self._origin = origin
        self._replace = replace
        self._principal = operator("zone import")
        self._room = asyncio.Semaphore(TOGETHER)
        self._failed = 0

    async def run(self, files: Sequence[Path]) -> int:
        """Import all files, print every error; give the number of files with errors."""
        async with asyncio.TaskGroup() as tasks:
            for file in _with_progress(files):
                await self._room.acquire()
                tasks.create_task(self._import(file))
        return self._failed

    async def _import(self, file: Path) -> None:
        try:
            await self._store(_read(file, self._origin))
        except MasterFileInvalid as error:
            self._fail(*map(str, error.faults))
        except NsdError as error:
            self._fail(f"{file}: {error.detail}")
        finally:
            self._room.release()

    def _fail(self, *lines: str) -> None:
        self._failed += 1
        for line in lines:
            print(line, file=sys.stderr)  # noqa: T201

    async def _store(self, content: MasterFile) -> None:
        if self._replace:
            try:
                await self._changes.edit(
                    self._principal,
                    lambda connection: _own(connection, self._owner, content.apex),
                    lambda edit: edit.load(content),
                )
            except NotFound:
                pass
            else:
                return
        await self._changes.create_zone(
            self._principal, self._owner.id, content.apex, lambda edit: edit.load(content)
        )


def _own(connection: sqlite3.Connection, owner: users.User, apex: WireName) -> zones.ZoneRow:
    zone = zones.by_apex(connection, apex)
    if not owns(owner.id, zone):
        raise Invalid(f"the zone {to_text(apex)} belongs to another account")
    return zone


def _with_progress(files: Sequence[Path]) -> Iterator[Path]:
    console = Console(stderr=True)
    if len(files) < 2 or not console.is_terminal:
        yield from files
    else:
        yield from track(files, description="Importing", console=console)


def _read(file: Path, origin: WireName | None) -> MasterFile:
    """Read a master file and what it includes, relative to its own folder."""

    def include(included: str) -> str:
        return _text(file.parent / included)

    return masterfile.parse(_text(file), file=str(file), origin=origin, include=include)


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise MasterFileInvalid([Fault(str(file), 1, f"cannot be read: {why}")]) from error


@app.command("export")
def export(
    zone: Annotated[str, typer.Argument(metavar="ZONE", help="The zone's name.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Print a zone as a master file."""
    settings = load_settings(data, config)
    apex = lower(name.from_text(zone))

    def work(connection: sqlite3.Connection) -> list[str]:
        try:
            row = zones.by_apex(connection, apex)
        except NotFound:
            raise NotFound(f"there is no zone {to_text(apex)}") from None
        return list(View(row, defaults.stored(connection)).source_file(connection))

    sys.stdout.writelines(store.read(settings, work))


@app.command("list")
def list_(
    *, json: JsonOption = False, data: DataOption = None, config: ConfigOption = None
) -> None:
    """List all zones."""

    def work(connection: sqlite3.Connection) -> list[dict[str, object]]:
        names = {user.id: user.name for user in users.everyone(connection)}
        return [
            {
                "zone": to_text(row.apex),
                "user": names[row.user_id],
                "serial": row.serial,
                "records": row.record_count,
                "suspended": row.suspended_by or None,
                "uuid": row.uuid,
            }
            for row in zones.everything(connection)
        ]

    columns = ("zone", "user", "serial", "records", "suspended", "uuid")
    show(store.read(load_settings(data, config), work), columns, as_json=json)
