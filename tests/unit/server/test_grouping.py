"""How clients fall into networks."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsd.server.grouping import IPV4, IPV6


@given(st.integers(0, 2**32 - 1), st.integers(0, 255))
def test_of_ipv4_a_24_is_one_network(address: int, other: int) -> None:
    first = ip_address(address).packed
    second = first[:3] + bytes([other])
    assert IPV4.source(first) & IPV4.mask == IPV4.source(second) & IPV4.mask


@given(st.integers(0, 2**32 - 1), st.integers(0, 23))
def test_of_ipv4_two_24_are_two_networks(address: int, bit: int) -> None:
    first, second = (ip_address(one).packed for one in (address, address ^ 1 << 31 - bit))
    assert IPV4.source(first) & IPV4.mask != IPV4.source(second) & IPV4.mask


@given(st.integers(0, 2**128 - 1), st.integers(0, 127))
def test_of_ipv6_a_56_is_one_network(address: int, bit: int) -> None:
    first, second = (one.to_bytes(16) for one in (address, address ^ 1 << 127 - bit))
    is_same = IPV6.source(first) & IPV6.mask == IPV6.source(second) & IPV6.mask
    assert is_same == (bit >= 56)


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
        ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
        ("0.0.0.0/0", "192.0.2.1", None),
    ],
)
def test_what_covers_networks_covers_the_sources_in_them(
    network: str, inside: str, outside: str | None
) -> None:
    found = IPV4.covers(ip_network(network))
    assert found is not None
    mask, rest = found
    assert IPV4.source(ip_address(inside).packed) & mask == rest
    if outside is not None:
        assert IPV4.source(ip_address(outside).packed) & mask != rest


def test_a_wide_network_of_ipv6_is_found_by_its_first_octets() -> None:
    found = IPV6.covers(ip_network("2001:db8::/32"))
    assert found is not None
    mask, rest = found
    assert IPV6.source(ip_address("2001:db8:ffff::1").packed) & mask == rest
    assert IPV6.source(ip_address("2001:db9::1").packed) & mask != rest


@pytest.mark.parametrize("network", ["192.0.2.0/25", "192.0.2.1/32", "2001:db8::/32"])
def test_narrow_networks_and_those_of_the_other_family_cover_none(network: str) -> None:
    assert IPV4.covers(ip_network(network)) is None


def test_a_single_address_of_ipv6_covers_none() -> None:
    assert IPV6.covers(ip_network("::1/128")) is None
