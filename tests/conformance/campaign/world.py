"""What one round of the campaign asks: a few zones under one base name, and questions to them."""

from dataclasses import dataclass, replace
from functools import cached_property

import dns.name
import dns.rdatatype

Name = dns.name.Name
"""A name relative to the world's base; the base itself is `dns.name.empty`."""

APEX_TTL = 3600
NEGATIVE_TTL = 900


@dataclass(frozen=True, order=True)
class Entry:
    """One record of a generated zone; the names in `rdata` are relative to the base."""

    owner: Name
    rrtype: str
    ttl: int
    rdata: str

    def __str__(self) -> str:
        return f"{self.owner} {self.ttl} IN {self.rrtype} {self.rdata}"


@dataclass(frozen=True)
class GeneratedZone:
    """A zone whose SOA and apex NS are understood; `entries` is all the rest."""

    apex: Name
    entries: tuple[Entry, ...]

    def text(self, base: str) -> str:
        """Write the master file for the world placed at `base`."""
        soa = f"{self.apex} {APEX_TTL} IN SOA ns.out.example. host.out.example. 1 7200 900 1209600 "
        return "\n".join(
            [
                f"$ORIGIN {base}",
                soa + str(NEGATIVE_TTL),
                f"{self.apex} {APEX_TTL} IN NS ns.out.example.",
                *map(str, self.entries),
                "",
            ]
        )

    def without(self, entry: Entry) -> "GeneratedZone":
        """Give the zone less one record."""
        return replace(self, entries=tuple(one for one in self.entries if one != entry))


@dataclass(frozen=True)
class Question:
    """One query: a name relative to the base, a type, and how it is asked."""

    name: Name
    rrtype: dns.rdatatype.RdataType
    edns: bool = True
    tcp: bool = False

    def __str__(self) -> str:
        ways = ("edns",) * self.edns + ("tcp",) * self.tcp
        return " ".join([str(self.name), dns.rdatatype.to_text(self.rrtype), *ways])


@dataclass(frozen=True)
class World:
    """Zones under one base, the outermost first, and the questions asked of them."""

    zones: tuple[GeneratedZone, ...]
    questions: tuple[Question, ...] = ()

    def without(self, zone: int, entry: Entry) -> "World":
        """Give the world less one record."""
        zones = list(self.zones)
        zones[zone] = zones[zone].without(entry)
        return replace(self, zones=tuple(zones))

    def smaller(self) -> list["World"]:
        """List the worlds with one record or one inner zone less."""
        records = [
            self.without(at, entry) for at, zone in enumerate(self.zones) for entry in zone.entries
        ]
        zones = [
            replace(self, zones=self.zones[:at] + self.zones[at + 1 :])
            for at in range(1, len(self.zones))
        ]
        return zones + records


@dataclass(frozen=True)
class Placed:
    """A world at its place in the name space, so that many are loaded at a time."""

    world: World
    base: Name

    @cached_property
    def apexes(self) -> tuple[Name, ...]:
        """The absolute apexes, the outermost first."""
        return tuple(zone.apex.derelativize(self.base) for zone in self.world.zones)

    def texts(self) -> list[tuple[str, str]]:
        """List apex and master file of each zone."""
        base = self.base.to_text()
        return [
            (apex.to_text(), zone.text(base))
            for apex, zone in zip(self.apexes, self.world.zones, strict=True)
        ]

    def zone_of(self, name: Name) -> Name | None:
        """Give the apex of the innermost zone that holds an absolute name."""
        holding = [apex for apex in self.apexes if name.is_subdomain(apex)]
        return max(holding, key=len, default=None)

    def show(self) -> str:
        """Write all zones, as master files."""
        return "\n".join(text for _, text in self.texts())


def place(worlds: list[World]) -> list[Placed]:
    """Give each world a base of its own below `test.`."""
    return [
        Placed(world, dns.name.from_text(f"z{number}.test.")) for number, world in enumerate(worlds)
    ]
