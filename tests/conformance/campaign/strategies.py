"""Hypothesis strategies for worlds: few labels, so that names collide."""

from collections import defaultdict

import dns.name
import dns.rdatatype
from hypothesis import strategies as st

from tests.conformance.campaign.world import Entry, GeneratedZone, Name, Question, World

DNAME, CNAME, NS, DS = "DNAME", "CNAME", "NS", "DS"

_COMMON = ["a", "b", "c", "*"]
_ODD = ["A", "_x", "a\\.b", "\\000", "\\255a", "a\\ b"]

labels = st.sampled_from(_COMMON * 6 + _ODD)


def names(smallest: int, largest: int) -> st.SearchStrategy[Name]:
    """Names relative to the base, of so many labels."""
    texts = st.lists(labels, min_size=smallest, max_size=largest)
    return texts.map(lambda parts: dns.name.from_text(".".join(parts) or "@", origin=None))


class Pool:
    """The few names that one world is about, so that records, targets and questions meet."""

    def __init__(self, known: list[Name]) -> None:
        self.owners = st.one_of(
            st.sampled_from(known), st.sampled_from(known), _children(known), names(0, 3)
        )
        self.targets = st.one_of(
            self.owners.map(str), self.owners.map(str), self.owners.map(str), outside
        )


def _children(known: list[Name]) -> st.SearchStrategy[Name]:
    short = [name for name in known if len(name.labels) < 4]
    return st.tuples(names(1, 1), st.sampled_from(short)).map(
        lambda pair: pair[0].concatenate(pair[1])
    )


pools = st.lists(names(1, 3), min_size=2, max_size=5).map(lambda known: Pool([Name(()), *known]))
outside = st.sampled_from(["out.example.", "a.test."])
ttls = st.sampled_from([300, 300, 600])
_ADDRESSES = ["A"] * 5
_ENDS = [NS, CNAME, DNAME] * 3
kinds = st.sampled_from([*_ADDRESSES, *_ENDS, "AAAA", "TXT", "MX", "SRV", "TYPE65280", DS])


@st.composite
def record_values(draw: st.DrawFn, pool: Pool, kind: str) -> str:
    """Presentation form of one RDATA."""
    targets = pool.targets
    number = draw(st.integers(1, 3))
    match kind:
        case "A":
            return f"192.0.2.{number}"
        case "AAAA":
            return f"2001:db8::{number}"
        case "TXT":
            return f'"t{number}"'
        case "TYPE65280":
            return f"\\# 2 {number:04x}"
        case "DS":
            return f"{number} 13 2 {'ab' * 32}"
        case "MX":
            return f"{number} {draw(targets)}"
        case "SRV":
            return f"{number} 0 53 {draw(targets)}"
        case _:
            return draw(targets)


@st.composite
def groups(draw: st.DrawFn, pool: Pool) -> list[Entry]:
    """One RRset, with a cut now and then its glue."""
    owner, kind, ttl = draw(pool.owners), draw(kinds), draw(ttls)
    several = 1 if kind in (CNAME, DNAME) else 2
    values = record_values(pool, kind)
    found = [
        Entry(owner, kind, ttl, value)
        for value in draw(st.lists(values, min_size=1, max_size=several, unique=True))
    ]
    if kind == NS and draw(st.booleans()):
        host = draw(names(1, 1)).concatenate(owner) if draw(st.booleans()) else owner
        glue = Entry(host, "A", ttl, draw(record_values(pool, "A")))
        found += [Entry(owner, NS, ttl, str(host)), glue]
    return found


@st.composite
def zones(draw: st.DrawFn, apex: Name, pool: Pool, smallest: int = 0) -> GeneratedZone:
    """A zone that every server loads, but for wildcard cuts now and then."""
    wanted = [
        entry
        for group in draw(st.lists(groups(pool), min_size=smallest, max_size=9))
        for entry in group
    ]
    if draw(st.integers(0, 9)):
        wanted = [entry for entry in wanted if not _is_wildcard_cut(entry)]
    return GeneratedZone(apex, _loadable(apex, wanted))


def _is_wildcard_cut(entry: Entry) -> bool:
    """BIND refuses zones with these."""
    return entry.rrtype == NS and entry.owner.is_wild()


def _loadable(apex: Name, wanted: list[Entry]) -> tuple[Entry, ...]:
    """Leave out what a server would refuse the whole zone for (RFC 1034 3.6.2, RFC 6672 2.4)."""
    kept: dict[Name, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in wanted:
        if entry.owner.is_subdomain(apex) and _may_join(apex, kept, entry):
            kept[entry.owner][entry.rrtype].append(entry)
    return tuple(
        sorted(entry for types in kept.values() for rrset in types.values() for entry in rrset)
    )


def _may_join(apex: Name, kept: dict[Name, dict[str, list[Entry]]], entry: Entry) -> bool:
    owner, kind = entry.owner, entry.rrtype
    present = kept.get(owner, {})
    if any(one.rdata == entry.rdata or one.ttl != entry.ttl for one in present.get(kind, [])):
        return False
    if owner == apex and kind in (NS, CNAME, DS):
        return False
    if kind == CNAME and present:
        return False
    if CNAME in present or (kind == DNAME and DNAME in present):
        return False
    if owner != apex and {NS, DNAME} <= {kind, *present}:
        return False
    return not _below_dname(kept, entry)


def _below_dname(kept: dict[Name, dict[str, list[Entry]]], entry: Entry) -> bool:
    """Tell whether the record would stand below a DNAME, or put one above a record."""
    if any(DNAME in types and _below(entry.owner, name) for name, types in kept.items()):
        return True
    return entry.rrtype == DNAME and any(_below(name, entry.owner) for name in kept)


def _below(name: Name, other: Name) -> bool:
    return name != other and name.is_subdomain(other)


_QTYPES = ["A", "A", "AAAA", NS, CNAME, DNAME, "MX", "TXT", "SOA", DS, "ANY", "TYPE65280"]
qtypes = st.sampled_from([dns.rdatatype.from_text(kind) for kind in _QTYPES])


@st.composite
def asked_names(draw: st.DrawFn, known: list[Name]) -> Name:
    """A name at, below or above one that the zones hold, or any other."""
    name = draw(st.one_of(*[st.sampled_from(known)] * 4, names(0, 4)))
    below = draw(st.one_of(st.just(Name(())), st.just(Name(())), names(1, 2)))
    above = draw(st.sampled_from([0, 0, 0, 0, 1]))
    return below.concatenate(Name(name.labels[above:]))


@st.composite
def questions(draw: st.DrawFn, known: list[Name], held: list[dns.rdatatype.RdataType]) -> Question:
    """A query, mostly for a type that the zones hold."""
    rrtype = draw(st.one_of(st.sampled_from(held), st.sampled_from(held), qtypes))
    return Question(
        draw(asked_names(known)),
        rrtype,
        edns=draw(st.booleans()),
        tcp=rrtype == dns.rdatatype.ANY,
    )


@st.composite
def worlds(draw: st.DrawFn, asked: int = 40) -> World:
    """One to three zones within each other, and `asked` questions at most."""
    inner = names(1, 2).filter(lambda name: not name.is_wild())  # BIND refuses such apexes
    apexes = [Name(()), *draw(st.lists(inner, max_size=2, unique=True))]
    pool = draw(pools)
    outermost = draw(zones(apexes[0], pool, 4))
    made = (outermost, *(draw(zones(apex, pool)) for apex in apexes[1:]))
    entries = [entry for zone in made for entry in zone.entries]
    known = sorted({name for entry in entries for name in _mentioned(entry)} | set(apexes))
    held = [dns.rdatatype.A, *(dns.rdatatype.from_text(entry.rrtype) for entry in entries)]
    wanted = st.lists(questions(known, held), min_size=asked // 2, max_size=asked, unique=True)
    return World(made, tuple(draw(wanted)))


def _mentioned(entry: Entry) -> list[Name]:
    found = [entry.owner]
    if entry.rrtype in (CNAME, DNAME, NS):
        found.append(dns.name.from_text(entry.rdata, origin=None))
    return [name for name in found if not name.is_absolute()]
