"""The index against a second oracle: dnspython's zone in a balanced tree."""

from random import Random

import dns.btreezone
import dns.name
import dns.zone
from hypothesis import given, settings
from hypothesis import strategies as st

from nsd.zone import rrtypes
from nsd.zone.name import WireName, lower, parent
from nsd.zone.zone import Zone
from tests.conformance.asked import read_zone
from tests.conformance.campaign.strategies import names, pools, zones
from tests.conformance.campaign.world import GeneratedZone, Name

BASE = dns.name.from_text("z.test.")

generated = pools.flatmap(lambda pool: zones(Name(()), pool, 3))
asked = st.lists(names(0, 4), min_size=10, max_size=30)


def _both(zone: GeneratedZone) -> tuple[Zone, dns.btreezone.ImmutableVersion]:
    text = zone.text(BASE.to_text())
    other = dns.zone.from_text(text, BASE, relativize=False, zone_factory=dns.btreezone.Zone)
    with other.reader() as reader:
        version = reader.version
    assert isinstance(version, dns.btreezone.ImmutableVersion)
    return read_zone(text, BASE.to_text()), version


def _wire(name: Name) -> WireName:
    return _lowered(name.derelativize(BASE))


def _closest_encloser(zone: Zone, name: WireName) -> WireName:
    while name not in zone.nodes:
        name = parent(name)
    return name


def _topmost_cut(zone: Zone, name: WireName) -> WireName | None:
    found = None
    while name != zone.apex:
        if name in zone.barriers and zone.rrset(name, rrtypes.NS):
            found = name
        name = parent(name)
    return found


@settings(max_examples=150)
@given(generated, asked)
def test_existence_closest_encloser_and_delegation_agree(
    generated_zone: GeneratedZone, wanted: list[Name]
) -> None:
    zone, other = _both(generated_zone)
    for relative in wanted:
        name = _wire(relative)
        bounds = other.bounds(relative.derelativize(BASE))
        cut = _lowered(bounds.left) if bounds.is_delegation else None
        assert _topmost_cut(zone, name) == cut, bounds
        if cut is None:
            encloser = _lowered(bounds.closest_encloser)
            assert _closest_encloser(zone, name) == encloser, bounds
            assert (name in zone.nodes) == (encloser == name), bounds


def _lowered(name: Name) -> WireName:
    return lower(name.to_wire() or b"")


@settings(max_examples=100)
@given(generated, st.randoms(use_true_random=False))
def test_an_index_patched_in_any_order_is_the_one_built_afresh(
    generated_zone: GeneratedZone, order: Random
) -> None:
    text = generated_zone.text(BASE.to_text())
    whole = read_zone(text, BASE.to_text())
    rrsets = list(whole.rrsets())
    patched = Zone(whole.apex)
    order.shuffle(rrsets)
    for owner, rrset in rrsets:
        patched.put(owner, rrset)
    gone, kept = rrsets[: len(rrsets) // 2], rrsets[len(rrsets) // 2 :]
    _assert_same(patched, whole)
    for owner, rrset in gone:
        patched.remove(owner, rrset.rrtype)
    _assert_same(patched, Zone.build(whole.apex, kept))
    for owner, rrset in reversed(gone):
        patched.put(owner, rrset)
    _assert_same(patched, whole)


def _assert_same(one: Zone, other: Zone) -> None:
    assert one.nodes == other.nodes
    assert one.children == other.children
    assert one.barriers == other.barriers
    assert one.negative_soa == other.negative_soa
