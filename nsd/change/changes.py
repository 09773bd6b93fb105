"""The door to all changes: what comes through here is checked, durable, and served.

A change is a function over a `ZoneEdit`, run in the writer's transaction. When the disk has it,
the zone in memory is patched, and then whoever asked is answered. Changes that another process
made in the same database are followed through the journal.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Final, TypeVar

from nsd.account.plan import Plans, check_zones, plan_of
from nsd.change import catalog
from nsd.change.domain import check_apex, check_takeover
from nsd.change.edit import ZoneEdit
from nsd.change.effect import Actor, Effect, apply
from nsd.change.follow import effects_since
from nsd.change.settle import differs, finish, finish_deletion
from nsd.errors import ReadOnly
from nsd.store import catalogs, journal, served, upstreams, zones
from nsd.store import defaults as stored_defaults
from nsd.store.catalogs import Catalog
from nsd.store.database import Database
from nsd.store.defaults import Defaults
from nsd.store.upstreams import Source
from nsd.store.zones import PRIMARY, SECONDARY, ZoneRow
from nsd.zone import serial
from nsd.zone.name import WireName, to_text
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone

T = TypeVar("T")
FindZone = Callable[[sqlite3.Connection], ZoneRow]
EditBody = Callable[[ZoneEdit], T]
Listener = Callable[[WireName], None]
Observer = Callable[[Effect], None]
_Work = Callable[[sqlite3.Connection], tuple[T, list[Effect]]]

NOTED: ContextVar[list[Effect] | None] = ContextVar("NOTED", default=None)
_WHY_READ_ONLY: Final = (
    "is a copy of another server's zone: change it there, or make it your own with"
    " 'nsdctl zone transfer ZONE --then-own'"
)


class Changes:
    """All changes of one process, and the zones in memory that they patch.

    `listeners` are told the apex of each zone that has changed, after the change is served;
    `observers` are told the whole effect, but none of hidden zones. Whoever sets `NOTED` to a
    list finds in it the effects of the changes made in that context.
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
        source: Source | None = None,
    ) -> ZoneRow:
        """Create a zone, with the first content that `body` gives it.

        With a source it is a copy of another server's zone, fetched from there.

        Raises Invalid where the name is taken, or inside or above another account's zone;
        LimitReached where the account's plan allows no more zones.
        """

        def work(connection: sqlite3.Connection) -> tuple[ZoneRow, list[Effect]]:
            check_apex(apex)
            check_takeover(connection, user_id, apex)
            check_zones(connection, plan_of(connection, self.plans, user_id), user_id)
            now = _now()
            first = _first_serial(connection, apex, now)
            kind = PRIMARY if source is None else SECONDARY
            zone = zones.insert(connection, user_id, apex, serial=first, now=now, kind=kind)
            if source is not None:
                upstreams.put(connection, zone.id, source, now=now)
            edit = self._edit(connection, zone, now, is_new=True)
            body(edit)
            effect = finish(edit, actor)
            return edit.zone, [effect, *catalog.join(self._writer(connection), edit.zone)]

        return await self._run(work)

    async def delete_zone(self, actor: Actor, find_zone: FindZone) -> None:
        """Delete a zone with all its records."""

        def work(connection: sqlite3.Connection) -> tuple[None, list[Effect]]:
            edit = self._edit(connection, find_zone(connection), _now())
            member = catalogs.member(connection, edit.zone.id)
            effect = finish_deletion(edit, actor)
            return None, [effect, *catalog.leave(self._writer(connection), member)]

        await self._run(work)

    async def edit(
        self,
        actor: Actor,
        find_zone: FindZone,
        body: EditBody[T],
        *,
        is_copy: bool = False,
        is_brief: bool = False,
    ) -> T:
        """Change a zone by what `body` does to its edit; give what `body` returned.

        An edit of a few records is brief.

        What `find_zone` or `body` raises leaves everything as it was. Raises ReadOnly for a zone
        that is fetched from elsewhere, unless it is its copy that changes.
        """

        def work(connection: sqlite3.Connection) -> tuple[T, list[Effect]]:
            zone = find_zone(connection)
            if zone.kind != (SECONDARY if is_copy else PRIMARY):
                raise ReadOnly(f"{to_text(zone.apex)} {_WHY_READ_ONLY}")
            edit = self._edit(connection, zone, _now())
            result = body(edit)
            return result, [finish(edit, actor)]

        return await self._run(work, is_brief=is_brief)

    async def ensure_catalog(self, group: str, suffix: WireName) -> Catalog:
        """Find the catalog of a group of secondaries, or make it."""
        return await self._run(
            lambda connection: catalog.ensure(self._writer(connection), group, suffix)
        )

    async def assign(
        self, find_zone: FindZone, group: str, property_: str | None, handover: int
    ) -> None:
        """Hand a zone over to a group of secondaries, in `handover` seconds.

        Raises NotFound for a group that is not there.
        """

        def work(connection: sqlite3.Connection) -> tuple[None, list[Effect]]:
            to = catalogs.of_group(connection, group)
            writer = self._writer(connection)
            return None, catalog.move(writer, find_zone(connection), to, property_, handover)

        await self._run(work)

    async def settle_catalogs(self) -> None:
        """Take zones that were handed over out of their former catalogs, when it is time."""
        if await self.database.read(lambda connection: catalogs.leaving(connection, _now())):
            await self._run(lambda connection: (None, catalog.settle(self._writer(connection))))

    async def serve_again(self, apex: WireName) -> None:
        """Load a zone anew that was taken out of memory. Raises NotFound, Unavailable."""

        def work(connection: sqlite3.Connection) -> tuple[Zone, int]:
            row = zones.by_apex(connection, apex)
            zone = served.load_zone(connection, row, self.defaults)
            return zone, journal.last_id(connection)

        assert self.table is not None
        while True:
            zone, shown = await self.database.read(work)
            if shown >= self._seen:  # nothing was committed meanwhile that it does not show
                self.table.put(zone)
                return

    def _writer(self, connection: sqlite3.Connection) -> catalog.Writer:
        return catalog.Writer(connection, self.defaults, _now())

    def _edit(
        self, connection: sqlite3.Connection, zone: ZoneRow, now: int, *, is_new: bool = False
    ) -> ZoneEdit:
        return ZoneEdit(connection, zone, self.defaults, self.plans, now, is_new=is_new)

    async def follow_if_changed(self) -> bool:
        """Follow what other processes changed since the last look; tell whether there was any."""
        version = await self.database.data_version()
        if version == self._data_version:
            return False
        await self._follow()
        self._data_version = version
        return True

    async def _run(self, work: _Work[T], *, is_brief: bool = False) -> T:
        """Commit and serve a change, even if whoever asked for it goes away meanwhile."""
        result, effects = await self.database.write(work, self._serve_next, is_brief=is_brief)
        noted = NOTED.get()
        if noted is not None:
            noted += effects
        if self.table is not None and effects and effects[-1].journal_id > self._seen:
            await self._follow()  # another process has changed something in between
        return result

    def _serve_next(self, outcome: tuple[object, list[Effect]]) -> None:
        _, effects = outcome
        for effect in effects:
            if self.table is not None and effect.journal_id == self._seen + 1:
                self._seen = effect.journal_id
                self._serve(effect)

    def _serve(self, effect: Effect) -> None:
        assert self.table is not None
        apply(effect, self.table)
        for listener in self.listeners:
            listener(effect.apex)
        for observer in () if effect.is_hidden else self.observers:
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
        if differs(edit):
            finish(edit, Actor("", "settings"))
