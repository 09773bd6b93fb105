"""A target followed through the zones in memory, as far as they are ours."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from nsd.rcode import Rcode
from nsd.zone import rrtypes
from nsd.zone.alias import FAMILIES, Addresses, addresses_of
from nsd.zone.answer import Answer
from nsd.zone.lookup import lookup
from nsd.zone.name import WireName, lower, parent, wildcard_below
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone

MAX_STEPS: Final = 16
MAX_TTL: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Hop:
    """Where an ALIAS leads, and its TTL."""

    target: WireName
    ttl: int


AliasAt = Callable[[WireName, WireName], Hop | None]  # apex, owner


@dataclass(slots=True)
class Walk:
    """The names on the way from a target to its end.

    The end is `addresses` (none of them where there are none), or the name `outside` of our zones
    that must be asked for. `ttl` is the smallest on the way. `soft` are the zones in which a name
    was not found as such, so that any change there may lead elsewhere. `is_loop`: it has no end.
    """

    names: list[WireName] = field(default_factory=list)
    soft: set[WireName] = field(default_factory=set)
    ttl: int = MAX_TTL
    addresses: Addresses = b""
    outside: WireName | None = None
    is_loop: bool = False


def follow(table: ZoneTable, alias_at: AliasAt, target: WireName) -> Walk:
    """Follow CNAME, DNAME and ALIAS from a target until its addresses, its end, or the outside."""
    walk = Walk()
    name: WireName | None = lower(target)
    while name is not None:
        if name in walk.names or len(walk.names) == MAX_STEPS:
            walk.is_loop = True
            return walk
        walk.names.append(name)
        zone = table.find(name, rrtypes.A)
        if zone is None:
            walk.outside = name
            return walk
        if zone.is_suspended:
            walk.soft.add(zone.apex)
            return walk
        name = _step(table, zone, alias_at, name, walk)
    return walk


def _step(
    table: ZoneTable, zone: Zone, alias_at: AliasAt, name: WireName, walk: Walk
) -> WireName | None:
    answer = lookup(table, name, rrtypes.CNAME)
    if not answer.authoritative:  # a cut: the name is for others to say
        walk.outside = name
        return None
    if name not in zone.nodes:
        walk.soft.add(zone.apex)
    hop = _hop_by_record(answer) or _alias(zone, alias_at, name)
    if hop is not None:
        walk.ttl = min(walk.ttl, hop.ttl)
        return hop.target
    if answer.rcode == Rcode.NOERROR:
        answers = [lookup(table, name, rrtype).answer for rrtype in FAMILIES]
        rrsets = [owned.rrset for found in answers for owned in found]
        walk.addresses = addresses_of(rrsets, walk.ttl)
    return None


def _hop_by_record(answer: Answer) -> Hop | None:
    for owned in answer.answer:
        if owned.rrset.rrtype == rrtypes.CNAME:
            return Hop(lower(owned.rrset.rdatas[0]), owned.rrset.ttl)
    return None


def _alias(zone: Zone, alias_at: AliasAt, name: WireName) -> Hop | None:
    """Find the ALIAS at a name, or at the wildcard that stands for it (RFC 4592)."""
    hop = alias_at(zone.apex, name)
    if hop is not None or name in zone.nodes:
        return hop
    encloser = parent(name)
    while encloser not in zone.nodes and alias_at(zone.apex, encloser) is None:
        encloser = parent(encloser)
    return alias_at(zone.apex, wildcard_below(encloser))
