"""What is served: the one view that derives it from what users wrote.

Users write records. Beside and instead of them a zone serves what is derived: its SOA, the name
servers of an apex that has none of its own, the addresses that an ALIAS stands for. Loading, the
journal, following, transfers and exports all read this view, so what is derived is derived here
and nowhere else: `View.at` for a name, `View.complete` for a zone in memory.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from nsd.store import records, zones
from nsd.store.defaults import Defaults
from nsd.store.records import RecordRow
from nsd.store.zones import ZoneRow
from nsd.zone import alias, masterfile, rrset, rrtypes
from nsd.zone.name import WireName
from nsd.zone.record import Record
from nsd.zone.rrset import Packed, RRset, pack
from nsd.zone.zone import SuspendedZone, Zone, rrsets_of

_Triple = tuple[int, int, bytes]  # type, TTL, RDATA
_Wire = tuple[WireName, bytes]  # a record's owner, and what follows it


@dataclass(frozen=True, slots=True)
class View:
    """What one zone serves, given its row and the defaults."""

    zone: ZoneRow
    defaults: Defaults

    def soa(self) -> RRset:
        """Give the SOA RRset."""
        soa = self.defaults.soa(self.zone)
        return RRset(pack(rrtypes.SOA, soa.ttl, soa.rdata))

    def at(self, owner: WireName, rows: Sequence[RecordRow]) -> dict[int, RRset]:
        """Give the RRsets of a name by type, from all its rows."""
        found = rrsets_at(rows)
        return self._at_apex(found) if owner == self.zone.apex else found

    def only(self, owner: WireName, rows: Sequence[RecordRow]) -> tuple[int, Packed] | None:
        """Give the type and the one record of a name that serves just what its one row says.

        None for any other name: `at` gives those. Most names of an import are of this kind.
        """
        if len(rows) != 1 or owner == self.zone.apex:
            return None
        _, rrtype, ttl, rdata, *_ = rows[0].record
        return None if rrtype == rrtypes.ALIAS else (rrtype, pack(rrtype, ttl, rdata))

    def complete(self, loaded: Zone) -> None:
        """Add what is derived to a zone in memory that holds what its rows say."""
        loaded.put_node(loaded.apex, self._at_apex(rrsets_of(loaded.nodes[loaded.apex])))

    def in_wire_form(self, connection: sqlite3.Connection) -> Iterator[_Wire]:
        """Go through the whole zone; the SOA comes first, the rest is read as it is asked for."""
        apex = self.zone.apex
        at_apex = self.at(apex, records.at_owner(connection, self.zone.id, apex))
        yield apex, at_apex.pop(rrtypes.SOA).packed[2:]
        yield from _records(apex, at_apex)
        for owner, triples in _by_owner(connection, self.zone):
            if len(triples) == 1:
                yield owner, pack(*triples[0])[2:]
            else:
                yield from _records(owner, _rrsets(triples))

    def source_file(self, connection: sqlite3.Connection) -> Iterator[str]:
        """Write the zone as its owner made it, in slices; an ALIAS is written as itself."""
        soa = self.defaults.soa(self.zone)
        return masterfile.slices(self.zone.apex, soa, self._own(connection))

    def _own(self, connection: sqlite3.Connection) -> Iterator[Record]:
        """Go through the records, and the name servers of an apex that has none of its own."""
        zone = self.zone
        has_ns = False
        for stored in records.of_zone(connection, zone.id):
            record = stored.record
            has_ns = has_ns or (record.rrtype == rrtypes.NS and record.owner == zone.apex)
            yield record
        if not has_ns:
            ns = self._at_apex({})[rrtypes.NS]
            yield from (Record(zone.apex, rrtypes.NS, ns.ttl, rdata) for rdata in ns.rdatas)

    def _at_apex(self, found: dict[int, RRset]) -> dict[int, RRset]:
        """Complete the RRsets of the apex by its SOA, and by name servers where there are none."""
        completed = {rrtypes.SOA: self.soa(), **found}
        completed.setdefault(rrtypes.NS, self.defaults.ns())
        return completed


def load_zone(connection: sqlite3.Connection, row: ZoneRow, defaults: Defaults) -> Zone:
    """Build one zone from its rows; a suspended one keeps only its place."""
    if row.is_suspended:
        return SuspendedZone(row.apex)
    return _load(connection, [row], defaults, row.id, records.aliases(connection, row.id))[0]


def load_zones(connection: sqlite3.Connection, defaults: Defaults) -> list[Zone]:
    """Build all zones, in one pass over the records."""
    rows = list(zones.everything(connection))
    served = [row for row in rows if not row.is_suspended]
    loaded = _load(connection, served, defaults, None, records.aliases(connection))
    return loaded + [SuspendedZone(row.apex) for row in rows if row.is_suspended]


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


def _load(
    connection: sqlite3.Connection,
    rows: list[ZoneRow],
    defaults: Defaults,
    zone_id: int | None,
    aliases: Iterable[RecordRow],
) -> list[Zone]:
    loading = {row.id: Zone(row.apex, row.user_id) for row in rows}
    _fill(loading, chain(records.served_columns(connection, zone_id), _columns(aliases)))
    for row in rows:
        View(row, defaults).complete(loading[row.id])
    return list(loading.values())


def _columns(aliases: Iterable[RecordRow]) -> Iterable[tuple[int, WireName, int, int, bytes]]:
    for row in aliases:
        for rrtype, ttl, rdata in _served_of(row):
            yield row.zone_id, row.record.owner, rrtype, ttl, rdata


def _fill(
    loading: dict[int, Zone], columns: Iterable[tuple[int, WireName, int, int, bytes]]
) -> None:
    """Put all records into their zones; those that share a name come in a second round."""
    shared: dict[tuple[int, WireName], list[_Triple]] = {}
    for zone_id, owner, rrtype, ttl, rdata in columns:
        if not loading[zone_id].put_first(owner, pack(rrtype, ttl, rdata)):
            shared.setdefault((zone_id, owner), []).append((rrtype, ttl, rdata))
    for (zone_id, owner), triples in shared.items():
        zone = loading[zone_id]
        for rrtype, found in rrsets_of(zone.nodes[owner]).items():
            triples[:0] = [(rrtype, found.ttl, rdata) for rdata in found.rdatas]
        zone.put_node(owner, _rrsets(triples))


def _by_owner(
    connection: sqlite3.Connection, zone: ZoneRow
) -> Iterator[tuple[WireName, list[_Triple]]]:
    """Go through the names below the apex, each with all that is served there."""
    at, held = zone.apex, list[_Triple]()
    for owner, rrtype, ttl, rdata, addresses in records.below_apex(connection, zone.id, zone.apex):
        if owner != at:
            if held:
                yield at, held
            at, held = owner, []
        if rrtype == rrtypes.ALIAS:
            held += alias.unpack(addresses, ttl)
        else:
            held.append((rrtype, ttl, rdata))
    if held:
        yield at, held


def _records(owner: WireName, rrsets: dict[int, RRset]) -> Iterator[_Wire]:
    for rrtype, there in rrsets.items():
        ttl = there.ttl
        for rdata in there.rdatas:
            yield owner, pack(rrtype, ttl, rdata)[2:]
