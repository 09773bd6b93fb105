"""How long a connection may stay idle, in tenths of a second."""

from typing import Any

from tests.conformance.asked import example, option

ASKED: dict[str, Any] = {"use_edns": 0, "options": [option(11)]}


def test_it_is_told_over_tcp() -> None:
    reply = example("", tcp_idle_seconds=12.5).ask("example.", "SOA", tcp=True, **ASKED)
    assert reply.options == {11: (125).to_bytes(2, "big")}, reply


def test_it_is_not_told_over_udp() -> None:
    assert example("").ask("example.", "SOA", **ASKED).options == {}


def test_it_is_not_told_unless_asked_for() -> None:
    assert example("").ask("example.", "SOA", tcp=True, use_edns=0).options == {}


def test_a_time_that_does_not_fit_is_the_longest() -> None:
    reply = example("", tcp_idle_seconds=1e6).ask("example.", "SOA", tcp=True, **ASKED)
    assert reply.options == {11: b"\xff\xff"}, reply
