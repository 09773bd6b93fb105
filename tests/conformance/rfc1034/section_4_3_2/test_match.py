"""Steps 2 and 3a: the zone nearest to the name, and a match of the whole name."""

import pytest

from tests.conformance.asked import SOA, Nameserver, example

WWW = "www A 192.0.2.1\nwww A 192.0.2.2\nwww TXT text\n"


def test_the_whole_rrset_of_the_type_is_the_answer() -> None:
    reply = example(WWW).ask("www.example.")
    assert sorted(reply.answer) == [
        "www.example. 300 A 192.0.2.1",
        "www.example. 300 A 192.0.2.2",
    ], reply
    assert reply.flags == {"aa"}, reply


def test_an_answer_is_minimal() -> None:
    reply = example("@ MX 1 mail\nmail A 192.0.2.1\n").ask("example.", "MX")
    assert (reply.authority, reply.additional) == ([], []), reply


def test_a_name_without_the_type_is_nodata() -> None:
    reply = example(WWW).ask("www.example.", "AAAA")
    assert (reply.rcode, reply.answer, reply.authority) == ("NOERROR", [], [SOA]), reply


def test_a_missing_name_is_a_name_error() -> None:
    reply = example(WWW).ask("ftp.example.")
    assert (reply.rcode, reply.answer, reply.authority) == ("NXDOMAIN", [], [SOA]), reply
    assert reply.flags == {"aa"}, reply


@pytest.mark.parametrize("kind", ["SOA", "NS"])
def test_the_apex_answers_for_itself(kind: str) -> None:
    reply = example("").ask("example.", kind)
    assert len(reply.answer) == 1, reply
    assert (reply.flags, reply.authority) == ({"aa"}, []), reply


def test_a_name_outside_all_zones_is_refused() -> None:
    reply = example("").ask("example.org.")
    assert (reply.rcode, reply.flags, reply.authority) == ("REFUSED", set(), []), reply


def test_a_name_that_only_ends_in_the_apex_octets_is_refused() -> None:
    assert example("").ask("notexample.").rcode == "REFUSED"


def test_the_inner_of_two_zones_answers() -> None:
    server = Nameserver({"example.": "a.in A 192.0.2.1\n", "in.example.": "a A 192.0.2.2\n"})
    reply = server.ask("a.in.example.")
    assert reply.answer == ["a.in.example. 300 A 192.0.2.2"], reply


def test_a_name_of_the_inner_zone_does_not_exist_in_the_outer() -> None:
    server = Nameserver({"example.": "* TXT outer\n", "b.a.example.": ""})
    assert server.ask("a.example.", "TXT").answer == ['a.example. 300 TXT "outer"']


def test_the_root_zone_answers_for_all_names() -> None:
    server = Nameserver({".": "example A 192.0.2.1\n"})
    assert server.ask("example.").answer == ["example. 300 A 192.0.2.1"]
    reply = server.ask("a.b.c.")
    assert (reply.rcode, reply.authority[0].split()[0]) == ("NXDOMAIN", "."), reply


def test_the_root_zone_answers_at_its_apex() -> None:
    reply = Nameserver({".": ""}).ask(".", "NS")
    assert reply.answer == [". 3600 NS ns.example.org."], reply
