"""Aliases that lead from one account's zone into another's."""

import pytest

from nsd.zone import masterfile, rrtypes
from nsd.zone.lookup import lookup
from nsd.zone.name import from_text, to_text
from nsd.zone.rrset import RRset, pack
from nsd.zone.table import ZoneTable
from nsd.zone.zone import Zone


def zone(name: str, account: int, text: str) -> Zone:
    content = masterfile.parse(f"@ SOA ns h 1 2 3 4 5\n{text}", file="f", origin=from_text(name))
    rrsets = [
        (record.owner, RRset(pack(record.rrtype, record.ttl, record.rdata)))
        for record in content.records
    ]
    return Zone.build(content.apex, rrsets, account)


@pytest.fixture
def table() -> ZoneTable:
    table = ZoneTable()
    table.put(zone("mine.example.", 1, "a CNAME b.mine2.example.\nc CNAME x.other.example.\n"
                   "d DNAME other.example.\n"))  # fmt: skip
    table.put(zone("mine2.example.", 1, "b A 192.0.2.1\n"))
    table.put(zone("other.example.", 2, "x A 192.0.2.2\n"))
    return table


def answered(table: ZoneTable, name: str) -> tuple[list[str], bool]:
    answer = lookup(table, from_text(name), rrtypes.A)
    assert not answer.rcode
    shown = [f"{to_text(o.owner)} {rrtypes.to_text(o.rrset.rrtype)}" for o in answer.answer]
    return shown, answer.authoritative


def test_an_alias_is_followed_within_an_account(table: ZoneTable) -> None:
    assert answered(table, "a.mine.example.") == (
        ["a.mine.example. CNAME", "b.mine2.example. A"],
        True,
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("c.mine.example.", ["c.mine.example. CNAME"]),
        ("x.d.mine.example.", ["d.mine.example. DNAME", "x.d.mine.example. CNAME"]),
    ],
)
def test_it_ends_before_a_zone_of_another_account(
    table: ZoneTable, name: str, shown: list[str]
) -> None:
    assert answered(table, name) == (shown, True)
    assert answered(table, "x.other.example.") == (["x.other.example. A"], True)
