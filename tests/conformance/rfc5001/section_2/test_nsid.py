"""Which server of many was it?"""

from typing import Any

from tests.conformance.asked import example, option

ASKED: dict[str, Any] = {"use_edns": 0, "options": [option(3)]}


def test_a_query_that_asks_for_it_is_told() -> None:
    reply = example("", identity="ns1.amsterdam").ask("example.", "SOA", **ASKED)
    assert reply.options == {3: b"ns1.amsterdam"}, reply


def test_a_query_that_does_not_ask_is_not_told() -> None:
    assert example("", identity="ns1").ask("example.", "SOA", use_edns=0).options == {}


def test_it_is_not_told_unless_it_is_set() -> None:
    assert example("").ask("example.", "SOA", **ASKED).options == {}


def test_it_is_told_with_a_refusal() -> None:
    reply = example("", identity="ns1").ask("example.org.", **ASKED)
    assert (reply.rcode, reply.options[3]) == ("REFUSED", b"ns1"), reply
