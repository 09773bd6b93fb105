"""Which addresses a referral must have, and which it may."""

from tests.conformance.asked import Nameserver, example


def test_servers_below_their_own_cut_get_addresses() -> None:
    reply = example("c NS ns.c\nns.c A 192.0.2.1\nns.c AAAA 2001:db8::1\n").ask("c.example.")
    assert len(reply.additional) == 2, reply


def test_a_server_named_as_the_cut_itself_gets_addresses() -> None:
    reply = example("c NS c\nc A 192.0.2.1\n").ask("c.example.")
    assert reply.additional == ["c.example. 300 A 192.0.2.1"], reply


def test_servers_below_another_cut_get_addresses() -> None:
    records = "c NS ns.d\nd NS ns.c\nns.c A 192.0.2.1\nns.d A 192.0.2.2\n"
    assert example(records).ask("c.example.").additional == ["ns.d.example. 300 A 192.0.2.2"]


def test_addresses_that_the_zone_does_not_hold_are_left_out() -> None:
    assert example("c NS ns.c\n").ask("c.example.").additional == []


def test_nothing_is_made_from_a_wildcard() -> None:
    """NSD and Knot do, BIND does not; nobody needs them."""
    assert example("c NS ns\n* A 192.0.2.1\n").ask("c.example.").additional == []


def test_other_zones_of_ours_give_no_glue() -> None:
    zones = {"example.": "c NS ns.other.test.\n", "other.test.": "ns A 192.0.2.1\n"}
    assert Nameserver(zones).ask("c.example.").additional == []


def test_nothing_but_addresses_is_glue() -> None:
    reply = example("c NS ns.c\nns.c TXT x\nns.c A 192.0.2.1\n").ask("c.example.")
    assert len(reply.additional) == 1, reply
