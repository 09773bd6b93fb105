"""Reading the records of other servers' messages, with dnspython on the other side."""

import dns.message
import dns.rrset
import pytest

from nsd.message import records
from nsd.zone import rrtypes
from nsd.zone.name import from_text
from nsd.zone.record import Record

VALUES = [
    ("NS", "ns.example."),
    ("CNAME", "www.example."),
    ("SOA", "ns.example. host.example. 1 2 3 4 5"),
    ("PTR", "www.example."),
    ("MX", "10 mail.example."),
    ("RP", "box.example. txt.example."),
    ("AFSDB", "1 db.example."),
    ("SRV", "1 2 3 www.example."),
    ("TXT", '"www.example."'),
    ("A", "192.0.2.1"),
]


def answer(*rrsets: dns.rrset.RRset) -> bytes:
    message = dns.message.make_response(dns.message.make_query("www.example.", "A"))
    message.answer.extend(rrsets)
    return message.to_wire()


@pytest.mark.parametrize(("rrtype", "text"), VALUES)
def test_names_come_out_whole(rrtype: str, text: str) -> None:
    rrset = dns.rrset.from_text("www.example.", 300, "IN", rrtype, text)
    wire = answer(rrset, rrset)  # the second has all names to point to
    expected = Record(
        from_text("www.example."), rrtypes.from_text(rrtype), 300, rrset[0].to_wire() or b""
    )
    assert list(records.answers(wire)) == [expected] * 2


def test_owners_are_lowered() -> None:
    wire = answer(dns.rrset.from_text("Other.Example.", 300, "IN", "A", "192.0.2.1"))
    assert next(records.answers(wire)).owner == from_text("other.example.")


def test_a_ttl_with_its_highest_bit_counts_as_none() -> None:
    wire = answer(dns.rrset.from_text("a.", 300, "IN", "A", "192.0.2.1"))
    wire = wire[:-10] + b"\x80" + wire[-9:]
    assert next(records.answers(wire)).ttl == 0


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"\0\0\1\0\3\0\0\0\0\0\0", "another class"),
        (b"\0\0\1\0\1\0\0\0\0\0", "cut short"),
        (b"\0\0\1\0\1\0\0\0\0\0\4abc", "runs out of the message"),
        (b"\0\0\2\0\1\0\0\0\0\0\1\1a\0", "runs out of its record"),
        (b"\0\0\2\0\1\0\0\0\0\0\2\xc0\xff", "does not point backwards"),
        (b"\3ab", "runs out of the message"),
    ],
)
def test_what_is_malformed_is_refused(octets: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        list(records.answers(b"\0\0\x84\0\0\0\0\1\0\0\0\0" + octets))
