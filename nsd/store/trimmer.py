"""Keeps the journal within its limits, in small steps beside other writes."""

from collections.abc import Callable
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
    """Drops what is too old or too much, of zones that have changed soon and of all at times.

    `clock` gives seconds that only go forward, `wall` Unix seconds.
    """

    def __init__(
        self,
        database: Database,
        *,
        entries: int,
        octets: int,
        seconds: int,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._entries = entries
        self._octets = octets
        self._seconds = seconds
        self._clock = clock
        self._wall = wall
        self._noted: set[WireName] = set()
        self._everything_at = clock()

    def note(self, apex: WireName) -> None:
        """Remember that a zone has changed."""
        self._noted.add(apex)

    async def trim_noted(self) -> None:
        """Trim the journal of each zone that has changed, from time to time of all."""
        now = self._clock()
        if now >= self._everything_at:
            self._noted.update(await self._database.read_apart(journal.apexes))
            self._everything_at = now + EVERYTHING_SECONDS
        while self._noted:
            apex = self._noted.pop()
            try:
                await self._trim(apex)
            except BaseException:
                self._noted.add(apex)
                raise

    async def _trim(self, apex: WireName) -> None:
        limits = journal.Limits(self._entries, self._octets, int(self._wall()) - self._seconds)
        dropped = 0
        if not await self._database.read(partial(journal.exceeds, apex, limits)):
            return
        while step := await self._database.write(
            lambda connection: journal.trim(connection, apex, limits, most=STEP)
        ):
            dropped += step
        log.debug("trimmed the journal", zone=apex.hex(), dropped=dropped)
