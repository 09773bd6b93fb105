"""Records in messages: in their order, none too long, as another reader reads them."""

from itertools import chain

import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsd.secondary import packing
from nsd.secondary.packing import one_or, pack
from nsd.zone import rrtypes
from nsd.zone.name import WireName, from_text
from nsd.zone.rrset import pack as packed
from tests.unit.secondary.asking import APEX, ask

Wire = tuple[WireName, bytes]


def txt(owner: str, length: int) -> Wire:
    """Give a TXT record of so many octets of RDATA, at least one."""
    strings = chain.from_iterable(
        [(min(255, left - 1), *b"x" * min(255, left - 1)) for left in range(length, 0, -256)]
    )
    return from_text(owner, APEX), packed(rrtypes.TXT, 300, bytes(strings))[2:]


def read(message: bytes) -> list[tuple[str, int]]:
    """Give the owners of a message's records, and the length of their RDATA."""
    answer = dns.message.from_wire(message, one_rr_per_rrset=True).answer
    return [(rrset.name.to_text(), len(rrset[0].to_wire() or b"")) for rrset in answer]


records = st.lists(
    st.builds(txt, st.sampled_from(["@", "www", "a.b.c"]), st.integers(1, 3000)), min_size=1
)


@given(records, st.integers(3100, 65535))
def test_messages_hold_all_records_in_their_order_and_none_is_too_long(
    given_records: list[Wire], limit: int
) -> None:
    messages = list(pack(ask(limit=limit), iter(given_records)))
    assert all(len(message) <= min(limit, packing.TARGET + 100) for message in messages)
    found = list(chain.from_iterable(map(read, messages)))
    owners = {"@": "example.com.", "www": "www.example.com.", "a.b.c": "a.b.c.example.com."}
    by_wire = {from_text(short, APEX): text for short, text in owners.items()}
    assert found == [(by_wire[owner], len(rest) - 10) for owner, rest in given_records]


def test_a_record_that_is_longer_than_the_target_has_a_message_of_its_own() -> None:
    lengths = (10, 60_000, 10)
    messages = list(pack(ask(), iter([txt("www", length) for length in lengths])))
    assert [[length for _, length in read(message)] for message in messages] == [
        [10],
        [60_000],
        [10],
    ]


def test_a_single_message_is_given_as_it_is_and_something_else_instead_of_more() -> None:
    request = ask(limit=512)
    few, many = [txt("www", 100)], [txt("www", 100)] * 10
    instead = [b"instead"]
    assert list(one_or(pack(request, iter(few)), iter(instead))) == list(pack(request, iter(few)))
    assert list(one_or(pack(request, iter(many)), iter(instead))) == instead
    too_long = [txt("www", 600)]
    assert list(one_or(pack(request, iter(too_long)), iter(instead))) == instead
    with pytest.raises(packing._TooLong):
        list(pack(request, iter(too_long)))
