"""From rows to what is served: RRsets, zones."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from nsd.store import records, zones
from nsd.store.defaults import Defaults
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow
from nsd.zone import alias, masterfile, rrset, rrtypes
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.rrset import RRset, pack
from nsd.zone.zone import Zone, rrsets_of

_Triple = tuple[int, int, bytes]  # type, TTL, RDATA


def rrsets_at(rows: Sequence[RecordRow]) -> dict[int, RRset]:
    """Give the RRsets that the records at one name make, by type."""
    if len(rows) == 1 and rows[0].record.rrtype != rrtypes.ALIAS:
        _, rrtype, ttl, rdata, *_ = rows[0].record
        return {rrtype: RRset(pack(rrtype, ttl, rdata))}
    return _rrsets(chain.from_iterable(map(_served_of, rows)))


def _served_of(row: RecordRow) -> Iterable[_Triple]:
    """Give what a record is served as: itself, or the addresses that an ALIAS stands for."""
    record = row.record
    if record.rrtype == rrtypes.ALIAS:
        return alias.unpack(row.addresses, record.ttl)
    return ((record.rrtype, record.ttl, record.rdata),)


def _rrsets(triples: Iterable[_Triple]) -> dict[int, RRset]:
    by_type: dict[int, list[tuple[int, bytes]]] = {}
    for rrtype, ttl, rdata in triples:
        by_type.setdefault(rrtype, []).append((ttl, rdata))
    return {rrtype: rrset.make(rrtype, pairs) for rrtype, pairs in by_type.items()}


def soa_rrset(zone: ZoneRow, defaults: Defaults) -> RRset:
    """Give the SOA RRset of a zone."""
    return RRset(pack(*_soa_triple(zone, defaults)))


def _soa_triple(zone: ZoneRow, defaults: Defaults) -> _Triple:
    soa = defaults.soa(zone)
    return rrtypes.SOA, soa.ttl, soa.rdata


def load_zone(connection: sqlite3.Connection, row: ZoneRow, defaults: Defaults) -> Zone:
    """Build one zone from its rows."""
    return _load(connection, [row], defaults, row.id, records.aliases(connection, row.id))[0]


def load_zones(connection: sqlite3.Connection, defaults: Defaults) -> list[Zone]:
    """Build all zones, in one pass over the records."""
    rows = list(zones.everything(connection))
    return _load(connection, rows, defaults, None, records.aliases(connection))


def _load(
    connection: sqlite3.Connection,
    rows: list[ZoneRow],
    defaults: Defaults,
    zone_id: int | None,
    aliases: Iterable[RecordRow],
) -> list[Zone]:
    loading = {row.id: Zone(row.apex) for row in rows}
    soas = {(row.id, row.apex): [_soa_triple(row, defaults)] for row in rows}
    columns = chain(records.served_columns(connection, zone_id), _columns(aliases))
    _fill(loading, columns, soas)
    ns = defaults.ns()
    for zone in loading.values():
        if rrtypes.NS not in rrsets_of(zone.nodes[zone.apex]):
            zone.put(zone.apex, ns)
    return list(loading.values())


def _columns(aliases: Iterable[RecordRow]) -> Iterable[tuple[int, WireName, int, int, bytes]]:
    for row in aliases:
        for rrtype, ttl, rdata in _served_of(row):
            yield row.zone_id, row.record.owner, rrtype, ttl, rdata


def _fill(
    loading: dict[int, Zone],
    columns: Iterable[tuple[int, WireName, int, int, bytes]],
    shared: dict[tuple[int, WireName], list[_Triple]],
) -> None:
    """Put all records into their zones; those that share a name come in a second round.

    `shared` brings the SOA of each zone.
    """
    for zone_id, owner, rrtype, ttl, rdata in columns:
        if not loading[zone_id].put_first(owner, pack(rrtype, ttl, rdata)):
            shared.setdefault((zone_id, owner), []).append((rrtype, ttl, rdata))
    for (zone_id, owner), triples in shared.items():
        zone = loading[zone_id]
        for rrtype, found in rrsets_of(zone.nodes[owner]).items():
            triples[:0] = [(rrtype, found.ttl, rdata) for rdata in found.rdatas]
        zone.put_node(owner, _rrsets(triples))


def zone_file(connection: sqlite3.Connection, row: ZoneRow, defaults: Defaults) -> str:
    """Write a zone as it is served, as a master file (RFC 1035, section 5)."""
    served = _records_of(load_zone(connection, row, defaults))
    return masterfile.write(row.apex, defaults.soa(row), served)


def source_file(connection: sqlite3.Connection, row: ZoneRow, defaults: Defaults) -> str:
    """Write a zone as its owner made it: each record with its own TTL, an ALIAS as itself."""
    own = [stored.record for stored in records.of_zone(connection, row.id)]
    if not any(record.rrtype == rrtypes.NS and record.owner == row.apex for record in own):
        ns = defaults.ns()
        own += [Record(row.apex, rrtypes.NS, ns.ttl, rdata) for rdata in ns.rdatas]
    return masterfile.write(row.apex, defaults.soa(row), own)


def _records_of(zone: Zone) -> list[Record]:
    return [
        Record(owner, rrset_there.rrtype, rrset_there.ttl, rdata)
        for owner, rrset_there in zone.rrsets()
        if rrset_there.rrtype != rrtypes.SOA
        for rdata in rrset_there.rdatas
    ]


def in_wire_form(
    connection: sqlite3.Connection, row: ZoneRow, defaults: Defaults
) -> Iterator[tuple[WireName, bytes]]:
    """Go through a zone as it is served, as pairs: a record's owner, and what follows it.

    The SOA comes first; the rest is read as it is asked for.
    """
    yield row.apex, soa_rrset(row, defaults).packed[2:]
    at_apex = rrsets_at(records.at_owner(connection, row.id, row.apex))
    at_apex.setdefault(rrtypes.NS, defaults.ns())
    yield from _records(row.apex, at_apex)
    owner, held = row.apex, list[_Triple]()
    rows = records.below_apex(connection, row.id, row.apex)
    for next_owner, rrtype, ttl, rdata, addresses in rows:
        if next_owner != owner:
            yield from _at(owner, held)
            owner, held = next_owner, []
        if rrtype == rrtypes.ALIAS:
            held += alias.unpack(addresses, ttl)
        else:
            held.append((rrtype, ttl, rdata))
    yield from _at(owner, held)


def _at(owner: WireName, held: list[_Triple]) -> Iterable[tuple[WireName, bytes]]:
    if len(held) == 1:
        return ((owner, pack(*held[0])[2:]),)
    return _records(owner, _rrsets(held))


def _records(owner: WireName, rrsets: dict[int, RRset]) -> Iterator[tuple[WireName, bytes]]:
    for rrtype, there in rrsets.items():
        ttl = there.ttl
        for rdata in there.rdatas:
            yield owner, pack(rrtype, ttl, rdata)[2:]
