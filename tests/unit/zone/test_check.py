"""What may stand together at one name."""

import pytest

from nsd.errors import Invalid
from nsd.zone import check, name, rrtype

APEX = name.from_text("example.com")
OWNER = name.from_text("www.example.com")
HOST = b"\x01a\x00"
ADDRESS = bytes(4)

Pairs = list[tuple[int, bytes]]


@pytest.mark.parametrize(
    "records",
    [
        [],
        [(rrtype.CNAME, HOST)],
        [(rrtype.DNAME, HOST), (rrtype.A, ADDRESS)],
        [(rrtype.ALIAS, HOST), (rrtype.MX, b"\0\0\0"), (rrtype.TXT, b"\0")],
        [(rrtype.A, ADDRESS), (rrtype.A, b"\1\1\1\1"), (rrtype.AAAA, bytes(16))],
        [(rrtype.NS, HOST), (rrtype.DS, b"x")],
    ],
)
def test_these_stand_together(records: Pairs) -> None:
    check.node(OWNER, APEX, records)


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([(rrtype.CNAME, HOST), (rrtype.A, ADDRESS)], "has a CNAME and A;"),
        ([(rrtype.TXT, b"\0"), (rrtype.CNAME, HOST)], "has a CNAME and TXT;"),
        ([(rrtype.CNAME, HOST), (rrtype.CNAME, b"\0")], "has a CNAME already"),
        ([(rrtype.CNAME, HOST), (rrtype.DNAME, HOST)], "has a CNAME and DNAME;"),
        ([(rrtype.CNAME, HOST), (rrtype.ALIAS, HOST)], "has a CNAME and ALIAS;"),
        ([(rrtype.DNAME, HOST), (rrtype.DNAME, b"\0")], "has a DNAME already"),
        ([(rrtype.ALIAS, HOST), (rrtype.ALIAS, b"\0")], "has an ALIAS already"),
        ([(rrtype.ALIAS, HOST), (rrtype.AAAA, bytes(16))], "has an ALIAS and AAAA"),
        ([(rrtype.A, ADDRESS), (rrtype.A, ADDRESS)], "this very record already"),
    ],
)
def test_these_do_not(records: Pairs, text: str) -> None:
    with pytest.raises(Invalid, match=text):
        check.node(OWNER, APEX, records)


def test_no_cname_stands_at_the_apex() -> None:
    with pytest.raises(Invalid, match="an ALIAS does what is meant"):
        check.node(APEX, APEX, [(rrtype.CNAME, HOST)])
