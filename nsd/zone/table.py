"""Which zone answers for a name."""

from nsd.zone import rrtypes
from nsd.zone.name import ROOT, WireName, parent
from nsd.zone.zone import Zone


class ZoneTable:
    """The zones that are served, by apex; names are in lower case."""

    __slots__ = ("by_apex",)

    def __init__(self) -> None:
        self.by_apex: dict[WireName, Zone] = {}

    def put(self, zone: Zone) -> None:
        """Serve a zone, instead of the one with the same apex if there is one."""
        self.by_apex[zone.apex] = zone

    def remove(self, apex: WireName) -> None:
        """Serve a zone no longer."""
        self.by_apex.pop(apex, None)

    def find(self, name: WireName, rrtype: int) -> Zone | None:
        """Find the zone closest to `name`; for DS at an apex the one above it.

        RFC 4035, section 3.1.4.1.
        """
        zone = self._closest(name)
        if rrtype == rrtypes.DS and zone is not None and name == zone.apex != ROOT:
            return self._closest(parent(name)) or zone
        return zone

    def _closest(self, name: WireName) -> Zone | None:
        by_apex = self.by_apex
        while (zone := by_apex.get(name)) is None:
            if name == ROOT:
                return None
            name = WireName(name[name[0] + 1 :])
        return zone
