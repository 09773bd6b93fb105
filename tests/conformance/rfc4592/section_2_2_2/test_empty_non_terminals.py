"""Names that exist only for the sake of what stands below them."""

import pytest

from tests.conformance.asked import SOA, example


@pytest.mark.parametrize("name", ["b.c", "c"])
def test_they_are_nodata(name: str) -> None:
    reply = example("a.b.c A 192.0.2.1\n").ask(f"{name}.example.")
    assert (reply.rcode, reply.authority) == ("NOERROR", [SOA]), reply


def test_an_asterisk_can_be_one() -> None:
    """`*` exists, holds nothing, and is the source of synthesis: NODATA, not a name error."""
    reply = example("a.* TXT x\n").ask("b.example.", "TXT")
    assert (reply.rcode, reply.answer, reply.authority) == ("NOERROR", [], [SOA]), reply


def test_they_go_with_the_last_name_below_them() -> None:
    server = example("a.b.c A 192.0.2.1\nd.b.c A 192.0.2.1\n")
    server.remove("a.b.c.example.", "A")
    assert server.ask("c.example.").rcode == "NOERROR"
    server.remove("d.b.c.example.", "A")
    assert server.ask("c.example.").rcode == "NXDOMAIN"


def test_they_stay_when_their_own_records_go() -> None:
    server = example("a.b A 192.0.2.1\nb A 192.0.2.1\n")
    server.remove("b.example.", "A")
    assert server.ask("b.example.").rcode == "NOERROR"


def test_what_stands_below_a_cut_makes_names_that_are_referred() -> None:
    reply = example("c NS ns.elsewhere.test.\na.b.c A 192.0.2.1\n").ask("b.c.example.")
    assert len(reply.authority) == 1, reply
    assert reply.flags == set(), reply
