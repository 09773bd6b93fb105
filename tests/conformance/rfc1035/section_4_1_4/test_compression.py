"""Compression of names, and where there must be none."""

import pytest

from tests.conformance.asked import Nameserver, example

RECORDS = """
www A 192.0.2.1
a CNAME Www
mail MX 1 Mx.Example.
two NS ns1.two
two NS NS2.two
ns1.two A 192.0.2.1
srv SRV 1 1 53 srv.example.
unknown TYPE65280 \\# 9 076578616d706c6500
dname DNAME other.dname2
naptr NAPTR 1 1 "" "" "" naptr.example.
rp RP a.example. b.example.
"""


@pytest.fixture
def server() -> Nameserver:
    return example(RECORDS)


def test_an_owner_is_a_pointer_to_the_question(server: Nameserver) -> None:
    wire = server.ask("www.example.").wire
    assert wire[12 + 13 + 4 :][:2] == b"\xc0\x0c"


def test_a_target_is_compressed_onto_the_question(server: Nameserver) -> None:
    """But for short answers over UDP, which lie ready."""
    reply = server.ask("mail.example.", "MX", tcp=True)
    assert reply.wire.count(b"xample") == 2  # Example is not example


def test_the_case_of_a_target_is_kept(server: Nameserver) -> None:
    assert server.ask("mail.example.", "MX").answer == ["mail.example. 300 MX 1 Mx.Example."]


def test_the_case_of_the_question_is_kept(server: Nameserver) -> None:
    assert server.ask("wWw.eXample.").answer == ["wWw.eXample. 300 A 192.0.2.1"]


def test_the_case_of_a_question_does_not_reach_the_targets(server: Nameserver) -> None:
    assert server.ask("MAIL.EXAMPLE.", "MX").answer == ["MAIL.EXAMPLE. 300 MX 1 Mx.Example."]


@pytest.mark.parametrize(
    ("name", "kind", "octets"),
    [
        ("srv", "SRV", b"\x03srv\x07example\x00"),
        ("naptr", "NAPTR", b"\x05naptr\x07example\x00"),
        ("rp", "RP", b"\x01a\x07example\x00\x01b\x07example\x00"),
        ("dname", "DNAME", b"\x05other\x06dname2\x07example\x00"),
        ("unknown", "TYPE65280", b"\x07example\x00"),
    ],
)
def test_names_in_newer_types_are_never_compressed(
    server: Nameserver, name: str, kind: str, octets: bytes
) -> None:
    """RFC 3597, section 4; RFC 2782; RFC 6672, section 2.5."""
    assert server.ask(f"{name}.example.", kind).wire.endswith(octets)


def test_glue_is_compressed_onto_the_name_server(server: Nameserver) -> None:
    reply = server.ask("a.two.example.")
    assert reply.wire.count(b"\x03ns1") == 1, reply
    assert reply.additional == ["ns1.two.example. 300 A 192.0.2.1"], reply


def test_no_pointer_points_beyond_what_it_can_reach() -> None:
    """A pointer has 14 bits: names that stand later in a message cannot be pointed to."""
    records = "".join(f"big TXT {'x' * 250}{at:04}\n" for at in range(70))
    records += "".join(f"big MX {at} m{at}.far\n" for at in range(200))
    reply = example(records).ask("big.example.", "ANY", tcp=True)
    assert len(reply.answer) == 270, reply
    assert len(reply.wire) > 0x4000
