"""Where the target of an ALIAS leads: CNAME, DNAME and ALIAS followed through zones of our own.

This is the one walk of all who follow an ALIAS; a `Source` says what stands at a name, be it in
memory or in the store. What decides is what people wrote, never what was derived from it: a name
with an ALIAS exists whether or not its addresses are known. Otherwise addresses that come could
hide the wildcard that they came from, and would go again, for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, NamedTuple, Protocol

from nsd.zone import rrtypes
from nsd.zone.alias import FAMILIES, Addresses, addresses_of
from nsd.zone.name import MAX_LENGTH, WireName, lower, parent, wildcard_below
from nsd.zone.rrset import RRset

MAX_STEPS: Final = 16
MAX_TTL: Final = 2**31 - 1


class Hop(NamedTuple):
    """Where a record leads, in lower case, and its TTL."""

    target: WireName
    ttl: int


class Holding(NamedTuple):
    """What an existing name holds; for an empty non-terminal nothing.

    The addresses that its ALIAS stands for may be among the RRsets.
    """

    rrsets: Mapping[int, RRset]
    alias: Hop | None = None


NOTHING: Final = Holding({})


class SourceZone(Protocol):
    """One zone."""

    @property
    def apex(self) -> WireName:
        """Its name."""

    @property
    def is_suspended(self) -> bool:
        """Whether nothing is answered from it."""

    def at(self, owner: WireName) -> Holding | None:
        """Give what stands at a name in it; None for a name that does not exist.

        A name exists if there is a record at or below it, an ALIAS too (RFC 4592, section 2.2.2),
        and the apex always does. A cut or a DNAME above the name is of no concern here.
        """


class Source(Protocol):
    """The zones that are ours to speak for."""

    def closest(self, name: WireName) -> SourceZone | None:
        """Find the zone closest to a name; None where that is not ours, or is a copy that expired.

        Others may know better than an expired copy, and than the zone above it.
        """


class Place(NamedTuple):
    """A name in a zone, or the wildcard that stands for it."""

    apex: WireName
    owner: WireName


class Step(NamedTuple):
    """What led on from one name to the next."""

    place: Place
    is_alias: bool


class End(Enum):
    """How a walk ends."""

    OURS = auto()  # at addresses, or where our zones say that there are none
    OUTSIDE = auto()  # at a name that others must be asked for
    LOOP = auto()  # at a name where it was before
    TOO_LONG = auto()


@dataclass(slots=True)
class Walk:
    """The way from a target to its end.

    names: what it led through, the last name included; each but the last has its step.
    ttl: the smallest on the way.
    addresses: those that it leads to, of our own.
    soft: the zones where no record stands at a name, so that any change there may lead elsewhere.
    """

    names: list[WireName] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    ttl: int = MAX_TTL
    addresses: Addresses = b""
    soft: set[WireName] = field(default_factory=set)
    end: End = End.OURS

    @property
    def outside(self) -> WireName | None:
        """The name that others must be asked for, if there is one."""
        return self.names[-1] if self.end is End.OUTSIDE else None

    def closes_loop(self, place: Place) -> bool:
        """Tell whether it leads back to the place that it was begun from, by way of an ALIAS.

        Then all of its steps come again and again. CNAMEs alone may well lead in a circle: that is
        for resolvers to find out.
        """
        is_back = any(step.place == place for step in self.steps)
        return is_back and any(step.is_alias for step in self.steps)


def follow(source: Source, target: bytes) -> Walk:
    """Follow CNAME, DNAME and ALIAS from a target on."""
    walk = Walk()
    name: WireName | None = lower(target)
    while name is not None:
        if name in walk.names:
            walk.end = End.LOOP
            break
        if len(walk.names) == MAX_STEPS:
            walk.end = End.TOO_LONG
            break
        walk.names.append(name)
        zone = source.closest(name)
        if zone is None:
            walk.end = End.OUTSIDE
            break
        if zone.is_suspended:
            walk.soft.add(zone.apex)
            break
        name = _step(walk, zone, name)
    return walk


def _step(walk: Walk, zone: SourceZone, name: WireName) -> WireName | None:
    """Give the name that one leads on to; None where the walk ends."""
    owner, holding, is_synthesized = _match(zone, name)
    place = Place(zone.apex, owner)
    if not is_synthesized:
        if rrtypes.NS in holding.rrsets and owner != zone.apex:
            walk.end = End.OUTSIDE
            return None
        if owner != name:
            return _substitute(walk, place, name, holding.rrsets[rrtypes.DNAME])
    if is_synthesized or (holding == NOTHING and owner != zone.apex):
        walk.soft.add(zone.apex)
    return _at_node(walk, place, holding)


class _Match(NamedTuple):
    """What answers for a name: it, a cut or a DNAME at or above it, or a wildcard."""

    owner: WireName
    holding: Holding
    is_synthesized: bool = False


def _match(zone: SourceZone, name: WireName) -> _Match:
    """Match down label by label (RFC 1034, section 4.3.2, step 3).

    That ends at a cut or a DNAME above the name, at the name itself, or where the next name does
    not exist: then the wildcard at the closest encloser answers (RFC 4592, section 3.3.1).
    """
    for owner in _down(zone.apex, name):
        holding = zone.at(owner)
        if holding is None:
            wildcard = wildcard_below(parent(owner))
            return _Match(wildcard, zone.at(wildcard) or NOTHING, is_synthesized=True)
        if owner == name or _is_barrier(zone.apex, owner, holding):
            return _Match(owner, holding)
    raise AssertionError("the last of them is the name")


def _down(apex: WireName, name: WireName) -> list[WireName]:
    """List the names from a zone's apex down to one in it."""
    found = [name]
    while found[-1] != apex:
        found.append(parent(found[-1]))
    return found[::-1]


def _is_barrier(apex: WireName, owner: WireName, holding: Holding) -> bool:
    """Tell whether what is below a name is not for its own records to say."""
    return rrtypes.DNAME in holding.rrsets or (rrtypes.NS in holding.rrsets and owner != apex)


def _substitute(walk: Walk, place: Place, name: WireName, dname: RRset) -> WireName | None:
    """Follow a DNAME above a name (RFC 6672, section 2.2)."""
    substituted = WireName(name[: -len(place.owner)] + lower(dname.rdatas[0]))
    if len(substituted) > MAX_LENGTH:
        return None
    return _lead_on(walk, Step(place, is_alias=False), Hop(substituted, dname.ttl))


def _at_node(walk: Walk, place: Place, holding: Holding) -> WireName | None:
    cname = holding.rrsets.get(rrtypes.CNAME)
    if cname is not None:
        return _lead_on(walk, Step(place, is_alias=False), Hop(lower(cname.rdatas[0]), cname.ttl))
    if holding.alias is not None:
        return _lead_on(walk, Step(place, is_alias=True), holding.alias)
    walk.addresses = addresses_of(map(holding.rrsets.get, FAMILIES), walk.ttl)
    return None


def _lead_on(walk: Walk, step: Step, hop: Hop) -> WireName:
    walk.steps.append(step)
    walk.ttl = min(walk.ttl, hop.ttl)
    return hop.target
