"""What stands where, for the walk of an ALIAS, as the zones in memory say."""

from collections.abc import Collection

from nsd.alias.index import AliasIndex
from nsd.zone import rrtypes
from nsd.zone.alias_walk import Holding
from nsd.zone.name import ROOT, WireName, parent
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone, rrsets_of


class ServedZone:
    """One zone in memory, with its ALIAS records, which are not among what it serves."""

    def __init__(self, zone: Zone, index: AliasIndex) -> None:
        self.apex = zone.apex
        self.is_suspended = zone.is_suspended
        self._zone = zone
        self._index = index

    def at(self, owner: WireName) -> Holding | None:
        """Give what stands at a name; see `SourceZone`."""
        standing = self._zone.nodes.get(owner)
        alias = self._index.at(self.apex, owner)
        if standing is None and alias is None and not self._index.has_below(self.apex, owner):
            return None
        return Holding(rrsets_of(standing), alias)


class ServedZones:
    """The zones in memory; `expired` are the copies that were taken out of it."""

    def __init__(self, table: ZoneTable, index: AliasIndex, expired: Collection[WireName]) -> None:
        self._table = table
        self._index = index
        self._expired = expired

    def closest(self, name: WireName) -> ServedZone | None:
        """Find the zone closest to a name; see `Source`."""
        zone = self._table.find(name, rrtypes.A)
        if zone is None or (self._expired and self._is_expired(zone, name)):
            return None
        return ServedZone(zone, self._index)

    def _is_expired(self, zone: Zone, name: WireName) -> bool:
        """Tell whether a copy that has expired is closer to a name than a zone above it."""
        while name not in (zone.apex, ROOT):
            if name in self._expired:
                return True
            name = parent(name)
        return False
