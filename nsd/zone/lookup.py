"""From zones and a question to an answer: RFC 1034, section 4.3.2, with RFC 4592 and RFC 6672.

A chain of small steps. Each looks at one name in one zone; a CNAME or a DNAME gives the name of
the next step, which may be in another of our zones.
"""

from nsd.rcode import Rcode
from nsd.zone import rrtypes
from nsd.zone.answer import Answer, Owned
from nsd.zone.name import MAX_LENGTH, WireName, is_at_or_below, lower, wildcard_below
from nsd.zone.rrset import RRset, pack
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Standing, Zone, rrsets_of

MAX_STEPS = 17  # a question's own name and sixteen aliases


def lookup(table: ZoneTable, qname: WireName, qtype: int, *, whole_any: bool = True) -> Answer:
    """Answer a question of class IN; `qname` is spelled as asked.

    With `whole_any` ANY gives all RRsets, without it one of them (RFC 8482, section 4.1).
    A name outside all zones gives REFUSED.
    """
    answer = Answer()
    name: WireName | None = qname
    seen: set[WireName] = set()
    while name is not None and len(seen) < MAX_STEPS:
        key = lower(name)
        if key in seen:  # an alias loop: what was found so far is all there is
            break
        seen.add(key)
        zone = table.find(key, qtype)
        if zone is None:
            if len(seen) == 1:
                answer.rcode = Rcode.REFUSED
            break
        name = _Step(zone, name, key, qtype, answer).take(whole_any=whole_any)
    return answer


class _Step:
    """One name looked up in one zone; what it finds goes into the answer."""

    __slots__ = ("answer", "key", "name", "qtype", "zone")

    def __init__(
        self, zone: Zone, name: WireName, key: WireName, qtype: int, answer: Answer
    ) -> None:
        self.zone = zone
        self.name = name
        self.key = key
        self.qtype = qtype
        self.answer = answer

    def take(self, *, whole_any: bool) -> WireName | None:
        """Give the name to go on with, or None where the chain ends."""
        if self.zone.barriers:
            barrier = self._topmost_barrier()
            if barrier is not None:
                return self._at_barrier(barrier)
        self._claim_authority()
        standing = self.zone.nodes.get(self.key)
        if standing is None:
            standing = self._source_of_synthesis()
            if standing is None:
                self._name_error()
                return None
        return self._at_node(rrsets_of(standing), whole_any=whole_any)

    def _claim_authority(self) -> None:
        # RFC 1035, section 4.1.1: AA speaks of the first owner name in the answer section.
        if not self.answer.answer:
            self.answer.authoritative = True

    def _topmost_barrier(self) -> WireName | None:
        """Find the highest cut at or above the name, or DNAME above it."""
        found = None
        name = self.key
        zone = self.zone
        while True:
            if name in zone.barriers and (name != self.key or self._is_cut_for_query(name)):
                found = name
            if name == zone.apex:
                return found
            name = WireName(name[name[0] + 1 :])

    def _is_cut_for_query(self, name: WireName) -> bool:
        # RFC 4035, section 3.1.4.1: DS at a cut belongs to this side of it.
        return (
            self.qtype != rrtypes.DS
            and name != self.zone.apex
            and rrtypes.NS in rrsets_of(self.zone.nodes[name])
        )

    def _at_barrier(self, barrier: WireName) -> WireName | None:
        rrsets = rrsets_of(self.zone.nodes[barrier])
        if rrtypes.NS in rrsets and barrier != self.zone.apex:
            self._refer(barrier, rrsets[rrtypes.NS])
            return None
        self._claim_authority()
        return self._substitute(barrier, rrsets[rrtypes.DNAME])

    def _refer(self, cut: WireName, ns: RRset) -> None:
        self.answer.authority.append(Owned(cut, ns))
        for target in map(lower, ns.rdatas):
            if not is_at_or_below(target, self.zone.apex):
                continue
            glue = (
                self.answer.required_glue if is_at_or_below(target, cut) else self.answer.other_glue
            )
            addresses = rrsets_of(self.zone.nodes.get(WireName(target)))
            glue += [
                Owned(WireName(target), addresses[rrtype])
                for rrtype in (rrtypes.A, rrtypes.AAAA)
                if rrtype in addresses
            ]

    def _substitute(self, owner: WireName, dname: RRset) -> WireName | None:
        """Follow a DNAME (RFC 6672, section 3.2); the answer holds each only once."""
        spelled = WireName(self.name[len(self.name) - len(owner) :])
        (target,) = dname.rdatas
        if not self._add(spelled, dname) and is_at_or_below(lower(target), owner):
            return None  # it would go on until the name is too long
        substituted = WireName(self.name[: -len(owner)] + target)
        if len(substituted) > MAX_LENGTH:
            self.answer.rcode = Rcode.YXDOMAIN
            return None
        cname = RRset(pack(rrtypes.CNAME, dname.ttl, substituted))
        self.answer.answer.append(Owned(self.name, cname))
        return None if self.qtype == rrtypes.CNAME else substituted

    def _add(self, owner: WireName, rrset: RRset) -> bool:
        """Put an RRset into the answer, unless it is there; tell whether it was put."""
        answer = self.answer.answer
        if any(found.rrset == rrset and lower(found.owner) == lower(owner) for found in answer):
            return False
        answer.append(Owned(owner, rrset))
        return True

    def _source_of_synthesis(self) -> Standing | None:
        """Find what the wildcard at the closest encloser holds (RFC 4592, section 3.3.1)."""
        nodes = self.zone.nodes
        encloser = self.key
        while encloser not in nodes:
            encloser = WireName(encloser[encloser[0] + 1 :])
        return nodes.get(wildcard_below(encloser))

    def _name_error(self) -> None:
        self.answer.rcode = Rcode.NXDOMAIN
        self._deny()

    def _deny(self) -> None:
        if self.zone.negative_soa is not None:
            self.answer.authority.append(Owned(self.zone.apex, self.zone.negative_soa))

    def _at_node(self, rrsets: dict[int, RRset], *, whole_any: bool) -> WireName | None:
        qtype = self.qtype
        if qtype in rrsets:
            self._add(self.name, rrsets[qtype])
        elif qtype == rrtypes.ANY and rrsets:
            chosen = rrsets.values() if whole_any else list(rrsets.values())[:1]
            for rrset in chosen:
                self._add(self.name, rrset)
        elif rrtypes.CNAME in rrsets:
            self._add(self.name, rrsets[rrtypes.CNAME])
            (target,) = rrsets[rrtypes.CNAME].rdatas
            return WireName(target)
        else:
            self._deny()
        return None
