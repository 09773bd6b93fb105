"""From the database to the zones in memory: all of them at the start, later what is missing."""

import asyncio
import sqlite3
from collections.abc import Sequence
from functools import partial

import structlog

from nsd.change.effect import Effect, apply
from nsd.change.follow import effects_since
from nsd.change.memory import Memory
from nsd.store import journal, served, zones
from nsd.store.database import Database
from nsd.store.defaults import Defaults
from nsd.zone.name import WireName
from nsd.zone.zone import Zone

log = structlog.get_logger()


class Follower:
    """Keeps the zones in memory at what the database holds, whoever has changed it."""

    def __init__(self, database: Database, memory: Memory, defaults: Defaults) -> None:
        self.memory = memory
        self._database = database
        self._defaults = defaults
        self._following = asyncio.Lock()
        self._data_version = 0
        self._is_behind = False

    async def load(self) -> None:
        """Read all zones into memory."""
        self._data_version = await self._database.data_version()
        loaded, self.memory.seen = await self._database.read_alone(partial(_load, self._defaults))
        for zone in loaded:
            self.memory.table.put(zone)

    async def load_again(self, apex: WireName) -> None:
        """Load a zone that was taken out of memory. Raises NotFound where there is none."""
        meanwhile: list[Effect] = []
        self.memory.listeners.append(meanwhile.append)
        try:
            zone = await self._database.read(partial(_load_one, self._defaults, apex))
        finally:
            self.memory.listeners.remove(meanwhile.append)
        self.memory.table.put(zone)
        for effect in meanwhile:  # some of them may be in there; the last ones say what stands
            if effect.apex == apex:
                apply(effect, self.memory.table)

    async def follow_if_changed(self) -> bool:
        """Follow what other processes changed since the last look; tell whether there was any.

        Raises Unavailable; then it is followed with the next look.
        """
        version = await self._database.data_version()
        if version == self._data_version and not self._is_behind:
            return False
        await self._follow()
        self._data_version = version
        return True

    async def catch_up(self, effects: Sequence[Effect]) -> None:
        """Show a change of our own that another process's change stands before.

        What cannot be shown now is shown with the next look: the change is on disk all the same.
        """
        if not effects or effects[-1].journal_id <= self.memory.seen:
            return
        try:
            await self._follow()
        except Exception:
            log.exception("a change could not be shown at once", zone=effects[0].apex.hex())

    async def _follow(self) -> None:
        async with self._following:
            self._is_behind = True
            work = partial(effects_since, self.memory.seen, self._defaults)
            self.memory.show_sum(await self._database.read(work))
            self._is_behind = False


def _load(defaults: Defaults, connection: sqlite3.Connection) -> tuple[list[Zone], int]:
    return served.load_zones(connection, defaults), journal.last_id(connection)


def _load_one(defaults: Defaults, apex: WireName, connection: sqlite3.Connection) -> Zone:
    return served.load_zone(connection, zones.by_apex(connection, apex), defaults)
