"""Every opcode, class, type, flag and option gets a defined answer."""

import struct

import dns.message
import dns.opcode
import pytest

from nsd.message.transport import Transport
from tests.conformance.asked import Nameserver, example

QUERY = dns.message.make_query("a.example.", "A", id=1, flags=0).to_wire()


@pytest.fixture
def server() -> Nameserver:
    return example("a A 192.0.2.1\n")


@pytest.mark.parametrize("opcode", range(1, 16))
def test_every_other_opcode_is_not_implemented(server: Nameserver, opcode: int) -> None:
    wire = QUERY[:2] + bytes([opcode << 3]) + QUERY[3:]
    reply = server.responder.respond(wire, Transport.UDP, "192.0.2.99")
    assert reply is not None
    assert (reply[2] >> 3 & 15, reply[3] & 15) == (opcode, 4), reply.hex()


@pytest.mark.parametrize("opcode", range(1, 16))
def test_an_opcode_with_a_header_alone_is_not_implemented(server: Nameserver, opcode: int) -> None:
    reply = server.responder.respond(
        struct.pack(">HHHHHH", 7, opcode << 11, 0, 0, 0, 0), Transport.UDP, "192.0.2.99"
    )
    assert reply == struct.pack(">HHHHHH", 7, 0x8000 | opcode << 11 | 4, 0, 0, 0, 0)


def test_an_opcode_is_refused_with_a_reason(server: Nameserver) -> None:
    query = dns.message.make_query("a.example.", "A", use_edns=0, flags=0)
    query.set_opcode(dns.opcode.STATUS)
    reply = server.send(query.to_wire())
    assert (reply.rcode, reply.extended_error) == ("NOTIMP", 21), reply


@pytest.mark.parametrize("kind", [*range(1, 41), *range(42, 128), 256, 260, 32768, 65534, 65535])
def test_every_type_of_data_is_answered(server: Nameserver, kind: int) -> None:
    reply = server.ask("a.example.", f"TYPE{kind}")
    assert (reply.rcode, reply.flags) == ("NOERROR", {"aa"}), reply


@pytest.mark.parametrize("kind", [41, *range(128, 251), 253, 254])
def test_a_meta_type_is_not_implemented(server: Nameserver, kind: int) -> None:
    reply = server.ask("a.example.", f"TYPE{kind}", use_edns=0)
    assert (reply.rcode, reply.extended_error) == ("NOTIMP", 21), reply


@pytest.mark.parametrize("kind", ["AXFR", "IXFR"])
@pytest.mark.parametrize("tcp", [False, True])
def test_a_transfer_is_refused(server: Nameserver, kind: str, tcp: bool) -> None:
    reply = server.ask("example.", kind, use_edns=0, tcp=tcp)
    assert (reply.rcode, reply.extended_error) == ("REFUSED", 18), reply


def test_type_0_is_a_format_error(server: Nameserver) -> None:
    assert server.ask("a.example.", "TYPE0").rcode == "FORMERR"


@pytest.mark.parametrize("rdclass", [0, 2, 4, 254, 256, 65535])
def test_every_other_class_is_refused(server: Nameserver, rdclass: int) -> None:
    assert server.ask("a.example.", rdclass=f"CLASS{rdclass}").rcode == "REFUSED"


@pytest.mark.parametrize("flags", range(0, 0x800, 0x10))
def test_every_flag_is_answered(server: Nameserver, flags: int) -> None:
    wire = QUERY[:2] + struct.pack(">H", flags & 0x07F0) + QUERY[4:]
    assert len(server.send(wire).answer) == 1


@pytest.mark.parametrize("code", [*range(20), 26946, 65001, 65535])
def test_every_option_is_answered(server: Nameserver, code: int) -> None:
    for data in (b"", b"x", bytes(8), bytes(100)):
        opt = b"\x00" + struct.pack(">HHIHHH", 41, 1232, 0, len(data) + 4, code, len(data)) + data
        reply = server.send(QUERY[:10] + b"\x00\x01" + QUERY[12:] + opt)
        assert len(reply.answer) == 1, reply


@pytest.mark.parametrize("count", [0, 2, 3, 65535])
def test_any_other_count_of_questions_is_a_format_error(server: Nameserver, count: int) -> None:
    """RFC 9619."""
    wire = QUERY[:4] + struct.pack(">H", count) + QUERY[6:12] + QUERY[12:] * min(count, 3)
    assert server.send(wire).rcode == "FORMERR"


def test_a_compressed_question_is_a_format_error(server: Nameserver) -> None:
    """Only the header stands before it: a pointer makes the reply mean something else."""
    assert server.send(QUERY[:12] + b"\xc0\x04\x00\x01\x00\x01").rcode == "FORMERR"
