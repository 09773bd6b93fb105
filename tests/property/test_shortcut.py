"""The shortcut gives the answers of the ordinary steps, or none."""

import time

import dns.edns
import dns.flags
import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsd.message.transport import Transport
from nsd.server.cookie import Cookies
from nsd.server.responder import Responder
from nsd.server.shortcut import Shortcut
from nsd.server.subject import Subjects
from nsd.zone.table import ZoneTable
from tests.conformance.asked import Sender, packed, read_zone
from tests.conformance.campaign import strategies
from tests.conformance.campaign.asker import query
from tests.conformance.campaign.world import World, place

CLIENT = "192.0.2.9"


class Doors:
    """Both ways to an answer, over the same zones."""

    def __init__(self, world: World) -> None:
        (self.placed,) = place([world])
        table = ZoneTable()
        for apex, text in self.placed.texts():
            table.put(read_zone(text, apex))
        cookies = Cookies(b"k" * 16, wall=lambda: 1_700_000_000)
        self.shortcut = Shortcut(table, 1232, cookies)
        self.subjects = Subjects(table, cookies)
        self.responder = Responder(table, wall=time.time, cookies=cookies)

    def ordinary(self, wire: bytes) -> bytes:
        """Answer by the ordinary steps."""
        response = self.responder.respond(wire, Transport.UDP, CLIENT)
        assert response is not None
        return response

    def quick(self, wire: bytes) -> bytes | None:
        """Answer by the shortcut, or not at all."""
        return self.shortcut.respond(wire, Sender(CLIENT))


def same(quick: bytes, ordinary: bytes) -> bool:
    """Compare messages; only where names are compressed may they differ."""
    one, other = dns.message.from_wire(quick), dns.message.from_wire(ordinary)
    return (
        one.to_text() == other.to_text()
        and one.id == other.id
        and [str(option) for option in one.options] == [str(option) for option in other.options]
    )


@settings(max_examples=60)
@given(strategies.worlds(), st.sampled_from([b"", b"clientXX", b"clientXX" + b"s" * 16]))
def test_shortcut_and_ordinary_steps_agree(world: World, cookie: bytes) -> None:
    doors = Doors(world)
    for question in world.questions:
        wire = query(doors.placed, question).wire
        if cookie and question.edns:
            message = dns.message.from_wire(wire)
            message.use_edns(
                0, options=[dns.edns.GenericOption(dns.edns.OptionType.COOKIE, cookie)]
            )
            wire = message.to_wire()
        response = doors.quick(wire)
        if response is not None:
            ordinary = doors.ordinary(wire)
            subject = doors.subjects.of(wire, ordinary, packed(CLIENT))
            assert doors.shortcut.subject == subject, f"{doors.placed.show()}\n{question}"
            assert same(response, ordinary), (
                f"{doors.placed.show()}\n{question}\n"
                f"{dns.message.from_wire(response)}\n\n{dns.message.from_wire(ordinary)}"
            )


@settings(max_examples=300)
@given(strategies.worlds(asked=4), st.data())
def test_a_broken_query_never_gets_a_quick_answer_that_the_ordinary_steps_refuse(
    world: World, data: st.DataObject
) -> None:
    doors = Doors(world)
    wire = bytearray(query(doors.placed, data.draw(st.sampled_from(world.questions))).wire)
    for _ in range(data.draw(st.integers(1, 3))):
        wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    message = bytes(wire[: data.draw(st.integers(12, len(wire)))])
    response = doors.quick(message)
    if response is not None:
        ordinary = doors.ordinary(message)
        assert same(response, ordinary), message.hex()


ZONE = """$ORIGIN example.test.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.1
www A 192.0.2.2
mail MX 10 ns
"""


@pytest.fixture
def shortcut() -> Shortcut:
    """A shortcut over one plain zone."""
    table = ZoneTable()
    table.put(read_zone(ZONE, "example.test."))
    return Shortcut(table, 1232, Cookies(b"k" * 16, wall=time.time))


@pytest.mark.parametrize(
    ("name", "rrtype"),
    [
        ("www", "A"),
        ("WwW", "A"),
        ("www", "AAAA"),
        ("mail", "MX"),
        ("@", "NS"),
        ("@", "SOA"),
        ("nowhere", "A"),
        ("far.nowhere", "TXT"),
    ],
)
@pytest.mark.parametrize("edns", [False, 0])
def test_what_most_queries_ask_is_answered_quickly(
    shortcut: Shortcut, name: str, rrtype: str, edns: int | bool
) -> None:
    qname = "example.test." if name == "@" else f"{name}.example.test."
    wire = dns.message.make_query(qname, rrtype, use_edns=edns).to_wire()
    response = shortcut.respond(wire)
    assert response is not None
    assert response[12 : 12 + len(qname) + 1] == wire[12 : 12 + len(qname) + 1]


def test_a_cookie_is_answered_quickly(shortcut: Shortcut) -> None:
    option = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, b"clientXX")
    wire = dns.message.make_query("www.example.test.", "A", options=[option]).to_wire()
    response = shortcut.respond(wire, Sender(CLIENT))
    assert response is not None
    assert dns.message.from_wire(response).options[0].otype == 10


def test_a_good_cookie_proves_the_client_and_another_does_not() -> None:
    table, cookies = ZoneTable(), Cookies(b"k" * 16, wall=lambda: 1_700_000_000)
    table.put(read_zone(ZONE, "example.test."))
    shortcut = Shortcut(table, 1232, cookies)
    good, _ = cookies.check(b"clientXX", packed(CLIENT))
    for cookie, subject in ((good, None), (b"clientXX", b"\x03www\x07example\x04test\x00")):
        option = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, cookie)
        wire = dns.message.make_query("www.example.test.", "A", options=[option]).to_wire()
        assert shortcut.respond(wire, Sender(CLIENT)) is not None
        assert shortcut.subject == subject
