"""From rows to what is served: RRsets, zones."""

import sqlite3
from collections.abc import Iterable, Sequence

from nsd.store import records, zones
from nsd.store.defaults import Defaults
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow
from nsd.zone import masterfile, rrset, rrtype
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.rrset import RRset, pack
from nsd.zone.zone import Zone, rrsets_of

_Triple = tuple[int, int, bytes]  # type, TTL, RDATA


def rrsets_at(rows: Sequence[RecordRow]) -> dict[int, RRset]:
    """Give the RRsets that the records at one name make, by type."""
    if len(rows) == 1:
        _, kind, ttl, rdata, *_ = rows[0].record
        return {kind: RRset(pack(kind, ttl, rdata))}
    return _rrsets((row.record.rrtype, row.record.ttl, row.record.rdata) for row in rows)


def _rrsets(triples: Iterable[_Triple]) -> dict[int, RRset]:
    by_type: dict[int, list[tuple[int, bytes]]] = {}
    for kind, ttl, rdata in triples:
        by_type.setdefault(kind, []).append((ttl, rdata))
    return {kind: rrset.make(kind, pairs) for kind, pairs in by_type.items()}


def soa_rrset(zone: ZoneRow, defaults: Defaults) -> RRset:
    """Give the SOA RRset of a zone."""
    soa = defaults.soa(zone)
    return rrset.make(rrtype.SOA, [(soa.ttl, soa.rdata)])


def load_zone(connection: sqlite3.Connection, row: ZoneRow, defaults: Defaults) -> Zone:
    """Build one zone from its rows."""
    return _load(connection, [row], defaults, zone_id=row.id)[0]


def load_zones(connection: sqlite3.Connection, defaults: Defaults) -> list[Zone]:
    """Build all zones, in one pass over the records."""
    return _load(connection, list(zones.everything(connection)), defaults, zone_id=None)


def _load(
    connection: sqlite3.Connection, rows: list[ZoneRow], defaults: Defaults, zone_id: int | None
) -> list[Zone]:
    loading = {row.id: Zone(row.apex) for row in rows}
    _fill(loading, records.served_columns(connection, zone_id))
    ns = defaults.ns()
    for row in rows:
        zone = loading[row.id]
        zone.put(row.apex, soa_rrset(row, defaults))
        if zone.rrset(row.apex, rrtype.NS) is None:
            zone.put(row.apex, ns)
    return list(loading.values())


def _fill(
    loading: dict[int, Zone], columns: Iterable[tuple[int, WireName, int, int, bytes]]
) -> None:
    """Put all records into their zones; those that share a name come in a second round."""
    shared: dict[tuple[int, WireName], list[_Triple]] = {}
    for zone_id, owner, kind, ttl, rdata in columns:
        if not loading[zone_id].put_first(owner, pack(kind, ttl, rdata)):
            shared.setdefault((zone_id, owner), []).append((kind, ttl, rdata))
    for (zone_id, owner), triples in shared.items():
        zone = loading[zone_id]
        first = [
            (kind, found.ttl, rdata)
            for kind, found in rrsets_of(zone.nodes[owner]).items()
            for rdata in found.rdatas
        ]
        for rrset_there in _rrsets(first + triples).values():
            zone.put(owner, rrset_there)


def zone_file(connection: sqlite3.Connection, row: ZoneRow, defaults: Defaults) -> str:
    """Write a zone as it is served, as a master file (RFC 1035, section 5)."""
    content = load_zone(connection, row, defaults).rrsets()
    records_of_it = [
        Record(owner, rrset_there.rrtype, rrset_there.ttl, rdata)
        for owner, rrset_there in content
        if rrset_there.rrtype != rrtype.SOA
        for rdata in rrset_there.rdatas
    ]
    return masterfile.write(row.apex, defaults.soa(row), records_of_it)
