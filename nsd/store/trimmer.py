"""Keeps the journal within its limits, in small steps beside other writes."""

import time
from functools import partial
from typing import Final

import structlog

from nsd.store import journal
from nsd.store.database import Database
from nsd.zone.name import WireName

log = structlog.get_logger()

EVERYTHING_SECONDS: Final = 3600.0
STEP: Final = 200  # entries dropped in one write


class Trimmer:
    """Drops what is too old or too much, of zones that have changed soon and of all at times."""

    def __init__(self, database: Database, *, entries: int, octets: int, seconds: int) -> None:
        self._database = database
        self._entries = entries
        self._octets = octets
        self._seconds = seconds
        self._noted: set[WireName] = set()
        self._everything_at = 0.0

    def note(self, apex: WireName) -> None:
        """Remember that a zone has changed."""
        self._noted.add(apex)

    async def trim_noted(self) -> None:
        """Trim the journal of each zone that has changed, from time to time of all."""
        now = time.monotonic()
        if now >= self._everything_at:
            self._everything_at = now + EVERYTHING_SECONDS
            self._noted.update(await self._database.read_apart(journal.apexes))
        while self._noted:
            await self._trim(self._noted.pop())

    async def _trim(self, apex: WireName) -> None:
        limits = journal.Limits(self._entries, self._octets, int(time.time()) - self._seconds)
        dropped = 0
        if not await self._database.read(partial(journal.exceeds, apex, limits)):
            return
        while step := await self._database.write(
            lambda connection: journal.trim(connection, apex, limits, most=STEP)
        ):
            dropped += step
        log.debug("trimmed the journal", zone=apex.hex(), dropped=dropped)
