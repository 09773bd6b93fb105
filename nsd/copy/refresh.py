"""Asks the primary of a copy, and stores what it sends."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from nsd.account.keyring import Keyring
from nsd.account.principal import Principal
from nsd.change.changes import Changes
from nsd.change.edit import ZoneEdit
from nsd.copy import content
from nsd.copy.assembly import Fetched
from nsd.copy.fetch import fetch
from nsd.errors import BadTransfer
from nsd.store import copies, zones
from nsd.store.copies import CopyRow
from nsd.zone.name import to_text
from nsd.zone.soa import Soa

log = structlog.get_logger()

PRINCIPAL: Final = Principal.server("transfer")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a primary has confirmed or sent: the SOA that is held now, and when, in Unix seconds."""

    soa: Soa
    at: int


class Refresher:
    """Brings copies up to date. `wall` gives Unix seconds."""

    def __init__(self, changes: Changes, keyring: Keyring, wall: Callable[[], float]) -> None:
        self._changes = changes
        self._keyring = keyring
        self._wall = wall

    def stored_soa(self, connection: sqlite3.Connection, row: CopyRow) -> Soa:
        """Read the SOA that is held of a copy. Raises NotFound."""
        return self._changes.defaults.soa(zones.by_id(connection, row.zone_id))

    async def refresh(self, row: CopyRow) -> Confirmed:
        """Fetch and store what a zone is now.

        Raises NoAnswer, BadTransfer, Unavailable, and NotFound for a zone that is gone.
        """
        held = await self._changes.database.read(lambda at: self.stored_soa(at, row))
        fetched = await self._fetch(row, held)
        try:
            return await self._store(row, held, fetched)
        except BadTransfer as error:
            log.warning(
                "changes do not fit the zone: the whole is fetched",
                zone=to_text(row.apex),
                why=error.detail,
            )
        return await self._store(row, held, await self._fetch(row, None))

    async def note_failure(self, row: CopyRow, why: str) -> None:
        """Say and store why a zone could not be fetched. Raises Unavailable."""
        log.warning(
            "a zone cannot be fetched: what we have stays",
            zone=to_text(row.apex),
            primary=row.primary.host,
            why=why,
        )
        if why != row.error:
            await self._changes.database.write(
                lambda connection: copies.note_failure(connection, row.zone_id, why)
            )

    async def _fetch(self, row: CopyRow, held: Soa | None) -> Fetched:
        primary = row.primary
        keys = self._keyring.by_id(primary.key_id)
        return await fetch(primary.host, primary.port, row.apex, keys, held, wall=self._wall)

    async def _store(self, row: CopyRow, held: Soa, fetched: Fetched) -> Confirmed:
        now = int(self._wall())
        if fetched.soa is None:
            await self._changes.database.write(
                lambda connection: copies.note_success(connection, row.zone_id, now)
            )
            return Confirmed(held, now)
        await self._replace(row, held, fetched, now)
        log.info(
            "fetched a zone" if fetched.is_whole else "fetched the changes of a zone",
            zone=to_text(row.apex),
            serial=fetched.soa.serial,
            primary=row.primary.host,
        )
        return Confirmed(fetched.soa, now)

    async def _replace(self, row: CopyRow, held: Soa, fetched: Fetched, now: int) -> None:
        def change(edit: ZoneEdit) -> None:
            if not fetched.is_whole and edit.zone.serial != held.serial:
                raise BadTransfer("the zone was fetched by somebody else meanwhile")
            content.replace(edit, fetched)
            copies.note_success(edit.connection, row.zone_id, now)

        await self._changes.edit(
            PRINCIPAL,
            lambda connection: zones.by_id(connection, row.zone_id),
            change,
            is_copy=True,
        )
