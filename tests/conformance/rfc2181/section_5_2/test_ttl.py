"""An RRset has one TTL."""

from tests.conformance.asked import example


def test_records_with_different_ttls_are_served_with_the_lowest() -> None:
    reply = example("a 600 A 192.0.2.1\na 60 A 192.0.2.2\na 300 A 192.0.2.3\n").ask("a.example.")
    assert {line.split()[1] for line in reply.answer} == {"60"}, reply


def test_the_largest_ttl_is_served() -> None:
    reply = example("a 2147483647 A 192.0.2.1\n").ask("a.example.")
    assert reply.answer == ["a.example. 2147483647 A 192.0.2.1"], reply
