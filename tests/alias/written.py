"""Zones as they were written, for the walk of an ALIAS: nothing derived, nothing indexed."""

from collections.abc import Iterable, Mapping, Sequence

from nsd.zone import rrset, rrtypes
from nsd.zone.alias_walk import Holding, Hop
from nsd.zone.name import WireName, is_at_or_below, lower
from nsd.zone.record import Record
from nsd.zone.rrset import RRset


def rrsets_of(records: Iterable[Record]) -> dict[int, RRset]:
    """Give the RRsets that records of one name make, an ALIAS as one of them."""
    by_type: dict[int, list[tuple[int, bytes]]] = {}
    for record in records:
        by_type.setdefault(record.rrtype, []).append((record.ttl, record.rdata))
    return {rrtype: rrset.make(rrtype, pairs) for rrtype, pairs in by_type.items()}


class WrittenZone:
    """One zone: all its records, ALIAS records among them."""

    def __init__(self, apex: WireName, records: Sequence[Record]) -> None:
        self.apex = apex
        self.is_suspended = False
        self.records = records

    def at(self, owner: WireName) -> Holding | None:
        there = any(is_at_or_below(record.owner, owner) for record in self.records)
        if not there and owner != self.apex:
            return None
        rrsets = rrsets_of(record for record in self.records if record.owner == owner)
        alias = rrsets.pop(rrtypes.ALIAS, None)
        if alias is None:
            return Holding(rrsets)
        return Holding(rrsets, Hop(lower(alias.rdatas[0]), alias.ttl))


class WrittenZones:
    """Zones by apex; those in `expired` are not ours to speak for."""

    def __init__(
        self, zones: Mapping[WireName, Sequence[Record]], expired: Iterable[WireName] = ()
    ) -> None:
        self._zones = {apex: WrittenZone(apex, records) for apex, records in zones.items()}
        self._expired = set(expired)

    def closest(self, name: WireName) -> WrittenZone | None:
        above = [apex for apex in self._zones if is_at_or_below(name, apex)]
        closest = max(above, key=len, default=None)
        return None if closest is None or closest in self._expired else self._zones[closest]
