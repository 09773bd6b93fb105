"""Keeps the journal within its limits, in small steps beside other writes.

What a zone's past amounts to is counted once; after that only what has come since is. So a change
costs the same to look after in a zone of ten thousand changes and in one of ten.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import structlog

from nsd.store.database import Database
from nsd.zone.name import WireName

log = structlog.get_logger()

EVERYTHING_SECONDS: Final = 3600.0
STEP: Final = 200  # changes dropped in one write
MOST_KNOWN: Final = 10_000  # zones whose past is kept in mind


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one zone's past is kept; `oldest` is the Unix time before which nothing is."""

    entries: int
    octets: int
    oldest: int


@dataclass(frozen=True, slots=True)
class Past:
    """How much the journal holds of a zone: what stands from the entry `first` to `last`.

    `begins_at` is the time of the first one.
    """

    first: int = 0
    last: int = 0
    entries: int = 0
    octets: int = 0
    begins_at: int = 0

    def exceeds(self, limits: Limits) -> bool:
        """Tell whether it is too much.

        The newest entry is never too much: it tells the last serial of a zone that is gone.
        """
        return self.entries > 1 and (
            self.entries > limits.entries
            or self.octets > limits.octets
            or self.begins_at < limits.oldest
        )


NOTHING: Final = Past()


def count(connection: sqlite3.Connection, apex: WireName, known: Past = NOTHING) -> Past:
    """Count a zone's past; of what is known, only what came after it is read."""
    query = "SELECT id, at FROM journal WHERE apex = ? ORDER BY id LIMIT 1"
    row = connection.execute(query, (apex,)).fetchone()
    if row is None:
        return NOTHING
    first, begins_at = row
    if first != known.first:  # somebody else has trimmed it
        known = Past(first, last=first - 1, begins_at=begins_at)
    last, entries, octets = connection.execute(
        "SELECT max(id), count(*), sum(length(removed) + length(added)) FROM journal"
        " WHERE apex = ? AND id > ?",
        (apex, known.last),
    ).fetchone()
    if not entries:
        return known
    return replace(known, last=last, entries=known.entries + entries, octets=known.octets + octets)


def count_some(known: Mapping[WireName, Past], connection: sqlite3.Connection) -> list[Past]:
    """Count the past of some zones, as `count` does."""
    return [count(connection, apex, past) for apex, past in known.items()]


def trim(apex: WireName, past: Past, limits: Limits, connection: sqlite3.Connection) -> Past:
    """Drop a zone's oldest entries, at most so many as one step may; give what is left."""
    rows = connection.execute(
        "SELECT id, length(removed) + length(added), at FROM journal WHERE apex = ?"
        " ORDER BY id LIMIT ?",
        (apex, STEP + 1),
    ).fetchall()
    if not rows:
        return NOTHING
    for number, (first, octets, at) in enumerate(rows):
        past = replace(past, first=first, begins_at=at)
        if number == STEP or not past.exceeds(limits):
            break
        past = replace(past, entries=past.entries - 1, octets=past.octets - octets)
    connection.execute("DELETE FROM journal WHERE apex = ? AND id < ?", (apex, past.first))
    return past


def exceeding(limits: Limits, connection: sqlite3.Connection) -> list[WireName]:
    """List the zones, present or gone, of whose past there is too much."""
    rows = connection.execute(
        "SELECT apex FROM journal GROUP BY apex HAVING count(*) > 1 AND (count(*) > ?"
        " OR sum(length(removed) + length(added)) > ? OR min(at) < ?)",
        (limits.entries, limits.octets, limits.oldest),
    )
    return [WireName(apex) for (apex,) in rows]


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
        self._kept = partial(Limits, entries, octets)
        self._seconds = seconds
        self._clock = clock
        self._wall = wall
        self._noted: set[WireName] = set()
        self._known: dict[WireName, Past] = {}
        self._everything_at = clock()

    def note(self, apex: WireName) -> None:
        """Remember that a zone has changed."""
        self._noted.add(apex)

    async def trim_noted(self) -> None:
        """Trim the past of each zone that has changed, from time to time of all."""
        now = self._clock()
        if now >= self._everything_at:
            found = await self._database.read_long(partial(exceeding, self._limits()))
            self._everything_at = now + EVERYTHING_SECONDS
            self._noted.update(found)
        if self._noted:
            await self._trim_noted()

    async def _trim_noted(self) -> None:
        noted, self._noted = self._noted, set()
        known = {apex: self._known.get(apex, NOTHING) for apex in noted}
        try:
            pasts = await self._database.read_long(partial(count_some, known))
            for apex, past in zip(known, pasts, strict=True):
                self._keep_in_mind(apex, await self._trim(apex, past))
                noted.discard(apex)
        finally:
            self._noted |= noted

    async def _trim(self, apex: WireName, past: Past) -> Past:
        before = past
        while past.exceeds(limits := self._limits()):
            past = await self._database.write(partial(trim, apex, past, limits))
        if past != before:
            dropped = before.entries - past.entries
            log.debug("trimmed the journal", zone=apex.hex(), dropped=dropped)
        return past

    def _keep_in_mind(self, apex: WireName, past: Past) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[apex] = past

    def _limits(self) -> Limits:
        return self._kept(int(self._wall()) - self._seconds)
