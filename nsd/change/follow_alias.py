"""An ALIAS followed through the zones in the store, inside the writer's transaction.

This is how loops are refused before they stand, and how an ALIAS whose target is ours has its
addresses as soon as it stands. Whatever changes later, `nsd.alias` follows.
"""

import sqlite3
from dataclasses import dataclass, field
from typing import Final

from nsd.errors import Invalid, NotFound
from nsd.store import records, served, zones
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow
from nsd.zone import name, rrtypes
from nsd.zone.alias import FAMILIES, Addresses, addresses_of
from nsd.zone.name import ROOT, WireName, lower, parent, wildcard_below

MAX_STEPS: Final = 16
FOLLOWED: Final = frozenset({rrtypes.ALIAS, rrtypes.CNAME})
Node = tuple[int, WireName]  # zone id, owner


def addresses(connection: sqlite3.Connection, row: RecordRow) -> Addresses | None:
    """Give an ALIAS the addresses of a target that is ours, None for any other record or target.

    Raises Invalid where following an ALIAS leads back to where it was.
    """
    walk = _Walk(connection, row)
    walk.go()
    return walk.found if row.record.rrtype == rrtypes.ALIAS else None


@dataclass(slots=True)
class _Walk:
    """The names that are followed from a record on, until they end."""

    connection: sqlite3.Connection
    start: RecordRow
    found: Addresses | None = None
    _ttl: int = 2**31 - 1
    _seen: list[Node] = field(default_factory=list)

    def go(self) -> None:
        first = self.start
        through_alias = first.record.rrtype == rrtypes.ALIAS
        self._seen.append((first.zone_id, first.record.owner))
        target: WireName | None = lower(first.record.rdata)
        while target is not None and len(self._seen) <= MAX_STEPS:
            node, rows = self._find(target)
            if node is None:
                return
            by_type = {row.record.rrtype: row.record for row in rows}
            follows = by_type.get(rrtypes.ALIAS) or by_type.get(rrtypes.CNAME)
            through_alias |= rrtypes.ALIAS in by_type
            if node in self._seen:
                if through_alias:
                    raise _loop(self.start)
                return
            self._seen.append(node)
            if follows is None:
                rrsets = served.rrsets_at(rows)
                self.found = addresses_of(map(rrsets.get, FAMILIES), self._ttl)
                return
            self._ttl = min(self._ttl, follows.ttl)
            target = lower(follows.rdata)

    def _find(self, target: WireName) -> tuple[Node | None, list[RecordRow]]:
        """Find the node that answers for a name; None where that is not ours to say."""
        zone = _closest_zone(self.connection, target)
        if zone is None or zone.is_suspended:
            return None, []
        rows = records.at_owner(self.connection, zone.id, target)
        if self._is_elsewhere(zone, target, rows):
            return None, []
        if rows:
            return (zone.id, target), rows
        return self._wildcard(zone, target)

    def _is_elsewhere(self, zone: ZoneRow, target: WireName, rows: list[RecordRow]) -> bool:
        """Tell whether a cut or a DNAME stands between a zone's apex and a name in it."""
        at = target
        while at != zone.apex:
            types = {row.record.rrtype for row in rows}
            if rrtypes.NS in types or (rrtypes.DNAME in types and at != target):
                return True
            at = parent(at)
            rows = records.at_owner(self.connection, zone.id, at)
        return at != target and any(row.record.rrtype == rrtypes.DNAME for row in rows)

    def _wildcard(self, zone: ZoneRow, target: WireName) -> tuple[Node | None, list[RecordRow]]:
        at = target
        while at != zone.apex:
            at = parent(at)
            wildcard = wildcard_below(at)
            rows = records.at_owner(self.connection, zone.id, wildcard)
            if rows:
                return (zone.id, wildcard), rows
            if records.at_owner(self.connection, zone.id, at):
                break
        return (zone.id, target), []


def _closest_zone(connection: sqlite3.Connection, target: WireName) -> ZoneRow | None:
    at = target
    while True:
        try:
            return zones.by_apex(connection, at)
        except NotFound:
            if at == ROOT:
                return None
            at = parent(at)


def _loop(start: RecordRow) -> Invalid:
    record = start.record
    return Invalid(
        f"{name.to_text(record.owner)} would be an ALIAS of itself, by way of"
        f" {name.to_text(record.rdata)}",
        field="value",
    )
