"""The ALIAS records in the store: read, and given their addresses."""

import sqlite3

from nsd.alias.index import AliasRecord
from nsd.change.edit import ZoneEdit
from nsd.change.settle import differs
from nsd.errors import NothingChanges
from nsd.store import alias_failures, records, zones
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow
from nsd.zone import rrtypes
from nsd.zone.alias import Addresses
from nsd.zone.name import WireName, lower

Owners = set[WireName] | None  # None: the whole zone
Placed = tuple[WireName, RecordRow]  # the apex of the zone, a record in it


def read_everything(connection: sqlite3.Connection) -> tuple[list[Placed], dict[WireName, int]]:
    """Read every ALIAS, and since when which targets fail."""
    apexes: dict[int, WireName] = {}
    rows = records.aliases(connection)
    for zone_id in {row.zone_id for row in rows}:
        apexes[zone_id] = zones.by_id(connection, zone_id).apex
    return [(apexes[row.zone_id], row) for row in rows], alias_failures.everything(connection)


def read_some(unread: dict[WireName, Owners], connection: sqlite3.Connection) -> list[Placed]:
    """Read the ALIAS records at some names of some zones."""
    found = []
    for zone in zones.with_apexes(connection, unread):
        owners = unread[zone.apex]
        if owners is None:
            rows = records.aliases(connection, zone.id)
        else:
            rows = [row for owner in owners for row in records.at_owner(connection, zone.id, owner)]
        found += [(zone.apex, row) for row in rows if row.record.rrtype == rrtypes.ALIAS]
    return found


def zone_at(apex: WireName, connection: sqlite3.Connection) -> ZoneRow:
    """Find a zone; raises NotFound."""
    return zones.by_apex(connection, apex)


def resolve(pairs: list[tuple[AliasRecord, Addresses]], edit: ZoneEdit) -> None:
    """Give records their addresses, those that still are what they were.

    Raises NothingChanges where they are served already.
    """
    for record, addresses in pairs:
        for row in list(edit.at(record.owner)):
            same = (
                row.record.rrtype == rrtypes.ALIAS and lower(row.record.rdata) == record.hop.target
            )
            if row.id == record.id and same:
                edit.resolve(row, addresses)
    if not differs(edit):
        raise NothingChanges
