"""One process on a database, and what its tests do with it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nsd.account.principal import Principal
from nsd.change.changes import Changes
from nsd.change.edit import ZoneEdit
from nsd.change.follower import Follower
from nsd.change.memory import Memory
from nsd.service.defaults import zone_defaults
from nsd.settings import Settings
from nsd.store import journal, zones
from nsd.store.database import Database
from nsd.store.zones import ZoneRow
from nsd.zone import rrtypes
from nsd.zone.name import WireName, from_text
from nsd.zone.record import Record
from nsd.zone.zone import Zone

ME = Principal("me", "test")
APEX = from_text("a.example.")
DEFAULTS = zone_defaults(Settings().zone)


@dataclass(frozen=True, slots=True)
class Process:
    """One process: `serve` where it has a follower, a command's where its zones stay empty."""

    database: Database
    changes: Changes
    follower: Follower

    @property
    def memory(self) -> Memory:
        return self.follower.memory

    @property
    def zones(self) -> dict[WireName, Zone]:
        return self.memory.table.by_apex

    def serial(self, apex: WireName = APEX) -> int:
        return self.zones[apex].serial

    async def create(self, *records: Record, apex: WireName = APEX) -> ZoneRow:
        def body(edit: ZoneEdit) -> ZoneRow:
            edit.insert_all(records)
            return edit.zone

        return (await self.changes.create_zone(ME, 1, apex, body)).result

    async def edit(self, body: Callable[[ZoneEdit], object]) -> None:
        await self.changes.edit(ME, find(), body)

    async def delete(self) -> None:
        await self.changes.delete_zone(ME, find())

    async def entries(self) -> list[journal.Entry]:
        return await self.database.read(lambda connection: list(journal.after(connection, 0)))


Open = Callable[..., Awaitable[Process]]


def a(owner: str, address: int = 1, ttl: int = 60) -> Record:
    return Record(from_text(owner), rrtypes.A, ttl, bytes((192, 0, 2, address)))


def find(apex: WireName = APEX) -> Callable[..., ZoneRow]:
    return lambda connection: zones.by_apex(connection, apex)
