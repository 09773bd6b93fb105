"""What stands where, for the walk of an ALIAS, as the rows in the store say."""

import sqlite3
from functools import cached_property

from nsd.errors import NotFound
from nsd.store import copies, inner_names, records, served, zones
from nsd.store.defaults import Defaults
from nsd.store.records import RecordRow
from nsd.store.zones import CATALOG, COPY, ZoneRow
from nsd.zone import rrtypes
from nsd.zone.alias_walk import NOTHING, Holding, Hop
from nsd.zone.name import ROOT, WireName, lower, parent


class StoredZone:
    """One zone in the store."""

    def __init__(self, connection: sqlite3.Connection, row: ZoneRow) -> None:
        self.apex = row.apex
        self.is_suspended = row.is_suspended
        self._connection = connection
        self._row = row

    def at(self, owner: WireName) -> Holding | None:
        """Give what stands at a name; see `SourceZone`."""
        return self._at_apex if owner == self.apex else self._below(owner)

    @cached_property
    def _at_apex(self) -> Holding:
        return self._holding(self.apex) or NOTHING

    def _below(self, owner: WireName) -> Holding | None:
        holding = self._holding(owner)
        if holding is None and inner_names.has_below(
            self._connection, self._row.id, self.apex, owner
        ):
            return NOTHING
        return holding

    def _holding(self, owner: WireName) -> Holding | None:
        rows = records.at_owner(self._connection, self._row.id, owner)
        return Holding(served.rrsets_at(rows), _alias(rows)) if rows else None


def _alias(rows: list[RecordRow]) -> Hop | None:
    for row in rows:
        if row.record.rrtype == rrtypes.ALIAS:
            return Hop(lower(row.record.rdata), row.record.ttl)
    return None


class StoredZones:
    """All zones in the store, as they stand in one transaction; `now` is in Unix seconds.

    What was read is kept: only the addresses of ALIAS records may change beside it.
    """

    def __init__(self, connection: sqlite3.Connection, defaults: Defaults, now: int) -> None:
        self._connection = connection
        self._defaults = defaults
        self._now = now
        self._found: dict[WireName, StoredZone | None] = {}

    def closest(self, name: WireName) -> StoredZone | None:
        """Find the zone closest to a name; see `Source`."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: WireName) -> StoredZone | None:
        try:
            row = zones.by_apex(self._connection, name)
        except NotFound:
            return None if name == ROOT else self.closest(parent(name))
        if row.kind == CATALOG:
            return None if name == ROOT else self.closest(parent(name))
        return None if self._has_expired(row) else StoredZone(self._connection, row)

    def _has_expired(self, row: ZoneRow) -> bool:
        if row.kind != COPY:
            return False
        copy = copies.of_zone(self._connection, row.id)
        return copy is None or copy.fetched_at + self._defaults.soa(row).expire <= self._now
