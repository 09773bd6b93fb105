"""The door to all changes: what comes through here is checked, durable, and served.

A change is a function over a `ZoneEdit`, run in the writer's transaction. When the disk has it,
the zone in memory is patched, and then whoever asked is answered. Changes that another process
made in the same database are followed through the journal.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from nsd.change.domain import check_apex, check_takeover
from nsd.change.edit import ZoneEdit
from nsd.change.effect import Actor, Effect, apply
from nsd.change.follow import effects_since
from nsd.change.plan import Plans, check_zones, plan_of
from nsd.store import defaults as stored_defaults
from nsd.store import journal, served, zones
from nsd.store.database import Database
from nsd.store.defaults import Defaults
from nsd.store.zones import ZoneRow
from nsd.zone import serial
from nsd.zone.name import WireName
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone

T = TypeVar("T")
FindZone = Callable[[sqlite3.Connection], ZoneRow]
EditBody = Callable[[ZoneEdit], T]
Listener = Callable[[WireName], None]
Observer = Callable[[Effect], None]


class Changes:
    """All changes of one process, and the zones in memory that they patch.

    `listeners` are told the apex of each zone that has changed, after the change is served;
    `observers` are told the whole effect.
    A process that serves no zones has no table.
    """

    def __init__(
        self, database: Database, table: ZoneTable | None, defaults: Defaults, plans: Plans
    ) -> None:
        self.database = database
        self.table = table
        self.listeners: list[Listener] = []
        self.observers: list[Observer] = []
        self.defaults = defaults
        self.plans = plans
        self._seen = 0  # the last journal entry that the zones in memory show
        self._following = asyncio.Lock()
        self._data_version = 0

    async def load(self) -> None:
        """Read all zones into memory, after the defaults have been brought up to date."""
        await self.database.write(partial(_settle_defaults, self.defaults, _now()))
        self._data_version = await self.database.data_version()
        loaded, self._seen = await self.database.read(partial(_load, self.defaults))
        assert self.table is not None
        for zone in loaded:
            self.table.put(zone)

    async def create_zone(
        self,
        actor: Actor,
        user_id: int,
        apex: WireName,
        body: EditBody[object] = lambda _edit: None,
    ) -> ZoneRow:
        """Create a zone, with the first content that `body` gives it.

        Raises Invalid where the name is taken, or inside or above another account's zone;
        LimitReached where the account's plan allows no more zones.
        """

        def work(connection: sqlite3.Connection) -> tuple[ZoneRow, Effect]:
            check_apex(apex)
            check_takeover(connection, user_id, apex)
            check_zones(connection, plan_of(connection, self.plans, user_id), user_id)
            now = _now()
            first = _first_serial(connection, apex, now)
            zone = zones.insert(connection, user_id, apex, serial=first, now=now)
            edit = self._edit(connection, zone, now, is_new=True)
            body(edit)
            effect = edit.finish(actor)
            return edit.zone, effect

        return await self._run(work)

    async def delete_zone(self, actor: Actor, find_zone: FindZone) -> None:
        """Delete a zone with all its records."""

        def work(connection: sqlite3.Connection) -> tuple[None, Effect]:
            edit = self._edit(connection, find_zone(connection), _now())
            return None, edit.finish_deletion(actor)

        await self._run(work)

    async def edit(self, actor: Actor, find_zone: FindZone, body: EditBody[T]) -> T:
        """Change a zone by what `body` does to its edit; give what `body` returned.

        What `find_zone` or `body` raises leaves everything as it was.
        """

        def work(connection: sqlite3.Connection) -> tuple[T, Effect]:
            edit = self._edit(connection, find_zone(connection), _now())
            result = body(edit)
            return result, edit.finish(actor)

        return await self._run(work)

    def _edit(
        self, connection: sqlite3.Connection, zone: ZoneRow, now: int, *, is_new: bool = False
    ) -> ZoneEdit:
        return ZoneEdit(connection, zone, self.defaults, self.plans, now, is_new=is_new)

    async def follow_if_changed(self) -> bool:
        """Follow what other processes changed since the last look; tell whether there was any."""
        version = await self.database.data_version()
        if version == self._data_version:
            return False
        self._data_version = version
        await self._follow()
        return True

    async def _run(self, work: Callable[[sqlite3.Connection], tuple[T, Effect]]) -> T:
        """Commit and serve a change, even if whoever asked for it goes away meanwhile."""
        result, effect = await self.database.write(work, self._serve_next)
        if self.table is not None and effect.journal_id > self._seen:
            await self._follow()  # another process has changed something in between
        return result

    def _serve_next(self, outcome: tuple[object, Effect]) -> None:
        _, effect = outcome
        if self.table is not None and effect.journal_id == self._seen + 1:
            self._seen = effect.journal_id
            self._serve(effect)

    def _serve(self, effect: Effect) -> None:
        assert self.table is not None
        apply(effect, self.table)
        for listener in self.listeners:
            listener(effect.apex)
        for observer in self.observers:
            observer(effect)

    async def _follow(self) -> None:
        async with self._following:
            effects = await self.database.read(partial(effects_since, self._seen, self.defaults))
            for effect in effects:
                self._seen = max(self._seen, effect.journal_id)
                self._serve(effect)


def _now() -> int:
    return int(time.time())


def _load(defaults: Defaults, connection: sqlite3.Connection) -> tuple[list[Zone], int]:
    return served.load_zones(connection, defaults), journal.last_id(connection)


def _first_serial(connection: sqlite3.Connection, apex: WireName, now: int) -> int:
    """Begin with the time, but after what secondaries of a former zone of the name may hold."""
    last = journal.last_serial(connection, apex)
    if last is None or serial.is_newer(now, than=last):
        return now
    return serial.following(last)


def _settle_defaults(defaults: Defaults, now: int, connection: sqlite3.Connection) -> None:
    """Store the defaults; where they have changed, so have the zones that rely on them."""
    before = stored_defaults.read(connection)
    if before == defaults:
        return
    stored_defaults.write(connection, defaults)
    if before is None:
        return
    for zone in list(zones.everything(connection)):
        edit = ZoneEdit(connection, zone, defaults, {}, now, defaults_before=before)
        edit.at(zone.apex)
        if edit.differs():
            edit.finish(Actor("", "settings"))
