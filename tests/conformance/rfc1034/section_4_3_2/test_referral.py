"""Step 3b: a cut takes us out of the authoritative data."""

import pytest

from tests.conformance.asked import Nameserver, example

CUT = """
sub NS ns1.sub
sub NS ns.sibling
sub NS ns.elsewhere.test.
ns1.sub A 192.0.2.1
ns1.sub AAAA 2001:db8::1
ns.sibling A 192.0.2.2
occluded.sub A 192.0.2.9
deeper.sub NS ns1.sub
*.sub TXT no
"""


@pytest.mark.parametrize(
    "name", ["sub", "a.sub", "a.b.sub", "ns1.sub", "occluded.sub", "deeper.sub", "*.sub"]
)
def test_a_name_at_or_below_a_cut_is_referred(name: str) -> None:
    reply = example(CUT).ask(f"{name}.example.")
    assert (reply.rcode, reply.flags, reply.answer) == ("NOERROR", set(), []), reply
    assert sorted(reply.authority) == [
        "sub.example. 300 NS ns.elsewhere.test.",
        "sub.example. 300 NS ns.sibling.example.",
        "sub.example. 300 NS ns1.sub.example.",
    ], reply


def test_a_referral_carries_the_addresses_that_the_zone_holds() -> None:
    reply = example(CUT).ask("a.sub.example.")
    assert sorted(reply.additional) == [
        "ns.sibling.example. 300 A 192.0.2.2",
        "ns1.sub.example. 300 A 192.0.2.1",
        "ns1.sub.example. 300 AAAA 2001:db8::1",
    ], reply


@pytest.mark.parametrize("kind", ["NS", "SOA", "ANY", "TXT", "CNAME", "TYPE65280"])
def test_every_type_but_ds_is_referred_at_the_cut(kind: str) -> None:
    reply = example(CUT).ask("sub.example.", kind)
    assert len(reply.authority) == 3, reply
    assert reply.answer == [], reply


def test_only_the_topmost_of_nested_cuts_refers() -> None:
    reply = example(CUT).ask("a.deeper.sub.example.")
    assert {line.split()[0] for line in reply.authority} == {"sub.example."}, reply


def test_an_inner_zone_of_ours_is_answered_instead_of_referred() -> None:
    server = Nameserver({"example.": CUT, "sub.example.": "a A 192.0.2.7\n"})
    reply = server.ask("a.sub.example.")
    assert (reply.answer, reply.flags) == (["a.sub.example. 300 A 192.0.2.7"], {"aa"}), reply


def test_a_wildcard_beside_a_cut_does_not_reach_below_it() -> None:
    reply = example(CUT + "* A 192.0.2.8\n").ask("a.sub.example.")
    assert reply.answer == [], reply


def test_an_alias_to_below_a_cut_ends_in_a_referral() -> None:
    reply = example(CUT + "alias CNAME a.sub\n").ask("alias.example.")
    assert reply.answer == ["alias.example. 300 CNAME a.sub.example."], reply
    assert len(reply.authority) == 3, reply
    assert reply.flags == {"aa"}, reply  # of the first owner name: RFC 1035, section 4.1.1


def test_name_servers_at_the_apex_are_no_cut() -> None:
    assert example("a A 192.0.2.1\n").ask("a.example.").flags == {"aa"}


def test_a_cut_that_is_taken_away_hides_nothing_any_more() -> None:
    server = example(CUT)
    server.remove("sub.example.", "NS")
    reply = server.ask("occluded.sub.example.")
    assert reply.answer == ["occluded.sub.example. 300 A 192.0.2.9"], reply
