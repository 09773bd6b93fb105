"""What the operator allows in all zones."""

import pytest

from nsd.change.rules import MAX_OCTETS, MAX_TYPES, Rules, check_reserved, check_sizes
from nsd.errors import Invalid
from nsd.zone import rrtypes
from nsd.zone.name import from_text
from nsd.zone.record import Record

OWNER = from_text("www.example.")
RULES = Rules(max_rrset=3, catalog_suffix=from_text("catalog.example.org."))
NAMESERVERS = (from_text("ns1.dns.example.com."),)


def addresses(count: int) -> list[Record]:
    return [Record(OWNER, rrtypes.A, 60, bytes((192, 0, 2, number))) for number in range(count)]


def text(octets: int, mark: bytes = b"x") -> Record:
    return Record(OWNER, rrtypes.TXT, 60, mark * octets)


def test_an_rrset_has_as_many_records_as_the_settings_allow() -> None:
    check_sizes(RULES, OWNER, [], addresses(3))
    with pytest.raises(Invalid, match="3 A records at the most"):
        check_sizes(RULES, OWNER, addresses(3), addresses(4))


def test_an_rrset_that_is_larger_already_may_stay_or_shrink_but_not_grow() -> None:
    check_sizes(RULES, OWNER, addresses(9), addresses(9))
    check_sizes(RULES, OWNER, addresses(9), addresses(8))
    check_sizes(RULES, OWNER, addresses(9), [*addresses(9), text(9)])
    with pytest.raises(Invalid):
        check_sizes(RULES, OWNER, addresses(9), addresses(10))


def test_an_rrset_fits_one_message_whatever_else_is_in_it() -> None:
    check_sizes(RULES, OWNER, [], [text(MAX_OCTETS - 12)])
    with pytest.raises(Invalid, match="one message") as refused:
        check_sizes(RULES, OWNER, [], [text(MAX_OCTETS - 11)])
    assert refused.value.field == "value"
    with pytest.raises(Invalid, match="one message"):
        check_sizes(RULES, OWNER, [text(40_000)], [text(40_000), text(40_000, b"y")])


def test_a_name_has_a_hundred_types_at_the_most() -> None:
    records = [Record(OWNER, 1000 + number, 60, b"") for number in range(MAX_TYPES)]
    check_sizes(RULES, OWNER, [], records)
    with pytest.raises(Invalid, match="100 types"):
        check_sizes(RULES, OWNER, records, [*records, *addresses(1)])


@pytest.mark.parametrize(
    "name",
    [
        "localhost.",
        "a.localhost.",
        "x.test.",
        "printer.local.",
        "home.arpa.",
        "1.168.192.in-addr.arpa.",
        "20.172.in-addr.arpa.",
        "0.8.e.f.ip6.arpa.",
        "a.catalog.example.org.",
        "dns.example.com.",
        "ns1.dns.example.com.",
        "example.com.",
    ],
)
def test_the_operator_s_names_are_reserved(name: str) -> None:
    with pytest.raises(Invalid, match="reserved"):
        check_reserved(RULES, NAMESERVERS, from_text(name))


@pytest.mark.parametrize(
    "name",
    [
        "example.",
        "a.example.",
        "www.example.com.",
        "ns2.dns.example.com.",
        "2.0.192.in-addr.arpa.",
        "32.172.in-addr.arpa.",
        "localhost.example.",
        "example.org.",
    ],
)
def test_other_names_are_free(name: str) -> None:
    check_reserved(RULES, NAMESERVERS, from_text(name))
