"""Hypothesis strategies for worlds: few labels, so that names collide."""

from collections import defaultdict

import dns.name
import dns.rdatatype
from hypothesis import strategies as st

from tests.conformance.campaign.world import Entry, GeneratedZone, Name, Question, World

DNAME, CNAME, NS, DS = "DNAME", "CNAME", "NS", "DS"
UNKNOWN = 65280

_COMMON = ["a", "b", "c", "*"]
_ODD = ["A", "_x", "a\\.b", "\\000", "\\255a", "a\\ b"]
_OUTSIDE = ["out.example.", "a.test."]

labels = st.sampled_from(_COMMON * 6 + _ODD)


def names(smallest: int, largest: int) -> st.SearchStrategy[Name]:
    """Names relative to the base, of so many labels."""
    texts = st.lists(labels, min_size=smallest, max_size=largest)
    return texts.map(lambda parts: dns.name.from_text(".".join(parts) or "@", origin=None))


owners = names(0, 3)
targets = st.one_of(
    names(0, 3).map(str), names(0, 3).map(str), names(1, 4).map(str), st.sampled_from(_OUTSIDE)
)
ttls = st.sampled_from([300, 300, 600])
kinds = st.sampled_from(
    ["A", "A", "A", "AAAA", "TXT", "MX", "SRV", NS, NS, NS, CNAME, CNAME, CNAME, DNAME, DNAME]
    + ["TYPE65280", DS]
)


@st.composite
def record_values(draw: st.DrawFn, kind: str) -> str:
    """Presentation form of one RDATA."""
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
def groups(draw: st.DrawFn) -> list[Entry]:
    """One RRset, with a cut now and then its glue."""
    owner, kind, ttl = draw(owners), draw(kinds), draw(ttls)
    several = 1 if kind in (CNAME, DNAME) else 2
    values = draw(st.lists(record_values(kind), min_size=1, max_size=several, unique=True))
    found = [Entry(owner, kind, ttl, value) for value in values]
    if kind == NS and draw(st.booleans()):
        host = draw(names(1, 1)).concatenate(owner) if len(owner.labels) < 3 else owner
        glue = Entry(host, "A", ttl, draw(record_values("A")))
        found += [Entry(owner, NS, ttl, str(host)), glue]
    return found


@st.composite
def zones(draw: st.DrawFn, apex: Name) -> GeneratedZone:
    """A zone that every server loads."""
    wanted = [entry for group in draw(st.lists(groups(), max_size=8)) for entry in group]
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


qtypes = st.sampled_from(
    [dns.rdatatype.from_text(kind) for kind in "A A A AAAA NS CNAME DNAME MX TXT SOA DS ANY".split()]
    + [UNKNOWN]
)


@st.composite
def asked_names(draw: st.DrawFn, known: list[Name]) -> Name:
    """A name at, below or above one that the zones hold, or any other."""
    name = draw(st.one_of(st.sampled_from(known), names(0, 4)))
    below = draw(st.lists(labels, max_size=2))
    above = draw(st.integers(0, 1))
    return dns.name.Name((*(label.encode() for label in _raw(below)), *name.labels[above:]))


def _raw(texts: list[str]) -> list[str]:
    return [text for text in texts if "\\" not in text]


@st.composite
def questions(draw: st.DrawFn, known: list[Name]) -> Question:
    """A query."""
    rrtype = draw(qtypes)
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
    apexes = [dns.name.empty, *draw(st.lists(inner, max_size=2, unique=True))]
    made = tuple(draw(zones(apex)) for apex in apexes)
    known = sorted(
        {name for zone in made for entry in zone.entries for name in _mentioned(entry)}
        | set(apexes)
    )
    wanted = draw(
        st.lists(questions(known), min_size=asked // 2, max_size=asked, unique=True)
    )
    return World(made, tuple(wanted))


def _mentioned(entry: Entry) -> list[Name]:
    found = [entry.owner]
    if entry.rrtype in (CNAME, DNAME, NS):
        found.append(dns.name.from_text(entry.rdata, origin=None))
    return [name for name in found if not name.is_absolute()]
