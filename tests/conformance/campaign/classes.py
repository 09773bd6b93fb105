"""The known differences between the servers, each with the document that decides it.

A difference is explained in two ways, which combine. A `Model` is our own lookup over a table
that lacks one thing or has it too many, as the peer does: its whole reply must then be the
peer's. A `Leeway` gives one section of the expected reply the peer's shape, under a condition.
What no combination makes equal stays unexplained.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

import dns.name
import dns.rdatatype

from nsd.zone.lookup import MAX_STEPS
from nsd.zone.name import WireName, is_at_or_below, parent
from nsd.zone.table import ZoneTable
from nsd.zone.zone import EMPTY_NON_TERMINAL, Zone
from tests.conformance.campaign.asker import query
from tests.conformance.campaign.ours import OurServer
from tests.conformance.campaign.reply import Reply, read
from tests.conformance.campaign.world import Placed, Question

NSD, KNOT, BIND = "nsd", "knot", "bind"


class _StaysInContents(ZoneTable):
    """Knot: a chain goes on only below the first zone's apex, and in that zone's contents."""

    first: Zone | None = None

    def find(self, name: WireName, kind: int) -> Zone | None:
        if self.first is None:
            self.first = super().find(name, kind)
            return self.first
        return self.first if is_at_or_below(name, self.first.apex) else None


class _StaysInZone(ZoneTable):
    """BIND: a chain goes on only while the closest zone is the first one."""

    first: Zone | None = None

    def find(self, name: WireName, kind: int) -> Zone | None:
        found = super().find(name, kind)
        self.first = self.first or found
        return found if found is self.first else None


class _SharesNames(ZoneTable):
    """NSD: a name that exists in one zone exists in all that it lies in."""

    def put(self, zone: Zone) -> None:
        super().put(zone)
        for one in self.by_apex.values():
            for other in self.by_apex.values():
                _add_names(one, other)


def _add_names(giver: Zone, taker: Zone) -> None:
    for given in list(giver.nodes):
        name = given
        while is_at_or_below(name, taker.apex) and name not in taker.nodes:
            taker.nodes[name] = EMPTY_NON_TERMINAL
            name = parent(name)


@dataclass(frozen=True)
class Model:
    """Our lookup over another kind of table, as one peer has it."""

    name: str
    peer: str
    table: Callable[[], ZoneTable]
    decision: str

    def reply(self, placed: Placed, question: Question) -> Reply:
        """Answer the question as the peer is expected to."""
        server = OurServer(placed.texts(), self.table())
        return read(server.ask([query(placed, question)])[0])


class Asked(NamedTuple):
    """A question, and the world that it was put to."""

    placed: Placed
    question: Question


Adapt = Callable[[Asked, Reply, Reply], Reply]
"""From what was asked, the expected reply and the peer's to the expected one in its shape."""


@dataclass(frozen=True)
class Leeway:
    """A part of the reply in which one or more peers differ."""

    name: str
    peers: tuple[str, ...]
    adapt: Adapt
    decision: str


def _any_subset(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    if asked.question.rrtype == dns.rdatatype.ANY and theirs.answer:
        whole = [line for line in expected.answer if line in theirs.answer]
        if set(whole) == set(theirs.answer):
            return replace(expected, answer=theirs.answer)
    return expected


def _any_without_ds(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    if asked.question.rrtype == dns.rdatatype.ANY:
        kept = tuple(line for line in expected.answer if _kind(line) != "ds")
        return replace(expected, answer=kept)
    return expected


def _kind(line: str) -> str:
    return line.split(" ")[2] if "\\ " not in line else line.replace("\\ ", "_").split(" ")[2]


def _owner(line: str) -> str:
    return line.replace("\\ ", "\0").split(" ")[0].replace("\0", "\\ ")


def _are_addresses(lines: frozenset[str]) -> bool:
    return all(_kind(line) in ("a", "aaaa") for line in lines)


def _more_addresses(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    """Addresses beyond a minimal response, of what MX, SRV and NS in the answer name."""
    named = {_kind(line) for line in expected.answer} & {"mx", "srv", "ns"}
    more = theirs.additional - expected.additional
    if named and expected.additional <= theirs.additional and _are_addresses(more):
        return replace(expected, additional=theirs.additional)
    return expected


def _wildcard_glue(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    more = theirs.additional - expected.additional
    made = not {_owner(line) for line in more} & _owners_of_addresses(asked.placed)
    if expected.is_referral and expected.additional <= theirs.additional and made:
        return replace(expected, additional=theirs.additional)
    return expected


def _owners_of_addresses(placed: Placed) -> set[str]:
    return {
        entry.owner.derelativize(placed.base).to_text().lower()
        for zone in placed.world.zones
        for entry in zone.entries
        if entry.rrtype in ("A", "AAAA")
    }


def _only_glue(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    if expected.is_referral and theirs.additional <= expected.additional:
        return replace(expected, additional=theirs.additional)
    return expected


def _wildcard_cut(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    if theirs.authority and all(_is_wildcard_ns(line) for line in theirs.authority):
        chain = tuple(line for line in expected.answer if _kind(line) in ("cname", "dname"))
        return replace(theirs, answer=chain, aa=bool(chain))
    return expected


def _is_wildcard_ns(line: str) -> bool:
    return line.startswith("*.") and _kind(line) == "ns"


def _growing_dname(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    ours, other = _aliases(expected), _aliases(theirs)
    if ours and other[: len(ours)] == ours and any(map(_grows, expected.answer)):
        return replace(expected, rcode=theirs.rcode, answer=theirs.answer)
    return expected


def _grows(line: str) -> bool:
    if _kind(line) != "dname":
        return False
    owner, target = _owner(line), line.rsplit(" ", 1)[1]
    return dns.name.from_text(target).is_subdomain(dns.name.from_text(owner))


def _dname_at_wildcard(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    """Knot shows the DNAME anew, as if made, for each name, and stops after two."""
    if not any(_kind(line) == "dname" and line.startswith("*.") for line in expected.answer):
        return expected
    aliases, shown = _aliases(expected), [line for line in theirs.answer if _kind(line) == "dname"]
    if _without_dnames(theirs) == _without_dnames(expected):
        stopped = len(shown) > 1 and not theirs.authority and theirs.rcode == "NOERROR"
        return theirs if stopped else replace(expected, answer=theirs.answer)
    if len(shown) > 1 and aliases[: len(_aliases(theirs))] == _aliases(theirs):
        return theirs
    return expected


def _without_dnames(said: Reply) -> list[str]:
    return [line for line in said.answer if _kind(line) != "dname"]


def _endless_chain(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    """Chains that were cut at different lengths, where there is no end to come to."""
    shorter, longer = sorted((_aliases(expected), _aliases(theirs)), key=len)
    if shorter and longer[: len(shorter)] == shorter and _is_endless(_aliases(expected)):
        return theirs
    return expected


def _is_endless(aliases: list[str]) -> bool:
    """Tell whether our own chain came back to one of its names, or was cut for its length."""
    owners = {_owner(line) for line in aliases}
    return aliases[-1].rsplit(" ", 1)[1] in owners or len(aliases) >= MAX_STEPS


def _aliases(said: Reply) -> list[str]:
    return [line for line in said.answer if _kind(line) == "cname"]


def _by_owner(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    if sorted(expected.answer) == sorted(theirs.answer):
        owners = [owner for owner, _ in groupby(theirs.answer, key=_owner)]
        return (
            expected if len(set(owners)) < len(owners) else replace(expected, answer=theirs.answer)
        )
    return expected


def _dname_twice(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    again = [line for line in expected.answer if _kind(line) == "dname"]
    if theirs.answer[:-1] == expected.answer and theirs.answer[-1] in again:
        return replace(expected, answer=theirs.answer)
    return expected


def _any_ends_at_dname(asked: Asked, expected: Reply, theirs: Reply) -> Reply:
    if asked.question.rrtype == dns.rdatatype.ANY and len(_aliases(theirs)) == 1:
        first = expected.answer[: len(theirs.answer)]
        return replace(expected, rcode="NOERROR", answer=first, authority=frozenset())
    return expected


MODELS = (
    Model(
        "NSD: a name of an inner zone exists in the outer one",
        NSD,
        _SharesNames,
        "RFC 1034 4.3.2 and RFC 4592 2.2.2 speak of the names of one zone: we go by the zone.",
    ),
    Model(
        "Knot: a chain ends at the edge of the first zone and passes inner zones by",
        KNOT,
        _StaysInContents,
        "RFC 1034 4.3.2 step 3a goes back to step 1, which looks for the zone anew: so do we.",
    ),
    Model(
        "BIND: a chain ends at the edge of the first zone",
        BIND,
        _StaysInZone,
        "RFC 1034 4.3.2 step 3a goes back to step 1, which looks for the zone anew: so do we.",
    ),
)

LEEWAYS = (
    Leeway(
        "ANY is answered with some RRsets",
        (NSD, KNOT),
        _any_subset,
        "RFC 8482 4.1 allows any of them; over TCP we give all, over UDP one.",
    ),
    Leeway(
        "BIND: ANY leaves DS out",
        (BIND,),
        _any_without_ds,
        "RFC 1034 3.7.1: all types that the node has.",
    ),
    Leeway(
        "addresses of what MX, SRV and NS in the answer name (NSD: at wildcards)",
        (NSD, KNOT),
        _more_addresses,
        "RFC 1035 3.3.9 lets them be added; we keep responses minimal.",
    ),
    Leeway(
        "addresses of name servers made from a wildcard",
        (NSD, KNOT),
        _wildcard_glue,
        "RFC 9471 asks for no such glue; we give what the zone holds at the name itself.",
    ),
    Leeway(
        "Knot: NS at a wildcard is a cut for all that the wildcard stands for",
        (KNOT,),
        _wildcard_cut,
        "RFC 4592 4.2 leaves it undefined; as NSD, we take the NS as data of the wildcard.",
    ),
    Leeway(
        "BIND: no addresses of name servers that are the zone's own data",
        (BIND,),
        _only_glue,
        "RFC 1034 4.3.2 step 3b: whatever addresses are available.",
    ),
    Leeway(
        "Knot: the owner of a DNAME at a wildcard shows as the name asked for",
        (KNOT,),
        _dname_at_wildcard,
        "RFC 6672 3.1: the DNAME is sent as it is; below it nothing is made from a wildcard.",
    ),
    Leeway(
        "BIND: ANY is not followed beyond a DNAME",
        (BIND,),
        _any_ends_at_dname,
        "RFC 6672 3.2 step 3c goes back to step 1 whatever the type: so do we.",
    ),
    Leeway(
        "BIND: what has one owner stands together",
        (BIND,),
        _by_owner,
        "RFC 1034 3.6 gives RRs no order; as NSD and Knot, we keep a chain in its order.",
    ),
    Leeway(
        "Knot: a DNAME that was applied and is then asked for stands twice",
        (KNOT,),
        _dname_twice,
        "RFC 2181 5 wants an RRset whole, not twice: as NSD and BIND, we give it once.",
    ),
    Leeway(
        "a DNAME that leads below itself is followed on",
        (KNOT, BIND),
        _growing_dname,
        "RFC 6672 names no limit; as NSD, we apply it once and let the client go on.",
    ),
    Leeway(
        "an endless chain is cut at another length, or ends in SERVFAIL (BIND)",
        (NSD, KNOT, BIND),
        _endless_chain,
        "RFC 1034 3.6.2 sets no limit; we give each alias once, at most sixteen, and NOERROR.",
    ),
)


def explain(
    peer: str, placed: Placed, question: Question, ours: Reply, theirs: Reply
) -> tuple[str, ...] | None:
    """Name the known differences that lead from our reply to the peer's; None if they do not."""
    asked = Asked(placed, question)
    for names, expected in _expectations(peer, placed, question, ours):
        used = _fit(peer, asked, expected, theirs)
        if used is not None:
            return names + used
    return None


def _expectations(
    peer: str, placed: Placed, question: Question, ours: Reply
) -> Iterator[tuple[tuple[str, ...], Reply]]:
    yield (), ours
    for model in MODELS:
        if model.peer == peer:
            yield (model.name,), model.reply(placed, question)


def _fit(peer: str, asked: Asked, expected: Reply, theirs: Reply) -> tuple[str, ...] | None:
    used = []
    for leeway in LEEWAYS:
        if expected != theirs and peer in leeway.peers:
            adapted = leeway.adapt(asked, expected, theirs)
            if adapted != expected:
                used.append(leeway.name)
                expected = adapted
    return tuple(used) if expected == theirs else None
