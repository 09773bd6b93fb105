"""What a lookup keeps of each of its steps, for those who have to prove the answer."""

import pytest

from nsd.zone import rrtypes
from nsd.zone.lookup import lookup
from nsd.zone.name import from_text, to_text
from nsd.zone.table import ZoneTable
from tests.conformance.asked import Nameserver

ZONES = {
    "example.": """
www A 192.0.2.1
*.wild A 192.0.2.2
deep.ent A 192.0.2.3
sub NS ns.sub
ns.sub A 192.0.2.4
here CNAME x.wild
away CNAME Y.other.test.
*.hop CNAME x.wild.other.test.
moved DNAME other.test.
""",
    "other.test.": "y A 192.0.2.5\n*.wild A 192.0.2.6\n",
}


@pytest.fixture(scope="module")
def table() -> ZoneTable:
    return Nameserver(ZONES).table


def text(name: bytes | None) -> str | None:
    return None if name is None else to_text(name)


def steps(
    table: ZoneTable, name: str, rrtype: int = rrtypes.A
) -> list[tuple[str, str, str | None, str | None, str | None]]:
    """Give zone, name, cut, closest encloser and wildcard of each step."""
    answer = lookup(table, from_text(name), rrtype)
    return [
        (
            to_text(step.zone.apex),
            to_text(step.name),
            text(step.cut),
            text(step.encloser),
            text(step.wildcard),
        )
        for step in answer.steps
    ]


@pytest.mark.parametrize("name", ["example.", "www.example.", "ent.example.", "wild.example."])
def test_of_a_name_that_exists_the_zone_is_kept(table: ZoneTable, name: str) -> None:
    assert steps(table, name) == [("example.", name, None, None, None)]


@pytest.mark.parametrize(
    ("name", "encloser"),
    [
        ("no.example.", "example."),
        ("a.b.no.example.", "example."),
        ("no.deep.ent.example.", "deep.ent.example."),
        ("no.ent.example.", "ent.example."),
    ],
)
def test_of_a_missing_name_the_closest_encloser_is_kept(
    table: ZoneTable, name: str, encloser: str
) -> None:
    assert steps(table, name) == [("example.", name, None, encloser, None)]


@pytest.mark.parametrize("rrtype", [rrtypes.A, rrtypes.MX])
def test_the_wildcard_that_stood_for_a_name_is_kept(table: ZoneTable, rrtype: int) -> None:
    found = ("example.", "a.b.wild.example.", None, "wild.example.", "*.wild.example.")
    assert steps(table, "a.b.wild.example.", rrtype) == [found]


@pytest.mark.parametrize("name", ["sub.example.", "a.b.sub.example.", "ns.sub.example."])
def test_of_a_referral_the_cut_is_kept(table: ZoneTable, name: str) -> None:
    assert steps(table, name) == [("example.", name, "sub.example.", None, None)]


def test_ds_at_a_cut_is_no_referral(table: ZoneTable) -> None:
    assert steps(table, "sub.example.", rrtypes.DS) == [
        ("example.", "sub.example.", None, None, None)
    ]


def test_each_step_of_a_chain_is_kept_with_its_zone_and_spelling(table: ZoneTable) -> None:
    assert steps(table, "Away.example.") == [
        ("example.", "Away.example.", None, None, None),
        ("other.test.", "Y.other.test.", None, None, None),
    ]
    assert steps(table, "a.hop.example.") == [
        ("example.", "a.hop.example.", None, "hop.example.", "*.hop.example."),
        ("other.test.", "x.wild.other.test.", None, "wild.other.test.", "*.wild.other.test."),
    ]


def test_a_dname_leads_to_a_step_in_its_targets_zone(table: ZoneTable) -> None:
    assert steps(table, "no.moved.example.") == [
        ("example.", "no.moved.example.", None, None, None),
        ("other.test.", "no.other.test.", None, "other.test.", None),
    ]


def test_outside_all_zones_there_is_no_step(table: ZoneTable) -> None:
    assert steps(table, "elsewhere.test2.") == []
