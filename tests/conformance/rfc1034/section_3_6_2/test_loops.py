"""Chains of aliases that never end are answered with what they hold, each alias once."""

import dns.name

from tests.conformance.asked import Nameserver, example


def test_an_alias_of_itself_is_given_once() -> None:
    reply = example("a CNAME a\n").ask("a.example.")
    assert (reply.rcode, reply.answer) == ("NOERROR", ["a.example. 300 CNAME a.example."]), reply


def test_two_aliases_of_each_other_are_given_once_each() -> None:
    assert len(example("a CNAME b\nb CNAME a\n").ask("a.example.").answer) == 2


def test_a_wildcard_alias_below_itself_ends() -> None:
    assert len(example("* CNAME a.a\n").ask("b.example.").answer) <= 17


def test_a_loop_over_two_zones_ends() -> None:
    zones = {"example.": "a CNAME a.other.test.\n", "other.test.": "a CNAME a.example.\n"}
    assert len(Nameserver(zones).ask("a.example.").answer) == 2


def test_a_chain_of_sixteen_aliases_is_answered() -> None:
    records = "".join(f"n{at} CNAME n{at + 1}\n" for at in range(16)) + "n16 A 192.0.2.1\n"
    reply = example(records).ask("n0.example.")
    assert reply.answer[-1] == "n16.example. 300 A 192.0.2.1", reply


def test_a_longer_chain_ends_after_sixteen_and_says_no_error() -> None:
    records = "".join(f"n{at} CNAME n{at + 1}\n" for at in range(40))
    reply = example(records).ask("n0.example.", tcp=True)
    assert (reply.rcode, len(reply.answer), reply.authority) == ("NOERROR", 17, []), reply


def test_no_name_takes_more_pointers_than_clients_follow() -> None:
    """dnspython gives up after sixteen; each target here ends in the one before it."""
    records = "".join(
        f"{'.'.join(['x'] * at + ['a'])} CNAME {'.'.join(['x'] * (at + 1) + ['a'])}\n"
        for at in range(30)
    )
    reply = example(records).ask("a.example.", tcp=True)
    assert len(reply.answer) == 17, reply
    assert dns.name.from_text(reply.answer[-1].split()[-1]).is_subdomain(
        dns.name.from_text("a.example.")
    ), reply
