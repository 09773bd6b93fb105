"""From zones and a question to an answer: RFC 1034, section 4.3.2, with RFC 4592 and RFC 6672.

A chain of small steps. Each looks at one name in one zone; a CNAME or a DNAME gives the name of
the next step, which may be in another zone of the same account. It ends before a zone of another
account, as it ends before one of another server: nobody speaks for names that are not theirs.
"""

from nsd.rcode import Rcode
from nsd.zone import rrtypes
from nsd.zone.answer import Answer, Owned, Step
from nsd.zone.name import MAX_LENGTH, WireName, is_at_or_below, lower, wildcard_below
from nsd.zone.rrset import RRset, pack
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Standing, rrsets_of

MAX_STEPS = 17  # a question's own name and sixteen aliases


def lookup(table: ZoneTable, qname: WireName, qtype: int, *, whole_any: bool = True) -> Answer:
    """Answer a question of class IN; `qname` is spelled as asked.

    With `whole_any` ANY gives all RRsets, without it one of them (RFC 8482, section 4.1).
    A name outside all zones gives REFUSED, and so does one in a zone that is suspended.
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
        if zone is None or zone.is_suspended:
            if len(seen) == 1:
                answer.rcode = Rcode.REFUSED
            break
        if answer.steps and zone.account != answer.steps[0].zone.account:
            break  # what other accounts say of their names is theirs to answer
        step = Step(zone, name, key)
        answer.steps.append(step)
        name = _take(step, qtype, answer, whole_any=whole_any)
    return answer


def _take(step: Step, qtype: int, answer: Answer, *, whole_any: bool) -> WireName | None:
    """Give the name to go on with, or None where the chain ends."""
    zone = step.zone
    if zone.barriers:
        barrier = _topmost_barrier(step, qtype)
        if barrier is not None:
            return _at_barrier(step, barrier, qtype, answer)
    _claim_authority(answer)
    standing = zone.nodes.get(step.key)
    if standing is None:
        standing = _source_of_synthesis(step)
        if standing is None:
            answer.rcode = Rcode.NXDOMAIN
            _deny(step, answer)
            return None
    return _at_node(step, rrsets_of(standing), qtype, answer, whole_any=whole_any)


def _claim_authority(answer: Answer) -> None:
    # RFC 1035, section 4.1.1: AA speaks of the first owner name in the answer section.
    if not answer.answer:
        answer.authoritative = True


def _topmost_barrier(step: Step, qtype: int) -> WireName | None:
    """Find the highest cut at or above the name, or DNAME above it."""
    found = None
    name, zone = step.key, step.zone
    while True:
        if name in zone.barriers and (name != step.key or _is_cut_for(step, qtype)):
            found = name
        if name == zone.apex:
            return found
        name = WireName(name[name[0] + 1 :])


def _is_cut_for(step: Step, qtype: int) -> bool:
    """Tell whether the name itself is a cut for this type.

    RFC 4035, section 3.1.4.1: DS at a cut belongs to this side of it.
    """
    return (
        qtype != rrtypes.DS
        and step.key != step.zone.apex
        and rrtypes.NS in rrsets_of(step.zone.nodes[step.key])
    )


def _at_barrier(step: Step, barrier: WireName, qtype: int, answer: Answer) -> WireName | None:
    rrsets = rrsets_of(step.zone.nodes[barrier])
    if rrtypes.NS in rrsets and barrier != step.zone.apex:
        step.cut = barrier
        _refer(step, barrier, rrsets[rrtypes.NS], answer)
        return None
    _claim_authority(answer)
    return _substitute(step, barrier, rrsets[rrtypes.DNAME], qtype, answer)


def _refer(step: Step, cut: WireName, ns: RRset, answer: Answer) -> None:
    zone = step.zone
    answer.authority.append(Owned(cut, ns))
    for target in map(lower, ns.rdatas):
        if not is_at_or_below(target, zone.apex):
            continue
        glue = answer.required_glue if is_at_or_below(target, cut) else answer.other_glue
        addresses = rrsets_of(zone.nodes.get(WireName(target)))
        glue += [
            Owned(WireName(target), addresses[rrtype])
            for rrtype in (rrtypes.A, rrtypes.AAAA)
            if rrtype in addresses
        ]


def _substitute(
    step: Step, owner: WireName, dname: RRset, qtype: int, answer: Answer
) -> WireName | None:
    """Follow a DNAME (RFC 6672, section 3.2); the answer holds each only once."""
    name = step.name
    spelled = WireName(name[len(name) - len(owner) :])
    (target,) = dname.rdatas
    if not _add(answer, spelled, dname) and is_at_or_below(lower(target), owner):
        return None  # it would go on until the name is too long
    substituted = WireName(name[: -len(owner)] + target)
    if len(substituted) > MAX_LENGTH:
        answer.rcode = Rcode.YXDOMAIN
        return None
    cname = RRset(pack(rrtypes.CNAME, dname.ttl, substituted))
    answer.answer.append(Owned(name, cname))
    return None if qtype == rrtypes.CNAME else substituted


def _add(answer: Answer, owner: WireName, rrset: RRset) -> bool:
    """Put an RRset into the answer, unless it is there; tell whether it was put."""
    there = answer.answer
    if any(found.rrset == rrset and lower(found.owner) == lower(owner) for found in there):
        return False
    there.append(Owned(owner, rrset))
    return True


def _source_of_synthesis(step: Step) -> Standing | None:
    """Find what the wildcard at the closest encloser holds (RFC 4592, section 3.3.1)."""
    nodes = step.zone.nodes
    encloser = step.key
    while encloser not in nodes:
        encloser = WireName(encloser[encloser[0] + 1 :])
    step.encloser = encloser
    wildcard = wildcard_below(encloser)
    standing = nodes.get(wildcard)
    if standing is not None:
        step.wildcard = wildcard
    return standing


def _deny(step: Step, answer: Answer) -> None:
    zone = step.zone
    if zone.negative_soa is not None:
        answer.authority.append(Owned(zone.apex, zone.negative_soa))


def _at_node(
    step: Step, rrsets: dict[int, RRset], qtype: int, answer: Answer, *, whole_any: bool
) -> WireName | None:
    if qtype in rrsets:
        _add(answer, step.name, rrsets[qtype])
    elif qtype == rrtypes.ANY and rrsets:
        chosen = rrsets.values() if whole_any else [min(rrsets.values(), key=_cost)]
        for rrset in chosen:
            _add(answer, step.name, rrset)
    elif rrtypes.CNAME in rrsets:
        _add(answer, step.name, rrsets[rrtypes.CNAME])
        (target,) = rrsets[rrtypes.CNAME].rdatas
        return WireName(target)
    else:
        _deny(step, answer)
    return None


def _cost(rrset: RRset) -> tuple[bool, int]:
    """Order RRsets by their octets; what only a validator needs comes last."""
    return rrset.rrtype in rrtypes.DNSSEC_OWN, len(rrset.packed)
