"""`nsdctl zone transfer`: zones that come from another server."""

import sqlite3
import time
from typing import Annotated

import typer

from nsd.account import tsig_key
from nsd.account.keyring import in_use
from nsd.change.changes import Changes
from nsd.change.edit import ZoneEdit
from nsd.cli import store
from nsd.cli.operator import operator
from nsd.cli.options import ConfigOption, DataOption, load_settings
from nsd.cli.tsig import keys
from nsd.copy import content as copy
from nsd.copy.assembly import Fetched
from nsd.copy.fetch import fetch
from nsd.errors import BadTransfer, Invalid, NoAnswer, NotFound, Unavailable
from nsd.secondary.declaration import read_address
from nsd.settings import Endpoint, Settings
from nsd.store import copies, users, zones
from nsd.store.copies import Primary
from nsd.store.tsig_keys import TsigKey
from nsd.store.zones import COPY, ZoneRow
from nsd.zone import name
from nsd.zone.name import WireName, lower, to_text


def transfer(
    zone: Annotated[str, typer.Argument(metavar="ZONE", help="The zone's name.")],
    from_: Annotated[
        str | None, typer.Option("--from", help="ADDR[:PORT] of the primary that has it.")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", help="The TSIG key that it wants.")] = None,
    then_own: Annotated[  # noqa: FBT002
        bool, typer.Option("--then-own", help="Make it our own zone, changed here from now on.")
    ] = False,
    user: Annotated[str, typer.Option("--user", help="The account that gets it.")] = "admin",
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Fetch a zone from another server, and follow it there or take it over."""
    settings = load_settings(data, config)
    apex = lower(name.from_text(zone))
    address = None if from_ is None else read_address(from_)

    async def work(changes: Changes) -> str:
        move = _Move(settings, changes, apex, then_own=then_own)
        return await move.run(address, key, user)

    typer.echo(store.with_changes(settings, work))


class _Move:
    """One zone on its way here."""

    def __init__(
        self, settings: Settings, changes: Changes, apex: WireName, *, then_own: bool
    ) -> None:
        self._settings = settings
        self._changes = changes
        self._apex = apex
        self._then_own = then_own
        self._principal = operator("zone transfer")

    async def run(self, address: Endpoint | None, key: str | None, user: str) -> str:
        """Do what was asked for; give a sentence about it."""
        known = await self._changes.database.read(self._known)
        if address is None:
            if known is None or not self._then_own:
                raise Invalid("say where the zone is: --from ADDR")
            await self._take_over(known, None)
            return f"{to_text(self._apex)} is our own now"
        tsig = await self._key(key)
        fetched = await self._fetch(address, tsig)
        primary = Primary(address.host, address.port, None if tsig is None else tsig.id)
        if known is None:
            await self._create(fetched, primary, user)
        elif self._then_own:
            await self._take_over(known, fetched)
        else:
            await self._follow(known, fetched, primary)
        assert fetched.soa is not None
        what = "is our own now" if self._then_own else f"follows {address}"
        count = len(fetched.added)
        return f"{to_text(self._apex)} {what}: {count} records, serial {fetched.soa.serial}"

    def _known(self, connection: sqlite3.Connection) -> ZoneRow | None:
        try:
            row = zones.by_apex(connection, self._apex)
        except NotFound:
            return None
        if row.kind != COPY:
            raise Invalid(f"{to_text(self._apex)} is a zone of our own already")
        return row

    async def _key(self, key: str | None) -> TsigKey | None:
        if key is None:
            return None
        table, key_name = keys(self._settings), tsig_key.read_name(key)
        return await self._changes.database.read(
            lambda connection: table.by_name(connection, key_name)
        )

    async def _fetch(self, address: Endpoint, key: TsigKey | None) -> Fetched:
        signing = [] if key is None else list(in_use(key, store.now()))
        try:
            return await fetch(
                address.host, address.port, self._apex, signing, None, wall=time.time
            )
        except (NoAnswer, BadTransfer) as error:
            raise Unavailable(
                f"{to_text(self._apex)} cannot be fetched from {address}: {error}"
            ) from error

    async def _create(self, fetched: Fetched, primary: Primary, user: str) -> None:
        owner = await self._changes.database.read(
            lambda connection: users.by_name(connection, user)
        )
        soa = fetched.soa
        assert soa is not None

        def fill(edit: ZoneEdit) -> None:
            copy.fill(edit, soa, fetched.added.values(), is_own=self._then_own)

        await self._changes.create_zone(
            self._principal,
            owner.id,
            self._apex,
            fill,
            primary=None if self._then_own else primary,
        )

    async def _follow(self, known: ZoneRow, fetched: Fetched, primary: Primary) -> None:
        def change(edit: ZoneEdit) -> None:
            copy.replace(edit, fetched)
            copies.put(edit.connection, known.id, primary, now=store.now())

        await self._edit(known, change)

    async def _take_over(self, known: ZoneRow, fetched: Fetched | None) -> None:
        def change(edit: ZoneEdit) -> None:
            if fetched is not None:
                copy.replace(edit, fetched)
            edit.take_over()
            copies.remove(edit.connection, known.id)

        await self._edit(known, change)

    async def _edit(self, known: ZoneRow, change: copy.Change) -> None:
        await self._changes.edit(
            self._principal,
            lambda connection: zones.by_id(connection, known.id),
            change,
            is_copy=True,
        )
