"""The OPT record: in the additional section, once, owned by the root."""

import struct

import dns.message
import pytest

from tests.conformance.asked import Nameserver, example, option

QUESTION = dns.message.make_query("a.example.", "A", id=1, flags=0).to_wire()[12:]


def opt(data: bytes = b"", *, owner: bytes = b"\x00", version: int = 0, size: int = 1232) -> bytes:
    """Write an OPT record."""
    return owner + struct.pack(">HHBBHH", 41, size, 0, version, 0, len(data)) + data


def message(records: bytes, *counts: int) -> bytes:
    """Write a query with records behind the question."""
    return struct.pack(">HHHHHH", 1, 0, 1, *counts) + QUESTION + records


@pytest.fixture
def server() -> Nameserver:
    return example("a A 192.0.2.1\n")


def test_a_query_with_it_gets_one_back(server: Nameserver) -> None:
    reply = server.ask("a.example.", use_edns=0)
    assert (reply.message.edns, reply.message.payload) == (0, 1232), reply


def test_a_query_without_it_gets_none_back(server: Nameserver) -> None:
    assert server.ask("a.example.").message.edns == -1


def test_a_refusal_gets_one_back_too(server: Nameserver) -> None:
    assert server.ask("a.elsewhere.test.", use_edns=0).message.edns == 0


@pytest.mark.parametrize(
    "wire",
    [
        message(opt() + opt(), 0, 0, 2),
        message(opt(), 1, 0, 0),
        message(opt(), 0, 1, 0),
        message(opt(owner=b"\x01a\x00"), 0, 0, 1),
        message(opt(b"\x00\x0a\x00"), 0, 0, 1),
        message(opt(b"\x00\x0a\x00\x08abc"), 0, 0, 1),
        message(opt()[:-1], 0, 0, 1),
        message(opt(b"abc")[:-3], 0, 0, 1),
    ],
    ids=[
        "twice",
        "in answer",
        "in authority",
        "owned",
        "half an option head",
        "option too long",
        "cut off",
        "data cut off",
    ],
)
def test_one_that_should_not_be_is_a_format_error(server: Nameserver, wire: bytes) -> None:
    assert server.send(wire).rcode == "FORMERR"


def test_it_may_stand_before_or_behind_other_records(server: Nameserver) -> None:
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + bytes(4)
    for records in (opt() + record, record + opt()):
        assert server.send(message(records, 0, 0, 2)).message.edns == 0


@pytest.mark.parametrize("version", [1, 2, 255])
def test_a_version_that_we_do_not_speak_is_badvers(server: Nameserver, version: int) -> None:
    reply = server.send(message(opt(version=version), 0, 0, 1))
    assert (reply.rcode, reply.message.edns, reply.answer) == ("BADVERS", 0, []), reply
    assert reply.extended_error == 21, reply


def test_unknown_options_are_ignored(server: Nameserver) -> None:
    data = struct.pack(">HH", 65001, 3) + b"abc" + struct.pack(">HH", 8, 0)
    reply = server.send(message(opt(data), 0, 0, 1))
    assert (len(reply.answer), reply.options) == (1, {}), reply


def test_unknown_flags_do_not_come_back(server: Nameserver) -> None:
    wire = message(b"\x00" + struct.pack(">HHBBHH", 41, 1232, 0, 0, 0x7FFF, 0), 0, 0, 1)
    assert server.send(wire).message.ednsflags & 0xFFFF == 0


def test_do_comes_back(server: Nameserver) -> None:
    """RFC 3225, section 3."""
    assert server.ask("a.example.", want_dnssec=True).message.ednsflags & 0x8000


def test_an_extended_rcode_in_the_query_says_nothing(server: Nameserver) -> None:
    wire = message(b"\x00" + struct.pack(">HHBBHH", 41, 1232, 255, 0, 0, 0), 0, 0, 1)
    assert server.send(wire).rcode == "NOERROR"


@pytest.mark.parametrize("size", [0, 1, 511])
def test_a_size_below_512_means_512(size: int) -> None:
    server = example("a TXT " + " ".join(["x" * 100] * 4) + "\n")
    reply = server.ask("a.example.", "TXT", use_edns=0, payload=size)
    assert len(reply.answer) == 1, reply


@pytest.mark.parametrize("kind", ["A", "ANY", "TYPE65280"])
def test_a_name_of_255_octets_leaves_room_for_it(kind: str) -> None:
    name = ".".join(["a" * 63] * 3 + ["b" * 53]) + ".example."
    server = Nameserver({"example.": f"{name} A 192.0.2.1\n"}, identity="i" * 255)
    query = dns.message.make_query(name, kind, use_edns=0, payload=512)
    query.use_edns(0, payload=512, options=[option(3, b"")])
    reply = server.send(query.to_wire())
    assert len(reply.wire) <= 512, reply
    assert reply.message.edns == 0, reply
