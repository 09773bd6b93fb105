"""What responses are about."""

import time
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rdataclass
import dns.tsig
import dns.tsigkeyring
import pytest

from nsd.message.transport import Transport
from nsd.server.cookie import Cookies
from nsd.server.subject import ERRORS, MISSING, REFERRALS, SubjectKind, Subjects, kind_of
from nsd.zone.name import from_text
from tests.conformance.asked import CLIENT, Nameserver, packed

COOKIES = Cookies(b"k" * 16, wall=time.time)
SERVER = Nameserver(
    {
        "example.": "a A 192.0.2.1\nalias CNAME a\n*.wild A 192.0.2.2\nsub NS ns.sub\n"
        "old DNAME new.example.\nempty.non.terminal A 192.0.2.3\n",
        "deep.example.": "",
    },
    cookies=COOKIES,
)
SUBJECTS = Subjects(SERVER.table, COOKIES)


def subject(wire: bytes) -> bytes | None:
    """Give the subject of the response by the ordinary steps."""
    response = SERVER.responder.respond(wire, Transport.UDP, CLIENT)
    assert response is not None
    return SUBJECTS.of(wire, response, packed(CLIENT))


def of(name: str, kind: str = "A", **options: Any) -> bytes | None:
    return subject(dns.message.make_query(name, kind, **options).to_wire())


def wire_name(text: str) -> bytes:
    return from_text(text)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.example.", "A"), ("A.eXample.", "TXT"), ("a.example.", "ANY"), ("example.", "NS")],
)
def test_a_name_that_exists_is_its_own_subject_whatever_is_asked_of_it(
    name: str, kind: str
) -> None:
    assert of(name, kind) == wire_name(name.lower())


def test_an_alias_is_about_its_own_name() -> None:
    assert of("alias.example.") == wire_name("alias.example.")


@pytest.mark.parametrize(
    "name", ["x.example.", "y.z.example.", "q.wild.example.", "q.old.example."]
)
def test_what_a_zone_lacks_is_one_subject_wildcards_and_dnames_included(name: str) -> None:
    assert of(name) == MISSING + wire_name("example.")


def test_another_zone_lacks_its_own() -> None:
    assert of("x.deep.example.") == MISSING + wire_name("deep.example.")


def test_an_empty_non_terminal_exists() -> None:
    assert of("non.terminal.example.") == wire_name("non.terminal.example.")


@pytest.mark.parametrize("name", ["sub.example.", "x.sub.example.", "ns.sub.example."])
def test_all_below_a_cut_is_one_subject(name: str) -> None:
    assert of(name) == REFERRALS + wire_name("sub.example.")


@pytest.mark.parametrize(
    "message",
    [
        dns.message.make_query("elsewhere.test.", "A"),
        dns.message.make_query("a.example.", "A", rdclass=dns.rdataclass.CH),
        dns.message.make_query("a.example.", "A", rdclass=dns.rdataclass.ANY),
        dns.message.make_query("a.example.", "A", use_edns=7),
        dns.message.make_query("a.example.", "TYPE0"),
        dns.message.make_query("a.example.", "AXFR"),
    ],
    ids=["elsewhere", "CHAOS", "class ANY", "EDNS 7", "type 0", "AXFR"],
)
def test_what_is_refused_or_an_error_is_one_subject(message: dns.message.Message) -> None:
    assert subject(message.to_wire()) == ERRORS


def test_other_opcodes_are_errors() -> None:
    message = dns.message.make_query("a.example.", "SOA")
    message.set_opcode(dns.opcode.NOTIFY)
    assert subject(message.to_wire()) == ERRORS


def test_what_cannot_be_read_is_an_error() -> None:
    assert subject(dns.message.make_query("a.example.", "A").to_wire()[:-1]) == ERRORS


def with_cookie(octets: bytes) -> bytes:
    option = dns.edns.GenericOption(dns.edns.OptionType.COOKIE, octets)
    return dns.message.make_query("alias.example.", "A", options=[option]).to_wire()


def test_a_good_cookie_proves_the_client() -> None:
    good, _ = COOKIES.check(b"clientXX", packed(CLIENT))
    assert subject(with_cookie(good)) is None


def test_other_cookies_prove_nothing() -> None:
    stolen, _ = COOKIES.check(b"clientXX", packed("198.51.100.7"))
    for octets in (b"clientXX", stolen, b"clientXX" + b"s" * 16):
        assert subject(with_cookie(octets)) == wire_name("alias.example.")
    assert subject(with_cookie(b"short")) == ERRORS


def test_an_unknown_signature_proves_nothing() -> None:
    message = dns.message.make_query("a.example.", "A")
    ring = dns.tsigkeyring.from_text({"nobody.example.": "bm9ib2R5IGtub3dzIG1l"})
    message.use_tsig(ring, algorithm=dns.tsig.HMAC_SHA256)
    assert subject(message.to_wire()) == ERRORS


def test_the_kind_of_a_subject_is_in_its_first_octet() -> None:
    subjects = (b"\x00", wire_name("a.example."), MISSING + b"\x00", REFERRALS + b"\x00", ERRORS)
    assert list(map(kind_of, subjects)) == [
        SubjectKind.ANSWERS,
        SubjectKind.ANSWERS,
        SubjectKind.MISSING,
        SubjectKind.REFERRALS,
        SubjectKind.ERRORS,
    ]
