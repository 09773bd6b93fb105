"""What of the query's header comes back, and what does not."""

import dns.flags
import dns.message
import pytest

from nsd.message.transport import Transport
from tests.conformance.asked import Nameserver, example

QUERY = dns.message.make_query("www.example.", "A", id=0x1234, flags=0).to_wire()


@pytest.fixture
def server() -> Nameserver:
    return example("www A 192.0.2.1\n")


def test_the_id_and_the_question_are_repeated(server: Nameserver) -> None:
    wire = server.send(QUERY).wire
    assert wire[:2] == b"\x12\x34"
    assert wire[12 : len(QUERY)] == QUERY[12:]


def test_rd_comes_back(server: Nameserver) -> None:
    assert server.ask("www.example.", flags=dns.flags.RD).flags == {"aa", "rd"}


@pytest.mark.parametrize("flag", ["AA", "TC", "RA", "AD", "CD"])
def test_no_other_flag_comes_back(server: Nameserver, flag: str) -> None:
    """CD is for resolvers: RFC 4035, section 3.1.6."""
    assert server.ask("www.example.", flags=dns.flags.from_text(flag)).flags == {"aa"}


def test_the_reserved_bit_does_not_come_back(server: Nameserver) -> None:
    assert server.send(QUERY[:3] + b"\x40" + QUERY[4:]).wire[3] & 0x40 == 0


def test_an_rcode_in_the_query_says_nothing(server: Nameserver) -> None:
    assert server.send(QUERY[:3] + b"\x05" + QUERY[4:]).rcode == "NOERROR"


def test_a_response_is_never_replied_to(server: Nameserver) -> None:
    response = QUERY[:2] + b"\x80" + QUERY[3:]
    assert server.responder.respond(response, Transport.UDP, "192.0.2.99") is None


@pytest.mark.parametrize("length", range(12))
def test_less_than_a_header_is_never_replied_to(server: Nameserver, length: int) -> None:
    assert server.responder.respond(QUERY[:length], Transport.UDP, "192.0.2.99") is None


def test_records_behind_the_question_are_read_over(server: Nameserver) -> None:
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00"
    reply = server.send(QUERY[:6] + b"\x00\x01\x00\x00\x00\x00" + QUERY[12:] + record)
    assert len(reply.answer) == 1, reply


def test_octets_behind_the_message_are_read_over(server: Nameserver) -> None:
    assert len(server.send(QUERY + b"garbage").answer) == 1


@pytest.mark.parametrize("section", [6, 8, 10])
def test_a_count_of_records_that_are_not_there_is_a_format_error(
    server: Nameserver, section: int
) -> None:
    wire = QUERY[:section] + b"\xff\xff" + QUERY[section + 2 :]
    assert server.send(wire).rcode == "FORMERR"
