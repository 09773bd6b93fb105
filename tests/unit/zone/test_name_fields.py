"""Where names stand in RDATA, held against dnspython's reading of each type."""

import dns.rdata
import dns.rdataclass
import pytest

from nsd.zone import rdata, rrtypes
from nsd.zone.name import from_text, to_text
from nsd.zone.name_fields import canonical, names

VALUES = [
    ("NS", "Ns.Example.", ["Ns.Example."]),
    ("CNAME", "A.", ["A."]),
    ("SOA", "Ns.A. Host.B. 1 2 3 4 5", ["Ns.A.", "Host.B."]),
    ("PTR", "A.b.", ["A.b."]),
    ("MX", "10 Mail.A.", ["Mail.A."]),
    ("RP", "Box.A. Txt.A.", ["Box.A.", "Txt.A."]),
    ("AFSDB", "1 Db.A.", ["Db.A."]),
    ("RT", "10 Relay.A.", ["Relay.A."]),
    ("PX", "10 Map822.A. MapX400.A.", ["Map822.A.", "MapX400.A."]),
    ("KX", "1 Kx.A.", ["Kx.A."]),
    ("SRV", "1 2 3 Host.A.", ["Host.A."]),
    ("DNAME", "D.A.", ["D.A."]),
    ("NAPTR", '1 2 "U" "E2U" "!^.*$!X!" Next.A.', ["Next.A."]),
]
UNCHANGED = [
    ("SVCB", "1 Svc.A. alpn=h2", ["Svc.A."]),
    ("HTTPS", "0 Web.A.", ["Web.A."]),
    ("IPSECKEY", "10 3 2 Gate.A. AQID", ["Gate.A."]),
    ("IPSECKEY", "10 1 2 192.0.2.1 AQID", []),
    ("TXT", '"A.B."', []),
    ("A", "192.0.2.1", []),
]


def wire(rrtype: str, text: str) -> tuple[int, bytes]:
    number = rrtypes.from_text(rrtype)
    parsed = dns.rdata.from_text(dns.rdataclass.IN, rrtype, text, relativize=False)
    return number, parsed.to_wire() or b""


@pytest.mark.parametrize(("rrtype", "text", "found"), [*VALUES, *UNCHANGED])
def test_the_names_are_found(rrtype: str, text: str, found: list[str]) -> None:
    assert [to_text(name) for name in names(*wire(rrtype, text))] == found


@pytest.mark.parametrize(("rrtype", "text", "found"), VALUES)
def test_names_alone_are_lowered(rrtype: str, text: str, found: list[str]) -> None:
    number, octets = wire(rrtype, text)
    for name in found:
        octets = octets.replace(from_text(name), from_text(name).lower())
    assert canonical(*wire(rrtype, text)) == octets
    assert rdata.to_text(number, octets)


@pytest.mark.parametrize(("rrtype", "text"), [one[:2] for one in UNCHANGED])
def test_newer_types_keep_their_letters(rrtype: str, text: str) -> None:
    number, octets = wire(rrtype, text)
    assert canonical(number, octets) == octets
