"""A zone as BIND takes it.

BIND refuses a whole zone for two things that we serve: NS records at a wildcard, and a name server
of the apex whose name the zone itself says to have no address. A user must not lose a zone, and
all later changes of it, on the secondaries for that, so these records stay out of the file.
"""

from collections.abc import Iterator

from nsd.store.defaults import Defaults
from nsd.store.zones import ZoneRow
from nsd.zone import masterfile, rrtypes
from nsd.zone.lookup import lookup
from nsd.zone.name import WireName, is_at_or_below, is_wildcard, lower
from nsd.zone.record import Record
from nsd.zone.rrset import RRset, make
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone


def zone_text(zone: Zone, row: ZoneRow, defaults: Defaults) -> str:
    """Write a zone's master file for BIND."""
    records = [
        Record(owner, rrset.rrtype, rrset.ttl, rdata)
        for owner, rrset in _taken(zone, defaults)
        for rdata in rrset.rdatas
    ]
    return masterfile.write(row.apex, defaults.soa(row), records)


def _taken(zone: Zone, defaults: Defaults) -> Iterator[tuple[WireName, RRset]]:
    for owner, rrset in zone.rrsets():
        if rrset.rrtype == rrtypes.NS and owner == zone.apex:
            yield owner, _name_servers(zone, rrset, defaults)
        elif rrset.rrtype != rrtypes.SOA and not (
            rrset.rrtype == rrtypes.NS and is_wildcard(owner)
        ):
            yield owner, rrset


def _name_servers(zone: Zone, rrset: RRset, defaults: Defaults) -> RRset:
    """Give the apex NS RRset without those that BIND refuses; if none is left, the default."""
    usable = [server for server in rrset.rdatas if _is_usable(zone, lower(server))]
    if not usable:
        return defaults.ns()
    return make(rrtypes.NS, [(rrset.ttl, server) for server in usable])


def _is_usable(zone: Zone, server: WireName) -> bool:
    if not is_at_or_below(server, zone.apex):
        return True
    table = ZoneTable()
    table.put(zone)
    for rrtype in (rrtypes.A, rrtypes.AAAA):
        answer = lookup(table, server, rrtype)
        is_referral = not answer.answer and not answer.authoritative
        if is_referral or any(
            owned.rrset.rrtype == rrtype and lower(owned.owner) == server for owned in answer.answer
        ):
            return True
    return False
