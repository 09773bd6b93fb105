"""What may stand together at one name."""

import pytest

from nsd.errors import Invalid
from nsd.zone import check, name, rrtypes

APEX = name.from_text("example.com")
OWNER = name.from_text("www.example.com")
HOST = b"\x01a\x00"
ADDRESS = bytes(4)

Pairs = list[tuple[int, bytes]]


@pytest.mark.parametrize(
    "records",
    [
        [],
        [(rrtypes.CNAME, HOST)],
        [(rrtypes.DNAME, HOST), (rrtypes.A, ADDRESS)],
        [(rrtypes.ALIAS, HOST), (rrtypes.MX, b"\0\0\0"), (rrtypes.TXT, b"\0")],
        [(rrtypes.A, ADDRESS), (rrtypes.A, b"\1\1\1\1"), (rrtypes.AAAA, bytes(16))],
        [(rrtypes.NS, HOST), (rrtypes.DS, b"x")],
    ],
)
def test_these_stand_together(records: Pairs) -> None:
    check.node(OWNER, APEX, records)


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([(rrtypes.CNAME, HOST), (rrtypes.A, ADDRESS)], "has a CNAME and A;"),
        ([(rrtypes.TXT, b"\0"), (rrtypes.CNAME, HOST)], "has a CNAME and TXT;"),
        ([(rrtypes.CNAME, HOST), (rrtypes.CNAME, b"\0")], "has a CNAME already"),
        ([(rrtypes.CNAME, HOST), (rrtypes.DNAME, HOST)], "has a CNAME and DNAME;"),
        ([(rrtypes.CNAME, HOST), (rrtypes.ALIAS, HOST)], "has a CNAME and ALIAS;"),
        ([(rrtypes.DNAME, HOST), (rrtypes.DNAME, b"\0")], "has a DNAME already"),
        ([(rrtypes.ALIAS, HOST), (rrtypes.ALIAS, b"\0")], "has an ALIAS already"),
        ([(rrtypes.ALIAS, HOST), (rrtypes.AAAA, bytes(16))], "has an ALIAS and AAAA"),
        ([(rrtypes.A, ADDRESS), (rrtypes.A, ADDRESS)], "this very record already"),
    ],
)
def test_these_do_not(records: Pairs, text: str) -> None:
    with pytest.raises(Invalid, match=text):
        check.node(OWNER, APEX, records)


def test_no_cname_stands_at_the_apex() -> None:
    with pytest.raises(Invalid, match="an ALIAS does what is meant"):
        check.node(APEX, APEX, [(rrtypes.CNAME, HOST)])
