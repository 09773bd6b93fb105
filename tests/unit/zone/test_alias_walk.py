"""Where the target of an ALIAS leads: what a query for it would find, and what others say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsd.errors import Invalid
from nsd.rcode import Rcode
from nsd.zone import check, rrtypes
from nsd.zone.alias import FAMILIES, unpack
from nsd.zone.alias_walk import MAX_STEPS, End, Place, Walk, follow
from nsd.zone.answer import Answer
from nsd.zone.lookup import lookup
from nsd.zone.name import WireName, from_text, lower
from nsd.zone.record import Record
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone
from tests.alias.written import WrittenZones, rrsets_of

ONE = from_text("one.example.")
Zones = dict[WireName, list[Record]]


def record(line: str, origin: WireName = ONE) -> Record:
    """Read `owner type value [TTL]`; names without a dot at the end are in the zone."""
    owner, kind, value, *ttl = line.split()
    rrtype = rrtypes.from_text(kind)
    name = origin if owner == "@" else from_text(owner, origin)
    rdata = bytes(map(int, value.split("."))) if kind == "A" else from_text(value, origin)
    return Record(name, rrtype, int(ttl[0]) if ttl else 300, rdata)


def world(*lines: str, **others: list[str]) -> WrittenZones:
    """Make one.example of lines, and further zones below `example`."""
    zones = {ONE: [record(line) for line in lines]}
    for label, further in others.items():
        apex = from_text(f"{label.replace('_', '.')}.example.")
        zones[apex] = [record(line, apex) for line in further]
    return WrittenZones(zones)


def walk(zones: WrittenZones, target: str) -> Walk:
    return follow(zones, from_text(target, ONE))


def found(walk: Walk) -> list[tuple[str, int]]:
    """Give the addresses and their TTLs."""
    assert walk.end is End.OURS
    return [(".".join(map(str, rdata)), ttl) for _, ttl, rdata in unpack(walk.addresses, 2**31 - 1)]


def test_cname_dname_alias_and_wildcards_lead_on_with_the_smallest_ttl() -> None:
    zones = world(
        "a CNAME b.d 200",
        "d DNAME E 100",
        "*.e ALIAS x.two.example. 250",
        two=["x A 192.0.2.1 900", "x A 192.0.2.2 900"],
    )
    assert found(walk(zones, "A")) == [("192.0.2.1", 100), ("192.0.2.2", 100)]


def test_an_empty_non_terminal_hides_a_wildcard_and_has_no_addresses() -> None:
    zones = world("* A 192.0.2.1", "a.b TXT x")
    assert found(walk(zones, "c")) == [("192.0.2.1", 300)]
    assert found(walk(zones, "b")) == []
    assert found(walk(zones, "x.b")) == []


def test_an_alias_makes_its_name_and_those_above_exist_without_addresses() -> None:
    zones = world("* A 192.0.2.1", "a.b ALIAS elsewhere.net.")
    assert found(walk(zones, "b")) == []
    assert walk(zones, "a.b").outside == from_text("elsewhere.net.")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("x.w", ["192.0.2.1"]),
        ("x.y.w", ["192.0.2.1"]),
        ("x.ent.w", []),
        ("x.z.ent.w", []),
        ("*.w", ["192.0.2.1"]),
        ("x.*.w", []),
        ("y.*.ent.w", []),
    ],
)
def test_the_wildcard_at_the_closest_encloser_answers_and_no_other(
    target: str, expected: list[str]
) -> None:
    zones = world("*.w A 192.0.2.1", "z.ent.w A 192.0.2.2", "* A 192.0.2.3")
    assert [address for address, _ in found(walk(zones, target))] == expected


def test_a_dname_leads_what_is_below_it_and_not_its_own_name() -> None:
    zones = world("d DNAME e", "d A 192.0.2.1", "x.e A 192.0.2.2", "x.d A 192.0.2.3")
    assert found(walk(zones, "d")) == [("192.0.2.1", 300)]
    assert found(walk(zones, "x.d")) == [("192.0.2.2", 300)]


def test_a_dname_at_the_apex_leads_the_whole_zone() -> None:
    zones = world("@ DNAME two.example.", two=["x A 192.0.2.1"])
    assert found(walk(zones, "x")) == [("192.0.2.1", 300)]


def test_a_name_that_a_dname_makes_too_long_has_no_addresses() -> None:
    zones = world("d DNAME " + ".".join(["x" * 62] * 3))
    longest, too_long = (walk(zones, "y" * length + ".d") for length in (52, 53))
    assert [len(name) for name in longest.names[1:]] == [255]
    assert (len(too_long.names), found(too_long)) == (1, [])


@pytest.mark.parametrize("target", ["sub", "x.sub", "deep.x.sub"])
def test_what_is_at_or_below_a_cut_is_for_others_to_say(target: str) -> None:
    zones = world("sub NS ns.elsewhere.net.", "x.sub A 192.0.2.1", "@ NS ns.elsewhere.net.")
    assert walk(zones, target).outside == from_text(target, ONE)


def test_the_highest_cut_or_dname_decides() -> None:
    zones = world("d DNAME e", "x.d NS ns.elsewhere.net.", "sub NS ns.net.", "x.sub DNAME e")
    assert found(walk(zones, "y.x.d")) == []
    assert walk(zones, "y.x.sub").outside == from_text("y.x.sub", ONE)


def test_a_name_in_no_zone_is_for_others_to_say() -> None:
    assert walk(world("a CNAME b.elsewhere.net."), "a").outside == from_text("b.elsewhere.net.")


def test_a_copy_that_has_expired_is_for_others_to_say_though_the_zone_above_is_ours() -> None:
    inner = from_text("inner.one.example.")
    records = {ONE: [record("* A 192.0.2.1")], inner: [record("x A 192.0.2.2", inner)]}
    assert found(walk(WrittenZones(records), "x.inner")) == [("192.0.2.2", 300)]
    assert walk(WrittenZones(records, expired=[inner]), "x.inner").outside == lower(
        from_text("x.inner", ONE)
    )


def test_a_suspended_zone_gives_no_addresses_until_it_is_resumed() -> None:
    zones = world("a A 192.0.2.1")
    zone = zones.closest(ONE)
    assert zone is not None
    zone.is_suspended = True
    suspended = walk(zones, "a")
    assert (found(suspended), suspended.soft) == ([], {ONE})
    zone.is_suspended = False
    assert found(walk(zones, "a")) == [("192.0.2.1", 300)]


@pytest.mark.parametrize(
    ("lines", "place", "closes"),
    [
        (["a ALIAS a"], "a", True),
        (["a ALIAS b", "b CNAME a"], "a", True),
        (["a ALIAS b", "b CNAME a"], "b", True),
        (["*.w ALIAS x.w"], "*.w", True),
        (["*.w ALIAS a.d", "d DNAME w"], "*.w", True),
        (["*.w ALIAS q.ent.w", "z.ent.w A 192.0.2.1"], "*.w", False),
        (["a CNAME b", "b CNAME a"], "a", False),
        (["a ALIAS b", "b CNAME c", "c CNAME b"], "a", False),
        (["a CNAME b", "b ALIAS c", "c CNAME b"], "a", False),
    ],
)
def test_a_loop_is_closed_by_what_is_led_back_to_by_way_of_an_alias(
    lines: list[str], place: str, closes: bool
) -> None:
    records = [record(line) for line in lines]
    owner = from_text(place, ONE)
    (start,) = [one for one in records if one.owner == owner]
    way = follow(WrittenZones({ONE: records}), start.rdata)
    assert way.closes_loop(Place(ONE, owner)) == closes


def test_a_way_may_have_sixteen_names_and_no_more() -> None:
    lines = [f"n{number} CNAME n{number + 1}" for number in range(20)]
    zones = world(*lines, "n20 A 192.0.2.1")
    assert found(walk(zones, f"n{21 - MAX_STEPS}")) == [("192.0.2.1", 300)]
    assert walk(zones, f"n{20 - MAX_STEPS}").end is End.TOO_LONG


@pytest.mark.parametrize(
    ("target", "is_soft"), [("a", False), ("x.d", False), ("b", True), ("y", True), ("x.w", True)]
)
def test_a_zone_is_soft_where_no_record_stands_at_a_name(target: str, is_soft: bool) -> None:
    zones = world("a A 192.0.2.1", "z.b A 192.0.2.1", "*.w A 192.0.2.1", "d DNAME elsewhere.net.")
    assert walk(zones, target).soft == ({ONE} if is_soft else set())


# The rules of an answer are those of `lookup`; in zones without ALIAS both must find the same.

NAMES = ("@", "a", "b", "*", "b.a", "*.a", "c.b.a", "*.b.a", "d.c.b.a")
APEXES = (ONE, from_text("a.one.example."), from_text("two.example."))
TARGETS = (*NAMES, "x", "x.a", "x.b.a", "a.two.example.", "b.a.two.example.", "out.net.")
names = st.sampled_from(NAMES)
lines = st.one_of(
    st.tuples(names, st.just("A"), st.sampled_from(["192.0.2.1", "192.0.2.2"])),
    st.tuples(
        names, st.sampled_from(["CNAME", "CNAME", "DNAME", "NS"]), st.sampled_from(TARGETS[1:])
    ),
)
contents = st.lists(st.tuples(lines, st.integers(1, 9)), max_size=8)
worlds = st.fixed_dictionaries({ONE: contents}, optional=dict.fromkeys(APEXES[1:], contents))


def lawful(apex: WireName, content: list[tuple[tuple[str, str, str], int]]) -> list[Record]:
    """Make the records that may stand together."""
    kept: dict[WireName, list[Record]] = {}
    for line, ttl in content:
        made = record(f"{' '.join(line)} {ttl}", apex)
        there = [*kept.get(made.owner, []), made]
        try:
            check.node(made.owner, apex, [(one.rrtype, one.rdata) for one in there])
        except Invalid:
            continue
        kept[made.owner] = there
    return [one for there in kept.values() for one in there]


def table_of(zones: Zones) -> ZoneTable:
    table = ZoneTable()
    for apex, records in zones.items():
        zone = Zone(apex)
        for owner in {one.owner for one in records}:
            for rrset in rrsets_of(one for one in records if one.owner == owner).values():
                zone.put(owner, rrset)
        soa = Record(apex, rrtypes.SOA, 60, b"\0\0" + bytes(20))
        zone.put(apex, rrsets_of([soa])[rrtypes.SOA])
        table.put(zone)
    return table


def end_of(answer: Answer, qname: WireName) -> WireName:
    """Give the last name that an answer speaks of."""
    name = qname
    for owned in answer.answer:
        if owned.rrset.rrtype == rrtypes.CNAME:
            name = lower(owned.rrset.rdatas[0])
    return name


@given(worlds)
def test_a_walk_finds_what_a_query_finds(
    content: dict[WireName, list[tuple[tuple[str, str, str], int]]],
) -> None:
    zones = {apex: lawful(apex, lines) for apex, lines in content.items()}
    table, source = table_of(zones), WrittenZones(zones)
    for target in TARGETS[1:]:
        name = from_text(target, ONE)
        _compare(follow(source, name), [lookup(table, name, family) for family in FAMILIES], name)


def _compare(way: Walk, answers: list[Answer], name: WireName) -> None:
    answer = answers[0]
    ttl = min((owned.rrset.ttl for owned in answer.answer), default=0)
    addresses = {
        (rrset.rrtype, ttl, rdata)
        for one in answers
        for rrset in [owned.rrset for owned in one.answer]
        if rrset.rrtype in FAMILIES
        for rdata in rrset.rdatas
    }
    authority = {owned.rrset.rrtype for owned in answer.authority}
    if addresses or rrtypes.SOA in authority or answer.rcode == Rcode.YXDOMAIN:
        assert (way.end, set(unpack(way.addresses, 2**31 - 1))) == (End.OURS, addresses)
    elif rrtypes.NS in authority:
        assert way.outside == end_of(answer, name)
    else:
        assert way.end is not End.OURS
        assert way.outside in (None, end_of(answer, name))
