"""The secondaries and the catalogs of this server, in memory as they were last read."""

import sqlite3

from nsd.store import catalogs, secondaries
from nsd.store.catalogs import Catalog
from nsd.store.database import Database
from nsd.store.secondaries import Secondary
from nsd.zone.name import WireName


class Directory:
    """Who is fed, and by which catalogs."""

    def __init__(self, database: Database) -> None:
        self.secondaries: tuple[Secondary, ...] = ()
        self.catalogs: dict[WireName, Catalog] = {}
        self._database = database

    async def load(self) -> None:
        """Read both anew, from one state of the store."""
        self.secondaries, self.catalogs = await self._database.read(_read)


def _read(
    connection: sqlite3.Connection,
) -> tuple[tuple[Secondary, ...], dict[WireName, Catalog]]:
    known = {catalog.apex: catalog for catalog in catalogs.everything(connection)}
    return tuple(secondaries.everything(connection)), known
