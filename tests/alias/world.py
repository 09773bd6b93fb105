"""Zones of one process, changed as its doors change them, and what was written into them."""

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from nsd.account.principal import Principal
from nsd.alias import stored
from nsd.alias.index import AliasIndex, AliasRecord
from nsd.alias.source import ServedZones
from nsd.change.changes import Changes
from nsd.change.edit import ZoneEdit
from nsd.change.follower import Follower
from nsd.change.memory import Memory
from nsd.service.defaults import zone_defaults
from nsd.settings import Settings
from nsd.store import copies, journal, records, users, zones
from nsd.store.alias_source import StoredZones
from nsd.store.copies import Primary
from nsd.store.database import open_database
from nsd.store.records import RecordRow
from nsd.zone.alias_walk import Walk, follow
from nsd.zone.name import WireName, from_text
from nsd.zone.record import Record
from nsd.zone.soa import Soa
from nsd.zone.table import ZoneTable
from tests.alias.written import WrittenZones

ME: Final = Principal("me", "test")
DEFAULTS: Final = zone_defaults(Settings().zone)
ONE = from_text("one.example.")
TWO = from_text("two.example.")
INNER = from_text("a.one.example.")  # comes and goes
COPY = from_text("b.one.example.")  # of another server's zone, which expires
EXPIRE: Final = 1000
IN_MEMORY: Final = "/dev/shm" if Path("/dev/shm").is_dir() else None  # where no disk is waited for


def soa(serial: int) -> Soa:
    """The SOA that the copy is fetched with."""
    server = from_text("ns.primary.example.")
    return Soa(60, server, server, serial, 60, 60, EXPIRE, 60)


class World:
    """The zones; `written` is what stands in them, by apex."""

    def __init__(self) -> None:
        self.now = 1_000_000
        self.written: dict[WireName, list[Record]] = {}
        self.expired: set[WireName] = set()
        self._fetched_at = self.now
        self._ending = AsyncExitStack()

    async def open(self) -> None:
        """Make the zones, in a database of their own."""
        folder = self._ending.enter_context(tempfile.TemporaryDirectory(dir=IN_MEMORY))
        self.database = await open_database(Path(folder))
        self._ending.push_async_callback(self.database.close)
        self.table = ZoneTable()
        self.follower = Follower(self.database, Memory(self.table), DEFAULTS)
        self.changes = Changes(
            self.database, DEFAULTS, Settings().plans, self.follower, wall=lambda: self.now
        )
        await self.changes.store_defaults()
        await self.follower.load()
        await self.database.write(
            lambda found: users.add(found, "me", email="", plan="unlimited", is_admin=False, now=1)
        )
        for apex in (ONE, TWO, COPY):
            await self.create(apex)

    async def close(self) -> None:
        await self._ending.aclose()

    async def create(self, apex: WireName) -> None:
        """Create a zone without records."""

        def body(edit: ZoneEdit) -> None:
            if apex == COPY:
                edit.set_whole_soa(soa(1))

        primary = Primary("192.0.2.53", 53, None) if apex == COPY else None
        await self.changes.create_zone(ME, 1, apex, body, primary)
        self.written[apex] = []

    async def drop(self, apex: WireName) -> None:
        """Delete a zone."""
        await self.changes.delete_zone(ME, lambda found: zones.by_apex(found, apex))
        del self.written[apex]

    async def add(self, apex: WireName, record: Record) -> None:
        """Add a record; what is refused is raised, and changes nothing."""
        await self._edit(apex, lambda edit: edit.insert(record))
        self.written[apex].append(record)

    async def delete(self, apex: WireName, record: Record) -> None:
        """Delete a record."""

        def body(edit: ZoneEdit) -> None:
            (row,) = [row for row in edit.at(record.owner) if row.record == record]
            edit.delete(row)

        await self._edit(apex, body)
        self.written[apex].remove(record)

    async def _edit(self, apex: WireName, body: Callable[[ZoneEdit], object]) -> None:
        await self.changes.edit(
            ME, lambda found: zones.by_apex(found, apex), body, is_copy=apex == COPY
        )

    def wait(self, seconds: int) -> None:
        """Let time pass, and the copy expire as its keeper would."""
        self.now += seconds
        if self.now >= self._fetched_at + EXPIRE:
            self.expired.add(COPY)
            self.table.remove(COPY)

    async def fetch(self) -> None:
        """Let the copy's primary confirm it."""
        self._fetched_at = self.now
        await self.database.write(self._note_success)
        if COPY in self.expired:
            await self.follower.load_again(COPY)
            self.expired.discard(COPY)

    def _note_success(self, connection: sqlite3.Connection) -> None:
        copies.note_success(connection, zones.by_apex(connection, COPY).id, self.now)

    async def row(self, apex: WireName, record: Record) -> RecordRow:
        """Give a record as it is stored."""

        def work(connection: sqlite3.Connection) -> RecordRow:
            zone = zones.by_apex(connection, apex)
            (row,) = [
                row
                for row in records.at_owner(connection, zone.id, record.owner)
                if row.record == record
            ]
            return row

        return await self.database.read(work)

    async def last_entry(self) -> journal.Entry:
        """Give the newest entry of the journal."""
        return await self.database.read(lambda found: list(journal.after(found, 0))[-1])

    async def in_store(self, targets: list[WireName]) -> list[Walk]:
        """Follow targets through the store, as a change does."""

        def work(connection: sqlite3.Connection) -> list[Walk]:
            source = StoredZones(connection, DEFAULTS, self.now)
            return [follow(source, target) for target in targets]

        return await self.database.read(work)

    async def in_memory(self, targets: list[WireName]) -> list[Walk]:
        """Follow targets through the zones in memory, as the keeper does."""
        index = AliasIndex()
        rows, _ = await self.database.read(stored.read_everything)
        for apex, row in rows:
            index.put(AliasRecord.of_row(apex, row))
        source = ServedZones(self.table, index, self.expired)
        return [follow(source, target) for target in targets]

    def as_written(self, targets: list[WireName]) -> list[Walk]:
        """Follow targets through what was written."""
        source = WrittenZones(self.written, self.expired)
        return [follow(source, target) for target in targets]
