"""Step 3a: a CNAME takes us back to step 1 with its target."""

import pytest

from tests.conformance.asked import SOA, Nameserver, example

CHAIN = "a CNAME b\nb CNAME c\nc A 192.0.2.1\n"


def test_the_chain_stands_in_its_order() -> None:
    assert example(CHAIN).ask("a.example.").answer == [
        "a.example. 300 CNAME b.example.",
        "b.example. 300 CNAME c.example.",
        "c.example. 300 A 192.0.2.1",
    ]


@pytest.mark.parametrize("kind", ["CNAME", "ANY"])
def test_a_question_that_the_alias_itself_answers_goes_no_further(kind: str) -> None:
    reply = example(CHAIN).ask("a.example.", kind, tcp=True)
    assert reply.answer == ["a.example. 300 CNAME b.example."], reply


def test_a_chain_to_a_missing_name_is_a_name_error() -> None:
    reply = example("a CNAME b\n").ask("a.example.")
    assert (reply.rcode, reply.authority) == ("NXDOMAIN", [SOA]), reply  # RFC 6604, section 3
    assert reply.answer == ["a.example. 300 CNAME b.example."], reply


def test_a_chain_to_a_name_without_the_type_is_nodata() -> None:
    reply = example(CHAIN).ask("a.example.", "TXT")
    assert (reply.rcode, reply.authority, len(reply.answer)) == ("NOERROR", [SOA], 2), reply


def test_a_chain_that_leaves_our_zones_ends_there() -> None:
    reply = example("a CNAME www.elsewhere.test.\n").ask("a.example.")
    assert (reply.rcode, reply.authority) == ("NOERROR", []), reply
    assert reply.answer == ["a.example. 300 CNAME www.elsewhere.test."], reply


def test_a_chain_goes_on_in_another_zone_of_ours() -> None:
    zones = {"example.": "a CNAME b.other.test.\n", "other.test.": "b A 192.0.2.1\n"}
    reply = Nameserver(zones).ask("a.example.")
    assert reply.answer[1:] == ["b.other.test. 300 A 192.0.2.1"], reply


def test_the_last_zone_of_a_chain_denies() -> None:
    reply = Nameserver({"example.": "a CNAME b.other.test.\n", "other.test.": ""}).ask("a.example.")
    assert reply.rcode == "NXDOMAIN", reply
    assert [line.split()[0] for line in reply.authority] == ["other.test."], reply


def test_ds_at_an_alias_follows_it() -> None:
    reply = example(CHAIN).ask("a.example.", "DS")
    assert (len(reply.answer), reply.authority) == (2, [SOA]), reply
