"""What stands at the owner of a DNAME is not redirected; what is below does not exist."""

import pytest

from tests.conformance.asked import SOA, example

RECORDS = "d DNAME elsewhere.test.\nd A 192.0.2.1\n"


def test_the_owner_answers_for_its_other_types() -> None:
    assert example(RECORDS).ask("d.example.").answer == ["d.example. 300 A 192.0.2.1"]


def test_the_owner_denies_a_type_that_it_lacks() -> None:
    reply = example(RECORDS).ask("d.example.", "TXT")
    assert (reply.rcode, reply.authority) == ("NOERROR", [SOA]), reply


def test_the_dname_can_be_asked_for() -> None:
    assert example(RECORDS).ask("d.example.", "DNAME").answer == [
        "d.example. 300 DNAME elsewhere.test."
    ]


@pytest.mark.parametrize("kind", ["A", "CNAME", "DNAME", "NS", "SOA", "DS", "ANY"])
def test_all_types_below_are_redirected(kind: str) -> None:
    reply = example(RECORDS).ask("a.d.example.", kind)
    assert reply.answer == [
        "d.example. 300 DNAME elsewhere.test.",
        "a.d.example. 300 CNAME a.elsewhere.test.",
    ], reply
    assert reply.flags == {"aa"}, reply


def test_a_dname_at_the_apex_leaves_the_apex_alone() -> None:
    server = example("@ DNAME elsewhere.test.\n")
    assert len(server.ask("example.", "NS").answer) == 1
    assert server.ask("a.example.").answer[1] == "a.example. 300 CNAME a.elsewhere.test."


def test_names_below_a_dname_are_hidden() -> None:
    """Section 2.4 forbids them; Knot and NSD refuse the zone, BIND hides them as we do."""
    server = example(RECORDS)
    server.add_record("a.d.example.", "A", "192.0.2.9")
    assert len(server.ask("a.d.example.").answer) == 2
